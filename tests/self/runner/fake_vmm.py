#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A VMM that is none: speaks the guest's TAP on stdout, and misbehaves as told.

    fake_vmm.py SCENARIO WORDS

Most scenarios do something at point 3 (or at the one given by `at=N`); fake_guest.py has
the honest guest, fake_blocked.py the scenarios about points that others block.
"""
import os
import signal
import subprocess
import sys
import time

import fake_blocked
from fake_guest import IDS, Fails, Guest, say


def carriers(token):
    """The processes whose environment holds the runner's token of an earlier boot."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", encoding="latin-1") as environ:
                if f"QVIRTIO_RUNNER={token}" in environ.read().split("\0"):
                    found.append(pid)
        except OSError:
            pass
    return found


class Passes(Guest):
    pass


class Warns(Guest):
    def spoil(self, number, name):
        self.fails(number, name, " # TODO SHOULD dev:5.2.6.2-3a")


class Skips(Guest):
    def spoil(self, number, name):
        self.counts[3] += 1
        say(f"ok {number} - {name} # SKIP VIRTIO_BLK_F_FLUSH not offered")


class Aborts(Guest):
    def spoil(self, number, name):
        sys.stderr.write("fake_vmm: hw/fake.c:12: fake_kick: Assertion `head < 4' failed.\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGABRT)


class Segfaults(Guest):
    def spoil(self, number, name):
        os.kill(os.getpid(), signal.SIGSEGV)


class AssertsByGlib(Aborts):
    """g_assert() speaks TAP on stdout."""

    def spoil(self, number, name):
        say("Bail out! ERROR:hw/fake.c:12:fake_kick: assertion failed: (head < 4)")
        super().spoil(number, name)


class AbortsTwice(Aborts):
    def point(self, number, name):
        if number in (2, 5):
            self.spoil(number, name)
        else:
            self.passes(number, name)


class AbortsAlways(Aborts):
    def point(self, number, name):
        self.spoil(number, name)


class AbortsAtLast(Aborts):
    def point(self, number, name):
        self.spoil(number, name) if number == len(IDS) else self.passes(number, name)


class AbortsBetween(Aborts):
    """Dies after a result and before the next test begins."""
    def spoil(self, number, name):
        self.passes(number, name)
        super().spoil(number, name)


class AbortsAfterSummary(Aborts):
    spoil = Guest.spoil

    def summary(self):
        super().summary()
        Aborts.spoil(self, 0, "")


class Resets(Guest):
    """The guest triple-faults: QEMU exits with 0 in the middle."""
    def spoil(self, number, name):
        sys.exit(0)


class Hangs(Guest):
    def spoil(self, number, name):
        time.sleep(600)


class Spins(Guest):
    def spoil(self, number, name):
        while True:
            pass


class NeverEnds(Guest):
    """Talks for ever inside one test."""
    def spoil(self, number, name):
        while True:
            say("# still here")
            time.sleep(0.05)


class Stubborn(Hangs):
    def before(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


class Garbage(Guest):
    def spoil(self, number, name):
        sys.stdout.flush()
        os.write(1, bytes(range(256)) * 8 + b"\n\0\0\0\n" + b"\xff\xfe\n")
        os.write(1, b"x" * 300000 + b"\n")
        self.passes(number, name)


class Floods(Guest):
    def spoil(self, number, name):
        while True:
            os.write(1, b"#" * 65536)


class HalfLine(Aborts):
    def spoil(self, number, name):
        os.write(1, f"ok {number} - {name[:7]}".encode())
        super().spoil(number, name)


class WrongPlan(Guest):
    plan = len(IDS) + 2


class PlanGrows(Aborts):
    """Another plan after booting again."""
    def before(self):
        self.plan = len(IDS) + (self.first > 1)


class NoPlan(Guest):
    def run(self):
        say("TAP version 13")
        say("ok 1 - a/b@pci.blk.0")
        self.end()


class TwoPlans(Guest):
    def spoil(self, number, name):
        say("1..7")
        self.passes(number, name)


class Duplicate(Guest):
    def spoil(self, number, name):
        self.passes(number, name)
        say(f"ok {number} - {name}")


class Missing(Guest):
    def spoil(self, number, name):
        pass


class OtherId(Guest):
    def spoil(self, number, name):
        self.passes(number, "blk/something-else@pci.blk.0")


class OtherNumber(Guest):
    def spoil(self, number, name):
        self.passes(number + 1, name)


class OpenBlock(Fails):
    def spoil(self, number, name):
        self.counts[1] += 1
        say(f"not ok {number} - {name}\n  ---\n  outcome: failed")


class BadSummary(Guest):
    def summary(self):
        say("# qvirtio: 60 passed, 0 failed, 0 warned, 0 skipped")


class NoSummary(Guest):
    def summary(self):
        pass


class WrongStatus(Guest):
    status = 35


class LyingStatus(Fails):
    status = 33


class Stops(Guest):
    """As QEMU does when the only CPU of an s390x stops."""
    status = 0


class LyingStop(Fails):
    status = 0


class LyingWait(Guest):
    """As QEMU does when it waits for nothing, -action panic=exit-failure."""
    status = 1


class OddStatus(Guest):
    status = 77


class Faults(Guest):
    """The kernel itself faults: exit 39."""
    def spoil(self, number, name):
        say("# page fault at 0x0\nBail out! page fault in blk_read")
        sys.exit(39)


class FaultsEarly(Guest):
    """The kernel faults before its first line of TAP."""
    def before(self):
        say("# page fault\n#   called from enter_64\nBail out! page fault at 0x1043ae")
        sys.exit(39)


class NothingMatches(Guest):
    def run(self):
        say("TAP version 13")
        self.devices()
        say("1..0\nBail out! no test matches")
        sys.exit(37)


class BadWord(Guest):
    def run(self):
        say("TAP version 13\nBail out! unknown word frob=1")
        sys.exit(37)


class Dead(Guest):
    def before(self):
        sys.stderr.write("fake_vmm: cannot set up guest memory\n")
        sys.exit(1)


class Lingers(Guest):
    """Says everything and stays."""
    def end(self):
        self.summary()
        time.sleep(600)


class Orphan(Guest):
    """Leaves a process in a session of its own that holds stdout and ignores SIGTERM."""
    def before(self):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(600)
            os._exit(0)
        os.wait()


class OrphanAborts(Aborts):
    """Dies and leaves an orphan, which the second boot must not find."""
    def before(self):
        witness = os.environ["QVIRTIO_TEST_WITNESS"]
        if self.first == 1:
            Orphan.before(self)
            with open(witness, "w", encoding="ascii") as file:
                file.write(os.environ["QVIRTIO_RUNNER"])
        else:
            with open(witness, encoding="ascii") as file:
                self.orphans = carriers(file.read())

    def passes(self, number, name):
        if self.first > 1 and self.orphans:
            self.fails(number, name)
        else:
            super().passes(number, name)


class Wrapped(Guest):
    """A wrapper whose child is the VMM, as in `--exec ./my-script.sh`."""
    def before(self):
        subprocess.Popen(["sleep", "600"]).wait()


class AsksHost(Guest):
    """Asks the host for something, and reports its answer as a note."""
    def spoil(self, number, name):
        say("# host 7 resize blk.0 65536")
        answer = sys.stdin.readline().strip()
        say(f"not ok {number} - {name}\n  ---\n  seen: \"{answer}\"\n  ...")
        self.counts[1] += 1
        self.status = 35


class AsksHostOften(Guest):
    """Fifty requests in one go; shows the numbers of the answers."""
    def spoil(self, number, name):
        for request in range(1, 51):
            say(f"# host {request} link net.0 off")
        seen = " ".join(sys.stdin.readline().split()[1] for _ in range(50))
        say(f"not ok {number} - {name}\n  ---\n  seen: \"{seen}\"\n  ...")
        self.counts[1] += 1
        self.status = 35


class FloodsHost(Guest):
    """More answers than a pipe holds, and nobody who reads them."""
    def spoil(self, number, name):
        for request in range(5000):
            say(f"# host {request} link net.0 off")
        self.passes(number, name)


class FailsOddly(Fails):
    """What was seen is no text at all."""
    def spoil(self, number, name):
        self.counts[1] += 1
        say(f'not ok {number} - {name}\n  ---\n  seen: "\\x01\\x02 <&>"\n  ...')


class FailsSome(Fails):
    """The same clause broken on two rings, one claim fine."""
    def point(self, number, name):
        if number in (3, 4):
            self.fails(number, name)
        else:
            self.passes(number, name)


class FailsAlike(Fails):
    """One claim on two disks."""
    def run(self):
        IDS[3] = IDS[2].replace("blk.0", "blk.1")
        super().run()

    def point(self, number, name):
        if number in (3, 4):
            self.fails(number, name)
        else:
            self.passes(number, name)


SCENARIOS = {
    "".join("-" + c.lower() if c.isupper() else c for c in cls.__name__)[1:]: cls
    for cls in [*globals().values(), *vars(fake_blocked).values()]
    if isinstance(cls, type) and issubclass(cls, Guest) and cls is not Guest
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](sys.argv[2].split() if len(sys.argv) > 2 else []).run()
