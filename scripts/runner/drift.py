# SPDX-License-Identifier: MIT
"""What is skipped today and was not before: a judge that asks less says so.

Two comparisons. [[skip]] entries of tests/known say which points of the default matrix
cannot run, and why; one that runs, one that skips for another reason and a claim that no
machine runs without an entry are reported. And of each machine the points that ran are
kept beside the last run's results: one that skips now is reported. Neither is a failure.
Points that others block are left out, because the failure that blocks them is reported.
"""
import contextlib
import fnmatch
import gzip
import json
import os

from .model import SKIPPED, CannotRun
from .report.places import replace
from .verdict import is_blocked, skipped_everywhere


def is_default_matrix(args):
    """Nobody has chosen machines, points or words."""
    return not (args.machine or args.only or args.skip or args.append or args.exec or args.list
                or args.accel or args.arch)


def _judged(run):
    """(claim, point) of each that ran or was skipped for a reason of its own."""
    return [(point.id.partition("@")[0], point) for point in run.points
            if point.number and not is_blocked(point)]


def expected(runs, skips):
    """Lines about [[skip]] entries that do not hold, and claims that need one."""
    vanished, others, covered = {}, {}, set()
    for run in runs:
        here = [skip for skip in skips if skip.covers(run.job)]
        of_claim = {}
        for claim, point in _judged(run):
            if claim not in of_claim:
                of_claim[claim] = [skip for skip in here if fnmatch.fnmatchcase(
                    claim, skip.id.partition("@")[0])]
            about = [skip for skip in of_claim[claim] if skip.concerns(point.id, run)]
            if not about:
                continue
            covered.add(claim)
            if point.status != SKIPPED:
                vanished.setdefault((about[0].file, claim), []).append((point, run))
            elif not any(skip.fits(reason(point)) for skip in about):
                others.setdefault((about[0].file, claim), []).append((point, run))
    blocked = {point.id.partition("@")[0] for run in runs for point in run.points if is_blocked(point)}
    new = {claim: why for claim, why in skipped_everywhere(runs).items()
           if claim not in covered | blocked and not claim.startswith("runner/")}
    return [*(_line("is expected to be skipped, and ran", *one) for one in vanished.items()),
            *(_line("is expected to be skipped, for another reason than", *one) for one in others.items()),
            *(f"{claim} is skipped on every machine, and no [[skip]] says so: {why}"
              for claim, why in sorted(new.items()))]


def _line(what, key, found):
    file, claim = key
    point, run = found[0]
    why = f" {reason(point)!r}" if point.status == SKIPPED else ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{claim} {what}{why}: {point.id} on {run.name}{more}; mend {file}"


def reason(point):
    return point.directive[len("SKIP"):].strip()


class LastRun:
    """The points that ran, by machine, of one VMM and version; kept in a file."""

    def __init__(self, folder, vmm):
        version = ".".join(map(str, vmm.version))
        self.name = f"{vmm.name} {version}".strip()
        self.path = os.path.join(folder, f"{vmm.name}-{version}.ran.gz")
        self.ran = {}
        with contextlib.suppress(OSError, EOFError, ValueError), gzip.open(self.path, "rt") as file:
            self.ran = {machine: set(names) for machine, names in json.load(file).items()}

    def lines(self, runs):
        """A line for each claim and machine where points skip that ran the last time."""
        gone = {}
        for run in runs:
            ran = self.ran.get(run.name, ())
            for claim, point in _judged(run):
                if point.status == SKIPPED and point.id in ran:
                    gone.setdefault((claim, run.name), []).append(point)
        return [f"{points[0].id} on {machine}" + (f" and {len(points) - 1} more" if len(points) > 1 else "") +
                f" ran in the last run of {self.name} and is skipped now: {reason(points[0])}"
                for (_, machine), points in gone.items()]

    def keep(self, runs):
        """Nobody minds when the file cannot be written."""
        for run in runs:
            names = self.ran.setdefault(run.name, set())
            for _, point in _judged(run):
                (names.discard if point.status == SKIPPED else names.add)(point.id)
        content = json.dumps({machine: sorted(names) for machine, names in self.ran.items()})

        def write(partial):
            with gzip.open(partial, "wt", compresslevel=3) as file:
                file.write(content)
        with contextlib.suppress(OSError, CannotRun):
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            replace(self.path, write)
