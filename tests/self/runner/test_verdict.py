# SPDX-License-Identifier: MIT
"""What is said of all runs together."""
import types
import unittest

import support  # noqa: F401  (puts the runner on the path)

from runner import verdict
from runner.model import FAILED, PASSED, SKIPPED


def run_of(*points):
    return types.SimpleNamespace(points=[
        types.SimpleNamespace(id=id_, status=status, number=number)
        for number, (id_, status) in enumerate(points, 1)])


class Reach(unittest.TestCase):
    def test_points_are_counted_by_device_transport_and_ring(self):
        first = run_of(("ring/a@pci.blk.0:split", PASSED), ("ring/b@pci.blk.1:packed-event", FAILED))
        second = run_of(("life/c@pci.blk.0", PASSED), ("life/c@mmio.9p.0", PASSED))
        self.assertEqual(verdict.reach([first, second]),
                         {"blk": {"pci": [1, 1, 1]}, "9p": {"mmio": [1, 0, 0]}})

    def test_clauses_are_counted_by_device(self):
        """Of each type that ran, and of what all have where it has any; no row that nobody sees."""
        def row(name, area, observable="guest"):
            return {"id": name, "area": area, "observable": observable}
        rows = [row("a", "blk"), row("b", "blk"), row("c", "blk", "hostile"), row("d", "blk", "no"), row("e", "gpu"),
                row("f", "basic"), row("g", "ccw"), row("h", "rng")]
        run = run_of(("life/c@pci.blk.0", PASSED), ("life/c@pci.rng.0", PASSED))
        run.clauses = {"a", "e", "f"}
        for point in run.points:
            point.clause = ""
        run.points[0].status, run.points[0].clause = FAILED, "b"
        self.assertEqual(verdict.proven([run], rows), [("blk", 1, 3, 1), ("rng", 0, 1, 0), ("basic", 1, 1, 0)])

    def test_skipped_points_did_not_run(self):
        self.assertEqual(verdict.reach([run_of(("life/c@pci.rng.0", SKIPPED))]), {})


if __name__ == "__main__":
    unittest.main()
