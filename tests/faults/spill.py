#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pref dedup --memory` whose scratch files meet with trouble.

It is killed by SIGKILL at moments drawn from a fixed seed, each at one of its reads and writes: no
scratch file is left in TMPDIR, no output stands under its name, and running again gives what an
undisturbed run gives. A disk that is full ends it with one line. Without --memory, a machine that is
too small ends it with advice.
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness

KILLS = 6  # of each mode
MODES = {
    "first": [],
    "merge": ["--contradictions", "merge", "--merge-votes", "--count", "--keep", "last"],
}

tap = harness.Tap()


def corpus(count, seed):
    """Small records, a third of them duplicates or turned round; enough that parts are divided."""
    rng = random.Random(seed)
    lines = []
    for i in range(count):
        k = rng.randrange(i + 1) if rng.random() < 0.3 else i
        sides = ("a", f"b{k % 3}") if rng.random() < 0.9 else (f"b{k % 3}", "a")
        lines.append('{"id":%d,"prompt":"%d","chosen":"%s","rejected":"%s"}\n' % (i, k, *sides))
    return "".join(lines).encode()


def run(args, data, env, top):
    """One run in a folder: status, standard error, files by name, what is left in TMPDIR."""
    scratch = pathlib.Path(top, "scratch")
    scratch.mkdir(exist_ok=True)
    status, _, err = drill.run(args, data, dict(env, TMPDIR=scratch), drill.SECONDS, top)
    files = {p.name: p.read_bytes() for p in pathlib.Path(top).iterdir() if p.is_file()}
    return status, err, files, sorted(p.name for p in scratch.iterdir())


def arguments(mode, piped):
    args = ["dedup", "--memory", "64K", *MODES[mode], "--clusters", "c", "-o", "out", "--summary",
            "s", "--threads", 2]
    return args if piped else [*args, "../in"]


def kill_once(mode, piped, env, right):
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as top:
        data = DATA if piped else None
        args = arguments(mode, piped)
        status, _, files, left = run(args, data, {**SHIM, **env}, top)
        if status != -9:
            return f"status {status}"
        if left:
            return f"left in TMPDIR: {left}"
        if "out" in files or "s" in files:
            return f"stands under its name: {sorted(files)}"
        drill.remove(*(f"{top}/{name}" for name in files))
        again = run(args, data, {}, top)
        return None if again == right else f"another outcome: {again[0]} {again[1]}"


def kills(mode, piped):
    rng = random.Random(f"{mode} {piped}")
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as top:
        data = DATA if piped else None
        right = run(arguments(mode, piped), data, {}, top)
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as top:
        counts = run(arguments(mode, piped), data, dict(SHIM, FAULT_COUNTS="counts"), top)[2]
    counts = dict(line.split() for line in counts["counts"].decode().splitlines())
    tap.result(f"{mode}, {'pipe' if piped else 'file'}: an undisturbed run",
               None if right[0] == 0 and not right[3] else f"{right[0]} {right[1]}")
    wrong = []
    for _ in range(KILLS):
        call = rng.choice(("write", "write", "read", "read", "open"))
        # Two threads do not share their calls out alike each time: stay clear of the last ones.
        number = rng.randrange(1, max(2, int(counts[call]) * 9 // 10))
        env = {"FAULT_CALL": call, "FAULT_NTH": number, "FAULT_HOW": "kill"}
        problem = kill_once(mode, piped, env, right)
        if problem:
            wrong.append(f"{call} number {number} of {counts[call]}: {problem}")
    tap.result(f"{mode}, {'pipe' if piped else 'file'}: killed and run again",
               "\n".join(wrong) or None)


def full_disk():
    """The scratch file takes no more, early and late."""
    for number in (3, 300):
        with tempfile.TemporaryDirectory(dir=os.getcwd()) as top:
            env = dict(SHIM, FAULT_CALL="write", FAULT_NTH=number)
            status, err, files, left = run(arguments("first", False), None, env, top)
            good = (status == 1 and b"No space left" in err and err.count(b"\n") == 1
                    and b"TMPDIR" in err and not {"out", "s"} & set(files) and not left)
            tap.result(f"no space for write {number}", None if good else f"{status} {err} {left}")


def small_machine():
    """A megabyte of memory: these records are too many for tables in three quarters of it."""
    page = os.sysconf("SC_PAGESIZE")
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as top:
        env = dict(SHIM, FAULT_PAGES=(1 << 20) // page)
        for mode in MODES:
            args = ["dedup", *MODES[mode], "-o", "out", "--summary", "s", "../in"]
            status, err, files, _ = run(args, None, env, top)
            good = status == 1 and b"give --memory SIZE" in err and err.count(b"\n") == 1
            tap.result(f"{mode}: advice on a machine that is too small",
                       None if good and not files else f"{status} {err} {sorted(files)}")
            status = run([*args[:-1], "--memory", "64K", args[-1]], None, env, top)[0]
            tap.result(f"{mode}: the same with the advice taken", None if status == 0 else f"status {status}")
            drill.remove(f"{top}/out", f"{top}/s")


with drill.folder():
    DATA = corpus(80000, 20261123)
    drill.write("in", DATA)
    SHIM = drill.shim()
    kills("first", False)
    kills("merge", True)
    full_disk()
    small_machine()
tap.end()
