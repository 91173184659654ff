# SPDX-License-Identifier: MIT
"""The catalogue of clauses: a row that cannot be right is refused, with its line's number."""
import unittest

from support import RunnerCase

from runner import catalogue
from runner.model import CannotRun

HEAD = "\t".join(catalogue.COLUMNS) + "\n"
ROW = "dev:1.2-3\t1.2\tbasic\tSHOULD NOT\tguest\twhat it says\n"


class Rows(RunnerCase):
    def load(self, *lines):
        return catalogue.load(self.write("clauses.tsv", "".join(lines)))

    def refused(self, why, *lines):
        with self.assertRaisesRegex(CannotRun, why):
            self.load(*lines)

    def test_a_clause_is_described(self):
        known = self.load(HEAD, ROW)
        self.assertEqual(known.describe("dev:1.2-3"), "dev:1.2-3 SHOULD NOT: what it says")
        self.assertEqual(known.describe("dev:9-9"), "dev:9-9")
        self.assertEqual(known.should(), ["dev:1.2-3"])

    def test_bad_rows(self):
        for why, row in (("6 cells", "dev:1\t1\n"), ("6 cells", ROW.replace("basic", " ")),
                         ("6 cells", ROW.replace("\n", "\tmore\n")), ("has a row already", ROW)):
            with self.subTest(row):
                self.refused(f"clauses.tsv:3: .*{why}", HEAD, ROW, row)

    def test_other_columns(self):
        self.refused("clauses.tsv:1: the columns are not id, section", ROW)

    def test_no_catalogue(self):
        with self.assertRaisesRegex(CannotRun, "cannot be read: No such file"):
            catalogue.load(self.folder + "/none.tsv")


if __name__ == "__main__":
    unittest.main()
