#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mutated records are accepted and refused as other parsers do it.

Valid lines are broken in seeded, random ways, tens of thousands of them. What `pref` calls
malformed must be what python3's json, made strict, and the law of pref-record(5), written down here
once more, call malformed: the syntax alone for a tool that reads two keys (dedup --on line), every
field for check. Then jq and python's json as it comes: where they differ from us the difference is
one of those that the page explains, and no other. Each of those is shown by a line of its own, too.
"""

import collections
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import drill
import harness
from mutate import mutate

LINES = int(os.environ.get("PREF_MUTATIONS", 20000))
JQ_LINES = max(LINES // 4, 5000)  # jq is slower
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
DEPTH = 1024
SIDES = {"chosen": 1, "rejected": -1, "tie": 0, "both_bad": None}  # what a grade's sign must be
SURROGATE = re.compile("[\ud800-\udfff]")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)

tap = harness.Tap()


# ---- The law, once more --------------------------------------------------------------------------

class Members(list):
    """An object: its members in order, with those that stand twice."""


class Number(str):
    """A number as it is written: no parser's limits are ours."""


class Refused(Exception):
    """Why a line is malformed."""


def refuse_constant(name):
    raise Refused(f"{name} is no number")


STRICT = json.JSONDecoder(object_pairs_hook=Members, parse_constant=refuse_constant,
                          parse_int=Number, parse_float=Number)


def depth_of(text):
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def parse(line):
    try:
        text = line.decode("utf-8")
        if text.count("[") + text.count("{") > DEPTH and depth_of(text) > DEPTH:
            raise Refused("too deep")
        value = STRICT.decode(text)
    except ValueError as problem:
        raise Refused(str(problem)) from None
    if not isinstance(value, Members):
        raise Refused("no object")
    return value


def once(members, *names):
    """The values of these keys, each of which may stand once; a null is absent."""
    found = {}
    for key, value in members:
        if key in names:
            if key in found:
                raise Refused(f"{key} stands twice")
            found[key] = value
    return {key: value for key, value in found.items() if value is not None}


def need(condition, why):
    if not condition:
        raise Refused(why)


def is_string(value):
    return isinstance(value, str) and not isinstance(value, Number)


def is_array(value):
    return isinstance(value, list) and not isinstance(value, Members)


