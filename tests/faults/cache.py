#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The file in which `pref loo --cache` keeps answers, when it meets with trouble.

Runs are killed by SIGKILL at moments drawn from a fixed seed: from the co-process, which lives on
questions that are still open, and at writes, syncs and renames of the run itself. Whatever the
moment, running again gives what an undisturbed run gives; the file is only ever appended to; and
exactly what it does not hold is asked. Then: several runs with one file at once, also where they
are told different things; last lines that are torn, and files that are damaged or are something
else; a disk that is full; and a lock that is kept.

What reaches the co-process is in a file of a line a question, the checksum of what was asked.
"""

import collections
import fcntl
import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness

tap = harness.Tap()
RECORDS = 50
KILLS_BY_QUESTION = 7  # of each way
KILLS_BY_CALL = 6
HEAD = b'{"pref_answers":1}\n'
LINE = re.compile(rb'\{"key":"([0-9a-f]{32})","ok":(?:true|false)\}\n')
OUTPUTS = ("out", "summary")  # of a run that went well
STREAMS = ("removed", "rejects")

# Says yes to items whose sum is at least 12. It answers all that it has read at once. With DIE_AT,
# the run dies while the question of that number is open, and with SPIN, that much later.
# MEET: waits, before its first answer, until so many runs have asked. CONTRARY: says the opposite.
JUDGE = r'''
import json, os, resource, signal, time, zlib
ample = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (ample, ample))  # what is narrow is for the run alone
get = os.environ.get
asked = os.open(get("ASKED"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
die_at, meet, held = int(get("DIE_AT", "0")), int(get("MEET", "0")), b""
while True:
    read = os.read(0, 1 << 16)
    if not read:
        break
    *lines, held = (held + read).split(b"\n")
    answers = b""
    for line in lines:
        q = json.loads(line)
        what = line.partition(b",")[2]
        os.write(asked, b"%08x\n" % zlib.crc32(what))
        if 0 < die_at <= os.fstat(asked).st_size // 9:
            os.write(1, answers)
            end = time.monotonic() + float(get("SPIN"))
            while time.monotonic() < end:
                pass
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(1000)
        ok = (sum(q["record"]["items"]) >= 12) != (get("CONTRARY") is not None)
        answers += b'{"q":%d,"ok":%s}\n' % (q["q"], b"true" if ok else b"false")
    while meet > sum(name.startswith("asked") for name in os.listdir(".")):
        time.sleep(0.002)
    os.write(1, answers)
'''

# Of two equal questions, each asked twice, one is settled before the other has its first answer.
# This one then finds the rest in the cache, and nothing else happens that could end a wait.
JUDGE_OF_EQUALS = r'''
import json, sys, time
def take():
    return json.loads(sys.stdin.readline())["q"]
def say(q):
    print('{"q":%d,"ok":true}' % q, flush=True)
first, other = take(), take()
say(first)
say(take())
time.sleep(0.3)
say(other)
sys.stdin.read()
'''

WAYS = {
    "plain": ["--threads", "2"],
    "repeats, a budget, two processes": ["--threads", "3", "--jobs", "2", "--repeat", "3",
                                         "--budget", "100000"],
}


def arguments(way):
    return ["loo", "--items", "items", "--oracle", f"exec:exec '{sys.executable}' -IS judge.py",
            "--cache", "cache", "-o", "out", "--removed", "removed", "--summary", "summary",
            "--rejects", "rejects", "--timeout", "60", *WAYS[way], "in"]


def make_input():
    dice = random.Random(3)
    for i in range(RECORDS):
        items = [dice.randrange(9) for _ in range(dice.randrange(6))]
        yield json.dumps({"id": i, "items": items}, separators=(",", ":")).encode() + b"\n"


Outcome = collections.namedtuple("Outcome", "status err files asked")


def outcome(status, err, name):
    """What a run has left; its outputs and what was asked are taken away, the cache stays."""
    files = {n: pathlib.Path(n).read_bytes() for n in (*OUTPUTS, *STREAMS) if os.path.exists(n)}
    path = pathlib.Path(name)
    asked = path.read_bytes().split() if path.exists() else None
    drill.remove(*files, name, *drill.temporaries())
    return Outcome(status, err, files, asked)


def run(way, **env):
    status, _, err = drill.run(arguments(way), env=dict(env, ASKED="asked"))
    return outcome(status, err, "asked")


def cache():
    return pathlib.Path("cache").read_bytes() if os.path.exists("cache") else b""


def whole_lines(data):
    return data[:data.rfind(b"\n") + 1]


def keys_of(data):
    """The keys of a cache that is well-formed, or None."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return []
    found = [LINE.fullmatch(line) for line in lines[1:]]
    return [match[1] for match in found] if lines[0] == HEAD and all(found) else None


