#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref loo --oracle posterior` with a computation of its own.

By dawid-skene: a model solved here says of each subset of a record's votes how probable the label
is, and a search as Context-Picker's Algorithm 1 has it says what stays. By calibrated, whose weights
`pref vote` alone knows: what stays suffices, and without any single vote it does not, as `pref vote`
says of these votes.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import dawid_skene
import harness

PREF = os.environ.get("PREF") or "pref"


def pref(folder, *words):
    env = harness.environment(PREF_TABLE_SEED="7")
    done = subprocess.run([PREF, *words], cwd=folder, env=env, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(folder, name, records):
    (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records))
    return name


def search(votes, p, least):
    """What goes, and how many subsets were asked about; None where all votes do not suffice."""
    whole, asked = p(votes), {}

    def accepts(some):
        if some not in asked:
            now = p([votes[i] for i in sorted(some)])
            asked[some] = now >= least and now > 0.5 if whole > 0.5 else (
                1 - now >= least and now < 0.5 < 1 - whole)  # fmt: skip
        return asked[some]

    kept = frozenset(range(len(votes)))
    if not accepts(kept):
        return None
    changed = True
    while changed:
        changed = False
        for i in range(len(votes)):
            if i in kept and accepts(kept - {i}):
                kept, changed = kept - {i}, True
    return [i for i in range(len(votes)) if i not in kept], len(asked)


def check_dawid_skene(tap, folder, name, records, by_order, least):
    more = ["--by-order"] if by_order else []
    model = dawid_skene.Model(records, by_order)
    pref(folder, "vote", "--method", "dawid-skene", *more, "--fit", "ds.fit",
         write(folder, "in", records))  # fmt: skip
    words = ["--use", "ds.fit", "--mark", "--insufficient", "keep"]
    wrong, removed = [], 0
    for record in pref(folder, "loo", "--oracle", f"posterior:{least}", *words, "in"):
        if record.get("votes") is None:
            continue
        found = search(record["votes"], lambda votes: model.p({"votes": votes}), least)
        wanted = ([], 1) if found is None else found
        removed += len(wanted[0])
        if (record["loo"]["removed"], record["loo"]["calls"]) != wanted:
            wrong.append(f"{record['id']}: {record['loo']}, wanted {wanted}")
    if removed == 0:
        wrong.append("nothing was removed: nothing was tested")
    tap.result(name, "\n".join(wrong[:4]) or None)


def check_calibrated(tap, folder, records, least):
    rng = random.Random(3)
    for record in records:
        if rng.random() < 0.6:
            record["gold"] = "chosen" if record["id"] % 3 else "rejected"
    pref(folder, "vote", "--method", "calibrated", "--fit", "cal.fit", write(folder, "in", records))
    out = pref(folder, "loo", "--oracle", f"posterior:{least}", "--use", "cal.fit",
               "--rejects", "rejects", "in")  # fmt: skip
    rejects = [json.loads(line) for line in (folder / "rejects").read_text().splitlines()]
    trials = []  # (what it is, the label, whether it must suffice, the votes)
    whole = {r["id"]: r["votes"] for r in records if r.get("votes") is not None}
    for record in out:
        if "loo" not in record:
            continue
        votes, name = record["votes"], record["id"]
        trials.append((name, whole[name], True, votes))
        trials += [(name, whole[name], False, votes[:i] + votes[i + 1 :])
                   for i in range(len(votes))]  # fmt: skip
    trials += [(r["id"], whole[r["id"]], False, whole[r["id"]]) for r in rejects]

    def ask(lists):
        some = [{"id": i, "votes": votes} for i, votes in enumerate(lists)]
        said = pref(folder, "vote", "--method", "calibrated", "--use", "cal.fit",
                    write(folder, "ask", some))  # fmt: skip
        return [record["vote"]["p"] for record in said]

    wrong = []
    for (name, _, must, _), before, now in zip(
        trials, ask([t[1] for t in trials]), ask([t[3] for t in trials])
    ):
        suffices = before > 0.5 and now >= least or before < 0.5 and 1 - now >= least
        if suffices != must:
            wrong.append(f"{name}: p {before} of all, {now} of some")
    if not any(must for _, _, must, _ in trials) or len(out) == len(trials):
        wrong.append("nothing was tested")
    tap.result("calibrated: minimal, as vote says", "\n".join(wrong[:4]) or None)


def main():
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-posterior-") as top:
        folder = pathlib.Path(top)
        records = dawid_skene.made(random.Random(11), 300)
        for by_order in (False, True):
            for least in (0.95, 0.6, 0.5):
                name = f"dawid-skene, {'by order, ' if by_order else ''}{least}"
                check_dawid_skene(tap, folder, name, records, by_order, least)
        check_calibrated(tap, folder, records, 0.7)
    tap.end()


main()
