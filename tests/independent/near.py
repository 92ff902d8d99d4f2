#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref dedup --near` with leader clustering by brute force.

Texts are made with a fixed seed (and real pairs are added where they are there): copies with some
words changed, chains in which each is near to the next alone, short ones, Chinese ones, boilerplate.
Words, shingles and every similarity are worked out here, with unicodedata and sets, over all pairs
that have a shingle in common. Who goes must be as near as it was said to be to a record that stays,
and of those that brute force removes nearly all must go.
"""

import collections
import fractions
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
import words

PREF = os.environ.get("PREF") or "pref"
FIELDS = ("prompt", "chosen", "rejected")
tap = harness.Tap()


# ---- Corpora ---------------------------------------------------------------------------------------


def sentence(rng, n):
    return [rng.choice(VOCABULARY) for _ in range(n)]


VOCABULARY = [
    first + last
    for first in ("ka", "lo", "mi", "Éte", "sta", "wo", "zhu", "Ωme", "pri", "un")
    for last in ("ra", "n", "ting", "s", "ße", "LE", "dor", "x1", "al", "o")
]


def change(rng, text, times):
    text = list(text)
    for _ in range(times):
        text[rng.randrange(len(text))] = "new" + str(rng.randrange(10**9))
    return text


def spell(rng, text):
    """The same words, written in another way."""
    return "".join(
        (word.upper() if rng.random() < 0.1 and "ß" not in word else word)
        + rng.choice((" ", " ", " ", ", ", "\n", " - "))
        for word in text
    )


def pair(rng, prompt, chosen, rejected):
    return {
        "prompt": spell(rng, prompt),
        "chosen": spell(rng, chosen),
        "rejected": spell(rng, rejected),
    }


def made(seed):
    """Records: some new, some a copy of an earlier one with up to a tenth of its words changed."""
    rng = random.Random(seed)
    records, sources = [], []
    for _ in range(1000):
        if sources and rng.random() < 0.4:
            parts = [change(rng, part, rng.randrange(1 + len(part) // 10))
                     for part in rng.choice(sources)]
        else:
            parts = [sentence(rng, rng.choice((3, 8, 20, 60, 120))) for _ in FIELDS]
        sources.append(parts)
        records.append(pair(rng, *parts))
    # Messages, Chinese without blanks, texts of a word or none.
    for i in range(60):
        text = "".join(chr(0x4E00 + rng.randrange(40)) for _ in range(50))
        for tail in ("", "。", "好"):
            records.append({"prompt": [{"role": "user", "content": text + tail}],
                            "chosen": "是", "rejected": "..." if i % 2 else ""})
    return records


def chain(length):
    """Texts of which each has 0.85 in common with the next: two words of 74 are changed a step."""
    rng = random.Random(5)
    text = ["w" + str(i) for i in range(96)]
    for step in range(length):
        yield {"prompt": " ".join(text), "chosen": "", "rejected": ""}
        at = step * 7 % 90 + 2
        text[at] = "v" + str(rng.randrange(10**9))


def real():
    """A sample of real pairs, or none."""
    path = words.SHARED / "data" / "bench_pairs.jsonl.zst"
    if not path.exists():
        return []
    with path.open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()[11500:12300]]


# ---- By brute force --------------------------------------------------------------------------------


def text_of(value):
    return value if isinstance(value, str) else "\n".join(m["content"] for m in value)


def shingles_of(record, n):
    out = set()
    for f, field in enumerate(FIELDS):
        found = [word for _, _, word in words.words_of(text_of(record[field]))]
        size = min(n, len(found))
        out |= {(f, *found[i : i + size]) for i in range(len(found) - size + 1) if size}
    return out


def similarity(a, b):
    return fractions.Fraction(len(a & b), len(a | b))


def leaders(records, sets, near, order=None):
    """The indices that stay, by leader clustering in the order of the records, or another."""
    having, stay, seen = collections.defaultdict(list), [], set()
    for i in order or range(len(records)):
        own = sets[i]
        text = tuple(json.dumps(records[i][field]) for field in FIELDS)
        if text in seen:
            continue
        shared = collections.Counter(itertools.chain.from_iterable(having[s] for s in own))
        if any(fractions.Fraction(n, len(own) + len(sets[k]) - n) >= near
               for k, n in shared.items()):
            continue
        seen.add(text)
        stay.append(i)
        for s in own:
            having[s].append(i)
    return stay


# ---- Comparing -------------------------------------------------------------------------------------


def run(folder, *args):
    done = subprocess.run([PREF, "dedup", "--clusters", "clusters", "--summary", "summary", *args,
                           "in"], cwd=folder, stdout=subprocess.PIPE, check=True,
                          env=harness.environment())
    audit = [json.loads(line) for line in (folder / "clusters").read_text().splitlines()]
    return done.stdout, audit, json.loads((folder / "summary").read_text())


def test(folder, name, records, sets, near, least_gone, n=5):
    lines = [json.dumps(record, ensure_ascii=i % 2 == 0) + "\n"
             for i, record in enumerate(records)]
    (folder / "in").write_text("".join(lines), encoding="utf-8")
    output, audit, summary = run(folder, "--near", str(near), "--ngram", str(n))
    gone = {line["removed"]["line"] - 1: line for line in audit}
    problems = []
    if output != "".join(line for i, line in enumerate(lines) if i not in gone).encode():
        problems.append("what stays is not what came, less what went")
    for i, line in gone.items():
        kept = line["kept"]["line"] - 1
        exact = similarity(sets[i], sets[kept]) if sets[i] else 1
        if kept in gone or kept >= i or line["similarity"] != float(exact):
            problems.append(f"line {i + 1} went for {kept + 1}: {line['similarity']}, not {exact}")
        if line["kind"] == "near" and exact < near:
            problems.append(f"line {i + 1} went, at {exact}")
    expected = set(range(len(records))) - set(leaders(records, sets, near))
    found = len(expected & set(gone))
    if len(expected) < least_gone or found < 0.95 * len(expected):
        problems.append(f"{found} of {len(expected)} went")
    if summary["near"] + summary["duplicates"] != len(gone) or summary["cut"] != 0:
        problems.append(f"the summary: {summary}")
    tap.result(f"{name}: {len(gone)} of {len(records)} went, {found} of the {len(expected)} that "
               f"brute force removes", "\n".join(problems[:5]) or None)
    return output


def test_each_field(folder, records, near, each):
    """A field that differs keeps a record: every one that went is near enough in every field."""
    (folder / "in").write_text("".join(json.dumps(r) + "\n" for r in records))
    _, audit, _ = run(folder, "--near", str(near), "--each-field", str(each))
    _, without, _ = run(folder, "--near", str(near))
    problems = []
    for line in audit:
        a, b = (shingles_of(records[line[side]["line"] - 1], 5) for side in ("removed", "kept"))
        for f in range(3):
            x, y = ({s for s in shingles if s[0] == f} for shingles in (a, b))
            if x | y and line["kind"] == "near" and similarity(x, y) < each:
                problems.append(f"line {line['removed']['line']}, field {f}: {similarity(x, y)}")
    if not 0 < len(audit) < len(without):
        problems.append(f"{len(audit)} went, {len(without)} without --each-field")
    tap.result(f"each field: {len(audit)} went instead of {len(without)}",
               "\n".join(problems[:5]) or None)


def test_keep(folder, records, sets, near, keep, order):
    """Leaders by rank: who stays is no worse than any that it stands for."""
    place = {i: at for at, i in enumerate(order)}
    lines = [json.dumps(record) + "\n" for record in records]
    (folder / "in").write_text("".join(lines))
    output, audit, summary = run(folder, "--near", str(near), "--keep", keep, "--count")
    gone = {line["removed"]["line"] - 1: line for line in audit}
    copies = collections.Counter(line["kept"]["line"] - 1 for line in audit)
    problems = []
    left = [line[:-2] + ',"dedup":{"copies":%d}}\n' % (copies[i] + 1)
            for i, line in enumerate(lines) if i not in gone]
    if output.decode() != "".join(left):
        problems.append("what stays is not what came, less what went")
    for i, line in gone.items():
        kept = line["kept"]["line"] - 1
        exact = similarity(sets[i], sets[kept]) if sets[i] else 1
        if kept in gone or place[kept] > place[i] or line["similarity"] != float(exact):
            problems.append(f"line {i + 1} went for {kept + 1}: {line['similarity']}, not {exact}")
        if line["kind"] == "near" and exact < near:
            problems.append(f"line {i + 1} went, at {exact}")
    expected = set(range(len(records))) - set(leaders(records, sets, near, order))
    found = len(expected & set(gone))
    if found < 0.95 * len(expected) or summary["distinct"] != len(left):
        problems.append(f"{found} of {len(expected)} went; {summary}")
    tap.result(f"--keep {keep}: {found} of the {len(expected)} that brute force removes",
               "\n".join(problems[:5]) or None)


def test_keep_all(folder, records, sets):
    rng = random.Random(7)
    near = fractions.Fraction(7, 10)
    scored = [{**record, "score": rng.randrange(100) / 8} if rng.random() < 0.9 else record
              for record in records]
    number = {"max": lambda i: -scored[i].get("score", -1e9),
              "min": lambda i: scored[i].get("score", 1e9)}
    for keep, rank in number.items():
        order = sorted(range(len(scored)), key=lambda i: (rank(i), i))
        test_keep(folder, scored, sets, near, f"{keep}:score", order)
    test_keep(folder, scored, sets, near, "last", list(reversed(range(len(scored)))))


def test_against(folder, records, sets, near):
    """What is near to a protected record goes, and names one that is as near as it says."""
    half = len(records) // 2
    lines = [json.dumps(record) + "\n" for record in records]
    (folder / "old").write_text("".join(lines[:half]))
    (folder / "in").write_text("".join(lines[half:]))
    having = collections.defaultdict(list)
    for i, own in enumerate(sets[:half]):
        for s in own:
            having[s].append(i)
    expected = set()
    for i, own in enumerate(sets[half:]):
        shared = collections.Counter(itertools.chain.from_iterable(having[s] for s in own))
        if any(fractions.Fraction(n, len(own) + len(sets[k]) - n) >= near
               for k, n in shared.items()):
            expected.add(i)
    for keep in ("first", "last"):
        _, audit, summary = run(folder, "--near", str(near), "--against", "old", "--keep", keep)
        gone = {line["removed"]["line"] - 1: line for line in audit}
        old = {i for i, line in gone.items() if line["kept"]["file"] == "old"}
        problems = [
            f"line {i + 1} went for {gone[i]['kept']['line']}" for i in old
            if sets[half + i]
            and float(similarity(sets[half + i], sets[gone[i]["kept"]["line"] - 1]))
            != gone[i]["similarity"]
        ]
        found = len(expected & set(gone))
        if found < 0.95 * len(expected) or not expected or summary["against"] != len(old):
            problems.append(f"{found} of {len(expected)} went; {summary}")
        tap.result(f"--against, --keep {keep}: {found} of the {len(expected)} that are near to a "
                   f"protected one", "\n".join(problems[:5]) or None)


def test_chain(folder):
    records = list(chain(200))
    sets = [shingles_of(record, 5) for record in records]
    steps = [similarity(a, b) for a, b in zip(sets, sets[1:])]
    (folder / "in").write_text("".join(json.dumps(r) + "\n" for r in records))
    output, audit, _ = run(folder, "--near", "0.8")
    lines = output.decode().splitlines()
    problems = [None if min(steps) >= 0.8 else f"the chain is broken: {min(steps)}",
                None if len(lines) >= 40 else f"{len(lines)} stay"]
    if similarity(sets[0], sets[-1]) > 0:
        problems.append("the ends are alike")
    if json.loads(lines[0]) != records[0]:
        problems.append("the first went")
    tap.result(f"a chain of 200: {len(lines)} stay", "\n".join(p for p in problems if p) or None)


def test_threads(folder, output, near):
    different = [
        f"{threads} threads, seed {seed}"
        for threads in ("1", "2", "3", "8")
        for seed in ("1", "2")
        if subprocess.run([PREF, "dedup", "--near", near, "--threads", threads, "in"], cwd=folder,
                          env=harness.environment(PREF_TABLE_SEED=seed), check=True,
                          stdout=subprocess.PIPE).stdout != output
    ]
    tap.result("the same bytes for 1, 2, 3 and 8 threads and two seeds",
               "\n".join(different) or None)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        records = made(1)
        sets = [shingles_of(record, 5) for record in records]
        for near in (fractions.Fraction(1, 2), fractions.Fraction(7, 10), fractions.Fraction(1)):
            test(folder, f"made, {near}", records, sets, near, 100)
        output = test(folder, "made, 4/5", records, sets, fractions.Fraction(4, 5), 150)
        test_threads(folder, output, "0.8")
        test_each_field(folder, records, 0.7, 0.75)
        test_keep_all(folder, records, sets)
        test_against(folder, records, sets, fractions.Fraction(7, 10))
        test_chain(folder)
        few = made(2)[:600]
        test(folder, "made, 3 words", few, [shingles_of(record, 3) for record in few],
             fractions.Fraction(3, 4), 50, n=3)
        pairs = real()
        if pairs:
            sets = [shingles_of(record, 5) for record in pairs]
            test(folder, "real pairs", pairs, sets, fractions.Fraction(7, 10), 30)
        else:
            tap.skip("real pairs", "the real corpora are not beside the source tree")
    tap.end()


if __name__ == "__main__":
    main()
