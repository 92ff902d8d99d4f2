#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref strength` and `pref merge` with a computation of their own, in exact fractions.

The corpus is made by examples/make-corpus. Means and deviations must be within 1e-9 of the exact
ones, quantiles equal to the mid-ranks of buckets counted here, actions those of the exact
quantile; each line must be its old self with the annotation spliced in. The fits of parts, however
cut, must merge to the bytes of the fit over the whole, and memory must not grow with the corpus.
"""

import json
import math
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
from decimal import Decimal
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness

PREF = os.environ.get("PREF") or "pref"
MAKE_CORPUS = harness.BUILD / "examples" / "make-corpus"
RECORDS = 8000
BANDS = "0.10=flip,0.20=drop,0.40=smooth:0.2,0.90=keep,1=soft"
MIB = 1 << 20


def run(words, folder, stdin=None, seed="1", peak=False):
    """Run pref; return (status, stdout, stderr), or the peak of its resident bytes."""
    command = [PREF, *words]
    env = harness.environment(PREF_TABLE_SEED=seed, TMPDIR=folder)
    if not peak:
        done = subprocess.run(command, cwd=folder, env=env, input=stdin, capture_output=True)
        return done.returncode, done.stdout, done.stderr
    feeder = subprocess.Popen(["cat", stdin], cwd=folder, stdout=subprocess.PIPE) if stdin else None
    source = feeder.stdout if feeder else subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=source, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if feeder:
        feeder.stdout.close()
        feeder.wait()
    if process.returncode != 0:
        raise ValueError(f"{command} ended with {process.returncode}")
    return usage.ru_maxrss * 1024


def make_corpus(records, *options):
    done = subprocess.run(
        [MAKE_CORPUS, "--records", str(records), *options], stdout=subprocess.PIPE, check=True
    )
    return done.stdout.splitlines(keepends=True)


# ---- The definitions ----------------------------------------------------------------------------


def number(value):
    """The shortest JSON number of a double, in plain decimals from 1e-5 up to 1e17."""
    shortest = Decimal(repr(float(value)))
    if value == 0 or 1e-5 <= abs(value) < 1e17:
        text = f"{shortest:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits, exponent = f"{shortest.normalize():e}".split("e")
    return f"{digits}e{int(exponent)}"


def bucket_of(value):
    """The top 24 bits of the order-preserving image of a double."""
    bits = struct.unpack("<Q", struct.pack("<d", value + 0.0))[0]
    return ((bits ^ ((1 << 64) - 1)) if bits >> 63 else bits | 1 << 63) >> 40


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


class Ranks:
    def __init__(self, means):
        self.count, self.below = {}, {}
        for mean in means:
            self.count[bucket_of(mean)] = self.count.get(bucket_of(mean), 0) + 1
        self.total = 0
        for bucket in sorted(self.count):
            self.below[bucket] = self.total
            self.total += self.count[bucket]

    def quantile(self, mean):
        bucket = bucket_of(mean)
        return Fraction(2 * self.below[bucket] + self.count[bucket], 2 * self.total)


def parse_bands(text):
    bands, start = [], Fraction(0)
    for part in text.split(","):
        end, action = part.split("=")
        action, _, amount = action.partition(":")
        bands.append((start, Fraction(end), action, 1 - Fraction(amount or 0)))
        start = Fraction(end)
    return bands


def flip(record):
    """A record of the corpus with its sides exchanged."""
    turned = {"chosen": "rejected", "rejected": "chosen"}
    record["chosen"], record["rejected"] = record["rejected"], record["chosen"]
    for vote in record.get("votes") or []:
        vote["vote"] = turned.get(vote["vote"], vote["vote"])
        if "swapped" in vote:
            vote["swapped"] = not vote["swapped"]
    for row in record["scores"]:
        row["chosen"], row["rejected"] = row["rejected"], row["chosen"]
    record["flipped"] = True
    return record


class Expected:
    """What must become of a corpus under some bands, given the means that were printed."""

    def __init__(self, lines, bands, flip_if="any"):
        self.lines = lines
        self.records = [json.loads(line) for line in lines]
        exact = (json.loads(line, parse_float=Fraction, parse_int=Fraction) for line in lines)
        self.differences = [
            [row["chosen"] - row["rejected"] for row in record.get("scores") or []]
            for record in exact
        ]
        self.bands, self.flip_if = parse_bands(bands), flip_if

    def moments(self, index):
        d = self.differences[index]
        mean = sum(d) / len(d)
        return mean, math.sqrt(sum((x - mean) ** 2 for x in d) / len(d))

    def judge(self, quantile, mean):
        for start, end, action, label in self.bands:
            if quantile <= end:
                if action == "flip" and self.flip_if == "negative" and mean >= 0:
                    action = "keep"
                return start, end, action, label
        raise ValueError("no band")


def close(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(b))


def check_annotation(expected, index, own, line, quantile, mean):
    """What is wrong with the annotation `own` of an output line, or None."""
    start, end, action, label = expected.judge(quantile, mean)
    sign = -1 if action == "flip" else 1
    exact_mean, exact_sd = expected.moments(index)
    differences = expected.differences[index]
    if action == "soft":
        label = sum(sigmoid(float(x)) for x in differences) / len(differences)
    checks = {
        "mean": close(own["mean"], sign * float(exact_mean)),
        "sd": close(own["sd"], exact_sd),
        "n": own["n"] == len(differences),
        "quantile": own["quantile"] == float(quantile),
        "action": own["action"] == action,
        "margin": own["margin"] == own["mean"],
        "label": close(own["label"], float(label)) if action == "soft" else own["label"] == float(label),
    }
    if list(own) != list(checks):
        return f"its keys are {list(own)}"
    if not all(checks.values()):
        return f"{[key for key, good in checks.items() if not good]} in {own}"
    text = ",".join(
        f'"{key}":"{value}"' if key == "action" else f'"{key}":{number(value)}'
        for key, value in own.items()
    )
    annotation = b',"strength":{' + text.encode() + b"}"
    before = expected.lines[index].rstrip(b"\n")
    if action == "flip":
        record = flip(dict(expected.records[index]))
        record["strength"] = own
        if json.loads(line) != record or not line.endswith(annotation + b',"flipped":true}\n'):
            return "it is not the flipped record"
    elif line != before[:-1] + annotation + b"}\n":
        return "its other bytes changed"
    return None


def check_run(tap, name, lines, bands, flip_if, out, rejects, summary):
    """Hold one run's output against the definitions."""
    expected = Expected(lines, bands, flip_if)
    scored = [i for i, d in enumerate(expected.differences) if d]
    means = {i: sum(float(r["chosen"]) - float(r["rejected"]) for r in expected.records[i]["scores"])
             / len(expected.differences[i]) for i in scored}
    ranks = Ranks(means.values())
    out, rejects = iter(out.splitlines(keepends=True)), iter(rejects.splitlines(keepends=True))
    counts = {"keep": 0, "flip": 0, "drop": 0, "smooth": 0, "soft": 0, "missing": 0, "positive": 0}
    problem = None
    for index, line in enumerate(lines):
        if index not in means:
            counts["missing"] += 1
            wrong = None if next(out, None) == line else "it has no scores and did not pass"
        else:
            quantile = ranks.quantile(means[index])
            start, end, action, _ = expected.judge(quantile, means[index])
            counts[action] += 1
            counts["positive"] += action == "flip" and means[index] >= 0
            if action == "drop":
                why = (f"strength quantile {number(quantile)} in band "
                       f"{number(start)} to {number(end)}")
                reject = b',"reject":{"by":"strength","why":"' + why.encode() + b'"}}\n'
                wrong = None if next(rejects, None) == line[:-2] + reject else "its reject is wrong"
            else:
                found = next(out, b"{}")
                own = json.loads(found).get("strength", {})
                wrong = check_annotation(expected, index, own, found, quantile, means[index])
        if wrong:
            problem = f"record {index}: {wrong}"
            break
    if problem is None and (next(out, None) or next(rejects, None)):
        problem = "there is more output than records"
    tap.result(f"{name}: every record is as defined", problem)
    wanted = {
        "in": len(lines), "out": len(lines) - counts["drop"], "rejected": counts["drop"],
        "malformed": 0, "missing": counts["missing"], "kept": counts["keep"],
        "flipped": counts["flip"], "flipped_positive": counts["positive"],
        "dropped": counts["drop"], "smoothed": counts["smooth"], "softened": counts["soft"],
    }
    found = {key: summary.get(key) for key in wanted}
    tap.result(f"{name}: counts", None if found == wanted else f"{found}\nexpected\n{wanted}")


