#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare what `pref dedup` learns before it judges with a computation of its own.

Records of llmbar_votes and bench_pairs are repeated, turned round, respelt and given votes, with a
fixed seed. Which record of each stays, the votes it is given, its copies, and the lines of
--clusters and --rejects are worked out here from the parsed records. Every number of threads,
plain or compressed, in one file or in five, and with two seeds of the tables, must agree.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
OTHER = {"chosen": "rejected", "rejected": "chosen"}
BLANKS = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(c) for c in range(0x2000, 0x200B)
)
# What each case asks for; the computation below reads the same words.
CASES = {
    "last": ["--keep", "last"],
    "max": ["--keep", "max:/meta/n", "--count"],
    "min": ["--keep", "min:score", "--contradictions", "drop"],
    "count": ["--count"],
    "votes": ["--merge-votes", "--count"],
    "merge": ["--contradictions", "merge"],
    "merge all": ["--contradictions", "merge", "--merge-votes", "--count"],
    "merge max": ["--contradictions", "merge", "--merge-votes", "--keep", "max:score"]
    + ["--as-judge", "the judge"],
    "folded": ["--contradictions", "merge", "--normalize", "case,space,nfkc", "--keep", "last"],
}


def corpus(name, every):
    path = SHARED / "data" / f"{name}.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    with path.open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()[::every]]


def some_votes(rng):
    words = ("chosen", "rejected", "tie", "both_bad")
    votes = []
    for _ in range(rng.choice((0, 1, 1, 3))):
        vote = {"judge": rng.choice("xyz"), "vote": rng.choice(words), "why": "chosen"}
        if rng.random() < 0.5:
            vote["swapped"] = rng.choice((True, False, None))
        votes.append(vote)
    return votes


def respelt(text, rng):
    """A text that folds to the same (see fold) and is mostly another."""
    way = rng.randrange(4)
    if way == 0:
        return " " + text.replace(" ", "\u2003\t", 1)
    if way == 1:
        return text.upper() if fold(text.upper()) == fold(text) else text
    return unicodedata.normalize("NFD", text) if way == 2 else text


def make(rng):
    out = []
    for record in corpus("llmbar_votes", 1) + corpus("bench_pairs", 60):
        for _ in range(rng.choice((1, 1, 2, 4))):
            one = dict(record)
            if rng.random() < 0.4:
                one["chosen"], one["rejected"] = one["rejected"], one["chosen"]
            if rng.random() < 0.2:
                one["prompt"] = respelt(one["prompt"], rng)
            if rng.random() < 0.7:
                one["votes"] = some_votes(rng)
            elif rng.random() < 0.3:
                one["votes"] = None
            if rng.random() < 0.6:
                one["score"] = rng.choice((1, 2, 2.0, -1e300, 1e-5, "3", None))
            if rng.random() < 0.6:
                one["meta"] = {"n": rng.randrange(5)}
            if rng.random() < 0.5:
                one["source"] = rng.choice(("web", "caf\u00e9", 7))
            if rng.random() < 0.5:
                one["id"] = len(out)
            items = list(one.items())
            rng.shuffle(items)
            out.append(json.dumps(dict(items), ensure_ascii=rng.random() < 0.5).encode())
    rng.shuffle(out)
    return out


# ---- The computation ----------------------------------------------------------------------------


def fold(text):
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text)
    return " ".join("".join(" " if c in BLANKS else c for c in text).split(" ")).strip()


def squeeze(text):
    return " ".join(part for part in fold(text).split(" ") if part)


def key_of(record, folded):
    fields = (record["prompt"], record["chosen"], record["rejected"])
    return tuple(squeeze(field) if folded else field for field in fields)


def turned(key):
    return key[0], key[2], key[1]


def value_of(record, field):
    for name in field.strip("/").split("/"):
        record = record.get(name) if isinstance(record, dict) else None
    good = isinstance(record, (int, float)) and not isinstance(record, bool)
    return float(record) if good else None


def choose(members, records, keep):
    """The index that stays, of indices in rising order."""
    if keep in ("first", "last"):
        return members[0 if keep == "first" else -1]
    sign = 1 if keep.startswith("max:") else -1
    values = {i: value_of(records[i], keep[4:]) for i in members}
    there = [i for i in members if values[i] is not None]
    return max(there, key=lambda i: (sign * values[i], -i)) if there else members[0]


def votes_of(record, turn, implied, judge):
    votes = record.get("votes") or []
    if not votes and implied:
        source = record.get("source")
        name = judge or (source if isinstance(source, str) else "label")
        votes = [{"judge": name, "vote": "chosen"}]
    if not turn:
        return votes
    out = []
    for vote in votes:
        vote = {**vote, "vote": OTHER.get(vote["vote"], vote["vote"])}
        if vote.get("swapped") is not None:
            vote["swapped"] = not vote["swapped"]
        out.append(vote)
    return out


