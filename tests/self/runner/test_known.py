# SPDX-License-Identifier: MIT
"""Known deviations: which failures they explain, and which entries are refused."""
import fnmatch
import glob
import os
import re
import tempfile
import types
import unittest

from support import ROOT, RunnerCase

from runner import daemons, known
from runner.model import Point
from runner.vmm.base import Vmm

ENTRY = """
[[deviation]]
id = "blk/flush-*@pci.blk.*"
vmm = "fake_vmm.py"
versions = "*"
clause = "dev:5.2.6.2-3a"
outcome = "failed"
seen = "status VIRTIO_BLK_S_OK (*)"
evidence = "fake.c: fake_flush"
"""
DEATH = ENTRY.replace('clause = "dev:5.2.6.2-3a"', 'basis = "safety"') \
    .replace('"failed"', '"died"').replace("status VIRTIO_BLK_S_OK (*)", "*SIGABRT*`head < 4' failed*")
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

    def unfit(self, done, which):
        """The third point stays failed, and one line says what of the entry does not fit."""
        self.assertEqual(done.failed(), [THIRD])
        self.assertIn(f"vmm.toml has an entry for this id that does not fit: {which} is ", done.out)

    def test_it_explains_no_other_clause(self):
        self.unfit(self.with_entry("fails", ENTRY.replace("-3a", "-3b")), "basis")

    def test_it_explains_no_other_outcome(self):
        self.unfit(self.with_entry("fails", ENTRY.replace('"failed"', '"timeout"')), "outcome")

    def test_it_explains_nothing_else_that_was_seen(self):
        self.unfit(self.with_entry("fails", ENTRY.replace("S_OK (*)", "S_IOERR (*)")), "seen")

    def test_failures_that_are_alike_say_it_too(self):
        done = self.with_entry("fails-alike", ENTRY.replace("-3a", "-3b"))
        self.assertEqual(done.out.count("has an entry for this id that does not fit"), 2)

    def test_a_basis_is_a_glob(self):
        done = self.with_entry("fails", ENTRY.replace("clause", "basis").replace("-3a", "-*"))
        self.assertEqual(done.failed(), [])

    def test_several_globs_may_fit(self):
        done = self.with_entry("fails", ENTRY.replace('seen = ', 'seen = ["nothing", ').replace("(*)\"", "(*)\"]"))
        self.assertEqual(done.failed(), [])

    def test_a_listed_failure_that_passes_is_reported(self):
        done = self.with_entry("passes")
        self.assertEqual(done.status, 0)
        self.assertIn("(failed, dev:5.2.6.2-3a) does not show on exec, where 1 of its points ran; mend vmm.toml",
                      done.out)

    def test_a_listed_death_that_does_not_come_is_reported(self):
        done = self.with_entry("passes", DEATH)
        self.assertIn("(died, safety) does not show on exec, where 1 of its points ran", done.out)
        done = self.with_entry("fails", ENTRY + DEATH)
        self.assertEqual(done.failed(), [])
        self.assertIn("(died, safety) does not show on exec, where 1 of its points ran", done.out)
        self.assertNotIn("(failed, dev:5.2.6.2-3a) does not show", done.out)

    def test_a_death_can_be_known(self):
        done = self.with_entry("aborts", DEATH)
        self.assertEqual(done.points[THIRD]["status"], "known")

    def test_a_death_that_is_known_elsewhere_is_told(self):
        self.assertNotIn(f"in {THIRD}: ", self.with_entry("aborts", DEATH).out)
        elsewhere = DEATH + 'machines = "!exec"\n'
        self.assertIn(f"in {THIRD}: ", self.with_entry("aborts", elsewhere).out)

    def test_what_explains_failures_explains_no_death(self):
        failure = ENTRY.replace('clause = "dev:5.2.6.2-3a"', 'basis = "s*"').replace("status ", "*")
        self.unfit(self.with_entry("aborts", failure.replace("VIRTIO_BLK_S_OK (*)", "SIGABRT*")), "outcome")

    def test_what_explains_deaths_explains_no_failure(self):
        self.assertEqual(self.with_entry("fails", DEATH).failed(), [THIRD])

    def test_a_hang_is_no_spin(self):
        spin = DEATH.replace('"died"', '"spun"').replace("*SIGABRT*`head < 4' failed*", "the VMM *")
        self.unfit(self.with_entry("hangs", spin), "outcome")
        self.assertEqual(self.with_entry("spins", spin).failed(), [])

    def test_a_race_may_be_lost(self):
        entry = ENTRY.replace('id = "', 'race = true\nid = "', 1)
        self.assertNotIn("does not show", self.with_entry("passes", entry).out)

    def refused(self, text, why):
        done = self.with_entry("fails", text)
        self.assertEqual((done.status, done.out), (2, ""))
        self.assertIn(why, done.err)
        self.assertEqual(len(done.err.splitlines()), 1)

    def test_what_explains_too_much_is_refused(self):
        for line, why in (('clause = "dev:5.2.6.2-3a"\n', "has no 'basis'"), ('outcome = "failed"\n', "has no 'outcome'"),
                          ('seen = "status VIRTIO_BLK_S_OK (*)"\n', "has no 'seen'"),
                          ('vmm = "fake_vmm.py"\n', "has no 'vmm' or 'backend'")):
            with self.subTest(line=line):
                self.refused(ENTRY.replace(line, ""), "vmm.toml: the deviation for blk/flush-*@pci.blk.* " + why)
        self.refused(ENTRY.replace("dev:5.2.6.2-3a", ""), "has an empty 'clause'")
        self.refused(ENTRY.replace("status VIRTIO_BLK_S_OK (*)", "*"), "has a 'seen' that fits anything: '*'")
        self.refused(ENTRY.replace('clause = "dev:5.2.6.2-3a"', 'basis = "**"'), "has a 'basis' that fits anything")

    def test_what_contradicts_itself_is_refused(self):
        self.refused(ENTRY + 'basis = "x"\n', "has both 'clause' and 'basis'")
        self.refused(ENTRY + 'backend = "x"\n', "has both 'vmm' and 'backend'")
        self.refused(ENTRY.replace('"failed"', '"odd"'), "has the outcome 'odd', which is none of blocked, died")

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


