#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref vote --method dawid-skene` and `pref judges` with computations of its own, over LLMBar's
judges (1,200 pairs, 65 judges who saw both orders) and over made votes of all four words.

The implementation here is the textbook's: a list of records, no patterns, likelihoods multiplied in
logarithms, all in Python's own floats. What must agree is each p to 1e-6, the iterations, the
log-likelihood, and how often the label is the gold one. Then the laws: a fit does not show how the corpus was cut, shuffled,
or read; and using it says what one run says.
"""

import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
WORDS = ("chosen", "rejected", "tie", "both_bad")
METHOD = ("--method", "dawid-skene")


def llmbar():
    path = SHARED / "data" / "llmbar_votes.jsonl.zst"
    if not path.exists():
        return None
    done = subprocess.run(["zstd", "-dc", str(path)], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Model:
    """EM over confusion matrices, as the paper has it."""

    def __init__(self, records, by_order):
        self.by_order = by_order
        voted = [record["votes"] for record in records if record.get("votes")]
        said = [[(self.source(vote), vote["vote"]) for vote in votes] for votes in voted]
        sources = sorted({source for cells in said for source, _ in cells})
        p = [self.share(votes) for votes in voted]
        for self.iterations in range(1, 1001):
            self.prior = math.fsum(p) / len(p)
            mass = {(source, word): [0.01, 0.01] for source in sources for word in WORDS}
            for cells, chosen in zip(said, p):
                rejected = 1 - chosen
                for cell in cells:
                    both = mass[cell]
                    both[0] += chosen
                    both[1] += rejected
            self.rates = {}
            for source in sources:
                whole = [sum(mass[source, word][side] for word in WORDS) for side in (0, 1)]
                for word in WORDS:
                    self.rates[source, word] = [m / w for m, w in zip(mass[source, word], whole)]
            self.odds = {
                cell: math.log(rate[0]) - math.log(rate[1]) for cell, rate in self.rates.items()
            }
            now = [self.posterior(cells) for cells in said]
            moved = max(abs(a - b) for a, b in zip(p, now))
            p = now
            if moved <= 1e-9:
                break
        self.log_likelihood = math.fsum(map(self.log_of, said))
        lean = 0
        for source, _ in (cell for cells in said for cell in cells):
            chosen, rejected = self.rates[source, "chosen"], self.rates[source, "rejected"]
            lean += chosen[0] - chosen[1] + rejected[1] - rejected[0]
        self.mirrored = lean < 0

    def source(self, vote):
        swapped = vote.get("swapped") if self.by_order else None
        return (vote["judge"], {None: 0, False: 1, True: 2}[swapped])

    @staticmethod
    def share(votes):
        worth = {"chosen": 1, "rejected": 0, "tie": 0.5, "both_bad": 0.5}
        return sum(worth[vote["vote"]] for vote in votes) / len(votes)

    def posterior(self, cells):
        if not 0 < self.prior < 1:
            return self.prior
        odds = math.log(self.prior / (1 - self.prior)) + sum(map(self.odds.__getitem__, cells))
        return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))

    def log_of(self, cells):
        """The log of the probability of some votes, whatever the true side."""
        sides = [math.log(max(share, 5e-324)) for share in (self.prior, 1 - self.prior)]
        for cell in cells:
            sides = [log + math.log(rate) for log, rate in zip(sides, self.rates[cell])]
        return max(sides) + math.log1p(math.exp(min(sides) - max(sides)))

    def p(self, record):
        if not record.get("votes"):
            return 0.5
        p = self.posterior([(self.source(vote), vote["vote"]) for vote in record["votes"]])
        return 1 - p if self.mirrored else p


def run(folder, words, files, seed="1"):
    env = harness.environment(PREF_TABLE_SEED=seed)
    done = subprocess.run(
        [PREF, "vote", *METHOD, *words, *files],
        cwd=folder, env=env, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return done.stdout


def write(folder, name, records):
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / name).write_text("".join(lines))
    return name


def compare(folder, records, by_order, accuracy=None):
    """None, or what differs."""
    words = ["--by-order"] if by_order else []
    out = run(folder, [*words, "--summary", "summary"], [write(folder, "in", records)])
    summary = json.loads((folder / "summary").read_text())
    model = Model(records, by_order)
    wrong = []
    for record, line in zip(records, out.splitlines()):
        annotation = json.loads(line).get("vote")
        if annotation is None:
            if record.get("votes") is not None:
                wrong.append(f"{record['id']}: no annotation")
            continue
        p = model.p(record)
        label = "tie" if p == 0.5 else "chosen" if p > 0.5 else "rejected"
        if abs(annotation["p"] - p) > 1e-6 or (
                annotation["label"] != label and abs(p - 0.5) > 1e-9):
            wrong.append(f"{record['id']}: {annotation}, wanted p {p}")
    if (summary["iterations"], summary["mirrored"]) != (model.iterations, model.mirrored):
        wrong.append(f"{summary}, wanted {model.iterations} iterations")
    if abs(summary["log_likelihood"] / model.log_likelihood - 1) > 1e-9:
        wrong.append(f"{summary}, wanted a log-likelihood of {model.log_likelihood}")
    if accuracy is not None:
        labels = [json.loads(line)["vote"]["label"] for line in out.splitlines()]
        right = sum(r["gold"] == label for r, label in zip(records, labels)) / len(records)
        if abs(right - accuracy) > 0.0005:
            wrong.append(f"{right} of the labels are gold, expected {accuracy}")
    return "\n".join(wrong[:4]) or None


# ---- Made votes ------------------------------------------------------------------------------

JUDGES = {"best": 0.9, "a b": 0.8, "a\tb": 0.75, "j\u00fcrgen": 0.7, "back\\slash": 0.6, "": 0.4}


def made(rng, count):
    records = []
    for i in range(count):
        truth = rng.random() < 0.6
        votes = []
        for judge, skill in JUDGES.items():
            for _ in range(rng.choice((0, 1, 1, 1, 2))):
                swapped = rng.choice((True, False, None))
                right = rng.random() < skill + (0.1 if swapped else -0.1)
                vote = {"judge": judge, "vote": WORDS[right != truth]}
                if rng.random() < 0.15:
                    vote["vote"] = rng.choice(WORDS[2:])
                if swapped is not None or rng.random() < 0.5:
                    vote["swapped"] = swapped
                votes.append(vote)
        rng.shuffle(votes)
        records.append({"id": i} | ({"votes": votes} if i % 20 else {}))
    return records


def check_laws(tap, records, by_order):
    """Parts, orders, threads, seeds: the same fit, and the same records."""
    words = ["--by-order"] if by_order else []
    name = " ".join(["laws", *words])
    rng = random.Random(8)
    with tempfile.TemporaryDirectory(prefix="pref-ds-") as top:
        folder = pathlib.Path(top)
        whole = write(folder, "whole", records)
        fit = run(folder, [*words, "--fit", "-"], [whole])
        (folder / "fit").write_bytes(fit)
        shuffled = [dict(r) for r in rng.sample(records, len(records))]
        for record in shuffled:
            if "votes" in record:
                record["votes"] = rng.sample(record["votes"], len(record["votes"]))
        wrong = []
        if run(folder, [*words, "--fit", "-"], [write(folder, "shuffled", shuffled)]) != fit:
            wrong.append("the fit of a shuffled corpus is another")
        for parts in (1, 2, 3, 8, 64):
            names = []
            for i in range(parts):
                part = write(folder, "part", records[i::parts])
                names.append(f"{i}.fit")
                run(folder, [*words, "--fit", names[-1]], [part], seed=str(i))
            merge = [PREF, "merge", *rng.sample(names, parts)]
            env = harness.environment()
            merged = subprocess.run(
                merge, cwd=folder, env=env, stdout=subprocess.PIPE, check=True
            ).stdout
            if merged != fit:
                wrong.append(f"the merged fit of {parts} parts is another")
        out = run(folder, words, [whole])
        for threads in ("1", "2", "3", "8"):
            for seed in ("1", "0xfedcba9876543210"):
                more = [*words, "--threads", threads]
                if run(folder, more, [whole], seed) != out:
                    wrong.append(f"threads {threads}, seed {seed}: another output")
                if run(folder, [*more, "--use", "fit"], [whole], seed) != out:
                    wrong.append(f"threads {threads}, seed {seed}: --use says something else")
        backwards = run(folder, words, ["shuffled"]).splitlines()
        by_id = {json.loads(line)["id"]: json.loads(line).get("vote") for line in backwards}
        for line in out.splitlines():
            record = json.loads(line)
            if by_id[record["id"]] != record.get("vote"):
                wrong.append(f"the order of the input shows in record {record['id']}")
                break
        tap.result(name, "\n".join(wrong) or None)


# Panels of judges a to e, a word a record, on which EM ends with the sides exchanged.
MIRRORS = (
    "rrcrc -rcrr crrcr crrc- crc-r -crcr cccrr",
    "c-rcc cr-r- rrrcc cccrr c-ccc",
    "ccrc- -rc-- c-rr- r-r-- c-c--",
    "rcrcr --ccr crr-r ---cr c-cr- cc-c- rrcc-",
)


# ---- Measures of judges ----------------------------------------------------------------------


def kappa_of(pairs):
    """Cohen's, of a list of (vote, label)."""
    n = len(pairs)
    same = sum(vote == label for vote, label in pairs) / n
    chance = sum(
        sum(vote == word for vote, _ in pairs) * sum(label == word for _, label in pairs)
        for word in WORDS
    ) / (n * n)
    return same, (same - chance) / (1 - chance)


