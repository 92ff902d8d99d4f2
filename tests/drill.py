# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults and of laws share: the filters and their arguments, a corpus, runs that
are watched, and the shim that makes system calls fail.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness

SECONDS = 60 * harness.PATIENCE  # after which a run hangs

ITEMS = str(harness.SRC / "tests" / "laws" / "items.jsonl")
FIT = str(harness.SRC / "tests" / "laws" / "votes.fit")  # of vote --method dawid-skene
PACK = str(harness.SRC / "tests" / "laws" / "pack.json")
BANDS = "0.2=flip,0.4=drop,0.6=smooth:0.2,1=keep"

# A co-process for loo: what one of these judges says is needed, all else is not.
EXEC = ("exec:jq -c --unbuffered '{q, ok: (.record.votes | any(.judge == \"best-rm\" or "
        ".judge == \"annotator-a\"))}'")

# Filters, each in ways that take different paths: (name of the way, tool, arguments, corpus). A
# corpus of few is one of pairs that stays small; in one that is graded votes have grades, most
# records have a gold label, and scores are distributions and log-probabilities.
WAYS = [
    ("check", "check", [], "pairs"),
    ("check that explains", "check", ["--explain", "-q"], "pairs"),
    ("decon", "decon", ["--against", ITEMS, "-q"], "pairs"),
    ("decon without what is common", "decon", ["--against", ITEMS, "-q", "--ngram", "4", "--common",
                                               "57", "--annotate"], "pairs"),
    ("decon that only looks", "decon", ["--against", ITEMS, "-q", "--dry-run"], "pairs"),
    ("dedup", "dedup", [], "pairs"),
    ("dedup of contradictions", "dedup", ["--contradictions", "drop"], "pairs"),
    ("dedup by line", "dedup", ["--on", "line"], "pairs"),
    ("filter", "filter", ["--max-ratio", "2", "--distinct", "--min-chars", "chosen=60",
                          "--no-match", "prompt=(?i)the\\b.*\\d"], "pairs"),
    ("filter that annotates", "filter", ["--annotate", "--max-ratio", "2", "--match",
                                         "chosen=[aeiou]{2}", "--max-chars", "/source=5"],
     "pairs"),
    ("filter by packs", "filter", ["--rules", PACK, "--rules", "repetition", "--rules", "structure",
                                   "--rules", "refusals", "--rules", "pii"], "pairs"),
    ("dedup that merges", "dedup", ["--contradictions", "merge", "--merge-votes", "--count"],
     "pairs"),
    ("dedup that keeps the best", "dedup", ["--keep", "max:/scores/0/chosen", "--on", "prompt"],
     "pairs"),
    ("dedup that keeps the last", "dedup", ["--keep", "last", "--normalize", "nfkc,case"],
     "pairs"),
    ("dedup of what is near", "dedup", ["--near", "0.7", "--each-field", "0.3", "--candidates", "20",
                                        "--near-contradictions", "-q"], "pairs"),
    ("dedup of the best of near ones", "dedup", ["--near", "0.5", "--on", "chosen,rejected", "--keep",
                                                 "max:/scores/0/chosen", "--contradictions",
                                                 "drop"], "pairs"),
    ("dedup within memory", "dedup", ["--memory", "64K", "--keep", "max:/scores/0/chosen",
                                      "--contradictions", "merge", "--merge-votes", "--count"],
     "pairs"),
    ("dedup of near ones", "dedup", ["--near", "0.7", "--contradictions", "merge", "--count",
                                     "--merge-votes", "--keep", "last"], "pairs"),
    ("flip", "flip", [], "pairs"),
    ("flip of grades", "flip", ["--turn", "gold"], "graded"),
    ("vote", "vote", ["--min-agreement", "2/3", "--on-rejected", "flip"], "pairs"),
    ("vote, missing rejected", "vote", ["--min-votes", "4", "--missing", "reject"], "pairs"),
    ("vote by weights", "vote", ["--method", "weighted", "--weights", "best-rm=2.5,*=0.5",
                                 "--ties", "keep", "--swap-consistent", "-q"], "pairs"),
    ("vote by names", "vote", ["--accept", "best-rm and not annotator-a",
                               "--recycle", "atleast(1, llm-judge, annotator-b)"], "pairs"),
    ("vote by Dawid and Skene", "vote", ["--method", "dawid-skene", "--by-order", "-q"], "pairs"),
    ("vote calibrated", "vote", ["--method", "calibrated", "-q", "--on-rejected", "flip"],
     "graded"),
    ("vote by what was learnt", "vote", ["--method", "dawid-skene", "--use", FIT, "--on-rejected",
                                         "flip", "--max-agreement", "0.9"], "pairs"),
    ("vote from scores", "vote", ["--from-scores", "--max-agreement", "0.9"], "pairs"),
    ("vote by grades", "vote", ["--max-spread", "3", "--mean-band", "0..1"], "graded"),
    ("strength", "strength", ["--bands", BANDS, "-q"], "pairs"),
    ("strength in steps", "strength", ["--normalize", "iqr", "--bands", BANDS, "-q"], "pairs"),
    ("strength in strata", "strength", ["--normalize", "zscore", "--by", "source", "-q", "--bands",
                                        BANDS], "pairs"),
    ("strength of other scores", "strength", ["--normalize", "logistic", "--strict-levels", "2"],
     "graded"),
    ("loo by majority", "loo", ["--items", "/votes", "--oracle", "majority:2"], "pairs"),
    ("loo by strength", "loo", ["--items", "/scores", "--oracle", "strength:1"], "pairs"),
    ("loo in an order", "loo", ["--items", "/scores", "--oracle", "strength:1", "--order", "/chosen",
                                "--insufficient", "keep", "--mark"], "pairs"),
    ("loo of groups", "loo", ["--items", "/votes", "--oracle", "majority:2", "--item-group",
                              "/judge"], "pairs"),
    ("loo by what was learnt", "loo", ["--oracle", "posterior:0.7", "--use", FIT, "--order",
                                       "reverse"], "pairs"),
    ("loo by a co-process", "loo", ["--items", "/votes", "--oracle", EXEC], "few"),
    ("import of hh", "import", ["--from", "hh"], "hh"),
]

