# SPDX-License-Identifier: MIT
"""One machine from its first boot to its last: a dead VMM never hides the rest.

When the VMM dies, hangs, spins or drowns us, the test in flight is charged, and the
machine boots again behind it with the same seed. When it dies twice before any test, or
too often, the machine is given up. Every boot gets fresh images; they are judged when the
VMM has gone.
"""
import os
import re
import shutil
import time
from dataclasses import dataclass

from . import checks, images, shares, tap
from .hand import Hand
from .model import Exit, Run
from .process import Vmm, printable
from .report.places import Log

LINGER_SECONDS = 3
GATHER_SECONDS = 0.004        # output comes together for so long
STUCK_BOOTS = 3               # for one device that no longer resets
CPU_LOOK_SECONDS = 0.2        # while there is output, CPU time is looked at this seldom
OUTPUT_BYTES = 64 << 20
WATCH_SECONDS = 0.2           # how often backends are looked at
SPIN_SHARE = 0.1              # of the silent time on a CPU: it spins, less: it hangs


@dataclass
class Limits:
    """Seconds without a line, seconds for one test, and how many deaths are enough."""
    silence: float = 10.0
    test: float = 120.0
    deaths: int = 50
    output: int = OUTPUT_BYTES


@dataclass
class Boot:
    number: int
    tap: tap.TapReader
    exit: Exit
    part: int = 1

    @property
    def key(self):
        return self.part, self.number

    def fate(self, job):
        """complete, nothing (no device, no test, bad word), fault, stuck or died."""
        if self.exit.cause == "stuck":
            return "stuck"
        status = None
        if self.exit.cause == "exit":
            status = job.exit_meaning.get(self.exit.code)
        if status in ("nothing", "fault"):
            return status
        if status in ("passed", "failed") or self.tap.summary is not None:
            return "complete"
        if self.tap.bail is not None and self.exit.cause in ("exit", "lingers"):
            return "fault" if self.tap.ran_any else "nothing"
        return "died"


