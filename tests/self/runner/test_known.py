# SPDX-License-Identifier: MIT
"""Known deviations: which failures they explain, and which entries are refused."""
import os
import unittest

from support import RunnerCase

from runner import known
from runner.vmm.base import Vmm

ENTRY = """
[[deviation]]
id = "blk/flush-*@pci.blk.*"
vmm = "fake_vmm.py"
versions = "*"
clause = "dev:5.2.6.2-3a"
seen = "status OK"
evidence = "fake.c: fake_flush"
"""
THIRD = "blk/flush-completes@pci.blk.0:split"


class Matching(RunnerCase):
    def with_entry(self, scenario, text=ENTRY, *args):
        os.makedirs(os.path.join(self.folder, "known"), exist_ok=True)
        self.write("known/vmm.toml", text)
        return self.fake(scenario, *args)

    def test_a_listed_failure_is_neither_passed_nor_failed(self):
        done = self.with_entry("fails")
        self.assertEqual(done.points[THIRD]["status"], "known")
        self.assertEqual((done.status, done.last), (0, "7 passed, 0 failed, 1 skipped"))
        self.assertIn("1 known", done.out)
        self.assertEqual(done.points[THIRD]["deviation"]["evidence"], "fake.c: fake_flush")

    def test_an_entry_takes_a_list_of_ids(self):
        done = self.with_entry("fails-some", ENTRY.replace(
            '"blk/flush-*@pci.blk.*"', '["blk/flush-*@pci.blk.*", "blk/reads-*"]'))
        self.assertEqual(done.failed(), [])

    def test_cases_share_an_evidence(self):
        text = ENTRY.replace('id = "blk/flush-*@pci.blk.*"\n', "").replace('clause = "dev:5.2.6.2-3a"\n', "")
        cases = "".join(f'[[deviation.cases]]\nid = "{name}"\nclause = "dev:5.2.6.2-3a"\n'
                        for name in ("blk/flush-*", "blk/reads-*"))
        self.assertEqual(self.with_entry("fails-some", text + cases).failed(), [])
        done = self.with_entry("fails", ENTRY + cases)
        self.assertEqual(done.status, 2)
        self.assertIn("a second time", done.err)

    def test_it_explains_no_other_point(self):
        done = self.with_entry("fails-some")
        self.assertEqual(done.failed(), ["blk/reads-what-was-written@pci.blk.0:split"])

    def test_it_explains_no_other_clause(self):
        done = self.with_entry("fails", ENTRY.replace("-3a", "-3b"))
        self.assertEqual(done.failed(), [THIRD])

    def test_it_explains_no_other_vmm(self):
        done = self.with_entry("fails", ENTRY.replace("fake_vmm.py", "qemu"))
        self.assertEqual(done.failed(), [THIRD])

    def test_it_explains_no_other_version(self):
        done = self.with_entry("fails", ENTRY.replace('"*"', '">=1"'))
        self.assertEqual(done.failed(), [THIRD])

    def test_it_explains_no_other_machine(self):
        done = self.with_entry("fails", ENTRY + 'machines = "q35*"\n')
        self.assertEqual(done.failed(), [THIRD])

    def test_it_can_name_the_machines_that_it_leaves_out(self):
        done = self.with_entry("fails", ENTRY + 'machines = "!exec"\n')
        self.assertEqual(done.failed(), [THIRD])
        done = self.with_entry("fails", ENTRY + 'machines = "!q35*"\n')
        self.assertEqual(done.failed(), [])

    def test_a_listed_failure_that_passes_is_reported(self):
        done = self.with_entry("passes")
        self.assertEqual(done.status, 0)
        self.assertIn("does not show on exec: 1 points passed; mend vmm.toml", done.out)

    def test_a_death_can_be_known(self):
        done = self.with_entry("aborts", ENTRY.replace("dev:5.2.6.2-3a", ""))
        self.assertEqual(done.points[THIRD]["status"], "known")

    def test_a_death_that_is_known_elsewhere_is_told(self):
        death = ENTRY.replace("dev:5.2.6.2-3a", "")
        self.assertNotIn(f"in {THIRD}: ", self.with_entry("aborts", death).out)
        elsewhere = death + 'machines = "!exec"\n'
        self.assertIn(f"in {THIRD}: ", self.with_entry("aborts", elsewhere).out)

    def test_what_explains_deaths_explains_no_failure(self):
        deaths = ENTRY.replace('id = "', 'death = true\nid = "', 1)
        self.assertEqual(self.with_entry("fails", deaths).failed(), [THIRD])
        done = self.with_entry("aborts", deaths.replace("dev:5.2.6.2-3a", ""))
        self.assertEqual(done.points[THIRD]["status"], "known")

    def test_a_race_may_be_lost(self):
        entry = ENTRY.replace('id = "', 'race = true\nid = "', 1)
        self.assertNotIn("does not show", self.with_entry("passes", entry).out)

    def refused(self, text, why):
        done = self.with_entry("fails", text)
        self.assertEqual((done.status, done.out), (2, ""))
        self.assertIn(why, done.err)
        self.assertEqual(len(done.err.splitlines()), 1)

    def test_no_evidence_is_refused(self):
        self.refused(ENTRY.replace('evidence = "fake.c: fake_flush"\n', ""),
                     "has no 'evidence'")

    def test_empty_evidence_is_refused(self):
        self.refused(ENTRY.replace("fake.c: fake_flush", " "), "has an empty 'evidence'")

    def test_an_unknown_key_is_refused(self):
        self.refused(ENTRY + "because = 1\n", "has an unknown 'because'")

    def test_versions_that_cannot_be_read_are_refused(self):
        self.refused(ENTRY.replace('"*"', '"7.x"'), "'7.x' is not like '>=7.2'")

    def test_bad_toml_is_refused(self):
        self.refused("[[deviation]\n", "vmm.toml")


class Versions(unittest.TestCase):
    def covers(self, versions, version):
        entry = known.Deviation("*", "qemu", versions, "c", "s", "e")
        return entry.covers(Vmm("", "qemu", version))

    def test_ranges(self):
        for versions, version, expected in (
                ("*", (7, 2, 22), True), (">=7.2", (7, 2, 22), True),
                (">=7.2,<9.0", (8, 2, 1), True), (">=7.2,<9.0", (9, 0, 0), False),
                (">=7.2,<9.0", (7, 1), False), ("<=7.2", (7, 2, 22), True),
                ("==7.2", (7, 2, 5), True), (">7.2", (7, 2, 5), False),
                (">=10.0", (9, 2), False), (">=7.2", (), False)):
            with self.subTest(versions=versions, version=version):
                self.assertEqual(bool(self.covers(versions, version)), expected)


if __name__ == "__main__":
    unittest.main()
