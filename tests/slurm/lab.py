# SPDX-License-Identifier: Apache-2.0
"""A real Slurm on this machine: munged, slurmctld and two slurmd, which are gone afterwards.

All that they need is in one folder, nothing in /etc is read or written, and they listen on
127.0.0.1 only. Every process that comes of them is a descendant of this one, also when its parent
has gone, so that the end finds them all. If this process is killed with -9, the daemons are as well.
"""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import harness

SECONDS = 30 * harness.PATIENCE
NODES = 2
DAEMONS = ("munged", "slurmctld", "slurmd")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None)

CONFIG = """\
ClusterName=lab
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={top}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={top}/state
SlurmdSpoolDir={top}/spool-%n
SlurmctldPidFile={top}/slurmctld.pid
SlurmdPidFile={top}/slurmd-%n.pid
SlurmctldLogFile={top}/slurmctld.log
SlurmdLogFile={top}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
MaxArraySize=4
MinJobAge=600
KillWait=2
ReturnToService=2
AccountingStorageType=accounting_storage/none
NodeName=n[0-1] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[{ports[1]},{ports[2]}] \
CPUs=2 RealMemory=4096 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """Why there can be no Slurm here, as tests/skips.txt says it, or None."""
    if not all(shutil.which(name) for name in (*DAEMONS, "sbatch", "scontrol", "squeue", "scancel")):
        return "Slurm is not installed"
    if os.geteuid() != 0:
        return "Slurm's daemons must be started by root"
    try:
        loopback = socket.gethostbyname(socket.gethostname()).startswith("127.")
    except OSError:
        loopback = False
    return None if loopback else "the machine's name is not on the loopback"


def descendants():
    """The ids of all processes that come of this one and are not zombies, and of the zombies."""
    parents, zombies = {}, set()
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = pathlib.Path("/proc", entry, "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        parents[int(entry)] = int(fields[1])
        if fields[0] == "Z":
            zombies.add(int(entry))
    found = {os.getpid()}
    while True:
        more = {child for child, parent in parents.items() if parent in found} - found
        if not more:
            return found - zombies - {os.getpid()}
        found |= more


def free_ports(count):
    """Ports that nobody listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def listening():
    """The addresses on which our descendants listen, as in /proc/net/tcp."""
    inodes = set()
    for pid in descendants():
        try:
            for name in os.scandir(f"/proc/{pid}/fd"):
                link = os.readlink(name.path)
                if link.startswith("socket:["):
                    inodes.add(link[8:-1])
        except OSError:
            continue
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        try:
            rows = pathlib.Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in (row.split() for row in rows):
            if row[9] in inodes and (row[3] == "0A" or table.startswith("udp")):
                found.append(f"{table} {row[1]}")
    return found


class Lab:
    """Use it in a `with`; `env` is the environment in which sbatch and the others find it."""

    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.env = {"SLURM_CONF": str(self.top / "slurm.conf")}

    def __enter__(self):
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _: sys.exit(128 + number))
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def daemon(self, *command):
        def die_with_parent():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

        with open(self.top / "daemons.log", "a") as log:
            subprocess.Popen(command, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL,
                             stdout=log, stderr=log, start_new_session=True, cwd=self.top,
                             preexec_fn=die_with_parent)

    def start(self):
        (self.top / "state").mkdir()
        (self.top / "slurm.conf").write_text(CONFIG.format(top=self.top, ports=free_ports(3)))
        key = self.top / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.daemon("munged", "--foreground", "--socket", f"{self.top}/munge.socket",
                    "--key-file", str(key), "--pid-file", f"{self.top}/munged.pid",
                    "--log-file", f"{self.top}/munged.log", "--seed-file", f"{self.top}/seed")
        self.until("munged is there", (self.top / "munge.socket").exists)
        self.daemon("slurmctld", "-D", "-c")
        for i in range(NODES):
            (self.top / f"spool-n{i}").mkdir()
            self.daemon("slurmd", "-D", "-N", f"n{i}")
        self.until("the nodes are idle", lambda: self.ask(
            "sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split() == ["n0", "n1"])

    def ask(self, *command):
        """What a command of Slurm prints."""
        return subprocess.run(command, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              timeout=SECONDS, check=False).stdout

    def until(self, what, condition, seconds=SECONDS):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = (f"{p.name}:\n{p.read_text()[-1500:]}" for p in self.top.glob("*.log"))
                raise TimeoutError(f"waited {seconds} seconds until {what}\n" + "\n".join(logs))
            time.sleep(0.05)

    def until_idle(self, seconds=100 * harness.PATIENCE):
        """Wait until no job is left."""
        self.until("all jobs have ended", lambda: not self.ask("squeue", "-h").strip(), seconds)

    def stop(self):
        """End what was started: the jobs, then the daemons, then what is left of either."""
        if (self.top / "slurmctld.pid").exists():
            try:
                self.ask("scancel", "--user=root")
                self.until_idle(5)
            except (TimeoutError, subprocess.TimeoutExpired):
                pass
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            end = time.monotonic() + seconds
            for pid in descendants():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            while descendants() and time.monotonic() < end:
                time.sleep(0.02)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
