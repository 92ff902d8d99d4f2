#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `pref dedup --index` reads is what `--against` reads: every output, byte for byte.

Records with near copies, both orders of pairs, votes and ids are divided into two protected files and
an input. An index must be the same for any threads, seed and compression of the files, and give the
same output, rejects, audit and summary as they do; what stays must not depend on how they are divided.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
import near

PREF = os.environ.get("PREF") or "pref"
OUTPUTS = ("out", "rejects", "clusters", "summary")
tap = harness.Tap()

# What an index is made for, and what is said beside when it is used.
WAYS = [
    ([], []),
    ([], ["--memory", "64K", "--count"]),
    ([], ["--keep", "last", "--contradictions", "drop"]),
    (["--on", "prompt"], ["--missing", "reject"]),
    (["--on", "prompt,lang"], []),
    (["--on", "line"], []),
    (["--normalize", "space,nfkc,case"], ["--contradictions", "merge", "--merge-votes"]),
    (["--near", "0.7"], []),
    (["--near", "0.6"], ["--each-field", "0.4", "--keep", "last", "--candidates", "50"]),
    (["--near", "0.7"], ["--contradictions", "merge", "--merge-votes", "--count"]),
    (["--near", "0.7", "--normalize", "case"], ["--contradictions", "drop", "--keep", "max:score"]),
    (["--near", "0.8", "--on", "chosen,rejected", "--ngram", "3", "--recall", "0.99"],
     ["--near-contradictions"]),
]


def make(folder):
    """old1, old2 and in; and both old ones in one file, old."""
    rng = random.Random(11)
    lines = []
    for i, record in enumerate(near.opposed(3)):
        if rng.random() < 0.8:
            record = {"id": f"r-{i}" if i % 3 else i, **record}
        if rng.random() < 0.7:
            record["lang"] = rng.choice(("en", None, 7))
        record["score"] = rng.randrange(20)
        lines.append(json.dumps(record, ensure_ascii=rng.random() < 0.5) + "\n")
    rng.shuffle(lines)
    cuts = (0, len(lines) // 4, len(lines) // 2)
    parts = [lines[a:b] for a, b in zip(cuts, (*cuts[1:], None))]
    # What is there as it is, too, and twice among what is protected.
    parts[1] += parts[0][:40]
    parts[2] += parts[0][20:60] + parts[1][:30]
    for name, part in zip(("old1", "old2", "in"), parts):
        (folder / name).write_text("".join(part), encoding="utf-8")
    (folder / "old").write_text("".join(parts[0] + parts[1]), encoding="utf-8")


def pref(folder, args, threads=1, seed=1, source=None):
    subprocess.run([PREF, "dedup", "-q", "--threads", str(threads), *args], cwd=folder, check=True,
                   env=harness.environment(PREF_TABLE_SEED=str(seed)),
                   stdin=source or subprocess.DEVNULL)


def outcome(folder, args, threads=1, seed=1):
    names = [word for name in OUTPUTS for word in (f"--{name.replace('out', 'output')}", name)]
    pref(folder, [*args, *names, "in"], threads, seed)
    return {name: (folder / name).read_bytes() for name in OUTPUTS}


def test_way(folder, made, used):
    files = ["--against", "old1", "--against", "old2"]
    right, problems = outcome(folder, [*made, *used, *files]), []
    pref(folder, [*made, *files, "--save-index", "index"])
    index = (folder / "index").read_bytes()
    for threads, seed in ((1, 2), (2, 1), (3, 3), (8, 1)):
        pref(folder, [*made, *files, "--save-index", "again", "-o", "out", "in"], threads, seed)
        if (folder / "again").read_bytes() != index:
            problems.append(f"another index with {threads} threads, seed {seed}")
        got = outcome(folder, [*made, *used, "--index", "index"], threads, seed)
        problems += [f"another {name} with {threads} threads, seed {seed}"
                     for name in OUTPUTS if got[name] != right[name]]
    whole = outcome(folder, [*made, *used, "--against", "old"])
    pref(folder, [*made, "--against", "old", "--save-index", "again"])
    got = outcome(folder, [*made, *used, "--index", "again"])
    problems += [f"another {name} of one file" for name in OUTPUTS if got[name] != whole[name]]
    problems += [f"{name} depends on how files are divided" for name in ("out", "summary")
                 if whole[name] != right[name]]
    summary = json.loads(right["summary"])
    if summary["against"] < 30:
        problems.append(f"little is protected: {summary}")
    counts = ["duplicates", "contradicting", "near", "against"]
    counts += ["missing"] if "reject" in used else []
    if sum(summary.get(key, 0) for key in counts) != summary["rejected"]:
        problems.append(f"what went is counted otherwise: {summary}")
    tap.result(f"{' '.join(made + used) or 'no options'}: {summary['against']} of {summary['in']} "
               f"go for a protected one", "\n".join(problems[:5]) or None)


def test_compressed(folder):
    """Files compressed under their names give the same index."""
    args = ["--near", "0.7", "--against", "old1", "--against", "old2", "--save-index"]
    pref(folder, [*args, "plain"])
    for name in ("old1", "old2"):
        data = (folder / name).read_bytes()
        packed = [subprocess.run(["zstd", "-qc"], input=part, stdout=subprocess.PIPE,
                                 check=True).stdout for part in (data[:5000], data[5000:])]
        (folder / name).write_bytes(b"".join(packed))
    pref(folder, [*args, "packed"])
    same = (folder / "plain").read_bytes() == (folder / "packed").read_bytes()
    tap.result("the same index of compressed files", None if same else "another one")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make(folder)
        for way in WAYS:
            test_way(folder, *way)
        test_compressed(folder)
    tap.end()


main()
