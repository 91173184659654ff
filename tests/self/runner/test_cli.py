# SPDX-License-Identifier: MIT
"""The command line: what cannot run, the report files, words and templates."""
import os
import re
import stat
import subprocess
import types
import unittest
from xml.etree import ElementTree

from support import FAKE, RunnerCase

from runner import tap
from runner.catalogue import Catalogue
from runner.model import Point
from runner.report.junit import clean
from runner.report.text import failure
from runner.vmm import qemu
from runner.vmm.exec import ExecJob
from runner.vmm.qemu import program


class CannotRun(RunnerCase):
    def refused(self, why, *args, **more):
        done = self.run_tests(*args, **more)
        self.assertEqual((done.status, done.out), (2, ""), done.err)
        self.assertEqual(len(done.err.splitlines()), 1, done.err)
        self.assertIn(why, done.err)

    def test_no_vmm(self):
        self.refused("scripts/install-deps run", "--vmm", "/no/such/qemu")

    def test_no_qemu_in_path(self):
        self.refused("scripts/install-deps run", env={"PATH": self.folder})

    def test_a_vmm_that_is_not_executable(self):
        self.refused("not there or not executable", "--vmm", self.write("qemu", "#!/bin/sh\n"))

    def test_a_vmm_that_is_no_qemu(self):
        self.refused("--exec", "--vmm", "/bin/true")

    def test_no_image(self):
        self.refused("build it with 'make'", "--kernel", "/no/such/image")

    def test_no_qemu_of_the_architecture(self):
        self.refused("qemu-system-s390x is not there", "--machine", "s390x",
                     env={"PATH": self.folder})

    def test_architectures_that_do_not_agree(self):
        self.refused("do not agree: s390x, x86_64", "--arch", "x86_64",
                     "--vmm", "/opt/qemu-system-s390x")

    def test_no_machine(self):
        self.refused("--list-machines", "--machine", "q36")

    def test_exec_of_nothing(self):
        self.refused("not there or not executable", "--exec", "/no/such/vmm {kernel}")

    def test_exec_with_an_open_quote(self):
        self.refused("No closing quotation", "--exec", "vmm '{kernel}")

    def test_junit_without_its_module(self):
        """The interpreter is Debian's; a module of that name that fails hides it."""
        self.write("junitparser.py", "raise ImportError('hidden')\n")
        self.refused("scripts/install-deps run", "--junit", "x.xml", "--exec", f"{FAKE} passes",
                     env={"PYTHONPATH": self.folder})


class Kvm(unittest.TestCase):
    def test_each_reason_has_its_cure(self):
        real = os.open
        for error, cure in ((FileNotFoundError(2, "No such file"), "load the kvm module"),
                            (PermissionError(13, "Permission denied"), "usermod")):
            def refuse(path, *args, _error=error, **more):
                if path == "/dev/kvm":
                    raise _error
                return real(path, *args, **more)
            program.os.open = refuse
            self.addCleanup(setattr, program.os, "open", real)
            self.assertIn(cure, qemu.why_no_kvm())


