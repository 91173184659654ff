# SPDX-License-Identifier: MIT
"""The machine descriptions: overrides, PCI order, truths, QEMU's command line."""
import os
import unittest

from support import ROOT, RunnerCase

from runner import machines, truths
from runner.model import CannotRun
from runner.vmm import qemu
from runner.vmm.qemu import bootfiles

FOLDER = os.path.join(ROOT, "scripts", "machines")


class Matrix(unittest.TestCase):
    def setUp(self):
        self.table = machines.load(FOLDER)

    def test_the_words_of_each_machine_fit(self):
        vmm = qemu.Vmm("qemu-system-x86_64", "qemu", (7, 2))
        for machine in self.table.values():
            job = qemu.QemuJob(machine, "tcg", vmm, "kernel.elf")
            self.assertTrue(job.command(job.words([]) + ["seed=0x9e3779b97f4a7c15", "from=9999"]))

    def test_the_paths_of_the_default_matrix(self):
        boots = {(m.board["args"][1], m.boot, m.firmware) for m in self.table.values()}
        for path in (("pc", "kernel", ""), ("q35", "pvh", ""), ("q35", "iso", ""),
                     ("q35", "kernel", "qboot.rom"), ("pc", "kernel", "qboot.rom")):
            self.assertIn(path, boots)

    def test_kvm_is_never_slow(self):
        for machine in self.table.values():
            if "kvm" in machine.accel:
                self.assertEqual((machine.firmware, machine.boot), ("qboot.rom", "kernel"))
                self.assertTrue(machine.only)

    def words(self, machine, given):
        vmm = qemu.Vmm("qemu", "qemu", (7, 2))
        return qemu.QemuJob(self.table[machine], "kvm", vmm, "k").words(given)

    def test_a_machines_choice_of_points_gives_way_to_the_users(self):
        self.assertTrue(self.words("q35-kvm", [])[0].startswith("only=pci/*"))
        self.assertTrue(self.words("q35-kvm", ["only=*"])[0].startswith("know="))

    def test_hostile_tests_are_left_out_until_the_user_chooses(self):
        self.assertIn("hostile=0", self.words("q35-vhost-user", []))
        for word in ("hostile=1", "only=blk/*"):
            self.assertNotIn("hostile=0", self.words("q35-vhost-user", [word]))

    def test_indices_follow_pci_order(self):
        order = {device.name: device.key for device in self.table["q35-qboot"].devices}
        self.assertEqual(order["blk0"], "blk.0")
        self.assertEqual(order["blk2"], "blk.2")
        self.assertEqual([d.position() for d in self.table["q35-qboot"].devices],
                         sorted(d.position() for d in self.table["q35-qboot"].devices))

    def subjects(self, name):
        return {s for device in self.table[name].devices for s in device.subjects()}

    def test_a_transitional_device_is_two_subjects(self):
        self.assertLessEqual({"pci.blk.0", "pci-legacy.blk.0"}, self.subjects("q35-qboot"))
        self.assertNotIn("pci-legacy.blk.2", self.subjects("q35-qboot"))

    def test_variants_change_the_subjects(self):
        self.assertFalse([s for s in self.subjects("q35-modern-only") if "legacy" in s])
        self.assertFalse([s for s in self.subjects("pc-legacy-only") if "legacy" not in s])

    def test_mmio_devices_have_slots_and_one_subject(self):
        job = qemu.QemuJob(self.table["microvm-legacy"], "tcg",
                           qemu.Vmm("qemu", "qemu", (7, 2)), "k")
        text = " ".join(job.command([]))
        self.assertIn("-global virtio-mmio.force-legacy=on", text)
        self.assertIn("virtio-blk-device,id=blk0,bus=virtio-mmio-bus.1", text)
        self.assertNotIn("disable-legacy", text)
        self.assertIn("mmio-legacy.blk.2", self.subjects("microvm-legacy"))
        self.assertFalse([s for s in self.subjects("microvm") if not s.startswith("mmio.")])

    def test_channel_devices_have_numbers_and_two_subjects(self):
        machine = self.table["s390x"]
        job = qemu.QemuJob(machine, "tcg", qemu.Vmm("qemu", "qemu", (7, 2)), "k")
        command = job.command([])
        self.assertNotIn("isa-debug-exit", " ".join(command))
        self.assertIn("virtio-serial-ccw,id=console0,devno=fe.0.0007,max_ports=4", command)
        self.assertTrue([a for a in command if "id=blk2,devno=fe.1." in a])
        self.assertLessEqual({"ccw.blk.2", "ccw-legacy.blk.2"}, self.subjects("s390x"))
        self.assertFalse([s for s in self.subjects("s390x-revision-0") if "legacy" not in s])

    def test_truths(self):
        told = truths.truths(self.table["q35-qboot"])
        for key, value in (("blk.0.sectors", "16384"), ("blk.0.pattern", "1"),
                           ("blk.1.readonly", "1"), ("blk.2.blk_size", "4096"),
                           ("blk.2.physical_block_exp", "1"), ("net.0.partner", "1"),
                           ("net.0.mac", "52:54:00:12:34:56"),
                           ("console.0.port.1.name", "org.qvirtio.echo"),
                           ("console.0.port.1.echo", "1"), ("console.0.port.0.console", "1")):
            self.assertEqual(told.get(key), value, key)
        self.assertNotIn("blk.0.readonly", told)
        net0 = next(d for d in self.table["q35-qboot"].devices if d.key == "net.0")
        self.assertEqual(told["net.0.mtu"], str(net0.props["host_mtu"]))

    def test_no_value_holds_a_comma_or_a_blank(self):
        for machine in self.table.values():
            for key, value in truths.truths(machine).items():
                self.assertFalse(set(value) & {",", " ", "="}, key)


