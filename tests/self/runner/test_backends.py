# SPDX-License-Identifier: MIT
"""Processes that serve devices, and shared folders: found, ready, dead, judged."""
import asyncio
import os
import sys
import tempfile
import time
import unittest

from support import ROOT  # noqa: F401  (puts the runner into the path)

from runner import daemons, guard, shares
from runner.machines import Device

LISTEN = ("import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); "
          "s.listen(); {}")


def device(*command):
    return Device("dev0", "vhost-user-fs-pci", daemon=list(command))


def python(then):
    return device(sys.executable, "-c", LISTEN.format(then), "{socket}")


class Backends(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qvirtio-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.token = f"{os.getpid()}-test-backends."
        self.all = daemons.Daemons(self.token)

    async def refused(self, what):
        with self.assertRaises(daemons.BackendMissing) as caught:
            await self.all.serve(what, self.folder)
        self.assertEqual(list(guard.carriers(self.token)), [])
        return str(caught.exception)

    async def test_a_program_that_is_not_there_is_named(self):
        self.assertEqual(await self.refused(device("no-such-daemon")),
                         "no-such-daemon is not installed")

    async def test_one_that_ends_at_once_says_how(self):
        text = await self.refused(device("sh", "-c", "echo no rights; exit 3"))
        self.assertEqual(text, "sh ended with status 3; it said: no rights")

    async def test_one_that_never_listens_is_given_up(self):
        daemons.READY_SECONDS, before = 0.2, daemons.READY_SECONDS
        self.addCleanup(setattr, daemons, "READY_SECONDS", before)
        self.assertIn("does not listen", await self.refused(device("sleep", "60")))

    async def test_it_lives_until_it_is_ended(self):
        await self.all.serve(python("time.sleep(60)"), self.folder)
        self.assertIsNone(self.all.first_death())
        await self.all.end()
        self.assertEqual(list(guard.carriers(self.token)), [])

    async def test_its_death_is_told_by_name(self):
        await self.all.serve(python("s.accept(); sys.exit('gave up')"), self.folder)
        _, writer = await asyncio.open_unix_connection(self.all.all[0].socket)
        writer.close()
        await asyncio.wait_for(self.all.all[0].gone, 5)
        self.assertIn("dev0: ", self.all.first_death())
        self.assertIn("status 1; it said: gave up", self.all.first_death())
        self.assertEqual(len(self.all.deaths(time.monotonic())), 1)
        self.assertEqual(self.all.deaths(0), [])


class Shares(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qvirtio-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        shares.fill(self.folder)

    def judge(self, *written):
        return shares.judge({"9p.0": self.folder}, written)

    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)

    def test_what_nobody_touched_holds(self):
        self.assertEqual(self.judge(), [])

    def test_an_announced_file_holds(self):
        self.write("new", shares.content(1001, 7))
        self.assertEqual(self.judge(("9p.0", "new", 1001, 7)), [])
        self.assertEqual(self.judge(("9p.0", "new", 1001, 8)),
                         ["9p.0: new does not hold what it must"])
        self.assertEqual(self.judge(), ["9p.0: nobody announced new"])

    def test_a_missing_file_is_missed(self):
        os.unlink(os.path.join(self.folder, "many", "07"))
        self.assertEqual(self.judge(), ["9p.0: many/07 is not there"])

    def test_a_changed_file_is_seen(self):
        self.write("empty", b"x")
        self.assertEqual(self.judge(), ["9p.0: empty does not hold what it must"])

    def test_an_announcement_of_another_device_is_refused(self):
        self.assertEqual(self.judge(("9p.1", "new", 1, 0)),
                         ["an announcement names 9p.1, which this machine lacks"])


if __name__ == "__main__":
    unittest.main()
