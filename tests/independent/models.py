#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref strength --pairs` and `pref models` with a computation of their own, in fractions.

Three corpora: of the usual kind, with a turned model, a rare one, copies and double rows; far from
0, where differences of 1e9 vary in their last digits; and one of wild magnitudes. Sums in the fit
must be the exact ones, every figure within 1e-12, and the fits of parts, however cut, must merge to
the bytes of the fit over the whole. So for records in groups by strength.
"""

import bisect
import itertools
import json
import math
import pathlib
import random
import statistics
import sys
import tempfile
from collections import defaultdict
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
import strength
from strength import run

RECORDS = 1500
CLOSE = 1e-12


# ---- Corpora ------------------------------------------------------------------------------------


def usual(dice):
    for i in range(RECORDS):
        quality = dice.gauss(0.5, 1)
        d = {"a": quality + dice.gauss(0, 0.5), "b": 3 * quality + dice.gauss(0, 1),
             "c": -quality + dice.gauss(0, 1), "d": dice.gauss(0, 1)}
        d["back\\slash"] = d["a"] / 2
        rows = [(name, x) for name, x in d.items() if dice.random() < 0.9]
        if dice.random() < 0.05:
            rows.append(("tab\there", quality))
        if dice.random() < 0.1:
            rows.append(("a", quality - 1))
        yield rows if i % 50 else rows[:1] if i % 100 else []


def far(dice):
    for _ in range(RECORDS):
        quality = dice.gauss(0, 1e-5)
        yield [("a", 1e9 + quality), ("b", -1e9 - quality + dice.gauss(0, 1e-6))]


def wild(dice):
    for _ in range(RECORDS):
        a = math.ldexp(dice.gauss(0, 1), dice.randrange(-900, 900))
        yield [("a", a), ("b", math.ldexp(dice.gauss(0, 1), dice.randrange(-1060, 1000))),
               ("c", a / 3)]


def write(path, records):
    """Scores of 0 make the difference that is meant, to the last bit."""
    lines = []
    for rows in records:
        scores = [{"model": name, "chosen": d, "rejected": 0} for name, d in rows]
        lines.append(json.dumps({"scores": scores}).encode() + b"\n")
    path.write_bytes(b"".join(lines))
    return lines


# ---- The definitions ----------------------------------------------------------------------------


def root(x):
    """The square root of a fraction, to 400 bits."""
    return Fraction(math.isqrt((x.numerator << 6000) // x.denominator), 1 << 3000)


def sums_of(pairs):
    x, y = [Fraction(p[0]) for p in pairs], [Fraction(p[1]) for p in pairs]
    dot = lambda u, v: sum(a * b for a, b in zip(u, v))
    return [sum(x), sum(y), dot(x, x), dot(y, y), dot(x, y)]


def correlation(pairs):
    n = len(pairs)
    if n == 0:
        return None
    x, y, xx, yy, xy = sums_of(pairs)
    both, one, other = n * xy - x * y, n * xx - x * x, n * yy - y * y
    if one == 0 or other == 0:
        return None
    size = float(root(both * both / (one * other)))
    return size if both > 0 else -size


class Panel:
    def __init__(self, records):
        self.rows = []
        for rows in records:
            by_model = defaultdict(list)
            for name, d in rows:
                by_model[name].append(d)
            if by_model:
                self.rows.append({m: sum(d / len(v) for d in v) for m, v in by_model.items()})
        self.models = sorted({m for row in self.rows for m in row})
        self.alone = {m: [row[m] for row in self.rows if m in row] for m in self.models}
        self.pairs = {
            (a, b): [(row[a], row[b]) for row in self.rows if a in row and b in row]
            for a, b in itertools.combinations(self.models, 2)
        }
        self.rest = {
            m: [(row[m], math.fsum(d for o, d in row.items() if o != m) / (len(row) - 1))
                for row in self.rows if m in row and len(row) > 1]
            for m in self.models
        }

    def figures(self, model):
        d = self.alone[model]
        exact = [Fraction(x) for x in d]
        mean = sum(exact) / len(d)
        variance = sum((x - mean) ** 2 for x in exact) / len(d)
        return {"n": len(d), "coverage": len(d) / len(self.rows), "mean": float(mean),
                "sd": float(root(variance)), "positive": sum(x > 0 for x in d) / len(d)}


def close(found, wanted, to=CLOSE):
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) <= to * max(abs(wanted), abs(found))


# ---- The tests ----------------------------------------------------------------------------------


def exact_sum(text):
    digits, _, power = text.partition("p")
    return int(digits, 16) * Fraction(2) ** int(power)


def escaped(name):
    return "".join(f"\\{ord(c):02x}" if c < " " or c == "\\" else c for c in name)


def check_sums(panel, fit):
    """The rows of pairs and models, to the last bit."""
    found = {}
    for line in fit.splitlines()[1:-1]:
        row = json.loads(line)
        if row["key"].startswith(("model ", "pair ", "panel")):
            found[row["key"]] = (row["n"], [exact_sum(text) for text in row.get("sum", [])])
    wanted = {"panel": ([len(panel.rows)], [])}
    for m, d in panel.alone.items():
        s = sums_of([(x, x) for x in d])
        counts = [len(d), sum(x > 0 for x in d), sum(x < 0 for x in d)]
        wanted["model " + escaped(m)] = (counts, [s[0], s[2]])
    for (a, b), pairs in panel.pairs.items():
        if escaped(a) > escaped(b):
            a, b, pairs = b, a, [(y, x) for x, y in pairs]
        if pairs:
            wanted[f"pair {escaped(a)}\t{escaped(b)}"] = ([len(pairs)], sums_of(pairs))
    return None if found == wanted else f"{sorted(found)}, expected {sorted(wanted)}"


def check_figures(panel, told, rest_to):
    wrong = []
    r = {}
    for one in told:
        if "pair" in one:
            a, b = one["pair"]
            pairs = panel.pairs.get((a, b)) or [p[::-1] for p in panel.pairs.get((b, a), [])]
            r[a, b] = r[b, a] = correlation(pairs)
            if one["n"] != len(pairs) or not close(one["correlation"], r[a, b]):
                wrong.append((one, r[a, b], len(pairs)))
        elif "model" in one:
            wanted = panel.figures(one["model"])
            wrong += [(one, key, value) for key, value in wanted.items()
                      if not close(one[key], value)]
            rest = correlation(panel.rest[one["model"]])
            if not close(one["rest"], rest, rest_to):
                wrong.append((one, "rest", rest))
    if len(r) != len(panel.models) * (len(panel.models) - 1):
        wrong.append("pairs are missing")
    for one in told:
        if "model" in one:
            best = max((r[one["model"], o] for o in panel.models if o != one["model"]
                        and r[one["model"], o] is not None))
            flag = "negative" if one["rest"] < 0 else "low" if one["rest"] < 0.3 else None
            if not close(r[one["model"], one["twin"]], best) or one["flag"] != flag or \
                    not close(one["correlation"], best):
                wrong.append((one, best, flag))
    matrix = [[1.0 if a == b else r[a, b] for b in panel.models] for a in panel.models]
    m = len(matrix)  # the sum of squared eigenvalues is the trace of the square
    trace = sum(matrix[i][j] * matrix[j][i] for i in range(m) for j in range(m))
    if not close(told[-1]["panel"]["effective"], m * m / trace):
        wrong.append((told[-1], m * m / trace))
    return str(wrong[:3]) if wrong else None


def test_corpus(tap, folder, name, records, rest_to):
    records = list(records)
    lines = write(folder / "corpus.jsonl", records)
    panel = Panel(records)
    status, _, err = run(["strength", "-q", "--pairs", "--fit", "whole", "corpus.jsonl"], folder)
    tap.result(f"{name}: runs", None if status == 0 and not err else err.decode())
    whole = (folder / "whole").read_bytes()
    tap.result(f"{name}: exact sums", check_sums(panel, whole))
    _, out, err = run(["models", "--format", "json", "whole"], folder)
    told = [json.loads(line) for line in out.splitlines()]
    tap.result(f"{name}: figures", check_figures(panel, told, rest_to))
    return lines, whole


def test_parts(tap, folder, name, lines, whole):
    dice = random.Random(6)
    for parts in (1, 2, 3, 8, 64):
        heaps = [[] for _ in range(parts)]
        for line in dice.sample(lines, len(lines)):
            heaps[dice.randrange(parts)].append(line)
        for i, heap in enumerate(heaps):
            threads = str(dice.choice((1, 2, 3, 8)))
            run(["strength", "-q", "--pairs", "--threads", threads, "--fit", f"{i}.fit"], folder,
                b"".join(heap), seed=str(i))
        names = [f"{i}.fit" for i in range(parts)]
        dice.shuffle(names)
        _, merged, err = run(["merge", *names], folder)
        tap.result(f"{name}: {parts} parts merge to the whole",
                   None if merged == whole else err.decode() or "other bytes")


def test_scaled(tap, folder):
    """Scales, being positive, change no correlation of two models; sd becomes 1."""
    base = ["strength", "-q", "--normalize", "zscore"]
    run([*base, "--fit", "scales", "corpus.jsonl"], folder)
    run([*base, "--pairs", "--use", "scales", "--fit", "scaled", "corpus.jsonl"], folder)
    told = []
    for fit in ("whole", "scaled"):
        _, out, _ = run(["models", "--format", "json", fit], folder)
        told.append([json.loads(line) for line in out.splitlines()])
    wrong = [(a, b) for a, b in zip(*told, strict=True)
             if "pair" in a and not close(a["correlation"], b["correlation"], 1e-9)
             or "sd" in b and b["model"] != "a" and not close(b["sd"], 1, 1e-9)]
    tap.result("usual: scaled", str(wrong[:3]) if wrong else None)


def grouped(records, labels, count):
    """Groups by the mid-rank of the bucket that a record's mean falls in."""
    found = []
    for rows, label in zip(records, labels):
        d = [x for _, x in rows]
        if d:
            total = 0.0
            for x in d:
                total += x
            found.append((total / len(d), statistics.pstdev(d), label))
    buckets = sorted(strength.bucket_of(mean) for mean, _, _ in found)
    groups = [[] for _ in range(count)]
    for one in found:
        bucket = strength.bucket_of(one[0])
        twice = bisect.bisect_left(buckets, bucket) + bisect.bisect_right(buckets, bucket)
        groups[twice * count // (2 * len(found))].append(one)
    for group in groups:
        sides = [label for _, _, label in group if label in ("chosen", "rejected")]
        yield {"records": len(group), "labelled": len(sides),
               "mean": math.fsum(mean for mean, _, _ in group) / len(group) if group else None,
               "sd": math.fsum(sd for _, sd, _ in group) / len(group) if group else None,
               "agreement": sides.count("chosen") / len(sides) if sides else None}


def test_groups(tap, folder):
    dice = random.Random(8)
    records = list(usual(random.Random(4)))
    for rows in records[:400]:  # many alike, of either sign and none
        rows[:] = [("a", dice.choice((-1, 0, 0, 2)))]
    labels = [dice.choice(("chosen", "chosen", "rejected", "tie", None)) for _ in records]
    lines = write(folder / "plain.jsonl", records)
    for i, label in enumerate(labels):
        record = {**json.loads(lines[i]), "gold": label, "task": i % 3}
        lines[i] = json.dumps(record).encode() + b"\n"
    (folder / "labelled.jsonl").write_bytes(b"".join(lines))
    for way in ([], ["--by", "task"]):
        run(["strength", "-q", "--groups", "--gold", "gold", *way, "--fit", "groups",
             "labelled.jsonl"], folder)
        for count in (1, 4, 20, 1000):
            _, out, _ = run(["models", "--groups", str(count), "--format", "json", "groups"],
                            folder)
            told = [json.loads(line) for line in out.splitlines()][:-1]
            wanted = list(grouped(records, labels, count))
            wrong = [(a, b) for a, b in itertools.zip_longest(told, wanted)
                     if not a or not b or not all(close(a[key], b[key]) for key in b)]
            tap.result(f"{count} groups {' '.join(way)}", str(wrong[:2]) if wrong else None)


def main():
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-models-") as name:
        folder = pathlib.Path(name)
        test_corpus(tap, folder, "wild", wild(random.Random(3)), math.inf)
        test_corpus(tap, folder, "far", far(random.Random(2)), CLOSE)
        lines, whole = test_corpus(tap, folder, "usual", usual(random.Random(1)), CLOSE)
        test_parts(tap, folder, "usual", lines, whole)
        test_scaled(tap, folder)
        test_groups(tap, folder)
    tap.end()


main()
