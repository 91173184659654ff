# SPDX-License-Identifier: MIT
"""What the runner wants to know of a VMM: the interface that each backend implements.

A VMM is a folder of vmm/ with one subclass of Backend, which makes jobs, and one of Job. One
Job is one machine on one VMM; the session (session.py) boots it as often as it must, each time in
a new folder, and calls the methods of Job in this order: fill, serve, words, prepare, command, cwd, actor;
then, when the VMM has gone, read_disk.
"""
import abc
from dataclasses import dataclass

from ..daemons import Daemons
from ..hand import Nobody


@dataclass
class Vmm:
    """The program that is booted. Known deviations find it by its name and version."""
    path: str
    name: str
    version: tuple
    drivers: frozenset = None      # of its devices; None: nobody has asked

    def lacks(self, driver):
        return self.drivers is not None and driver not in self.drivers


class Backend(abc.ABC):
    """A VMM as such. vmm/__init__.py finds it by its folder's name."""

    @abc.abstractmethod
    def jobs(self, args, notes):
        """Returns the jobs that the command line asks for, in the order of the reports. `args` is
        what cli.py has parsed; args.program is the path that `--vmm` names, or None. `notes` takes
        a line for each machine that is left out. CannotRun says what is missing when nothing can
        run."""

    @abc.abstractmethod
    def identify(self, path):
        """Returns the Vmm at this path, or None when its name shows that it is another VMM; it
        is asked about the commands of `--exec`."""


class Job(abc.ABC):
    """One machine on one VMM.

    Attributes that the session, the checks and the reports read:

    name          the machine's name in reports
    accel         "tcg", "kvm" or "" where that says nothing
    vmm           the Vmm
    kernel        the image's path
    exit_meaning  {exit status: "passed", "failed", "nothing", "fault" or "not passed"}
    must_exit     True when the VMM must end with one of these
    declared      devices that the kernel must find, as "blk.0"; one that it does not report fails
    disks         {"blk.0": (bytes, is read-only)} of disks that the runner fills and judges
    shares        {"9p.0": folder's name} of folders that the runner fills and judges
    left_out      {device's name: why this VMM or host cannot have it}
    backends      {"fs.0": Vmm} of devices that a process of its own serves: which, and its version
    """

    name = ""
    accel = ""
    exit_meaning: dict
    must_exit = False
    declared = ()
    disks: dict = {}
    shares: dict = {}
    left_out: dict = {}
    backends: dict = {}

    def words(self, given):
        """Returns the kernel's words that this machine adds to those that the user gave: truths
        (know=), its choice of points, and `host` where an actor answers."""
        return []

    def is_empty(self):
        """Returns True when no device is left that could be tested."""
        return False

    def is_divisible(self):
        """Returns True when several VMs of the machine may run at once."""
        return False

    def apart(self):
        """Returns the same machine as a Job of its own, for one of several VMs at once."""
        raise NotImplementedError

    def fill(self, folder):  # noqa: B027  (a backend may have nothing to do)
        """Puts into the folder what devices have behind them: disk images, shares, pipes."""

    async def serve(self, folder, token):
        """Starts what serves devices of a filled folder; returns the Daemons that run."""
        return Daemons(token)

    def prepare(self, folder, words):  # noqa: B027
        """Makes what is booted from the folder, where that is not the kernel's own file."""

    @abc.abstractmethod
    def command(self, words):
        """Returns the VMM's command line, as a list, for a boot with these words."""

    @abc.abstractmethod
    def cwd(self, folder):
        """Returns the folder in which the command runs."""

    def actor(self, folder):
        """Returns who acts on the VMM of this boot when the guest asks (hand.py)."""
        return Nobody()

    def before_by_hand(self, folder, words):
        """Returns the commands that somebody who repeats this boot by hand must run first."""
        return []

    def read_disk(self, folder, key):
        """Returns the bytes of a disk of `disks`, when the VMM has gone."""
        raise NotImplementedError
