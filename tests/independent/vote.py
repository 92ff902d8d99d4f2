#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref vote` with a computation of its own, in fractions, over real votes.

The corpora are LLMBar (1,200 pairs, up to 65 judges, no ties), the same with every third vote made
a tie and every seventh both_bad, and PandaLM (999 pairs, three people, 0 a tie). What must come out
is made here byte for byte: each line, its annotation, each reason of a rejection.

What needs more than those have is asked of made records: expressions over judges, which Python
evaluates itself, judges that see both orders, scores, and weights of many digits.
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
WORDS = ("chosen", "rejected", "tie", "both_bad")
HALF = fractions.Fraction(1, 2)


def corpus(name):
    path = SHARED / "data" / f"{name}.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    done = subprocess.run(["zstd", "-dc", str(path)], stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()


def with_ties(lines):
    """The same records with other words in places."""
    out = []
    for line in lines:
        record = json.loads(line)
        for i, vote in enumerate(record["votes"]):
            if i % 3 == len(out) % 3:
                vote["vote"] = "tie"
            elif i % 7 == len(out) % 7:
                vote["vote"] = "both_bad"
        out.append(json.dumps(record, ensure_ascii=False).encode())
    return out


def from_people(lines):
    """PandaLM's three annotators as votes; one of them on every fifth record, none on every 11th."""
    out = []
    for i, line in enumerate(lines):
        record = json.loads(line)
        labels = [record[key] for key in sorted(record) if key.startswith("annotator")]
        labels = labels[: 0 if i % 11 == 0 else 1 if i % 5 == 0 else None]
        votes = [
            {"judge": f"person {n}", "vote": {0: "tie", 1: "chosen", 2: "rejected"}[label]}
            for n, label in enumerate(labels)
        ]
        out.append(json.dumps({"id": i, "votes": votes}).encode())
    return out


