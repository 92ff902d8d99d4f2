# SPDX-License-Identifier: Apache-2.0
"""What vote and strength have in common: every record gets an annotation, from file to file."""

import agree
import setting
from table import at_least, times_faster

JQ = {"vote": "jq, times slower", "strength": "jq (no quantile), times slower"}


def check_answers(bench, tool):
    """The same bytes with one thread and two; the same values as the peers on a part."""
    ours, theirs = bench.out / f"{tool}-pref.jsonl", bench.out / f"{tool}-peer.jsonl"
    for threads, path in ((1, ours), (2, theirs)):
        setting.sh(f"{bench.pref} {tool} --threads {threads} {bench.corpus} >{path}")
    agree.same_bytes(ours, theirs)
    setting.sh(f"{bench.pref} {tool} {bench.part} >{ours}")
    if bench.duckdb_script:
        setting.sh(bench.duckdb(f"{tool}.sql", bench.part, theirs))
        agree.same_values(ours, theirs, tool)
    if bench.has_jq:
        setting.sh(f"jq -c -f {setting.HERE}/peers/{tool}.jq {bench.part} >{theirs}")
        agree.same_values(ours, theirs, tool)


def measure(bench, tool):
    check_answers(bench, tool)
    ours, theirs = bench.out / f"{tool}-pref.jsonl", bench.out / f"{tool}-peer.jsonl"
    runners = {"pref": f"{bench.pref} {tool} --threads 2 {bench.corpus} >{ours}"}
    if bench.duckdb_script:
        runners["duckdb"] = (bench.duckdb(f"{tool}.sql", bench.corpus, theirs), 3)
    if bench.has_jq:
        runners["jq"] = (f"jq -c -f {setting.HERE}/peers/{tool}.jq {bench.part} >{theirs}", 1)
    times = bench.race((ours, theirs), **runners)
    if bench.duckdb_script:
        yield times_faster(f"{tool} > file", times["pref"], "DuckDB, times slower",
                           times["duckdb"], at_least(3, 4))
    if bench.has_jq:
        yield times_faster(f"{tool} > file", times["pref"], JQ[tool],
                           times["jq"].scaled(bench.scale), at_least(40))
    ours.unlink()
    theirs.unlink(missing_ok=True)
