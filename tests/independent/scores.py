#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare what is made of distributions over levels and of log-probabilities with Python.

Rows are made whose sides are numbers, distributions or log-probabilities. Each record's mean and
standard deviation are computed anew in fractions, from the numbers as they are written; the
annotation, in doubles, must be within a few units of rounding. `pref vote --from-scores` must find
the sign that the fractions have, and a record flipped must have the opposite mean to the last bit.
What distributions say of their two levels is summed up over all pairs of levels.
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


def worth(side, per_token=False):
    if not isinstance(side, dict):
        return Fraction(side)
    if "dist" in side:
        return sum(k * Fraction(p) for k, p in enumerate(side["dist"], 1))
    given = side["logprobs"]
    if not isinstance(given, list):
        return Fraction(given)
    return sum(map(Fraction, given)) / (len(given) if per_token else 1)


def difference(row, per_token=False):
    return worth(row["chosen"], per_token) - worth(row["rejected"], per_token)


def variance(dist, mean):
    return sum((k - mean) ** 2 * p for k, p in enumerate(dist, 1))


def levels_of(record):
    """What each row of distributions says, over all pairs of a level of chosen and one of rejected."""
    told = []
    for row in record["scores"]:
        if row["model"] == "dist":
            chosen, rejected = row["chosen"]["dist"], row["rejected"]["dist"]
            pairs = [(i - k, c * r) for i, c in enumerate(chosen) for k, r in enumerate(rejected)]
            means = [float(worth(row[side])) for side in ("chosen", "rejected")]
            told.append({
                "p": math.fsum(p for apart, p in pairs if apart > 0),
                "equal": math.fsum(p for apart, p in pairs if apart == 0),
                "chosen": means[0],
                "rejected": means[1],
                "chosen_variance": variance(chosen, means[0]),
                "rejected_variance": variance(rejected, means[1]),
            })  # fmt: skip
    return told


def part_of(mean, levels, parts):
    return min(parts, max(1, math.floor((mean - Fraction(1, 2)) * parts / levels) + 1))


def lines_of(records):
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)


def run(words, folder):
    done = subprocess.run([PREF, *words, "input"], cwd=folder, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def near(got, want, size):
    return abs(got - want) <= 1e-13 * (1 + size)


def check_means(records, annotated, per_token=False):
    for record, out in zip(records, annotated):
        d = [difference(row, per_token) for row in record["scores"]]
        size = float(max(abs(worth(row[s])) for row in record["scores"] for s in row if s != "model"))
        mean = sum(d) / len(d)
        sd = math.sqrt(float(sum((x - mean) ** 2 for x in d) / len(d)))
        told = out["strength"]
        if not near(told["mean"], float(mean), size) or not near(told["sd"], sd, size):
            return f"{record['id']}: {told}, wanted {float(mean)}, {sd}"
        if told["n"] != len(d):
            return f"{record['id']}: n {told['n']}, wanted {len(d)}"
    return None if len(annotated) == len(records) else "records are missing"


def check_levels(records, annotated):
    for record, out in zip(records, annotated):
        rows, told = levels_of(record), out["strength"].get("levels", {"n": 0})
        if told["n"] != len(rows):
            return f"{record['id']}: {told}, wanted {len(rows)} rows"
        for key in rows[0] if rows else ():
            want = sum(row[key] for row in rows) / len(rows)
            if not near(told[key], want, 10000):
                return f"{record['id']}: {key} {told[key]}, wanted {want}"
    return None


def check_soft(records, annotated):
    for record, out in zip(records, annotated):
        given = iter(levels_of(record))
        labels = []
        for row in record["scores"]:
            if row["model"] == "dist":
                levels = next(given)
                labels.append(levels["p"] + levels["equal"] / 2)
            else:
                labels.append(1 / (1 + math.exp(min(700, -float(difference(row))))))
        if not near(out["strength"]["label"], sum(labels) / len(labels), 1e4):
            return f"{record['id']}: {out['strength']['label']}, wanted {labels}"
    return None


def check_strict(records, passed, parts):
    """Which pass; where a mean lies on the edge of a part, either may."""
    names = {out["id"] for out in passed}
    for record in records:
        strict = sure = True
        for row in record["scores"]:
            if row["model"] == "dist":
                levels = len(row["chosen"]["dist"])
                means = [worth(row[side]) for side in ("chosen", "rejected")]
                edges = [(mean - Fraction(1, 2)) * parts / levels for mean in means]
                sure &= all(abs(edge - round(edge)) > 1e-9 for edge in edges)
                above, below = (part_of(mean, levels, parts) for mean in means)
                strict &= above > below
        if sure and strict != (record["id"] in names):
            return f"{record['id']}: wanted {strict}"
    return None


def turned(record):
    rows = [row | {"chosen": row["rejected"], "rejected": row["chosen"]} for row in record["scores"]]
    return record | {"chosen": "r", "rejected": "c", "scores": rows}


def check_turned(plain, exchanged):
    for a, b in zip(plain, exchanged):
        if a["strength"]["mean"] != -b["strength"]["mean"]:
            return f"{a['id']}: {a['strength']['mean']} and {b['strength']['mean']}"
    return None


def check_signs(records, voted, per_token=False):
    for record, out in zip(records, voted):
        signs = [difference(row, per_token) for row in record["scores"]]
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
        tap.result("what distributions say", check_levels(records, plain))
        soft = run(["strength", "--bands", "1=soft"], folder)
        tap.result("soft labels", check_soft(records, soft))
        for parts in (2, 3, 9):
            passed = run(["strength", "--strict-levels", str(parts)], folder)
            tap.result(f"strict in {parts} levels", check_strict(records, passed, parts))
        tap.result("signs as votes", check_signs(records, run(["vote", "--from-scores"], folder)))
        flipped = run(["flip"], folder)
        want = [turned(record) | {"flipped": True} for record in records]
        tap.result("a flip exchanges sides of any kind", None if flipped == want else "it does not")
        (folder / "input").write_text(lines_of(want))
        tap.result("exchanged, the opposite mean", check_turned(plain, run(["strength"], folder)))
        flips = run(["strength", "--bands", "1=flip", "-q"], folder)
        back = [out["strength"].get("levels") for out in flips]
        want = [out["strength"].get("levels") for out in plain]
        tap.result("flipped, the levels of the other side", None if back == want else "others")
        tokens = [r for r in records if all(row["model"] != "sum" for row in r["scores"])]
        (folder / "input").write_text(lines_of(tokens))
        means = run(["strength", "--per-token"], folder)
        tap.result("means over tokens", check_means(tokens, means, True))
        signs = run(["vote", "--from-scores", "--per-token"], folder)
        tap.result("their signs as votes", check_signs(tokens, signs, True))
    tap.end()


main()
