#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ask the oracles of `pref loo` again about what it leaves.

Of every record: all its items suffice, what is left suffices, and with any single item left out it
does not; what went is what the annotation says; the items that stay, in their order, and every byte
outside the array are as they came; `calls` is the number of subsets that the algorithm of the paper
asks about when no subset is asked about twice. What --removed receives are the items that went, and
--mark changes no item. Items are tried in each --order. Over LLMBar's votes and made ones (majority), made
scores (strength, in fractions) and made items (exec: a co-process with rules that are monotone and
some that are not). The bytes are the same for any number of threads and processes.
"""

import fractions
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")


# ---- Oracles: each is given all items and those that are left --------------------------------------

def majority(lead):
    def accepts(all_items, left):
        def ahead(votes):
            words = [vote["vote"] for vote in votes]
            return words.count("chosen") - words.count("rejected")
        whole, now = ahead(all_items), ahead(left)
        return whole * now > 0 and abs(now) >= lead
    return accepts


def strength(z):
    def accepts(all_items, left):
        def differences(rows):
            return [fractions.Fraction(r["chosen"]) - fractions.Fraction(r["rejected"]) for r in rows]
        d, n = differences(left), len(left)
        if n < 2 or sum(d) * sum(differences(all_items)) <= 0:
            return False
        mean = sum(d) / n
        variance = sum((x - mean) ** 2 for x in d) / n
        return mean ** 2 * n >= fractions.Fraction(z) ** 2 * variance
    return accepts


# The rules of the co-process, by the record's "rule"; items are numbers.
RULES = """
def accepts(rule, items):
    total = sum(items)
    if rule == "total":      # monotone
        return total >= 40
    if rule == "core":       # monotone
        return 3 in items and (5 in items or len(items) > 4)
    if rule == "odd":        # not monotone
        return total % 3 != 0 or not items
    if rule == "hash":       # anything
        return hash(tuple(items)) % 5 > 1 or len(items) == 8
    return rule == "always"
"""
RULE_NAMES = ("total", "core", "odd", "hash", "always", "never")
ASKED = {}
exec(RULES, ASKED)  # the same text runs in the co-process

CO_PROCESS = RULES + """
import json, sys
for line in sys.stdin:
    q = json.loads(line)
    ok = accepts(q["record"]["rule"], q["record"]["a/b"][0]["items"])
    print(json.dumps({"q": q["q"], "ok": ok}), flush=True)
"""


# ---- The algorithm of the paper --------------------------------------------------------------------

def as_they_stand(items):
    return list(range(len(items)))


def reverse(items):
    return as_they_stand(items)[::-1]


def by_number(key):
    """The least number first; those without one last; else as they stand."""
    def order(items):
        def number(i):
            value = items[i].get(key) if isinstance(items[i], dict) else None
            return float("inf") if value is None else value
        return sorted(as_they_stand(items), key=number)
    return order


def distil(items, accepts, order):
    """Return (what is left as indices, subsets asked about), or (None, 1) if all do not suffice."""
    asked = set()

    def ask(indices):
        asked.add(tuple(indices))
        return accepts(items, [items[i] for i in indices])

    left = list(range(len(items)))
    if not ask(left):
        return None, 1
    changed = True
    while changed:
        changed = False
        for i in [i for i in order(items) if i in left]:
            without = [k for k in left if k != i]
            if ask(without):
                left, changed = without, True
    return left, len(asked)


DECODER = json.JSONDecoder()
BLANKS = re.compile(r"[ \t]*")


def array_at(text, start):
    """The end of the array that begins at `start`, and where each of its items stands."""
    spans, at = [], BLANKS.match(text, start + 1).end()
    while text[at] != "]":
        end = DECODER.raw_decode(text, at)[1]
        spans.append((at, end))
        at = BLANKS.match(text, end).end()
        if text[at] == ",":
            at = BLANKS.match(text, at + 1).end()
    return at + 1, spans


def expected(number, line, key, items_of, accepts, order):
    """What must become of a line: the line that leaves, the same with --mark, the lines of what was
    removed, and whether all its items suffice. `key` is the array's."""
    record, text = json.loads(line), line.decode()
    items = items_of(record)
    left, calls = distil(items, lambda whole, some: accepts(record, whole, some),
                         order)
    sufficient = left is not None
    everything = list(range(len(items)))
    left = left if sufficient else everything
    start = re.search(rf'"{key}" ?: ?(?=\[)', text).end()
    end, spans = array_at(text, start)
    array = text[start:end]
    removed = [i for i in everything if i not in left]
    place = {"file": "input.jsonl", "line": number, "id": record.get("id")}
    place = json.dumps(place, separators=(",", ":"), ensure_ascii=False)
    cut = "".join(f'{{"removed":{place},"index":{i},"item":{text[slice(*spans[i])]}}}\n'
                  for i in removed).encode()
    if left != everything:
        array = "[" + "".join(text[spans[i - 1][1]:spans[i][1]] for i in left[1:]) + "]"
        if left:
            first = text[start + 1:spans[0][0]] + text[spans[left[0]][0]:spans[left[0]][1]]
            array = "[" + first + array[1:-1] + text[spans[-1][1]:end]
    note = {"before": len(items), "after": len(left), "calls": calls, "removed": removed}
    note = json.dumps(note, separators=(",", ":"))
    brace = text.rindex("}")
    rest = text[end:brace]
    blanks = rest[len(rest.rstrip()):]
    body = rest.rstrip()
    leaves, marked = (f'{text[:start]}{some}{body},"loo":{note}{blanks}{text[brace:]}\n'.encode()
                      for some in (array, text[start:end]))
    return leaves, marked, cut, sufficient


