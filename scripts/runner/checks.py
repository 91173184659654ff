# SPDX-License-Identifier: MIT
"""What the runner itself asserts about a machine, as points of the suite `runner/`.

Each can fail: the serial line is well-formed, the exit status agrees with it, declared
devices are reported, images hold what was written, the VMM lives. Statuses and known
deviations are put on by verdict.py later.
"""
import signal

from .model import Point

WELL_FORMED = "runner/serial-line-is-well-formed"
EXIT_AGREES = "runner/exit-status-agrees-with-the-results"
DEVICES = "runner/declared-devices-are-reported"
SHARES = "runner/shared-folder-holds-what-the-guest-wrote"
DAEMONS = "runner/backends-outlive-the-vmm"
SERVED = "runner/devices-have-what-they-need"
IMAGES = "runner/image-holds-what-the-guest-wrote"
ALIVE = "runner/vmm-stays-alive-between-tests"
GOES_ON = "runner/vmm-lives-long-enough-to-test"
RUNS = "runner/kernel-finds-something-to-run"

SAFETY, PRECONDITION = "safety", "precondition"
BASIS = dict.fromkeys((SHARES, DAEMONS, IMAGES, ALIVE, GOES_ON), SAFETY)


def add(run, claim, problems, expected, **more):
    """One point of ours; several calls with one claim become one point."""
    name = f"{claim}@{run.name}"
    point = next((p for p in run.points if p.id == name), None)
    if point is None:
        point = Point(0, name, True)
        run.points.append(point)
    if problems:
        seen = point.details.get("all_seen", []) + list(problems)
        point.ok = False
        point.details = {"outcome": "failed", "basis": BASIS.get(claim, PRECONDITION),
                         "expected": expected, "seen": seen[0], "all_seen": seen, **more}


def add_again(run, point):
    """The point that `add` made for a part of this run."""
    more = dict(point.details)
    expected = more.pop("expected", "")
    for key in ("outcome", "basis", "seen"):
        more.pop(key, None)
    add(run, point.id.partition("@")[0], more.pop("all_seen", ()), expected, **more)


def absorb(run, boot):
    """The boot's points, subjects and clauses become the run's."""
    reader = boot.tap
    if run.plan and reader.plan and reader.plan != run.plan:
        reader.problems.append(f"the plan was 1..{run.plan} and is 1..{reader.plan} "
                               f"after booting again")
    if run.seed and reader.seed and reader.seed != run.seed:
        reader.problems.append(f"the seed was {run.seed} and is {reader.seed} after "
                               f"booting again")
    run.vmm_seconds += boot.exit.wall_seconds
    run.plan = run.plan or reader.plan or 0
    run.seed = run.seed or reader.seed
    run.boot = run.boot or reader.boot
    for point in reader.points:
        point.boot = boot.key
    run.points += reader.points
    run.subjects.update(reader.subjects)
    run.clauses |= reader.clauses
    run.listing += reader.listing
    run.benches += reader.benches
    run.notes += reader.notes
    if reader.junk:
        run.notes.append(f"{len(reader.junk)} lines were neither TAP nor ours, the "
                         f"first: {reader.junk[0][:120]}")
    add(run, WELL_FORMED, reader.problems,
        "TAP 13 with a plan, and each point run and answered once")


def whole_run(run, words):
    """What only the whole run can show: which devices it had, and which it did without."""
    for name, why in run.job.left_out.items():
        run.points.append(Point(0, f"{SERVED}@{run.name}.{name}", True, f"SKIP {why}"))
    if run.subjects or run.plan:
        missing = [subject for subject in run.job.declared if subject not in run.subjects]
        if run.job.declared:
            add(run, DEVICES, [f"{subject} is not reported" for subject in missing],
                f"all of {', '.join(run.job.declared)}")
    if "list" in words:
        run.points = [point for point in run.points if not point.ok]


def shares_hold(run, problems):
    add(run, SHARES, problems, "each announced file as announced, every other as it was")


def daemons_live(run, served, deaths):
    if served.all:
        add(run, DAEMONS, deaths, "processes that serve devices as long as the VMM runs")


def images_hold(run, problems):
    add(run, IMAGES, problems,
        "each announced sector as announced, every other as it was")


