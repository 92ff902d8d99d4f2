#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref strength --normalize` and `--top-level` with a computation of their own.

Scales are worked out from their definitions, in fractions, over a corpus with models that occur
rarely, once, never vary, or are spelt with escapes. Both steps' fits of parts, however cut, must
merge to the bytes of the fits over the whole, give the bytes of one run, and refuse to be used in
a wrong order or pair. Memory is linear in the models.
"""

import collections
import json
import math
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness
import strength
from strength import bucket_of, run, sigmoid

RECORDS = 4000
KINDS = ("zscore", "iqr", "logistic")
STEEPNESS = 3.0
BANDS = "0.2=flip,0.4=smooth:0.2,1=soft"


def make_lines():
    """A corpus of the usual models, and of odd ones."""
    dice = random.Random(3)
    lines = []
    for i, line in enumerate(strength.make_corpus(RECORDS, "--seed", "9")):
        record = json.loads(line)
        rows = record.get("scores") or []
        if rows and dice.random() < 0.02:
            rows.append({"model": "rare", "chosen": dice.gauss(5, 40), "rejected": 0})
        if rows and dice.random() < 0.3:
            rows.insert(0, {"model": "flat", "chosen": i + 0.5, "rejected": i})
        if i in (3, 3000):
            record["scores"] = [{"model": "still", "chosen": 2, "rejected": 2}]
        if i == 17:
            record["scores"] = [{"model": "flat", "chosen": 1, "rejected": 0.5}]
        if i == 1700:
            record["scores"] = [{"model": "once", "chosen": 3, "rejected": -3}]
        text = json.dumps(record, ensure_ascii=False)
        if dice.random() < 0.5:
            text = text.replace('"rm-1"', '"\\u0072m\\u002d1"')
        lines.append(text.encode() + b"\n")
    return lines


# ---- The definitions ----------------------------------------------------------------------------


def midpoint(bucket):
    """The middle of a bucket: half of the bits that it drops."""
    if bucket == bucket_of(0.0):
        return 0.0
    top = bucket ^ 1 << 23 if bucket >> 23 else bucket ^ (1 << 24) - 1
    return struct.unpack("<d", struct.pack("<Q", top << 40 | 1 << 39))[0]


def quartile_of(values, k):
    values = sorted(values)
    return midpoint(bucket_of(values[math.ceil(Fraction(k * len(values), 4)) - 1]))


def range_of(values):
    return quartile_of(values, 3) - quartile_of(values, 1)


def deviation_of(values):
    exact = [Fraction(x) for x in values]
    mean = sum(exact) / len(exact)
    variance = sum((x - mean) ** 2 for x in exact) / len(exact)
    if not strength.close(math.sqrt(variance), statistics.pstdev(values)):
        raise ValueError("two definitions of the deviation differ")
    return math.sqrt(variance)


class Corpus:
    def __init__(self, lines):
        self.lines = lines
        self.rows = [
            [(row["model"], float(row["chosen"]), float(row["rejected"]))
             for row in json.loads(line).get("scores") or []]
            for line in lines
        ]

    def samples(self, kind):
        """What each model's scale is made of: its differences, or the scores of both sides."""
        models = collections.defaultdict(list)
        for rows in self.rows:
            for model, chosen, rejected in rows:
                models[model] += [chosen, rejected] if kind == "logistic" else [chosen - rejected]
        return models

    def scales(self, kind):
        scale = deviation_of if kind == "zscore" else range_of
        return {model: scale(values) for model, values in self.samples(kind).items()}

    def rescaled(self, kind):
        """Each record's differences on the common scale."""
        scales = self.scales(kind)
        middles = {m: quartile_of(v, 2) for m, v in self.samples(kind).items()}

        def one(model, chosen, rejected):
            if kind != "logistic":
                return (chosen - rejected) / scales[model]
            r = (sigmoid(STEEPNESS * (x - middles[model]) / scales[model])
                 for x in (chosen, rejected))
            return next(r) - next(r)

        return [[one(*row) for row in rows if scales[row[0]] != 0] for rows in self.rows]


# ---- The tests ----------------------------------------------------------------------------------


def check_records(corpus, kind, out):
    """What is wrong with the records of a run that annotates, softening all; or None."""
    expected, found = [], []
    for q, line, written in zip(corpus.rescaled(kind), corpus.lines, out, strict=True):
        if not q:
            if written != line:
                return f"{line}: it has no scale and did not pass as it came"
            continue
        own = json.loads(written)["strength"]
        mean = math.fsum(q) / len(q)
        wanted = (mean, statistics.pstdev(q), sum(map(sigmoid, q)) / len(q))
        if own["n"] != len(q) or not all(
            map(strength.close, (own["mean"], own["sd"], own["label"]), wanted)
        ):
            return f"{own}: expected {wanted} of {len(q)}"
        expected.append(own["mean"])
        found.append(own["quantile"])
    ranks = strength.Ranks(expected)
    wrong = [m for m, q in zip(expected, found) if q != float(ranks.quantile(m))]
    return f"wrong quantiles of the means {wrong[:5]}" if wrong else None


