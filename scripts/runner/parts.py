# SPDX-License-Identifier: MIT
"""One machine's plan, divided over several VMs at once where CPUs would idle.

The kernel's word part=K/N runs each Nth point. Points keep the numbers that they have in
the whole plan, so nothing else can tell a divided machine from one that was not.
"""
import asyncio
import time

from . import checks
from .model import Run
from .session import Session

MOST = 8
WHOLE = ("only=", "skip=", "from=", "part=", "list", "bench", "stop")


def count(jobs, machines, words):
    """How many parts of a machine: a choice of points is not worth several boots."""
    if any(word.startswith(WHOLE) for word in words):
        return 1
    return min(max(jobs // max(machines, 1), 1), MOST)


async def run_machine(job, parts, words, slots, progress, **how):
    """The machine's Run, its points not yet judged. `slots`: one for each VM."""
    began = []
    parts = parts if job.is_divisible() else 1
    jobs = [job.apart() for _ in range(parts)] if parts > 1 else [job]

    async def one(number):
        async with slots:
            if not began:
                progress.started(job.name)
            began.append(time.monotonic())
            return await Session(jobs[number], words, part=(number + 1, parts),
                                 progress=progress, **how).run()

    runs = await asyncio.gather(*(one(number) for number in range(parts)))
    for part in jobs:
        for name in part.left_out.keys() - job.left_out.keys():
            job.leave_out(name, part.left_out[name])
    whole = merged(job, runs)
    checks.whole_run(whole, words)
    whole.seconds = time.monotonic() - began[0]
    return whole


def differences(runs):
    """Why these are not the parts of one plan, which would hide the points of some: they see
    the same devices, and their lengths follow from their sum."""
    total = sum(run.plan for run in runs)
    lengths = [(total + len(runs) - part) // len(runs) for part in range(1, len(runs) + 1)]
    lost = [set(run.job.left_out) for run in runs]
    problems = [f"a part of the plan ran without {name}"
                for name in sorted(set.union(*lost) - set.intersection(*lost))]
    if not problems and len({frozenset(run.subjects) for run in runs if run.subjects}) > 1:
        problems.append("the parts of the plan do not report the same devices")
    if all(run.plan or run.nothing_matched for run in runs) and \
            [run.plan for run in runs] != lengths:
        problems.append(f"the parts of the plan have {[run.plan for run in runs]} points, "
                        f"not {lengths}")
    return problems


def merged(job, runs):
    """What the parts have seen, as one run."""
    whole = Run(job.name, job)
    for part, run in enumerate(runs, 1):
        for point in run.points:
            if point.number:
                point.number = (point.number - 1) * len(runs) + part
                whole.points.append(point)
            else:
                checks.add_again(whole, point)
        whole.subjects.update(run.subjects)
        whole.clauses |= run.clauses
        whole.words, whole.seed = whole.words or run.words, whole.seed or run.seed
        whole.boot = whole.boot or run.boot
        whole.plan += run.plan
        whole.boots += run.boots
        whole.vmm_seconds += run.vmm_seconds
        whole.deaths += run.deaths
        whole.notes += [note for note in run.notes if note not in whole.notes]
        whole.listing += run.listing
        whole.benches += run.benches
    whole.points.sort(key=lambda point: point.number)
    whole.nothing_matched = all(run.nothing_matched for run in runs)
    if len(runs) > 1:
        judge_whole(whole, runs)
    return whole


def judge_whole(whole, runs):
    """A part may be empty where points are few; all of them only where nothing was found."""
    problems = differences(runs)
    if problems:
        checks.add(whole, checks.DEVICES, problems, "parts of one plan")
    if whole.nothing_matched:
        whole.nothing_matched = False
        checks.add(whole, checks.RUNS, ["no test matches"], "a test for some device")
