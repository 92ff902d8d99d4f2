#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref dedup --near` with brute force on texts in Chinese and in Chinese and English mixed.

100 real pairs, each with copies: other punctuation and blanks, full-width letters and digits left as
they are, some characters changed, a sentence of another pair put in or left out. Each Chinese character
is a word, and a run of others is one, so that the two meet in one shingle.
"""

import fractions
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
import near
import words

MARKS = ("，", "。", "、", "！", " ", ", ", "\u3000")


def pairs(path):
    with path.open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    for line in done.stdout.splitlines():
        row = json.loads(line)
        yield {"prompt": [{"role": "user", "content": turn["value"]}
                          for turn in row["conversations"]],
               "chosen": row["chosen"]["value"], "rejected": row["rejected"]["value"]}


def respell(rng, text):
    """Other marks and blanks between the same words, now and then."""
    return "".join(rng.choice(MARKS) if c in MARKS and rng.random() < 0.5 else c for c in text)


def change(rng, text, share):
    """Another character in so many places, a word of English in some."""
    text = list(text)
    for _ in range(int(len(text) * share)):
        at = rng.randrange(len(text))
        text[at] = rng.choice("的一是在不了有和人这") if rng.random() < 0.9 else " model "
    return "".join(text)


def vary(rng, record, others):
    how = rng.randrange(4)
    copy = {**record}
    for field in ("chosen", "rejected"):
        text = respell(rng, record[field])
        if how == 1:
            text = change(rng, text, rng.random() * 0.06)
        elif how == 2:
            text = text[: int(len(text) * (0.7 + 0.3 * rng.random()))]
        elif how == 3:
            text += rng.choice(others)[field][: int(len(text) * 0.3 * rng.random())]
        copy[field] = text
    return copy


def main():
    path = words.SHARED / "data" / "llamafactory_dpo_zh.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    rng = random.Random(8)
    originals = list(pairs(path))[::3]
    records = [vary(rng, record, originals) if i % 3 else record
               for i in range(3) for record in originals]
    rng.shuffle(records)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sets = [near.shingles_of(record, 5) for record in records]
        for share in (fractions.Fraction(7, 10), fractions.Fraction(9, 10)):
            near.test(folder, f"Chinese, {share}", records, sets, share, 50)
        sets = [near.shingles_of(record, 2) for record in records]
        near.test(folder, "Chinese, 2 words", records, sets, fractions.Fraction(7, 10), 50, n=2)
    near.tap.end()


main()