def test_definitions(tap, folder, corpus, kind):
    scales = corpus.scales(kind)
    words = ["strength", "-q", "--normalize", kind, "--bands", "1=soft", "--summary", "s"]
    status, out, err = run([*words, "corpus.jsonl"], folder)
    tap.result(f"{kind}: runs", None if status == 0 and not err else err.decode())
    tap.result(f"{kind}: every record is as defined",
               check_records(corpus, kind, out.splitlines(keepends=True)))
    left = {model for model, scale in scales.items() if scale == 0}
    without = {"still"} if kind == "logistic" else {"flat", "once", "still"}
    tap.result(f"{kind}: {' and '.join(sorted(without))}: without a scale",
               None if left == without else str(left))
    counts = {
        "models": len(scales), "models_left_out": len(left),
        "rows_left_out": sum(row[0] in left for rows in corpus.rows for row in rows),
        "unscaled": sum(bool(rows) and all(row[0] in left for row in rows) for rows in corpus.rows),
        "missing": sum(not rows for rows in corpus.rows), "out": len(corpus.lines),
    }
    summary = json.loads((folder / "s").read_text())
    found = {key: summary.get(key) for key in counts}
    tap.result(f"{kind}: counts", None if found == counts else f"{found}, expected {counts}")
    _, _, err = run(words[:1] + words[2:] + ["corpus.jsonl"], folder)
    names = ", ".join(f'"{model}"' for model in sorted(without))
    said = f"{len(without)} of {len(scales)} models have no scale and were left out: {names}".encode()
    tap.result(f"{kind}: it is said", None if said in err else err.decode())


def exact_sum(text):
    digits, _, power = text.partition("p")
    return int(digits, 16) * Fraction(2) ** int(power)


def check_rows(corpus, kind, fit):
    rows = [json.loads(line) for line in fit.splitlines()[1:-1]]
    if kind == "zscore":
        found = {row["key"]: (row["n"], [exact_sum(text) for text in row["sum"]]) for row in rows}
        wanted = {
            model: ([len(d)], [sum(map(Fraction, d)), sum(Fraction(x) ** 2 for x in d)])
            for model, d in corpus.samples(kind).items()
        }
    else:
        found = {row["key"]: row["n"][0] for row in rows}
        wanted = collections.Counter(
            f"{bucket_of(x):06x} {model}"
            for model, values in corpus.samples(kind).items() for x in values
        )
    return None if found == wanted else "other rows than counted here"


def test_fits(tap, folder, corpus, kind):
    """Both steps over the whole and over parts, and what one run gives."""
    base = ["strength", "-q", "--normalize", kind]
    annotate = [*base, "--bands", BANDS]
    _, once, _ = run([*annotate, "corpus.jsonl"], folder)
    run([*base, "--fit", "scales", "corpus.jsonl"], folder)
    run([*base, "--use", "scales", "--fit", "ranks", "corpus.jsonl"], folder)
    whole = {name: (folder / name).read_bytes() for name in ("scales", "ranks")}
    tap.result(f"{kind}: the rows of scales", check_rows(corpus, kind, whole["scales"]))
    dice = random.Random(5)
    for parts in (1, 2, 3, 8, 64):
        heaps = [[] for _ in range(parts)]
        for line in dice.sample(corpus.lines, len(corpus.lines)):
            heaps[dice.randrange(parts)].append(line)
        for name, use in (("scales", []), ("ranks", ["--use", "scales"])):
            names = [f"{i}.{name}" for i in range(parts)]
            for i, heap in enumerate(heaps):
                threads = str(dice.choice((1, 2, 8)))
                run([*base, "--threads", threads, *use, "--fit", names[i]], folder,
                    b"".join(heap), seed=str(i))
            dice.shuffle(names)
            _, merged, err = run(["merge", *names], folder)
            same = None if merged == whole[name] else err.decode() or "other bytes"
            tap.result(f"{kind}: {name} of {parts} parts merge to those of the whole", same)
    ways = {"both fits": ["--use", "scales", "--use", "ranks"], "scales alone": ["--use", "scales"],
            "alone": []}
    for name, use in ways.items():
        for threads in ("1", "2", "3", "8"):
            for stdin in (None, b"".join(corpus.lines)):
                words = [*annotate, "--threads", threads, *use]
                words += [] if stdin else ["corpus.jsonl"]
                _, out, err = run(words, folder, stdin, threads)
                same = None if out == once and not err else err.decode() or "other bytes"
                way = "a pipe" if stdin else "a file"
                tap.result(f"{kind}: {name}, {threads} threads, {way}: the same bytes", same)


