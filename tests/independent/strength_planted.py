#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well `pref strength` finds wrong labels that were planted, beside what theory says.

A pair whose label is right has a true difference that is normal about 1, one whose label is wrong
about -1, both with deviation SPREAD; each of MODELS reward models sees it with noise of its own.
The mean of the models is then normal about 1 or -1 with variance SPREAD^2 + NOISE^2 / MODELS, so
that the share of wrong labels at any mean, below any quantile and in any band has a closed form.
What pref makes of a corpus must agree with it within four standard errors.

The table stands in pref-strength(1), and must be what is measured here: --table prints it.
"""

import json
import math
import pathlib
import random
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness
from strength import run

SEED, PAIRS, MODELS, SPREAD, NOISE = 1, 20000, 5, 0.5, 1.5
RATES = (0.1, 0.2, 0.3)
EDGES = (0, 0.1, 0.2, 0.4, 0.9, 1)
LOWEST = (0.1, 0.2, 0.3)
NORMAL = statistics.NormalDist()
PAGE = harness.SRC / "man" / "pref-strength.1"


def draw(dice):
    return NORMAL.inv_cdf(dice.random() or 0.5)


def make_corpus(rate):
    """Pairs of which a share `rate`, to the nearest, has a wrong label; the truth is in gold."""
    dice = random.Random(SEED)
    wrong = set(dice.sample(range(PAIRS), round(rate * PAIRS)))
    lines = []
    for i in range(PAIRS):
        truth = (-1 if i in wrong else 1) + SPREAD * draw(dice)
        scores = []
        for m in range(MODELS):
            rejected = round(draw(dice), 4)
            difference = round(truth + NOISE * draw(dice), 4)
            scores.append({"model": f"rm-{m}", "chosen": round(rejected + difference, 4),
                           "rejected": rejected})
        lines.append(json.dumps({
            "prompt": "p", "chosen": "a", "rejected": "b",
            "gold": "rejected" if i in wrong else "chosen", "scores": scores,
        }).encode() + b"\n")
    return b"".join(lines)


class Theory:
    """The mixture of two normals that the means of a corpus are drawn from."""

    def __init__(self, rate):
        self.rate = rate
        deviation = math.sqrt(SPREAD ** 2 + NOISE ** 2 / MODELS)
        self.right = statistics.NormalDist(1, deviation)
        self.wrong = statistics.NormalDist(-1, deviation)

    def below(self, x):
        return self.rate * self.wrong.cdf(x) + (1 - self.rate) * self.right.cdf(x)

    def at(self, quantile):
        """The mean at a quantile, by bisection."""
        low, high = -20.0, 20.0
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < quantile else (low, middle)
        return low

    def found(self, start, end):
        """The share of all wrong labels that is from quantile start to end."""
        return self.wrong.cdf(self.at(end)) - self.wrong.cdf(self.at(start))

    def share(self, start, end):
        """The share of wrong labels among the pairs from quantile start to end."""
        return self.rate * self.found(start, end) / (end - start)


def near(measured, theory, count):
    """Within four standard errors of a share of `count`, and the rounding of one pair."""
    return abs(measured - theory) <= 4 * math.sqrt(theory * (1 - theory) / count) + 1 / count


# ---- Measuring ----------------------------------------------------------------------------------


def measure_bands(folder, theory):
    """A row for each band: its ends, its pairs, the share of wrong labels, and that of theory."""
    _, out, _ = run(["strength", "-q", "corpus.jsonl"], folder)
    records = [json.loads(line) for line in out.splitlines()]
    for start, end in zip(EDGES, EDGES[1:]):
        band = [r for r in records if (start < r["strength"]["quantile"] <= end)]
        wrong = sum(r["gold"] == "rejected" for r in band)
        yield start, end, len(band), wrong / len(band), theory.share(start, end)


def measure_flips(folder, theory):
    """A row for each flip: how much, precision and theory's, recall and theory's, what is left."""
    for lowest in LOWEST:
        _, out, _ = run(["strength", "-q", "--bands", f"{lowest}=flip", "--turn", "gold",
                         "corpus.jsonl"], folder)
        records = [json.loads(line) for line in out.splitlines()]
        flipped = [r for r in records if r["strength"]["action"] == "flip"]
        good = sum(r["gold"] == "chosen" for r in flipped)
        left = sum(r["gold"] == "rejected" for r in records)
        yield (lowest, good / len(flipped), theory.share(0, lowest),
               good / (theory.rate * PAIRS), theory.found(0, lowest), left / PAIRS)


def measure(folder):
    """For each rate: the rate, its bands, its flips."""
    for rate in RATES:
        (folder / "corpus.jsonl").write_bytes(make_corpus(rate))
        theory = Theory(rate)
        yield rate, list(measure_bands(folder, theory)), list(measure_flips(folder, theory))


def table_of(measured):
    lines = ["wrong            wrong in it    flip   precision      recall         wrong",
             "     band        found  theory  below  found  theory  found  theory  after"]
    for rate, bands, flips in measured:
        for i, (start, end, _, found, share) in enumerate(bands):
            text = f"{rate if i == 0 else '':<5}{f'{start} to {end}':<12}{found:.3f}  {share:.3f}"
            if i < len(flips):
                lowest, precision, theirs, recall, all_of, left = flips[i]
                text += (f"   {lowest:<6} {precision:.3f}  {theirs:.3f}   {recall:.3f}  {all_of:.3f}"
                         f"   {left:.3f}")
            lines.append(text)
    return lines


# ---- The test -----------------------------------------------------------------------------------


def check(tap, measured):
    for rate, bands, flips in measured:
        wrong = [b for b in bands if not near(b[3], b[4], b[2])]
        tap.result(f"{rate} wrong: each band has the share of theory",
                   str(wrong) if wrong else None)
        for lowest, precision, share, recall, found, left in flips:
            good = near(precision, share, lowest * PAIRS) and near(recall, found, rate * PAIRS)
            tap.result(f"{rate} wrong, lowest {lowest} flipped: precision and recall of theory",
                       None if good else f"{precision} {share}, {recall} {found}")
            after = rate * (1 - recall) + lowest * (1 - precision)
            tap.result(f"{rate} wrong, lowest {lowest} flipped: what is left adds up",
                       None if abs(after - left) < 1e-9 else f"{left}, expected {after}")
        best = min(flips, key=lambda flip: flip[5])
        tap.result(f"{rate} wrong: flipping as many as are wrong leaves the fewest",
                   None if best[0] == rate else f"{best[0]}")
    missing = [line for line in table_of(measured) if line not in PAGE.read_text().splitlines()]
    tap.result("the table of the manual page is what was measured", missing[0] if missing else None)


def main():
    with tempfile.TemporaryDirectory(prefix="pref-planted-") as name:
        measured = list(measure(pathlib.Path(name)))
    if sys.argv[1:] == ["--table"]:
        print("\n".join(table_of(measured)))
        return
    tap = harness.Tap()
    for line in table_of(measured):
        print("#", line)
    check(tap, measured)
    tap.end()


main()