def expected(lines, words):
    """Records that stay (parsed), and (index, index that stays or None, kind, reason) of those
    that go, where the reason of one that is turned ends with the place of that index."""
    option = {w: words[i + 1] for i, w in enumerate(words) if i + 1 < len(words)}
    keep, do = option.get("--keep", "first"), option.get("--contradictions", "keep")
    all_votes = "--merge-votes" in words
    judge = option.get("--as-judge")
    records = [json.loads(line) for line in lines]
    keys = [key_of(record, "--normalize" in words) for record in records]
    groups = {}
    for i, key in enumerate(keys):
        groups.setdefault(key, []).append(i)
    why = {"first": "duplicate of an earlier record", "last": "duplicate of a later record"}
    why = why.get(keep, f"duplicate of the record kept by {keep}") + " on prompt,chosen,rejected"
    out, gone = [], []
    for i, (record, key) in enumerate(zip(records, keys)):
        other = turned(key)
        opposed = other != key and other in groups
        joined = opposed and do == "merge"
        best = {k: choose(groups[k], records, keep) for k in ([key, other] if joined else [key])}
        stays = choose(sorted(best.values()), records, keep)
        members = sorted(m for k in best for m in groups[k]) if all_votes else sorted(best.values())
        if opposed and do == "drop":
            reason = "contradiction: the same pair is there the other way round"
            gone.append((i, None, "contradiction", reason))
        elif stays == i:
            votes = []
            for m in members:
                votes += votes_of(records[m], keys[m] != key, joined, judge)
            record = dict(record)
            if (joined or (all_votes and len(members) > 1)) and votes:
                record["votes"] = votes
            if "--count" in words:
                record["dedup"] = {"copies": len(groups[key])}
            out.append(record)
        elif keys[stays] != key:
            reason = "merged into " if i in members else "contradiction of "
            gone.append((i, stays, "contradiction", reason))
        else:
            gone.append((i, stays, "exact", why))
    return records, out, gone


# ---- The comparison -----------------------------------------------------------------------------


def write_inputs(folder, lines):
    """By (form, number of files): the files' names, and the place of each line."""
    inputs = {}
    for parts in (1, 5):
        ends = [len(lines) * (i + 1) * (i + 2) // (parts * (parts + 1)) for i in range(parts)]
        names, places = [], []
        for i, (a, b) in enumerate(zip([0] + ends, ends)):
            plain = folder / f"{parts}-{i}"
            plain.write_bytes(b"\n".join(lines[a:b]))
            subprocess.run(["zstd", "-q", "-1", str(plain)], check=True)
            names.append(plain.name)
            places += [(plain.name, number + 1) for number in range(b - a)]
        inputs["plain", parts] = (names, places)
        packed = [(name + ".zst", number) for name, number in places]
        inputs["zst", parts] = ([name + ".zst" for name in names], packed)
    return inputs


def parsed(data):
    return [json.loads(line) for line in data.splitlines()]


def first_difference(name, found, wanted):
    if found == wanted:
        return None
    for number, (a, b) in enumerate(zip(found, wanted), 1):
        if a != b:
            return f"{name}, line {number}:\n{str(a)[-600:]}\nwanted\n{str(b)[-600:]}"
    return f"{name}: {len(found)} lines, wanted {len(wanted)}"


def compare(folder, inputs, words, threads, seed, want, bytes_seen):
    names, places = inputs
    records, out, gone = want
    done = subprocess.run(
        [PREF, "dedup", *words, "--threads", str(threads), "--rejects", "rejects"]
        + ["--clusters", "clusters", "--summary", "summary", *names],
        cwd=folder,
        env=harness.environment(PREF_TABLE_SEED=seed),
        stdout=subprocess.PIPE,
    )
    if done.returncode != 0:
        return f"status {done.returncode}"

    def place(i):
        return {"file": places[i][0], "line": places[i][1], "id": records[i].get("id")}

    rejects, clusters = [], []
    for i, stays, kind, reason in gone:
        if reason.endswith(" "):
            reason += "{}:{}".format(*places[stays])
        rejects.append({**records[i], "reject": {"by": "dedup", "why": reason}})
        kept = None if stays is None else place(stays)
        clusters.append({"removed": place(i), "kept": kept, "similarity": 1, "kind": kind})
    bytes_seen.add(done.stdout)
    summary = json.loads((folder / "summary").read_text())
    turned_round = sum(kind == "contradiction" for _, _, kind, _ in gone)
    counts = (summary["contradicting"], summary["duplicates"])
    if counts != (turned_round, len(gone) - turned_round):
        return f"contradicting, duplicates: {counts}, wanted {turned_round} of {len(gone)}"
    return (
        first_difference("output", parsed(done.stdout), out)
        or first_difference("--rejects", parsed((folder / "rejects").read_bytes()), rejects)
        or first_difference("--clusters", parsed((folder / "clusters").read_bytes()), clusters)
        or (None if len(bytes_seen) == 1 else "the output has other bytes than before")
    )


def main():
    lines = make(random.Random(20261123))
    tap = harness.Tap()
    ways = [("plain", 1, 1, "1"), ("zst", 1, 2, "2"), ("plain", 5, 3, "18446744073709551557")]
    ways += [("zst", 5, 8, "1")]
    with tempfile.TemporaryDirectory(prefix="pref-dedup-") as name:
        folder = pathlib.Path(name)
        inputs = write_inputs(folder, lines)
        for case, words in CASES.items():
            want = expected(lines, words)
            enough = len(want[2]) > 500 and len(want[1]) > 200
            tap.result(f"{case}: enough stays and goes", None if enough else str(len(want[2])))
            bytes_seen = set()
            for form, parts, threads, seed in ways:
                title = f"{case}, {form}, files {parts}, threads {threads}, seed {seed}"
                problem = compare(folder, inputs[form, parts], words, threads, seed, want, bytes_seen)
                tap.result(title, problem)
    tap.end()


main()
