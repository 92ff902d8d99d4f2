#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref vote` with a computation of its own, in fractions, over real votes.

The corpora are LLMBar (1,200 pairs, up to 65 judges, no ties), the same with every third vote made
a tie and every seventh both_bad, and PandaLM (999 pairs, three people, 0 a tie). What must come out
is made here byte for byte: each line, its annotation, each reason of a rejection.
"""

import fractions
import json
import os
import pathlib
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


class Consensus:
    def __init__(self, votes, ties, both_bad):
        words = [vote["vote"] for vote in votes]
        self.cast = {word: words.count(word) for word in WORDS}
        if both_bad == "tie":
            words = ["tie" if word == "both_bad" else word for word in words]
        counted = [w for w in words if w != "both_bad" and not (w == "tie" and ties == "drop")]
        self.n = len(counted)
        weight = {side: fractions.Fraction(counted.count(side)) for side in WORDS[:2]}
        successes = weight["chosen"] + HALF * counted.count("tie")
        if ties == "keep":
            weight["tie"] = fractions.Fraction(counted.count("tie"))
        if ties == "half":
            weight = {side: weight[side] + HALF * counted.count("tie") for side in weight}
        self.top = max(weight.values())
        leaders = [word for word in weight if weight[word] == self.top]
        self.label = leaders[0] if len(leaders) == 1 else "tie"
        self.p = (successes + 1) / (self.n + 2)
        others = [self.cast[w] for w in WORDS[:3] if not (w == "tie" and ties == "drop")]
        self.all_bad = self.cast["both_bad"] > max(others)

    def annotation(self):
        agreement = number(self.top / self.n) if self.n else "null"
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
        if "min-agreement" in options and (self.n == 0 or self.top < least * self.n):
            if self.n == 0:
                return f"no votes to agree, expected agreement {least}"
            return f"agreement {number(self.top)}/{self.n} < {least}"
        if options.get("on-rejected") == "drop" and self.label == "rejected":
            return "consensus is rejected"
        return None


def expected(lines, all_votes, options):
    kept, rejected = [], []
    for line, votes in zip(lines, all_votes):
        found = Consensus(votes, options.get("ties", "half"), options.get("both-bad", "drop"))
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
    {"min-agreement": "5/8", "ties": "keep", "both-bad": "tie", "on-rejected": "drop"},
)


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
                words = [word for key in options for word in (f"--{key}", options[key])]
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
    tap.end()


main()
