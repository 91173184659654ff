# SPDX-License-Identifier: MIT
"""VMMs are found by their folders, and nothing else of the runner knows one by name."""
import os
import re
import unittest

from support import ROOT

from runner import vmm
from runner.vmm import base

RUNNER = os.path.join(ROOT, "scripts", "runner")


class Registry(unittest.TestCase):
    def test_each_folder_is_a_backend(self):
        self.assertIn(vmm.DEFAULT, vmm.names())
        for name in [*vmm.names(), vmm.EXEC]:
            self.assertIsInstance(vmm.backend(name), base.Backend)

    def test_what_vmm_means(self):
        for text, meaning in ((None, ("qemu", None)), ("qemu", ("qemu", None)),
                              ("qemu=/opt/q", ("qemu", "/opt/q")),
                              ("/opt/qemu-system-x86_64", ("qemu", "/opt/qemu-system-x86_64")),
                              ("/opt/a=b", ("qemu", "/opt/a=b"))):
            self.assertEqual(vmm.asked_for(text), meaning)

    def test_nobody_knows_another_vmm(self):
        self.assertIsNone(vmm.identify("/opt/no-vmm-of-ours"))

    def test_the_generic_part_imports_no_vmm(self):
        for folder, folders, files in os.walk(RUNNER):
            if os.path.relpath(folder, RUNNER) == "vmm":
                folders[:] = []                # the VMMs' own folders
            for name in filter(re.compile(r"\.py$").search, files):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    imports = re.findall(r"^\s*(?:from|import) .*", file.read(), re.M)
                self.assertFalse([line for line in imports if "qemu" in line], name)


if __name__ == "__main__":
    unittest.main()
