#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `pref loo` asks a co-process for: repeats, a budget, and a cache.

The co-process is not sure of itself, but so in a known way: its answer hangs on the items and on the
number of the repeat. So all can be computed one record after the other: which answers are asked for
until the majority of M is clear, what each record takes of a budget, and which records find no room.
Records, rejects and counts must be the same for any number of threads and processes, with an empty
cache, and with a full one, where nothing is asked at all.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"

# The rule runs here and, the same text, in the co-process.
RULE = """
import zlib
def says(items, repeat):
    doubt = zlib.crc32(b"%d" % repeat + repr(items).encode()) % 4 == 0
    return (sum(items) >= 12) != doubt
"""
SAYS = {}
exec(RULE, SAYS)

CO_PROCESS = RULE + """
import json, os, sys
asked = os.open("asked", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for line in sys.stdin:
    q = json.loads(line)
    ok = says(q["record"]["items"], q.get("repeat", 1))
    os.write(asked, b"x")
    print('{"q":%d,"ok":%s}' % (q["q"], "true" if ok else "false"), flush=True)
"""


def majority(items, repeat):
    """The majority of `repeat` answers, and how many are needed until it is clear."""
    yes = no = 0
    while 2 * max(yes, no) <= repeat:
        says = SAYS["says"](items, yes + no + 1)
        yes, no = yes + says, no + (not says)
    return yes > no, yes + no


def distil(items, repeat):
    """Return (what is left as indices, or None; subsets asked about; answers taken)."""
    known, taken = {}, 0

    def ask(indices):
        nonlocal taken
        key = tuple(indices)
        if key not in known:
            known[key], n = majority([items[i] for i in indices], repeat)
            taken += n
        return known[key]

    left, changed = list(range(len(items))), True
    if not ask(left):
        return None, 1, taken
    while changed:
        changed = False
        for i in list(left):
            without = [k for k in left if k != i]
            if ask(without):
                left, changed = without, True
    return left, len(known), taken


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def expected(records, repeat, budget):
    """One record after the other: (output, rejects, calls, unasked, answers taken)."""
    out, rejects, calls, unasked, room = [], [], 0, 0, budget
    for record in records:
        items = record["items"]
        n = len(items)
        most = (n * (n + 1) // 2 + 1) * repeat
        if room is not None and most > room:
            why = f"budget: up to {most} questions, more than were left of {budget}"
            rejects.append({**record, "reject": {"by": "loo", "why": why}})
            unasked += 1
            continue
        left, asked, taken = distil(items, repeat)
        calls += asked
        room = None if room is None else room - taken
        if left is None:
            why = f"insufficient: not accepted with all its items ({n})"
            rejects.append({**record, "reject": {"by": "loo", "why": why}})
            continue
        note = {"before": n, "after": len(left), "calls": asked,
                "removed": [i for i in range(n) if i not in left]}
        out.append({**record, "items": [items[i] for i in left], "loo": note})
    lines = ["".join(compact(r) + "\n" for r in some).encode() for some in (out, rejects)]
    return (*lines, calls, unasked)


def asked(folder):
    """How many questions reached the co-process since the last look; None: it was not started."""
    path = folder / "asked"
    if not path.exists():
        return None
    count = path.stat().st_size
    path.unlink()
    return count


def run(folder, words, repeat, budget):
    command = [PREF, "loo", "--items", "items", "--oracle", f"exec:exec '{sys.executable}' -IS judge.py",
               "--rejects", "rejects", "--summary", "summary", *words, "--repeat", str(repeat),
               *([] if budget is None else ["--budget", str(budget)]), "input.jsonl"]
    done = subprocess.run(command, cwd=folder, env=harness.environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 75):
        return done.returncode, done.stderr
    summary = json.loads((folder / "summary").read_bytes())
    found = (done.stdout, (folder / "rejects").read_bytes(), summary["calls"], summary["unasked"])
    return done.returncode, found


def difference(outcome, wanted):
    status, found = outcome
    if not isinstance(found, tuple):
        return f"status {status}: {found!r}"
    if status != (75 if wanted[3] else 0):
        return f"status {status}, {wanted[3]} records are to be unasked"
    if found[2:] != wanted[2:]:
        return f"calls and unasked {found[2:]}, wanted {wanted[2:]}"
    for a, b, name in zip(found, wanted, ("output", "rejects")):
        for number, (x, y) in enumerate(zip(a.split(b"\n"), b.split(b"\n")), 1):
            if x != y:
                return f"{name}, line {number}:\n{x[-300:]!r}\nwanted\n{y[-300:]!r}"
    return None


def total_of(records, repeat):
    return sum(distil(record["items"], repeat)[2] for record in records)


def drill(tap, folder, name, records, repeat, shares, ways):
    (folder / "input.jsonl").write_text("".join(compact(r) + "\n" for r in records))
    total = total_of(records, repeat)
    for share in shares:
        budget = None if share is None else max(1, int(total * share))
        wanted = expected(records, repeat, budget)
        title = f"{name}, repeat {repeat}, budget {budget} of {total}"
        for way in ways:
            problem = difference(run(folder, way, repeat, budget), wanted)
            count = asked(folder)
            if problem is None and budget is not None and count > budget:
                problem = f"{count} questions were asked"
            if problem is None and budget is None and count != total:
                problem = f"{count} questions were asked"
            tap.result(f"{title}, {' '.join(way)}: {wanted[3]} unasked", problem)
        for way in (["--threads", "2"], ["--threads", "1"], ["--threads", "3", "--jobs", "2"]):
            problem = difference(run(folder, [*way, "--cache", "cache"], repeat, budget), wanted)
            count = asked(folder)
            if problem is None and way[1] != "2" and count is not None:
                problem = f"with a full cache, {count} questions were asked"
            tap.result(f"{title}, {' '.join(way)}, cached", problem)
        (folder / "cache").unlink()


def made(dice, count, most, pad):
    for i in range(count):
        items = [dice.randrange(8) for _ in range(dice.randrange(most))]
        yield {"id": i, "pad": "x" * pad, "items": items} if pad else {"items": items}


def main():
    tap = harness.Tap()
    ways = (["--threads", "1"], ["--threads", "3", "--jobs", "3"], ["--threads", "8"])
    with tempfile.TemporaryDirectory(prefix="pref-loo-") as top:
        folder = pathlib.Path(top)
        (folder / "judge.py").write_text(CO_PROCESS)
        dice = random.Random(11)
        # Several blocks of input, so that what comes later may be mapped earlier.
        records = list(made(dice, 350, 9, 3000))
        drill(tap, folder, "long records", records, 1, (None, 0.4), ways)
        drill(tap, folder, "long records", records, 3, (None, 0.8), ways)
        # So many records in a block that it is taken in parts.
        records = list(made(dice, 20000, 2, 0))
        drill(tap, folder, "short records", records, 1, (0.7,), ways[1:2])
    tap.end()


main()
