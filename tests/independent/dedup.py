#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref dedup` with a computation of its own over real pairs.

Records of bench_pairs are repeated, spelt in other ways, turned round, turned into messages and
shuffled with a fixed seed. What must stay, what must go and how many contradict each other is
worked out here from the decoded values. Every number of threads, plain or compressed, in one file
or in five, and with two seeds of the tables, must give those bytes.
"""

import itertools
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
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
FIELDS = ("prompt", "chosen", "rejected")
EVERY = 6  # one record in so many is taken: some 4,900


def corpus():
    path = SHARED / "data" / "bench_pairs.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    with path.open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()[::EVERY]


def escape_all(text):
    """A JSON string with every UTF-16 unit as an escape, some in capitals."""
    units = text.encode("utf-16-be", "surrogatepass").hex()
    out = ""
    for i in range(0, len(units), 4):
        unit = units[i : i + 4]
        out += "\\u" + (unit.upper() if i % 8 else unit)
    return f'"{out}"'


def shuffled_keys(value, rng):
    if isinstance(value, list):
        return [shuffled_keys(element, rng) for element in value]
    if isinstance(value, dict):
        items = list(value.items())
        rng.shuffle(items)
        return {key: shuffled_keys(inner, rng) for key, inner in items}
    return value


def spell(record, rng):
    """The record in one of several spellings, with other keys around it."""
    record = shuffled_keys(record, rng)
    way = rng.randrange(5)
    if way == 0:
        return json.dumps(record)
    if way == 1:
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    if way == 2:
        return json.dumps({"n": rng.random(), **record}, separators=(" ,\t", " : ")) + " \r"
    if way == 3:
        return json.dumps(record, ensure_ascii=False).replace("/", "\\/")
    members = [
        f"{escape_all(key)}:"
        + (escape_all(value) if isinstance(value, str) and len(value) < 300 else json.dumps(value))
        for key, value in record.items()
    ]
    return "{  " + ", ".join(members) + "  }"


def make(lines, rng):
    """The corpus under test: lines without LF."""
    out = []
    for line in lines:
        record = json.loads(line)
        if rng.random() < 0.1:
            message = {"role": "user", "content": record["prompt"], "n": {"b": [], "a": 0}}
            record["prompt"] = [message]
        out.append(line if isinstance(record["prompt"], str) else json.dumps(record).encode())
        for _ in range(rng.choice((0, 0, 1, 2, 3))):
            out.append(spell(record, rng).encode())
        if rng.random() < 0.1:
            turned = {**record, "chosen": record["rejected"], "rejected": record["chosen"]}
            out += [spell(turned, rng).encode() for _ in range(rng.choice((1, 2)))]
        if rng.random() < 0.02:
            record["rejected"] = record["chosen"]
            out += [spell(record, rng).encode() for _ in range(2)]
        if rng.random() < 0.05:  # equal but for a blank
            record["chosen"] = record["chosen"] + " "
            out.append(spell(record, rng).encode())
    rng.shuffle(out)
    return out


def key_of(line):
    record = json.loads(line)
    return tuple(json.dumps(record[field], sort_keys=True) for field in FIELDS)


def turned(key):
    return key[0], key[2], key[1]


def with_reason(line, why):
    """The line with a reject after its last member."""
    end = line.rindex(b"}")
    while line[end - 1 : end] in (b" ", b"\t"):
        end -= 1
    reject = json.dumps({"by": "dedup", "why": why}, separators=(",", ":")).encode()
    return line[:end] + b',"reject":' + reject + line[end:]


def expected(lines, drop):
    """What stays, what goes, and the counts."""
    keys = [key_of(line) for line in lines]
    distinct = set(keys)
    twofold = {key for key in distinct if turned(key) != key and turned(key) in distinct}
    seen, out, rejects = set(), [], []
    duplicates = 0
    for line, key in zip(lines, keys):
        if drop and key in twofold:
            why = "contradiction: the same pair is there the other way round"
            rejects.append(with_reason(line, why))
        elif key in seen:
            duplicates += 1
            why = "duplicate of an earlier record on " + ",".join(FIELDS)
            rejects.append(with_reason(line, why))
        else:
            out.append(line)
        seen.add(key)
    counts = {
        "in": len(lines),
        "out": len(out),
        "rejected": len(rejects),
        "malformed": 0,
        "duplicates": duplicates,
        "contradictions": len(twofold) // 2,
        "contradicting": len(rejects) - duplicates,
        "distinct": len(distinct),
    }
    text = [b"".join(line + b"\n" for line in part) for part in (out, rejects)]
    return text[0], text[1], counts


def cut(lines, parts):
    """The lines in so many files of unlike sizes, the last line of each without its LF."""
    ends = [len(lines) * (i + 1) * (i + 2) // (parts * (parts + 1)) for i in range(parts)]
    return [b"\n".join(lines[a:b]) for a, b in zip([0] + ends, ends)]


def write_inputs(folder, lines):
    """Names of the input files by (compressed, number of files)."""
    names = {}
    for parts in (1, 5):
        names["plain", parts], names["zst", parts] = [], []
        for i, data in enumerate(cut(lines, parts)):
            plain = folder / f"{parts}-{i}"
            plain.write_bytes(data)
            subprocess.run(["zstd", "-q", "-1", str(plain)], check=True)
            names["plain", parts].append(plain.name)
            names["zst", parts].append(plain.name + ".zst")
    return names


def compare(folder, names, words, threads, seed, want):
    command = [PREF, "dedup", *words, "--threads", str(threads), "--rejects", "rejects"]
    env = harness.environment(PREF_TABLE_SEED=seed)
    done = subprocess.run(
        [*command, "--summary", "summary", *names], cwd=folder, env=env, stdout=subprocess.PIPE
    )
    if done.returncode != 0:
        return f"status {done.returncode}"
    for name, found, right in (
        ("output", done.stdout, want[0]),
        ("--rejects", (folder / "rejects").read_bytes(), want[1]),
    ):
        if found != right:
            pairs = itertools.zip_longest(found.split(b"\n"), right.split(b"\n"), fillvalue=b"")
            for number, (a, b) in enumerate(pairs, 1):
                if a != b:
                    return f"{name}, line {number}:\n{a[:200]!r}\nwanted\n{b[:200]!r}"
    summary = json.loads((folder / "summary").read_text())
    wrong = {k: (summary.get(k), v) for k, v in want[2].items() if summary.get(k) != v}
    return f"counts, found and wanted: {wrong}" if wrong else None


def main():
    lines = make(corpus(), random.Random(20261123))
    tap = harness.Tap()
    keep, drop = expected(lines, False), expected(lines, True)
    sound = keep[2]["duplicates"] > 3000 and keep[2]["contradictions"] > 200
    tap.result("the corpus has enough of everything", None if sound else str(keep[2]))
    with tempfile.TemporaryDirectory(prefix="pref-dedup-") as name:
        folder = pathlib.Path(name)
        inputs = write_inputs(folder, lines)
        for (form, parts), names in inputs.items():
            for threads in (1, 2, 3, 8):
                for seed in ("1", "18446744073709551557"):
                    title = f"{form}, files {parts}, threads {threads}, seed {seed}"
                    tap.result(title, compare(folder, names, [], threads, seed, keep))
            for threads, seed in ((1, "1"), (3, "2"), (8, "18446744073709551557")):
                title = f"drop, {form}, files {parts}, threads {threads}, seed {seed}"
                words = ["--contradictions", "drop"]
                tap.result(title, compare(folder, names, words, threads, seed, drop))
    tap.end()


main()