ROOT = os.geteuid() == 0


def commands():
    """The commands that this build has."""
    lines = subprocess.run(["pref", "help", "--list"], env=harness.environment(),
                           stdout=subprocess.PIPE, check=True, text=True).stdout
    return [line.split("\t")[0] for line in lines.splitlines()]


def ways(*names):
    """The ways whose tool this build has; all, or those named."""
    here = commands()
    return [way for way in WAYS if way[1] in here and (not names or way[0] in names)]


def sanitizer():
    """The sanitizer that this build has: "address", "thread" or None."""
    symbols = (harness.BUILD / "pref").read_bytes()
    return next((n for n, s in (("address", b"__asan_init"), ("thread", b"__tsan_init"))
                 if s in symbols), None)


@contextlib.contextmanager
def folder():
    """A scratch folder that is the working folder meanwhile."""
    with tempfile.TemporaryDirectory(prefix="pref-drill-") as name:
        before = os.getcwd()
        os.chdir(name)
        try:
            yield pathlib.Path(name)
        finally:
            os.chdir(before)


# ---- Inputs ---------------------------------------------------------------------------------------

def make_corpus(records, *options):
    """Pair records with known faults, as bytes."""
    return subprocess.run(
        [harness.BUILD / "examples" / "make-corpus", "--records", str(records), "--rate",
         "near-duplicate=0.1", *options], stdout=subprocess.PIPE, check=True).stdout


def make_graded(records, *options):
    """Pair records with votes that are graded, scores that are no numbers, and gold labels."""
    lines = make_corpus(records, *options).splitlines()
    return b"".join(graded(i, line) + b"\n" for i, line in enumerate(lines))


def graded(number, line):
    try:
        record = json.loads(line)
        votes, scores = record.get("votes") or [], record.get("scores") or []
    except (ValueError, AttributeError):
        return line  # malformed, as was asked for
    for i, vote in enumerate(votes, number):
        if vote["vote"] != "both_bad":
            vote["grade"] = {"chosen": 1 + i % 3, "rejected": -1 - i % 3, "tie": 0}[vote["vote"]]
    for row in scores:
        for side in ("chosen", "rejected"):
            score, share = row[side], round(min(max(0.5 + row[side] / 10, 0), 1), 6)
            if row["model"] == "rm-1":
                row[side] = {"dist": [round(1 - share, 6), 0, share]}
            elif row["model"] == "rm-2":
                row[side] = {"logprobs": [-abs(score)] * (1 + number % 3)}
            elif row["model"] == "rm-3":
                row[side] = {"logprobs": min(score, 0)}
    if number % 4:
        record["gold"] = ("chosen", "rejected", "chosen")[number % 3]
    return json.dumps(record).encode()