def alpha_of(units):
    """Krippendorff's, nominal, by its coincidences of values."""
    together = dict.fromkeys(((a, b) for a in WORDS for b in WORDS), 0.0)
    for votes in units:
        for i, a in enumerate(votes):
            for j, b in enumerate(votes):
                if i != j:
                    together[a, b] += 1 / (len(votes) - 1)
    by_word = {a: sum(together[a, b] for b in WORDS) for a in WORDS}
    n = sum(by_word.values())
    seen = sum(share for (a, b), share in together.items() if a != b) / n
    expected = sum(by_word[a] * by_word[b] for a in WORDS for b in WORDS if a != b) / n / (n - 1)
    return 1 - seen / expected


def correlation_of(x, y):
    mx, my = math.fsum(x) / len(x), math.fsum(y) / len(y)
    xx, yy = sum((a - mx) ** 2 for a in x), sum((b - my) ** 2 for b in y)
    if xx < 1e-12 or yy < 1e-12:
        return None
    return sum((a - mx) * (b - my) for a, b in zip(x, y)) / math.sqrt(xx * yy)


def means_of(records, judge):
    """By record, the mean of a judge's votes."""
    worth = {"chosen": 1, "rejected": -1}
    means = {}
    for i, record in enumerate(records):
        own = [worth.get(vote["vote"], 0) for vote in record["votes"] if vote["judge"] == judge]
        if own:
            means[i] = sum(own) / len(own)
    return means


