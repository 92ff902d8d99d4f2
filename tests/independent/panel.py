#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref loo --panel` with computations of its own, which know records and no patterns.

Made corpora of up to 8 judges: every panel there is, counted over the records. Made corpora of more
judges, and LLMBar's 65: elimination, in which each step counts all records anew for each judge that
may go. Then the labels of what is left are those that `pref vote` writes when the others' votes are
cut out; and neither parts, files, threads, seeds nor a fit show in the report.
"""

import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import dawid_skene
import harness

PREF = os.environ.get("PREF") or "pref"
WORDS = ("chosen", "rejected", "tie", "both_bad")


# ---- What labels are ---------------------------------------------------------------------------


def majority(ties, both_bad):
    """The label of some votes, or None where none of them counts."""

    def label(votes):
        words = [vote["vote"] for vote in votes]
        if both_bad == "tie":
            words = ["tie" if word == "both_bad" else word for word in words]
        counted = [w for w in words if w != "both_bad" and (w != "tie" or ties != "drop")]
        if not counted:
            return None
        sides = {word: Fraction(counted.count(word)) for word in WORDS[:3]}
        if ties != "keep":
            sides["chosen"] += sides["tie"] / 2
            sides["rejected"] += sides["tie"] / 2
            sides["tie"] = 0
        most = max(sides.values())
        return next((w for w in sides if list(sides.values()).count(most) == 1
                     and sides[w] == most), "tie")  # fmt: skip

    return label


def believed(records):
    """The side that a model of all judges favours, given some of the votes."""
    model = dawid_skene.Model(records, False)

    def label(votes):
        if not votes:
            return None
        p = model.p({"votes": votes})
        return "chosen" if p > 0.5 else "rejected" if p < 0.5 else "tie"

    return label


class Corpus:
    def __init__(self, records, label):
        self.votes = [record["votes"] for record in records if record.get("votes")]
        self.judges = sorted({v["judge"] for votes in self.votes for v in votes}, key=str.encode)
        self.label = label
        self.whole = [label(votes) for votes in self.votes]
        self.labels = sum(one is not None for one in self.whole)

    def kept(self, panel):
        return sum(
            one is not None and self.label([v for v in votes if v["judge"] in panel]) == one
            for votes, one in zip(self.votes, self.whole)
        )


# ---- The two searches --------------------------------------------------------------------------


def order(corpus, cost, may):
    """Leave out judge after judge of those that may go: [(judge, labels kept then)]."""
    panel, kept, steps = set(corpus.judges), corpus.labels, []
    while may & panel:
        def rank(judge):
            then = corpus.kept(panel - {judge})
            lost = kept - then
            place = corpus.judges.index(judge)
            if lost <= 0:
                return (1, cost[judge], then, place), then
            return (0, cost[judge] / lost, then, place), then

        best, judge = max((rank(judge), judge) for judge in may & panel)
        kept = best[1]
        panel.discard(judge)
        steps.append((judge, kept))
    return steps


def eliminate(corpus, cost, share):
    steps = order(corpus, cost, set(corpus.judges))
    taken, least, most, left = 0, sum(cost.values()), corpus.labels, sum(cost.values())
    for i, (judge, kept) in enumerate(steps):
        left -= cost[judge]
        if kept >= share * corpus.labels and (left < least or kept >= most):
            taken, least, most = i + 1, left, kept
    return steps[:taken]


def look_at_all(corpus, cost, share):
    best = None
    for size in range(len(corpus.judges) + 1):
        for panel in itertools.combinations(corpus.judges, size):
            kept = corpus.kept(set(panel))
            if kept < share * corpus.labels:
                continue
            names = [judge not in panel for judge in corpus.judges]
            rank = (sum(cost[judge] for judge in panel), -kept, size, names)
            if best is None or rank < best[0]:
                best = (rank, set(panel))
    return order(corpus, cost, set(corpus.judges) - best[1])


def expected(corpus, cost, share):
    search = look_at_all if len(corpus.judges) <= 12 else eliminate
    steps = search(corpus, cost, share) if corpus.labels else []
    gone = {judge for judge, _ in steps}
    lines = [{"judge": judge, "kept": kept / corpus.labels} for judge, kept in steps]
    last = steps[-1][1] if steps else corpus.labels
    panel = [judge for judge in corpus.judges if judge not in gone]
    return lines + [{"panel": panel, "kept": last / corpus.labels if corpus.labels else None}]


# ---- Running -----------------------------------------------------------------------------------


def pref(folder, *words, seed="1"):
    env = harness.environment(PREF_TABLE_SEED=seed)
    return subprocess.run(
        [PREF, *words], cwd=folder, env=env, stdout=subprocess.PIPE, check=True
    ).stdout


def panel(folder, *words, **more):
    out = pref(folder, "loo", "--panel", "--format", "json", "-q", *words, **more)
    return [json.loads(line) for line in out.splitlines()]


def write(folder, name, records):
    (folder / name).write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))
    return name


def made(rng, judges, count):
    """Votes of judges of whom some copy one another, on records that some of them saw."""
    names = [rng.choice(("j", "a b", "\u00fc", "t\t", "b\\")) + str(i) for i in range(judges)]
    skill = [rng.uniform(0.4, 0.95) for _ in names]
    like = [rng.choice((None, None, rng.randrange(judges))) for _ in names]
    records = []
    for i in range(count):
        truth = rng.random() < 0.5
        says = [WORDS[(rng.random() < s) != truth] for s in skill]
        votes = []
        for judge, name in enumerate(names):
            for _ in range(rng.choice((0, 1, 1, 1, 2))):
                source = like[judge] if like[judge] is not None else judge
                word = rng.choice(WORDS) if rng.random() < 0.15 else says[source]
                votes.append({"judge": name, "vote": word})
        rng.shuffle(votes)
        records.append({"id": i, "votes": votes} if rng.random() < 0.95 else {"id": i})
    return records


def compare(folder, records, label, share, cost, words):
    corpus = Corpus(records, label)
    costs = {judge: Fraction(cost.get(judge, "1")) for judge in corpus.judges}
    quoted = ",".join("%s=%s" % (json.dumps(j, ensure_ascii=False).replace("\\t", "\t"), c)
                      for j, c in cost.items())  # fmt: skip
    more = [*words, "--keep-labels", str(share)] + (["--cost", quoted] if cost else [])
    got = panel(folder, *more, write(folder, "in", records))
    wanted = expected(corpus, costs, share)
    return None if got == wanted else f"{more}\ngot    {got}\nwanted {wanted}"


def check_made(tap, folder, name, seeds, sizes, counts):
    wrong = []
    for seed in seeds:
        rng = random.Random(seed)
        records = made(rng, rng.choice(sizes), rng.choice(counts))
        ties, bad = rng.choice(("half", "drop", "keep")), rng.choice(("drop", "tie"))
        share = rng.choice((Fraction(99, 100), Fraction(9, 10), Fraction(2, 3), Fraction(1)))
        judges = Corpus(records, majority(ties, bad)).judges
        cost = {}
        if rng.random() < 0.5:
            some = rng.sample(judges, len(judges) // 2)
            cost = {judge: rng.choice(("0", "0.5", "2", "3.25", "10")) for judge in some}
        label, words = majority(ties, bad), ["--ties", ties, "--both-bad", bad]
        if seed % 4 == 3:
            label, words = believed(records), ["--method", "dawid-skene"]
        problem = compare(folder, records, label, share, cost, words)
        wrong += [f"seed {seed}: {problem}"] if problem else []
    tap.result(name, "\n".join(wrong[:2]) or None)


def check_scores(tap, folder):
    """Signs of scores are votes of their models."""
    rng = random.Random(5)
    records = made(rng, 6, 80)
    worth = {"chosen": (2, 1.5), "rejected": (-1, 1), "tie": (0.5, 0.5), "both_bad": (3, 4)}
    scored = [
        {"scores": [
            {"model": v["judge"], "chosen": worth[v["vote"]][0], "rejected": worth[v["vote"]][1]}
            for v in record["votes"]]}
        for record in records if "votes" in record
    ]  # fmt: skip
    for record in records:
        for vote in record.get("votes", []):
            vote["vote"] = "rejected" if vote["vote"] == "both_bad" else vote["vote"]
    as_votes = panel(folder, write(folder, "votes", records))
    as_scores = panel(folder, "--from-scores", write(folder, "scores", scored))
    pref(folder, "vote", "--method", "dawid-skene", "--from-scores", "--fit", "s.fit", "scores")
    from_fit = panel(folder, "--use", "s.fit")
    same = as_votes == as_scores == from_fit
    tap.result("scores", None if same else f"{as_votes}\n{as_scores}\n{from_fit}")


def check_laws(tap, folder, records):
    wrong = []
    whole = write(folder, "whole", records)
    first = pref(folder, "loo", "--panel", "--threads", "1", whole)
    names = [write(folder, f"part{i}", records[i::3]) for i in range(3)]
    for i, name in enumerate(names):
        pref(folder, "vote", "--method", "dawid-skene", "--fit", f"{i}.fit", name, seed=str(i))
    subprocess.run(["zstd", "-qf", whole], cwd=folder, check=True)
    pref(folder, "merge", "0.fit", "1.fit", "2.fit", "-o", "all.fit")
    ways = {"files": names, "zstd": ["whole.zst"], "fit": ["--use", "all.fit"]}
    ways |= {f"{n} threads": ["--threads", n, whole] for n in ("2", "3", "8")}
    for seed in ("1", "0xfedcba9876543210"):
        for name, words in ways.items():
            if pref(folder, "loo", "--panel", *words, seed=seed) != first:
                wrong.append(f"{name}, seed {seed}: another report")
    tap.result("laws: files, parts, threads, seeds, a fit", "\n".join(wrong) or None)


def check_llmbar(tap, folder, records):
    """The 65 judges of LLMBar."""
    corpus = Corpus(records, majority("half", "drop"))
    # Sums instead of lists, or this would take minutes: each vote is 1, -1 or 0.
    worth = {"chosen": 1, "rejected": -1, "tie": 0, "both_bad": 0}
    voted = [v for votes in corpus.votes for v in votes]
    assert not any(v["vote"] == "both_bad" for v in voted), "both_bad would not count"
    cases = []
    for votes in corpus.votes:
        said = {}
        for v in votes:
            sums = said.setdefault(v["judge"], [0, 0])
            sums[0] += worth[v["vote"]]
            sums[1] += 1
        cases.append(said)

    def sign(x):
        return (x > 0) - (x < 0)

    sums = [[sum(s[i] for s in said.values()) for i in (0, 1)] for said in cases]
    whole = [sign(lead) for lead, _ in sums]
    left, steps = set(corpus.judges), []
    while left:
        def count(judge):
            kept = 0
            for said, (lead, n), label in zip(cases, sums, whole):
                own = said.get(judge, (0, 0))
                kept += n > own[1] and sign(lead - own[0]) == label
            return kept

        kept, judge = max((count(judge), judge) for judge in left)
        left.discard(judge)
        for said, both in zip(cases, sums):
            own = said.get(judge, (0, 0))
            both[0] -= own[0]
            both[1] -= own[1]
        steps.append((judge, kept))
    enough = [i for i, (_, kept) in enumerate(steps) if kept >= Fraction(99, 100) * len(whole)]
    steps = steps[: enough[-1] + 1]
    gone = {judge for judge, _ in steps}
    wanted = [{"judge": judge, "kept": kept / len(whole)} for judge, kept in steps]
    stays = [judge for judge in corpus.judges if judge not in gone]
    wanted.append({"panel": stays, "kept": steps[-1][1] / len(whole)})
    got = panel(folder, write(folder, "llmbar", records))
    tap.result("LLMBar by elimination", None if got == wanted else f"{got[-1]}\n{wanted[-1]}")


# What pref-loo(1) tells of LLMBar: whose labels, the share to keep, judges, labels kept, and the
# share of the labels that are right, ties by half.
TABLE = (
    ("majority", "1", 65, 1200, 0.6575),
    ("majority", "0.99", 42, 1188, 0.6613),
    ("majority", "0.95", 18, 1144, 0.6725),
    ("dawid-skene", "1", 46, 1200, 0.7567),
    ("dawid-skene", "0.99", 18, 1188, 0.7567),
    ("dawid-skene", "0.95", 3, 1145, 0.7596),
)


def check_table(tap, folder, records):
    """Panels of LLMBar, and the labels that `pref vote` writes when only they vote."""
    pref(folder, "vote", "--method", "dawid-skene", "--fit", "all.fit", "llmbar")

    def labels(method, judges):
        some = [{"votes": [v for v in r["votes"] if v["judge"] in judges]} for r in records]
        use = ["--use", "all.fit"] if method == "dawid-skene" else []
        out = pref(folder, "vote", "--method", method, *use, write(folder, "some", some))
        return [json.loads(line)["vote"]["label"] for line in out.splitlines()]

    everybody = {vote["judge"] for record in records for vote in record["votes"]}
    for method, share, *wanted in TABLE:
        judges = panel(folder, "--method", method, "--keep-labels", share, "llmbar")[-1]["panel"]
        before, after = labels(method, everybody), labels(method, judges)
        kept = sum(a == b for a, b in zip(before, after))
        right = sum((r["gold"] == a) + (a == "tie") / 2 for r, a in zip(records, after))
        found = [len(judges), kept, round(right / len(records), 4)]
        tap.result(f"LLMBar: {method}, {share} of the labels",
                   None if found == wanted else f"judges, labels kept, right: {found}")


def main():
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-panel-") as top:
        folder = pathlib.Path(top)
        check_made(tap, folder, "every panel of up to 8 judges", range(48), range(1, 9), (1, 9, 30))
        check_made(tap, folder, "elimination", range(48, 60), range(13, 17), (20, 40))
        check_scores(tap, folder)
        records = dawid_skene.llmbar()
        if records is None:
            tap.skip("LLMBar", "the real corpora are not beside the source tree")
        else:
            check_llmbar(tap, folder, records)
            check_table(tap, folder, records)
            check_laws(tap, folder, records)
    tap.end()


if __name__ == "__main__":
    main()
