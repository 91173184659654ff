# SPDX-License-Identifier: MIT
"""The report as JSON, which holds everything that the runner knows; and what is kept of the last run."""
import contextlib
import json
import os

from .. import verdict
from ..model import CannotRun
from .places import replace


def _point(point):
    entry = {"number": point.number, "id": point.id, "status": point.status,
             "seconds": round(point.seconds, 6)}
    for key in ("directive", "details", "notes"):
        if getattr(point, key):
            entry[key] = getattr(point, key)
    if point.deviation:
        entry["deviation"] = {"id": point.deviation.id, "seen": point.deviation.seen,
                              "evidence": point.deviation.evidence, "what": point.deviation.what,
                              "file": point.deviation.file}
    return entry


def _machine(run):
    return {
        "name": run.name, "accel": run.job.accel, "seconds": round(run.seconds, 3),
        "boot": run.boot, "boots": run.boots, "deaths": run.deaths,
        "seed": run.seed, "plan": run.plan,
        "command": run.job.command(run.words), "subjects": run.subjects,
        "clauses_held": sorted(verdict.clauses_held([run])),
        "clauses_broken": sorted(verdict.clauses_broken([run])),
        "benches": run.benches, "notes": run.notes,
        "points": [_point(point) for point in run.points],
    }


def write(path, runs, vmm):
    tally = verdict.Tally(runs)
    content = {
        "format": 1,
        "vmm": {"path": vmm.path, "name": vmm.name,
                "version": ".".join(map(str, vmm.version))},
        "passed": tally.passed, "failed": tally.failed, "skipped": tally.skipped,
        "known": tally.known, "warned": tally.warned,
        "clauses_held": sorted(verdict.clauses_held(runs)),
        "clauses_broken": sorted(verdict.clauses_broken(runs)),
        "machines": [_machine(run) for run in runs],
    }

    def write(partial):
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.write("\n")
    replace(path, write)


def keep_last_run(folder, runs):
    """For `make clauses` and `make table`: what the last run of each VMM executed, and on what.
    Nobody minds when the folder cannot be written."""
    vmm = runs[0].job.vmm
    version = ".".join(map(str, vmm.version))
    content = {"vmm": {"name": vmm.name, "version": version},
               "clauses_held": sorted(verdict.clauses_held(runs)),
               "clauses_broken": sorted(verdict.clauses_broken(runs)),
               "reach": verdict.reach(runs)}

    def write(partial):
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
    with contextlib.suppress(OSError, CannotRun):
        os.makedirs(folder, exist_ok=True)
        replace(os.path.join(folder, f"{vmm.name}-{version}.json"), write)
