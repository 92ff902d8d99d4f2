# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the jobs and submit.sh share. A job is started with two arguments, this folder and that of the
# run, since Slurm runs a copy of its script:  . "$1/common.sh"; enter "$2"
#
# A part's results stand in DIR/part-00000.* beside a receipt, DIR/part-00000.done: what was done,
# and the size and time of every file that was read and written. A result is right if its receipt
# would be the same today. Damage inside a file that leaves both alone is found by who reads it
# next: fits and zstd frames have checksums.
set -euo pipefail

version=$(pref --version)
threads=${SLURM_CPUS_PER_TASK-1}
restart=${SLURM_RESTART_COUNT-0}
job=${SLURM_JOB_ID-$$}

# say TEXT: one line in the job's log.
say() { echo "$*" >&2; }

# enter RUN: go to the run's folder and read what submit.sh wrote there.
enter() {
    cd "$1"
    # shellcheck source=/dev/null
    . ./settings # BANDS, SHARDS, SPLIT, PER_TASK, RECORDS
    mapfile -t parts <parts
    mapfile -t names < <(seq -f 'part-%05.0f' 0 "$((${#parts[@]} - 1))")
}

# parts_of_task TASK: the numbers of the parts that a task takes, PER_TASK of them.
parts_of_task() {
    local end=$((($1 + 1) * PER_TASK - 1))
    seq "$(($1 * PER_TASK))" "$((end < ${#parts[@]} ? end : ${#parts[@]} - 1))"
}

# ---- Receipts -------------------------------------------------------------------------------------

size_and_time() { stat -c '%s %Y %n' -- "$@"; }

# what_goes_in STAGE [I]: the first half of a receipt. Fits stand there with the checksums on their
# last lines: one that was made again is the same.
what_goes_in() {
    case $1 in
        fit)
            echo "$version, strength --fit"
            size_and_time "${parts[$2]}"
            ;;
        merge)
            echo "$version, merge"
            printf 'fit/%s.fit\n' "${names[@]}" | xargs tail -q -n 1
            ;;
        apply)
            echo "$version, strength --bands $BANDS"
            tail -n 1 all.fit && size_and_time "${parts[$2]}"
            ;;
        verify)
            echo "$version, shard -n $SHARDS --split $SPLIT"
            printf 'apply/%s.done\n' "${names[@]}" | xargs cat
            ;;
    esac
}

# what_comes_out STAGE [I]: the second half.
what_comes_out() {
    case $1 in
        fit) size_and_time "fit/${names[$2]}".{fit,json} ;;
        merge) tail -n 1 all.fit ;;
        apply) size_and_time "apply/${names[$2]}".{jsonl.zst,rejects.jsonl.zst,json} ;;
        verify) size_and_time total.json shards/* ;;
    esac
}

# receipt STAGE [I]: its name.
receipt() {
    case $1 in
        fit | apply) echo "$1/${names[$2]}.done" ;;
        *) echo "$1.done" ;;
    esac
}

# right STAGE [I]: is this done, and are all files as they were?
right() {
    local now
    [ -f "$(receipt "$@")" ] &&
        now=$({ what_goes_in "$@" && what_comes_out "$@"; } 2>/dev/null) &&
        [ "$now" = "$(cat "$(receipt "$@")")" ]
}

# ---- Attempts -------------------------------------------------------------------------------------

# begin STAGE [I]: make $work, where this attempt writes. An attempt that Slurm believes dead may
# still be writing, so each has a folder of its own.
begin() {
    work=.attempt-$1${2+-$2}.$job.$restart
    rm -rf "$work"
    mkdir "$work"
    trap 'rm -rf "$work"' EXIT
    what_goes_in "$@" >"$work/receipt"
}

# finish STAGE [I]: the results, which are the files with a dot in their names, get their places,
# and the receipt comes last.
finish() {
    local name
    rm -f "$(receipt "$@")"
    for name in "$work"/*.*; do
        [ ! -e "$name" ] || mv "$name" "$1/"
    done
    what_comes_out "$@" >>"$work/receipt"
    mv "$work/receipt" "$(receipt "$@")"
    rm -rf "$work"
}

# try COMMAND...: run a tool. If it was killed, or asks to be tried again, the job goes back into
# the queue, three times at most. RequeueExit would do so too, but then Slurm never again believes
# that the array went well. Any other failure is final, and returned.
try() {
    local status=0
    "$@" || status=$?
    case $status in
        75 | 137 | 143)
            say "status $status at attempt $restart: $*"
            if [ -n "${SLURM_JOB_ID-}" ] && [ "$restart" -lt 3 ]; then
                rm -rf "$work"
                scontrol requeue "$SLURM_JOB_ID" && sleep 60 # until Slurm ends this attempt
            fi
            exit "$status"
            ;;
    esac
    return "$status"
}

# for_each_part STAGE: do what is left of this task's parts with the function of the stage's name,
# one after the other; a part that fails does not hold up the others.
for_each_part() {
    local i failed=0
    for i in $(parts_of_task "$SLURM_ARRAY_TASK_ID"); do
        if right "$1" "$i"; then
            say "part $i is done"
            continue
        fi
        if begin "$1" "$i" && "$1" "$i"; then
            finish "$1" "$i"
        else
            say "part $i failed"
            failed=1
        fi
    done
    return "$failed"
}

# all_right STAGE: are all parts done? Says which are not.
all_right() {
    local i bad=0
    for i in "${!parts[@]}"; do
        right "$1" "$i" || {
            say "part $i is not there, or not right: $(receipt "$1" "$i")"
            bad=1
        }
    done
    return "$bad"
}
