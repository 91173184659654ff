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

    def test_the_kernels_table(self):
        """A row says what its section says it binds, unless a mark says otherwise."""
        known = self.load(HEAD, ROW, ROW.replace("1.2", "2.8").replace("SHOULD NOT", "MUST"),
                          ROW.replace("1.2", "4.1.2").replace("\n", "\ttext legacy pci\n"),
                          ROW.replace("1.2", "4.3.2").replace("\n", "\tours\n"))
        self.assertEqual(known.table(), [f"{'dev:1.2-3':24} S 00 b", f"{'dev:2.8-3':24} M 02 b",
                                         f"{'dev:4.1.2-3':24} S 24 t", f"{'dev:4.3.2-3':24} S 10 o"])
        self.assertIn("(a row of our own)", known.describe("dev:4.3.2-3"))

    def test_the_table_of_the_catalogue_is_sorted_and_even(self):
        table = catalogue.load().table()
        self.assertEqual(table, sorted(set(table)))
        self.assertEqual({len(line) for line in table}, {31})

    def test_bad_rows(self):
        for why, row in (("6 or 7 cells", "dev:1\t1\n"), ("6 or 7 cells", ROW.replace("basic", " ")),
                         ("6 or 7 cells", ROW.replace("\n", "\tours\tmore\n")), ("has a row already", ROW),
                         ("more marks nothing", ROW.replace("\n", "\tours more\n")),
                         ("at most 24 bytes", ROW.replace("dev:1", "dev:1" + 20 * ".1"))):
            with self.subTest(row):
                self.refused(f"clauses.tsv:3: .*{why}", HEAD, ROW, row)

    def test_other_columns(self):
        self.refused("clauses.tsv:1: the columns are not id, section", ROW)

    def test_no_catalogue(self):
        with self.assertRaisesRegex(CannotRun, "cannot be read: No such file"):
            catalogue.load(self.folder + "/none.tsv")


if __name__ == "__main__":
    unittest.main()