def decodes(value):
    """No string in a value, keys too, has a lone surrogate."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, list):
            for element in one:
                rest.extend(element if isinstance(one, Members) else [element])
        elif isinstance(one, str) and SURROGATE.search(one):
            return False
    return True


def check_any(root):
    """What every tool asks for."""
    found = once(root, "id", "reject")
    need(isinstance(found.get("id", ""), str), "the type of id")


def check_text(text):
    need(is_string(text) or is_array(text), "no text")
    for message in text if is_array(text) else []:
        need(isinstance(message, Members), "no message")
        found = once(message, "role", "content")
        need(is_string(found.get("role")), "no role")
        need(is_string(found.get("content", "")) or is_array(found["content"]), "no content")
    need(decodes(text), "a lone surrogate")


def check_rows(rows, names, check):
    need(is_array(rows), "no array")
    for row in rows:
        need(isinstance(row, Members), "no row")
        check(once(row, *names))


def is_finite(value):
    return isinstance(value, Number) and abs(float(value)) != float("inf")


def check_vote(row):
    need(is_string(row.get("judge")) and decodes(row["judge"]), "no judge")
    need(is_string(row.get("vote")) and row["vote"] in SIDES, "no word")
    need(is_finite(row.get("confidence", Number("0"))), "confidence")
    need(isinstance(row.get("swapped", True), bool), "swapped")
    if "grade" in row:
        need(is_grade(row["grade"]), "no grade")
        grade = int(row["grade"])
        need((grade > 0) - (grade < 0) == SIDES[row["vote"]], "a grade against its vote")


def is_grade(value):
    return isinstance(value, Number) and re.fullmatch("0|-?[123]", value)


def check_score(row):
    need(is_string(row.get("model")) and decodes(row["model"]), "no model")
    sides = [row.get("chosen"), row.get("rejected")]
    if any(isinstance(side, Members) for side in sides):
        check_parts(sides)
    else:
        need(all(map(is_finite, sides)), "no scores")


def check_parts(sides):
    """Distributions, or log-probabilities, on both sides of a row."""
    need(all(isinstance(side, Members) for side in sides), "a number and an object")
    need(all(sum(key in ("dist", "logprobs") for key, _ in side) == 1 for side in sides),
         "not one of the keys")  # nor with a null for the other
    found = [once(side, "dist", "logprobs") for side in sides]
    need(all(found), "a null")
    need(found[0].keys() == found[1].keys(), "another key on the other side")
    given = [value for keys in found for value in keys.values()]
    numbers = [number for value in given for number in (value if is_array(value) else [value])]
    need(all(map(is_finite, numbers)), "not of finite numbers")
    need(is_array(given[0]) == is_array(given[1]), "an array and a number")
    if "dist" in found[0]:
        need(all(is_array(dist) and 2 <= len(dist) <= 1000 and is_distribution(dist)
                 for dist in given), "no distribution")
        need(len(given[0]) == len(given[1]), "another number of levels")
    else:
        need(all(given), "no token")
        need(all(float(number) <= 0 for number in numbers), "no logarithm")


def is_distribution(dist):
    return min(map(float, dist)) >= 0 and abs(math.fsum(map(float, dist)) - 1) <= 1e-6


def check_pair(root):
    """What check asks for: all that pref-record(5) says of a pair."""
    check_any(root)
    found = once(root, "prompt", "chosen", "rejected", "votes", "scores")
    for name in ("prompt", "chosen", "rejected"):
        check_text(found.get(name))
    check_rows(found.get("votes", []), ("judge", "vote", "confidence", "swapped", "grade"),
               check_vote)
    check_rows(found.get("scores", []), ("model", "chosen", "rejected"), check_score)


def parsed(line):
    """The object on a line, or why there is none."""
    try:
        return parse(line)
    except Refused as why:
        return why


def refusal(value, check):
    """Why a line that was parsed is malformed, or None."""
    try:
        if isinstance(value, Refused):
            return str(value)
        check(value)
    except Refused as why:
        return str(why)
    return None


# ---- Lines ---------------------------------------------------------------------------------------

def valid_lines():
    """Short lines to begin with: made ones, odd ones, and some of the real corpora."""
    lines = sorted(drill.make_corpus(600).splitlines(), key=len)[:300]
    lines += (harness.SRC / "tests" / "conformance" / "odd.jsonl").read_bytes().splitlines()
    for path in sorted((SHARED / "data").glob("*.jsonl.zst")):
        head = drill.zstd(path.read_bytes(), "-d").splitlines()[:3000]
        lines += [line for line in sorted(head, key=len)[:40] if len(line) < 1000]
    return lines


def mutated():
    chance = random.Random(20260101)
    seeds = valid_lines()
    lines = []
    while len(lines) < LINES:
        line = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            line = mutate(chance, line, seeds)
        lines += line.split(b"\n")
    return [line for line in lines if line.strip(b" \t\r")]  # blank lines are no records


# ---- Verdicts ------------------------------------------------------------------------------------

def accepted_by(args, lines):
    """Whether pref takes each of these lines."""
    drill.write("in", b"".join(line + b"\n" for line in lines))
    status, _, err = drill.run([*args, "--on-error", "skip", "--malformed", "m", "in"])
    if status != 0:
        raise RuntimeError(f"{args}: status {status} {err}")
    refused = set(pathlib.Path("m").read_bytes().split(b"\n"))
    return [line not in refused for line in lines]


def by_python(line):
    """json as it comes."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def by_jq(lines):
    """jq as it comes, a line at a time."""
    out = subprocess.run(["jq", "-R", "try (fromjson | 1) catch 0"],
                         input=b"".join(line + b"\n" for line in lines), check=True,
                         stdout=subprocess.PIPE).stdout.split()
    return [word == b"1" for word in out]


def compare(title, args, lines, values, check):
    got = accepted_by(args, lines)
    wrong, reasons = [], collections.Counter()
    for line, value, taken in zip(lines, values, got):
        why = refusal(value, check)
        reasons[(why or "taken").split(":")[0]] += 1
        if taken != (why is None):
            wrong.append(f"pref {'takes' if taken else 'refuses'}, python3 says {why}: {line!r}")
    both = 0 < sum(got) < len(got) and len(reasons) > 8
    tap.result(f"{title}: {len(lines)} mutated lines, {sum(got)} of them right",
               "\n".join(wrong[:10]) or (None if both else f"nothing was tested: {reasons}"))
    return got


