# SPDX-License-Identifier: Apache-2.0
"""What the tests of examples/slurm share: a corpus in parts, what a single run makes of it, and a
`pref` that dies in the midst of its work.
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness

SUBMIT = harness.SRC / "examples" / "slurm" / "submit.sh"
PARTS = 6
BANDS = "0.10=flip,0.20=drop,0.40=smooth:0.2,0.90=keep,1=soft"

# Stands before the real one in PATH. KILL names stages, tasks and attempts, as in "fit/1/0": there
# the tool gets a part of its input and is killed with -9, and so is this.
WRAPPER = """\
#!/usr/bin/env bash
case " $* " in
    *" --fit "*) stage=fit ;;
    *" --use "*) stage=apply ;;
esac
case " ${KILL-} " in
    *" ${stage-}/${SLURM_ARRAY_TASK_ID-}/${SLURM_RESTART_COUNT-0} "*) ;;
    *) exec "$REAL" "$@" ;;
esac
{ zstd -dcq "${@: -1}" | head -n 200; exec sleep 2; } | "$REAL" "${@:1:$#-1}" &
sleep 0.3
kill -9 $!
kill -9 $$
"""


def pref(*args, stdin=None):
    subprocess.run(["pref", *map(str, args)], env=harness.environment(), stdin=stdin, check=True)


def make(records=3000):
    """Make in the working folder: bin/, the wrapper; corpus/, the records in PARTS shards; and
    whole.jsonl and whole/, what one run of strength, and then of shard, make of them.
    """
    os.mkdir("bin")
    pathlib.Path("bin/pref").write_text(WRAPPER)
    os.chmod("bin/pref", 0o755)
    with subprocess.Popen([harness.BUILD / "examples" / "make-corpus", "--records", str(records)],
                          stdout=subprocess.PIPE) as maker:
        pref("shard", "-d", "corpus", "-n", PARTS, stdin=maker.stdout)
    pref("strength", "--bands", BANDS, "-o", "whole.jsonl", "corpus/manifest.json")
    pref("shard", "-d", "whole", "-n", 3, "--plain", "whole.jsonl")


def submit(run, corpus="corpus", local=None, **more):
    """Run submit.sh; return (status, what it printed)."""
    knobs = {"BANDS": BANDS, "SHARDS": 3, **more}
    env = harness.environment(REAL=harness.BUILD / "pref",
                              **{name: value for name, value in knobs.items() if value is not None})
    env["PATH"] = f"{os.getcwd()}/bin{os.pathsep}{env['PATH']}"
    options = f"--local {local}" if local else ""
    status, out, _ = harness.shell(f"exec '{SUBMIT}' {options} {corpus} {run}", ".", env, merge=True)
    return status, out.decode()


def logs(run):
    """All that the jobs have said."""
    paths = sorted(pathlib.Path(run, "log").glob("*.log"))
    return "".join(f"{path.name}: {line}\n" for path in paths
                   for line in path.read_text().splitlines())


def state(run):
    """Every file but the logs, with its size, its time and its identity."""
    found = {}
    for path in pathlib.Path(run).rglob("*"):
        if path.is_file() and path.parent.name != "log" and path.name not in ("parts", "settings"):
            stat = path.stat()
            found[str(path.relative_to(run))] = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
    return found


def plain(path):
    return subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout


def differs(run):
    """What is not as the single run has made it, or None."""
    run = pathlib.Path(run)
    try:
        parts = [run / "apply" / f"part-{i:05}.jsonl.zst" for i in range(PARTS)]
        if b"".join(map(plain, parts)) != pathlib.Path("whole.jsonl").read_bytes():
            return "the parts are not what one run makes of the whole"
        for shard in sorted(pathlib.Path("whole").glob("*.jsonl")):
            if plain(run / "shards" / f"{shard.name}.zst") != shard.read_bytes():
                return f"{shard.name} is not that of the whole"
        pref("shard", "--verify", run / "shards")
    except (subprocess.CalledProcessError, OSError) as problem:
        return f"{problem}\n{logs(run)}"
    left = [p.name for p in run.rglob(".*")]
    return f"left behind: {left}" if left else None
