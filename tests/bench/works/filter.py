# SPDX-License-Identifier: Apache-2.0
"""filter, by a length and a pattern, from file to file: about half of the records stay. And what a
pack of many patterns costs beside one of a single pattern."""

import json

import agree
import setting
from table import Row, at_least, at_most, times_faster

RULES = r"--min-chars chosen=400 --no-match 'rejected=\b(rumours|violins?) (must|should)\b'"

MANY = 50
WORDS = ("rumours", "harbour", "fragile", "notebooks", "engineers", "beyond the", "every winter",
         "tools", "recipes", "the river")


def write_pack(path, count):
    """A pack of so many patterns about both sides, some of which are found."""
    rules = [{"name": f"r{i}", "about": "x", "fields": ["chosen", "rejected"],
              "test": {"pattern": rf"(?i)\b{WORDS[i % 10]} (?:{'abcdefghij'[i // 10]}|xyz)\w*"},
              "match": [f"{WORDS[i % 10]} xyz"], "pass": ["z"]} for i in range(count)]
    path.write_text(json.dumps({"pack": "many", "about": "x", "rules": rules}))
    return path


def measure_packs(bench):
    one, many = (write_pack(bench.out / f"{count}.json", count) for count in (1, MANY))
    run = f"{bench.pref} filter --annotate --threads 2 {bench.corpus} >/dev/null --rules"
    times = bench.race(one=f"{run} {one}", many=f"{run} {many}")
    yield Row(f"filter, {MANY} patterns", times["many"], "1 pattern, CPU time", times["one"],
              times["many"].cpu / times["one"].cpu, at_most(6, 2))


def measure_peers(bench):
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
    times = bench.race((ours, theirs), **runners)
    if bench.duckdb_script:
        yield times_faster("filter > file", times["pref"], "DuckDB, times slower",
                           times["duckdb"], at_least(3, 4))
    if bench.has_jq:
        yield times_faster("filter > file", times["pref"], "jq, times slower",
                           times["jq"].scaled(bench.scale), at_least(30))
    ours.unlink(missing_ok=True)
    theirs.unlink(missing_ok=True)


def measure(bench):
    yield from measure_peers(bench)
    yield from measure_packs(bench)
