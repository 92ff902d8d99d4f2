# SPDX-License-Identifier: Apache-2.0
"""filter, by a length and a pattern, from file to file: about half of the records stay."""

import agree
import setting
from table import at_least, times_faster

RULES = r"--min-chars chosen=400 --no-match 'rejected=\b(rumours|violins?) (must|should)\b'"


def measure(bench):
    ours, theirs = bench.out / "filter-pref.jsonl", bench.out / "filter-peer.jsonl"
    run = f"{bench.pref} filter --threads 2 {RULES}"
    setting.sh(f"{run} {bench.part} >{ours}")
    if bench.duckdb_script:
        setting.sh(bench.duckdb("filter.sql", bench.part, theirs))
        agree.same_bytes(ours, theirs)
    if bench.has_jq:
        jq = f"jq -c -f {setting.HERE}/peers/filter.jq {bench.part} >{theirs}"
        setting.sh(jq)
        agree.same_values(ours, theirs, "filter")
    runners = {"pref": f"{run} {bench.corpus} >{ours}"}
    if bench.duckdb_script:
        runners["duckdb"] = (bench.duckdb("filter.sql", bench.corpus, theirs), 3)
    if bench.has_jq:
        runners["jq"] = (jq, 1)
    times = bench.race(**runners)
    if bench.duckdb_script:
        yield times_faster("filter > file", times["pref"], "DuckDB, times slower",
                           times["duckdb"], at_least(3, 4))
    if bench.has_jq:
        yield times_faster("filter > file", times["pref"], "jq, times slower",
                           times["jq"].scaled(bench.scale), at_least(30))
    ours.unlink()
    theirs.unlink(missing_ok=True)
