# SPDX-License-Identifier: Apache-2.0
"""dedup, exact, from file to file, and what it keeps in memory for each distinct record."""

import json

import agree
import setting
from table import Row, at_least, at_most, of_its_time, times_faster

BASE = 64 << 20  # bytes that any tool may use


def measure(bench):
    one, two, theirs = (bench.out / f"{name}.jsonl" for name in ("one", "two", "duckdb"))
    summary = bench.out / "summary.json"
    run = f"{bench.pref} dedup --summary {summary}"
    setting.sh(f"{run} --threads 1 {bench.corpus} >{one}")
    setting.sh(f"{run} --threads 2 {bench.corpus} >{two}")
    agree.same_bytes(one, two)
    runners = {"pref": f"{run} --threads 2 {bench.corpus} >{two}",
               "cat": f"cat {bench.corpus} >{one}"}
    if bench.duckdb_script:
        setting.sh(bench.duckdb("dedup.sql", bench.corpus, theirs))
        agree.same_bytes(one, theirs)
        runners["duckdb"] = (bench.duckdb("dedup.sql", bench.corpus, theirs), 2)
    times = bench.race((one, two, theirs), **runners)
    ours = times["pref"]
    yield of_its_time("dedup > file", ours, "cat > file", times["cat"], at_most(1.3, 1))
    if bench.duckdb_script:
        yield times_faster("dedup > file", ours, "DuckDB, times slower", times["duckdb"],
                           at_least(15))
    distinct = json.loads(summary.read_text())["distinct"]
    beyond = max(0, ours.kib * 1024 - BASE) / distinct
    yield Row("dedup, memory", f"{ours.kib / 1024:.0f} MiB", "bytes a record over 64 MiB",
              f"{distinct} distinct", beyond, at_most(32, 20))
    for path in (one, two, theirs):
        path.unlink(missing_ok=True)
