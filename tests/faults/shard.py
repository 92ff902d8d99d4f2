#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `pref shard` leaves when it is killed, what --verify finds, and what it never touches.

Runs are killed with -9 at many moments: no manifest may be there afterwards, and running again
must give what an undisturbed run gives. Folders are damaged in every way that --verify promises
to find. Manifests that name files elsewhere must neither be followed nor obeyed.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
RECORDS = 20000


def make_lines():
    lines = []
    for i in range(RECORDS):
        noise = hashlib.sha256(str(i).encode()).hexdigest()
        record = {"id": i, "prompt": f"p{i * 7 % 6000}", "chosen": noise * 8, "rejected": "b",
                  "source": f"s{i % 3}"}  # fmt: skip
        lines.append(json.dumps(record).encode() + b"\n")
    return lines


def pref(*args, data=b"", before=None):
    done = subprocess.run(
        [PREF, "shard", *map(str, args)], input=data, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=harness.environment(), preexec_fn=before, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.decode()


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def expect(tap, name, outcome, status, text=""):
    found, err = outcome
    fine = found == status and text in err and (err == "") == (text == "")
    tap.result(name, None if fine else f"status {found}, expected {status} and '{text}':\n{err}")


# ---- Killed ---------------------------------------------------------------------------------------


def kill_while_reading(out, options, data, fraction, number):
    """Feed a part of the input through a pipe, then kill the run as it waits for more."""
    process = subprocess.Popen([PREF, "shard", "-d", str(out), *options], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=harness.environment())  # fmt: skip
    process.stdin.write(data[: int(len(data) * fraction)])
    process.stdin.flush()
    end = time.monotonic() + 5
    while not (out / ".pref-shard").exists() and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(number)
    status = process.wait()
    try:
        process.stdin.close()
    except BrokenPipeError:
        pass
    process.stderr.close()
    return status


def kill_after(out, options, source, seconds):
    """Kill a run over a file after some time; it may have ended by then."""
    process = subprocess.Popen([PREF, "shard", "-d", str(out), *options, str(source)],
                               stderr=subprocess.DEVNULL, env=harness.environment())  # fmt: skip
    time.sleep(seconds)
    process.kill()
    return process.wait()


def test_killed(tap, folder, source, data):
    for name, options in (("one phase", ["-n", "6"]),
                          ("two phases", ["-n", "2", "--split", "a=0.5,b=0.3,c=0.2"])):  # fmt: skip
        reference = folder / f"reference {name}"
        outcome = pref("-d", reference, *options, source)
        expect(tap, f"{name}: a run that is left alone", outcome, 0)
        want = contents(reference)
        for fraction in (0.1, 0.9):
            out = folder / f"killed {name} {fraction}"
            shutil.copytree(reference, out)
            status = kill_while_reading(out, options, data, fraction, signal.SIGKILL)
            problem = None if status == -9 else f"status {status}"
            if (out / "manifest.json").exists():
                problem = "the manifest of the run before is there"
            tap.result(f"{name}: killed after {fraction} of the input, no manifest", problem)
            code, err = pref("--verify", out)
            fine = code == 1 and "manifest.json: is missing" in err
            tap.result(f"{name}: --verify says so", None if fine else f"status {code}: {err}")
            expect(tap, f"{name}: running again", pref("-d", out, *options, source), 0)
            same = contents(out) == want
            tap.result(f"{name}: completes it", None if same else f"{sorted(contents(out))}")
        out = folder / f"stopped {name}"
        status = kill_while_reading(out, options, data, 0.5, signal.SIGTERM)
        problem = None if status == -15 and not out.exists() else f"status {status}, {out.exists()}"
        tap.result(f"{name}: SIGTERM leaves nothing of a new folder", problem)

        out = folder / f"timed {name}"
        problem, finished, killed = None, 0, 0
        for step in range(40):
            status = kill_after(out, options, source, 0.004 * step)
            if not out.exists():
                continue
            there = (out / "manifest.json").exists()
            finished, killed = finished + (status == 0), killed + (status == -9)
            if there and pref("--verify", out)[0] != 0:
                problem = f"step {step}: a manifest, and not all that it lists"
            if status == 0 and not there:
                problem = f"step {step}: no manifest after all went well"
        code, err = pref("-d", out, *options, source)
        if code != 0 or contents(out) != want:
            problem = problem or f"running again does not complete it: {code} {err}"
        tap.result(f"{name}: killed at 40 moments", problem)


# All of these moments are the seed's: what one run of this test finds, the next finds, too, as far
# as the machine's own timing lets it.
MOMENTS = 20
WAYS = (
    ["-n", "12"],
    ["--max-records", "2000"],
    ["--by", "order", "-n", "9", "--plain"],
    ["--split", "a=0.8,b=0.2", "--stratify", "source", "--max-bytes", "2M"],
)


def test_restarted(tap, folder, source):
    """Runs killed at random moments, one after the other in one folder, then one that is not."""
    random.seed(20)
    for number, options in enumerate(WAYS):
        reference = folder / f"undisturbed {number}"
        begun = time.monotonic()
        expect(tap, f"{options}: undisturbed", pref("-d", reference, *options, source), 0)
        length = time.monotonic() - begun
        want = contents(reference)
        out = folder / f"restarted {number}"
        problem = None
        for moment in range(MOMENTS // len(WAYS)):
            kill_after(out, options, source, random.random() * length)
            found = contents(out) if out.exists() else {}
            found.pop(".pref-shard", None)  # it may go a moment after the manifest comes
            if "manifest.json" in found and found != want:
                problem = f"{moment}: a manifest, and not all that it lists"
        outcome = pref("-d", out, *options, source)
        if outcome[0] != 0 or contents(out) != want:
            problem = problem or f"running again does not complete it: {outcome}"
        tap.result(f"{options}: killed at {MOMENTS // len(WAYS)} random moments, then not", problem)


# ---- Damaged --------------------------------------------------------------------------------------


def swap(a, b):
    data = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(data)


def flip_byte(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_damaged(tap, folder, source):
    for kind, more in (("zst", []), ("plain", ["--plain"])):
        reference = folder / f"whole {kind}"
        expect(tap, f"{kind}: a run", pref("-d", reference, "-n", 3, *more, source), 0)
        expect(tap, f"{kind}: -v tells what was verified", pref("--verify", reference, "-v"), 0,
               f"verified 3 shards, {RECORDS} records")  # fmt: skip
        tail = ".jsonl.zst" if kind == "zst" else ".jsonl"
        first, second = f"part-00000-of-00003{tail}", f"part-00001-of-00003{tail}"
        size = (reference / first).stat().st_size
        damages = {
            "truncated": (lambda d: os.truncate(d / first, size - 1), f"{first}: is a file of"),
            "grown": (lambda d: open(d / first, "ab").write(b"\n"), f"{first}: is a file of"),
            "emptied": (lambda d: os.truncate(d / first, 0), f"{first}: is a file of"),
            "a byte": (lambda d: flip_byte(d / first, size // 2), f"{first}: "),
            "swapped": (lambda d: swap(d / first, d / second), f"{first}: "),
            "missing": (lambda d: (d / first).unlink(), f"{first}: is missing"),
            "a folder": (lambda d: ((d / first).unlink(), (d / first).mkdir()), "no regular file"),
            "extra": (lambda d: shutil.copy(d / first, d / f"test-00000-of-00001{tail}"),
                      "is no shard of the manifest"),
            "no manifest": (lambda d: (d / "manifest.json").unlink(), "manifest.json: is missing"),
            "a blank in the manifest": (
                lambda d: open(d / "manifest.json", "a").write("\n"), "was changed"),
            "another seed in the manifest": (
                lambda d: edit(d, lambda t: t.replace('"seed":0', '"seed":1')), "was changed"),
            "another count in the manifest": (
                lambda d: edit(d, lambda t: t.replace('"records":', '"records":1')), "was changed"),
            "a line less in the manifest": (
                lambda d: edit(d, lambda t: t.replace(t.split("\n")[2] + "\n", "")),
                "are not all there"),
            "a torn manifest": (lambda d: edit(d, lambda t: t[: len(t) // 2]), "is no manifest"),
        }  # fmt: skip
        for name, (damage, text) in damages.items():
            out = folder / f"damaged {kind} {name}"
            shutil.copytree(reference, out)
            damage(out)
            expect(tap, f"{kind}: {name}", pref("--verify", out), 1, text)
    # Of the right length, so that only the frame itself tells.
    out = folder / "truncated and padded"
    shutil.copytree(folder / "whole zst", out)
    path = out / "part-00000-of-00003.jsonl.zst"
    data = path.read_bytes()
    skippable = b"\x50\x2a\x4d\x18" + (92).to_bytes(4, "little") + bytes(92)
    path.write_bytes(data[:-100] + skippable)
    expect(tap, "zst: truncated, of the right length", pref("--verify", out), 1, path.name)


def edit(folder, change):
    path = folder / "manifest.json"
    path.write_text(change(path.read_text()))


# ---- Hostile --------------------------------------------------------------------------------------


def test_hostile(tap, folder, source):
    reference = folder / "for hostility"
    expect(tap, "a run", pref("-d", reference, "-n", 2, "--plain", source), 0)
    victim = folder / "victim-00000-of-00001.jsonl"
    victim.write_text("precious\n")
    names = ["../victim-00000-of-00001.jsonl", str(victim), "sub/part-00000-of-00002.jsonl",
             "..", ".", "", "manifest.json", "../part-00000-of-00002.jsonl",
             "part-00000-of-00002.jsonl/../../victim-00000-of-00001.jsonl",
             "part-00000-of-00002.jsonl\\u0000", "part\\u002d00000-of-00002.jsonl",
             "-00000-of-00002.jsonl", "part-00002-of-00002.jsonl"]  # fmt: skip
    for number, name in enumerate(names):
        out = folder / f"hostile {number}"
        shutil.copytree(reference, out)
        edit(out, lambda text: text.replace("part-00000-of-00002.jsonl", name))
        expect(tap, f"--verify, named {name!r}", pref("--verify", out), 1, "is no manifest")
        before = contents(out)
        outcome = pref("-d", out, "-n", 3, "--plain", "--force", source)
        expect(tap, f"--force, named {name!r}", outcome, 1, "is no manifest")
        kept = contents(out) == before and victim.read_text() == "precious\n"
        tap.result(f"nothing was touched, named {name!r}", None if kept else "something was")

    out = folder / "not ours"
    out.mkdir()
    (out / "manifest.json").write_text('{"name":"an extension","version":"1.0"}')
    expect(tap, "a manifest of something else", pref("-d", out, "-n", 1, "--force", source), 1,
           "is no manifest")  # fmt: skip
    tap.result("it stays", None if len(contents(out)) == 1 else str(sorted(contents(out))))

    out = folder / "somebody's shards"
    out.mkdir()
    (out / "train-00000-of-00016.jsonl.zst").write_text("precious")
    expect(tap, "shards that no manifest lists", pref("-d", out, "-n", 1, "--force", source), 2,
           "no manifest says whose it is")  # fmt: skip
    tap.result("they stay", None if len(contents(out)) == 1 else str(sorted(contents(out))))

    many = {"tool": "shard", "options": {}, "manifest_xxh3_128": "", "shards": [
        {"name": f"s{i}-00000-of-00001.jsonl", "split": f"s{i}", "records": 0, "bytes": 0,
         "compressed_bytes": 0, "xxh3_128": "0" * 32} for i in range(65)]}  # fmt: skip
    out = folder / "many splits"
    out.mkdir()
    (out / "manifest.json").write_text(json.dumps(many))
    expect(tap, "65 splits", pref("--verify", out), 1, "more than 64 splits")


# ---- Read back ------------------------------------------------------------------------------------


def check(*args, cwd):
    done = subprocess.run(
        [PREF, "flip", *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
        stdin=subprocess.DEVNULL, env=harness.environment(), check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.decode(), done.stdout


def test_read_back(tap, folder, source):
    """A manifest as an input of any tool stands for its shards, which are verified while read."""
    for kind, more in (("zst", []), ("plain", ["--plain"])):
        out = folder / f"read {kind}"
        expect(tap, f"{kind}: a run", pref("-d", out, "-n", 3, *more, source), 0)
        names = sorted(path.name for path in out.iterdir() if path.name.startswith("part"))
        want = check(*names, cwd=out)
        (out / "list").write_text("manifest.json\n")
        for args in (["manifest.json"], [out / "manifest.json"], ["--threads", 3, "manifest.json"],
                     ["--files-from", "list"]):  # fmt: skip
            same = want[0] == 0 and check(*args, cwd=out) == want
            tap.result(f"{kind}: the manifest is its shards, {args[0]}",
                       None if same else "other output")  # fmt: skip
        twice = check("manifest.json", source, "manifest.json", cwd=out)[2].count(b"\n")
        tap.result(f"{kind}: among others", None if twice == 3 * RECORDS else f"{twice} records")
        again = folder / f"read again {kind}"
        outcome = pref("-d", again, "--split", "a=0.5,b=0.5", out / "manifest.json")
        expect(tap, f"{kind}: read in two phases", outcome, 0)
        expect(tap, f"{kind}: the outcome is whole", pref("--verify", again), 0)

        (out / "list").unlink()
        lost = json.dumps({"id": 0, "prompt": "p", "chosen": "a", "rejected": "b"}) + "\n"
        damages = {
            "swapped": (lambda d: swap(d / names[0], d / names[1]), f"{names[0]}: holds other"),
            "a record more": (lambda d: open(d / names[2], "a").write(lost), f"{names[2]}: "),
            "emptied": (lambda d: os.truncate(d / names[1], 0), f"{names[1]}: holds other"),
            "missing": (lambda d: (d / names[1]).unlink(), f"{names[1]}: cannot open"),
            "its manifest changed": (
                lambda d: edit(d, lambda t: t.replace('"seed":0', '"seed":1')), "was changed"),
        }  # fmt: skip
        for name, (damage, text) in damages.items():
            damaged = folder / f"read {kind} {name}"
            shutil.copytree(out, damaged)
            damage(damaged)
            code, err, _ = check("-o", folder / "flipped", damaged / "manifest.json", cwd=folder)
            expect(tap, f"{kind}: {name}", (code, err), 1, text)
            there = (folder / "flipped").exists()
            tap.result(f"{kind}: {name}, no output", "it is there" if there else None)
            outcome = pref("-d", folder / "none", "--split", "a=1/2,b=1/2", damaged / "manifest.json")
            expect(tap, f"{kind}: {name}, in two phases", outcome, 1, text)
    out = folder / "no shard"
    out.mkdir()
    (out / "manifest.json").write_text('{"name":"an extension"}')
    code, err, _ = check(out / "manifest.json", cwd=folder)
    expect(tap, "a manifest of something else", (code, err), 1, "is no manifest")


# ---- Other files and runs ---------------------------------------------------------------------------


def test_neighbours(tap, folder, source):
    out = folder / "inputs"
    expect(tap, "a run", pref("-d", out, "-n", 2, "--plain", source), 0)
    before = contents(out)
    shard = out / "part-00000-of-00002.jsonl"
    link, hard = folder / "link.jsonl", folder / "hard.jsonl"
    link.symlink_to(shard)
    os.link(shard, hard)
    for name, path in (("itself", shard), ("a link", link), ("a hard link", hard),
                       ("by a detour", out / ".." / "inputs" / shard.name)):  # fmt: skip
        expect(tap, f"an input that is a shard, {name}",
               pref("-d", out, "-n", 2, "--plain", path), 2, "is an input")  # fmt: skip
    for option in ("--rejects", "--malformed", "--summary"):
        for name in (shard.name, "manifest.json"):
            expect(tap, f"{option} that is {name}",
                   pref("-d", out, "-n", 2, option, out / name, source), 2,
                   "is a name for the shards")  # fmt: skip
    expect(tap, "a missing input", pref("-d", out, "-n", 2, "--plain", source, "gone"), 1, "gone")
    expect(tap, "other options", pref("-d", out, "-n", 3, "--plain", source), 2, "other options")
    with open(out / ".pref-shard", "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        expect(tap, "a run at work", pref("-d", out, "-n", 2, "--plain", source), 1, "another run")
    (out / ".pref-shard").unlink()
    tap.result("all of them left the shards alone",
               None if contents(out) == before else str(sorted(contents(out))))  # fmt: skip
    expect(tap, "--force", pref("-d", out, "-n", 3, "--plain", "--force", source), 0)
    want = [f"part-{i:05}-of-00003.jsonl" for i in range(3)]
    tap.result("replaces them", None if sorted(contents(out)) == ["manifest.json", *want] else
               str(sorted(contents(out))))  # fmt: skip

    summary = folder / "no" / "summary.json"
    out = folder / "no summary"
    code, err = pref("-d", out, "-n", 2, "--summary", summary, source)
    fine = code == 1 and not out.exists()
    tap.result("a summary that cannot be written: no manifest, nothing", None if fine else err)


def limit_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (80, 200))


def limit_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def test_limits(tap, folder, source):
    out = folder / "limits"
    expect(tap, "the limit of open files is raised",
           pref("-d", out, "-n", 130, source, before=limit_files), 0)  # fmt: skip
    expect(tap, "or it says what is possible",
           pref("-d", folder / "too many", "-n", 137, source, before=limit_files), 2,
           "at most 136 shards")  # fmt: skip
    expect(tap, "all of them are there", pref("--verify", out), 0)
    out = folder / "full"
    expect(tap, "no room for a shard",
           pref("-d", out, "-n", 2, "--plain", source, before=limit_size), 1, "cannot write")
    tap.result("leaves nothing", None if not out.exists() else str(list(out.iterdir())))


def main():
    tap = harness.Tap()
    lines = make_lines()
    with tempfile.TemporaryDirectory(prefix="pref-shard-") as name:
        folder = pathlib.Path(name)
        source = folder / "input.jsonl"
        source.write_bytes(b"".join(lines))
        test_killed(tap, folder, source, b"".join(lines))
        test_restarted(tap, folder, source)
        test_damaged(tap, folder, source)
        test_hostile(tap, folder, source)
        test_read_back(tap, folder, source)
        test_neighbours(tap, folder, source)
        test_limits(tap, folder, source)
    tap.end()


main()
