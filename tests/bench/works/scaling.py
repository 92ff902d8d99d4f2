# SPDX-License-Identifier: Apache-2.0
"""Two threads against one, to nowhere; and that the second one costs no work of its own.

The goal is what the machine gives to two runs of one thread each, at the same time: they share its
memory, but wait for nothing.
"""

from table import Row, at_least, at_most
from works.filter import RULES

TOOLS = {"check": "check", "dedup": "dedup", "vote": "vote", "strength": "strength",
         "filter": f"filter {RULES}"}
CPU = 1.25  # what two threads may take of one's CPU time


def measure(bench):
    for tool, words in TOOLS.items():
        one, two = (f"{bench.pref} {words} --threads {n} {bench.corpus} >/dev/null" for n in (1, 2))
        times = bench.race(one=one, two=two, apart=f"{one} & {one}; wait")
        goal = round(2 * times["one"].wall / times["apart"].wall, 2)
        yield Row(f"{tool}, 2 threads", times["two"], "1 thread, times slower", times["one"],
                  times["one"].wall / times["two"].wall, at_least(1.7, goal))
        yield Row(f"{tool}, 2 threads", times["two"], "1 thread, CPU time", times["one"],
                  times["two"].cpu / times["one"].cpu, at_most(CPU, 1))
