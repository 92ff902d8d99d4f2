#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare libpref's words and shingles with a computation of its own.

Texts are real ones (Chinese pairs, and every character of theirs) and generated ones: a mix of all
characters that Unicode 3.2 knew and whose category has not changed since, so that it does not
matter which version is behind libpref and which behind Python. Words, their places and hashes, and
the set of shingles are worked out here from unicodedata and the formulas of words.h and shingle.h.
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

SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
PROGRAM = harness.BUILD / "tests" / "bench" / "words_speed"
N = 5
MASK = (1 << 64) - 1
K0, K1, K2 = 0xA0761D6478BD64FF, 0xE7037ED1A0B428FF, 0x8EBC6AF09C88C6E3
B, M1, M2 = 0xD1342543DE82EF95, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3000, 0x30FF), (0x31F0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F), (0x116D0, 0x116FF), (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip


def fold(a, b):
    product = a * b
    return product >> 64 ^ product & MASK


def hash_of(word):
    data, h = word.encode(), 0
    for at in range(0, len(data), 16):
        block = data[at : at + 16].ljust(16, b"\0")
        a, b = (int.from_bytes(half, "little") for half in (block[:8], block[8:]))
        h = fold(a ^ K0 ^ h, b ^ K1)
    return fold(h, K2)


def lower(text):
    """Character by character; the simple lower case is the first of what Python maps to."""
    return "".join(c.lower()[0] for c in text)


def kind_of(c):
    category = unicodedata.category(c)
    if category[0] == "M":
        return "mark"
    if category == "Nd":
        return "run"
    if category[0] == "L" or category == "Nl":
        alone = any(first <= ord(c) <= last for first, last in UNSPACED)
        return "alone" if alone else "run"
    return None


def words_of(text):
    """(start, end, word) of each word, in characters."""
    found, start, open_kind = [], 0, None
    for at, kind in enumerate([*map(kind_of, text), None]):
        if kind == "mark" and at < len(text) and open_kind is not None:
            continue
        if kind == "run" and open_kind == "run":
            continue
        if open_kind is not None:
            word = unicodedata.normalize("NFC", text[start:at])
            found.append((start, at, unicodedata.normalize("NFC", lower(word))))
        start, open_kind = at, None if kind == "mark" else kind
    return found


def mix(x):
    x = (x ^ x >> 30) * M1 & MASK
    x = (x ^ x >> 27) * M2 & MASK
    return x ^ x >> 31


def shingles_of(hashes, n):
    n = min(n, len(hashes))
    out = []
    for at in range(len(hashes) - n + 1 if n else 0):
        total = 0
        for h in hashes[at : at + n]:
            total = (total * B + h) & MASK
        out.append(mix(total))
    return out


def expected(text):
    offset, bytes_before = 0, []
    for c in text:
        bytes_before.append(offset)
        offset += len(c.encode())
    bytes_before.append(offset)
    words = words_of(text)
    hashes = [hash_of(word) for _, _, word in words]
    listed = "".join(
        f"{bytes_before[start]}:{bytes_before[end]}:{h:016x} "
        for (start, end, _), h in zip(words, hashes)
    )
    return listed + "|" + "".join(f" {h:016x}" for h in shingles_of(hashes, N))


def compare(tap, name, texts):
    with tempfile.TemporaryDirectory(prefix="pref-words-") as folder:
        path = pathlib.Path(folder) / "texts"
        path.write_text("".join(text + "\n" for text in texts))
        got = subprocess.run([PROGRAM, "-l", "-n", str(N), path], stdout=subprocess.PIPE, check=True)
    lines = got.stdout.decode().split("\n")[:-1]
    problem = None if len(lines) == len(texts) else f"{len(lines)} lines for {len(texts)} texts"
    for text, line in zip(texts, lines):
        if problem is None and line != expected(text):
            problem = f"{text!r}:\n  got  {line[:900]}\n  want {expected(text)[:900]}"
    tap.result(name, problem)


def stable_characters():
    old = unicodedata.ucd_3_2_0
    return [
        c
        for c in map(chr, range(0x110000))
        if old.category(c) == unicodedata.category(c) and old.category(c) not in ("Cn", "Cs", "Co")
        and c != "\n"
    ]  # fmt: skip


def generated(characters, rng):
    """Texts of runs: ASCII, letters with marks, one script, anything; some decomposed."""
    ascii_ = "abcdefghijklmnopqrstuvwxyzABC019      .,'-"
    letters = [c for c in characters if kind_of(c) == "run"]
    marks = [c for c in characters if kind_of(c) == "mark"]
    alone = [c for c in characters if kind_of(c) == "alone"]
    pools = (ascii_, ascii_, letters, alone, characters, letters + 3 * marks, alone + marks)
    for _ in range(200):
        text = ""
        while len(text) < rng.randrange(10, 120):
            pool = rng.choice(pools)
            text += "".join(rng.choice(pool) for _ in range(rng.randrange(1, 30)))
        for form in (None, "NFC", "NFD"):
            yield text if form is None else unicodedata.normalize(form, text)


def same_in_each_form(tap, characters):
    """NFC and NFD of a text have the same words, every character taken but most of those of the
    two large blocks."""
    characters = [
        c
        for c in characters
        if not (0x3400 <= ord(c) <= 0x9FFF or 0xAC00 <= ord(c) <= 0xD7A3) or ord(c) % 32 == 0
    ]
    texts = ["a".join(characters[at : at + 20]) for at in range(0, len(characters), 20)]
    compare(tap, "every character, composed", [unicodedata.normalize("NFC", t) for t in texts])
    compare(tap, "every character, decomposed", [unicodedata.normalize("NFD", t) for t in texts])
    same = all(
        [w for _, _, w in words_of(unicodedata.normalize("NFC", t))]
        == [w for _, _, w in words_of(unicodedata.normalize("NFD", t))]
        for t in texts
    )
    tap.result("the words are those of either form", None if same else "they are not")


def real_texts():
    path = SHARED / "data" / "llamafactory_dpo_zh.jsonl.zst"
    if not path.exists():
        return None
    with path.open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    texts = []
    for line in done.stdout.splitlines():
        record = json.loads(line)
        turns = [*record["conversations"], record["chosen"], record["rejected"]]
        texts += [turn["value"].replace("\n", " ") for turn in turns]
    return texts


def main():
    tap = harness.Tap()
    characters = stable_characters()
    same_in_each_form(tap, characters)
    compare(tap, "generated texts", list(generated(characters, random.Random(13))))
    texts = real_texts()
    if texts is None:
        tap.skip("Chinese pairs", "the real corpora are not beside the source tree")
    else:
        compare(tap, "Chinese pairs", texts[::2])
    tap.end()


if __name__ == "__main__":
    main()
