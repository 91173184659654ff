# SPDX-License-Identifier: MIT
"""tests/clauses.tsv: the catalogue of clauses, read by everybody here.

A row has an id, the section of virtio 1.4, the area of the tests, the level (MUST, SHOULD
... as the section has it), who can observe it, and what it says in our words. A seventh
cell is there where something is to be marked: `text`, a sentence outside the requirement
boxes; `ours`, a row that no sentence has; and what the clause binds, where that is not what
its section says: `split` or `packed` rings, `pci`, `mmio`, `ccw`, the `legacy` interface,
or that and the `modern` one.

The kernel reads all of it as one table, a row a line of 32 bytes, sorted (`table`).
"""
import os

from .arches import ROOT
from .model import CannotRun

PATH = os.path.join(ROOT, "tests", "clauses.tsv")
STANDARDS = os.path.join(ROOT, "tests", "standards.tsv")
COLUMNS = ("id", "section", "area", "level", "observable", "paraphrase", "marks")
NEEDED = len(COLUMNS) - 1

# What a clause binds, as bits of the kernel's table (tests/harness/clause.c); 0: everything modern.
APPLIES = {"split": 1, "packed": 2, "pci": 4, "mmio": 8, "ccw": 16, "legacy": 32, "modern": 64}
BY_SECTION = {"2.7.": "split", "2.8.": "packed", "4.1.": "pci", "4.2.": "mmio", "4.3.": "ccw"}
ORIGINS = ("text", "ours")
ID_BYTES = 24


class Catalogue:
    """The rows as dicts, in the file's order, and by id."""

    def __init__(self, rows):
        self.rows = rows
        self.by_id = {row["id"]: row for row in rows}

    def __contains__(self, clause):
        return clause in self.by_id

    def describe(self, clause):
        row = self.by_id.get(clause)
        ours = " (a row of our own)" if row and row["origin"] == "ours" else ""
        return f"{clause} {row['level']}: {row['paraphrase']}{ours}" if row else clause

    def table(self):
        """The rows by id: level (M or S), what it binds as two hexadecimal digits, and where it
        comes from (b: a requirement box, t: other text, o: ours)."""
        return sorted(f"{row['id']:{ID_BYTES}} {row['level'][0]} "
                      f"{sum(APPLIES[word] for word in row['applies']):02x} {row['origin'][0]}"
                      for row in self.rows)


def read_marks(row):
    """Adds what the row applies to and its origin; returns a word that is neither, or None."""
    words = row["marks"].split()
    section = next((name for prefix, name in BY_SECTION.items()
                    if f"{row['section']}.".startswith(prefix)), None)
    row["applies"] = [word for word in words if word in APPLIES] or [section] * bool(section)
    row["origin"] = next((word for word in words if word in ORIGINS), "box")
    return next((word for word in words if word not in APPLIES and word not in ORIGINS), None)


def load(path=PATH):
    rows, seen = [], set()
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from error
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise CannotRun(f"{path}:1: the columns are not {', '.join(COLUMNS)}")
    for number, line in enumerate(lines[1:], 2):
        row = dict(zip(COLUMNS, line.split("\t"), strict=False))
        if not NEEDED <= len(line.split("\t")) <= len(COLUMNS) or not all(cell.strip() for cell in row.values()):
            raise CannotRun(f"{path}:{number}: a row has {NEEDED} or {len(COLUMNS)} cells, and none is empty")
        row.setdefault("marks", "")
        if word := read_marks(row):
            raise CannotRun(f"{path}:{number}: {word} marks nothing")
        if len(row["id"]) > ID_BYTES or row["level"][0] not in "MS":
            raise CannotRun(f"{path}:{number}: an id has at most {ID_BYTES} bytes, a level is MUST or SHOULD")
        if row["id"] in seen:
            raise CannotRun(f"{path}:{number}: {row['id']} has a row already")
        seen.add(row["id"])
        rows.append(row)
    return Catalogue(rows)


def load_standards(path=STANDARDS):
    """The names of the standards, other than the catalogue's, on which a verdict may rest."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if line.count("\t") != 1 or not all(cell.strip() for cell in line.split("\t")):
            raise CannotRun(f"{path}:{number}: a row has 2 cells, and none is empty")
    return {line.split("\t")[0] for line in lines[1:]}