class Blocked(RunnerCase):
    SECOND = "ring/index-wraps@pci.blk.0:split"
    FOURTH = "blk/reads-what-was-written@pci.blk.0:split"
    SECOND_IS_KNOWN = ENTRY.replace("blk/flush-*", "ring/*")
    BLOCKED_IS_KNOWN = ENTRY.replace("blk/flush-*", "blk/*").replace('clause = "dev:5.2.6.2-3a"', 'basis = "precondition"') \
        .replace('"failed"', '"blocked"').replace("status VIRTIO_BLK_S_OK (*)", "the ping is not answered, see ring/*")
    with_entry = Matching.with_entry

    def test_behind_a_failure_it_is_skipped(self):
        done = self.fake("blocks")
        self.assertEqual((done.failed(), done.last), ([self.SECOND], "5 passed, 1 failed, 2 skipped"))

    def test_behind_a_known_deviation_it_is_a_failure(self):
        done = self.with_entry("blocks", self.SECOND_IS_KNOWN)
        self.assertEqual(done.failed(), [THIRD, self.FOURTH])
        self.assertIn("blocked behind a known deviation", done.out)
        self.assertEqual(done.last, "5 passed, 2 failed, 1 skipped")

    def test_unless_an_entry_is_about_it(self):
        done = self.with_entry("blocks", self.SECOND_IS_KNOWN + self.BLOCKED_IS_KNOWN)
        self.assertEqual((done.failed(), done.last), ([], "5 passed, 0 failed, 3 skipped"))

    def test_behind_what_has_not_failed_it_is_a_failure(self):
        self.assertEqual(self.fake("blocks-behind-nothing").failed(), [THIRD, self.FOURTH])
        done = self.fake("blocks", words="see=blk/nothing@pci.blk.0")
        self.assertEqual(done.failed(), [THIRD, self.FOURTH, self.SECOND])
        self.assertIn("blocked behind no failure of this run", done.out)

    def test_a_precondition_of_a_later_boot_is_blocked_too(self):
        """The death of a disk blocks what the disk does not do in the next boot, and nothing of
        another device."""
        done = self.fake("blocks-in-the-next-boot")
        self.assertEqual(done.failed(), ["ring/index-wraps@pci.blk.0:split", "rng/bytes-arrive@pci.rng.0:split"])
        self.assertEqual(done.points[THIRD]["directive"], f"SKIP blocked: no answer, see {self.SECOND}")
        self.assertEqual(done.points[self.FOURTH]["status"], "skipped")

    def test_but_not_behind_a_known_death(self):
        death = DEATH.replace("blk/flush-*", "ring/*").replace("`head < 4' failed*", "")
        done = self.with_entry("blocks-in-the-next-boot", death)
        self.assertEqual(done.failed(), [THIRD, "rng/bytes-arrive@pci.rng.0:split"])


