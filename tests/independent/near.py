#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref dedup --near` with leader clustering by brute force.

Texts are made with a fixed seed (and real pairs are added where they are there): copies with some
words changed, chains in which each is near to the next alone, short ones, Chinese ones, boilerplate.
Words, shingles and every similarity are worked out here, with unicodedata and sets, over all pairs
that have a shingle in common. Who goes must be as near as it was said to be to a record that stays,
and of those that brute force removes nearly all must go. So for contradictions: pairs that are near
to each other with the sides of one exchanged.
"""

import collections
import fractions
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
import words

PREF = os.environ.get("PREF") or "pref"
FIELDS = ("prompt", "chosen", "rejected")
PLAIN = re.compile("[a-z0-9]+")
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
    """Texts of which each has 0.85 in common with the next, and 0.72 with the one behind that: one
    word of 66 is changed a step, which 5 of 62 shingles have."""
    text = ["w" + str(i) for i in range(66)]
    for step in range(length):
        yield {"prompt": " ".join(text), "chosen": "", "rejected": ""}
        text[step * 7 % 58 + 4] = "v" + str(step)


def bench(records):
    """Records of the corpus that the benchmarks are run on."""
    maker = harness.BUILD / "examples" / "make-corpus"
    done = subprocess.run([maker, "--long", "--records", str(records)], stdout=subprocess.PIPE,
                          check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def real():
    """A sample of real pairs, or none."""
    path = words.SHARED / "data" / "bench_pairs.jsonl.zst"
    if not path.exists():
        return []
    with path.open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()[11500:13500]]


# ---- By brute force --------------------------------------------------------------------------------


def text_of(value):
    return value if isinstance(value, str) else "\n".join(m["content"] for m in value)


def words_of(text):
    """Those of plain English are told more quickly."""
    return PLAIN.findall(text.lower()) if text.isascii() else [w for _, _, w in words.words_of(text)]


def shingles_of(record, n, fields=FIELDS):
    out = set()
    for f, field in enumerate(fields):
        found = words_of(text_of(record[field]))
        size = min(n, len(found))
        out |= {(f, *found[i : i + size]) for i in range(len(found) - size + 1) if size}
    return out


def similarity(a, b):
    return fractions.Fraction(len(a & b), len(a | b))


def leaders(records, sets, near, order=None, fields=FIELDS):
    """The indices that stay, by leader clustering in the order of the records, or another."""
    having, stay, seen = collections.defaultdict(list), [], set()
    for i in order or range(len(records)):
        own = sets[i]
        text = tuple(json.dumps(records[i][field]) for field in fields)
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


def test(folder, name, records, sets, near, least_gone, n=5, fields=FIELDS):
    lines = [json.dumps(record, ensure_ascii=i % 2 == 0) + "\n"
             for i, record in enumerate(records)]
    (folder / "in").write_text("".join(lines), encoding="utf-8")
    output, audit, summary = run(folder, "--near", str(near), "--ngram", str(n), "--on",
                                 ",".join(fields))
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
    expected = set(range(len(records))) - set(leaders(records, sets, near, fields=fields))
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
        if sum(summary[key] for key in ("near", "duplicates", "against")) != summary["rejected"]:
            problems.append(f"what went is counted otherwise: {summary}")
        tap.result(f"--against, --keep {keep}: {found} of the {len(expected)} that are near to a "
                   f"protected one", "\n".join(problems[:5]) or None)


# ---- Contradictions --------------------------------------------------------------------------------


def turned(shingles):
    """A set of shingles with the sides exchanged."""
    return {((0, 2, 1)[shingle[0]], *shingle[1:]) for shingle in shingles}


def opposed(seed):
    """Records as made, a third of which are there the other way round, too; some sides are alike."""
    rng = random.Random(seed)
    records = []
    for record in made(seed)[:700]:
        records.append(record)
        if rng.random() < 0.35:
            again = [change(rng, text_of(record[f]).split(), rng.randrange(3))
                     for f in ("prompt", "rejected", "chosen") if text_of(record[f])]
            records.append(pair(rng, *again) if len(again) == 3 else
                           {**record, "chosen": record["rejected"], "rejected": record["chosen"]})
        if rng.random() < 0.05:
            side = sentence(rng, 60)
            records += [pair(rng, sentence(rng, 8), side, change(rng, side, i)) for i in range(3)]
        if rng.random() < 0.05:
            records.append({**record, "chosen": record["rejected"], "rejected": record["chosen"]})
    words_of_judges = ("chosen", "rejected", "tie", "both_bad")
    for i, record in enumerate(records):
        if rng.random() < 0.7:
            records[i] = {**record, "votes": [
                {"judge": f"j{i}", "vote": rng.choice(words_of_judges)}
                for _ in range(rng.randrange(1, 3))]}
    return records


def contradicting(records, sets, near, among):
    """{index: {index: similarity}}, the most similar first, of the records of `among`."""
    having, found = collections.defaultdict(list), collections.defaultdict(dict)
    itself = {i for i in among if sets[i] and similarity(turned(sets[i]), sets[i]) >= near}
    for i in among:
        for s in sets[i]:
            having[s].append(i)
    for i in among:
        own = turned(sets[i])
        shared = collections.Counter(itertools.chain.from_iterable(having[s] for s in own))
        for k, n in shared.items():
            exact = fractions.Fraction(n, len(own) + len(sets[k]) - n)
            if k != i and exact >= near and i not in itself and k not in itself:
                found[i][k] = exact
    by_text = {tuple(json.dumps(records[i][f]) for f in FIELDS): i for i in among}
    for (prompt, chosen, rejected), i in by_text.items():
        other = by_text.get((prompt, rejected, chosen))
        if other is not None and other != i and not sets[i]:
            found[i][other] = 1
    return found


def is_exact(a, b):
    return [json.dumps(a[f]) for f in FIELDS] == [
        json.dumps(b[f]) for f in ("prompt", "rejected", "chosen")]


def votes_of(record, other_way, implied):
    turn = {"chosen": "rejected", "rejected": "chosen"} if other_way else {}
    votes = record.get("votes") or ([{"judge": "label", "vote": "chosen"}] if implied else [])
    return [{**vote, "vote": turn.get(vote["vote"], vote["vote"])} for vote in votes]


def test_counted(folder, records, sets, near):
    """What stays, and which pairs of that contradict each other; the leader of what goes."""
    output, audit, summary = run(folder, "--near", str(near), "--near-contradictions")
    lines = {line["removed"]["line"] - 1: line["kept"]["line"] - 1 for line in audit}
    stay = [i for i in range(len(records)) if i not in lines]
    pairs = contradicting(records, sets, near, stay)
    expected = sum(not is_exact(records[i], records[k]) for i in pairs for k in pairs[i]) // 2
    counted, problems = summary["near_contradictions"], []
    if not 0.95 * expected <= counted <= expected or expected < 50:
        problems.append(f"{counted} of {expected} pairs")
    plain, *_ = run(folder, "--near", str(near))
    if plain != output:
        problems.append("what stays is not what stays without")
    same = run(folder, "--near", str(near), "--near-contradictions", "--count")[2]
    if same["near_contradictions"] != counted:
        problems.append(f"{same['near_contradictions']} when read twice, not {counted}")
    tap.result(f"{counted} of the {expected} near contradictions that brute force finds, {near}",
               "\n".join(problems) or None)
    return lines, stay, pairs


def test_dropped(folder, records, near, lines, stay, pairs):
    """Leaders that contradict each other go, with what they stand for, and no others."""
    _, audit, summary = run(folder, "--near", str(near), "--contradictions", "drop")
    kinds = {line["removed"]["line"] - 1: line for line in audit}
    dropped = {i for i, line in kinds.items() if line["kind"] == "contradiction"}
    leaders_dropped = dropped & set(stay)
    expected = {i for i in stay if pairs[i]}
    problems = []
    if not leaders_dropped <= expected or len(leaders_dropped) < 0.95 * len(expected):
        problems.append(f"{len(leaders_dropped)} leaders of {len(expected)}")
    if {i for i in lines if lines[i] in dropped} != dropped - leaders_dropped:
        problems.append("not all that dropped leaders stand for went with them")
    for i in dropped:
        leader = lines.get(i, i)
        if kinds[i]["kept"] is not None or kinds[i]["similarity"] not in [
                float(s) for s in pairs[leader].values()]:
            problems.append(f"line {i + 1}: {kinds[i]}")
    if summary["contradicting"] != len(dropped) or (
            summary["distinct"] != summary["out"] or
            summary["in"] - summary["out"] != sum(
                summary[key] for key in ("near", "duplicates", "contradicting"))):
        problems.append(str(summary))
    tap.result(f"{len(leaders_dropped)} of the {len(expected)} leaders that brute force drops, "
               f"{near}", "\n".join(problems[:5]) or None)


def test_merged(folder, records, sets, near, all_votes):
    """What goes is near to what stays, one way round or the other; its votes are seen from there."""
    output, audit, summary = run(folder, "--near", str(near), "--contradictions", "merge",
                                 *["--merge-votes"] * all_votes)
    problems, joined, near_to = [], collections.defaultdict(list), collections.defaultdict(list)
    for line in audit:
        i, kept = line["removed"]["line"] - 1, line["kept"]["line"] - 1
        other_way = line["kind"] == "contradiction"
        (joined if other_way else near_to)[kept].append(i)
        own = turned(sets[i]) if other_way else sets[i]
        exact = similarity(own, sets[kept]) if own else 1
        if line["similarity"] != float(exact) or (line["kind"] != "exact" and exact < near):
            problems.append(f"line {i + 1} went for {kept + 1}: {line}, not {exact}")
        if other_way and own and any(similarity(turned(sets[k]), sets[k]) >= near
                                     for k in (i, kept)):
            problems.append(f"line {i + 1}, {kept + 1}: near to itself")
    gone = {line["removed"]["line"] - 1 for line in audit}
    stay = [i for i in range(len(records)) if i not in gone]
    left = contradicting(records, sets, near, stay)
    if sum(map(len, left.values())) // 2 > 0.05 * summary["contradicting"]:
        problems.append(f"{left} stay")
    for i, text in zip(stay, output.decode().splitlines(), strict=True):
        givers = [i, *(near_to[i] if all_votes else []),
                  *(joined[i] if all_votes else joined[i][:1])]
        expected = [vote for k in sorted(givers)
                    for vote in votes_of(records[k], k in joined[i], bool(joined[i]))]
        if json.loads(text).get("votes", []) != expected:
            problems.append(f"line {i + 1}: {text[-200:]}, not {expected}")
    leaders_joined = {i for i in joined if joined[i]}
    if len(leaders_joined) < 50 or gone & leaders_joined:
        problems.append(f"joined to {len(leaders_joined)}")
    tap.result(f"{summary['contradicting']} records joined to {len(leaders_joined)} the other way round, "
               f"{near}{', all votes' * all_votes}", "\n".join(problems[:5]) or None)


def test_contradictions(folder):
    records = opposed(3)
    sets = [shingles_of(record, 5) for record in records]
    (folder / "in").write_text("".join(json.dumps(record) + "\n" for record in records))
    for near in (fractions.Fraction(1, 2), fractions.Fraction(4, 5)):
        lines, stay, pairs = test_counted(folder, records, sets, near)
        test_dropped(folder, records, near, lines, stay, pairs)
        for all_votes in (False, True):
            test_merged(folder, records, sets, near, all_votes)


def test_chain(folder):
    """Of a chain every second text stays: each is near to the one before it alone, which stays or is
    gone itself. Both ends stay."""
    records = list(chain(201))
    sets = [shingles_of(record, 5) for record in records]
    steps = {similarity(a, b) for a, b in zip(sets, sets[1:])}
    lines = [json.dumps(record) + "\n" for record in records]
    (folder / "in").write_text("".join(lines))
    output, _, _ = run(folder, "--near", "0.8", "--recall", "0.999")
    problems = [None if steps == {fractions.Fraction(57, 67)} else f"the steps are {steps}",
                None if not sets[0] & sets[-1] else "the ends are alike",
                None if output.decode() == "".join(lines[::2]) else "others stay"]
    tap.result(f"a chain of 200 steps of 0.85: {len(output.splitlines())} stay, both ends",
               "\n".join(p for p in problems if p) or None)


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
        test_contradictions(folder)
        few = made(2)[:600]
        test(folder, "made, 3 words", few, [shingles_of(record, 3) for record in few],
             fractions.Fraction(3, 4), 50, n=3)
        corpus = bench(2000)
        test(folder, "bench corpus", corpus, [shingles_of(record, 5) for record in corpus],
             fractions.Fraction(4, 5), 300)
        pairs = real()
        if pairs:
            near = fractions.Fraction(7, 10)
            test(folder, "real pairs", pairs, [shingles_of(pair, 5) for pair in pairs], near, 30)
            test(folder, "prompts of real pairs", pairs,
                 [shingles_of(pair, 5, ["prompt"]) for pair in pairs], near, 30, fields=["prompt"])
        else:
            tap.skip("real pairs", "the real corpora are not beside the source tree")
    tap.end()


if __name__ == "__main__":
    main()
