# SPDX-License-Identifier: Apache-2.0
"""Models of judges: learning from a panel of five beside counting its votes, EM alone, and a panel
of sixty, whose patterns of votes are nearly as many as its records."""

import random

from table import Row, at_most

RECORDS, PANEL = 500_000, 5
WIDE_RECORDS, WIDE_PANEL = 30_000, 60


def make_votes(path, records, judges, seed):
    """Judges that are right in 55 to 90 of 100 cases, and say tie in 5."""
    rng = random.Random(seed)
    sides = "chosen", "rejected"
    casts = []  # by judge and true side, twenty votes to choose from
    for judge in range(judges):
        right = 11 + judge * 7 // judges
        for truth in (0, 1):
            words = ["tie"] + [sides[truth]] * right + [sides[1 - truth]] * (19 - right)
            casts.append([f'{{"judge":"j{judge}","vote":"{word}"}}' for word in words])
    with open(path, "w", encoding="ascii") as out:
        for _ in range(records):
            truth = rng.random() < 0.5
            votes = ",".join(rng.choice(cast) for cast in casts[truth::2])
            out.write(f'{{"votes":[{votes}],"gold":"{sides[truth]}"}}\n')


def measure(bench):
    votes, fit = bench.out / "votes.jsonl", bench.out / "votes.fit"
    vote = f"{bench.pref} vote --threads 2"
    model = f"{vote} --method dawid-skene"
    make_votes(votes, RECORDS, PANEL, 3)
    times = bench.race(count=f"{vote} {votes} >/dev/null", learn=f"{model} --fit {fit} {votes}",
                       solve=f"{model} --use {fit} /dev/null >/dev/null",
                       apply=f"{model} --use {fit} {votes} >/dev/null")
    for name, done, budget in (("learn", "learning", 1.2), ("apply", "applying", 1.7)):
        yield Row(f"dawid-skene, {done}, 5 judges", times[name], "vote", times["count"],
                  times[name].wall / times["count"].wall, at_most(budget, 1),
                  times[name].cpu / times["count"].cpu)
    yield Row("dawid-skene, EM, 5 judges", times["solve"], "seconds", "", times["solve"].wall,
              at_most(1), times["solve"].cpu)
    make_votes(votes, WIDE_RECORDS, WIDE_PANEL, 4)
    for method, budget in (("dawid-skene", 2), ("calibrated", 2)):
        time = bench.race(wide=f"{vote} --method {method} {votes} >/dev/null")["wide"]
        yield Row(f"{method}, 1.8 million votes, 60 judges", time, "seconds", "", time.wall,
                  at_most(budget), time.cpu)
    votes.unlink()
    fit.unlink()
