# SPDX-License-Identifier: MIT
"""Scenarios of the fake VMM: points that others block, devices that no longer reset."""
import os
import signal
import time

from fake_guest import IDS, Fails, Guest, say


class Blocks(Fails):
    """The second point fails; the third and the fourth are blocked by it, or by `see=`."""
    def point(self, number, name):
        see = next((word[4:] for word in self.words if word.startswith("see=")), IDS[1])
        if number == 2:
            self.fails(number, name)
        elif number in (3, 4):
            self.counts[3] += 1
            say(f"ok {number} - {name} # SKIP blocked: the ping is not answered, see {see}")
        else:
            self.passes(number, name)


class BlocksBehindNothing(Blocks):
    """The point that blocks has passed."""
    status = 33

    def fails(self, number, name, more=""):
        self.passes(number, name)


class BlocksInTheNextBoot(Guest):
    """Dies in the second point; in the next boot the device does not even answer a ping."""
    def point(self, number, name):
        if number == 2:
            os.kill(os.getpid(), signal.SIGABRT)
        elif number in (3, 5):
            self.counts[1] += 1
            self.status = 35
            say(f"not ok {number} - {name}\n  ---\n  outcome: timeout\n  basis: precondition")
            say('  seen: "no answer"\n  ...')
        elif number == 4:
            self.counts[3] += 1
            say(f"ok {number} - {name} # SKIP blocked: no answer, see {IDS[2]}")
        else:
            self.passes(number, name)


class Stuck(Guest):
    """Behind the second point the disk can no longer be reset, in this boot."""
    def point(self, number, name):
        if number == 2:
            self.sticks(number, name)
        else:
            self.passes(number, name)

    def sticks(self, number, name):
        self.status = 35
        self.counts[1] += 1
        say("# stuck pci.blk.0")
        say(f"not ok {number} - {name}\n  ---\n  outcome: timeout\n  basis: safety")
        time.sleep(0.05)
        say('  seen: "the reset does not end"\n  ...')
        time.sleep(0.3)
        self.is_stuck = True


class StuckOften(Stuck):
    """Behind each point."""
    def point(self, number, name):
        if getattr(self, "is_stuck", False):
            self.counts[3] += 1
            say(f"ok {number} - {name} # SKIP blocked: cannot be reset, see {self.stuck_at}")
        else:
            self.stuck_at = name
            self.sticks(number, name)

    def run(self):
        IDS[:] = [name.replace("rng.0", "blk.0").replace("net.0", "blk.0") for name in IDS]
        super().run()


class StuckAtLast(Stuck):
    def point(self, number, name):
        if number == len(IDS):
            self.sticks(number, name)
        else:
            self.passes(number, name)
