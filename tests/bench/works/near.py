# SPDX-License-Identifier: Apache-2.0
"""Near-duplicates on one thread: records a second (the corpus has some 265 words a record), and the
memory that a record that stays takes, beyond that of the same run over an empty input."""

import json

from table import Row, at_least, at_most


def measure(bench):
    summary = bench.out / "summary"
    command = f"{bench.pref} dedup --near 0.8 --threads 1 --summary {summary}"
    empty = bench.once(f"{command} /dev/null >/dev/null")
    time = bench.race(near=f"{command} {bench.corpus} >/dev/null")["near"]
    counts = json.loads(summary.read_text())
    yield Row("dedup --near 0.8, 1 thread", time, "thousand records/s", "",
              counts["in"] / time.wall / 1e3, at_least(120, 200), counts["in"] / time.cpu / 1e3)
    yield Row("dedup --near 0.8, memory", time, "bytes a record that stays", "",
              (time.kib - empty.kib) * 1024 / counts["out"], at_most(700, 400))
