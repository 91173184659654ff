# SPDX-License-Identifier: MIT
"""The report in text: each failure so that it can be acted on, then the summary.

For a failure: machine, id, clause with level and our paraphrase, where in the source,
expected, seen, device and ring state, and two ways to do it again. The folder that the
second way needs is filled when the failure is printed.
"""
import os
import shlex
import textwrap

from .. import verdict
from ..known import as_list
from ..model import FAILED, WARNED, CannotRun

SHOWN = ("basis", "clause", "level", "outcome", "at", "expected", "seen", "device")
HIDDEN = {"all_seen"}
CHOICES = ("only=", "skip=", "from=", "part=")     # words that one point has no use for


class Repeater:
    """How to do one point again: through the runner, and by hand."""

    def __init__(self, root, words, options):
        self.root, self.words, self.options = root, words, options
        self.base = os.path.join(root, "build", "repeat")
        self.prepared = set()

    def _point_words(self, run, point):
        chosen = [w for w in self.words if not point.number or not w.startswith(CHOICES)]
        if point.number:
            chosen.append(f"only={point.id}")
        words = chosen + run.job.words(chosen)
        if run.seed and not any(word.startswith("seed=") for word in words):
            words.append(f"seed={run.seed}")
        return words

    def by_runner(self, run, point):
        argv = ["scripts/run-tests", *self.options(run, point)]
        if point.number:
            argv += ["--only", point.id]
        if run.seed:
            argv += ["--seed", run.seed]
        return shlex.join(argv)

    def by_hand(self, run, point):
        """Fills a folder with fresh images, and gives the command line to paste: there nobody
        listens to the guest."""
        words = [word for word in self._point_words(run, point) if word != "host"]
        folder = os.path.join(self.base, run.name)
        os.makedirs(folder, exist_ok=True)
        if run.name not in self.prepared:
            run.job.fill(folder)
            run.job.prepare(folder, words)
            self.prepared.add(run.name)
        return " && ".join([shlex.join(["cd", run.job.cwd(folder)]),
                            *run.job.before_by_hand(folder, words),
                            shlex.join(run.job.command(words))])


def _lines(key, value):
    if isinstance(value, list):
        return [f"  {key}:"] + [f"    {item}" for item in value] if value else []
    return [f"  {key + ':':<10} {value}"]


def _by_hand(run, point, repeater):
    """A folder that cannot be filled costs this line alone."""
    try:
        return repeater.by_hand(run, point)
    except (OSError, CannotRun) as error:
        return f"(its folder cannot be filled: {error})"


def failure(run, point, catalogue, repeater):
    """One failure as lines of text."""
    details = dict(point.details)
    if point.clause:
        if point.basis == point.clause:
            details.pop("basis", None)
        details["clause"] = catalogue.describe(point.clause)
        if point.clause in catalogue:
            details.pop("level", None)
    lines = [f"FAILED {point.id} on {run.name}"]
    if len(details.get("all_seen", ())) > 1:
        details["seen"] = details["all_seen"][:20]
    for key in SHOWN:
        if key in details:
            lines += _lines(key, details[key])
    for key, value in details.items():
        if key not in SHOWN and key not in HIDDEN:
            lines += _lines(key, value)
    if point.notes:
        lines += _lines("notes", point.notes[-12:])
    lines += _unfit(point)
    lines += _lines("again", repeater.by_runner(run, point))
    lines += _lines("by hand", _by_hand(run, point, repeater))
    return lines


def _unfit(point):
    """The entry of known deviations that comes nearest, and what of it does not fit."""
    nearest = min(point.unfit, key=lambda deviation: len(deviation.misfits(point)), default=None)
    return [f"  known: {nearest.why_not(point)}"] if nearest else []


def failures(runs, catalogue, repeater, limit=100):
    """In full the first failure of each claim and clause, a line for each like it."""
    lines, told = [], set()
    for run in runs:
        for point in (p for p in run.points if p.status == FAILED):
            kind = (point.id.partition("@")[0], point.basis)
            if kind in told or len(told) >= limit:
                lines.append(f"FAILED {point.id} on {run.name}: {point.seen[:160]}")
                lines += _unfit(point)
            else:
                told.add(kind)
                lines += failure(run, point, catalogue, repeater) + [""]
    return lines


def _reach(runs):
    """Which device ran on which transport and ring, as a table; of one device it says nothing."""
    table = verdict.reach(runs)
    if len(table) < 2:
        return []
    transports = sorted({transport for row in table.values() for transport in row})
    rows = [["points run", *transports]]
    rows += [[device, *("+".join(map(str, row[t])) if t in row else "-" for t in transports)]
             for device, row in sorted(table.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in rows]
    return lines + ["(of no ring + on split rings + on packed rings)"]


def _proven(runs, clauses):
    """How many clauses of each device were proven."""
    table = verdict.proven(runs, clauses.rows)
    if not table:
        return []
    parts = [f"{area} {held} of {rows}" + (f" ({broken} broken)" if broken else "")
             for area, held, rows, broken in table]
    return textwrap.wrap("clauses proven: " + ", ".join(parts), 118, subsequent_indent="  ",
                         break_on_hyphens=False)


def _warned(runs):
    """Each by its name: a warning is no failure, and somebody must see it all the same."""
    return [f"WARNED {point.id} on {run.name}: {point.clause or point.basis}: {point.seen[:160]}"
            for run in runs for point in run.points if point.status == WARNED]


def summary(runs, deviations, verbose, clauses):
    """Everything between the failures and the last line."""
    lines = _warned(runs) + _notes(runs)
    for deviation, machine, points in verdict.stale(deviations):
        lines.append(f"known deviation {deviation.id} ({_named(deviation)}) does not show "
                     f"on {machine}, where {points} of its points ran; mend {deviation.file}")
    lines += _skipped(runs, verbose)
    lines += _reach(runs) + _proven(runs, clauses)
    tally = verdict.Tally(runs)
    held, broken = verdict.clauses_held(runs), verdict.clauses_broken(runs)
    claims = {p.id.partition("@")[0] for run in runs for p in run.points if p.number}
    lines.append(f"{len(held)} clauses executed and held, {len(broken)} broken; "
                 f"{len(claims)} claims on {len(runs)} machines, "
                 f"{sum(run.boots for run in runs)} boots")
    if tally.known or tally.warned:
        lines.append(f"{tally.known} known, {tally.warned} warned (both are counted as "
                     f"skipped)")
    return lines


def _named(deviation):
    """What the entry explains: a death by its name, a failure by its basis."""
    outcome = "/".join(as_list(deviation.outcome))
    basis = deviation.clause or "/".join(as_list(deviation.basis))
    return f"{outcome}, {basis}"


def _notes(runs):
    lines, seen = [], {}
    for run in runs:
        for note in run.notes:
            seen.setdefault(note, []).append(run.name)
    for note, names in seen.items():
        if len(names) < len(runs) or len(runs) == 1:
            where = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
            lines.append(f"note from {where}: {note}")
        else:
            lines.append(f"note from all machines: {note}")
    more = [f"and {len(lines) - 20} more notes"] if len(lines) > 20 else []
    return lines[:20] + more


def _skipped(runs, verbose):
    claims = verdict.skipped_everywhere(runs)
    if not claims:
        return []
    lines = [f"{len(claims)} claims were skipped on every machine"
             + (":" if verbose else " (--verbose lists all):")]
    shown = sorted(claims.items()) if verbose else sorted(claims.items())[:5]
    return lines + [f"  {claim}: {reason}" for claim, reason in shown]
