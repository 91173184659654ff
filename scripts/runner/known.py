# SPDX-License-Identifier: MIT
"""Known deviations of VMMs: tests/known/*.toml, never the C code.

    [[deviation]]
    id = "ring/some-claim@pci.blk.*"       # glob over point ids, or a list of globs
    vmm = "qemu"
    versions = ">=7.2,<9.0"                # "*" for all
    clause = "dev:2.7.7.2-4"               # "" for a failure that names none (a death)
    seen = "what happens instead"
    evidence = "bug link, or file and function of the VMM's source"
    machines = "q35-*"                     # optional glob over machine names; "!GLOB": all others
    race = true                            # optional: it does not show in every run
    death = true                           # optional: it explains deaths, and no other failure

Where one cause shows in several ways, its evidence stands once: what differs is in
[[deviation.cases]] behind it, each with an id and any other key but the evidence.

An entry without evidence, or with a key missing or unknown, is refused.
"""
import fnmatch
import glob
import os
import re
import tomllib
from dataclasses import dataclass, field

from .model import CannotRun

KEYS = {"id", "vmm", "versions", "clause", "seen", "evidence"}
OPTIONAL = {"machines", "race", "death"}
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


@dataclass
class Deviation:
    """One entry. `hits` counts the failures it explained, on the machines in `shown`."""
    id: str
    vmm: str
    versions: str
    clause: str
    seen: str
    evidence: str
    machines: str = "*"
    race: bool = False
    death: bool = False
    file: str = ""
    hits: int = 0
    shown: set = field(default_factory=set)
    passed: dict = field(default_factory=dict)     # machine: points that passed

    def __post_init__(self):
        self.ranges = parse_versions(self.versions)

    def covers(self, vmm):
        """Is this the VMM, in one of the versions? A version nobody knows fits only *."""
        return vmm.name == self.vmm and all(
            vmm.version and COMPARE[op](vmm.version[:max(len(numbers), 1)], numbers)
            for op, numbers in self.ranges)

    def concerns(self, name, machine):
        """Is it about the point of that name there?"""
        is_not = self.machines.startswith("!")
        return fnmatch.fnmatchcase(name, self.id) and is_not != \
            fnmatch.fnmatchcase(machine, self.machines[is_not:])


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


def read_entry(entry, path):
    name = entry.get("id", "?")
    missing = KEYS - entry.keys()
    unknown = entry.keys() - KEYS - OPTIONAL
    if missing or unknown:
        what = f"has no '{min(missing)}'" if missing else \
            f"has an unknown '{min(unknown)}'"
        raise CannotRun(f"{path}: the deviation for {name} {what}")
    for key in KEYS - {"clause"}:
        if not str(entry[key]).strip():
            raise CannotRun(f"{path}: the deviation for {name} has an empty '{key}'")
    try:
        return Deviation(**entry, file=os.path.basename(path))
    except ValueError as error:
        raise CannotRun(f"{path}: the deviation for {name}: {error}") from error


def load(folder):
    if not os.path.isdir(folder):
        raise CannotRun(f"--known {folder}: there is no such folder")
    deviations = []
    for path in sorted(glob.glob(os.path.join(folder, "*.toml"))):
        with open(path, "rb") as file:
            try:
                content = tomllib.load(file)
            except tomllib.TOMLDecodeError as error:
                raise CannotRun(f"{path}: {error}") from error
        if content.keys() - {"deviation"}:
            raise CannotRun(f"{path}: only [[deviation]] entries may be here")
        deviations += [read_entry(one, path) for entry in content.get("deviation", [])
                       for one in expand(entry, path)]
    return deviations