class Backends(unittest.TestCase):
    """What is said of a backend concerns the devices that it serves, in its own versions."""

    def entry(self, versions):
        return known.Deviation("fs/*", versions, "died", "x", "e", backend="virtiofsd", basis="safety")

    def run_of(self, version):
        backends = {"fs.0": Vmm("", "virtiofsd", version)} if version is not None else {}
        job = types.SimpleNamespace(vmm=Vmm("", "qemu", (10, 0)), backends=backends)
        return types.SimpleNamespace(name="q35", job=job)

    def test_its_own_version_counts(self):
        for versions, version, expected in ((">=7.2,<8", (7, 2, 22), True), (">=7.2,<8", (1, 13), False),
                                            ("*", (), True), (">=1", (), False), ("*", None, False)):
            with self.subTest(versions=versions, version=version):
                self.assertEqual(self.entry(versions).covers(self.run_of(version).job), expected)

    def test_only_its_devices_are_meant(self):
        entry, run = self.entry("*"), self.run_of((7, 2))
        entry.id = "*"
        self.assertTrue(entry.concerns("fs/x@pci.fs.0:split", run))
        self.assertFalse(entry.concerns("ring/x@pci.blk.0:split", run))
        self.assertTrue(entry.concerns("runner/backends-outlive-the-vmm@q35", run))

    def test_a_program_tells_its_version(self):
        with tempfile.TemporaryDirectory(prefix="qvirtio-test-") as folder:
            for text, expected in (("virtiofsd version 7.2.22 (Debian 1:7.2+dfsg-7)", (7, 2, 22)),
                                   ("passt 2026_10_02.8a83b53", (2026, 10, 2, 8)), ("no number", ())):
                path = os.path.join(folder, text[:5])
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f"#!/bin/sh\necho '{text}'\n")
                os.chmod(path, 0o755)
                self.assertEqual(daemons.version(path), expected)
        self.assertEqual(daemons.version("/no/such/daemon"), ())


class Entries(unittest.TestCase):
    def test_each_is_about_a_claim_that_a_test_makes(self):
        """A test's claim is the name of its function, with underscores."""
        words = {}
        for path in glob.glob(os.path.join(ROOT, "tests", "*", "*.c")):
            with open(path, encoding="utf-8") as file:
                suite = os.path.basename(os.path.dirname(path))
                words.setdefault(suite, set()).update(re.findall(r"\w+", file.read()))
        listed = known.load(os.path.join(ROOT, "tests", "known"))
        for entry in listed.deviations + listed.skips:
            suite, _, claim = entry.id.partition("@")[0].partition("/")
            if suite != "runner":
                with self.subTest(file=entry.file, id=entry.id):
                    self.assertTrue(fnmatch.filter(words.get(suite, ()), claim.replace("-", "_")))


class Bases(unittest.TestCase):
    def misfits(self, told, **entry):
        point = Point(1, "a/b@pci-legacy.blk.0", False, details={"basis": told, "seen": "s"})
        return known.Deviation("*", "*", "failed", "s", "e", vmm="qemu", **entry).misfits(point)

    def test_a_clause_is_meant_on_legacy_interfaces_too(self):
        self.assertEqual(self.misfits("dev:2.7-1", clause="dev:2.7-1"), [])
        self.assertEqual(self.misfits("virtio 0.9.5 (dev:2.7-1)", clause="dev:2.7-1"), [])
        for basis in ("dev:2.7-10", "virtio 0.9.5 (dev:2.7-2)", "precondition", "safety"):
            self.assertEqual(self.misfits(basis, clause="dev:2.7-1"), ["basis"])

    def test_a_basis_is_one_of_some_globs(self):
        self.assertEqual(self.misfits("SPC-4 6.6.2", basis=["safety", "SPC-4 6.*"]), [])
        self.assertEqual(self.misfits("SPC-4 7.1", basis=["safety", "SPC-4 6.*"]), ["basis"])


class Versions(unittest.TestCase):
    def covers(self, versions, version):
        entry = known.Deviation("*", versions, "failed", "s", "e", vmm="qemu", clause="c")
        return entry.covers(types.SimpleNamespace(vmm=Vmm("", "qemu", version), backends={}))

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