def compared(way, got, before):
    """What is wrong with a run that began with the cache `before`, or None."""
    right, now = RIGHT[way], cache()
    known, keys = keys_of(whole_lines(before)), keys_of(now)
    if got.status != 0 or got.err or got.files != right.files:
        return f"status {got.status} {got.err!r}, or other outputs"
    if known is None or keys is None or not now.startswith(whole_lines(before)):
        return "the cache is damaged, or was not only appended to"
    if len(set(keys)) != len(keys) or len(keys) != len(right.asked):
        return f"the cache has {len(keys)} answers, {len(right.asked)} were expected"
    if len(got.asked or ()) != len(keys) - len(known):
        return f"{len(got.asked or ())} questions, with {len(known)} of {len(keys)} known"
    return None


def failed(got, status=1):
    """Whether a run ended so, and nothing stands under a name that is for runs that went well."""
    return got.status == status and not set(OUTPUTS) & set(got.files)


# ---- Kills ---------------------------------------------------------------------------------------

def kill_once(way, env):
    """Kill a run, and run again."""
    drill.remove("cache")
    killed = run(way, **env)
    if killed.status != -signal.SIGKILL:
        return f"status {killed.status}, it was to be killed"
    torn = cache()
    known = keys_of(whole_lines(torn))
    # A record asks on only when its last answer is kept: so at most one a record is open.
    if known is None or len(killed.asked or ()) - len(known) > RECORDS:
        return f"of {len(killed.asked)} questions the cache knows {known}"
    again = run(way)
    twice = set(killed.asked or ()) & set(again.asked or ())
    if len(twice) > len(killed.asked or ()) - len(known):
        return f"{len(twice)} were asked twice, with {len(known)} known"
    return compared(way, again, torn)


def test_kills(way):
    dice = random.Random(way)
    total, wrong = len(RIGHT[way].asked), []
    numbers = [1, total] + [dice.randrange(1, total) for _ in range(KILLS_BY_QUESTION - 2)]
    for number in numbers:
        spin = dice.choice((0, 0, 0.0003, 0.001, 0.003))
        problem = kill_once(way, {"DIE_AT": number, "SPIN": spin})
        wrong += [f"at question {number} of {total}, after {spin} s: {problem}"] if problem else []
    tap.result(f"{way}: killed at {len(numbers)} questions of {total}, and run again",
               "\n".join(wrong) or None)


def test_kills_by_call():
    """Before a write (of an answer, most of them), and around the end."""
    way, dice, wrong = "plain", random.Random(5), []
    shim = drill.shim()
    calls = [("fsync", 1), ("rename", 1), ("rename", 2)]
    calls += [("write", dice.randrange(1, len(RIGHT[way].asked)))
              for _ in range(KILLS_BY_CALL - len(calls))]
    for call, number in calls:
        env = {**shim, "FAULT_CALL": call, "FAULT_NTH": number, "FAULT_HOW": "kill"}
        problem = kill_once(way, env)
        wrong += [f"{call} number {number}: {problem}"] if problem else []
    tap.result(f"killed at {', '.join(f'{c} {n}' for c, n in calls)}, and run again",
               "\n".join(wrong) or None)


# ---- Runs beside each other ----------------------------------------------------------------------

def side_by_side(way, *envs):
    """Runs in the same folder at once, each with names of its own; their outcomes."""
    started = []
    for i, env in enumerate(envs):
        args = arguments(way)
        for option in ("-o", "--removed", "--summary", "--rejects"):
            args[args.index(option) + 1] += str(i)
        started.append(drill.start(args, env=dict(env, ASKED=f"asked{i}", MEET=len(envs))))
    ended = [drill.end(process) for process in started]
    found = []
    for i, (status, err) in enumerate(ended):
        for name in (*OUTPUTS, *STREAMS):
            if os.path.exists(f"{name}{i}"):
                os.rename(f"{name}{i}", name)
        found.append(outcome(status, err, f"asked{i}"))
    return found


