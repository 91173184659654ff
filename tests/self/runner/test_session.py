# SPDX-License-Identifier: MIT
"""A VMM that dies, hangs, spins, floods or lies, and what the runner makes of it."""
import unittest

from support import RunnerCase

THIRD = "blk/flush-completes@pci.blk.0:split"
FORM = "runner/serial-line-is-well-formed@exec"
EXIT = "runner/exit-status-agrees-with-the-results@exec"


class Results(RunnerCase):
    def test_a_clean_run_passes(self):
        done = self.fake("passes")
        self.assertEqual(done.status, 0, done.out + done.err)
        self.assertEqual(done.last, "8 passed, 0 failed, 0 skipped")

    def test_a_failure_is_shown_with_all_that_is_known(self):
        done = self.fake("fails")
        self.assertEqual(done.status, 1)
        self.assertEqual(done.last, "7 passed, 1 failed, 0 skipped")
        self.assertEqual(done.failed(), [THIRD])
        for text in (f"FAILED {THIRD} on exec", "dev:5.2.6.2-3a MUST", "tests/blk/read.c:141",
                     "status VIRTIO_BLK_S_IOERR (1)", "status VIRTIO_BLK_S_OK (0)",
                     "status 0x0f", "avail 17", f"only={THIRD}"):
            self.assertIn(text, done.out)

    def test_failures_that_are_alike_are_shown_in_full_once(self):
        done = self.fake("fails-alike")
        self.assertEqual(done.last, "6 passed, 2 failed, 0 skipped")
        self.assertEqual(done.out.count("tests/blk/read.c:141"), 1)
        self.assertIn("FAILED blk/flush-completes@pci.blk.1:split on exec: status VIRTIO_BLK_S",
                      done.out)

    def test_a_broken_should_is_a_warning(self):
        done = self.fake("warns")
        self.assertEqual((done.status, done.last), (0, "7 passed, 0 failed, 1 skipped"))
        self.assertIn("1 warned", done.out)
        self.assertIn(f"WARNED {THIRD} on exec: dev:5.2.6.2-3a: status VIRTIO_BLK_S_OK (0)", done.out)

    def test_a_broken_should_fails_under_strict(self):
        done = self.fake("warns", "--strict")
        self.assertEqual((done.status, done.failed()), (1, [THIRD]))

    def test_a_skip_names_its_reason(self):
        done = self.fake("skips")
        self.assertEqual((done.status, done.last), (0, "7 passed, 0 failed, 1 skipped"))
        self.assertIn("blk/flush-completes: VIRTIO_BLK_F_FLUSH not offered", done.out)

    def test_clauses_are_counted(self):
        done = self.fake("fails")
        self.assertEqual(done.report["clauses_held"], ["dev:2.1.2-1", "dev:2.4.1-1"])
        self.assertEqual(done.report["clauses_broken"], ["dev:5.2.6.2-3a"])

    def test_list_runs_nothing(self):
        done = self.fake("passes", "--list")
        self.assertEqual(done.status, 0, done.out)
        self.assertIn(f"3 {THIRD}", done.out)
        self.assertEqual(done.last, "0 passed, 0 failed, 0 skipped")