HAS_LXML = subprocess.run(["/usr/bin/python3", "-c", "import lxml.etree"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


class Templates(RunnerCase):
    def command(self, text, words):
        return ExecJob(text, self.kernel).command(words)

    def test_words_are_one_argument(self):
        self.assertEqual(self.command("/bin/echo -k {kernel} -a '{append}'", ["a", "b=c d"]),
                         ["/bin/echo", "-k", self.kernel, "-a", "a b=c d"])

    def test_they_may_be_part_of_an_argument(self):
        self.assertEqual(self.command("/bin/echo --x=path={kernel},cmd={append}", ["a"])[1],
                         f"--x=path={self.kernel},cmd=a")

    def test_no_shell_runs(self):
        witness = os.path.join(self.folder, "witness")
        done = self.run_tests("--exec", f"{FAKE} passes {{append}} ; touch {witness}")
        self.assertEqual(done.status, 0, done.err)
        self.assertFalse(os.path.exists(witness))

    def test_the_command_sees_the_users_folder(self):
        script = self.write("vmm.sh", f"#!/bin/sh\npwd >&2\nexec {FAKE} aborts \"$1\"\n")
        os.chmod(script, os.stat(script).st_mode | stat.S_IXUSR)
        done = self.run_tests("--exec", f"{script} {{append}}")
        self.assertIn(os.getcwd(), done.out)


class Words(RunnerCase):
    def test_choices_reach_the_kernel(self):
        done = self.fake("passes", "--only", "a/*", "--only", "b/*", "--skip", "c/*",
                         "--seed", "0x7", words="keep")
        command = done.report["machines"][0]["command"]
        self.assertEqual(done.report["machines"][0]["seed"], "0x7")
        self.assertEqual(command, [FAKE, "passes", "keep only=a/*,b/* skip=c/* seed=0x7"])


class Files(RunnerCase):
    def test_junit(self):
        path = os.path.join(self.folder, "out.xml")
        self.fake("fails", "--junit", path)
        suite = ElementTree.parse(path).getroot().find("testsuite")
        self.assertEqual(suite.get("name"), "exec")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("8", "1"))
        case = next(c for c in suite.findall("testcase") if c.find("failure") is not None)
        self.assertEqual(case.get("classname"), "exec.blk")
        said = {p.get("name"): p.get("value") for p in case.iter("property")}
        self.assertEqual(said, {"basis": "dev:5.2.6.2-3a", "clause": "dev:5.2.6.2-3a",
                                "expected": "status VIRTIO_BLK_S_IOERR (1)",
                                "seen": "status VIRTIO_BLK_S_OK (0)"})

    def test_junit_survives_garbage(self):
        path = os.path.join(self.folder, "out.xml")
        self.fake("fails-oddly", "--junit", path)
        failure = next(ElementTree.parse(path).getroot().iter("failure"))
        self.assertEqual(failure.get("message"), "?? <&>")

    def test_tap_is_kept_as_it_came(self):
        folder = os.path.join(self.folder, "taps")
        self.fake("aborts", "--tap", folder)
        self.assertEqual(sorted(os.listdir(folder)), ["exec.boot2.tap", "exec.tap"])
        with open(os.path.join(folder, "exec.tap"), encoding="utf-8") as file:
            self.assertTrue(file.read().endswith("# run 3 blk/flush-completes@pci.blk.0:split\n"))

    def test_a_point_is_repeated_alone_and_a_check_as_it_was(self):
        again = re.compile("^  again: .*", re.M)
        point, = again.findall(self.fake("aborts", words="from=2 part=1/1 x").out)
        self.assertIn("--append x --only blk/flush-completes@pci.blk.0:split", point)
        check, = again.findall(self.fake("no-summary", "--skip", "a", words="from=2 x").out)
        self.assertIn("--append 'from=2 x' --skip a", check)

    def test_a_report_that_cannot_be_written(self):
        done = self.fake("passes", "--junit", "/no/such/folder/out.xml")
        self.assertEqual(done.status, 2)
        self.assertIn("cannot be written", done.err)


class Reports(RunnerCase):
    """A report that fails costs neither the verdict nor another report."""

    def test_a_folder_stands_where_the_report_goes(self):
        folder = os.path.join(self.folder, "out.xml")
        os.mkdir(folder)
        done = self.fake("passes", "--junit", folder)
        self.assertEqual(done.status, 0)
        self.assertEqual(done.out.splitlines()[-1], "8 passed, 0 failed, 0 skipped")
        self.assertEqual(done.err.count("\n"), 1)
        self.assertIn("out.xml cannot be written", done.err)
        self.assertIsNotNone(done.report)

        self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".partial")], [])

    def test_a_folder_stands_where_the_serial_line_goes(self):
        os.makedirs(os.path.join(self.folder, "taps", "exec.tap"))
        done = self.fake("fails", "--tap", os.path.join(self.folder, "taps"))
        self.assertEqual((done.status, done.last), (1, "7 passed, 1 failed, 0 skipped"))
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertIn("exec.tap cannot be written: Is a directory", done.err)
        self.assertIsNotNone(done.report)

    def test_a_disk_that_is_full(self):
        os.mkdir(os.path.join(self.folder, "taps"))
        os.symlink("/dev/full", os.path.join(self.folder, "taps", "exec.tap"))
        done = self.fake("passes", "--tap", os.path.join(self.folder, "taps"))
        self.assertEqual((done.status, done.last), (0, "8 passed, 0 failed, 0 skipped"))
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertIn("exec.tap cannot be written: No space left", done.err)

    def test_no_character_breaks_the_xml(self):
        every = "".join(map(chr, (0, 9, 0xd800, 0xe000, 0xfffd, 0xfffe, 0xffff, 0x10000)))
        self.assertEqual(clean(every), "?\t?\ue000\ufffd??\U00010000")

    def test_the_folder_of_a_repetition_cannot_be_filled(self):
        class Full:
            def by_runner(self, run, point):
                return "again"

            def by_hand(self, run, point):
                raise OSError(28, "No space left on device")
        run, point = types.SimpleNamespace(name="m"), Point(1, "a/b@c", False)
        lines = failure(run, point, Catalogue([]), Full())
        self.assertIn("(its folder cannot be filled: [Errno 28]", lines[-1])

    def test_the_library_breaks(self):
        self.write("junitparser.py", "def __getattr__(name):\n    raise KeyError(name)\n")
        done = self.fake("fails", "--junit", os.path.join(self.folder, "out.xml"),
                         env={"PYTHONPATH": self.folder})
        self.assertEqual(done.status, 1)
        self.assertEqual(done.out.splitlines()[-1], "7 passed, 1 failed, 0 skipped")
        self.assertIn("out.xml cannot be written: KeyError", done.err)
        self.assertNotIn("Traceback", done.err)

    def properties(self, **env):
        path = os.path.join(self.folder, "out.xml")
        done = self.fake("fails", "--junit", path, env=env)
        self.assertEqual((done.status, done.err), (1, ""))
        case = next(c for c in ElementTree.parse(path).getroot().iter("testcase")
                    if c.find("failure") is not None)
        return sorted(p.get("name") for p in case.iter("property"))

    def test_junit_without_lxml(self):
        self.write("lxml.py", "raise ImportError\n")
        self.assertEqual(self.properties(PYTHONPATH=self.folder), ["basis", "clause", "expected", "seen"])

    @unittest.skipUnless(HAS_LXML, "python3-lxml is not installed: 'scripts/install-deps check'")
    def test_junit_with_lxml(self):
        self.assertEqual(self.properties(), ["basis", "clause", "expected", "seen"])


class Blocks(unittest.TestCase):
    def test_values(self):
        self.assertEqual(
            tap.read_block(['outcome: failed', 'seen: "a \\"b\\": c"', 'bare: x: y',
                            'hex: "\\x7f \\\\x7f"',
                            'ring:', '  - "one"', '  - two', 'empty: ""']),
            {"outcome": "failed", "seen": 'a "b": c', "bare": "x: y",
             "hex": "\x7f \\x7f", "ring": ["one", "two"], "empty": ""})


if __name__ == "__main__":
    unittest.main()