def number(value):
    """A fraction as the shortest JSON number of the nearest double."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def decimal(value):
    """A fraction that is a decimal of at most 7 digits, written out."""
    text = f"{int(value * 10**7) // 10**7}.{int(value * 10**7) % 10**7:07}"
    return text.rstrip("0").rstrip(".")


class Consensus:
    def __init__(self, votes, ties, both_bad, weigh=None):
        words = [vote["vote"] for vote in votes]
        self.cast = {word: words.count(word) for word in WORDS}
        cast = [(vote["vote"], weigh(vote["judge"]) if weigh else 1) for vote in votes]
        self.all_bad = self.leads(cast, "both_bad", ties)
        if both_bad == "tie":
            cast = [("tie" if word == "both_bad" else word, w) for word, w in cast]
        counted = [
            (word, w)
            for word, w in cast
            if w > 0 and word != "both_bad" and not (word == "tie" and ties == "drop")
        ]
        self.n = len(counted)
        self.whole = sum(w for _, w in counted)
        weight = {side: sum(w for word, w in counted if word == side) for side in WORDS[:3]}
        tie = fractions.Fraction(weight.pop("tie"))
        self.p = (weight["chosen"] + HALF * tie + 1) / (self.whole + fractions.Fraction(2))
        if ties == "keep":
            weight["tie"] = tie
        if ties == "half":
            weight = {side: weight[side] + HALF * tie for side in weight}
        self.top = max(weight.values())
        leaders = [word for word in weight if weight[word] == self.top]
        self.label = leaders[0] if len(leaders) == 1 else "tie"

    @staticmethod
    def leads(cast, leader, ties):
        others = [w for w in WORDS if w != leader and not (w == "tie" and ties == "drop")]
        sums = {word: sum(w for given, w in cast if given == word) for word in WORDS}
        return sums[leader] > max(sums[word] for word in others)

    def annotation(self):
        agreement = number(self.top / self.whole) if self.whole else "null"
        counts = ",".join(f'"{word}":{self.cast[word]}' for word in WORDS)
        return (
            f'{{"label":"{self.label}","agreement":{agreement},"n":{self.n},{counts},'
            f'"p":{number(self.p)}}}'
        )

    def reason(self, options):
        """Why a record is rejected, or None."""
        least = fractions.Fraction(options.get("min-agreement", 0))
        if options.get("both-bad") == "reject" and self.all_bad:
            return "both_bad has the most votes"
        if self.n < int(options.get("min-votes", 0)):
            return f"votes {self.n} < {options['min-votes']}"
        most = fractions.Fraction(options.get("max-agreement", 1))
        if "min-agreement" in options and (self.n == 0 or self.top < least * self.whole):
            if self.n == 0:
                return f"no votes to agree, expected agreement {least}"
            return f"agreement {decimal(self.top)}/{decimal(self.whole)} < {least}"
        if self.top > most * self.whole:
            return f"agreement {decimal(self.top)}/{decimal(self.whole)} > {most}"
        if options.get("on-rejected") == "drop" and self.label == "rejected":
            return "consensus is rejected"
        return None


def weights_of(text):
    """--weights as a function of the judge, or None; names here have no quotes."""
    if text is None:
        return None
    pairs = [pair.rsplit("=", 1) for pair in text.split(",")]
    listed = {judge: fractions.Fraction(weight) for judge, weight in pairs}
    return lambda judge: listed.get(judge, listed.get("*", fractions.Fraction(1)))


def consistent(votes):
    """Each judge once whose votes are there in both orders and all the same."""
    by_judge = {}
    for vote in votes:
        by_judge.setdefault(vote["judge"], []).append(vote)
    return [
        {"judge": judge, "vote": own[0]["vote"]}
        for judge, own in by_judge.items()
        if {vote["vote"] for vote in own} == {own[0]["vote"]}
        and {True, False} <= {vote.get("swapped") for vote in own}
    ]


def expected(lines, all_votes, options):
    kept, rejected = [], []
    weigh = weights_of(options.get("weights"))
    for line, votes in zip(lines, all_votes):
        if "swap-consistent" in options:
            votes = consistent(votes)
        ties, bad = options.get("ties", "half"), options.get("both-bad", "drop")
        found = Consensus(votes, ties, bad, weigh)
        why = found.reason(options)
        if why is None:
            kept.append(line[:-1] + f',"vote":{found.annotation()}}}\n'.encode())
        else:
            end = f',"reject":{{"by":"vote","why":"{why}"}}}}\n'
            rejected.append(line[:-1] + end.encode())
    return b"".join(kept), b"".join(rejected)


def run(words, folder, files, seed="1", **more):
    """Run the tool; return (out, rejects, summary)."""
    command = [PREF, "vote", *words, "--rejects", "rejects", "--summary", "summary", *files]
    env = harness.environment(PREF_TABLE_SEED=seed)
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, check=True, **more)
    summary = json.loads((folder / "summary").read_text())
    return done.stdout, (folder / "rejects").read_bytes(), summary


def compare(got, want, lines):
    out, rejects, summary = got
    for name, found, right in (("out", out, want[0]), ("rejects", rejects, want[1])):
        if found != right:
            pairs = zip(found.split(b"\n"), right.split(b"\n"))
            for number_, (a, b) in enumerate(pairs, 1):
                if a != b:
                    return f"{name}, line {number_}:\n...{a[-300:]!r}\nwanted\n...{b[-300:]!r}"
            return f"{name}: {len(found)} bytes, wanted {len(right)}"
    counts = (summary["in"], summary["out"], summary["rejected"], summary["malformed"])
    right = (len(lines), want[0].count(b"\n"), want[1].count(b"\n"), 0)
    return None if counts == right else f"counts {counts}, wanted {right}"


OPTIONS = (
    {},
    {"ties": "drop"},
    {"ties": "keep"},
    {"both-bad": "tie"},
    {"both-bad": "tie", "ties": "keep"},
    {"both-bad": "tie", "ties": "drop"},
    {"both-bad": "reject"},
    {"both-bad": "reject", "ties": "drop", "min-votes": "3"},
    {"min-votes": "9", "on-rejected": "drop"},
    {"min-agreement": "2/3"},
    {"min-agreement": "0.6", "ties": "drop", "min-votes": "2"},
    {"max-agreement": "0.9"},
    {"min-agreement": "0.55", "max-agreement": "3/4", "ties": "drop"},
    {"swap-consistent": None},
    {"swap-consistent": None, "ties": "keep", "both-bad": "tie", "min-agreement": "2/3"},
    {"method": "weighted", "weights": "GPT-4/CoT=2.5,person 0=3,person 2=0,LLaMA2/Swap=0.125"},
    {"method": "weighted", "weights": "*=0.3,GPT-4/Swap=17.000001,person 1=0.999999",
     "min-agreement": "2/3", "max-agreement": "0.99", "ties": "keep", "min-votes": "2"},
    {"method": "weighted", "weights": "*=0,GPT-4/Swap=1,GPT-4/CoT=0.7,person 1=1",
     "both-bad": "reject", "on-rejected": "drop", "swap-consistent": None},
    {"min-agreement": "5/8", "ties": "keep", "both-bad": "tie", "on-rejected": "drop"},
)


def words_of(options):
    """The options as words of a command line."""
    return [w for key, value in options.items() for w in (f"--{key}", value) if w is not None]


def write_ways(folder, lines):
    """The same records as one file, as zstd, and as five files."""
    whole = folder / "input.jsonl"
    whole.write_bytes(b"".join(line + b"\n" for line in lines))
    subprocess.run(["zstd", "-q", "-f", str(whole), "-o", str(folder / "input.zst")], check=True)
    five = []
    for i in range(5):
        part = lines[len(lines) * i // 5 : len(lines) * (i + 1) // 5]
        five.append(f"part{i}.jsonl")
        (folder / five[-1]).write_bytes(b"".join(line + b"\n" for line in part))
    return {"plain": ["input.jsonl"], "zstd": ["input.zst"], "five files": five}


def check_flips(tap, folder, files, lines):
    out, _, summary = run(["--on-rejected", "flip", "--turn", "gold"], folder, files)
    wrong, flips = [], 0
    for before, after in zip(lines, out.splitlines()):
        a, b = json.loads(before), json.loads(after)
        was = Consensus(a["votes"], "half", "drop").label
        now = Consensus(b["votes"], "half", "drop")
        turned = was == "rejected"
        flips += turned
        right = a["rejected"] if turned else a["chosen"]
        other = {"chosen": "rejected", "rejected": "chosen"}
        gold = other[a["gold"]] if turned else a["gold"]
        told = after.endswith(f',"vote":{now.annotation()},"flipped":true}}'.encode())
        kept = after == before[:-1] + f',"vote":{now.annotation()}}}'.encode()
        sound = b["chosen"] == right and b["gold"] == gold and (told if turned else kept)
        if now.label == "rejected" or not sound:
            wrong.append(f"{a['id']}: {after[-300:]!r}")
    if summary["flipped"] != flips or flips == 0:
        wrong.append(f"{summary['flipped']} flips in the summary, {flips} here")
    tap.result("flips turn what the judges would turn", "\n".join(wrong[:3]) or None)


# ---- Made records ---------------------------------------------------------------------------

JUDGES = (
    "gold", "best", "llm-4.1/mini", "a b", 'say "x"', "not", "j\u00fcrgen", "4o", "back\\slash",
)  # fmt: skip
OTHER = {"chosen": "rejected", "rejected": "chosen", "tie": "tie", "both_bad": "both_bad"}


def made_votes(rng):
    votes = []
    for _ in range(rng.choice((0, 1, 2, 3, 5, 8, 13))):
        vote = {"judge": rng.choice(JUDGES), "vote": rng.choice(WORDS[:2] * 3 + WORDS)}
        order = rng.choice(({"swapped": True}, {"swapped": False}, {"swapped": None}, {}))
        votes.append(vote | order)
    return votes


def made_records(rng, count):
    """Compact lines; every ninth has no votes, or null."""
    records = []
    for i in range(count):
        record = {"id": i, "chosen": f"c{i}", "rejected": f"r{i}"}
        if i % 9 < 8:
            record["votes"] = made_votes(rng)
        elif i % 2:
            record["votes"] = None
        records.append(record)
    return records


def line_of(record):
    return json.dumps(record, ensure_ascii=escapes(record), separators=(",", ":")).encode()


def escapes(record):
    """Whether the record's line escapes what is not ASCII: that of every other one does."""
    return record["id"] % 2 == 0