class Session:
    """`await Session(...).run()` gives the Run of the machine, or of one part of its plan:
    points not yet judged, and nothing said of what only the whole run can show."""

    def __init__(self, job, words, place, token, limits, progress, tap_folder=None,
                 part=(1, 1)):
        self.job, self.user_words, self.limits = job, words, limits
        self.part = [f"part={part[0]}/{part[1]}"] if part[1] > 1 else []
        self.part_number = part[0]
        self.label = job.name + (f".part{part[0]}" if self.part else "")
        self.place, self.token, self.progress = place, f"{token}.{self.label}", progress
        self.tap_folder = tap_folder
        self.run_ = Run(job.name, job)
        self.idle_deaths = 0
        self.stuck = {}              # device: ids of the points behind which it did not reset
        self.vmm_ended = 0
        self.served = None

    async def run(self):
        first = None if self.job.is_empty() else self._first_point()
        while first is not None:
            boot = await self._boot(first)
            first = self._after(boot, first)
        return self.run_

    def _first_point(self):
        starts = [word[5:] for word in self.user_words if re.match(r"from=\d+$", word)]
        return int(starts[-1]) if starts else 1

    def _words(self, first):
        words = self.user_words + self.job.words(self.user_words)
        if self.run_.seed and not any(word.startswith("seed=") for word in words):
            words = words + [f"seed={self.run_.seed}"]
        self.run_.words = self.run_.words or words
        return words + self.part + ([f"from={first}"] if first > 1 else [])

    async def _boot(self, first):
        self.run_.boots += 1
        number = self.run_.boots
        folder = os.path.join(self.place, f"{self.label}-{number}")
        os.mkdir(folder)
        self.job.fill(folder)
        reader = tap.TapReader(first)
        self.served = await self.job.serve(folder, f"{self.token}.{number}d.")
        try:
            words = self._words(first)
            self.job.prepare(folder, words)
            ended = await self._watch(reader, folder, words, number)
        finally:
            deaths = self.served.deaths(self.vmm_ended)
            await self.served.end()
        if ended.cause != "backend":
            checks.daemons_live(self.run_, self.served, deaths)
        boot = Boot(number, reader, ended, self.part_number)
        reader.finish(boot.fate(self.job) == "complete")
        self._judge_images(boot, folder)
        return boot

    async def _watch(self, reader, folder, words, number):
        vmm = await Vmm.start(self.job.command(words), self.job.cwd(folder),
                              f"{self.token}.{number}.")
        cause = "cancelled"
        hand = Hand(self.job.actor(folder), vmm.write) if "host" in words else None
        log = self._open_log(number)
        try:
            cause = await self._read(vmm, reader, log, hand)
        finally:
            if hand:
                await hand.close()
            ended = await vmm.end(cause)
            if cause == "backend":
                ended.stderr.append(self.served.first_death())
            self.vmm_ended = vmm.ended or 0
            if log:
                log.close()
        return ended

    def _open_log(self, number):
        if not self.tap_folder:
            return None
        name = self.label + (f".boot{number}" if number > 1 else "") + ".tap"
        return Log(os.path.join(self.tap_folder, name))

    async def _read(self, vmm, reader, log, hand):
        """Feeds the reader until the VMM ends (None) or must be ended (why)."""
        cpu, seen = 0.0, vmm.last_output       # CPU time used when output was (about) last seen
        while (lines := await vmm.next_lines(self._patience(vmm, reader))) is not None:
            is_asked = False
            for line in lines:
                if log:
                    log.write(line)
                is_asked |= self._feed(reader, line, hand)
                if self._is_stuck(reader):
                    return "stuck"
            if vmm.last_output - seen > CPU_LOOK_SECONDS:
                cpu, seen = vmm.cpu_seconds(), vmm.last_output
            elif lines:
                pass
            elif not vmm.gone.done() and (reader.summary or reader.bail is not None):
                return "lingers"
            why = self._why_end(vmm, reader, cpu)
            if why:
                return why
            if lines and not is_asked:
                await vmm.gather(GATHER_SECONDS)
        return None if await vmm.wait(self.limits.silence) else "lingers"

    def _is_stuck(self, reader):
        """Is the point over behind which a device can no longer be reset, with points to come,
        and is a boot to be had for that device?"""
        if not reader.stuck or not reader.is_between or reader.plan == reader.points[-1].number:
            return False
        return any(len(self.stuck.get(device, ())) < STUCK_BOOTS for device in reader.stuck)

    def _silence(self, vmm):
        """Firmware may take its time before the first line, and emulated KVM any time."""
        slow = 3 if self.job.accel == "kvm" else 1
        return self.limits.silence * slow * (1 if vmm.output_bytes else 2)

    def _patience(self, vmm, reader):
        """How long the next line may take."""
        now = time.monotonic()
        if reader.summary or reader.bail is not None:
            return LINGER_SECONDS
        left = vmm.last_output + self._silence(vmm) - now
        if reader.running:
            left = min(left, reader.running[2] + self.limits.test - now)
        return max(min(left, WATCH_SECONDS) if self.served.all else left, 0.01)

    def _why_end(self, vmm, reader, cpu):
        now = time.monotonic()
        silent = now - vmm.last_output
        if vmm.output_bytes > self.limits.output:
            return "flood"
        if vmm.gone.done():
            return None
        if self.served.first_death() and not reader.summary:
            return "backend"
        if reader.running and now - reader.running[2] >= self.limits.test:
            return "slow"
        if silent < self._silence(vmm):
            return None
        return "spin" if vmm.cpu_seconds() - cpu > SPIN_SHARE * silent else "hang"

    def _feed(self, reader, raw, hand):
        """One line; True when the guest waits for an answer to it."""
        line = printable(raw)
        before = reader.running
        if not raw.endswith(b"\n"):
            reader.junk.append(line)    # half a line, of a VMM that died, proves nothing
            return False
        reader.feed(line)
        if reader.running and reader.running is not before:
            self.progress.point(self.run_, *reader.running[:2], reader.plan)
        is_asked = bool(reader.host_requests)
        while reader.host_requests:
            number, text = reader.host_requests.pop(0)
            if hand:
                hand.ask(number, text)
        return is_asked

    def _judge_images(self, boot, folder):
        """After a death the read-only ones: a write in flight was never announced."""
        everything = boot.fate(self.job) == "complete"
        disks = {name: (size, readonly)
                 for name, (size, readonly) in self.job.disks.items()
                 if everything or readonly}
        writes = [write for write in boot.tap.writes
                  if everything or write[1] in disks or write[1] not in self.job.disks]
        if disks:
            checks.images_hold(self.run_, images.judge_disks(
                disks, lambda name: self.job.read_disk(folder, name), writes))
        if everything and self.job.shares:
            checks.shares_hold(self.run_, shares.judge(
                {key: os.path.join(folder, name) for key, name in self.job.shares.items()},
                boot.tap.files))
        shutil.rmtree(folder)

    def _after(self, boot, first):
        """Takes over what the boot showed; the point to go on from, or None."""
        run = self.run_
        checks.absorb(run, boot)
        checks.block_stuck(run, boot, {device: names[0] for device, names in self.stuck.items()
                                       if len(names) >= STUCK_BOOTS})
        fate = boot.fate(self.job)
        if fate == "complete":
            checks.exit_agrees(run, boot)
            return None
        if fate == "nothing":
            checks.nothing_ran(run, boot, self.user_words + self.part)
            return None
        if fate == "stuck":
            return self._after_stuck(boot)
        return self._after_death(boot, first)

    def _after_stuck(self, boot):
        """The same machine anew, behind the point; a device has a few such boots, and then what
        the kernel says of it is taken as it comes."""
        last = boot.tap.points[-1]
        for device, name in boot.tap.stuck.items():
            self.stuck.setdefault(device, []).append(name)
        return last.number + 1

    def _after_death(self, boot, first):
        run = self.run_
        text = checks.describe_death(boot)
        run.deaths.append(text)
        following = checks.charge(run, boot, text)
        self.progress.died(run, boot.tap.running, text)
        self.idle_deaths = 0 if boot.tap.ran_any else self.idle_deaths + 1
        if self.idle_deaths == 2:
            checks.give_up(run, f"died twice before any test: {text}", boot)
        elif len(run.deaths) >= self.limits.deaths:
            checks.give_up(run, f"died {len(run.deaths)} times, at last so: {text}", boot)
        elif following is None:
            return first
        elif run.plan and following > run.plan:
            return None
        else:
            return following
        return None
