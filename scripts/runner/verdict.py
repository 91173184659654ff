# SPDX-License-Identifier: MIT
"""What a point's result means: passed, failed, skipped, warned or known.

A broken SHOULD (`# TODO`) is warned, and failed under --strict. A failure that a known
deviation of this VMM explains is known: neither passed nor failed, counted as skipped.
"""
from .model import FAILED, KNOWN, PASSED, SKIPPED, WARNED


def raw_status(point, strict):
    directive = point.directive.upper()
    if point.ok:
        return SKIPPED if directive.startswith("SKIP") else PASSED
    if directive.startswith("TODO") and not strict:
        return WARNED
    return FAILED


def judge(run, strict, deviations):
    """Puts a status on each point of the run, and keeps the deviations' books."""
    of_claim, of_many = _by_claim(d for d in deviations if d.covers(run.job.vmm))
    for point in run.points:
        point.status = raw_status(point, strict)
        for deviation in of_claim.get(point.id.partition("@")[0], []) + of_many:
            if deviation.concerns(point.id, run.name):
                _weigh(point, deviation, run.name)


def _by_claim(deviations):
    """Those of one claim by its name, and those whose glob may mean several."""
    of_claim, of_many = {}, []
    for deviation in deviations:
        claim, at, _ = deviation.id.partition("@")
        is_plain = at and not set(claim) & set("*?[")
        (of_claim.setdefault(claim, []) if is_plain else of_many).append(deviation)
    return of_claim, of_many


def _is_of_clause(point, deviation):
    """A legacy subject's failures carry no clause: the catalogue is about modern ones."""
    is_legacy = "-legacy." in point.id and not point.clause
    return is_legacy or point.clause == deviation.clause


def _weigh(point, deviation, machine):
    if point.status == PASSED:
        deviation.passed[machine] = deviation.passed.get(machine, 0) + 1
    elif deviation.death and point.details.get("outcome") != "died":
        pass
    elif point.status in (FAILED, WARNED) and _is_of_clause(point, deviation):
        point.status, point.deviation = KNOWN, deviation
        deviation.hits += 1
        deviation.shown.add(machine)


def gone(deviations):
    """(deviation, machine, points) where a listed failure passes and shows nowhere."""
    return [(deviation, machine, points) for deviation in deviations
            for machine, points in deviation.passed.items()
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