def name_of(judge):
    if re.fullmatch(r"[A-Za-z0-9_][-A-Za-z0-9_./]*", judge) and judge != "not":
        return judge
    return '"' + judge.replace("\\", "\\\\").replace('"', '\\"') + '"'


def made_expression(rng, judges, depth=2):
    """An expression for the tool, and the same for Python; adds the judges it names."""
    ours, pythons = [], []
    for i in range(rng.choice((1, 1, 2, 2, 3, 4))):
        if i > 0:
            word = rng.choice((" and ", " or "))
            ours.append(word)
            pythons.append(word)
        for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
            ours.append("not ")
            pythons.append("not ")
        kind = rng.choice(("name", "name", "has", "group", "any", "all", "atleast"))
        if depth == 0 or kind in ("name", "has"):
            judge = rng.choice(JUDGES)
            judges.setdefault(judge)
            ours.append(f"has( {name_of(judge)})" if kind == "has" else name_of(judge))
            pythons.append(f"{'has' if kind == 'has' else 'yes'}({judge!r})")
            continue
        if kind == "group":
            inner, same = made_expression(rng, judges, depth - 1)
            ours.append(f"({inner})")
            pythons.append(f"({same})")
            continue
        parts = [made_expression(rng, judges, depth - 1) for _ in range(rng.randrange(1, 4))]
        least = {"any": 1, "all": len(parts)}.get(kind, rng.randrange(1, len(parts) + 1))
        first = f"{least}, " if kind == "atleast" else ""
        ours.append(f"{kind}({first}{', '.join(mine for mine, _ in parts)})")
        pythons.append(f"(sum(map(bool, [{', '.join(same for _, same in parts)}])) >= {least})")
    return "".join(ours), "".join(pythons)