class Deaths(RunnerCase):
    def dies(self, scenario, outcome, seen, *args, **more):
        """The third point is charged, and the three behind it pass in a second boot."""
        done = self.fake(scenario, *args, **more)
        self.assertEqual(done.status, 1, done.out + done.err)
        self.assertEqual(done.failed(), [THIRD], done.out)
        self.assertEqual(done.points[THIRD]["details"]["outcome"], outcome)
        self.assertIn(seen, done.points[THIRD]["details"]["seen"])
        self.assertEqual(done.report["machines"][0]["boots"], 2)
        self.assertEqual(done.points["net/frame-arrives@pci.net.0:split"]["status"], "passed")
        return done

    def test_abort_is_charged_with_the_last_of_stderr(self):
        done = self.dies("aborts", "died", "SIGABRT")
        self.assertIn("Assertion `head < 4' failed", done.out)
        self.assertIn("of CPU time", done.out)

    def test_segfault(self):
        self.dies("segfaults", "died", "SIGSEGV")

    def test_an_assertion_of_glib_is_no_fault_of_the_kernel(self):
        self.dies("asserts-by-glib", "died", "SIGABRT")

    def test_reset_in_the_middle(self):
        self.dies("resets", "died", "exited with status 0")

    def test_hang(self):
        self.dies("hangs", "hung", "the VMM hangs")

    def test_spin(self):
        self.dies("spins", "spun", "the VMM spins")

    def test_a_vmm_that_ignores_sigterm(self):
        self.dies("stubborn", "hung", "the VMM hangs")

    def test_half_a_line_is_no_result(self):
        self.dies("half-line", "died", "SIGABRT")

    def test_flood(self):
        self.dies("floods", "flooded", "floods its output")

    def test_a_fault_of_the_kernel(self):
        self.dies("faults", "error", "page fault in blk_read")

    def test_the_seed_is_kept(self):
        """The fake has another seed in each boot unless it is told one."""
        done = self.fake("aborts")
        self.assertEqual(done.points[FORM]["status"], "passed")

    def test_two_deaths(self):
        done = self.fake("aborts-twice")
        self.assertEqual(done.report["machines"][0]["boots"], 3)
        self.assertEqual(done.last, "6 passed, 2 failed, 0 skipped")

    def test_death_in_the_last_test_boots_no_more(self):
        done = self.fake("aborts-at-last")
        self.assertEqual(done.report["machines"][0]["boots"], 1)
        self.assertEqual(done.failed(), ["net/frame-arrives@pci.net.0:split"])

    def test_death_in_every_test_still_ends(self):
        done = self.fake("aborts-always")
        self.assertEqual(done.report["machines"][0]["boots"], 6)
        self.assertEqual(done.last, "1 passed, 6 failed, 0 skipped")

    def test_death_between_tests_is_charged_to_none(self):
        done = self.fake("aborts-between")
        self.assertEqual(done.failed(), ["runner/vmm-stays-alive-between-tests@exec"])
        self.assertEqual(done.points[THIRD]["status"], "passed")
        self.assertEqual(done.points["net/frame-arrives@pci.net.0:split"]["status"], "passed")

    def test_death_after_the_last_line(self):
        done = self.fake("aborts-after-summary")
        self.assertEqual(done.failed(), [EXIT])
        self.assertEqual(done.report["machines"][0]["boots"], 1)

    def test_a_vmm_that_cannot_start_is_given_up(self):
        done = self.fake("dead")
        self.assertEqual(done.failed(), ["runner/vmm-lives-long-enough-to-test@exec"])
        self.assertIn("died twice before any test", done.out)
        self.assertIn("cannot set up guest memory", done.out)
        self.assertEqual(done.report["machines"][0]["boots"], 2)

    def test_a_kernel_that_faults_before_its_first_line(self):
        done = self.fake("faults-early")
        self.assertEqual(done.failed(), ["runner/vmm-lives-long-enough-to-test@exec"])
        self.assertIn("the kernel itself faulted: page fault at 0x1043ae", done.out)
        self.assertIn("called from enter_64", done.out)

    def test_a_vmm_that_stays_after_the_last_line_is_ended(self):
        done = self.fake("lingers")
        self.assertEqual((done.status, done.last), (0, "8 passed, 0 failed, 0 skipped"))


