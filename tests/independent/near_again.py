#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `pref dedup --near` reads again from plain files is what it keeps of all other inputs.

The same records come through a pipe, where they are put by in scratch storage, as a plain file, as
standard input that is one, compressed, and as several files: each output must be the same, byte for
byte. Of a plain file scratch storage may hold little. Then a file is changed while the run is held
by a FIFO behind it: that is an error where it matters, and else changes nothing.
"""

import json
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
import near

PREF = os.environ.get("PREF") or "pref"
OUTPUTS = ("out", "rejects", "summary")
tap = harness.Tap()

WAYS = [
    ["--near", "0.7"],
    ["--near", "0.5", "--each-field", "0.3", "--near-contradictions"],
    ["--near", "0.8", "--on", "rejected,prompt", "--ngram", "2"],
    ["--near", "0.6", "--keep", "max:score", "--count", "--normalize", "case,space"],
    ["--near", "0.7", "--contradictions", "drop", "--keep", "last"],
    ["--near", "0.7", "--contradictions", "merge", "--merge-votes", "--as-judge", "label"],
]


def make():
    """Lines in which the fields stand in any order, with others between, near and far."""
    rng = random.Random(5)
    lines = []
    for i, record in enumerate(near.opposed(8)):
        record = {"id": i, "score": rng.randrange(9), **record}
        if rng.random() < 0.1:
            record["prompt"] = [{"role": "user", "content": record["prompt"]}]
        if rng.random() < 0.05:
            record["note"] = "x" * rng.choice((10, 3000, 30000))
        items = list(record.items())
        rng.shuffle(items)
        blank = rng.choice((" ", "", "\t", "\r \t"))
        lines.append(json.dumps(dict(items), ensure_ascii=rng.random() < 0.5,
                                separators=(f",{blank}", f":{blank}")))
    rng.shuffle(lines)
    return ("\n".join(lines)).encode()


def run(folder, args, inputs, threads, **more):
    names = [word for name in OUTPUTS for word in (f"--{name.replace('out', 'output')}", name)]
    done = subprocess.run([PREF, "dedup", "-q", "--threads", str(threads), *args, *names, *inputs],
                          cwd=folder, stderr=subprocess.PIPE, env=harness.environment(), **more)
    if done.returncode != 0:
        return done.stderr.decode()
    files = {name: (folder / name).read_bytes() for name in OUTPUTS}
    files["rejects"] = re.sub(rb'"why":"(merged into|contradiction of) .*', rb"\1", files["rejects"])
    return files


def pack(data):
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout


def test_way(folder, data, args):
    lines = re.findall(rb"[^\n]+\n?", data)
    cuts = (0, len(lines) // 5, len(lines) // 3, None)
    for i, (a, b) in enumerate(zip(cuts, cuts[1:])):
        part = b"".join(lines[a:b])
        (folder / f"part{i}").write_bytes(pack(part) if i == 1 else part)
    (folder / "plain").write_bytes(data)
    (folder / "packed").write_bytes(pack(data))
    (folder / "more").write_bytes(b"not these\n" + data)
    right, problems = run(folder, args, [], 1, input=data), []
    for threads in (1, 3):
        for name, inputs in (("a file", ["plain"]), ("a compressed file", ["packed"]),
                             ("three files", ["part0", "part1", "part2"])):
            if run(folder, args, inputs, threads) != right:
                problems.append(f"another outcome of {name} with {threads} threads")
        with open(folder / "more", "rb") as file:
            file.seek(10)
            os.lseek(file.fileno(), 10, os.SEEK_SET)
            if run(folder, args, [], threads, stdin=file) != right:
                problems.append(f"another outcome of standard input with {threads} threads")
    went = json.loads(right["summary"])["near"]
    if went < 50:
        problems.append(f"only {went} are near")
    tap.result(f"{' '.join(args)}: {went} go, however they come", "\n".join(problems) or None)


def test_room(folder):
    """With files of at most 100 kB each, only what comes from a file can be kept."""
    rng = random.Random(1)
    lines = [json.dumps({"prompt": near.sentence(rng, 20), "chosen": near.sentence(rng, 200),
                         "rejected": near.sentence(rng, 200)}) for _ in range(900)]
    data = ("\n".join(lines + lines[::9]) + "\n").encode()
    (folder / "plain").write_bytes(data)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    def ends(**more):
        return subprocess.run([PREF, "dedup", "-q", "--near", "0.7"], stderr=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, env=harness.environment(),
                              preexec_fn=limit, **more)

    with open(folder / "plain", "rb") as file:
        plain, piped = ends(stdin=file), ends(input=data)
    problem = plain.stderr.decode() if plain.returncode != 0 else None
    if b"cannot write a scratch file" not in piped.stderr:
        problem = "a pipe of 1 MB was kept in 100 kB"
    tap.result("scratch storage of a plain file is small", problem)


# ---- Changes -------------------------------------------------------------------------------------

SIDES = [" ".join(f"w{i}x{k}" for k in range(40)) for i in range(60)]


def record(i, last=""):
    return json.dumps({"prompt": f"Ask {i}?", "chosen": SIDES[i] + last, "rejected": "No."}) + "\n"


def overwrite(bytes_of):
    """In place, what bytes_of makes of the line of record 7."""
    def change(path):
        text = path.read_bytes()
        line = record(7).encode()
        with open(path, "r+b") as file:
            file.seek(text.index(line))
            file.write(bytes_of(line)[:len(line)])
    return change


def append(path):
    with open(path, "ab") as file:
        file.write(record(7, " again").encode())


def rename(path):
    (path.parent / "other").write_text("{}\n")
    os.rename(path.parent / "other", path)


def noise(line):
    return random.Random(3).randbytes(len(line))


WRONG = "pref dedup: old: has changed while it was being read\n"
CHANGES = [
    ("appended to", append, None),
    ("removed", os.unlink, None),
    ("another of its name", rename, None),
    ("changed where nobody looks again", overwrite(lambda line: line.replace(b"Ask", b"ask")), None),
    ("a word of it changed", overwrite(lambda line: line.replace(b"w7x9 ", b"w7y9 ")), WRONG),
    ("words exchanged", overwrite(lambda line: line.replace(b"w7x8 w7x9", b"w7x9 w7x8")), WRONG),
    ("zeros", overwrite(lambda line: bytes(len(line))), WRONG),
    ("noise", overwrite(noise), WRONG),
    ("quotes", overwrite(lambda line: b'"' * len(line)), WRONG),
    ("backslashes", overwrite(lambda line: line.replace(b"w", b"\\")), WRONG),
    ("not UTF-8", overwrite(lambda line: line.replace(b"w7x9", b"\xf0\x9f\xc3\xff")), WRONG),
    ("a lone surrogate", overwrite(lambda line: line.replace(b"w7x9 w", b"\\ud800")), WRONG),
    ("an open array", overwrite(lambda line: line.replace(b'"', b"[")), WRONG),
    ("truncated", lambda path: os.truncate(path, 100), WRONG),
]


def test_change(folder, name, change, wrong, threads):
    """Whether record 7, which is in the file, is told to be near to one that comes later."""
    old, fifo = folder / "old", folder / "fifo"
    old.write_text("".join(record(i) for i in range(60)))
    os.mkfifo(fifo)
    with subprocess.Popen([PREF, "dedup", "-q", "--near", "0.7", "--threads", str(threads), "old",
                           "fifo"], cwd=folder, env=harness.environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        right = old.read_bytes()
        with open(fifo, "w") as feed:  # waits until it is read from, the file having been read
            change(old)
            feed.write(record(7, " further"))
        out, err = process.communicate()
    os.unlink(fifo)
    got, want = (process.returncode, err.decode()), (1, wrong) if wrong else (0, "")
    return f"{name}, {threads} threads: {got}" if got != want or (not wrong and out != right) else None


def main():
    data = make()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for args in WAYS:
            test_way(folder, data, args)
        test_room(folder)
        for change in CHANGES:
            problems = [test_change(folder, *change, threads) for threads in (1, 3)]
            tap.result(f"a file that is {change[0]}" if change[2] is None
                       else f"a file that changes: {change[0]}",
                       "\n".join(filter(None, problems)) or None)
    tap.end()


main()
