# SPDX-License-Identifier: MIT
"""No process and no file outlives the runner, however it ends; two runners get along."""
import json
import os
import signal
import subprocess
import time
import unittest

from support import FAKE, RUN_TESTS, RunnerCase


class Lifetime(RunnerCase):
    def setUp(self):
        super().setUp()
        self.mark = f"QVIRTIO_TEST_MARK={self.folder}"
        name, value = self.mark.split("=")
        self.env = {name: value, "TMPDIR": self.folder,
                    "QVIRTIO_TEST_WITNESS": os.path.join(self.folder, "witness")}

    def alive(self):
        """Everything that the runner started is found by what it inherited."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as environ:
                    if self.mark.encode() in environ.read().split(b"\0"):
                        found.append(int(pid))
            except OSError:
                pass
        return found

    def until(self, condition, what, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, f"never came: {what}; {self.alive()}")
            time.sleep(0.02)

    def start(self, scenario, *more):
        """A runner in the middle of a test that takes for ever."""
        process = subprocess.Popen(
            [RUN_TESTS, "--exec", f"{FAKE} {scenario} {{append}}", "--kernel", self.kernel,
             "--timeout", "60", *more], env={**os.environ, **self.env},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.until(lambda: len(self.alive()) >= 3, "runner, guard and VMM")
        time.sleep(0.2)
        return process

    def ends_clean(self, process, number):
        process.send_signal(number)
        process.wait(timeout=10)
        self.until(lambda: not self.alive(), "the end of all processes")
        self.until(lambda: not [name for name in os.listdir(self.folder)
                                if name.startswith("qvirtio-")], "the end of all files")

    def test_ctrl_c(self):
        process = self.start("hangs")
        self.ends_clean(process, signal.SIGINT)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(process.stdout.read(), r"(?m)^\d+ passed, \d+ failed, \d+ skipped$")

    def test_ctrl_c_before_any_machine_ended_leaves_whole_reports(self):
        path = os.path.join(self.folder, "report.json")
        process = self.start("hangs", "--json", path)
        self.ends_clean(process, signal.SIGINT)
        self.assertEqual(process.returncode, 130)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["machines"], [])

    def test_sigterm(self):
        self.ends_clean(self.start("stubborn"), signal.SIGTERM)

    def test_sigkill(self):
        self.ends_clean(self.start("stubborn"), signal.SIGKILL)

    def test_sigkill_with_the_vmm_behind_a_wrapper(self):
        self.ends_clean(self.start("wrapped"), signal.SIGKILL)

    def test_an_orphan_that_holds_stdout_is_killed(self):
        done = self.fake("orphan", env=self.env)
        self.assertEqual((done.status, done.last), (0, "8 passed, 0 failed, 0 skipped"))
        self.assertEqual(self.alive(), [])

    def test_an_orphan_is_killed_before_the_next_boot(self):
        done = self.fake("orphan-aborts", env=self.env)
        self.assertEqual(done.report["machines"][0]["boots"], 2)
        self.assertEqual(done.failed(), ["blk/flush-completes@pci.blk.0:split"])
        self.assertEqual(self.alive(), [])

    def test_two_runners_at_once(self):
        command = [RUN_TESTS, "--exec", f"{FAKE} passes {{append}}", "--kernel", self.kernel]
        runners = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
                   for _ in range(2)]
        for runner in runners:
            out, _ = runner.communicate(timeout=30)
            self.assertEqual(out.splitlines()[-1], "8 passed, 0 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main()
