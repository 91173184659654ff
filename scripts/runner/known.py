# SPDX-License-Identifier: MIT
"""Known deviations of VMMs: tests/known/*.toml, never the C code.

    [[deviation]]
    id = "ring/some-claim@pci.blk.*"       # glob over point ids, or a list of globs
    vmm = "qemu"                           # or backend = "virtiofsd"
    versions = ">=7.2,<9.0"                # of the VMM or of the backend; "*" for all
    clause = "dev:2.7.7.2-4"               # or basis = "SPC-4 6.6.*", a glob
    outcome = "failed"                     # timeout, error, died, hung, spun, flooded, blocked
    seen = "virtqueue_* (1)"               # glob over what the point has seen
    evidence = "bug link, or file and function of the VMM's source"
    what = "what happens instead"          # optional, for people
    machines = "q35-*"                     # optional glob over machine names; "!GLOB": all others
    race = true                            # optional: it does not show in every run

`basis`, `outcome` and `seen` may be lists, of which one must fit. Where one cause shows in
several ways, its evidence stands once: what differs is in [[deviation.cases]] behind it,
each with an id and any other key but the evidence.

A failure is explained when basis, outcome and seen fit, and not otherwise: a death is no
failure that a test saw, and the other way round. An entry with a key missing, empty or
unknown, or with a glob that fits anything, is refused.

    [[skip]]                               # points that cannot run there, and why
    id = "gpu/blob-*@*"                    # glob over point ids, or a list of globs
    reason = "VIRTIO_GPU_F_* not offered"  # glob over the text of the SKIP, or a list
    machines = "*"                         # as above
    vmm = "qemu"                           # optional, with versions
"""
import fnmatch
import glob
import os
import re
import tomllib
from dataclasses import dataclass, field

from .model import CannotRun

KEYS = {"id", "versions", "outcome", "seen", "evidence"}
ONE_OF = (("vmm", "backend"), ("clause", "basis"))
OPTIONAL = {"machines", "race", "what"}
SKIP_KEYS = {"id", "reason"}
SKIP_OPTIONAL = {"machines", "vmm", "versions"}
OUTCOMES = {"failed", "timeout", "error", "died", "hung", "spun", "flooded", "blocked"}
LEGACY = "virtio 0.9.5 ({})"
COMPARE = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "==": lambda a, b: a == b,
    ">": lambda a, b: a > b, "<": lambda a, b: a < b,
}


def parse_versions(text):
    """[(operator, numbers)]; ValueError names the part that cannot be read."""
    if text.strip() == "*":
        return []
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"(>=|<=|==|>|<)(\d+(?:\.\d+)*)", part.strip())
        if not match:
            raise ValueError(f"versions: {part.strip()!r} is not like '>=7.2'")
        ranges.append((match[1], tuple(map(int, match[2].split(".")))))
    return ranges


def in_range(ranges, version):
    """A version that nobody knows fits only `*`."""
    return all(version and COMPARE[op](version[:max(len(numbers), 1)], numbers)
               for op, numbers in ranges)


def as_list(value):
    return value if isinstance(value, list) else [value]


def fits_one(text, globs):
    return any(fnmatch.fnmatchcase(text, one) for one in as_list(globs))


def concerns(entry, name, machine):
    """Is the entry about the point of that name on that machine?"""
    is_not = entry.machines.startswith("!")
    return fnmatch.fnmatchcase(name, entry.id) and is_not != \
        fnmatch.fnmatchcase(machine, entry.machines[is_not:])


@dataclass
class Deviation:
    """One entry. `hits` counts the failures it explained, on the machines in `shown`."""
    id: str
    versions: str
    outcome: list
    seen: list
    evidence: str
    vmm: str = ""
    backend: str = ""
    clause: str = ""
    basis: list = ()
    what: str = ""
    machines: str = "*"
    race: bool = False
    file: str = ""
    hits: int = 0
    shown: set = field(default_factory=set)
    ran: dict = field(default_factory=dict)     # machine: points where it did not show

    def __post_init__(self):
        self.ranges = parse_versions(self.versions)

    def covers(self, job):
        """Is it about this job's VMM, or about a backend of it, in one of the versions?"""
        if self.backend:
            return any(self._is_backend(one) for one in job.backends.values())
        return job.vmm.name == self.vmm and in_range(self.ranges, job.vmm.version)

    def _is_backend(self, one):
        return one.name == self.backend and in_range(self.ranges, one.version)

    def concerns(self, name, run):
        """Is it about the point of that name there? What is said of a backend concerns the
        devices that it serves, and the runner's own points."""
        if not concerns(self, name, run.name):
            return False
        if not self.backend or name.startswith("runner/"):
            return True
        key = name.partition("@")[2].partition(":")[0].partition(".")[2]
        return key in run.job.backends and self._is_backend(run.job.backends[key])

    def misfits(self, point):
        """Which of outcome, basis and seen are not those of the point."""
        fits = {"outcome": point.outcome in as_list(self.outcome),
                "basis": self._is_basis(point), "seen": fits_one(point.seen, self.seen)}
        return [key for key, does in fits.items() if not does]

    def _is_basis(self, point):
        if self.clause:
            return point.basis in (self.clause, LEGACY.format(self.clause))
        return fits_one(point.basis, self.basis)

    def why_not(self, point):
        """One line about a failed point that the id fits and something else does not."""
        wanted = {"outcome": self.outcome, "seen": self.seen,
                  "basis": self.clause or self.basis}
        is_in = {"outcome": point.outcome, "seen": point.seen, "basis": point.basis}
        parts = [f"{key} is {is_in[key]!r}, and the entry has "
                 + " or ".join(repr(one) for one in as_list(wanted[key]))
                 for key in self.misfits(point)]
        return f"{self.file} has an entry for this id that does not fit: {'; '.join(parts)}"


