# SPDX-License-Identifier: Apache-2.0
"""What the works of the bench are measured with: the corpus, the peers that are there, and races.

Everything made lies in the build's bench/ folder; outputs go to memory (PREF_BENCH_TMP, else
/dev/shm), so that a disk is not what is measured.
"""

import math
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import harness
import table

HERE = pathlib.Path(__file__).resolve().parent
ENOUGH = 3  # seconds for each runner, if need be in more rounds than were asked for
MOST_ROUNDS = 20
CALM = 1.15    # times the least that tests/bench/calm took
PATIENCE = 10  # seconds that a race may wait in all, and throw away
PART = 20  # slow peers get so small a part of the corpus, and their times are scaled


def sh(command):
    """Run a shell command; the bench ends if it fails."""
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {command}\n{done.stderr.decode(errors='replace')}")


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0] if lines else ""


class Setting:
    def __init__(self, size, rounds):
        self.rounds = rounds
        self.calm = math.inf   # the least that tests/bench/calm took, in seconds
        self.patience = 0      # seconds that a race may still wait
        self.restless = False  # it had to measure although the machine was not calm
        self.notes = []
        self.dir = harness.BUILD / "bench"
        self.dir.mkdir(exist_ok=True)
        memory = os.environ.get("PREF_BENCH_TMP") or "/dev/shm"
        self.made = tempfile.TemporaryDirectory(prefix="pref-bench-", dir=memory)
        self.out = pathlib.Path(self.made.name)
        self.pref = shlex.quote(str(harness.BUILD / "pref"))
        self.corpus = self.make_corpus(size)
        self.part = self.dir / "part.jsonl"
        with open(self.corpus, "rb") as lines:
            self.records = sum(1 for _ in lines)
        sh(f"head -n {self.records // PART + 1} {self.corpus} >{self.part}")
        self.bytes = self.corpus.stat().st_size
        self.scale = self.bytes / self.part.stat().st_size
        self.duckdb_script = self.install_duckdb()
        self.has_jq = shutil.which("jq") is not None
        if not self.has_jq:
            self.notes.append("jq is not here: left out")

    # ---- Input

    def make_corpus(self, size):
        """At least `size` bytes (a number and K, M, G) of whole records."""
        corpus = self.dir / f"records-{size}.jsonl"
        if not corpus.exists():
            print(f"making a corpus of {size}", flush=True)
            maker = harness.BUILD / "examples" / "make-corpus"
            number, unit = re.fullmatch(r"(\d+)([KMG]?)", size).groups()
            wanted = int(number) << {"": 0, "K": 10, "M": 20, "G": 30}[unit]
            # Records of messages, a quarter, are left out: the peers' rules read plain texts.
            messages = r'"prompt"[[:space:]]*:[[:space:]]*\['
            upto = "{ print; left -= length($0) + 1 } left <= 0 { exit }"
            sh(f"{maker} --long --seed 7 --bytes {2 * wanted} | LC_ALL=C grep -av '{messages}' | "
               f"LC_ALL=C awk -v left={wanted} '{upto}' >{corpus}.tmp && mv {corpus}.tmp {corpus}")
        return corpus

    def packed(self, name, command):
        """The corpus as `command` compresses it into the file that follows it, kept beside it."""
        path = self.corpus.with_suffix(f".{name}.zst")
        made = path.with_suffix(".made.zst")
        if not path.exists():
            sh(f"{command} {made} && mv {made} {path}")
        return path

    # ---- Peers

    def install_duckdb(self):
        """DuckDB comes from npm, into the build folder. None where it cannot be had."""
        folder = self.dir / "duckdb"
        if shutil.which("node") is None or shutil.which("npm") is None:
            self.notes.append("DuckDB is left out: node or npm is not here")
            return None
        if not (folder / "node_modules" / "@duckdb" / "node-api").is_dir():
            folder.mkdir(exist_ok=True)
            with open(self.dir / "npm.log", "wb") as log:
                subprocess.run("npm init -y && npm install --no-audit --no-fund @duckdb/node-api",
                               shell=True, cwd=folder, stdout=log, stderr=log, check=False)
        if not (folder / "node_modules" / "@duckdb" / "node-api").is_dir():
            self.notes.append("DuckDB is left out: npm failed (npm.log in the bench folder)")
            return None
        shutil.copy(HERE / "peers" / "duckdb.mjs", folder)
        return folder / "duckdb.mjs"

    def duckdb(self, sql, source, target, threads=2):
        """The command that runs peers/NAME.sql; only where duckdb_script is there."""
        return f"node {self.duckdb_script} {HERE / 'peers' / sql} {source} {target} {threads}"

    def versions(self):
        """What was measured, with what."""
        found = [first_line(str(harness.BUILD / "pref"), "--version"),
                 first_line(*shlex.split(os.environ.get("CC") or "cc"), "--version")]
        if self.duckdb_script:
            modules = self.duckdb_script.parent / "node_modules" / "@duckdb" / "node-api"
            version = re.search(r'"version": *"([^"]+)"', (modules / "package.json").read_text())
            found.append(f"DuckDB {version.group(1)} in node {first_line('node', '--version')}")
        if self.has_jq:
            found.append(first_line("jq", "--version"))
        found.append(first_line("zstd", "--version").strip("* "))
        found.append(first_line("cat", "--version"))
        return found

    # ---- Races

    def is_calm(self):
        """Whether a piece of work takes little longer than it ever did: whether nobody else uses
        the processors, also from outside a virtual machine."""
        taken = float(first_line(str(harness.BUILD / "tests" / "bench" / "calm"), "2").split()[0])
        self.calm = min(self.calm, taken)
        self.patience -= taken
        return taken <= CALM * self.calm

    def undisturbed(self, command, outputs):
        """The Time of a command that began and ended while the machine was calm, or of the first
        one once patience is at its end."""
        while True:
            while not self.is_calm() and self.patience > 0:
                time.sleep(0.1)
                self.patience -= 0.1
            taken = self.once(command, outputs)
            if self.is_calm() or self.patience <= 0:
                self.restless |= self.patience <= 0
                return taken
            self.patience -= taken.wall

    def once(self, command, outputs=()):
        """The Time of a command. Its outputs are new files: to empty what an earlier round wrote
        is the system's work, a tenth of a second a gigabyte, and would make all tools alike."""
        for path in outputs:
            path.unlink(missing_ok=True)
        report = self.out / "report"
        timed = harness.BUILD / "tests" / "bench" / "timed"
        sh(f"{timed} {report} sh -c {shlex.quote(command)}")
        wall, cpu, kib = report.read_text().split()
        return table.Time(float(wall), float(cpu), int(kib))

    def race(self, outputs=(), **runners):
        """Time commands by turns, so that a busy moment meets all of them, and take the best round
        of each: the others were disturbed. There are more rounds of what is over in a moment, as
        many for each. A runner is a command, or (command, rounds) where fewer rounds must do.
        `outputs` are the files that they write. Returns Times by the runners' names."""
        best, turn = {}, 0
        self.patience = PATIENCE
        turns = {name: runner if isinstance(runner, tuple) else (runner, MOST_ROUNDS)
                 for name, runner in runners.items()}
        short = True
        while turn < self.rounds or (turn < MOST_ROUNDS and short):
            short = False
            for name, (command, rounds) in turns.items():
                if turn >= rounds:
                    continue
                take = self.undisturbed if rounds == MOST_ROUNDS else self.once
                best[name] = take(command, outputs).best_with(best.get(name))
                short |= rounds == MOST_ROUNDS and best[name].wall * (turn + 1) < ENOUGH
            turn += 1
        return best
