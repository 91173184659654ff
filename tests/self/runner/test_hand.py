# SPDX-License-Identifier: MIT
"""The host's hand: requests and answers, QEMU's control socket when it errs, sulks or is not
there, what is put back, and the wires that end at the runner.
"""
import asyncio
import json
import os
import re
import socket
import tempfile
import unittest

from support import ROOT, RunnerCase

from runner import hand
from runner.machines import Device
from runner.vmm.qemu.hand import base as qemu
from runner.vmm.qemu.hand import sound as qemu_sound

THIRD = "blk/flush-completes@pci.blk.0:split"
DISK = {"size": "1M"}


class Machine:
    def __init__(self, *devices):
        self.devices = devices


class FakeQmp:
    """A control socket that answers as told: {command: answer}, {} for the rest."""

    def __init__(self, folder, answers):
        self.folder, self.answers, self.commands = folder, answers, []

    async def __aenter__(self):
        path = os.path.join(self.folder, qemu.QMP_SOCKET)
        self.server = await asyncio.start_unix_server(self._serve, path)
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def _serve(self, reader, writer):
        writer.write(b'{"QMP": {"version": {}, "capabilities": []}}\n')
        while line := await reader.readline():
            command = json.loads(line)
            self.commands.append((command["execute"], command.get("arguments", {})))
            answer = self.answers.get(command["execute"], {"return": {}})
            if answer is None:
                continue                            # it never answers
            for event in answer.get("events", ()):
                writer.write(json.dumps(event).encode() + b"\n")
            answer = {key: value for key, value in answer.items() if key != "events"}
            if isinstance(answer.get("raw"), str):
                writer.write(answer["raw"].encode())
                writer.close()
                return
            writer.write(json.dumps({**answer, "id": command["id"]}).encode() + b"\n")


