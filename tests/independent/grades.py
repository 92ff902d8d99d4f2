#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare graded votes and votes by confidence with a computation of its own, in fractions.

Records are made on several scales, some running downwards, some without a middle. What must come
out of `pref vote` is made here byte for byte: the annotation, the reason of each rejection, each
flip; and `pref flip` twice must give what went in.
"""

import fractions
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
F = fractions.Fraction
WORDS = ("chosen", "rejected", "tie", "both_bad")
OTHER = {"chosen": "rejected", "rejected": "chosen", "tie": "tie", "both_bad": "both_bad"}
SCALES = ((-3, 3), (1, 7), (7, 1), (1, 6), (0, 10), (-2, 2), (3, -1000))
CONFIDENCES = (0, 1, 0.5, 0.25, 0.3333333333333333, 1e-6, 4.9e-7, 0.9999995, 0.1, 0.123456789)


def word_of(grade, scale):
    """By how far each end is: the nearer one has it."""
    to_rejected, to_chosen = abs(grade - scale[0]), abs(grade - scale[1])
    return "tie" if to_rejected == to_chosen else WORDS[to_chosen > to_rejected]


def made_vote(rng, scale):
    vote = {"judge": rng.choice("abcde"), "vote": rng.choice(WORDS)}
    if rng.random() < 0.7:
        grade = rng.randint(min(scale), max(scale))
        vote |= {"vote": word_of(grade, scale), "grade": grade}
    if rng.random() < 0.7:
        vote["confidence"] = rng.choice(CONFIDENCES)
    if rng.random() < 0.5:
        vote["swapped"] = rng.random() < 0.5
    return dict(rng.sample(list(vote.items()), len(vote)))


def made_records(rng, scale, count):
    return [
        {"id": i, "chosen": f"c{i}", "rejected": f"r{i}"}
        | {"votes": [made_vote(rng, scale) for _ in range(rng.choice((0, 1, 2, 3, 3, 3, 7)))]}
        for i in range(count)
    ]


def line_of(record):
    return json.dumps(record, separators=(",", ":"))


def flipped(record, scale):
    turned = []
    for vote in record["votes"]:
        vote = vote | {"vote": OTHER[vote["vote"]]}
        if "grade" in vote:
            vote["grade"] = scale[0] + scale[1] - vote["grade"]
        if "swapped" in vote:
            vote["swapped"] = not vote["swapped"]
        turned.append(vote)
    return record | {"chosen": record["rejected"], "rejected": record["chosen"], "votes": turned}


def number(value):
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def nearest_millionth(value):
    """Of a product: half of one goes up."""
    return F((value * 10**6 + F(1, 2)).__floor__(), 10**6)


def weight_of(vote, options):
    weight = F(options.get("weights", {}).get(vote["judge"], 1))
    if "by-confidence" in options and "confidence" in vote:
        # The double itself, times 10^6 as doubles multiply.
        share = F(int(vote["confidence"] * 1e6 + 0.5), 10**6)
        weight = nearest_millionth(weight * share)
    return weight


class Consensus:
    """Ties are halves, both_bad does not count."""

    def __init__(self, record, options):
        votes = [(vote["vote"], weight_of(vote, options)) for vote in record["votes"]]
        self.cast = {word: sum(w == word for w, _ in votes) for word in WORDS}
        self.n = sum(w > 0 for word, w in votes if word != "both_bad")
        sums = {word: sum((w for x, w in votes if x == word), F(0)) for word in WORDS}
        self.whole = sums["chosen"] + sums["rejected"] + sums["tie"]
        sides = {side: sums[side] + sums["tie"] / 2 for side in WORDS[:2]}
        self.top = max(sides.values())
        self.label = "tie" if sides["chosen"] == sides["rejected"] else max(sides, key=sides.get)
        self.p = (sides["chosen"] + 1) / (self.whole + 2)
        self.grades = [vote["grade"] for vote in record["votes"] if "grade" in vote]

    def annotation(self):
        agreement = number(self.top / self.whole) if self.whole else "null"
        text = f'{{"label":"{self.label}","agreement":{agreement},"n":{self.n}'
        text += "".join(f',"{word}":{self.cast[word]}' for word in WORDS)
        text += f',"p":{number(self.p)}'
        if self.grades:
            mean = F(sum(self.grades), len(self.grades))
            text += f',"grades":{len(self.grades)},"grade":{number(mean)}'
            text += f',"spread":{max(self.grades) - min(self.grades)}'
        return text + "}"

    def reason(self, options):
        if self.grades:
            spread = max(self.grades) - min(self.grades)
            if "max-spread" in options and spread > options["max-spread"]:
                return "grades_apart", f"grades {spread} apart > {options['max-spread']}"
            if "mean-band" in options:
                low, high = map(F, options["mean-band"].split(".."))
                total, n = sum(self.grades), len(self.grades)
                if low <= F(total, n) <= high:
                    return "grade_in_band", f"mean grade {total}/{n} in {options['mean-band']}"
        if options.get("on-tie") == "drop" and self.label == "tie":
            return "consensus_tie", "consensus is tie"
        return None, None


def expected(records, scale, options):
    kept, rejected, counts = [], [], {"grades_apart": 0, "grade_in_band": 0, "ungraded": 0}
    for record in records:
        found = Consensus(record, options)
        kind, why = found.reason(options)
        counts["ungraded"] += not found.grades
        if why is not None:
            counts[kind] = counts.get(kind, 0) + 1
            reject = f',"reject":{{"by":"vote","why":"{why}"}}}}\n'
            rejected.append(line_of(record)[:-1] + reject)
        elif "on-rejected" in options and found.label == "rejected":
            turned = flipped(record, scale)
            end = f',"vote":{Consensus(turned, options).annotation()},"flipped":true}}\n'
            kept.append(line_of(turned)[:-1] + end)
        else:
            kept.append(line_of(record)[:-1] + f',"vote":{found.annotation()}}}\n')
    return "".join(kept), "".join(rejected), counts


def words_of(options):
    words = []
    for key, value in options.items():
        if key == "weights":
            value = ",".join(f"{judge}={weight}" for judge, weight in value.items())
            words += ["--method", "weighted"]
        words += [f"--{key}"] if value is None else [f"--{key}", str(value)]
    return words


def run(words, folder, given):
    done = subprocess.run([PREF, *words], cwd=folder, input=given.encode(), capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stderr.decode()}")
    return done.stdout.decode()


def difference(name, got, want):
    for i, (a, b) in enumerate(zip(got.splitlines(), want.splitlines()), 1):
        if a != b:
            return f"{name}, line {i}:\n{a[-300:]}\nwanted\n{b[-300:]}"
    return None if got == want else f"{name}: {len(got)} bytes, wanted {len(want)}"


def options_of(scale):
    low, high = min(scale), max(scale)
    middle = F(low + high, 2)
    band = f"{float(middle - 1):.6f}..{float(middle) + 0.333333:.6f}"
    weights = {"a": "2.5", "b": "0.333333", "c": "0", "d": "17.000001"}
    return (
        {},
        {"max-spread": (high - low) // 2, "mean-band": band},
        {"max-spread": 0, "on-tie": "drop"},
        {"mean-band": f"{low}..{float(middle):g}", "on-rejected": "flip"},
        {"by-confidence": None, "on-rejected": "flip"},
        {"by-confidence": None, "weights": weights, "mean-band": band, "on-tie": "drop"},
    )


def try_vote(tap, folder, scale, records, options):
    given = "".join(line_of(record) + "\n" for record in records)
    want, away, counts = expected(records, scale, options)
    # `=` binds a scale that begins with '-'.
    words = ["vote", f"--scale={scale[0]}..{scale[1]}", "--rejects", "away", "--summary", "summary"]
    words += words_of(options)
    problem = None
    for threads in ("1", "3"):
        got = run([*words, "--threads", threads], folder, given)
        problem = problem or difference("out", got, want)
        problem = problem or difference("rejects", (folder / "away").read_text(), away)
    summary = json.loads((folder / "summary").read_text())
    if "max-spread" in options or "mean-band" in options:
        told = {key: summary[key] for key in ("grades_apart", "grade_in_band", "ungraded")}
        right = {key: counts[key] for key in told}
        problem = problem or (None if told == right else f"{told}, wanted {right}")
    tap.result(" ".join(words[1:2] + words_of(options)), problem)


def main():
    tap, rng = harness.Tap(), random.Random(20251218)
    with tempfile.TemporaryDirectory(prefix="pref-grades-") as top:
        folder = pathlib.Path(top)
        for scale in SCALES:
            records = made_records(rng, scale, 400)
            for options in options_of(scale):
                try_vote(tap, folder, scale, records, options)
            given = "".join(line_of(record) + "\n" for record in records)
            on = f"--scale={scale[0]}..{scale[1]}"
            once = run(["flip", on], folder, given)
            turned = [line_of(flipped(record, scale)) for record in records]
            want = "".join(line[:-1] + ',"flipped":true}\n' for line in turned)
            problem = difference("once", once, want)
            problem = problem or difference("twice", run(["flip", on], folder, once), given)
            tap.result(f"flip {on}", problem)
    tap.end()


main()