def exit_agrees(run, boot):
    """Passed without a failure, failed with one; tap.py checks the summary's counts."""
    failed = [p for p in boot.tap.points
              if not p.ok and not p.directive.startswith("TODO")]
    problems, ended = [], boot.exit
    if ended.cause == "lingers":
        if run.job.must_exit:
            problems.append("the VMM was still there seconds after the last line")
    elif ended.cause != "exit":
        problems.append(f"{describe_exit(ended)} after the last line")
    elif (meaning := run.job.exit_meaning.get(ended.code)) is None:
        if run.job.must_exit:
            problems.append(f"status {ended.code}, which the kernel does not give")
    elif meaning == "passed" and failed:
        problems.append(f"status {ended.code} (all passed), and {len(failed)} points "
                        f"failed")
    elif meaning != "passed" and not failed:
        problems.append(f"status {ended.code} ({meaning}), and no point failed")
    add(run, EXIT_AGREES, problems, "a status that says whether a point failed")


def nothing_ran(run, boot, words):
    """No device, no matching test or a bad word: fine only if --only or --skip did it, or a
    part of a plan that has fewer points than parts (parts.py)."""
    reason = boot.tap.bail or "no reason given"
    chosen = any(word.startswith(("only=", "skip=", "from=", "part="))
                 for word in words)
    run.nothing_matched = chosen and bool(boot.tap.subjects) and "match" in reason
    if not run.nothing_matched and not run.job.is_empty():
        add(run, RUNS, [f"Bail out! {reason}"],
            "a virtio device, a test and words it knows", stderr=boot.exit.stderr)


def block_stuck(run, boot, given_up):
    """`given_up`: {device: the first point behind which it did not reset}. Where a device has
    had its boots, that it gets stuck once more is nothing new."""
    for point in boot.tap.points:
        first = given_up.get(point.device)
        if first and boot.tap.stuck.get(point.device) == point.id and point.basis == SAFETY:
            point.directive = f"SKIP blocked: {point.seen}, see {first}"


def describe_exit(ended):
    if ended.cause == "signal":
        try:
            return f"the VMM was killed by {signal.Signals(ended.code).name}"
        except ValueError:
            return f"the VMM was killed by signal {ended.code}"
    return {
        "exit": f"the VMM exited with status {ended.code}",
        "hang": f"the VMM hangs: no output for {ended.silent_seconds:.1f} s, idle",
        "spin": f"the VMM spins: no output for {ended.silent_seconds:.1f} s, and busy",
        "slow": "the test had no end",
        "flood": "the VMM floods its output",
        "backend": "a process that serves a device ended",
        "lingers": "the VMM closed its output and did not exit",
    }.get(ended.cause, ended.cause)


def is_fault(boot):
    """Did the kernel give up? GLib says "Bail out!" too, for a VMM that it then aborts."""
    return boot.tap.bail is not None and boot.exit.cause != "signal"


def describe_death(boot):
    ended = boot.exit
    if is_fault(boot):
        return f"the kernel itself faulted: {boot.tap.bail}"
    text = f"{describe_exit(ended)}, after {ended.wall_seconds:.1f} s " \
           f"and {ended.cpu_seconds:.1f} s of CPU time"
    return f"{text}; it said: {ended.stderr[-1]}" if ended.stderr else text


OUTCOMES = {"exit": "died", "signal": "died", "hang": "hung", "spin": "spun",
            "slow": "hung", "flood": "flooded", "backend": "died", "lingers": "hung"}


def charge(run, boot, text):
    """The test in flight fails. Returns the number to go on from, None for the same."""
    details = {"outcome": "error" if is_fault(boot)
               else OUTCOMES.get(boot.exit.cause, "died"),
               "basis": PRECONDITION if is_fault(boot) else SAFETY,
               "expected": "the VMM lives, and the test ends", "seen": text,
               "stderr": boot.exit.stderr}
    if boot.tap.running:
        number, name, since = boot.tap.running
        run.points.append(Point(number, name, False, details=details, boot=boot.key,
                                notes=boot.tap.pending,
                                seconds=boot.tap.clock() - since))
        return number + 1
    if boot.tap.points and boot.exit.cause == "backend" and not boot.tap.points[-1].ok:
        last = boot.tap.points[-1]      # it has failed of that death, which was seen late
        last.details, last.directive = details, ""
        return last.number + 1
    if boot.tap.points:
        add(run, ALIVE, [f"{text}; the last result was that of {boot.tap.points[-1].id}"],
            "the VMM lives", stderr=boot.exit.stderr)
        return boot.tap.points[-1].number + 1
    return None


def give_up(run, reason, boot):
    add(run, GOES_ON, [reason], "a VMM that boots and runs tests",
        said=[*boot.tap.preamble, *boot.tap.notes][-12:])
