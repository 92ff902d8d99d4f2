#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare what is made of distributions over levels and of log-probabilities with Python.

Rows are made whose sides are numbers, distributions or log-probabilities. Each record's mean and
standard deviation are computed anew in fractions, from the numbers as they are written; the
annotation, in doubles, must be within a few units of rounding. `pref vote --from-scores` must find
the sign that the fractions have, and a record flipped must have the opposite mean to the last bit.
"""

import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"


def made_dist(rng, levels):
    weights = [rng.choice((0, rng.random(), rng.random() ** 4)) for _ in range(levels)]
    weights[rng.randrange(levels)] += 0.5
    return {"dist": [weight / sum(weights) for weight in weights]}


def made_logprobs(rng):
    tokens = [-rng.expovariate(0.5) for _ in range(rng.choice((1, 2, 5, 40)))]
    return {"logprobs": tokens}


def made_row(rng):
    kind = rng.choice(("number", "dist", "logprobs", "sum"))
    if kind == "number":
        sides = [rng.randrange(-8, 9) / 4 for _ in range(2)]
    elif kind == "dist":
        levels = rng.choice((2, 3, 9, 100))
        sides = [made_dist(rng, levels) for _ in range(2)]
    elif kind == "sum":
        sides = [{"logprobs": rng.choice((0, -0.25, -12.5, -1e-300, -1e3))} for _ in range(2)]
    else:
        sides = [made_logprobs(rng) for _ in range(2)]
    if rng.random() < 0.1:
        sides[1] = sides[0]
    row = {"model": kind, "chosen": sides[0], "rejected": sides[1]}
    return dict(rng.sample(list(row.items()), 3))


def worth(side):
    if not isinstance(side, dict):
        return Fraction(side)
    if "dist" in side:
        return sum(k * Fraction(p) for k, p in enumerate(side["dist"], 1))
    given = side["logprobs"]
    return sum(map(Fraction, given)) if isinstance(given, list) else Fraction(given)


def difference(row):
    return worth(row["chosen"]) - worth(row["rejected"])


def lines_of(records):
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)


def run(words, folder):
    done = subprocess.run([PREF, *words, "input"], cwd=folder, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def near(got, want, size):
    return abs(got - want) <= 1e-13 * (1 + size)


def check_means(records, annotated):
    for record, out in zip(records, annotated):
        d = [difference(row) for row in record["scores"]]
        size = float(max(abs(worth(row[s])) for row in record["scores"] for s in row if s != "model"))
        mean = sum(d) / len(d)
        sd = math.sqrt(float(sum((x - mean) ** 2 for x in d) / len(d)))
        told = out["strength"]
        if not near(told["mean"], float(mean), size) or not near(told["sd"], sd, size):
            return f"{record['id']}: {told}, wanted {float(mean)}, {sd}"
        if told["n"] != len(d):
            return f"{record['id']}: n {told['n']}, wanted {len(d)}"
    return None if len(annotated) == len(records) else "records are missing"


def turned(record):
    rows = [row | {"chosen": row["rejected"], "rejected": row["chosen"]} for row in record["scores"]]
    return record | {"chosen": "r", "rejected": "c", "scores": rows}


def check_turned(plain, exchanged):
    for a, b in zip(plain, exchanged):
        if a["strength"]["mean"] != -b["strength"]["mean"]:
            return f"{a['id']}: {a['strength']['mean']} and {b['strength']['mean']}"
    return None


def check_signs(records, voted):
    for record, out in zip(records, voted):
        signs = [difference(row) for row in record["scores"]]
        if any(0 < abs(d) < 1e-12 for d in signs):
            continue  # what rounding makes of so little is its own
        want = [sum(d > 0 for d in signs), sum(d < 0 for d in signs), sum(d == 0 for d in signs)]
        got = [out["vote"][word] for word in ("chosen", "rejected", "tie")]
        if got != want:
            return f"{record['id']}: {got}, wanted {want}"
    return None


def main():
    tap, rng = harness.Tap(), random.Random(260212660)
    records = [
        {"id": i, "prompt": "p", "chosen": "c", "rejected": "r"}
        | {"scores": [made_row(rng) for _ in range(rng.randrange(1, 5))]}
        for i in range(2000)
    ]
    with tempfile.TemporaryDirectory(prefix="pref-scores-") as top:
        folder = pathlib.Path(top)
        (folder / "input").write_text(lines_of(records))
        plain = run(["strength"], folder)
        tap.result("means and deviations of rows of any kind", check_means(records, plain))
        tap.result("signs as votes", check_signs(records, run(["vote", "--from-scores"], folder)))
        flipped = run(["flip"], folder)
        want = [turned(record) | {"flipped": True} for record in records]
        tap.result("a flip exchanges sides of any kind", None if flipped == want else "it does not")
        (folder / "input").write_text(lines_of(want))
        tap.result("exchanged, the opposite mean", check_turned(plain, run(["strength"], folder)))
    tap.end()


main()
