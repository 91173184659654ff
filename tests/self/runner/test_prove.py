# SPDX-License-Identifier: MIT
"""The check with Debian's `prove`: it accepts what is right and sees what is not."""
import os
import shutil
import subprocess
import sys
import unittest

from support import FAKE, ROOT, RunnerCase

CHECK = os.path.join(ROOT, "tests", "self", "prove", "check")


@unittest.skipUnless(shutil.which("prove"), "prove is not installed")
class Prove(RunnerCase):
    def check(self, scenario):
        tap = subprocess.run([sys.executable, FAKE, scenario], capture_output=True, text=True,
                             check=False).stdout
        done = subprocess.run([CHECK, self.write("x.tap", tap)], capture_output=True,
                              text=True, check=False)
        return done.returncode

    def test_it_accepts(self):
        for scenario in ("passes", "fails", "warns", "skips"):
            with self.subTest(scenario):
                self.assertEqual(self.check(scenario), 0)

    def test_it_rejects(self):
        for scenario in ("no-plan", "wrong-plan", "duplicate", "missing"):
            with self.subTest(scenario):
                self.assertEqual(self.check(scenario), 1)


if __name__ == "__main__":
    unittest.main()