class BadDescriptions(RunnerCase):
    def load(self, text):
        os.makedirs(os.path.join(self.folder, "m"), exist_ok=True)
        self.write("m/a.toml", text)
        return machines.load(os.path.join(self.folder, "m"))

    def refused(self, text, why):
        with self.assertRaisesRegex(CannotRun, why):
            self.load(text)

    def test_one_line_adds_a_device(self):
        table = self.load('[board.q35]\nargs = ["-machine", "q35"]\n'
                          '[device]\nrng7 = { driver = "virtio-rng-pci", addr = "0b.0" }\n'
                          '[machine]\nm = { board = "q35" }\n')
        vmm = qemu.Vmm("qemu", "qemu", (7, 2))
        command = qemu.QemuJob(table["m"], "tcg", vmm, "k").command([])
        self.assertIn("virtio-rng-pci,id=rng7,addr=0b.0", command)

    def test_bad_toml(self):
        self.refused("[machine\n", "a.toml")

    def test_an_unknown_table(self):
        self.refused("[machines.q35]\n", "unknown table")

    def test_an_unknown_board(self):
        self.refused('[machine]\nm = { board = "q36" }\n', "machine m cannot be read: 'q36'")

    def test_an_unknown_key(self):
        self.refused('[board.q35]\nargs = []\n[machine]\nm = { board = "q35", hostle = false }\n',
                     "machine m: there is no key hostle")

    def test_an_unknown_parent(self):
        self.refused('[machine]\nm = { like = "q36" }\n', "machine m is like q36")


class BootFiles(RunnerCase):
    HEADER = bytes.fromhex("02b0ad1b" "00000100" "fe4f51e4")

    def wipe(self, image):
        kernel, out = self.write("k", ""), os.path.join(self.folder, "out")
        with open(kernel, "wb") as file:
            file.write(image)
        bootfiles.wipe_multiboot(kernel, out)
        with open(out, "rb") as file:
            return file.read()

    def test_the_magic_is_wiped_and_nothing_else(self):
        image = b"\x7fELF" + b"\x02\xb0\xad\x1b" + bytes(120) + self.HEADER + b"rest"
        self.assertEqual(self.wipe(image), image[:128] + bytes(4) + image[132:])

    def test_a_kernel_without_a_header(self):
        with self.assertRaisesRegex(CannotRun, "no Multiboot header"):
            self.wipe(bytes(8192) + self.HEADER)


if __name__ == "__main__":
    unittest.main()