def measure(records, model):
    """What pref judges must say, by judge."""
    p = [model.p(record) for record in records]
    judges = sorted({vote["judge"] for record in records for vote in record["votes"]})
    means = {judge: means_of(records, judge) for judge in judges}
    measures = {}
    for judge in judges:
        own = [(v, q) for r, q in zip(records, p) for v in r["votes"] if v["judge"] == judge]
        same, kappa = kappa_of([(v["vote"], WORDS[q < 0.5]) for v, q in own])
        first = []
        for swapped in (False, True):
            said = [v["vote"] for v, _ in own if v.get("swapped") is swapped]
            chosen, rejected = said.count("chosen"), said.count("rejected")
            first.append(chosen / (chosen + rejected))
        twins = []
        for other in judges:
            shared = sorted(means[judge].keys() & means[other].keys())
            if other != judge and shared:
                x = [means[judge][i] for i in shared]
                twins.append((correlation_of(x, [means[other][i] for i in shared]), other))
        best = max(r for r, _ in twins if r is not None)
        measures[judge] = {
            "votes": len(own),
            "coverage": len(means[judge]) / len(records),
            "agreement": same,
            "kappa": kappa,
            "position_bias": (first[0] - first[1]) / 2 if model.by_order else None,
            "sensitivity": sum(q for v, q in own if v["vote"] == "chosen") / sum(q for _, q in own),
            "specificity": sum(1 - q for v, q in own if v["vote"] == "rejected")
            / sum(1 - q for _, q in own),
            "correlation": best,
            "twins": [other for r, other in twins if r is not None and r > best - 1e-9],
        }
    return measures


