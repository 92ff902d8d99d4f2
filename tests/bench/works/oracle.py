# SPDX-License-Identifier: Apache-2.0
"""loo's questions to one co-process that says yes to everything: how many there are in a second, on
two threads; of records of 60 bytes, and with all answers kept from the run before."""

import json
import os
import shlex

import setting
from table import Row, at_least

RECORDS = 40000


def measure(bench):
    compiler = os.environ.get("CC", "cc")
    source = setting.HERE.parent / "faults" / "say_yes.c"
    yes, corpus = bench.out / "say_yes", bench.out / "items.jsonl"
    setting.sh(f"{compiler} -O2 -o {yes} {shlex.quote(str(source))}")
    items = ",".join(map(str, range(8)))
    corpus.write_text("".join(f'{{"id":{i},"items":[{items}]}}\n' for i in range(RECORDS)))
    summary, kept = bench.out / "summary", bench.out / "answers"
    loo = (f"{bench.pref} loo --threads 2 --items items --oracle exec:{yes} --summary {summary} "
           f"{corpus} >/dev/null")  # fmt: skip
    time = bench.race(asking=loo)["asking"]
    calls = json.loads(summary.read_text())["calls"]
    yield Row("loo exec, one co-process", time, "thousand questions/s", "",
              calls / time.wall / 1e3, at_least(100, 1000), calls / time.cpu / 1e3)
    cached = loo.replace(" --summary", f" --cache {kept} --summary")
    setting.sh(cached)
    time = bench.race(kept=cached)["kept"]
    yield Row("loo exec, answers kept", time, "thousand questions/s", "",
              calls / time.wall / 1e3, at_least(100, 1000), calls / time.cpu / 1e3)
