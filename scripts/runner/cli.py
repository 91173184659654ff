# SPDX-License-Identifier: MIT
"""The command line of the runner, and the order in which things are done.

Exit status: 0 nothing unexpected, 1 an unexpected result, 2 could not run (one line on
stderr says what is missing and how to get it). The last line of stdout is always
`N passed, N failed, N skipped` when anything ran.
"""
import argparse
import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile

from . import arches, catalogue, drift, guard, known, live, machines, parts, report, verdict, vmm
from .arches import ROOT
from .model import FAILED, CannotRun
from .session import Limits

MACHINES = os.path.join(ROOT, "scripts", "machines")
LAST_RUN = os.path.join(ROOT, "build", "last-run")


DRIFT_LINES = 40


def positive(kind):
    """An argparse type: a number above 0."""
    def convert(text):
        value = kind(text)
        if not value > 0:
            raise ValueError
        return value
    convert.__name__ = f"positive {kind.__name__}"
    return convert


def seed_word(text):
    if not 0 <= int(text, 0) < 1 << 64:
        raise ValueError
    return text


seed_word.__name__ = "64-bit number"


def parser():
    p = argparse.ArgumentParser(
        prog="run-tests", allow_abbrev=False,
        description="Boot qvirtio on a matrix of machines and report which clauses of "
                    "the virtio specification each device keeps.")
    p.add_argument("--vmm", metavar="PATH", help="the QEMU (default: qemu-system-ARCH)")
    p.add_argument("--arch", choices=arches.NAMES, help="only machines of this architecture")
    p.add_argument("--machine", action="append", default=[], metavar="NAME",
                   help="only these machines (globs, commas; may be repeated)")
    p.add_argument("--accel", choices=("tcg", "kvm"), help="only this accelerator")
    p.add_argument("--only", action="append", default=[], metavar="GLOB",
                   help="only test points whose id fits")
    p.add_argument("--skip", action="append", default=[], metavar="GLOB",
                   help="no test points whose id fits")
    p.add_argument("--exec", metavar="COMMAND",
                   help="boot any VMM: '... {kernel} ... {append} ...', its stdout being "
                        "the guest's serial line")
    p.add_argument("--jobs", type=positive(int), default=os.cpu_count() or 1, metavar="N",
                   help="VMs at once (default: CPUs)")
    p.add_argument("--strict", action="store_true", help="a broken SHOULD is a failure")
    p.add_argument("--junit", metavar="FILE", help="write a JUnit report")
    p.add_argument("--json", metavar="FILE", help="write everything as JSON")
    p.add_argument("--tap", metavar="DIR", help="keep each boot's serial line")
    p.add_argument("--kernel", metavar="FILE",
                   help="the image to boot (default: build/ARCH/qvirtio.elf)")
    p.add_argument("--seed", type=seed_word, metavar="U64", help="the kernel's seed")
    p.add_argument("--append", default="", metavar="WORDS",
                   help="more words for the kernel")
    p.add_argument("--timeout", type=positive(float), default=10.0, metavar="SECONDS",
                   help="how long a serial line may be silent (default: 10)")
    p.add_argument("--known", default=os.path.join(ROOT, "tests", "known"), metavar="DIR",
                   help="known deviations (default: tests/known)")
    p.add_argument("--machines", default=MACHINES, metavar="DIR",
                   help="machine descriptions (default: scripts/machines)")
    p.add_argument("--list", action="store_true", help="print the points, run nothing")
    p.add_argument("--list-machines", action="store_true", help="print the machines")
    p.add_argument("--verbose", action="store_true", help="long lists in full")
    return p


def words_for_kernel(args):
    words = args.append.split()
    if args.only:
        words.append("only=" + ",".join(args.only))
    if args.skip:
        words.append("skip=" + ",".join(args.skip))
    if args.seed:
        words.append(f"seed={args.seed}")
    if args.list:
        words.append("list")
    return words


def make_jobs(args, notes):
    name = vmm.EXEC if args.exec is not None else args.backend
    return vmm.backend(name).jobs(args, notes)


def list_machines(args):
    for machine in machines.load(args.machines).values():
        firmware = machine.firmware or arches.firmware(machine.arch)
        default = "" if machine.default else "  (only by name)"
        print(f"{machine.name:<20} {machine.boot:<7} {firmware:<10} "
              f"{','.join(machine.accel):<8} {len(machine.devices)} devices{default}")
    return 0


def brevity(job):
    """Puts first what takes longest, so that no CPU idles at the end: machines that run all
    points of many devices."""
    machine = getattr(job, "machine", None)
    return machine and (bool(machine.only), bool(machine.skip), -len(machine.devices))


async def run_jobs(jobs, args, words, place, token, progress, deviations):
    """All machines, --jobs VMs at once; their runs in the order given, whatever ends first."""
    slots = asyncio.Semaphore(max(args.jobs, 1))
    limits = Limits(silence=args.timeout)

    divided = parts.count(args.jobs, len(jobs), words)

    async def one(job):
        run = await parts.run_machine(job, divided, words, slots, progress, place=place,
                                      token=token, limits=limits, tap_folder=args.tap)
        verdict.judge(run, args.strict, deviations)
        progress.finished(run)
        return run

    begun = {job: asyncio.ensure_future(one(job)) for job in sorted(jobs, key=brevity)}
    tasks = [begun[job] for job in jobs]
    loop = asyncio.get_running_loop()
    stopped = []

    def stop(number):
        stopped.append(number)
        for task in tasks:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return _collect(tasks, stopped)


