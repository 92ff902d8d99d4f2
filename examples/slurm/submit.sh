#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: submit.sh [--local JOBS] CORPUS RUN
#
# Judge the strength of a corpus part by part, as jobs of Slurm:
#
#   fit (an array) | merge | apply (an array) | verify, which makes the shards
#
# CORPUS is a folder that pref-shard(1) made, or a file that lists input files, one a line. RUN is a
# folder for all that comes out, on a file system that all nodes see. Run this again whenever you
# like: what is there and right is not done again, and if that is everything, nothing is submitted.
# RUN/verify.done says that the shards are whole and of this submission. The ids of the jobs are
# printed. With --local there is no Slurm: JOBS processes do the same here.
#
# The knobs, from the environment, with what they are if nothing was ever said for this RUN:
#   BANDS (0.10=drop,0.20=smooth:0.2,1=keep)  what pref-strength(1) does up to each quantile
#   SHARDS (4) and SPLIT (none)  the -n and the --split of pref-shard(1) for the result
#   PER_TASK (1, or more if Slurm's MaxArraySize needs it)  how many parts a task takes
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
local_jobs=
if [ "${1-}" = --local ] && [ $# -ge 2 ]; then
    local_jobs=$2
    shift 2
fi
if [ $# -ne 2 ]; then
    echo "usage: submit.sh [--local JOBS] CORPUS RUN" >&2
    exit 2
fi
corpus=$1 run=$2

# ---- What there is to do --------------------------------------------------------------------------

# knob NAME DEFAULT: from the environment, or what it was when this was last submitted.
knob() {
    local value=$2
    # shellcheck source=/dev/null
    [ ! -f "$run/settings" ] || value=$(. "$run/settings" && echo "${!1}")
    echo "${!1-$value}"
}

mkdir -p "$run"/{fit,apply,log}
records=
if [ -d "$corpus" ]; then
    manifest=$(realpath "$corpus")/manifest.json
    records=$(jq .records "$manifest")
    jq -r --arg dir "${manifest%/*}" '.shards[] | "\($dir)/\(.name)"' "$manifest" >"$run/.parts"
else
    xargs -d '\n' -r realpath -e -- <"$corpus" >"$run/.parts"
fi
count=$(wc -l <"$run/.parts")
if [ "$count" -eq 0 ]; then
    echo "submit.sh: $corpus names no file" >&2
    exit 1
fi

largest=$count
if [ -z "$local_jobs" ]; then
    largest=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
fi
least=$(((count + largest - 1) / largest))
per_task=$(knob PER_TASK 1)
per_task=$((per_task > least ? per_task : least))
tasks=$(((count + per_task - 1) / per_task))

printf '%s=%q\n' BANDS "$(knob BANDS 0.10=drop,0.20=smooth:0.2,1=keep)" \
    SHARDS "$(knob SHARDS 4)" SPLIT "$(knob SPLIT "")" PER_TASK "$per_task" RECORDS "$records" \
    >"$run/.settings"
mv "$run/.parts" "$run/parts"
mv "$run/.settings" "$run/settings"
# shellcheck source=common.sh
. "$here/common.sh"
enter "$run"
run=$PWD

# tasks_left STAGE: the tasks of which some part is not right, as in 0,1,5.
tasks_left() {
    local task i
    for ((task = 0; task < tasks; task++)); do
        for i in $(parts_of_task "$task"); do
            right "$1" "$i" || {
                echo "$task"
                break
            }
        done
    done | paste -s -d ,
}

# ---- Launching ------------------------------------------------------------------------------------

# run_here STAGE [TASK]: what Slurm does for a task, with its three new attempts.
run_here() {
    local attempt status
    for attempt in 0 1 2 3; do
        status=0
        env -u SLURM_JOB_ID SLURM_ARRAY_TASK_ID="${2-}" SLURM_RESTART_COUNT="$attempt" \
            bash "$here/$1.sbatch" "$here" "$run" >>"log/$1${2+-$2}.log" 2>&1 || status=$?
        case $status in
            75 | 137 | 143) ;;
            *) return "$status" ;;
        esac
    done
    return "$status"
}
export -f run_here
export here run

# launch STAGE [TASKS]: start a job, an array if tasks are named, that waits for the one before it
# to end, well or not: each stage judges for itself by what is there, never by a state of Slurm.
last=
launch() {
    rm -f verify.done
    launched=1
    if [ -n "$local_jobs" ]; then
        echo "$1"
        # A failure shows in what is not there afterwards.
        if [ $# -eq 1 ]; then
            run_here "$1" || :
        else
            echo "$2" | tr , '\n' | xargs -P "$local_jobs" -n 1 bash -c 'run_here "$@"' - "$1" || :
        fi
    else
        last=$(sbatch --parsable ${2+--array="$2"} ${last:+--dependency=afterany:"$last"} \
            -o "$run/log/$1${2+-%a}.log" "$here/$1.sbatch" "$here" "$run")
        last=${last%%;*} # a cluster's name may follow
        echo "$1 $last"
    fi
}

launched=
left=$(tasks_left fit)
if [ -n "$left" ]; then
    launch fit "$left"
fi
if [ -n "$launched" ] || ! right merge; then
    launch merge
    # The parts that are right, once the whole fit is known, are found by the tasks.
    left=$(seq -s , 0 "$((tasks - 1))")
else
    left=$(tasks_left apply)
fi
if [ -n "$left" ]; then
    launch apply "$left"
fi
if [ -n "$launched" ] || ! right verify; then
    launch verify
fi
if [ -z "$launched" ]; then
    echo "all is there: nothing to do"
elif [ -n "$local_jobs" ]; then
    right verify || {
        echo "submit.sh: it failed; see $run/log" >&2
        exit 1
    }
fi