def make_hh(records):
    """Transcripts as import --from hh reads them; every tenth has histories that differ."""
    lines = []
    for i in range(records):
        other = "x" if i % 10 == 9 else ""
        lines.append(r'{"chosen":"\n\nHuman: question %d\n\nAssistant: a","rejected":"\n\nHuman: '
                     r'question %d%s\n\nAssistant: b"}' % (i, i, other) + "\n")
    return "".join(lines).encode()


def make_input(kind, records, *options):
    if kind == "hh":
        return make_hh(records)
    if kind == "graded":
        return make_graded(records, *options)
    return make_corpus(min(records, 200) if kind == "few" else records, *options)


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def write(path, data):
    pathlib.Path(path).write_bytes(data)


# ---- Runs -----------------------------------------------------------------------------------------

def start(args, **options):
    """Start `pref ARGS`; what is not said is /dev/null (standard error: a pipe)."""
    env = harness.environment(**options.pop("env", {}))
    for stream, default in (("stdin", subprocess.DEVNULL), ("stdout", subprocess.DEVNULL),
                            ("stderr", subprocess.PIPE)):
        options.setdefault(stream, default)
    return subprocess.Popen(["pref", *map(str, args)], env=env, **options)


def end(process, seconds=SECONDS):
    """Wait for a process; return (status, standard error), with None for one that hangs."""
    try:
        _, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        _, err = process.communicate()
        return None, err or b""
    return process.returncode, err or b""


def run(args, data=None, env=None, seconds=SECONDS, cwd=None):
    """Run `pref ARGS` to its end; return (status or None, standard output, standard error). On
    standard input are the bytes of `data`, or an open file."""
    piped = isinstance(data, bytes)
    with subprocess.Popen(["pref", *map(str, args)], env=harness.environment(**(env or {})),
                          cwd=cwd,
                          stdin=subprocess.PIPE if piped else data or subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            out, err = process.communicate(data if piped else None, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return None, out, err
    return process.returncode, out, err


def until(condition, seconds=SECONDS / 3):
    """Wait for a condition; False when it does not come."""
    end_of_wait = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_of_wait:
            return False
        time.sleep(0.002)
    return True


def temporaries(path="."):
    """Names of unfinished outputs in a folder."""
    return sorted(name for name in os.listdir(path) if ".pref-" in name)


def one_line(err, tool):
    """What is wrong with the message of a run that failed, or None."""
    if not re.fullmatch(rb"pref " + tool.encode() + rb": [^\n]+\n", err):
        return f"standard error, expected one line of pref {tool}:\n{err.decode(errors='replace')}"
    return None


# ---- Programs that only tests need ----------------------------------------------------------------

def compile_here(name, source, *options):
    """Compile a source of tests/faults into the working folder."""
    subprocess.run([*os.environ.get("CC", "cc").split(), "-O1", "-g", "-D_GNU_SOURCE", *options,
                    "-o", name, harness.SRC / "tests" / "faults" / source], check=True)
    return os.path.abspath(name)


def shim():
    """Compile the shim; return what a run needs in its environment to be under it.

    Before the library of a sanitizer, so that the shim's malloc comes first, and calls that one.
    """
    path = compile_here("shim.so", "shim.c", "-shared", "-fPIC", "-ldl",
                        *(["-DSANITIZED"] if sanitizer() else []))
    env = {"LD_PRELOAD": path}
    if sanitizer():
        libraries = subprocess.run(["ldd", harness.BUILD / "pref"], stdout=subprocess.PIPE,
                                   text=True, check=True).stdout
        library = re.search(r"=> (\S*lib[at]san\S*)", libraries)
        if library:
            env["LD_PRELOAD"] = f"{path} {library[1]}"
        env["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return env


def tree(top):
    """Every file of a folder: {relative name: bytes}."""
    return {str(path.relative_to(top)): path.read_bytes()
            for path in sorted(pathlib.Path(top).rglob("*")) if path.is_file()}


def remove(*names):
    for name in names:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if os.path.isdir(name):
                shutil.rmtree(name)
            else:
                os.unlink(name)
