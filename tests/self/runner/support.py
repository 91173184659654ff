# SPDX-License-Identifier: MIT
"""What the runner's tests share: running it on the fake VMM, and reading what it wrote."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
RUN_TESTS = os.path.join(ROOT, "scripts", "run-tests")
FAKE = os.path.join(HERE, "fake_vmm.py")
sys.path.insert(0, os.path.join(ROOT, "scripts"))


class Outcome:
    """One call of run-tests: status, output, and the JSON report when there is one."""

    def __init__(self, status, out, err, report):
        self.status, self.out, self.err, self.report = status, out, err, report

    @property
    def last(self):
        return self.out.splitlines()[-1] if self.out else ""

    @property
    def points(self):
        return {point["id"]: point for run in self.report["machines"]
                for point in run["points"]}

    def failed(self):
        return sorted(name for name, p in self.points.items() if p["status"] == "failed")


class RunnerCase(unittest.TestCase):
    """`self.fake(SCENARIO, ...)` runs the real command; nothing is mocked."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qvirtio-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.kernel = self.write("kernel.elf", "no kernel\n")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_tests(self, *args, env=None, timeout=60):
        report = os.path.join(self.folder, "report.json")
        if os.path.exists(report):
            os.unlink(report)
        environment = {**os.environ, "TMPDIR": self.folder, **(env or {})}
        done = subprocess.run([RUN_TESTS, "--json", report, "--kernel", self.kernel, *args],
                              capture_output=True, text=True, timeout=timeout,
                              env=environment, check=False)
        content = None
        if os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                content = json.load(file)
        return Outcome(done.returncode, done.stdout, done.stderr, content)

    def fake(self, scenario, *args, words="", **more):
        known = os.path.join(self.folder, "known")
        os.makedirs(known, exist_ok=True)
        return self.run_tests("--exec", f"{FAKE} {scenario} {{append}}", "--known", known,
                              "--append", words, "--timeout", "1.5", *args, **more)