# ---- How others differ ---------------------------------------------------------------------------

QUOTED = re.compile(STRING.pattern.encode(), re.S)
# strtod skips what isspace does.
LOOSE_NUMBER = re.compile(
    r"(?<![\w.+-])[\v\f]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.+-])")
CUT_BY_NUL = re.compile(r"[-+.\w]*\0[^][{},:\s]*")
NO_NUMBER = re.compile(r"(?<![\w.+-])[-+]?(?:nan|inf|infinity)(?!\w)", re.I)


def outside_strings(pattern):
    """Put 0 in the place of what matches, but in strings."""
    def mend(line):
        at, out, text = 0, [], line.decode("utf-8", "surrogateescape")
        for string in STRING.finditer(text):
            out += [pattern.sub("0", text[at:string.start()]), string[0]]
            at = string.end()
        return ("".join(out) + pattern.sub("0", text[at:])).encode("utf-8", "surrogateescape")
    return mend


# What others take and we refuse: by how a line would have to be mended for us. pref-record(5)
# explains each of them under OTHER PARSERS.
MENDS = {
    "NaN and Infinity": outside_strings(NO_NUMBER),
    "loose numbers": outside_strings(LOOSE_NUMBER),
    "a NUL in a number": outside_strings(CUT_BY_NUL),
    "control characters in strings": lambda line: QUOTED.sub(
        lambda string: re.sub(rb"[\0-\x1f]", b" ", string[0]), line),
    "invalid UTF-8": lambda line: line.decode("utf-8", "replace").encode(),
    "surrogates in UTF-8": lambda line: re.sub(rb"\xed[\xa0-\xbf][\x80-\xbf]", b"?", line),
    "a byte-order mark": lambda line: line.removeprefix(b"\xef\xbb\xbf"),
}
ROOTS = {"no object", "too deep", "id stands twice", "reject stands twice", "the type of id"}
PYTHON = ["NaN and Infinity", "surrogates in UTF-8", "a byte-order mark"]
JQ = ["NaN and Infinity", "loose numbers", "a NUL in a number", "control characters in strings",
      "invalid UTF-8", "a byte-order mark"]
JQ_DEPTH = 256  # of jq 1.6
HIGH_ALONE = re.compile(r"(?<!\\)(?:\\\\)*\\u[dD][89abAB]\w\w(?!\\u[dD][c-fC-F])")


def explained(line, allowed):
    """The difference by which another parser takes a line, or None."""
    for name in (None, *allowed):
        if name is not None:
            line = MENDS[name](line)
        why = refusal(parsed(line), check_any)
        if why is None or why in ROOTS:
            return name or why
    return None


def differ(title, lines, ours, theirs, allowed, stricter):
    """Where we and they part, the reason is on the list."""
    wrong, met = [], collections.Counter()
    for line, we, they in zip(lines, ours, theirs):
        if we and not they:
            reason = stricter(line)
        elif they and not we:
            reason = explained(line, allowed)
        else:
            continue
        met[reason] += 1
        if reason is None:
            wrong.append(f"we {'take' if we else 'refuse'}: {line!r}")
    print(f"# {title}:", ", ".join(f"{n} {name}" for name, n in met.most_common()) or "none")
    tap.result(f"{title}: {sum(met.values())} differences of {len(lines)}, all explained",
               "\n".join(wrong[:10]) or None)


def jq_is_stricter(line):
    """jq 1.6 turns the latter half of a surrogate pair into U+FFFD, and refuses the former."""
    text = line.decode()
    if HIGH_ALONE.search(text):
        return "half a surrogate pair"
    return "depth" if depth_of(text) > JQ_DEPTH else None


def python_is_stricter(line):
    """More digits than python3 turns into a number, and more depth than it has stack."""
    text = STRING.sub("", line.decode())
    if any(len(digits) > 4300 for digits in re.findall(r"\d+", text)):
        return "digits"
    return "depth" if depth_of(text) > 900 else None