def test_mistakes(tap, folder, kind):
    """After test_fits: uses of its fits that make no sense."""
    base = ["strength", "-q", "--normalize", kind]
    lines = (folder / "corpus.jsonl").read_bytes().splitlines(keepends=True)
    run([*base, "--fit", "other"], folder, b"".join(lines[:-100]))
    plain = ["strength", "-q"]
    run([*plain, "--fit", "plain", "corpus.jsonl"], folder)
    elsewhere = ["strength", "-q", "--normalize", KINDS[KINDS.index(kind) - 1]]
    mistakes = {
        "ranks before scales":
            ([*base, "--use", "ranks", "--use", "scales"], 1, b"ranks: made with"),
        "ranks alone": ([*base, "--use", "ranks"], 1, b"ranks: made with"),
        "scales twice": ([*base, "--use", "scales", "--use", "scales"], 1, b"scales: made with"),
        "ranks of other scales":
            ([*base, "--use", "other", "--use", "ranks"], 1, b"ranks: made with"),
        "ranks that were not normalised": ([*base, "--use", "plain"], 1, b"plain: made with"),
        "scales without --normalize": ([*plain, "--use", "scales"], 1, b"scales: made with"),
        "scales of the other kind": ([*elsewhere, "--use", "scales"], 1, b"scales: made with"),
        "three fits": ([*base, *["--use", "scales"] * 3], 2, b"at most 2"),
        "two fits without --normalize": ([*plain, *["--use", "plain"] * 2], 2, b"at most 1"),
        "nothing left to learn":
            ([*base, *["--use", "scales"] * 2, "--fit", "x"], 2, b"nothing is left"),
        "merging scales and ranks": (["merge", "scales", "ranks"], 1, b"ranks"),
    }
    for name, (words, wanted, sentence) in mistakes.items():
        inputs = [] if words[0] == "merge" else ["corpus.jsonl"]
        status, out, err = run([*words, *inputs], folder)
        good = status == wanted and not out and sentence in err and err.count(b"\n") == 1
        tap.result(f"{kind}: refused: {name}",
                   None if good else f"{status} {out[:99]} {err.decode()}")


def test_top_level(tap, folder):
    """The same record, with two more keys."""
    words = ["strength", "-q", "--normalize", "zscore", "--bands", BANDS]
    _, plain, _ = run([*words, "corpus.jsonl"], folder)
    _, more, _ = run([*words, "--top-level", "corpus.jsonl"], folder)
    _, again, _ = run([*words, "--top-level", "--bands", "1=keep"], folder, more)
    wrong = None if again.count(b"\n") == more.count(b"\n") else "it does not read its own output"
    for a, b in zip(plain.splitlines(), more.splitlines(), strict=True):
        a, b = json.loads(a), json.loads(b)
        own = a.get("strength")
        if own is not None:
            a.update(margin=own["margin"], label=own["label"])
        if a != b:
            wrong = f"{b}\nexpected\n{a}"
    tap.result("top-level: two keys more", wrong)


def test_many_models(tap, folder, kind):
    if drill.sanitizer():
        tap.skip("memory", "a sanitizer has memory of its own")
        return
    peaks = []
    for models in (40000, 120000):
        with open(folder / "many.jsonl", "w") as file:
            for i in range(models):
                file.write('{"scores":[{"model":"m-%06d","chosen":%d,"rejected":0}]}\n' % (i, i))
        words = ["strength", "-q", "--threads", "2", "--normalize", kind, "many.jsonl"]
        peaks.append(run(words, folder, peak=True))
    each = (peaks[1] - peaks[0]) / 80000
    print(f"# {kind}: {each:.0f} bytes a model")
    tap.result(f"{kind}: memory is linear in the models", None if each < 300 else f"{each} bytes")


def main():
    if not strength.MAKE_CORPUS.exists():
        print("examples/make-corpus is not built")
        sys.exit(77)
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-scales-") as name:
        folder = pathlib.Path(name)
        for kind in KINDS:
            test_many_models(tap, folder, kind)
        corpus = Corpus(make_lines())
        (folder / "corpus.jsonl").write_bytes(b"".join(corpus.lines))
        for kind in KINDS:
            test_definitions(tap, folder, corpus, kind)
            test_fits(tap, folder, corpus, kind)
            test_mistakes(tap, folder, kind)
        test_top_level(tap, folder)
    tap.end()


main()