class Actions(unittest.TestCase):
    """One request after the other on QEMU's table, with a control socket of our own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="qvirtio-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.commands = []

    def ask(self, *requests, answers=None, devices=None, patience=0.2):
        """The answers; `answers` None: there is no socket."""
        machine = Machine(*(devices or [Device("blk0", "virtio-blk-pci", disk=DISK),
                                        Device("net0", "virtio-net-pci")]))

        async def run():
            actor = qemu.QemuHand(machine, self.folder)
            actor.qmp.patience = patience
            said = [await hand.call(actor, text) for text in requests]
            await actor.close()
            return said

        async def served():
            async with FakeQmp(self.folder, answers) as fake:
                said = await run()
                self.commands = fake.commands
                return said
        return asyncio.run(run() if answers is None else served())

    def test_an_action_is_told_to_the_vmm_and_put_back(self):
        said = self.ask("resize blk.0 4096", "resize blk.0 8192", "restore blk.0", answers={})
        self.assertEqual(said, ["ok", "ok", "ok"])
        self.assertEqual(self.commands[1:], [
            ("block_resize", {"device": "blk0-disk", "size": 4096 * 512}),
            ("block_resize", {"device": "blk0-disk", "size": 8192 * 512}),
            ("block_resize", {"device": "blk0-disk", "size": 1 << 20})])

    def test_what_is_put_back_is_put_back_once(self):
        self.ask("link net.0 off", "restore net.0", "restore net.0", answers={})
        self.assertEqual([name for name, _ in self.commands].count("set_link"), 2)

    def test_an_error_of_the_vmm_is_a_no(self):
        refusal = {"block_resize": {"error": {"class": "x", "desc": "Image is read-only"}}}
        self.assertEqual(self.ask("resize blk.0 4096", answers=refusal),
                         ["no Image is read-only"])

    def test_an_error_behind_something_done_is_half_way(self):
        answers = {"query-block": {"return": [{"device": "blk0-disk",
                                               "inserted": {"node-name": "x"}}]},
                   "qom-set": {"error": {"desc": "no such\nproperty"}}}
        said = self.ask("fail blk.0 8", "restore blk.0", answers=answers)
        self.assertEqual(said, ["failed no such property", "ok"])
        self.assertEqual(self.commands[-1][0], "blockdev-del")

    def test_a_device_is_plugged_and_taken_back(self):
        gone = {"device_del": {"return": {}, "events": [
            {"event": "DEVICE_DELETED", "data": {"device": "plugged"}}]}}
        self.assertEqual(self.ask("plug-device blk.0", "restore blk.0", answers=gone),
                         ["ok", "ok"])
        self.assertEqual([name for name, _ in self.commands[1:]],
                         ["blockdev-add", "device_add", "device_del", "blockdev-del"])

    def test_a_machine_without_a_slot(self):
        full = {"device_add": {"error": {"desc": "Bus 'free-slot' not found"}}}
        self.assertEqual(self.ask("plug-device blk.0", "restore blk.0", answers=full),
                         ["no Bus 'free-slot' not found", "ok"])
        self.assertEqual(self.commands[-1][0], "blockdev-del")

    def test_no_socket(self):
        said = self.ask("resize blk.0 4096")[0]
        self.assertRegex(said, "^no the VMM's control socket cannot be opened: No such file")

    def test_a_socket_that_nobody_listens_at(self):
        dead = socket.socket(socket.AF_UNIX)
        dead.bind(os.path.join(self.folder, qemu.QMP_SOCKET))
        dead.close()
        self.assertRegex(self.ask("link net.0 off")[0], "^no .* Connection refused")

    def test_a_vmm_that_does_not_answer(self):
        said = self.ask("resize blk.0 4096", answers={"block_resize": None})
        self.assertEqual(said, ["no the VMM does not answer block_resize"])

    def test_a_vmm_that_hangs_up(self):
        said = self.ask("resize blk.0 4096", answers={"block_resize": {"raw": ""}})
        self.assertEqual(said, ["no the VMM has closed its control socket"])

    def test_a_vmm_that_talks_nonsense(self):
        said = self.ask("resize blk.0 4096", answers={"block_resize": {"raw": "what?\n"}})
        self.assertRegex(said[0], "^no the VMM's control socket says b'what")

    def test_events_in_between_are_no_answers(self):
        event = {"event": "STOP", "data": {}}
        self.assertEqual(self.ask("pause blk.0 1", answers={"stop": {"return": {},
                                                                     "events": [event]}}),
                         ["ok"])

    def hear(self, *requests, says, sound=b""):
        with open(os.path.join(self.folder, qemu_sound.FILE), "wb") as file:
            file.write(bytes(qemu_sound.HEADER_BYTES) + sound)
        speaker = Device("snd", "virtio-sound-pci", props={"audiodev": "none0"})
        return self.ask(*requests, devices=[speaker],
                        answers={"human-monitor-command": {"return": says}})

    def test_what_is_heard_begins_with_the_first_sound(self):
        said = self.hear("hear sound.0", "heard sound.0 6", "heard sound.0 6",
                         says="warning: 'wavcapture' is deprecated\r\n",
                         sound=bytes(9) + b"\1" * 9)
        self.assertEqual(said, ["ok", "ok 000101010101", "no nobody listens to sound.0"])
        self.assertEqual(self.commands[1][1], {
            "command-line": "wavcapture heard.wav none0 48000 16 2"})

    def test_silence_is_no_value(self):
        self.assertEqual(self.hear("hear sound.0", "heard sound.0 6", says="", sound=bytes(64)),
                         ["ok", "ok"])

    def test_a_monitor_without_ears(self):
        self.assertEqual(self.hear("hear sound.0", says="unknown command: 'wavcapture'\r\n"),
                         ["no unknown command: 'wavcapture'"])

    def test_nobody_listens_behind_the_point(self):
        self.assertEqual(self.hear("hear sound.0", "restore sound.0", says=""), ["ok", "ok"])
        self.assertEqual(self.commands[-1][1], {"command-line": "stopcapture 0"})
        self.assertFalse(os.path.exists(os.path.join(self.folder, qemu_sound.FILE)))

    def test_the_host_keeps_utc_alone(self):
        clock = [Device("rtc0", "virtio-rtc-pci")]
        said = self.ask("time rtc.0 utc", "time rtc.0 tai", devices=clock)
        self.assertRegex(said[0], r"^ok \d{10}$")
        self.assertEqual(said[1], "no the host does not keep TAI")

    def test_unknown_actions_devices_and_arguments(self):
        said = self.ask("fly blk.0", "resize gpu.0 1", "resize net.0 1", "resize blk.0",
                        "resize blk.0 many", "link net.0 sideways", "resize", answers={})
        self.assertEqual(said[:3], ["no this VMM has no fly", "no this machine has no gpu.0",
                                    "no net.0 has no such action"])
        for answer in said[3:6]:
            self.assertIn("cannot be asked so", answer)
        self.assertEqual(said[6], "no resize needs a device")

    def test_a_wire_that_does_not_end_here(self):
        self.assertEqual(self.ask("inject net.0 00", answers={}),
                         ["no the other end of net.0 is not the host"])

    def test_a_folder_with_a_very_long_name(self):
        self.folder = os.path.join(self.folder, *["x" * 100] * 3)
        os.makedirs(self.folder)
        self.assertIn("No such file", self.ask("link net.0 off")[0])

    def test_the_documents_show_every_action(self):
        with open(os.path.join(ROOT, "docs", "PROTOCOL.md"), encoding="utf-8") as file:
            section = file.read().partition("## The hand")[2].partition("\n## ")[0]
        self.assertEqual(set(re.findall(r"^\| `(\S+) ", section, re.M)),
                         set(qemu.ACTIONS))


class Wires(unittest.TestCase):
    def test_frames_go_both_ways(self):
        async def run(folder):
            device = Device("net0", "virtio-net-pci", wire=True)
            actor = qemu.QemuHand(Machine(device), folder)
            guest = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            guest.bind(os.path.join(folder, "net0.vmm"))
            guest.sendto(b"old", os.path.join(folder, "net0.host"))
            await asyncio.sleep(0.01)
            said = [await hand.call(actor, "listen net.0")]
            guest.sendto(b"\x01\x02", os.path.join(folder, "net0.host"))
            said += [await hand.call(actor, "capture net.0"),
                     await hand.call(actor, "inject net.0 0a0b0c")]
            said.append(guest.recv(100))
            guest.close()
            await actor.close()
            return said
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(asyncio.run(run(folder)),
                             ["ok", "ok 0102", "ok", b"\x0a\x0b\x0c"])


    def test_a_connection_to_a_port_of_the_guest(self):
        async def backend(reader, writer):
            self.assertEqual(await reader.readline(), b"CONNECT 5000\n")
            writer.write(b"OK 8\n\x01\x02")
            self.assertEqual(await reader.read(1), b"\x07")

        async def run(folder):
            device = Device("vsock0", "vhost-user-vsock-pci", daemon=["backend"])
            actor = qemu.QemuHand(Machine(device), folder)
            server = await asyncio.start_unix_server(
                backend, os.path.join(folder, "vsock0.vhost.host"))
            said = [await hand.call(actor, text) for text in (
                "connect vsock.0 5000", "connect vsock.0 5000", "receive vsock.0 5000 2",
                "send vsock.0 5000 07", "close vsock.0 5000", "send vsock.0 5000 07")]
            server.close()
            await actor.close()
            return said
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(asyncio.run(run(folder)), [
                "ok", "no port 5000 is open", "ok 0102", "ok", "ok",
                "no port 5000 of vsock.0 is not open"])


class Serial(RunnerCase):
    """The lines, through the whole runner, with a VMM that has no control socket."""

    def seen(self, scenario, **more):
        return self.fake(scenario, **more).points[THIRD]["details"]["seen"]

    def test_a_vmm_without_a_control_socket(self):
        self.assertEqual(self.seen("asks-host", words="host"),
                         "host 7 no this VMM has no resize")

    def test_nobody_answers_without_the_word(self):
        self.assertEqual(self.fake("asks-host").points[THIRD]["details"]["outcome"],
                         "hung")

    def test_every_request_gets_its_answer_in_turn(self):
        self.assertEqual(self.seen("asks-host-often", words="host"),
                         " ".join(str(number) for number in range(1, 51)))

    def test_a_guest_that_never_reads_its_answers(self):
        done = self.fake("floods-host", words="host", timeout=30)
        self.assertEqual(done.points[THIRD]["status"], "passed")


if __name__ == "__main__":
    unittest.main()