def test_at_once(way):
    drill.remove("cache")
    both = side_by_side(way, {}, {})
    problems = []
    for got in both:
        wanted = got._replace(asked=RIGHT[way].asked)  # who of them asked what is chance
        problems.append(compared(way, wanted, b""))
    count = sum(len(got.asked or ()) for got in both)
    if count < len(RIGHT[way].asked):
        problems.append(f"only {count} questions were asked")
    again = run(way)
    problems.append(compared(way, again, cache()))
    tap.result(f"{way}: two runs with one cache at once ({count} questions, alone "
               f"{len(RIGHT[way].asked)})", "\n".join(p for p in problems if p) or None)

    drill.remove("cache")
    one, other = side_by_side(way, {}, {"CONTRARY": "yes"})
    third, end = run(way), cache()
    problem = None
    if (one.status, other.status, third.status) != (0, 0, 0) or third.asked is not None:
        problem = f"{one[:2]} {other[:2]} {third[:2]}, asked {third.asked}"
    elif not one.files == other.files == third.files or keys_of(end) is None:
        problem = "they went by different answers"
    tap.result(f"{way}: two runs that are told different things go by the same answers", problem)


def test_equals():
    drill.remove("cache")
    drill.write("equals.py", JUDGE_OF_EQUALS.encode())
    status, out, err = drill.run(
        ["loo", "--items", "items", "--oracle", f"exec:exec '{sys.executable}' -IS equals.py",
         "--cache", "cache", "--repeat", "3"], b'{"items":[]}\n' * 2)
    good = status == 0 and out.count(b'"calls":1') == 2 and len(keys_of(cache())) == 2
    tap.result("a question whose answers an equal one has had meanwhile",
               None if good else f"status {status} {out!r} {err!r}")


# ---- Files ---------------------------------------------------------------------------------------

def test_torn():
    """The last line is cut: what is there of it goes, and is asked for again."""
    full, wrong = RIGHT["plain"].cache, []
    last = len(full[:-1]) - full[:-1].rfind(b"\n")
    half = full.find(b"\n", len(full) // 2) + 1
    cuts = [0, 1, len(HEAD) - 1, len(HEAD), half, half + 1, half + 9, len(full) - last + 40,
            len(full) - 2, len(full) - 1]
    for cut in cuts:
        drill.write("cache", full[:cut])
        problem = compared("plain", run("plain"), full[:cut])
        wrong += [f"cut at {cut} of {len(full)}: {problem}"] if problem else []
    tap.result(f"torn at {len(cuts)} places, and gone on with", "\n".join(wrong) or None)


def refused(data, why):
    """The cache is refused with a reason, left as it is, and nobody is asked."""
    drill.write("cache", data)
    got = run("plain")
    if not failed(got) or got.asked is not None:
        return f"status {got.status}, left {list(got.files)}, asked {got.asked}"
    if why not in got.err:
        return f"{got.err!r}, expected {why!r}"
    return drill.one_line(got.err, "loo") or (None if cache() == data else "it was changed")


def test_refused():
    lines = RIGHT["plain"].cache.splitlines(keepends=True)
    good = lines[41]
    for name, line in (("text", b"what?\n"), ("a blank line", b"\n"), ("CRLF", good[:-1] + b"\r\n"),
                       ("another digit", good.replace(good[8:9], b"G", 1)),
                       ("a NUL", good[:20] + b"\0" + good[21:]), ("a part", good[:30] + b"\n"),
                       ("two in one", good[:-1] + good),
                       ("another member", good[:-2] + b',"a":1}\n'),
                       ("a long line", b"x" * 200000 + b"\n"), ("the first line", HEAD)):
        data = b"".join(lines[:41]) + line + b"".join(lines[42:])
        tap.result(f"{name} in the middle: the line is named, the file as it was",
                   refused(data, b"cache:42: "))
    for name, data in (("an end that no cut explains", b"".join(lines) + b"{} "),
                       ("an end of NULs", b"".join(lines) + bytes(100))):
        tap.result(name, refused(data, b"cache:%d: " % (len(lines) + 1)))
    for name, data in (("records", pathlib.Path("in").read_bytes()), ("a word", b"x"),
                       ("another version", HEAD.replace(b"1", b"2") + good), ("NULs", bytes(99)),
                       ("no first line", b"".join(lines[1:])), ("zstd", drill.zstd(HEAD + good))):
        tap.result(f"{name} is no cache, and stays as it is",
                   refused(data, b"'cache' is no cache of answers"))
    drill.remove("cache")
    for name, make in (("a folder", os.mkdir), ("a pipe", os.mkfifo),
                       ("a device", lambda path: os.symlink("/dev/null", path))):
        make("cache")
        got = run("plain")
        tap.result(f"{name} is no cache",
                   drill.one_line(got.err, "loo") if got.status == 1 and got.asked is None
                   else f"status {got.status}, asked {got.asked}")
        drill.remove("cache")


def test_full_disk():
    """Files may not grow beyond a size: at a line's end, and within a line."""
    full = RIGHT["plain"].cache
    half = full.find(b"\n", len(full) // 2) + 1
    for limit in (len(HEAD) - 3, half, half + 20):
        drill.remove("cache")
        ample = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        with drill.start(arguments("plain"), env={"ASKED": "asked"}, preexec_fn=lambda: (
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, ample)))) as process:
            got = outcome(*drill.end(process), "asked")
        torn, problem = cache(), drill.one_line(got.err, "loo")
        if not failed(got) or b"cannot add to 'cache': File too large" not in got.err:
            problem = f"status {got.status}, left {list(got.files)}: {got.err!r}"
        elif torn != whole_lines(torn) or keys_of(torn) is None or limit - len(torn) >= 65:
            problem = f"the cache ends with {torn[-60:]!r}, at {len(torn)}"
        tap.result(f"a disk that is full at {limit}: one line, whole answers, and later on",
                   problem or compared("plain", run("plain"), torn))


