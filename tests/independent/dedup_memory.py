#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pref dedup --memory` gives what it gives without, in less memory.

Made-up records (a fixed seed) with duplicates, pairs turned round, votes, scores and a protected
corpus: in every mode, output, --rejects, --clusters and --summary are the same bytes with and
without --memory, from files and from a pipe, also where parts must be divided. What goes because
of --against is worked out here. Then the peaks of resident memory: at an eighth of what the tables
need, and with many records of one key. (What dedup does without --memory is held against a
computation of its own in dedup.py and dedup_learnt.py.)
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness

MODES = [
    "",
    "--keep last",
    "--keep max:score --count",
    "--keep min:score",
    "--count --on prompt",
    "--on line",
    "--contradictions drop --keep last",
    "--contradictions merge",
    "--contradictions merge --keep min:score --count",
    "--merge-votes --keep max:score",
    "--merge-votes --contradictions merge --keep last --count",
    "--against old --against older",
    "--against old --contradictions drop --on prompt,chosen,rejected,score --missing reject",
    "--against older --merge-votes --contradictions merge --keep max:score --count",
]
DIVIDED = [MODES[0], MODES[-1]]  # also with records enough
OUTPUTS = ("out", "rejects", "clusters", "summary")
KIB = 1024

tap = harness.Tap()


def records(count, seed):
    rng = random.Random(seed)
    out = []
    for i in range(count):
        k = rng.randrange(i + 1) if rng.random() < 0.25 else i
        sides = ["a", f"b{k % 3}"]
        if rng.random() < 0.15:
            sides.reverse()
        record = {"id": i, "prompt": str(k), "chosen": sides[0], "rejected": sides[1]}
        if rng.random() < 0.3:
            record["votes"] = [{"judge": "j", "vote": rng.choice(("chosen", "tie", "rejected"))}]
        if rng.random() < 0.6:
            record["score"] = rng.choice((1, 2.5, -3, None, 7e10, "no number"))
        out.append(record)
    return out


def write(path, some):
    lines = [json.dumps(record, separators=(",", ":")) for record in some]
    path.write_text("".join(line + "\n" for line in lines))


def run(folder, words, data=None):
    """Everything that a run leaves, by name."""
    for name in OUTPUTS:
        (folder / name).unlink(missing_ok=True)
    command = ["pref", "dedup", *words, "-o", "out", "--rejects", "rejects", "--clusters",
               "clusters", "--summary", "summary"]
    done = subprocess.run(command, cwd=folder, input=data, env=harness.environment(TMPDIR=folder))
    if done.returncode != 0:
        return {"status": done.returncode}
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


def difference(found, wanted):
    for name in wanted:
        if found.get(name) != wanted[name]:
            return f"another {name}: {len(found.get(name) or b'')} bytes, {len(wanted[name])} wanted"
    return None


def same_bytes(folder, mode, inputs, title):
    words = mode.split()
    wanted = run(folder, [*words, "--threads", "2", *inputs])
    if "out" not in wanted:
        tap.result(f"{title}, {mode or 'first'}", f"without --memory: {wanted}")
        return
    found = run(folder, [*words, "--memory", "64K", "--threads", "3", *inputs])
    tap.result(f"{title}, {mode or 'first'}", difference(found, wanted))


def from_a_pipe(folder):
    """Audits name the input otherwise, all else is the same."""
    words = MODES[-1].split()
    data = (folder / "few").read_bytes()
    wanted = run(folder, [*words, "--threads", "1"], data)
    tap.result("from a pipe", difference(run(folder, [*words, "--memory", "64K"], data), wanted))


def against(folder, some, protected):
    """What is in the protected files goes, and the reason names the first place of it."""
    place = {}
    for name, old in protected.items():
        for number, record in enumerate(old, 1):
            key = (record["prompt"], record["chosen"], record["rejected"])
            place.setdefault(key, f"{name}:{number}")
    wanted, seen = [], set()
    on = "prompt,chosen,rejected"
    for record in some:
        key = (record["prompt"], record["chosen"], record["rejected"])
        if key in place:
            wanted.append((record["id"], f"duplicate of {place[key]} on {on}"))
        elif key in seen:
            wanted.append((record["id"], f"duplicate of an earlier record on {on}"))
        seen.add(key)
    for memory in ([], ["--memory", "64K"]):
        got = run(folder, [*"--against old --against older".split(), *memory, "few"])
        gone = [json.loads(line) for line in got.get("rejects", b"").splitlines()]
        found = [(record["id"], record["reject"]["why"]) for record in gone]
        summary = json.loads(got.get("summary", b"{}"))
        counted = sum(why.startswith("duplicate of old") for _, why in wanted)
        sound = found == wanted and summary.get("against") == counted > 100
        tap.result(f"what goes because of --against {' '.join(memory)}".strip(),
                   None if sound else f"{len(found)} went, {len(wanted)} wanted; {summary}")


# ---- Memory -------------------------------------------------------------------------------------


def peak(folder, words):
    """The most resident memory of a run, in KiB."""
    subprocess.run(["./peak", "most", "pref", "dedup", "--threads", "1", "-o", "/dev/null", *words],
                   cwd=folder, env=harness.environment(TMPDIR=folder), check=True)
    return int((folder / "most").read_text())


def peaks(folder):
    """The tables of 300,000 records need 10 to 13 MB with --count, by the page; an eighth of that is
    allowed, above what a run takes for itself: that of as many lines that are one record."""
    with open(folder / "many", "w") as file:
        for i in range(300000):
            file.write('{"prompt":"%d","chosen":"a","rejected":"b"}\n' % i)
    with open(folder / "one", "w") as file:
        file.write('{"prompt":"12345","chosen":"a","rejected":"b"}\n' * 300000)
    need = 300000 * 35
    bound = need // 8
    base = peak(folder, ["--count", "one"])
    tap.result("one record takes what every tool may", None if base < 16 * KIB else f"{base} KiB")
    free = peak(folder, ["--count", "many"]) - base
    tap.result("tables take what the page says", None if free * KIB > need * 0.9 else f"{free} KiB")
    for words in (["--count", "many"], ["--keep", "max:id", "many"], ["many"], ["one"],
                  ["--keep", "last", "one"]):
        took = peak(folder, [*words, "--memory", str(bound)]) - base
        # Half a MiB is for what the C library keeps at hand and the fixed buffers of scratch files.
        tap.result(f"an eighth of the memory: {' '.join(words)}",
                   None if took <= bound // KIB + 512 else f"{took} KiB, at most {bound // KIB}")


def main():
    with tempfile.TemporaryDirectory(prefix="pref-dedup-") as name:
        folder = pathlib.Path(name)
        few, many = records(6000, 1), records(80000, 2)
        protected = {"old": records(900, 3), "older": records(3000, 4)}
        write(folder / "few", few)
        for i in range(3):
            write(folder / f"part{i}", many[i::3])
        for file, some in protected.items():
            write(folder / file, some)
        for mode in MODES:
            same_bytes(folder, mode, ["few"], "few")
        for mode in DIVIDED:
            same_bytes(folder, mode, ["part0", "part1", "part2"], "parts that are divided")
        from_a_pipe(folder)
        against(folder, few, protected)
        if drill.sanitizer() is None:
            subprocess.run(os.environ.get("CC", "cc").split()
                           + ["-o", folder / "peak", harness.SRC / "tests" / "faults" / "peak.c"],
                           check=True)
            peaks(folder)
    tap.end()


main()
