#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `pref import --from hh` with a computation of its own over the hh-rlhf test splits.

Prompt and response joined must be the transcript, decoded; the bytes must be those of the line with
the history moved to the front; and a corpus that spells each character as an escape, or one of
the two sides so, must give the same texts and the same verdicts.
"""

import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

PREF = os.environ.get("PREF") or "pref"
SHARED = pathlib.Path(os.environ.get("PREF_SHARED") or harness.SRC.parent / "shared")
MARKER = "\n\nAssistant:"
# A record as these files spell it, and the marker inside it.
RECORD = re.compile(rb'\{"chosen": "((?:[^"\\]|\\.)*)", "rejected": "((?:[^"\\]|\\.)*)"\}')
RAW_MARKER = rb"\n\nAssistant:"


def corpus(name):
    path = SHARED / "data" / f"{name}.jsonl.zst"
    if not path.exists():
        print("the real corpora are not beside the source tree")
        sys.exit(77)
    done = subprocess.run(["zstd", "-dc", str(path)], stdout=subprocess.PIPE, check=True)
    return done.stdout.splitlines()


def cut_raw(string):
    """Cut the inside of a JSON string behind its last marker, which begins with an escape: after
    an even number of backslashes."""
    at = string.rfind(RAW_MARKER)
    while (at - len(string[:at].rstrip(b"\\"))) % 2:
        at = string.rfind(RAW_MARKER, 0, at)
    return string[: at + len(RAW_MARKER)], string[at + len(RAW_MARKER) :]


def expected_bytes(lines):
    """What a splice of these lines must give, and what is rejected."""
    out, rejects = [], []
    for line in lines:
        chosen, rejected = RECORD.fullmatch(line).groups()
        (prompt, a), (other, b) = cut_raw(chosen), cut_raw(rejected)
        if json.loads(b'"' + prompt + b'"') != json.loads(b'"' + other + b'"'):
            rejects.append(line[:-1] + b',"reject":{"by":"import","why":"histories differ"}}\n')
            continue
        out.append(
            b'{"prompt":"' + prompt + b'","chosen": "' + a + b'", "rejected": "' + b + b'"}\n'
        )
    return b"".join(out), b"".join(rejects)


def cut(text):
    at = text.rindex(MARKER) + len(MARKER)
    return text[:at], text[at:]


def spell(text):
    """A JSON string in which every character is an escape."""
    data = text.encode("utf-16-be")
    units = struct.unpack(f">{len(data) // 2}H", data)
    return '"' + ("\\u%04X" * len(units)) % units + '"'


def respell(line, sides):
    record = json.loads(line)
    member = lambda key: spell(record[key]) if key in sides else json.dumps(record[key])
    return f'{{"chosen":{member("chosen")},"rejected":{member("rejected")}}}'.encode()


def run(folder, files, *words, seed="1"):
    """Run the tool; return (out, rejects, summary)."""
    command = [PREF, "import", "--from", "hh", *words, "--rejects", "r", "--summary", "s", *files]
    env = harness.environment(PREF_TABLE_SEED=seed)
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, check=True)
    return done.stdout, (folder / "r").read_bytes(), json.loads((folder / "s").read_text())


def compare_texts(lines, out):
    """Decoded: each record that is no reject, in order."""
    wanted, left = [], out.splitlines()
    for line in lines:
        source = json.loads(line)
        (prompt, a), (other, b) = cut(source["chosen"]), cut(source["rejected"])
        if prompt == other:
            wanted.append((prompt, a, b, source))
    if len(wanted) != len(left):
        return f"{len(left)} records came, {len(wanted)} were expected"
    for number, ((prompt, a, b, source), line) in enumerate(zip(wanted, left), 1):
        got = json.loads(line)
        joined = (got["prompt"] + got["chosen"], got["prompt"] + got["rejected"])
        if joined != (source["chosen"], source["rejected"]):
            return f"record {number}: prompt and response are not the transcript: {line[:300]}"
        if (got["prompt"], got["chosen"], got["rejected"]) != (prompt, a, b):
            return f"record {number}: cut elsewhere: {line[:300]}"
    return None


def compare_counts(summary, lines, out, rejects):
    right = {
        "in": len(lines), "used": out.count(b"\n"), "out": out.count(b"\n"),
        "rejected": rejects.count(b"\n"), "malformed": 0,
    }  # fmt: skip
    found = {key: summary[key] for key in right}
    return None if found == right else f"{found}, wanted {right}"


def main():
    lines = corpus("hh_rlhf_test")
    tap = harness.Tap()
    want = expected_bytes(lines)
    differ = want[1].count(b"\n")
    tap.result("some histories differ", None if 0 < differ < len(lines) // 100 else str(differ))
    with tempfile.TemporaryDirectory(prefix="pref-import-") as top:
        folder = pathlib.Path(top)
        whole = folder / "input.jsonl"
        whole.write_bytes(b"\n".join(lines) + b"\n")
        subprocess.run(["zstd", "-q", str(whole), "-o", str(folder / "input.zst")], check=True)
        five = [f"part{i}.jsonl" for i in range(5)]
        for i, name in enumerate(five):
            part = lines[len(lines) * i // 5 : len(lines) * (i + 1) // 5]
            (folder / name).write_bytes(b"\n".join(part) + b"\n")
        out, rejects, summary = run(folder, ["input.jsonl"])
        tap.result("texts", compare_texts(lines, out))
        tap.result("bytes", None if (out, rejects) == want else "they differ from the splice")
        tap.result("counts", compare_counts(summary, lines, out, rejects))
        last = sum("\n\nHuman:" in (r := json.loads(o))["chosen"] + "|" + r["rejected"]
                   for o in out.splitlines())  # fmt: skip
        told = summary["human_in_response"]
        tap.result("turns of the human", None if told == last else f"{told}, wanted {last}")
        for files in (["input.jsonl"], ["input.zst"], five):
            for threads, seed in (("1", "1"), ("2", "2"), ("3", "1"), ("8", "2")):
                got = run(folder, files, "--threads", threads, seed=seed)[:2]
                problem = None if got == want else "other bytes"
                tap.result(f"{files[0]}, threads {threads}, seed {seed}", problem)
        lines = [line for i, line in enumerate(lines) if i % 4 == 0 or line[:-1] in want[1]]
        for sides in (("chosen",), ("rejected",), ("chosen", "rejected")):
            spelt = [respell(line, sides) for line in lines]
            (folder / "spelt.jsonl").write_bytes(b"\n".join(spelt) + b"\n")
            out, rejects, summary = run(folder, ["spelt.jsonl"])
            title = f"{' and '.join(sides)} in escapes"
            tap.result(f"{title}: texts", compare_texts(lines, out))
            tap.result(f"{title}: counts", compare_counts(summary, lines, out, rejects))
            same = rejects.count(b"\n") == differ
            tap.result(f"{title}: rejects", None if same else f"{rejects.count(10)}")
    tap.end()


main()
