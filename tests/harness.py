# SPDX-License-Identifier: Apache-2.0
"""What the test scripts share: where things are, TAP lines, and running a shell command.

The makefile sets PREF_SRCDIR and PREF_BUILD. A script started by hand takes the tree it stands
in and the build in its build/ folder.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys

SRC = pathlib.Path(os.environ.get("PREF_SRCDIR") or pathlib.Path(__file__).resolve().parents[1])
BUILD = pathlib.Path(os.environ.get("PREF_BUILD") or SRC / "build")
# How many times as long as usual everything takes: under a sanitizer, or Valgrind.
PATIENCE = int(os.environ.get("PREF_PATIENCE") or 1)
# The folder of a `pref` that runs the real one under Valgrind, or nothing.
UNDER = [os.environ["PREF_UNDER"]] if os.environ.get("PREF_UNDER") else []


class Tap:
    """A TAP stream: one line a test, the plan at the end."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def result(self, name, problem=None):
        """Print one result. `problem` is None, or text that says what was wrong."""
        self.count += 1
        name = name.replace("#", "\\#")
        if problem is None:
            print(f"ok {self.count} - {name}")
        else:
            self.failed += 1
            print(f"not ok {self.count} - {name}")
            for line in problem.rstrip("\n").split("\n"):
                print(f"#   {line}")
        sys.stdout.flush()

    def skip(self, name, why):
        """Print that a test was skipped. `why` must stand in tests/skips.txt."""
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")

    def end(self):
        """Print the plan and leave. A script that found nothing to test has failed."""
        if self.count == 0:
            self.result("there is something to test", "nothing was found")
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def public_headers():
    """The headers that are installed, as paths in the source tree."""
    listed = (SRC / "lib" / "local.mk").read_text()
    return [SRC / name for name in re.findall(r"^prefinclude_HEADERS \+= (\S+)", listed, re.M)]


def cxx():
    """The C++ compiler that goes with the C compiler: a sanitizer's runtime must be the same."""
    return "clang++" if "clang" in os.environ.get("CC", "cc") else "c++"


def environment(**more):
    """The environment for a command under test: this build's `pref` and libpref first, no locale."""
    env = dict(os.environ)
    env.setdefault("CC", "cc")
    packages = env.get("PKG_CONFIG_PATH")
    env["PKG_CONFIG_PATH"] = f"{BUILD}{os.pathsep}{packages}" if packages else str(BUILD)
    env["PATH"] = os.pathsep.join([*UNDER, str(BUILD), env["PATH"]])
    env["LC_ALL"] = "C"
    env["TZ"] = "UTC0"
    env.setdefault("PREF_RULES_DIR", str(SRC / "filters" / "rules"))
    env.update({key: str(value) for key, value in more.items()})
    return env


def shell(command, cwd, env, seconds=60 * PATIENCE, merge=False):
    """Run one command line under /bin/sh; return (status, stdout, stderr) with bytes.

    Death by signal N is status 128+N, as in a shell. The command has a process group of its
    own, so that a test that hangs takes its children along when its time is up.
    """
    with subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merge else subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            out += f"\n(stopped after {seconds} seconds)\n".encode()
    status = process.returncode
    return (128 - status if status < 0 else status), out, err or b""