@dataclass
class Skip:
    """Points that are expected to be skipped. `used` says that one was."""
    id: str
    reason: list
    machines: str = "*"
    vmm: str = ""
    versions: str = "*"
    file: str = ""

    def __post_init__(self):
        self.ranges = parse_versions(self.versions)

    def covers(self, job):
        return self.vmm in ("", job.vmm.name) and in_range(self.ranges, job.vmm.version)

    def concerns(self, name, run):
        return concerns(self, name, run.name)

    def fits(self, reason):
        return fits_one(reason, self.reason)


@dataclass
class Known:
    """What the folder says."""
    deviations: list = field(default_factory=list)
    skips: list = field(default_factory=list)


def expand(entry, path):
    """One table for each id of an entry and of its cases."""
    entry = dict(entry)
    cases = entry.pop("cases", [{}])
    for case in cases:
        twice = entry.keys() & case.keys()
        if twice:
            raise CannotRun(f"{path}: a case of the deviation with evidence {entry.get('evidence')!r} has "
                            f"'{min(twice)}' a second time")
        ids = {**entry, **case}.get("id", "?")
        for name in ids if isinstance(ids, list) else [ids]:
            yield {**entry, **case, "id": name} if ids != "?" else {**entry, **case}


def check_keys(entry, where, needed, optional, one_of=()):
    missing = sorted(needed - entry.keys())
    unknown = sorted(entry.keys() - needed - optional - {key for pair in one_of for key in pair})
    for pair in one_of:
        there = [key for key in pair if key in entry]
        if len(there) == 2:
            raise CannotRun(f"{where} has both '{pair[0]}' and '{pair[1]}': one of them")
        if not there:
            missing.append(f"{pair[0]}' or '{pair[1]}" if pair[0] == "vmm" else pair[1])
    if missing:
        raise CannotRun(f"{where} has no '{missing[0]}'")
    if unknown:
        raise CannotRun(f"{where} has an unknown '{unknown[0]}'")
    for key, value in entry.items():
        if not value or not all(str(one).strip() for one in as_list(value)):
            raise CannotRun(f"{where} has an empty '{key}'")


def check_values(entry, where):
    for outcome in as_list(entry["outcome"]):
        if outcome not in OUTCOMES:
            raise CannotRun(f"{where} has the outcome {outcome!r}, which is none of "
                            f"{', '.join(sorted(OUTCOMES))}")
    for key in ("basis", "seen"):
        for one in as_list(entry.get(key, "x")):
            if not one.strip("*?"):
                raise CannotRun(f"{where} has a '{key}' that fits anything: {one!r}")


def read_entry(entry, path):
    where = f"{path}: the deviation for {entry.get('id', '?')}"
    check_keys(entry, where, KEYS, OPTIONAL, ONE_OF)
    check_values(entry, where)
    try:
        return Deviation(**entry, file=os.path.basename(path))
    except ValueError as error:
        raise CannotRun(f"{where}: {error}") from error


def read_skip(entry, path):
    where = f"{path}: the skip of {entry.get('id', '?')}"
    check_keys(entry, where, SKIP_KEYS, SKIP_OPTIONAL)
    try:
        return [Skip(**{**entry, "id": one}, file=os.path.basename(path))
                for one in as_list(entry["id"])]
    except ValueError as error:
        raise CannotRun(f"{where}: {error}") from error


def load(folder):
    if not os.path.isdir(folder):
        raise CannotRun(f"--known {folder}: there is no such folder")
    known = Known()
    for path in sorted(glob.glob(os.path.join(folder, "*.toml"))):
        with open(path, "rb") as file:
            try:
                content = tomllib.load(file)
            except tomllib.TOMLDecodeError as error:
                raise CannotRun(f"{path}: {error}") from error
        if content.keys() - {"deviation", "skip"}:
            raise CannotRun(f"{path}: only [[deviation]] and [[skip]] entries may be here")
        known.deviations += [read_entry(one, path) for entry in content.get("deviation", [])
                             for one in expand(entry, path)]
        known.skips += [one for entry in content.get("skip", []) for one in read_skip(entry, path)]
    return known