def flipped(record):
    """The record turned about: the rule of pref-record(5) for what these records have."""
    turned = dict(record, chosen=record["rejected"], rejected=record["chosen"])
    if record.get("votes") is not None:
        turned["votes"] = [
            vote
            | {"vote": OTHER[vote["vote"]]}
            | ({"swapped": not vote["swapped"]} if vote.get("swapped") is not None else {})
            for vote in record["votes"]
        ]
    return turned


def judged(records, accept, recycle, judges):
    """(out, rejects, flips) as --accept and --recycle must have them."""
    out, rejects, flips = [], [], 0
    for record in records:
        words = {}
        for vote in record.get("votes") or ():
            words.setdefault(vote["judge"], set()).add(vote["vote"])

        def yes(judge, words=words):
            return words.get(judge) == {"chosen"}

        names = {"yes": yes, "has": words.__contains__}
        end, absent = b"", record.get("votes") is None
        if not eval(accept, names):  # noqa: S307, an expression of our own
            if recycle is None or not eval(recycle, names):  # noqa: S307
                said = {j: "-" if j not in words else "yes" if yes(j) else "no" for j in judges}
                why = "not accepted: " + ", ".join(f"{j} {said[j]}" for j in judges)
                why = json.dumps(why, ensure_ascii=False)
                reject = f',"reject":{{"by":"vote","why":{why}}}}}\n'
                rejects.append(line_of(record)[:-1] + reject.encode())
                continue
            record, end, absent = flipped(record), b',"flipped":true', False
            flips += 1
        if absent:
            out.append(line_of(record) + b"\n")
            continue
        found = Consensus(record.get("votes") or (), "half", "drop").annotation()
        out.append(line_of(record)[:-1] + f',"vote":{found}'.encode() + end + b"}\n")
    return b"".join(out), b"".join(rejects), flips