def check_minimal(out, rejects, lines, items_of, accepts, keep):
    """Ask the rule again about every line that left. This looks at the output alone."""
    kept, seen = {}, 0
    for text in lines:
        record = json.loads(text)
        kept[record["id"]] = record
    for text in out.splitlines():
        record = json.loads(text)
        before, after, note = items_of(kept.pop(record["id"])), items_of(record), record["loo"]
        if [x for i, x in enumerate(before) if i not in note["removed"]] != after:
            return f"{record['id']}: what is left is not what was not removed"
        if (note["before"], note["after"]) != (len(before), len(after)):
            return f"{record['id']}: {note}"
        if not accepts(record, before, before):
            if after != before or not keep:
                return f"{record['id']}: all its items do not suffice, yet it leaves"
            continue
        seen += 1
        if not accepts(record, before, after):
            return f"{record['id']}: what is left does not suffice"
        for i in range(len(after)):
            if accepts(record, before, after[:i] + after[i + 1:]):
                return f"{record['id']}: item {i} of what is left is not needed"
        n = len(before)
        if not 1 <= note["calls"] <= n * (n + 1) // 2 + 1:
            return f"{record['id']}: {note['calls']} calls"
    for text in rejects.splitlines():
        record = json.loads(text)
        kept.pop(record["id"])
        if accepts(record, items_of(record), items_of(record)):
            return f"{record['id']}: rejected, though its items suffice"
    return f"{len(kept)} records are lost" if kept else None if seen else "nothing was distilled"


# ---- Runs -----------------------------------------------------------------------------------------

def run(words, folder):
    command = [PREF, "loo", *words, "--rejects", "rejects", "--summary", "summary", "--removed",
               "removed", "input.jsonl"]
    done = subprocess.run(command, cwd=folder, env=harness.environment(), stdout=subprocess.PIPE,
                          check=True)
    return (done.stdout, *((folder / name).read_bytes()
                           for name in ("rejects", "summary", "removed")))


def first_difference(found, wanted):
    for number, (a, b) in enumerate(zip(found.split(b"\n"), wanted.split(b"\n")), 1):
        if a != b:
            return f"line {number}:\n{a[-400:]!r}\nwanted\n{b[-400:]!r}"
    return None if found == wanted else f"{len(found)} bytes, wanted {len(wanted)}"


