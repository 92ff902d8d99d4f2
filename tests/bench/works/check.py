# SPDX-License-Identifier: Apache-2.0
"""check, to nowhere: strict grammar, UTF-8 and the record's schema."""

import agree
import setting
from table import at_most, of_its_time


def measure(bench):
    checked = bench.out / "checked.jsonl"
    setting.sh(f"{bench.pref} check --threads 2 -o {checked} {bench.corpus}")
    agree.same_bytes(checked, bench.corpus)
    checked.unlink()
    times = bench.race(pref=f"{bench.pref} check --threads 2 {bench.corpus} >/dev/null",
                       wc=f"wc -l {bench.corpus} >/dev/null")
    # 3 GB/s where lines are read at 11: the machine's own speed is taken out of it.
    yield of_its_time("check > /dev/null", times["pref"], "wc -l", times["wc"], at_most(3.67, 1))