def check_expressions(tap):
    rng = random.Random(20250702)
    wrong, turned, kept = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="pref-vote-") as top:
        folder = pathlib.Path(top)
        for i in range(200):
            records, judges = made_records(rng, 60), {}
            lines = [line_of(record) for record in records]
            (folder / "input.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
            accept, accepts = made_expression(rng, judges)
            recycle, recycles = made_expression(rng, judges) if i % 3 else (None, None)
            words = ["--accept", accept, *(["--recycle", recycle] if recycle else [])]
            want = judged(records, accepts, recycles, judges)
            got = run(words, folder, ["input.jsonl"])
            fault = compare(got, want, lines)
            if fault is None and got[2].get("recycled", 0) != want[2]:
                fault = f"recycled {got[2]['recycled']}, wanted {want[2]}"
            if fault is not None:
                wrong.append(f"{words}: {fault}")
            turned += want[2]
            kept += want[0].count(b"\n") - want[2]
    if min(turned, kept, 200 * 60 - turned - kept) < 1000:
        wrong.append(f"{kept} accepted and {turned} recycled are no fair trial")
    tap.result("200 expressions hold where Python says so", "\n".join(wrong[:3]) or None)


def check_made(tap):
    """Consistency and weights on made votes; votes from made scores."""
    rng = random.Random(19)
    records = [dict(record, votes=record.get("votes") or []) for record in made_records(rng, 900)]
    lines = [line_of(record) for record in records]
    scored, signs = [], []
    for i in range(900):
        rows, votes = [], []
        for _ in range(rng.randrange(6)):
            model = rng.choice(JUDGES)
            chosen, rejected = rng.randrange(-3, 4), rng.randrange(-6, 7) / 2
            word = "tie" if chosen == rejected else "chosen" if chosen > rejected else "rejected"
            rows.append({"model": model, "chosen": chosen, "rejected": rejected})
            votes.append({"judge": model, "vote": word})
        scored.append(line_of({"id": i, "scores": rows}))
        signs.append(votes)
    trials = [
        (lines, [record["votes"] for record in records], options)
        for options in (
            {"swap-consistent": None},
            {"swap-consistent": None, "both-bad": "tie", "ties": "keep", "min-votes": "1"},
            {"swap-consistent": None, "method": "weighted", "weights": "gold=1.5,best=0.1,*=0.7"},
            {"method": "weighted", "weights": "gold=999.999999,best=0.000001,4o=0,*=333.333333"},
            {"method": "weighted", "weights": "gold=0.1,best=0.2,*=0", "min-agreement": "0.5"},
        )
    ]
    trials += [
        (scored, signs, {"from-scores": None} | options)
        for options in (
            {},
            {"ties": "keep", "max-agreement": "0.6"},
            {"method": "weighted", "weights": "gold=2,best=0.5", "min-agreement": "3/5"},
        )
    ]
    with tempfile.TemporaryDirectory(prefix="pref-vote-") as top:
        folder = pathlib.Path(top)
        for given, all_votes, options in trials:
            files = write_ways(folder, given)["plain"]
            got = run(words_of(options), folder, files)
            fault = compare(got, expected(given, all_votes, options), given)
            tap.result(f"made records {' '.join(words_of(options))}", fault)


def main():
    llmbar = corpus("llmbar_votes")
    corpora = {
        "LLMBar": llmbar,
        "LLMBar with ties": with_ties(llmbar),
        "PandaLM": from_people(corpus("pandalm_votes")),
    }
    tap = harness.Tap()
    for name, lines in corpora.items():
        all_votes = [json.loads(line)["votes"] for line in lines]
        with tempfile.TemporaryDirectory(prefix="pref-vote-") as top:
            folder = pathlib.Path(top)
            ways = write_ways(folder, lines)
            for options in OPTIONS:
                words = words_of(options)
                want = expected(lines, all_votes, options)
                got = run(words, folder, ways["plain"])
                tap.result(f"{name} {' '.join(words)}", compare(got, want, lines))
            want = expected(lines, all_votes, OPTIONS[-1])
            for way, files in ways.items():
                for threads in ("1", "2", "3", "8"):
                    for seed in ("1", "0xfedcba9876543210"):
                        got = run([*words, "--threads", threads], folder, files, seed)
                        title = f"{name}, {way}, threads {threads}, seed {seed}"
                        tap.result(title, compare(got, want, lines))
            if name.startswith("LLMBar"):
                check_flips(tap, folder, ways["plain"], lines)
    check_expressions(tap)
    check_made(tap)
    tap.end()


main()