# A line for each difference: (what it is, the line, pref, python3, jq). None: it depends on their
# version.
TABLE = [
    ("a right line", b'{"a":[1,-0.5e+3,"\\u00e9",null,true,{}]}', 1, 1, 1),
    ("a key twice where no tool reads it", b'{"a":1,"a":2}', 1, 1, 1),
    ("a key twice that is read", b'{"id":1,"id":2}', 0, 1, 1),
    ("a key twice, once with escapes", b'{"id":1,"\\u0069d":2}', 0, 1, 1),
    ("a root that is no object", b"[1]", 0, 1, 1),
    ("two values on one line", b'{"a":1}{"a":2}', 0, 0, 0),
    ("NaN", b'{"a":NaN}', 0, 1, None),
    ("Infinity", b'{"a":-Infinity}', 0, 1, None),
    ("nan", b'{"a":nan}', 0, 0, None),
    ("a leading zero", b'{"a":01}', 0, 0, 1),
    ("a leading plus", b'{"a":+1}', 0, 0, None),
    ("no digit before the point", b'{"a":.5}', 0, 0, 1),
    ("no digit after the point", b'{"a":5.}', 0, 0, 1),
    ("a NUL in a number", b'{"a":1\x002}', 0, 0, None),
    ("beyond a double", b'{"a":1e999}', 1, 1, 1),
    ("5,000 digits", b'{"a":' + b"7" * 5000 + b"}", 1, None, 1),
    ("a tab in a string", b'{"a":"\t"}', 0, 0, None),
    ("0x1f in a string", b'{"a":"\x1f"}', 0, 0, None),
    ("DEL in a string", b'{"a":"\x7f"}', 1, 1, 1),
    ("an escaped NUL", b'{"a":"\\u0000"}', 1, 1, 1),
    ("half a surrogate pair, the former", b'{"a":"\\ud800"}', 1, 1, None),
    ("half a surrogate pair, the latter", b'{"a":"\\udc00"}', 1, 1, 1),
    ("an unknown escape", b'{"a":"\\x41"}', 0, 0, 0),
    ("a surrogate in UTF-8", b'{"a":"\xed\xa0\x80"}', 0, 1, 1),
    ("an overlong form", b'{"a":"\xc0\x80"}', 0, 0, 1),
    ("beyond U+10FFFF", b'{"a":"\xf4\x90\x80\x80"}', 0, 0, 1),
    ("a byte-order mark in the midst", b'\xef\xbb\xbf{"a":1}', 0, 1, None),
    ("300 levels", b'{"a":' + b"[" * 299 + b"]" * 299 + b"}", 1, 1, None),
    ("1,024 levels", b'{"a":' + b"[" * 1023 + b"]" * 1023 + b"}", 1, None, None),
    ("1,025 levels", b'{"a":' + b"[" * 1024 + b"]" * 1024 + b"}", 0, None, None),
    ("a comma at the end", b'{"a":[1,]}', 0, 0, 0),
    ("a comment", b'{"a":1 /* one */}', 0, 0, 0),
    ("single quotes", b"{'a':1}", 0, 0, 0),
    ("a form feed as a blank", b'{"a":\f1}', 0, 0, None),
    ("a no-break space as a blank", b'{"a":\xc2\xa01}', 0, 0, 0),
]


def test_table():
    lines = [line for _, line, *_ in TABLE]
    # The first line of a file may begin with a byte-order mark.
    ours = accepted_by(["dedup", "--on", "line"], [b"{}", *lines])[1:]
    for (name, line, *wanted), we, jq in zip(TABLE, ours, by_jq(lines)):
        got = [we, by_python(line), jq]
        wrong = [f"{who}: {'takes' if is_so else 'refuses'}"
                 for who, want, is_so in zip(("pref", "python3", "jq"), wanted, got)
                 if want is not None and want != is_so]
        tap.result(name, ", ".join(wrong) or None)


sys.setrecursionlimit(4 * DEPTH)
with drill.folder():
    test_table()
    LIST = [b'{"prompt":"","chosen":"","rejected":""}', *mutated()]
    VALUES = [parsed(line) for line in LIST]
    compare("every field, as check reads it", ["check"], LIST, VALUES, check_pair)
    OURS = compare("the syntax alone", ["dedup", "--on", "line"], LIST, VALUES, check_any)
    differ("python3's json as it comes", LIST, OURS, map(by_python, LIST), PYTHON,
           python_is_stricter)
    differ("jq", LIST[:JQ_LINES], OURS, by_jq(LIST[:JQ_LINES]), JQ, jq_is_stricter)
tap.end()
