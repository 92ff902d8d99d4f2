# SPDX-License-Identifier: Apache-2.0
"""Resident memory of tools that keep nothing of their records, from a file to a file."""

from table import Row, at_most

THREADS = 2
GOAL = 16


def measure(bench):
    with open(bench.corpus, "rb") as lines:
        longest = max(len(line) for line in lines)
    limit = 64 + 4 * THREADS + 4 * longest / (1 << 20)
    for tool in ("check", "vote", "strength"):
        time = bench.once(f"{bench.pref} {tool} --threads {THREADS} {bench.corpus} >{bench.out}/o")
        yield Row(f"{tool}, memory", time, "MiB resident", "", time.kib / 1024,
                  at_most(round(limit), GOAL))
    (bench.out / "o").unlink()
