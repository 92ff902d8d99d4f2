#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: curate.sh [--from FORMAT] IN OUTDIR
#
# Curate a preference corpus from end to end:
#
#   import | check | dedup | vote | strength | loo | shard
#
# IN is a file of JSON Lines (plain or zstd) in FORMAT: pair (pref-record(5), the default) or hh.
# What comes out:
#
#   OUTDIR/shards/      the curated corpus in compressed shards, with its manifest
#   OUTDIR/rejects/     one file a stage: each record that left, with the reason
#   OUTDIR/summaries/   one file a stage: its counts
#
# Each stage writes its summary before it closes its output, and each requires the summary of the
# stage before it (--after): if any of them dies, those behind it fail, and no manifest is written.
# Run it again and it does all of it again.
#
# The knobs, from the environment, with what they are if nothing is said:
#   MIN_VOTES, MIN_AGREEMENT  if set, reject records with fewer or weaker votes, and those without;
#                     a pair whose votes prefer the rejected response is flipped in any case
#   BANDS (0.03=flip,0.10=drop,0.20=smooth:0.2,1=keep)  what pref-strength(1) does up to each quantile;
#                     only pairs with a negative mean are flipped: where the votes misled, the reward
#                     models turn a pair back
#   LOO (majority:2)  which of a record's votes are kept: a smallest set that is still this clear
#   SPLIT (train=0.98,valid=0.01,test=0.01) and SHARDS (4)
#   MALFORMED (stop)  or skip: go on at malformed lines, which are kept in OUTDIR/malformed.jsonl
set -euo pipefail

from=pair
if [ "${1-}" = --from ] && [ $# -ge 2 ]; then
    from=$2
    shift 2
fi
if [ $# -ne 2 ]; then
    echo "usage: curate.sh [--from FORMAT] IN OUTDIR" >&2
    exit 2
fi
in=$1 out=$2
mkdir -p "$out/rejects" "$out/summaries"

# stage NAME BEFORE [OPTION...]: one tool, bound to the stage before it.
stage() {
    local name=$1 before=$2
    shift 2
    pref "$name" "$@" --rejects "$out/rejects/$name.jsonl.zst" \
        --summary "$out/summaries/$name.json" ${before:+--after "$out/summaries/$before.json"}
}

# Only records whose mean is below 0 are flipped, where a band flips at all.
bands=${BANDS-0.03=flip,0.10=drop,0.20=smooth:0.2,1=keep}
flip_if=()
if [[ $bands == *=flip* ]]; then
    flip_if=(--flip-if negative)
fi

# A summary of an earlier run must not answer for a stage that never starts.
rm -f "$out"/summaries/*.json

if ! stage import "" --from "$from" "$in" |
    stage check import --on-error "${MALFORMED-stop}" --malformed "$out/malformed.jsonl" |
    stage dedup check --contradictions drop |
    stage vote dedup --on-rejected flip ${MIN_VOTES:+--min-votes "$MIN_VOTES"} \
        ${MIN_AGREEMENT:+--min-agreement "$MIN_AGREEMENT"} |
    stage strength vote --bands "$bands" "${flip_if[@]}" |
    stage loo strength --oracle "${LOO-majority:2}" --insufficient keep |
    stage shard loo -d "$out/shards" -n "${SHARDS-4}" \
        --split "${SPLIT-train=0.98,valid=0.01,test=0.01}"; then
    echo "curate.sh: a stage failed; this run wrote no manifest, and $out is not to be used" >&2
    exit 1
fi

# ---- What happened --------------------------------------------------------------------------------

echo "stage            in       out  rejected malformed"
for name in import check dedup vote strength loo shard; do
    jq -r '[.in, .out, .rejected, .malformed] | @tsv' "$out/summaries/$name.json" |
        while read -r i o r m; do
            printf '%-9s %9d %9d %9d %9d\n' "$name" "$i" "$o" "$r" "$m"
        done
done

echo
echo "why records left"
for name in import dedup vote strength loo; do
    zstd -dcq "$out/rejects/$name.jsonl.zst"
done | jq -r '.reject | "\(.by): \(.why | gsub("[0-9][0-9./e-]*"; "N"))"' | sort | uniq -c |
    sort -rn | head -n 20

echo
pref shard --verify "$out/shards"
jq -r '"\(.shards | length) shards, \(.shards | map(.records) | add // 0) records, manifest verified"' \
    "$out/shards/manifest.json"
