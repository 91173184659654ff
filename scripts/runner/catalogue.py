# SPDX-License-Identifier: MIT
"""tests/clauses.tsv: the catalogue of clauses, read by everybody here.

A row has an id, the section of virtio 1.4, the area of the tests, the level (MUST, SHOULD
... as the section has it), who can observe it, and what it says in our words.
"""
import os

from .arches import ROOT
from .model import CannotRun

PATH = os.path.join(ROOT, "tests", "clauses.tsv")
STANDARDS = os.path.join(ROOT, "tests", "standards.tsv")
COLUMNS = ("id", "section", "area", "level", "observable", "paraphrase")


class Catalogue:
    """The rows as dicts, in the file's order, and by id."""

    def __init__(self, rows):
        self.rows = rows
        self.by_id = {row["id"]: row for row in rows}

    def __contains__(self, clause):
        return clause in self.by_id

    def describe(self, clause):
        row = self.by_id.get(clause)
        return f"{clause} {row['level']}: {row['paraphrase']}" if row else clause

    def should(self):
        """The ids whose level is SHOULD: a broken one is a warning, not a failure."""
        return [row["id"] for row in self.rows if row["level"].startswith("SHOULD")]


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
        if line.count("\t") != len(COLUMNS) - 1 or not all(cell.strip() for cell in row.values()):
            raise CannotRun(f"{path}:{number}: a row has {len(COLUMNS)} cells, and none is empty")
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
