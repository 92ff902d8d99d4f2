#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Strata and groups of `pref strength`: --by against strata alone, --groups against fractions.

A stratum must be judged as if its records had been given alone, whatever is normalised and however
its value is spelt. Fits of parts, however cut, must merge to the bytes of the fit over the whole,
and apply as one run does. The sums of groups must be exact. Memory must be bounded by the records
of small strata, not by a table for each.
"""

import collections
import json
import pathlib
import random
import re
import sys
import tempfile
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness
import strength
from strength import bucket_of, run

RECORDS = 1500
PARTS = (1, 2, 3, 8, 64)
BANDS = "0.1=flip,0.3=drop,0.6=smooth:0.2,1=soft"
ACTED = ("kept", "flipped", "dropped", "smoothed", "softened")
KINDS = ("none", "zscore", "iqr", "logistic")

# Values of the field as they are spelt, and the stratum as a fit has it. None: no such key.
SPELLINGS = {
    '"math"': '"math"', '"m\\u0061th"': '"math"', '"m\\u00e4th \\"x\\""': '"mäth \\"x\\""',
    '"mäth \\u0022x\\u0022"': '"mäth \\"x\\""', "7": "7", '"7"': '"7"', "7.0": "7.0",
    "true": "true", "null": "null", None: "null", '""': '""', '"a\\tb"': '"a\\tb"',
}
OFFSETS = {"7": 4.0, '"math"': -3.0, "true": 40.0}


def make_lines():
    """Records with a stratum each, some of which are scored on a level of their own; and labels."""
    dice = random.Random(8)
    spellings = list(SPELLINGS)
    lines, strata = [], []
    for line in strength.make_corpus(RECORDS, "--seed", "21"):
        record = json.loads(line)
        spelling = dice.choice(spellings)
        stratum = SPELLINGS[spelling]
        for row in record.get("scores") or []:
            row["chosen"] += OFFSETS.get(stratum, 0.0) * dice.random()
        if dice.random() < 0.02 and record.get("scores"):
            record["scores"] = [{"model": "tiny", "chosen": dice.choice((1e-30, 3e-12, 1e12)),
                                 "rejected": 0}]
        record.pop("source", None)
        record["gold"] = dice.choice(("chosen", "chosen", "rejected", "tie", None))
        text = json.dumps(record, ensure_ascii=False)
        if spelling is not None:
            text = text[:-1] + f',"source":{spelling}}}'
        lines.append(text.encode() + b"\n")
        strata.append(stratum)
    return lines, strata


def words_of(kind, *more):
    """A command that turns the field gold with a flip, because of --gold or else of --turn."""
    turn = [] if "--gold" in more else ["--turn", "gold"]
    return ["strength", "-q", "--threads", "2", "--normalize", kind, *turn, *more]


def alone(folder, lines, strata, kind):
    """The lines that leave, in the order of the input, when each stratum is given alone."""
    leaving = {}
    for stratum in set(strata):
        numbers = [i for i, s in enumerate(strata) if s == stratum]
        numbered = b"".join(lines[i][:-2] + b',"number":%d}\n' % i for i in numbers)
        _, out, _ = run(words_of(kind, "--bands", BANDS), folder, numbered)
        for line in out.splitlines(keepends=True):
            number = json.loads(line)["number"]
            leaving[number] = line.replace(b',"number":%d' % number, b"")
    return b"".join(leaving[i] for i in sorted(leaving))


def test_alone(tap, folder, lines, strata, kind):
    expected = alone(folder, lines, strata, kind)
    by = ["--by", "source", "--bands", BANDS]
    _, out, err = run(words_of(kind, *by, "--summary", "s", "corpus.jsonl"), folder)
    same = None if out == expected and not err else err.decode() or "other bytes"
    tap.result(f"{kind}: each stratum is judged as if it were alone", same)
    _, whole, _ = run(words_of(kind, "--bands", BANDS, "corpus.jsonl"), folder)
    tap.result(f"{kind}: without --by it is another result",
               None if whole != expected else "the same")
    text = (folder / "s").read_text()
    named = re.findall(r'\{"stratum":(.*?),"records":', text)
    summary = json.loads(text)
    total = sum(s[word] for s in summary["by_stratum"] for word in ACTED)
    right = (total == sum(summary[word] for word in ACTED) and total > 0
             and named == sorted(set(strata), key=str.encode) and summary["strata"] == len(named))
    tap.result(f"{kind}: strata are in order and add up to the whole", None if right else text)
    for threads, seed in (("1", "1"), ("3", "2"), ("8", "3")):
        words = words_of(kind, *by, "--threads", threads)
        _, piped, _ = run(words, folder, b"".join(lines), seed)
        tap.result(f"{kind}: a pipe, {threads} threads, seed {seed}: the same bytes",
                   None if piped == expected else "other bytes")
    return expected


def fit_parts(folder, heaps, words, name):
    """Fit each heap by itself, and add the fits up in a random order."""
    names = [f"{i}.{name}" for i in range(len(heaps))]
    for i, heap in enumerate(heaps):
        run([*words, "--fit", names[i]], folder, b"".join(heap), seed=str(i))
    random.Random(len(heaps)).shuffle(names)
    _, merged, err = run(["merge", *names], folder)
    return merged, err


def test_fits(tap, folder, lines, kind, expected):
    base = words_of(kind, "--by", "source", "--groups", "--gold", "gold")
    steps = {"means": base}
    if kind != "none":
        steps = {"scales": base, "means": [*base, "--use", "scales"]}
    whole = {}
    for name, words in steps.items():
        run([*words, "--fit", name, "corpus.jsonl"], folder)
        whole[name] = (folder / name).read_bytes()
    dice = random.Random(5)
    for parts in PARTS if kind == "none" else (3,):
        heaps = [[] for _ in range(parts)]
        for line in dice.sample(lines, len(lines)):
            heaps[dice.randrange(parts)].append(line)
        for name, words in steps.items():
            merged, err = fit_parts(folder, heaps, words, name)
            same = None if merged == whole[name] else err.decode() or "other bytes"
            tap.result(f"{kind}: {name} of {parts} parts merge to those of the whole", same)
    uses = [word for name in steps for word in ("--use", name)]
    _, out, err = run([*base, "--bands", BANDS, *uses, "corpus.jsonl"], folder)
    tap.result(f"{kind}: the fits apply as one run does",
               None if out == expected else err.decode() or "other bytes")
    return whole["means"]


def exact_sum(text):
    digits, _, power = text.partition("p")
    return int(digits, 16) * Fraction(2) ** int(power)


def test_groups(tap, folder, lines, strata, fit):
    """The rows of a fit that is not normalised, from the annotations, whose doubles are exact."""
    _, out, _ = run(["strength", "-q", "corpus.jsonl"], folder)
    counts = collections.defaultdict(lambda: [0, 0, 0])
    sums = collections.defaultdict(lambda: [Fraction(0), Fraction(0)])
    for line, stratum in zip(out.splitlines(), strata, strict=True):
        record = json.loads(line)
        own = record.get("strength")
        if own is None:
            continue
        key = f"{bucket_of(own['mean']):06x} {stratum}"
        counts[key][0] += 1
        counts[key][1] += record["gold"] == "chosen"
        counts[key][2] += record["gold"] == "rejected"
        for i, word in enumerate(("mean", "sd")):
            sums[key][i] += Fraction(own[word])
    rows = [json.loads(line) for line in fit.splitlines()[1:-1]]
    tap.result("groups: the keys are sorted",
               None if [r["key"] for r in rows] == sorted(counts, key=str.encode) else "no")
    wrong = [r for r in rows if r["n"] != counts[r["key"]]]
    tap.result("groups: records, and how often the label agrees",
               str(wrong[0]) if wrong else None)
    wrong = [r for r in rows if list(map(exact_sum, r["sum"])) != sums[r["key"]]]
    tap.result("groups: sums are exact", str(wrong[0]) if wrong else None)


def test_memory(tap, folder):
    """Many strata of one record each, then of five: what is kept follows the records."""
    if drill.sanitizer():
        tap.skip("memory", "a sanitizer has memory of its own")
        return
    count, peaks = 60000, []
    for strata, each in ((1, 1), (count, 1), (count, 5)):
        with open(folder / "many.jsonl", "w") as file:
            for i in range(count * each):
                file.write('{"source":"stratum %d","scores":[{"model":"m","chosen":%d.5,'
                           '"rejected":0}]}\n' % (i % strata, i * 7919 % 1009))
        words = ["strength", "-q", "--threads", "2", "--by", "source", "--max-strata", str(count)]
        peaks.append(run([*words, "many.jsonl"], folder, peak=True))
    one, five = ((peak - peaks[0]) / count for peak in peaks[1:])
    print(f"# {one:.0f} bytes a stratum of one record, {five:.0f} of five")
    tap.result("memory: small strata are small",
               None if one < 500 and five < 900 else f"{one}, {five} bytes")


def main():
    if not strength.MAKE_CORPUS.exists():
        print("examples/make-corpus is not built")
        sys.exit(77)
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-strata-") as name:
        folder = pathlib.Path(name)
        test_memory(tap, folder)
        lines, strata = make_lines()
        (folder / "corpus.jsonl").write_bytes(b"".join(lines))
        for kind in KINDS:
            expected = test_alone(tap, folder, lines, strata, kind)
            fit = test_fits(tap, folder, lines, kind, expected)
            if kind == "none":
                test_groups(tap, folder, lines, strata, fit)
    tap.end()


main()