def escaped(name):
    """A name as it stands in fits, by which judges are sorted."""
    signs = (f"\\{ord(c):02x}" if c < " " or c == "\\" else c for c in name)
    return "".join(signs).encode()


def check_measures(tap, name, records, by_order):
    records = [record for record in records if record.get("votes")]
    want = measure(records, Model(records, by_order))
    wrong = []
    with tempfile.TemporaryDirectory(prefix="pref-ds-") as top:
        folder = pathlib.Path(top)
        words = ["--by-order"] if by_order else []
        run(folder, [*words, "--fit", "fit"], [write(folder, "in", records)])
        command = [PREF, "judges", "--format", "json", "fit"]
        env = harness.environment()
        done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, check=True)
    *judges, panel = [json.loads(line) for line in done.stdout.splitlines()]
    if [judge["judge"] for judge in judges] != sorted(want, key=escaped):
        wrong.append(f"judges {[judge['judge'] for judge in judges]}")
    for judge in judges:
        measures = want[judge["judge"]]
        if judge["twin"] not in measures.pop("twins"):
            wrong.append(f"{judge}: wrong twin")
        for key, value in measures.items():
            if value is None or judge[key] is None:
                if value is not judge[key]:
                    wrong.append(f"{judge['judge']}, {key}: {judge[key]}, wanted {value}")
            elif abs(judge[key] - value) > 1e-6:
                wrong.append(f"{judge['judge']}, {key}: {judge[key]}, wanted {value}")
    units = [[vote["vote"] for vote in r["votes"]] for r in records if len(r["votes"]) > 1]
    alpha = alpha_of(units)
    if abs(panel["panel"]["alpha"] - alpha) > 1e-9:
        wrong.append(f"{panel}, wanted alpha {alpha}")
    tap.result(f"measures of judges, {name}", "\n".join(wrong[:4]) or None)


# ---- Mirrors ---------------------------------------------------------------------------------


def check_mirror(tap):
    """Small panels of guessing judges, among them some on which the sides get exchanged."""
    rng = random.Random(3)
    panels = [panel.split() for panel in MIRRORS]
    for _ in range(30):
        panels.append(["".join(rng.choice("ccrr-") for _ in "abcde") for _ in range(6)])
    wrong, mirrored = [], 0
    with tempfile.TemporaryDirectory(prefix="pref-ds-") as top:
        folder = pathlib.Path(top)
        for panel in panels:
            records = [{"id": said, "votes": votes_of(said)} for said in panel]
            model = Model(records, False)
            if 0 < model.prior < 1 and model.iterations < 400:
                mirrored += model.mirrored
                fault = compare(folder, records, False)
                wrong += [f"{panel}: {fault}"] if fault else []
    if mirrored != len(MIRRORS):
        wrong.append(f"{mirrored} mirrors, expected {len(MIRRORS)}")
    tap.result("small panels, and mirrors among them", "\n".join(wrong[:2]) or None)


def votes_of(said):
    """"cr-" is a vote of a for chosen, of b for rejected, and none of c."""
    words = {"c": "chosen", "r": "rejected"}
    return [{"judge": j, "vote": words[w]} for j, w in zip("abcde", said) if w in words]


def main():
    tap = harness.Tap()
    records = made(random.Random(11), 600)
    with tempfile.TemporaryDirectory(prefix="pref-ds-") as top:
        folder = pathlib.Path(top)
        for by_order in (False, True):
            name = f"made votes{', by order' if by_order else ''}"
            tap.result(name, compare(folder, records, by_order))
        real = llmbar()
        for by_order, accuracy in ((False, 0.7567), (True, 0.7575)):
            name = f"LLMBar{', by order' if by_order else ''}"
            if real is None:
                tap.skip(name, "the real corpora are not beside the source tree")
            else:
                tap.result(name, compare(folder, real, by_order, accuracy))
    check_measures(tap, "made votes", records, False)
    check_measures(tap, "made votes, by order", records, True)
    if real is not None:
        check_measures(tap, "300 of LLMBar", real[::4], True)
    check_laws(tap, records, False)
    check_laws(tap, records, True)
    check_mirror(tap)
    tap.end()


if __name__ == "__main__":
    main()
