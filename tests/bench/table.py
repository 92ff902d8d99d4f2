# SPDX-License-Identifier: Apache-2.0
"""The rows of the bench: a figure of pref beside a peer's, and whether it keeps its budget."""

import dataclasses
import typing

HEAD = ("work", "pref", "peer", "", "ratio", "budget", "goal", "", "of CPU")
LEFT = (0, 2)  # columns of words; the others are flush right


@dataclasses.dataclass(frozen=True)
class Time:
    """What a command took: wall and CPU seconds, and the peak of its resident memory."""

    wall: float
    cpu: float
    kib: int

    def scaled(self, factor):
        """The same for `factor` times as much input; memory stays as it was seen."""
        return Time(self.wall * factor, self.cpu * factor, self.kib)

    def best_with(self, other):
        """The least of each time, and the most memory."""
        if other is None:
            return self
        return Time(min(self.wall, other.wall), min(self.cpu, other.cpu), max(self.kib, other.kib))

    def __str__(self):
        return f"{self.wall:.3f} s, {self.cpu:.3f} CPU, {self.kib / 1024:.0f} MiB"


@dataclasses.dataclass(frozen=True)
class Bound:
    """What a ratio must keep (None: nothing is asked), and what it would be at best."""

    sign: str
    budget: typing.Optional[float]
    goal: typing.Optional[float] = None

    def verdict(self, ratio):
        if self.budget is None:
            return ""
        keeps = ratio <= self.budget if self.sign == "<=" else ratio >= self.budget
        return "met" if keeps else "MISSED"

    def cell(self, value):
        return "" if value is None else f"{self.sign} {value:g}"


def at_most(budget, goal=None):
    return Bound("<=", budget, goal)


def at_least(budget, goal=None):
    return Bound(">=", budget, goal)


@dataclasses.dataclass(frozen=True)
class Row:
    """`ratio` is what the budget is about. `cpu` is the same ratio of CPU times, which other work on
    the machine moves less; 0: it says nothing here."""

    work: str
    pref: object  # a Time, or text
    peer: str
    theirs: object
    ratio: float
    bound: Bound
    cpu: float = 0

    @property
    def missed(self):
        return self.bound.verdict(self.ratio) == "MISSED"

    def cells(self):
        bound = self.bound
        return (
            self.work,
            str(self.pref),
            self.peer,
            str(self.theirs),
            f"{self.ratio:.2f}" if self.ratio < 100 else f"{self.ratio:.0f}",
            bound.cell(bound.budget),
            bound.cell(bound.goal),
            bound.verdict(self.ratio),
            f"{self.cpu:.2f}" if self.cpu else "",
        )


def of_its_time(work, ours, peer, theirs, bound):
    """The share of the peer's wall time that pref takes."""
    return Row(work, ours, peer, theirs, ours.wall / theirs.wall, bound, ours.cpu / theirs.cpu)


def times_faster(work, ours, peer, theirs, bound):
    """How many times pref's wall time the peer takes."""
    return Row(work, ours, peer, theirs, theirs.wall / ours.wall, bound, theirs.cpu / ours.cpu)


def as_text(rows):
    lines = [HEAD] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]

    def pad(i, cell):
        return cell.ljust(widths[i]) if i in LEFT else cell.rjust(widths[i])

    return "\n".join("  ".join(pad(i, c) for i, c in enumerate(line)).rstrip() for line in lines)


def as_markdown(rows):
    rule = ["---" if i in LEFT else "---:" for i in range(len(HEAD))]
    lines = [HEAD, rule] + [row.cells() for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
