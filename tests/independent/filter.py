#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref filter` with a computation of its own over real pairs.

hh-rlhf's test set, imported, and the Chinese of LlamaFactory's demonstration as pairs. Lengths and
ratios are those of Python's strings, in integers; patterns are put to Python's re, or where that
lacks the syntax to grep -P, a line a text; repetition, loops, fences, tags and JSON are worked out
anew from what pref-rules(5) says. What must come out is compared by the names of the rules that hit
each record; and what is rejected, byte for byte, with other numbers of threads. No rule of a
shipped pack may take more than a time in proportion to a hostile text.
"""

import fractions
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
RULES = harness.SRC / "filters" / "rules"
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B)))
ENV = harness.environment()


def read(name):
    path = SHARED / "data" / f"{name}.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    return subprocess.run(["zstd", "-dc", str(path)], stdout=subprocess.PIPE, check=True).stdout


def english():
    done = subprocess.run([PREF, "import", "--from", "hh"], input=read("hh_rlhf_test"), env=ENV,
                          stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()


def chinese():
    lines = []
    for number, line in enumerate(read("llamafactory_dpo_zh").splitlines()):
        record = json.loads(line)
        pair = {"id": number, "prompt": record["conversations"][-1]["value"],
                "chosen": record["chosen"]["value"], "rejected": record["rejected"]["value"]}
        if number % 3 == 0:
            pair["prompt"] = [{"role": turn["from"], "content": turn["value"]}
                              for turn in record["conversations"]]
        lines.append(json.dumps(pair, ensure_ascii=number % 2 == 0).encode())
    return lines


def text_of(value):
    return value if isinstance(value, str) else "\n".join(turn["content"] for turn in value)


# ---- The tests of packs, again --------------------------------------------------------------

def grep(pattern, texts):
    """Which texts hold a match: by PCRE through grep, each text a NUL-ended line."""
    data = b"".join(text.replace("\0", " ").encode() + b"\0" for text in texts)
    done = subprocess.run(["grep", "-z", "-n", "-o", "-P", "-e", "(*UCP)(?:" + pattern + ")"],
                          input=data, stdout=subprocess.PIPE,
                          env=dict(ENV, LC_ALL="C.UTF-8"), check=False)
    hits = [False] * len(texts)
    for found in done.stdout.split(b"\0"):
        if found:
            hits[int(found.split(b":")[0]) - 1] = True
    return hits


def luhn(text):
    digits = [int(c) for c in text if c in "0123456789"][::-1]
    total = sum(sum(divmod(2 * d, 10)) if i % 2 else d for i, d in enumerate(digits))
    return total % 10 == 0


def share(want):
    return fractions.Fraction(str(want["max-share"]))


def repeats_lines(text, want):
    lines = [line.strip(" \t\r") for line in text.split("\n")]
    lines = [line for line in lines if line]
    again = len(lines) - len(set(lines))
    return len(lines) >= want["least"] and again > share(want) * len(lines)


def words_of(text):
    if text.isascii():
        return re.findall("[a-z0-9]+", text.lower())
    spaceless = ("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3041-\u30ff\u31f0-\u31ff"
                 "\u3400-\u4dbf\u4e00-\u9fff]")
    out, word = [], ""
    for c in text:
        kind = unicodedata.category(c)
        if kind.startswith("L") or kind in ("Nd", "Nl"):
            if re.match(spaceless, c):
                out += [word] if word else []
                out.append(c)
                word = ""
                continue
            word += c.lower()
        elif kind.startswith("M") and word:
            word += c
        else:
            out += [word] if word else []
            word = ""
    return out + ([word] if word else [])


def repeats_words(text, want):
    words = words_of(text)
    runs = [tuple(words[i:i + want["run"]]) for i in range(len(words) - want["run"] + 1)]
    again = len(runs) - len(set(runs))
    return len(runs) >= want["least"] and again > share(want) * len(runs)


def loops(text, want):
    data = text.encode().rstrip(b" \t\r\n")[-4096:]
    for unit in range(1, len(data) // want["times"] + 1):
        if data[-unit:] != data[-2 * unit:-unit]:
            continue
        length = unit
        while length < len(data) and data[-length - 1] == data[len(data) - length - 1 + unit]:
            length += 1
        if length >= want["least"] and length >= want["times"] * unit:
            return True
    return False


def is_json(text):
    def refuse(word):
        raise ValueError(word)

    try:
        json.loads(text.strip(" \t\r\n"), parse_constant=refuse)
        return True
    except (ValueError, RecursionError):
        return False


def claims_json(text):
    inner = text.strip(" \t\r\n")
    return bool(re.match(r'\{[ \t\r\n]*"|\[[ \t\r\n]*\{', inner)) and not is_json(inner)


def fences(text):
    """(info, block) of each closed block, and whether one stays open."""
    blocks, opened = [], None
    for line in text.split("\n"):
        match = re.match(r" {0,3}(`{3,}|~{3,})(.*)$", line, re.S)
        if opened is not None:
            mark = opened[0]
            if match and match[1][0] == mark[0] and len(match[1]) >= len(mark) and \
                    not match[2].strip(" \t\r"):
                blocks.append((opened[1], "\n".join(opened[2])))
                opened = None
            else:
                opened[2].append(line)
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            opened = (match[1], match[2].strip(" \t\r"), [])
    return blocks, opened is not None


def broken_tags(text, names):
    for name in names:
        inside = False
        for tag in re.findall(f"</?{name}>", text):
            if inside != tag.startswith("</"):
                return True
            inside = not inside
        if inside:
            return True
    return False


def no_calls(text):
    def is_call(part):
        if not is_json(part):
            return False
        call = json.loads(part)
        return isinstance(call, dict) and isinstance(call.get("name"), str) and \
            isinstance(call.get("arguments") or call.get("parameters") or {}, dict) and \
            ("arguments" in call or "parameters" in call)

    if broken_tags(text, ["tool_call"]):
        return True
    return any(not is_call(inside) and not all(map(is_call, inside.strip().split("\n")))
               for inside in re.findall(r"<tool_call>(.*?)</tool_call>", text, re.S))


def outside(size, want):
    return not want.get("min", 0) <= size <= want.get("max", size)


def foreign(text, want):
    """By the names of characters, of which most begin with that of their script."""
    begin = {"Latin": ("LATIN", "FULLWIDTH LATIN", "FEMININE", "MASCULINE"), "Han": ("CJK",)}
    letters = [c for c in text if unicodedata.category(c)[0] == "L"]
    names = tuple(word for script in want["of"] for word in begin[script])
    own = sum(unicodedata.name(c, "").startswith(names) for c in letters)
    return len(letters) >= want["least"] and \
        own < fractions.Fraction(str(want["min-share"])) * len(letters)


def sides(record):
    """The characters of the shorter response and of the longer one; a blank one has none."""
    texts = (record["chosen"], record["rejected"])
    return sorted(len(text) if text.strip(BLANKS) else 0 for text in texts)


def lopsided(record, want):
    short, long = sides(record)
    return long > fractions.Fraction(str(want)) * short


def hits(test, texts):
    """Whether the test hits each text."""
    (kind, want), = test.items()
    if kind == "pattern":
        return grep(want, texts)
    if kind == "lacks":
        return [not hit for hit in grep(want, texts)]
    if kind == "luhn":
        plain = re.compile(want, re.A)
        return [any(luhn(match[0]) for match in plain.finditer(text)) for text in texts]
    by_kind = {
        "chars": lambda text, _: outside(len(text), want),
        "words": lambda text, _: outside(len(words_of(text)), want),
        "script": foreign,
        "not-json": lambda text, _: not is_json(text),
        "repeated-lines": repeats_lines, "repeated-words": repeats_words, "loop": loops,
        "broken-json": lambda text, _: claims_json(text),
        "broken-json-fence": lambda text, _: any(
            info.lower().split()[:1] == ["json"] and not is_json(block)
            for info, block in fences(text)[0]),
        "open-fence": lambda text, _: fences(text)[1],
        "broken-tags": broken_tags,
        "broken-tool-calls": lambda text, _: no_calls(text),
    }
    return [by_kind[kind](text, want) for text in texts]


# ---- Comparing ------------------------------------------------------------------------------

def run(words, lines, more=()):
    with tempfile.TemporaryDirectory(prefix="pref-filter-") as top:
        folder = pathlib.Path(top)
        (folder / "in").write_bytes(b"".join(line + b"\n" for line in lines))
        command = [PREF, "filter", *words, *more, "--rejects", "r", "--summary", "s", "in"]
        done = subprocess.run(command, cwd=folder, env=ENV, stdout=subprocess.PIPE, check=True)
        return done.stdout, (folder / "r").read_bytes(), json.loads((folder / "s").read_text())


def rule_hits(rule, records):
    """Whether the rule hits each record."""
    test = rule["test"]
    if "ratio" in test:
        return [lopsided(record, test["ratio"]) for record in records]
    if "equal" in test:
        return [record["chosen"] == record["rejected"] for record in records]
    by_field = [hits(test, [record[field] for record in records]) for field in rule["fields"]]
    return [any(each) for each in zip(*by_field)]


# What the shipped packs do not use; the examples are whatever is hit, and what is not.
HOUSE = {
    "chars": {"chars": {"min": 60, "max": 500}}, "short": {"chars": {"min": 20}},
    "words": {"words": {"min": 12, "max": 90}}, "lacks": {"lacks": r"(?i)\bthe\b|的"},
    "latin": {"script": {"of": ["Latin"], "min-share": 0.99, "least": 10}},
    "han": {"script": {"of": ["Han", "Latin"], "min-share": 1, "least": 1}},
    "not-json": {"not-json": True}, "ratio": {"ratio": 3.5}, "equal": {"equal": True},
}
EXAMPLES = {
    "chars": ("", "x" * 60), "short": ("", "x" * 20), "words": ("x", "x " * 12),
    "lacks": ("x", "的 the"), "latin": ("я" * 10, "x"), "han": ("я", "x"), "not-json": ("x", "1"),
    "ratio": ({"chosen": "x", "rejected": ""}, "x"), "equal": ("x", {"chosen": "x", "rejected": ""}),
}


def house():
    for name, test in HOUSE.items():
        both = name in ("ratio", "equal", "han")
        yield {"name": name, "about": "x", "test": test, "match": [EXAMPLES[name][0]],
               "fields": ["chosen", "rejected"] if both else ["chosen"],
               "pass": [EXAMPLES[name][1]]}


def check_house(tap, name, lines, records):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as pack:
        json.dump({"pack": "house", "about": "x", "rules": list(house())}, pack)
        pack.flush()
        check_pack(tap, name, pack.name, lines, records)


def check_options(tap, name, lines, records):
    """Each option by itself: patterns and equal responses."""
    has = grep("(?i)\\bsorry\\b|\\d\\d", [record["chosen"] for record in records])
    want = {"no-match": sum(has), "match": len(has) - sum(has),
            "distinct": sum(record["chosen"] == record["rejected"] for record in records)}
    for option, words in (("no-match", ["--no-match", r"chosen=(?i)\bsorry\b|\d\d"]),
                          ("match", ["--match", r"chosen=(?i)\bsorry\b|\d\d"]),
                          ("distinct", ["--distinct"])):
        _, rejects, summary = run(words, lines)
        got = next(iter(summary["rules"].values()))
        tap.result(f"{name}: --{option}: {got}", None if got == want[option] and
                   len(rejects.splitlines()) == summary["rejected"] else str(summary))


def check_pack(tap, name, pack, lines, records):
    out, _, summary = run(["--annotate", "--rules", pack], lines)
    got = [set(json.loads(line)["filter"]["hits"]) for line in out.splitlines()]
    bare = [line[:line.rindex(b',"filter":')] + b"}" for line in out.splitlines()]
    wrong = [] if bare == lines else ["other bytes have changed"]
    path = pathlib.Path(pack) if "/" in pack else RULES / f"{pack}.json"
    content = json.loads(path.read_text())
    for rule in content["rules"]:
        full = f"{content['pack']}/{rule['name']}"
        want = rule_hits(rule, records)
        unlike = [i for i, hit in enumerate(want) if hit != (full in got[i])]
        if unlike or summary["rules"][full] != sum(want):
            wrong.append(f"{full}: {summary['rules'][full]}, counted {sum(want)}; "
                         f"records {unlike[:5]}")
    tap.result(f"{name}: {content['pack']}", "\n".join(wrong) or None)


def check_lengths(tap, name, lines, records):
    options = {"min-chars": ("chosen", 40), "max-chars": ("prompt", 700)}
    ratio = fractions.Fraction("2.25")
    kept, gone, counts = [], [], [0, 0, 0]
    for line, record in zip(lines, records):
        size = {field: len(record[field]) for field in record}
        short, long = sides(record)
        why = None
        if size["chosen"] < 40:
            why, rule = f"min-chars chosen=40: chosen has {size['chosen']} characters", 0
        elif size["prompt"] > 700:
            why, rule = f"max-chars prompt=700: prompt has {size['prompt']} characters", 1
        elif long > ratio * short:
            why, rule = f"max-ratio 2.25: {long} characters to {short}", 2
        if why is None:
            kept.append(line)
            continue
        counts[rule] += 1
        end = line.rindex(b"}")
        gone.append(line[:end] + b',"reject":{"by":"filter","why":"' + why.encode() + b'"}}')
    words = [w for option, (field, n) in options.items() for w in (f"--{option}", f"{field}={n}")]
    for threads in ("1", "3", "8"):
        out, rejects, summary = run([*words, "--max-ratio", "2.25"], lines, ["--threads", threads])
        wrong = None
        if out.splitlines() != kept or rejects.splitlines() != gone:
            pairs = zip(rejects.splitlines(), gone)
            unlike = next(((a, b) for a, b in pairs if a != b), ("", ""))
            wrong = f"{len(kept)} kept here; first unlike {unlike}"[:600]
        elif list(summary["rules"].values()) != counts:
            wrong = f"{summary['rules']}, counted {counts}"
        tap.result(f"{name}: lengths, threads {threads}", wrong)
    tap.result(f"{name}: a fair trial", None if min(counts) > 0 and kept else str(counts))


def check_examples(tap):
    """That each is tried, `pref` sees to; that there are enough of them is asked here."""
    few = [f"{path.stem}/{rule['name']}" for path in sorted(RULES.glob("*.json"))
           for rule in json.loads(path.read_text())["rules"]
           if min(len(rule["match"]), len(rule["pass"])) < 2]
    tap.result("each shipped rule has two examples of either kind", ", ".join(few) or None)


def check_hostile(tap):
    """Texts that patterns dislike: eight times the text may take some eight times as long."""
    units = ["a", " ", "<think>", "a@", "<", "```\n", "(212) ", "4539 ", "\n", "I'm sorry, but ",
             "[your ", "eyJa", "-", "x.y", "{\"a\":", "As an AI, I ", "\u4f60"]
    packs = [w for pack in sorted(RULES.glob("*.json")) for w in ("--rules", pack.stem)]
    for unit in units:
        took = []
        for size in (60_000, 480_000):
            text = unit * (size // len(unit))
            line = json.dumps({"prompt": "?", "chosen": text, "rejected": "b"})
            begin = os.times().children_user
            run([*packs, "--annotate"], [line.encode()])
            took.append(os.times().children_user - begin)
        # A start costs some hundredths of a second; a quadratic rule would take 64 times as long.
        slow = took[1] > 2 and took[1] > 24 * max(took[0], 0.05)
        tap.result(f"linear in {unit.strip() or repr(unit)!r}", str(took) if slow else None)


def main():
    tap = harness.Tap()
    check_examples(tap)
    for name, lines in (("hh-rlhf", english()), ("Chinese", chinese())):
        records = [{field: text_of(json.loads(line)[field])
                    for field in ("prompt", "chosen", "rejected")} for line in lines]
        check_lengths(tap, name, lines, records)
        for pack in sorted(path.stem for path in RULES.glob("*.json")):
            check_pack(tap, name, pack, lines, records)
        check_house(tap, name, lines, records)
        check_options(tap, name, lines, records)
    check_hostile(tap)
    tap.end()


main()