# ---- The lock ------------------------------------------------------------------------------------

class Locked:
    """The cache, made and locked by us; a lock ends where any descriptor of the file is closed."""

    def __enter__(self):
        drill.write("cache", HEAD)
        self.file = open("cache", "r+b")
        fcntl.lockf(self.file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        self.file.close()


def start_waiting():
    """A run that has been told an answer, which it cannot add."""
    process = drill.start(arguments("plain"), env={"ASKED": "asked"})
    asked = drill.until(lambda: os.path.exists("asked") and os.path.getsize("asked") > 0)
    time.sleep(0.1)  # so that it is likely to wait by now; nothing hangs on that
    waits = asked and process.poll() is None and os.path.getsize("cache") == len(HEAD)
    return process, None if waits else f"it does not wait: {process.poll()}"


def test_lock_ends():
    with Locked():
        process, problem = start_waiting()
    got = outcome(*drill.end(process), "asked")
    tap.result("a lock that ends is waited for", problem or compared("plain", got, HEAD))
    drill.remove("cache")


def test_stopped_waiting():
    with Locked():
        process, problem = start_waiting()
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        got = outcome(*drill.end(process), "asked")
        took = time.monotonic() - begun
    if not failed(got, -signal.SIGTERM) or took > 5 * harness.PATIENCE:
        problem = f"status {got.status} after {took:.1f} s, left {list(got.files)}"
    tap.result("SIGTERM ends a run that waits for a lock", problem)
    drill.remove("cache")


def start_locked_out():
    """A run in a folder of its own whose cache stays locked: ten seconds, while others run."""
    os.mkdir("locked")
    os.chdir("locked")
    os.symlink("../in", "in")
    os.symlink("../judge.py", "judge.py")
    lock = Locked().__enter__()
    begun = time.monotonic()
    process, problem = start_waiting()
    os.chdir("..")
    return lock, process, begun, problem


def test_locked_out(lock, process, begun, problem):
    status, err = drill.end(process)
    took = time.monotonic() - begun
    os.chdir("locked")
    got = outcome(status, err, "asked")
    why = b"'cache' is kept locked by process %d\n" % os.getpid()
    if not failed(got) or not got.err.endswith(why) or took < 10:
        problem = f"status {got.status}, left {list(got.files)}: {got.err!r}"
    elif lock.file.read() != HEAD:
        problem = "the cache was changed"
    lock.__exit__()
    os.chdir("..")
    tap.result("a cache that stays locked: an error after ten seconds, which names the process",
               problem or drill.one_line(got.err, "loo"))


Right = collections.namedtuple("Right", "files asked cache")
RIGHT = {}


def test_undisturbed():
    for way in WAYS:
        drill.remove("cache")
        got = run(way)
        end = cache()
        good = got.status == 0 and len(set(got.asked)) == len(keys_of(end)) == len(got.asked)
        RIGHT[way] = Right(got.files, got.asked, end)
        tap.result(f"{way}: an undisturbed run, {len(got.asked)} questions",
                   None if good else f"{got.status} {got.err!r}")


with drill.folder():
    drill.write("judge.py", JUDGE.encode())
    drill.write("in", b"".join(make_input()))
    test_undisturbed()
    locked = start_locked_out()
    for each in WAYS:
        test_kills(each)
        test_at_once(each)
    for test in (test_kills_by_call, test_equals, test_torn, test_refused, test_full_disk,
                 test_lock_ends, test_stopped_waiting):
        test()
    test_locked_out(*locked)
tap.end()