# ---- The tests ----------------------------------------------------------------------------------


def test_definitions(tap, folder, lines):
    (folder / "corpus.jsonl").write_bytes(b"".join(lines))
    runs = [
        ("annotate", "1=keep", "any"),
        ("bands", BANDS, "any"),
        ("flip-if negative", "0.37=flip,1=keep", "negative"),
        ("soft", "1=soft", "any"),
    ]
    for name, bands, flip_if in runs:
        words = ["strength", "-q", "--flip-if", flip_if, "--rejects", "rejects", "--summary", "s"]
        if name != "annotate":
            words += ["--bands", bands]
        status, out, err = run([*words, "corpus.jsonl"], folder)
        tap.result(f"{name}: runs", None if status == 0 and not err else err.decode())
        summary = json.loads((folder / "s").read_text() or "{}")
        rejects = (folder / "rejects").read_bytes()
        check_run(tap, name, lines, bands, flip_if, out, rejects, summary)


def test_same_bytes(tap, folder, lines):
    """Threads, compression, files, a pipe and the seed of tables change nothing."""
    whole = b"".join(lines)
    words = ["strength", "-q", "--bands", BANDS, "--threads"]
    _, first, _ = run([*words, "1", "corpus.jsonl"], folder)
    tap.result("something comes out", None if first.count(b"\n") > RECORDS / 2 else "too little")
    subprocess.run(["zstd", "-q", "-f", "corpus.jsonl"], cwd=folder, check=True)
    cut = [len(lines) * i // 5 for i in range(6)]
    five = [f"part{i}.jsonl" for i in range(5)]
    for i, name in enumerate(five):
        (folder / name).write_bytes(b"".join(lines[cut[i]:cut[i + 1]]))
    for threads in ("1", "2", "3", "8"):
        ways = {
            "a file": (["corpus.jsonl"], None), "a pipe": ([], whole),
            "zstd": (["corpus.jsonl.zst"], None), "five files": (five, None),
            "a compressed pipe": (["-"], (folder / "corpus.jsonl.zst").read_bytes()),
        }
        for name, (inputs, stdin) in ways.items():
            for seed in ("1", "2") if name == "a file" else ("1",):
                _, out, err = run([*words, threads, *inputs], folder, stdin, seed)
                same = None if out == first and not err else err.decode() or "other bytes"
                tap.result(f"{name}, {threads} threads, seed {seed}: the same bytes", same)
    return first


def test_fits(tap, folder, lines, first):
    strength = ["strength", "-q", "--threads", "2"]
    run([*strength, "--fit", "whole.fit", "corpus.jsonl"], folder)
    whole = (folder / "whole.fit").read_bytes()
    dice = random.Random(11)
    for parts in (1, 2, 3, 8, 64):
        heaps = [[] for _ in range(parts)]
        for line in lines:
            heaps[dice.randrange(parts)].append(line)
        names = [f"{i}.fit" for i in range(parts)]
        for name, heap in zip(names, heaps):
            run([*strength, "--fit", name], folder, b"".join(heap))
        dice.shuffle(names)
        status, merged, err = run(["merge", *names], folder)
        same = None if status == 0 and merged == whole else err.decode() or "other bytes"
        tap.result(f"fits of {parts} parts merge to the fit over the whole", same)
        half = parts // 2
        run(["merge", *names[: half + 1], "-o", "left.fit.zst"], folder)
        if half + 1 < parts:
            run(["merge", *names[half + 1:], "-o", "right.fit"], folder)
            _, merged, err = run(["merge", "right.fit", "-"], folder,
                                 (folder / "left.fit.zst").read_bytes())
            tap.result(f"fits of {parts} parts merge in groups",
                       None if merged == whole else err.decode() or "other bytes")
    for name, words, stdin in (("a file", ["corpus.jsonl"], None), ("a pipe", [], b"".join(lines))):
        _, out, err = run([*strength, "--bands", BANDS, "--use", "whole.fit", *words], folder, stdin)
        same = None if out == first and not err else err.decode() or "other bytes"
        tap.result(f"--use on {name} gives the bytes of one run", same)


def test_memory(tap, folder):
    """The same corpus once and ten times over: the same buckets, ten times the records.

    Called before this process has grown: a child's peak counts from the size of its parent.
    """
    if drill.sanitizer():
        tap.skip("memory", "a sanitizer has memory of its own")
        return
    subprocess.run(f"'{MAKE_CORPUS}' --records {RECORDS} > one.jsonl; for i in 0 1 2 3 4 5 6 7 8 9;"
                   " do cat one.jsonl; done > ten.jsonl", shell=True, cwd=folder, check=True)
    run(["strength", "--fit", "one.fit", "one.jsonl"], folder)
    for name, words in (
        ("two phases", []), ("--fit", ["--fit", "x.fit"]), ("--use", ["--use", "one.fit"])
    ):
        for kind in ("file", "pipe"):
            peaks = []
            for corpus in ("one.jsonl", "ten.jsonl"):
                command = ["strength", "-q", "--threads", "2", *words]
                piped = kind == "pipe"
                peaks.append(run(command if piped else [*command, corpus], folder,
                                 corpus if piped else None, peak=True))
            flat = peaks[1] <= peaks[0] + 2 * MIB and peaks[1] < 64 * MIB
            text = f"{peaks[0] / MIB:.1f} MiB, with ten times the records {peaks[1] / MIB:.1f}"
            print(f"# {name}, {kind}: {text}")
            tap.result(f"memory stays flat: {name}, {kind}", None if flat else text)


def test_last_of_many(tap, folder):
    """A fault in the last of 100,000 records: found in the first phase, nothing is written."""
    good = b'{"id":1,"scores":[{"model":"a","chosen":1,"rejected":0}]}\n'
    faults = {
        "score difference is not finite":
            b'{"id":9,"scores":[{"model":"a","chosen":1.7e308,"rejected":-1.7e308}]}\n',
        "key 'strength' holds something else": good[:-2] + b',"strength":[]}\n',
        "'scores[].chosen' is a string": b'{"id":9,"scores":[{"model":"a","chosen":"1"}]}\n',
    }
    for sentence, line in faults.items():
        (folder / "many.jsonl").write_bytes(good * 99999 + line)
        status, out, err = run(["strength", "--threads", "8", "many.jsonl"], folder)
        right = status == 1 and not out and b"many.jsonl:100000: " in err and sentence.encode() in err
        tap.result(f"last of 100,000: {sentence}", None if right else f"{status} {err.decode()}")


def main():
    if not MAKE_CORPUS.exists():
        print("examples/make-corpus is not built")
        sys.exit(77)
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-strength-") as name:
        folder = pathlib.Path(name)
        test_memory(tap, folder)
        lines = make_corpus(RECORDS, "--seed", "5")
        test_definitions(tap, folder, lines)
        first = test_same_bytes(tap, folder, lines)
        test_fits(tap, folder, lines, first)
        test_last_of_many(tap, folder)
    tap.end()


if __name__ == "__main__":
    main()
