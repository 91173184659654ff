# SPDX-License-Identifier: MIT
"""The words that the runner's modules share: a point, a boot, a machine's run.

Data only. A point is one line of the guest's plan, or one of the runner's own checks,
whose suite is `runner/`. Nothing here decides anything: see verdict.py for that.
"""
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
WARNED, KNOWN = "warned", "known"


class CannotRun(Exception):
    """Something outside is missing: one line that says what to do, and exit status 2."""


@dataclass
class Point:
    """One verdict. `details` is the YAML block: clause, level, at, expected, seen ..."""
    number: int
    id: str
    ok: bool
    directive: str = ""
    details: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    seconds: float = 0.0
    status: str = ""
    deviation: object = None
    boot: tuple = (0, 0)         # which part of a divided plan, and which boot of it
    unfit: list = field(default_factory=list)    # entries of its id that do not fit

    @property
    def clause(self):
        return str(self.details.get("clause", ""))

    @property
    def basis(self):
        return str(self.details.get("basis", "")) or self.clause

    @property
    def outcome(self):
        return str(self.details.get("outcome", "failed"))

    @property
    def device(self):
        """The subject, as in `pci.blk.0`; of the runner's own points the machine."""
        return self.id.partition("@")[2].partition(":")[0]

    @property
    def seen(self):
        return str(self.details.get("seen", ""))


@dataclass
class Exit:
    """How a VMM ended. `cause` is exit, signal, hang, spin, slow, flood, lingers or backend."""
    cause: str
    code: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    silent_seconds: float = 0.0
    stderr: list = field(default_factory=list)


@dataclass
class Run:
    """One machine under one accelerator, from its first boot to its last."""
    name: str
    job: object
    points: list = field(default_factory=list)
    subjects: dict = field(default_factory=dict)
    clauses: set = field(default_factory=set)
    words: list = field(default_factory=list)      # of the first boot
    plan: int = 0
    seed: str = ""
    boot: str = ""                # protocol and clock, in the kernel's words
    boots: int = 0
    seconds: float = 0.0
    vmm_seconds: float = 0.0      # of the VMMs alone, without images and reports
    deaths: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    listing: list = field(default_factory=list)
    benches: list = field(default_factory=list)
    nothing_matched: bool = False

    def count(self, status):
        return sum(1 for point in self.points if point.status == status)