class Stuck(RunnerCase):
    """A device that no longer resets costs a boot, and no point behind it."""
    SECOND = "ring/index-wraps@pci.blk.0:split"

    def test_the_machine_boots_behind_it(self):
        done = self.fake("stuck")
        self.assertEqual((done.failed(), done.last), ([self.SECOND], "7 passed, 1 failed, 0 skipped"))
        machine = done.report["machines"][0]
        self.assertEqual((machine["boots"], machine["deaths"]), (2, []))
        self.assertEqual(done.points[self.SECOND]["details"]["seen"], "the reset does not end")

    def test_behind_the_last_point_it_does_not(self):
        done = self.fake("stuck-at-last")
        self.assertEqual(done.report["machines"][0]["boots"], 1)
        self.assertEqual(done.last, "7 passed, 1 failed, 0 skipped")

    def test_a_device_has_three_boots(self):
        """Then it is stuck for good: the fourth time and all that follows are blocked."""
        done = self.fake("stuck-often")
        self.assertEqual(done.report["machines"][0]["boots"], 4)
        self.assertEqual(done.last, "2 passed, 3 failed, 3 skipped")
        self.assertEqual(done.points["blk/reads-what-was-written@pci.blk.0:split"]["directive"],
                         "SKIP blocked: the reset does not end, see life/status-reads-zero@pci.blk.0")


class SerialLine(RunnerCase):
    def malformed(self, scenario, seen, *others):
        done = self.fake(scenario)
        self.assertEqual(done.status, 1, done.out + done.err)
        self.assertEqual(done.failed(), sorted([FORM, *others]), done.out)
        self.assertIn(seen, "\n".join(done.points[FORM]["details"]["all_seen"]))

    def test_points_missing_from_the_plan(self):
        self.malformed("wrong-plan", "2 of the plan's points have no result: 7, 8")

    def test_another_plan_after_booting_again(self):
        self.malformed("plan-grows", "the plan was 1..6 and is 1..7", THIRD)

    def test_no_plan(self):
        self.malformed("no-plan", "no plan")

    def test_two_plans(self):
        self.malformed("two-plans", "a second plan")

    def test_a_number_twice(self):
        self.malformed("duplicate", "number 3 came twice")

    def test_a_result_that_never_came(self):
        self.malformed("missing", "point 3 (blk/flush-completes@pci.blk.0:split) has no result")

    def test_another_id(self):
        self.malformed("other-id", "was answered by '3 - blk/something-else@pci.blk.0'")

    def test_another_number(self):
        self.malformed("other-number", "was answered by '4 - blk/flush-completes")

    def test_a_yaml_block_without_end(self):
        self.malformed("open-block", "the YAML block of point 3 has no end", THIRD)

    def test_a_summary_that_miscounts(self):
        self.malformed("bad-summary", "the summary counts 60 points, the line showed 6")

    def test_no_summary(self):
        self.malformed("no-summary", "no summary line")

    def test_garbage_between_the_lines_is_noted(self):
        done = self.fake("garbage")
        self.assertEqual((done.status, done.last), (0, "8 passed, 0 failed, 0 skipped"))
        self.assertIn("were neither TAP nor ours", done.out)


class Status(RunnerCase):
    def test_failed_without_a_failure(self):
        done = self.fake("wrong-status")
        self.assertEqual(done.failed(), [EXIT])

    def test_passed_with_a_failure(self):
        done = self.fake("lying-status")
        self.assertEqual(done.failed(), sorted([EXIT, THIRD]))

    def test_an_s390x_stops_or_waits(self):
        with open(self.kernel, "wb") as file:
            file.write(b"\x7fELF\x02\x02\x01" + bytes(9) + b"\x00\x02\x00\x16" + bytes(44))
        self.assertEqual(self.fake("stops").status, 0)
        self.assertEqual(self.fake("lying-stop").failed(), sorted([EXIT, THIRD]))
        self.assertEqual(self.fake("lying-wait").failed(), [EXIT])

    def test_a_status_of_the_vmm_itself_says_nothing_under_exec(self):
        self.assertEqual(self.fake("odd-status").status, 0)

    def test_a_bad_word_is_a_failure_that_names_it(self):
        done = self.fake("bad-word", words="frob=1")
        self.assertEqual(done.failed(), ["runner/kernel-finds-something-to-run@exec"])
        self.assertIn("unknown word frob=1", done.out)

    def test_nothing_matches(self):
        done = self.fake("nothing-matches", "--only", "frob/*")
        self.assertEqual(done.status, 2)
        self.assertIn("no test point matches", done.err)


if __name__ == "__main__":
    unittest.main()
