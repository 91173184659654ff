# SPDX-License-Identifier: MIT
"""Points that are skipped and were not expected to be, and the other way round."""
import os
import tempfile
import types
import unittest

from support import RunnerCase

from runner import drift, known
from runner.model import FAILED, PASSED, SKIPPED, Point
from runner.vmm.base import Vmm

QEMU = Vmm("", "qemu", (7, 2, 22))


def run_of(name, **points):
    """Points by their claim: `passed`, or the reason of a SKIP."""
    run = types.SimpleNamespace(name=name, job=types.SimpleNamespace(vmm=QEMU, backends={}), points=[])
    for number, (claim, result) in enumerate(points.items(), 1):
        is_skip = result not in (PASSED, FAILED)
        point = Point(number, f"a/{claim}@pci.blk.0", True, f"SKIP {result}" if is_skip else "")
        point.status = SKIPPED if is_skip else result
        run.points.append(point)
    return run


class Expected(unittest.TestCase):
    skips = [known.Skip("a/x@*", "ZONED *", file="skips.toml")]

    def lines(self, *runs, skips=None):
        return drift.expected(runs, self.skips if skips is None else skips)

    def test_what_is_expected_is_not_told(self):
        self.assertEqual(self.lines(run_of("m", x="ZONED not offered", y=PASSED)), [])

    def test_one_that_vanishes_is_told(self):
        self.assertEqual(self.lines(run_of("m", x=PASSED), run_of("n", x="ZONED no")),
                         ["a/x is expected to be skipped, and ran: a/x@pci.blk.0 on m; mend skips.toml"])
        self.assertEqual(len(self.lines(run_of("m", x=FAILED))), 1)

    def test_another_reason_is_told(self):
        self.assertIn("for another reason than 'no hand': a/x@pci.blk.0 on m", self.lines(run_of("m", x="no hand"))[0])

    def test_a_new_one_is_told(self):
        self.assertEqual(self.lines(run_of("m", x="ZONED no", y="no hand")),
                         ["a/y is skipped on every machine, and no [[skip]] says so: no hand"])
        self.assertEqual(self.lines(run_of("m", x="ZONED no", y="no hand"), run_of("n", y=PASSED)), [])

    def test_a_blocked_one_is_neither(self):
        self.assertEqual(self.lines(run_of("m", x="blocked: no answer, see a/z@pci.blk.0")), [])

    def test_machines_and_versions_count(self):
        run = run_of("m", x=PASSED)
        self.assertEqual(self.lines(run, skips=[known.Skip("a/x@*", "*", machines="!m")]), [])
        self.assertEqual(self.lines(run, skips=[known.Skip("a/x@*", "*", vmm="qemu", versions=">=8")]), [])
        self.assertEqual(len(self.lines(run, skips=[known.Skip("a/x@*", "*", vmm="qemu", versions="<8")])), 1)

    def test_only_the_default_matrix_is_compared(self):
        plain = dict.fromkeys(("machine", "only", "skip", "append", "exec", "list", "accel", "arch"))
        self.assertTrue(drift.is_default_matrix(types.SimpleNamespace(**plain)))
        for word in plain:
            self.assertFalse(drift.is_default_matrix(types.SimpleNamespace(**{**plain, word: "x"})))


class Since(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qvirtio-test-")
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "last")

    def after(self, *runs):
        """What a run tells, and the next one finds."""
        last = drift.LastRun(self.folder, QEMU)
        lines = last.lines(runs)
        last.keep(runs)
        return lines

    def test_what_ran_the_last_time_is_told(self):
        self.assertEqual(self.after(run_of("m", x=PASSED, y="no hand")), [])
        self.assertEqual(self.after(run_of("m", x="every target exists", y=PASSED)),
                         ["a/x@pci.blk.0 on m ran in the last run of qemu 7.2.22 and is skipped now: every target exists"])
        self.assertEqual(self.after(run_of("m", x="every target exists", y=FAILED)), [])

    def test_a_smaller_run_forgets_nothing(self):
        self.after(run_of("m", x=PASSED))
        self.after(run_of("n", x=PASSED), run_of("m", y=PASSED))
        self.assertEqual(len(self.after(run_of("m", x="no hand"))), 1)

    def test_another_version_is_another_vmm(self):
        self.after(run_of("m", x=PASSED))
        self.assertEqual(drift.LastRun(self.folder, Vmm("", "qemu", (8,))).lines([run_of("m", x="no")]), [])

    def test_a_file_that_is_broken_is_no_file(self):
        self.after(run_of("m", x=PASSED))
        with open(drift.LastRun(self.folder, QEMU).path, "wb") as file:
            file.write(b"no gzip")
        self.assertEqual(self.after(run_of("m", x="no hand")), [])


class Entries(RunnerCase):
    def refused(self, text, why):
        os.makedirs(os.path.join(self.folder, "known"))
        self.write("known/skips.toml", text)
        done = self.fake("passes")
        self.assertEqual((done.status, done.out), (2, ""))
        self.assertIn(why, done.err)

    def test_one_without_a_reason_is_refused(self):
        self.refused('[[skip]]\nid = "a/x@*"\n', "skips.toml: the skip of a/x@* has no 'reason'")

    def test_one_with_an_unknown_key_is_refused(self):
        self.refused('[[skip]]\nid = "a/x@*"\nreason = "x"\nevidence = "x"\n', "has an unknown 'evidence'")


if __name__ == "__main__":
    unittest.main()