def drill(tap, name, lines, words, key, items_of, accepts, jobs=("1",),
          order=as_they_stand):
    """All checks of one oracle and order over one corpus."""
    with tempfile.TemporaryDirectory(prefix="pref-loo-") as top:
        folder = pathlib.Path(top)
        (folder / "input.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        (folder / "judge.py").write_text(CO_PROCESS)
        leaving = [expected(number, line, key, items_of, accepts, order)
                   for number, line in enumerate(lines, 1)]
        for keep in (False, True):
            more = ["--insufficient", "keep"] if keep else []
            wanted = b"".join(line for line, _, _, sufficient in leaving if sufficient or keep)
            first = run([*words, *more, "--threads", "1"], folder)
            title = f"{name}{', insufficient kept' if keep else ''}"
            tap.result(f"{title}: bytes and calls", first_difference(first[0], wanted))
            tap.result(f"{title}: what was removed",
                       first_difference(first[3], b"".join(cut for _, _, cut, _ in leaving)))
            tap.result(f"{title}: sufficient and 1-minimal",
                       check_minimal(first[0], first[1], lines, items_of, accepts, keep))
            summary = json.loads(first[2])
            counts = (summary["in"], summary["out"], summary["out"] + summary["rejected"])
            right = (len(lines), wanted.count(b"\n"), len(lines))
            notes = [json.loads(line)["loo"] for line in wanted.splitlines()]
            sums = (sum(n["before"] for n in notes), sum(n["after"] for n in notes),
                    sum(n["calls"] for n in notes) + summary["rejected"])
            found = (summary["items"], summary["items_left"], summary["calls"])
            tap.result(f"{title}: counts", None if (counts, found) == (right, sums) else
                       f"{counts} {found}, wanted {right} {sums}")
            for threads in ("2", "3", "8") if keep and order is as_they_stand else ():
                for n in jobs:
                    again = run([*words, *more, "--threads", threads,
                                 *(["--jobs", n] if n != "1" else [])], folder)
                    tap.result(f"{title}: threads {threads}, jobs {n}",
                               None if again == first else "the outcome differs")
        found = run([*words, "--mark"], folder)
        tap.result(f"{name}, marked: bytes", first_difference(
            found[0], b"".join(marked for _, marked, _, sufficient in leaving if sufficient)))
        tap.result(f"{name}, marked: what could be removed",
                   first_difference(found[3], b"".join(cut for _, _, cut, _ in leaving)))


def made_votes(dice):
    for i in range(800):
        words = dice.choices(("chosen", "rejected", "tie", "both_bad"), (8, 5, 2, 1),
                             k=dice.randrange(12))
        votes = [{"judge": f"j{k} ],[", "vote": word} for k, word in enumerate(words)]
        for vote in votes:  # for --order: ties, nulls, and votes without it
            if dice.random() < 0.8:
                vote["rank"] = dice.choice((None, -2, 0, 0.5, 3, 1e3))
        yield json.dumps({"id": i, "votes": votes}, indent=None,
                         separators=dice.choice(((",", ":"), (", ", " : ")))).encode()


def made_scores(dice):
    for i in range(800):
        bias = dice.uniform(-2, 2)
        rows = [{"model": f"m{k}", "chosen": round(dice.gauss(bias, 1), 3),
                 "rejected": round(dice.gauss(0, 1), 3)} for k in range(dice.randrange(9))]
        yield json.dumps({"scores": rows, "id": i}).encode()


def made_items(dice):
    for i in range(600):
        items = [dice.randrange(12) for _ in range(dice.randrange(9))]
        blank = dice.choice(("", " ", "  "))
        text = "[" + blank + ("," + blank).join(map(str, items)) + blank + "]"
        rule = dice.choice(RULE_NAMES)
        yield f'{{"id":{i}, "rule":"{rule}","a/b":[{{"items":{text}}}, 1] }}'.encode()


def llmbar():
    path = SHARED / "data" / "llmbar_votes.jsonl.zst"
    if not path.exists():
        return None
    done = subprocess.run(["zstd", "-dc", str(path)], stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()


def main():
    tap = harness.Tap()
    dice = random.Random(7)
    lines = llmbar()
    votes, scores = (lambda r: r["votes"]), (lambda r: r["scores"])
    for lead in (3, 1):
        accepts = majority(lead)
        rule = lambda _, whole, left, accepts=accepts: accepts(whole, left)
        words = ["--oracle", f"majority:{lead}"]
        if lines is None:
            tap.skip(f"LLMBar, lead {lead}", "the real corpora are not beside the source tree")
        else:
            drill(tap, f"LLMBar, lead {lead}", lines, words, "votes", votes, rule)
        made = list(made_votes(dice))
        drill(tap, f"made votes, lead {lead}", made, words, "votes", votes, rule)
        for way, order in (("reverse", reverse), ("/rank", by_number("rank"))):
            drill(tap, f"made votes, lead {lead}, order {way}", made[:400], [*words, "--order", way],
                  "votes", votes, rule, order=order)
    for z in ("1.64", "0.5", "3"):
        accepts = strength(z)
        rule = lambda _, whole, left, accepts=accepts: accepts(whole, left)
        made = list(made_scores(dice))
        if z == "1.64":
            for way, order in (("reverse", reverse), ("/chosen", by_number("chosen"))):
                drill(tap, f"scores, z {z}, order {way}", made[:400],
                      ["--oracle", f"strength:{z}", "--order", way], "scores", scores, rule,
                      order=order)
        drill(tap, f"scores, z {z}", made, ["--oracle", f"strength:{z}"],
              "scores", scores, rule)
    rule = lambda record, _, left: ASKED["accepts"](record["rule"], left)
    made = list(made_items(dice))
    words = ["--items", "/a~1b/0/items", "--oracle", f"exec:exec '{sys.executable}' judge.py"]
    items = lambda r: r["a/b"][0]["items"]
    drill(tap, "exec", made, words, "items", items, rule, ("1", "3"))
    drill(tap, "exec, order reverse", made[:300], [*words, "--order", "reverse"], "items", items, rule,
          order=reverse)
    tap.end()


main()
