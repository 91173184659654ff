# SPDX-License-Identifier: MIT
"""A plan that is divided over VMs gives what the whole one gives."""
import os
import types
import unittest

import support  # noqa: F401  (puts scripts/ in the path)

from runner import checks, machines, parts
from runner.model import Point, Run
from runner.vmm import qemu

JOB = types.SimpleNamespace(name="q35", left_out={})


def part_run(*points, **more):
    run = Run("q35", JOB, points=list(points), plan=len(points), seed="0x1", boots=1)
    for key, value in more.items():
        setattr(run, key, value)
    return run


class Count(unittest.TestCase):
    def test_idle_cpus_get_a_part_each(self):
        self.assertEqual(parts.count(2, 1, []), 2)
        self.assertEqual(parts.count(8, 3, ["host"]), 2)

    def test_busy_cpus_get_whole_machines(self):
        self.assertEqual(parts.count(2, 49, []), 1)
        self.assertEqual(parts.count(1, 1, []), 1)

    def test_there_is_a_bound(self):
        self.assertEqual(parts.count(200, 1, []), parts.MOST)

    def test_a_choice_of_points_is_not_divided(self):
        for word in ("only=rng/*", "skip=*", "from=7", "list", "stop", "bench"):
            self.assertEqual(parts.count(2, 1, ["seed=1", word]), 1, word)


class Merged(unittest.TestCase):
    def test_points_get_back_their_numbers(self):
        odd = part_run(Point(1, "a", True), Point(2, "c", False))
        even = part_run(Point(1, "b", True))
        whole = parts.merged(JOB, [odd, even])
        self.assertEqual([(p.number, p.id, p.ok) for p in whole.points],
                         [(1, "a", True), (2, "b", True), (3, "c", False)])
        self.assertEqual((whole.plan, whole.boots, whole.seed), (3, 2, "0x1"))

    def test_a_check_that_fails_in_one_part_fails(self):
        good, bad = part_run(), part_run()
        checks.add(good, checks.EXIT_AGREES, [], "a status")
        checks.add(bad, checks.EXIT_AGREES, ["status 3"], "a status", stderr=["x"])
        for order in ([good, bad], [bad, good]):
            point, = parts.merged(JOB, order).points
            self.assertEqual((point.id, point.ok, point.seen, point.details["stderr"]),
                             (checks.EXIT_AGREES + "@q35", False, "status 3", ["x"]))

    def test_problems_of_both_parts_are_kept(self):
        runs = [part_run(), part_run()]
        for number, run in enumerate(runs):
            checks.add(run, checks.WELL_FORMED, [f"problem {number}"], "TAP")
        point, = parts.merged(JOB, runs).points
        self.assertEqual(point.details["all_seen"], ["problem 0", "problem 1"])

    def test_what_was_seen_by_either_is_seen(self):
        one = part_run(clauses={"a"}, subjects={"pci.rng.0": "x"}, deaths=["d"], notes=["n"])
        two = part_run(clauses={"b"}, subjects={"pci.rng.0": "x"}, notes=["n"],
                       nothing_matched=True)
        whole = parts.merged(JOB, [one, two])
        self.assertEqual((whole.clauses, whole.deaths, whole.notes),
                         ({"a", "b"}, ["d"], ["n"]))
        self.assertFalse(whole.nothing_matched)

    def test_a_part_may_be_empty_and_all_may_not(self):
        full, empty = part_run(Point(1, "a", True)), part_run(nothing_matched=True)
        self.assertEqual([p.id for p in parts.merged(JOB, [full, empty]).points], ["a"])
        whole = parts.merged(JOB, [empty, empty])
        self.assertEqual([(p.id, p.ok) for p in whole.points], [(checks.RUNS + "@q35", False)])
        self.assertFalse(whole.nothing_matched)

    def test_parts_of_different_machines_are_seen(self):
        one = part_run(Point(1, "a", True), subjects={"pci.rng.0": "x", "pci.blk.0": "x"})
        two = part_run(Point(1, "a", True), subjects={"pci.rng.0": "x"})
        self.assertEqual(parts.differences([one, one]), [])
        self.assertIn("the same devices", parts.differences([one, two])[0])
        self.assertEqual([p.id for p in parts.merged(JOB, [one, two]).points if not p.ok],
                         [checks.DEVICES + "@q35"])

    def test_a_device_that_one_part_lost_is_named(self):
        one, two = part_run(Point(1, "a", True)), part_run()
        two.job = types.SimpleNamespace(name="q35", left_out={"fs0": "it does not listen"})
        self.assertEqual(parts.differences([one, two]), ["a part of the plan ran without fs0"])
        one.job = two.job
        self.assertEqual(parts.differences([one, two]), [])

    def test_parts_of_different_plans_are_seen(self):
        short = part_run(Point(1, "a", True))
        long = part_run(Point(1, "a", True), Point(2, "b", True))
        self.assertEqual(parts.differences([long, short]), [])
        self.assertIn("[1, 2] points, not [2, 1]", parts.differences([short, long])[0])


class Apart(unittest.TestCase):
    def job(self, name):
        table = machines.load(os.path.join(support.ROOT, "scripts", "machines"))
        return qemu.QemuJob(table[name], "tcg", qemu.Vmm("qemu", "qemu", (7, 2)), "k")

    def test_what_one_vm_loses_the_others_keep(self):
        job = self.job("q35")
        part = job.apart()
        part.leave_out("blk0", "gone")
        self.assertIn("blk.0", job.disks)
        self.assertNotIn("blk.0", part.disks)
        self.assertEqual((job.left_out.keys() & {"blk0"}, job.is_divisible()), (set(), True))

    def test_what_the_host_has_once_is_not_divided(self):
        job = self.job("q35")
        job.machine.devices[0].needs = "/dev/vhost-vsock"
        self.assertFalse(job.is_divisible())


if __name__ == "__main__":
    unittest.main()
