#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref decon` with a computation of its own over real pairs and real benchmarks, and over
made-up ones.

Which records of bench_pairs and of oasst1 share n-grams with which items of seven benchmarks, how
many, how much of the item they cover, and the words of the first: all is worked out here from
sets of tuples of words. Then items are planted into records, in other cases, in the other form of
Unicode and with other blanks, and each must be found. Every number of threads, plain or compressed,
in one file or in five, with an index made before, and with counts merged from parts, must give the
same.

PREF_EVERY=1 takes all records, whose counts stand in pref-decon(1), instead of one in so many.
"""

import collections
import ctypes
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
EVERY = int(os.environ.get("PREF_EVERY") or 29)
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U000116d0-\U000116ff"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)


def read(name):
    with (SHARED / "data" / name).open("rb") as packed:
        done = subprocess.run(["zstd", "-dc"], stdin=packed, stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()


# ---- The same by other means -----------------------------------------------------------------------

def ranges(wanted):
    """The characters of some categories, as the inside of a regular expression's class."""
    out, start = "", None
    for code in range(0x110001):
        inside = code < 0x110000 and unicodedata.category(chr(code)) in wanted
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            out += f"{re.escape(chr(start))}-{re.escape(chr(code - 1))}"
            start = None
    return out


LETTERS = ranges({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Nd"})
MARKS = ranges({"Mn", "Mc", "Me"})
ALONE = f"(?=[{UNSPACED}])(?![{ranges({'Nd'})}])[{LETTERS}]"
WORD = re.compile(f"{ALONE}[{MARKS}]*|(?:(?!{ALONE})[{LETTERS}][{MARKS}]*)+")
PLAIN = re.compile("[A-Za-z0-9]+")


def words_of(text):
    """The words as they stand in the text."""
    return (PLAIN if text.isascii() else WORD).findall(text)


def folded(words):
    if all(word.isascii() for word in words):
        return [word.lower() for word in words]
    lower = ("".join(c.lower()[0] for c in unicodedata.normalize("NFC", word)) for word in words)
    return [unicodedata.normalize("NFC", word) for word in lower]


def value_of(record, field):
    """The value of a top-level key, or at a JSON Pointer."""
    for key in field.removeprefix("/").split("/"):
        record = record[key]
    return record


def text_of(value):
    if isinstance(value, str):
        return value
    return "\n".join(message["content"] for message in value if message["content"] is not None)


class Index:
    """The n-grams of items: where each stands."""

    def __init__(self, benchmarks, n):
        self.n = n
        self.items, self.places = [], collections.defaultdict(list)
        self.counts = {}
        for name, lines in benchmarks.items():
            self.counts[name] = {"items": 0, "skipped": 0}
            for line in lines:
                item = json.loads(line)
                self.add(name, item["id"], folded(words_of(item["text"])))
        self.lengths = sorted({len(ngram) for ngram in self.places})

    def add(self, name, number, words):
        if len(words) < 3:
            self.counts[name]["skipped"] += 1
            return
        self.counts[name]["items"] += 1
        n = min(self.n, len(words))
        ngrams = [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]
        for at, ngram in enumerate(ngrams):
            self.places[ngram].append((len(self.items), at))
        self.items.append((name, number, len(words), len(set(ngrams))))

    def find(self, record, fields):
        """The n-grams that a record has: where it has each first."""
        found = {}
        for field in fields:
            raw = words_of(text_of(value_of(record, field)))
            words = folded(raw)
            for n in self.lengths:
                for at in range(len(words) - n + 1):
                    ngram = tuple(words[at : at + n])
                    if ngram in self.places and ngram not in found:
                        found[ngram] = (fields.index(field), at, field, raw[at : at + n])
        return found

    def hits(self, found, least=1, coverage=0.0):
        """What pref says of a record with these n-grams, by item."""
        items = collections.defaultdict(list)
        for ngram in found:
            for item, at in self.places[ngram]:
                items[item].append((ngram, at))
        for item, matches in sorted(items.items()):
            name, number, words, ngrams = self.items[item]
            covered = len({at + i for ngram, at in matches for i in range(len(ngram))})
            distinct = {ngram for ngram, _ in matches}
            if len(distinct) < min(least, ngrams) or covered < coverage * words:
                continue
            first = min(found[ngram] for ngram in distinct)
            excerpt = " ".join(first[3])
            yield {
                "item": {"benchmark": name, "id": number},
                "field": first[2],
                "matches": len(distinct),
                "ngrams": ngrams,
                "coverage": (covered * 200000 + words) // (2 * words) / 1e5,
                "ngram": excerpt.encode()[:1000].decode(errors="ignore"),
            }


# ---- Runs -------------------------------------------------------------------------------------------

def run(args, folder, status=0):
    done = subprocess.run([PREF, "decon", "-q", *args], cwd=folder, stderr=subprocess.PIPE)
    if done.returncode != status:
        raise AssertionError(f"{args}: status {done.returncode}: {done.stderr.decode()}")


def load(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def difference(got, want):
    for line, (a, b) in enumerate(zip(got, want), 1):
        if a != b:
            return f"line {line}:\n  got  {str(a)[:700]}\n  want {str(b)[:700]}"
    return None if len(got) == len(want) else f"{len(got)} lines, expected {len(want)}"


def compare(tap, name, index, lines, fields, folder, found, **limits):
    """Run decon over the lines and compare what it says with the index's own answer."""
    (folder / "in.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    args = [f"--against={path}" for path in sorted(folder.glob("b/*.jsonl"))]
    for option, value in limits.items():
        args += [f"--{option.replace('_', '-')}", str(value)]
    run([*args, "--ngram", str(index.n), "--on", ",".join(fields), "--evidence", "ev",
         "--rejects", "gone", "--summary", "sum", "-o", "out", "in.jsonl"], folder)
    want, hits, kept = [], collections.Counter(), []
    matched = collections.defaultdict(set)
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        said = list(index.hits(found[number - 1], limits.get("min_matches", 1),
                               float(limits.get("coverage", 0))))
        place = {"file": "in.jsonl", "line": number, "id": record.get("id")}
        want += [{"record": place, **hit} for hit in said]
        hits.update({hit["item"]["benchmark"] for hit in said})
        for hit in said:
            matched[hit["item"]["benchmark"]].add(hit["item"]["id"])
        if not said:
            kept.append(line)
    problem = difference(load(folder / "ev"), want)
    tap.result(f"{name}: evidence", problem)
    tap.result(f"{name}: what stays", difference((folder / "out").read_bytes().splitlines(), kept))
    summary = json.loads((folder / "sum").read_text())
    expected = {
        bench: {**count, "matched": len(matched[bench]), "hits": hits[bench]}
        for bench, count in index.counts.items()
    }
    tap.result(f"{name}: counts", None if summary["benchmarks"] == expected
               and summary["in"] == len(lines) == summary["out"] + summary["rejected"]
               else f"{summary}, expected {expected}")  # fmt: skip
    for bench, count in expected.items():
        print(f"# {name}: {bench}: {count}")
    return args


def ways(tap, args, lines, folder):
    """Other roads to the same bytes."""
    on = ["--on", "prompt,chosen,rejected", "--ngram", "13"]
    want = (folder / "out").read_bytes()
    fifth = len(lines) // 5 + 1
    names = []
    for part in range(5):
        names.append(f"part{part}.jsonl")
        data = b"".join(line + b"\n" for line in lines[part * fifth : part * fifth + fifth])
        if part % 2:
            data = subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE).stdout
        (folder / names[-1]).write_bytes(data)
    seeds = {"PREF_TABLE_SEED": "7"}
    for threads in (1, 2, 8):
        os.environ.update(seeds if threads == 2 else {})
        run([*args, *on, "--threads", str(threads), "--save-index", "index", "-o", "other", *names],
            folder)
        os.environ.pop("PREF_TABLE_SEED", None)
        same = (folder / "other").read_bytes() == want
        tap.result(f"five files, {threads} threads", None if same else "other bytes")
    run(["--index", "index", "--rejects", "gone2", "--evidence", "ev2", "-o", "other", "in.jsonl"],
        folder)
    pairs = (("other", "out"), ("gone2", "gone"), ("ev2", "ev"))
    same = all((folder / a).read_bytes() == (folder / b).read_bytes() for a, b in pairs)
    tap.result("an index made before", None if same else "other bytes")


def common(tap, args, index, lines, folder, found):
    """n-grams in more than three records are ignored, counted at once or in parts."""
    counts = collections.Counter(ngram for one in found for ngram in one)
    kept, left = [], [len(set()) for _ in index.items]
    for ngram, places in index.places.items():
        if counts[ngram] <= 3:
            for item in {item for item, _ in places}:
                left[item] += 1
    for line, one in zip(lines, found):
        rare = {ngram: where for ngram, where in one.items() if counts[ngram] <= 3}
        items = collections.Counter(i for ngram in rare for i in {i for i, _ in index.places[ngram]})
        if not any(count >= min(2, left[item]) for item, count in items.items()):
            kept.append(line)
    both = [*args, "--ngram", "13", "--min-matches", "2", "--common", "3"]
    run([*both, "-o", "out", "in.jsonl"], folder)
    tap.result("common n-grams", difference((folder / "out").read_bytes().splitlines(), kept))
    for part in range(5):
        run([*both, "--fit", f"{part}.fit", f"part{part}.jsonl"], folder)
    subprocess.run([PREF, "merge", *(f"{part}.fit" for part in range(5)), "-o", "all.fit"],
                   cwd=folder, check=True)
    run([*both, "--use", "all.fit", "-o", "other", "in.jsonl"], folder)
    same = (folder / "other").read_bytes() == (folder / "out").read_bytes()
    tap.result("common n-grams, counted in parts", None if same else "other bytes")


# ---- Planted items ----------------------------------------------------------------------------------

def disguise(text, rng):
    way = rng.randrange(5)
    if way == 0:
        return text
    if way == 1:  # a letter in a case from which no way leads back stays as it is
        return "".join(c.upper() if c.upper().lower() == c else c for c in text)
    if way == 2:
        return unicodedata.normalize("NFD", text)
    if way == 3:
        return re.sub(r"\s+", " \n\t* ", unicodedata.normalize("NFC", text))
    return " -- ".join(words_of(text))


def plant(tap, benchmarks, lines, folder):
    """Every item of every benchmark into a record of its own: all must be found."""
    rng = random.Random(17)
    hosts = [json.loads(line) for line in lines]
    planted, wanted = [], []
    for name, items in benchmarks.items():
        for line in items:
            item = json.loads(line)
            if len(words_of(item["text"])) < 3:
                continue
            host = dict(rng.choice(hosts))
            field = rng.choice(("prompt", "chosen", "rejected"))
            host[field] = f"{host[field][:200]} | {disguise(item['text'], rng)} | x"
            if field == "prompt" and rng.random() < 0.3:
                host[field] = [{"role": "user", "content": host[field]}]
            host["id"] = len(planted)
            planted.append(json.dumps(host, ensure_ascii=rng.random() < 0.5))
            wanted.append((len(wanted), name, item["id"]))
    (folder / "planted.jsonl").write_text("\n".join(planted) + "\n")
    args = [f"--against={path}" for path in sorted(folder.glob("b/*.jsonl"))]
    run([*args, "--coverage", "1", "--evidence", "ev", "-o", "out", "planted.jsonl"], folder)
    found = {(hit["record"]["id"], hit["item"]["benchmark"], hit["item"]["id"])
             for hit in load(folder / "ev")}  # fmt: skip
    lost = [one for one in wanted if one not in found]
    tap.result(f"all {len(wanted)} items planted are found",
               "\n".join(f"{one}: {planted[one[0]][-300:]}" for one in lost[:5]) or None)


def shares(pair, n):
    """Whether a rephrasing has one of its item's n-grams, or all of an item that is shorter."""
    item, other = (folded(words_of(pair[key])) for key in ("original", "rephrased"))
    n = min(n, len(item))
    ngrams = {tuple(item[at : at + n]) for at in range(len(item) - n + 1)}
    return n >= 3 and any(tuple(other[at : at + n]) in ngrams for at in range(len(other)))


def rephrased(tap, folder):
    """Which of the known rephrasings share an n-gram with what they rephrase."""
    pairs = [json.loads(line) for line in read("decontam_rephrased.jsonl.zst")]
    pairs = [pair for pair in pairs if pair["rephrased"].strip()]
    (folder / "r").mkdir()
    for name, key in (("r/original", "original"), ("r/rephrased", "rephrased")):
        rows = [json.dumps({"id": i, "text": pair[key]}) + "\n" for i, pair in enumerate(pairs)]
        (folder / f"{name}.jsonl").write_text("".join(rows))
    for n in (13, 8, 5):
        run(["--against", "r/original.jsonl", "--ngram", str(n), "--on", "text", "--evidence", "ev",
             "-o", "out", "r/rephrased.jsonl"], folder)
        own = {hit["record"]["id"] for hit in load(folder / "ev")
               if hit["record"]["id"] == hit["item"]["id"]}  # fmt: skip
        unlike = own ^ {i for i, pair in enumerate(pairs) if shares(pair, n)}
        tap.result(f"rephrased, n = {n}: {len(own)} share an n-gram with their item",
                   f"unlike: {sorted(unlike)[:9]}" if unlike else None)
        kinds = collections.Counter(pair["kind"] for pair in pairs)
        got = collections.Counter(pairs[i]["kind"] for i in own)
        for kind in kinds:
            print(f"# rephrased, n = {n}: {kind}: {got[kind]} of {kinds[kind]}")


def made_up(tap):
    """Items and records over so few words that n-grams repeat, overlap and are in many items."""
    fields = ("prompt", "chosen", "rejected")
    for seed in range(8):
        rng = random.Random(seed)
        words = ["a", "b", "c"][: rng.choice((1, 2, 3))] + ["x"]

        def text(most):
            return " ".join(rng.choice(words if rng.random() < 0.95 else ["q", "z"])
                            for _ in range(rng.randrange(most)))  # fmt: skip

        benchmarks = {name: [json.dumps({"id": i, "text": text(40)}).encode() for i in range(20)]
                      for name in ("one", "two")}  # fmt: skip
        lines = [json.dumps({"id": i, **{field: text(30) for field in fields}}).encode()
                 for i in range(60)]  # fmt: skip
        index = Index(benchmarks, rng.choice((3, 4, 6, 9)))
        found = [index.find(json.loads(line), fields) for line in lines]
        with tempfile.TemporaryDirectory(prefix="pref-decon-") as name:
            write_benchmarks(pathlib.Path(name), benchmarks)
            compare(tap, f"made up {seed}", index, lines, fields, pathlib.Path(name), found,
                    coverage="0.6", min_matches=rng.choice((1, 2, 5)))


def write_benchmarks(folder, benchmarks):
    (folder / "b").mkdir()
    for bench, items in benchmarks.items():
        (folder / "b" / f"{bench}.jsonl").write_bytes(b"\n".join(items) + b"\n")


def real(tap):
    benchmarks = collections.defaultdict(list)
    for line in read("benchmark_prompts.jsonl.zst"):
        benchmarks[json.loads(line)["benchmark"]].append(line)
    benchmarks = dict(sorted(benchmarks.items()))
    lines = read("bench_pairs.jsonl.zst")[::EVERY]
    fields = ("prompt", "chosen", "rejected")
    with tempfile.TemporaryDirectory(prefix="pref-decon-") as name:
        folder = pathlib.Path(name)
        write_benchmarks(folder, benchmarks)
        index = Index(benchmarks, 13)
        found = [index.find(json.loads(line), fields) for line in lines]
        compare(tap, "pairs, coverage and matches", index, lines, fields, folder, found,
                coverage="0.5", min_matches=3)
        args = compare(tap, "pairs", index, lines, fields, folder, found)
        ways(tap, args, lines, folder)
        common(tap, args, index, lines, folder, found)
        plant(tap, benchmarks, lines, folder)
        chats = read("oasst1_chat_pairs.jsonl.zst")[:: min(EVERY, 4)]
        index, fields = Index(benchmarks, 8), ("messages", "/chosen/content", "/rejected/content")
        found = [index.find(json.loads(line), fields) for line in chats]
        compare(tap, "oasst1", index, chats, fields, folder, found)
        rephrased(tap, folder)


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def sealed(body):
    """An index with its checksum behind it, or None where the library cannot be loaded."""
    try:
        xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
    except OSError:
        return None
    xxh3.restype, xxh3.argtypes = Hash, [ctypes.c_char_p, ctypes.c_size_t]
    made = xxh3(body, len(body))
    return body + struct.pack("<QQ", made.low, made.high)


def forged(tap):
    """An index that says of a short item that it is as long as its n-grams are to be, 64 words:
    with a good checksum, it must not lead beyond the words of a record."""
    words = "aa bb cc dd ee ff gg hh"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "items").write_text(json.dumps({"id": 1, "text": words}) + "\n")
        pair = {"prompt": "q", "chosen": words, "rejected": "z"}
        (folder / "in").write_text(json.dumps(pair) + "\n")
        run(["--against", "items", "--save-index", "index", "-o", "out", "in"], folder)
        index = bytearray((folder / "index").read_bytes())
        length, thirteen = struct.pack("<I", 8), struct.pack("<I", 13)
        at = index.find(length)
        if sealed(bytes(index[:-16])) != bytes(index) or index[12:16] != thirteen or at % 4 != 0:
            tap.result("a forged index", "the index is not as this test knows it")
            return
        index[at:at + 4] = index[12:16] = struct.pack("<I", 64)
        (folder / "forged").write_bytes(sealed(bytes(index[:-16])))
        run(["--index", "forged", "--evidence", "evidence", "-o", "out", "in"], folder)
        found = (folder / "evidence").read_text()
        tap.result("a forged index", f"found {found}" if found else None)


def main():
    tap = harness.Tap()
    made_up(tap)
    forged(tap)
    if (SHARED / "data").exists():
        real(tap)
    else:
        tap.skip("real pairs", "the real corpora are not beside the source tree")
    tap.end()


main()
