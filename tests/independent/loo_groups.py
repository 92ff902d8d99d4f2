#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ask the oracles of `pref loo --item-group` again about what it leaves.

The search here knows groups alone: lists of items that have the same value. Compared are what is
removed, how many subsets were asked about and what --removed receives, in each order, for majority,
strength and a co-process; and nothing but what stands in the array changes.
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

# Equal values, however they are written; the last two are the same object.
VALUES = ['"a"', '"\\u0061"', '"b"', "1", '"1"', "true", '["x",1]', '[ "\\u0078", 1]',
          '{"k":1,"l":2}', '{"l":2, "k":1}']  # fmt: skip

CO_PROCESS = """
import json, sys
for line in sys.stdin:
    q = json.loads(line)
    print(json.dumps({"q": q["q"], "ok": sum(i["n"] for i in q["record"]["items"]) % 7 < 5}), flush=True)
"""


def majority(items, left):
    def lead(votes):
        words = [vote["vote"] for vote in votes]
        return words.count("chosen") - words.count("rejected")
    return lead(items) * lead(left) > 0 and abs(lead(left)) >= 2


def strength(items, left):
    def differences(rows):
        return [fractions.Fraction(r["chosen"]) - fractions.Fraction(r["rejected"]) for r in rows]
    d, n = differences(left), len(left)
    if n < 2 or sum(d) * sum(differences(items)) <= 0:
        return False
    mean = sum(d) / n
    return mean**2 * n >= sum((x - mean) ** 2 for x in d) / n  # 1 standard error


def by_rest(items, left):
    return sum(item["n"] for item in left) % 7 < 5


def groups_of(items, order):
    """Lists of places, in the order in which they are tried."""
    places = list(range(len(items)))
    if order == "reverse":
        places.reverse()
    elif order == "/rank":
        places.sort(key=lambda i: (items[i].get("rank") is None, items[i].get("rank") or 0))
    groups = {}
    for i in places:
        value = items[i].get("of")
        key = ("alone", i) if value is None else json.dumps(value, sort_keys=True)
        groups.setdefault(key, []).append(i)
    return list(groups.values())


def distil(items, accepts, order):
    asked = set()

    def ask(left):
        asked.add(left)
        return accepts(items, [items[i] for i in sorted(left)])

    left, changed = frozenset(range(len(items))), True
    if not ask(left):
        return [], 1
    groups = groups_of(items, order)
    while changed:
        changed = False
        for group in groups:
            if left.issuperset(group) and ask(left - set(group)):
                left, changed = left - set(group), True
    return [i for i in range(len(items)) if i not in left], len(asked)


def made(rng, kind):
    """The texts of some items: the values must be written as they are."""
    texts = []
    for i in range(rng.randrange(9)):
        members = {
            "votes": f'"judge":"j{i}","vote":"{rng.choice(("chosen", "chosen", "rejected", "tie"))}"',
            "scores": f'"model":"m{i}","chosen":{rng.randrange(-3, 9)},"rejected":{rng.randrange(3)}',
            "items": f'"n":{rng.randrange(12)}',
        }[kind]  # fmt: skip
        draw = rng.random()
        if draw < 0.8:
            members += ',"of":' + rng.choice(VALUES)
        elif draw < 0.9:
            members += ',"of":null'
        if rng.random() < 0.8:
            members += f',"rank":{rng.randrange(4)}'
        texts.append("{" + members + "}")
    return texts


def check(tap, folder, kind, oracle, accepts, order, seed):
    rng = random.Random(seed)
    lines, all_texts = [], []
    for i in range(250):
        texts = made(rng, kind)
        all_texts.append(texts)
        lines.append(f'{{"id":{i},"{kind}":[{",".join(texts)}]}}')
    (folder / "in").write_text("".join(line + "\n" for line in lines))
    words = ["loo", "--items", kind, "--oracle", oracle, "--order", order, "--item-group", "/of",
             "--insufficient", "keep", "--removed", "removed", "in"]  # fmt: skip
    out = subprocess.run([PREF, *words], cwd=folder, env=harness.environment(),
                         stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()  # fmt: skip
    wrong, cut, together = [], [], 0
    for i, (texts, line) in enumerate(zip(all_texts, out)):
        items = [json.loads(text) for text in texts]
        removed, calls = distil(items, accepts, order)
        left = ",".join(text for k, text in enumerate(texts) if k not in removed)
        loo = {"before": len(items), "after": len(items) - len(removed), "calls": calls,
               "removed": removed}  # fmt: skip
        wanted = f'{{"id":{i},"{kind}":[{left}],"loo":{json.dumps(loo, separators=(",", ":"))}}}'
        if line != wanted:
            wrong.append(f"{lines[i]}\ngot    {line}\nwanted {wanted}")
        cut += [(i, k, texts[k]) for k in removed]
        together += len(groups_of(items, order)) < len(items) and len(removed) > 1
    got = [json.loads(line) for line in (folder / "removed").read_text().splitlines()]
    if [(r["removed"]["id"], r["index"], r["item"]) for r in got] != [
        (i, k, json.loads(text)) for i, k, text in cut
    ]:
        wrong.append("--removed has other items")
    if together < 20:
        wrong.append(f"{together} records had something to leave out together")
    tap.result(f"{kind} {order}", "\n".join(wrong[:3]) or None)


def main():
    tap = harness.Tap()
    with tempfile.TemporaryDirectory(prefix="pref-groups-") as top:
        folder = pathlib.Path(top)
        (folder / "judge.py").write_text(CO_PROCESS)
        oracles = {
            "votes": ("majority:2", majority),
            "scores": ("strength:1", strength),
            "items": (f"exec:{sys.executable} judge.py", by_rest),
        }
        for seed, (kind, (oracle, accepts)) in enumerate(oracles.items()):
            for order in ("input", "reverse", "/rank"):
                check(tap, folder, kind, oracle, accepts, order, seed)
    tap.end()


main()
