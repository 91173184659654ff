# SPDX-License-Identifier: MIT
"""What a point's result means: passed, failed, skipped, warned or known.

A broken SHOULD (`# TODO`) is warned, and failed under --strict. A failure that a known
deviation of this VMM explains is known: neither passed nor failed, counted as skipped.
A point that is blocked is skipped where what it waits for is itself an unexplained failure
of this run, and a failure where it hides behind anything else.
"""
import re

from .model import FAILED, KNOWN, PASSED, SKIPPED, WARNED

COMMON = {"basic", "ring-split", "ring-packed", "pci", "mmio", "ccw", "admin"}     # areas of no device type
BLOCKED = re.compile(r"SKIP blocked: (.*), see (\S+)$", re.I)


def raw_status(point, strict):
    directive = point.directive.upper()
    if is_blocked(point):
        return SKIPPED
    if point.ok:
        return SKIPPED if directive.startswith("SKIP") else PASSED
    if directive.startswith("TODO") and not strict:
        return WARNED
    return FAILED


def is_blocked(point):
    """In the kernel's words, or in ours for a point that it failed (checks.block_stuck)."""
    return point.directive.upper().startswith("SKIP BLOCKED")


def judge(run, strict, deviations):
    """Puts a status on each point of the run, and keeps the deviations' books."""
    books = Books(run, deviations)
    for point in run.points:
        point.status = raw_status(point, strict)
        if not is_blocked(point):
            books.weigh(point)
    block_behind_boots(run)
    points = {point.id: point for point in run.points}
    blocked = [point for point in run.points if is_blocked(point)]
    for point in blocked:
        settle_blocked(point, points)
    for point in blocked:
        books.weigh(point)


class Books:
    """The known deviations of this run's VMM and backends."""

    def __init__(self, run, deviations):
        self.run = run
        self.of_claim, self.of_many = {}, []
        for deviation in (d for d in deviations if d.covers(run.job)):
            claim, at, _ = deviation.id.partition("@")
            is_plain = at and not set(claim) & set("*?[")
            (self.of_claim.setdefault(claim, []) if is_plain else self.of_many).append(deviation)

    def weigh(self, point):
        """A failure is known by the first entry that fits. Where others of its id do not, they
        are said to fit badly, or, when nothing is left unexplained, to show here in vain."""
        if point.status == SKIPPED:
            return
        about = [deviation for deviation in self.of_claim.get(point.id.partition("@")[0], [])
                 + self.of_many if deviation.concerns(point.id, self.run)]
        fit = [] if point.status == PASSED else [d for d in about if not d.misfits(point)]
        for deviation in fit:
            deviation.hits += 1
            deviation.shown.add(self.run.name)
        if fit:
            point.status, point.deviation = KNOWN, fit[0]
        if point.status == FAILED:
            point.unfit = about
            return
        for deviation in about:
            if deviation not in fit:
                deviation.ran[self.run.name] = deviation.ran.get(self.run.name, 0) + 1


def block_behind_boots(run):
    """A precondition that does not hold on a device which has failed in another boot of this
    run is blocked by that failure. Of two preconditions the one that is first in the plan is
    the failure."""
    failed = {}
    for point in run.points:
        if point.status == FAILED and point.number:
            failed.setdefault(point.device, []).append(point)
    for points in failed.values():
        for point in [p for p in points if p.basis == "precondition" and p.outcome != "error"]:
            root = next((other for other in points if _is_root(other, point)), None)
            if root:
                point.directive = f"SKIP blocked: {point.seen}, see {root.id}"
                point.status, point.unfit = SKIPPED, []


def _is_root(other, point):
    """Did it fail in an earlier boot, or in another part of the plan?"""
    if other.boot[0] == point.boot[0]:
        return other.boot < point.boot
    return other.number < point.number or other.basis != "precondition"


def settle_blocked(point, points):
    """Skipped behind an unexplained failure, else a failure of its own. `points`: by id."""
    root = find_root(point, points)
    if root and root.status == FAILED:
        return
    point.status = FAILED
    behind = "a known deviation" if root and root.status == KNOWN else "no failure of this run"
    point.details = {"outcome": "blocked", "basis": "precondition",
                     "expected": "to be blocked by an unexplained failure of this run",
                     "seen": point.directive.partition(":")[2].strip(), "why": f"blocked behind {behind}"}


def find_root(point, points):
    """The point that a blocked one waits for, over others that are blocked; or None."""
    passed_by = set()
    while point and point.id not in passed_by:
        passed_by.add(point.id)
        match = BLOCKED.match(point.directive) if point.status == SKIPPED else None
        if not match:
            return point
        point = points.get(match[2])
    return None


def stale(deviations):
    """(deviation, machine, points) where a listed failure's points ran and it shows nowhere."""
    return [(deviation, machine, points) for deviation in deviations
            for machine, points in deviation.ran.items()
            if machine not in deviation.shown and not deviation.race]


class Tally:
    """The counts over all machines; `skipped` holds what is neither passed nor failed."""

    def __init__(self, runs):
        self.passed = sum(run.count(PASSED) for run in runs)
        self.failed = sum(run.count(FAILED) for run in runs)
        self.known = sum(run.count(KNOWN) for run in runs)
        self.warned = sum(run.count(WARNED) for run in runs)
        self.skipped = sum(run.count(SKIPPED) for run in runs) + self.known + self.warned

    def last_line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def clauses_held(runs):
    """Executed and held: what the kernel says it proved, less what failed anywhere."""
    held = set().union(*(run.clauses for run in runs)) if runs else set()
    return held - clauses_broken(runs)


def clauses_broken(runs, statuses=(FAILED, KNOWN, WARNED)):
    return {point.clause for run in runs for point in run.points
            if point.status in statuses and point.clause}


def proven(runs, rows):
    """[(area, proven, of how many, broken)]: the rows of the catalogue of each device type that
    ran, and of what all devices have. A row counts that a run can observe at all."""
    types = set(reach(runs))
    held, broken = clauses_held(runs), clauses_broken(runs)
    table = {}
    for row in rows:
        if row["area"] in types | COMMON and row["observable"] != "no":
            counts = table.setdefault(row["area"], [0, 0, 0])
            counts[0] += row["id"] in held
            counts[1] += 1
            counts[2] += row["id"] in broken
    order = sorted(table, key=lambda area: (area in COMMON, area))
    return [(area, *table[area]) for area in order if area in types or any(table[area][::2])]


def reach(runs):
    """{device type: {transport: [points that ran: of no ring, of split ones, of packed]}}."""
    table = {}
    for run in runs:
        for point in run.points:
            transport, _, device = point.id.partition("@")[2].partition(".")
            if point.status == SKIPPED or not point.number or not device:
                continue
            device, _, ring = device.partition(":")
            row = table.setdefault(device.rpartition(".")[0], {})
            counts = row.setdefault(transport, [0, 0, 0])
            counts[1 + ring.startswith("packed") if ring else 0] += 1
    return table


def skipped_everywhere(runs):
    """{claim: reason} for claims that no subject of any machine could run."""
    reasons, ran = {}, set()
    for run in runs:
        for point in run.points:
            claim = point.id.partition("@")[0]
            if point.status == SKIPPED:
                reasons.setdefault(claim, point.directive[4:].strip())
            else:
                ran.add(claim)
    return {claim: reason for claim, reason in reasons.items() if claim not in ran}