def _collect(tasks, stopped):
    """The machines that ended, and the signal that stopped the others."""
    for task in tasks:
        if not task.cancelled() and task.exception():
            raise task.exception()
    runs = [task.result() for task in tasks if not task.cancelled()]
    return runs, stopped[0] if stopped else None


def repeat_options(args, run, point):
    """The arguments that a run of this point needs: a choice of points only if it is a check
    of the whole machine."""
    words = [word for word in args.append.split()
             if not (point.number and word.startswith(report.text.CHOICES))]
    given = ["--kernel", args.kernel] if args.kernel else []
    given += ["--append", " ".join(words)] if words else []
    given += ["--strict"] if args.strict else []
    if not point.number:
        given += [word for glob in args.only for word in ("--only", glob)]
        given += [word for glob in args.skip for word in ("--skip", glob)]
    if args.exec:
        return ["--exec", args.exec] + given
    given += ["--vmm", args.vmm] if args.vmm else []
    given += ["--machines", args.machines] if args.machines != MACHINES else []
    return ["--machine", run.job.machine.name, "--accel", run.job.accel] + given


def print_report(args, runs, words, deviations, clauses):
    def options(run, point):
        return repeat_options(args, run, point)

    repeater = report.text.Repeater(ROOT, words, options)
    for line in report.text.failures(runs, clauses, repeater):
        print(line)
    for line in report.text.summary(runs, deviations, args.verbose, clauses):
        print(line)


def print_drift(args, runs, skips):
    """What is skipped and was not before, or the other way round."""
    lines = []
    if drift.is_default_matrix(args) and {run.job.machine.arch for run in runs} == set(arches.NAMES):
        lines += drift.expected(runs, skips)
    if args.kernel is None:
        last = drift.LastRun(LAST_RUN, runs[0].job.vmm)
        lines += last.lines(runs)
        last.keep(runs)
    for line in lines if args.verbose else lines[:DRIFT_LINES]:
        print(line)
    if len(lines) > DRIFT_LINES and not args.verbose:
        print(f"and {len(lines) - DRIFT_LINES} more points are skipped otherwise than expected (--verbose lists all)")


def write_reports(args, jobs, runs):
    """Each by itself: one that cannot be written costs neither another nor the verdict."""
    for path, write in ((args.junit, lambda: report.junit.write(args.junit, runs)),
                        (args.json, lambda: report.as_json.write(args.json, runs, jobs[0].vmm))):
        try:
            if path:
                write()
        except CannotRun as error:
            print(f"run-tests: {error}", file=sys.stderr)
        except Exception as error:      # of a library: a whole run must not be lost for it
            print(f"run-tests: {path} cannot be written: {type(error).__name__}: {error}", file=sys.stderr)


def finish(args, jobs, runs, stopped, words, listed, clauses):
    if args.list:
        for run in runs:
            print(f"{run.name}:")
            for number, name in run.listing:
                print(f"  {number} {name}")
    print_report(args, runs, words, listed.deviations, clauses)
    if runs and not args.list and not stopped:
        print_drift(args, runs, listed.skips)
    write_reports(args, jobs, runs)
    if runs and not args.list and args.kernel is None:
        report.as_json.keep_last_run(LAST_RUN, runs)
    if runs and all(run.nothing_matched for run in runs):
        raise CannotRun("no test point matches on any machine: --list shows them all")
    if stopped:
        print(f"stopped by {signal.Signals(stopped).name}: not every machine has ended")
    print(verdict.Tally(runs).last_line(), flush=True)
    if stopped:
        return 128 + stopped
    return 1 if any(run.count(FAILED) for run in runs) else 0


def run(args):
    notes = []
    args.backend, args.program = vmm.asked_for(args.vmm)
    words = words_for_kernel(args)
    listed, clauses = known.load(args.known), catalogue.load()
    deviations = listed.deviations
    jobs = make_jobs(args, notes)
    if args.junit:
        report.junit.need_junit()
    report.need_places(args.tap, [args.junit, args.json])
    for note in notes:
        print(note, flush=True)
    token = f"{os.getpid()}-{secrets.token_hex(8)}"
    place = tempfile.mkdtemp(prefix="qvirtio-")
    watcher = guard.Guard(token, place)
    guard.become_subreaper()
    try:
        with live.choose(len(jobs), deviations) as progress:
            runs, stopped = asyncio.run(
                run_jobs(jobs, args, words, place, token, progress, deviations))
    finally:
        shutil.rmtree(place, ignore_errors=True)
        watcher.release()
    return finish(args, jobs, runs, stopped, words, listed, clauses)


def main(argv):
    args = parser().parse_args(argv)
    try:
        return list_machines(args) if args.list_machines else run(args)
    except CannotRun as error:
        print(f"run-tests: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("run-tests: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 2
