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
    """How many parts of each machine: a choice of points is not worth several boots."""
    if any(word.startswith(WHOLE) for word in words):
        return 1
    return min(max(jobs // max(machines, 1), 1), MOST)


async def run_machine(job, parts, words, slots, progress, **how):
    """The machine's Run, its points not yet judged. `slots`: one for each VM."""
    began = []

    async def one(part):
        async with slots:
            if not began:
                progress.started(job.name)
            began.append(time.monotonic())
            return await Session(job, words, part=part, progress=progress, **how).run()

    names = [(number, parts) for number in range(1, parts + 1)]
    runs = await asyncio.gather(*(one(part) for part in names))
    whole = merged(job, runs)
    checks.whole_run(whole, words)
    whole.seconds = time.monotonic() - began[0]
    return whole


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
    return whole
