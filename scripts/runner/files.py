# SPDX-License-Identifier: MIT
"""Reports for other programs: JUnit (a suite per machine, a case per point) and JSON.

JSON holds everything that the runner knows. Both are written to a temporary name and
renamed, so that a reader never finds half a file.
"""
import contextlib
import json
import os

from . import verdict
from .model import FAILED, KNOWN, SKIPPED, WARNED, CannotRun


def _replace(path, write):
    partial = f"{path}.{os.getpid()}.partial"
    try:
        write(partial)
        os.replace(partial, path)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def need_places(folder, paths):
    """Before a long run: the folder is there and reports can be written, or it is said now."""
    try:
        if folder:
            os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"--tap {folder} cannot be made: {error.strerror}") from error
    for path in filter(None, [folder and os.path.join(folder, "x"), *paths]):
        place = os.path.dirname(os.path.abspath(path))
        if not os.access(place, os.W_OK):
            raise CannotRun(f"{place} cannot be written to: name another place")


def need_junit():
    """Fails early, before an hour of tests, when the module is missing."""
    try:
        import junitparser
    except ImportError as error:
        raise CannotRun("--junit needs the Python module junitparser: install it with "
                        "'scripts/install-deps run'") from error
    return junitparser


def clean(text):
    """XML 1.0 has no place for most control characters, not even escaped."""
    return "".join(c if c in "\t\n" or " " <= c <= "\ud7ff" or c > "\ue000" else "?"
                   for c in str(text))


def _case(junit, run, point):
    suite, _, claim = point.id.partition("/")
    case = junit.TestCase(clean(claim or point.id), time=round(point.seconds, 6),
                          classname=f"{run.name}.{clean(suite)}")
    body = "\n".join(f"{key}: {value}" for key, value in point.details.items())
    if point.status == FAILED:
        kind = junit.Error if point.details.get("outcome") == "error" else junit.Failure
        seen = point.seen or point.directive or "failed"
        result = kind(clean(seen), clean(point.clause))
        result.text = clean(body)
        case.result = [result]
    elif point.status == KNOWN:
        why = f"known deviation: {point.deviation.evidence}"
        case.result = [junit.Skipped(clean(why))]
    elif point.status in (SKIPPED, WARNED):
        case.result = [junit.Skipped(clean(point.directive))]
    return case


def _properties(junit, case, point):
    """Clause, expected and seen as properties, for programs that read no prose."""
    from xml.etree import ElementTree
    found = [(key, point.details[key]) for key in ("clause", "expected", "seen")
             if key in point.details]
    if found:
        properties = ElementTree.SubElement(case._elem, "properties")
        for name, value in found:
            ElementTree.SubElement(properties, "property", name=name, value=clean(value))


def write_junit(path, runs):
    junit = need_junit()
    report = junit.JUnitXml("qvirtio")
    for run in runs:
        suite = junit.TestSuite(run.name)
        for key, value in (("vmm", run.job.vmm.path), ("accel", run.job.accel),
                           ("seed", run.seed)):
            suite.add_property(key, clean(value))
        for point in run.points:
            case = _case(junit, run, point)
            _properties(junit, case, point)
            suite.append(case)          # add_testcase would count all of them each time
        report.append(suite)
    report.update_statistics()
    _replace(path, report.write)


def _point(point):
    entry = {"number": point.number, "id": point.id, "status": point.status,
             "seconds": round(point.seconds, 6)}
    for key in ("directive", "details", "notes"):
        if getattr(point, key):
            entry[key] = getattr(point, key)
    if point.deviation:
        entry["deviation"] = {"id": point.deviation.id, "seen": point.deviation.seen,
                              "evidence": point.deviation.evidence}
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


def write_json(path, runs, vmm):
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
    _replace(path, write)


def keep_last_run(folder, runs):
    """For `make clauses`: what the last run of each VMM executed. Nobody minds when the
    folder cannot be written."""
    vmm = runs[0].job.vmm
    version = ".".join(map(str, vmm.version))
    content = {"vmm": {"name": vmm.name, "version": version},
               "clauses_held": sorted(verdict.clauses_held(runs)),
               "clauses_broken": sorted(verdict.clauses_broken(runs))}

    def write(partial):
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
    with contextlib.suppress(OSError, CannotRun):
        os.makedirs(folder, exist_ok=True)
        _replace(os.path.join(folder, f"{vmm.name}-{version}.json"), write)
