# SPDX-License-Identifier: MIT
"""The report as JUnit: a suite for each machine, a case for each point.

The module junitparser builds on lxml where that is installed, else on Python's own
ElementTree. Nothing here depends on which: properties of a case are added by the classes
of junitparser itself.
"""
from ..model import FAILED, KNOWN, SKIPPED, WARNED, CannotRun
from .places import replace


def need_junit():
    """Fails early, before an hour of tests, when the module is missing."""
    try:
        import junitparser
    except ImportError as error:
        raise CannotRun("--junit needs the Python module junitparser: install it with "
                        "'scripts/install-deps run'") from error
    return junitparser


def clean(text):
    """XML 1.0 has no place for most control characters, for halves of surrogate pairs and for
    U+FFFE and U+FFFF, not even escaped."""
    return "".join(c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd"
                   or c > "\uffff" else "?" for c in str(text))


def _case(junit, run, point):
    suite, _, claim = point.id.partition("/")
    case = junit.TestCase(clean(claim or point.id), time=round(point.seconds, 6),
                          classname=f"{run.name}.{clean(suite)}")
    body = "\n".join(f"{key}: {value}" for key, value in point.details.items())
    if point.status == FAILED:
        kind = junit.Error if point.details.get("outcome") == "error" else junit.Failure
        seen = point.seen or point.directive or "failed"
        result = kind(clean(seen), clean(point.basis))
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
    found = [(key, point.details[key]) for key in ("basis", "clause", "expected", "seen")
             if key in point.details]
    if found:
        properties = junit.Properties()
        for name, value in found:
            properties.add_property(junit.Property(name, clean(value)))
        case.append(properties)


def write(path, runs):
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
    replace(path, report.write)
