# SPDX-License-Identifier: MIT
"""A machine on QEMU: its command line and its files.

The VMM runs inside a folder of its own and names its files relatively, so that the same
command line works in any folder that `prepare` has filled.
"""
import copy
import os
import shlex
from dataclasses import replace

from ... import arches, daemons, echo, images, machines, shares, truths
from ...machines import parse_size
from ...model import CannotRun
from ..base import Job, Vmm
from . import bootfiles
from .devices import backend_args, device_option, driver_of, port_args, unit_args, value_text
from .hand import QemuHand
from .qmp import QMP_ARGS

PVH_KERNEL = "qvirtio-pvh.elf"
ISO = "qvirtio.iso"
APPEND_BYTES = 2000            # our own limit for what a loader must carry
RAM_MIB = 16
FIXED = ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
         "-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1"]
SHARED_MEMORY = ["-object", "memory-backend-memfd,id=ram,size=16M,share=on",
                 "-machine", "memory-backend=ram"]


def memory_args(machine):
    """RAM, and address space beside it for devices that bring memory of their own."""
    more = sum(parse_size(device.memory) for device in machine.devices if device.memory)
    return ["-m", f"{RAM_MIB}M" + (f",maxmem={RAM_MIB + (more >> 20)}M" if more else "")]


class QemuJob(Job):
    """One machine under one accelerator."""

    def __init__(self, machine, accel, vmm, kernel):
        self.machine = replace(machine, devices=copy.deepcopy(machine.devices))
        self.accel, self.vmm = accel, vmm
        self.kernel = os.path.abspath(kernel)
        self.name = machine.name + ("" if accel == machine.accel[0] else f"-{accel}")
        self.exit_meaning = arches.EXIT_OF_STATUS[machine.arch]
        self.must_exit = True
        self.left_out = {}           # device's name: why this VMM or host cannot have it
        self._count()
        for device in machine.devices:
            if vmm.lacks(driver_of(device)):
                self.leave_out(device.name, f"no {driver_of(device)} in this VMM")
            elif device.needs and not os.path.exists(device.needs):
                self.leave_out(device.name, f"{device.needs} is not there")
            elif device.daemon:
                self._need_program(device)

    def _count(self):
        """What follows from the devices that there are."""
        devices = self.machine.devices
        machines.count(devices)
        self.declared = [subject for device in devices for subject in device.subjects()]
        media = {key: medium for device in devices for key, medium in device.media().items()}
        self.disks = {key: (parse_size(disk["size"]), bool(disk.get("readonly")))
                      for key, (_, disk) in media.items()}
        self.shares = {device.key: shares.name(device) for device in devices if device.share}
        self._image_of = {key: name + ".img" for key, (name, _) in media.items()}
        self._echoes = [f"{device.name}-{number}" for device in devices
                        for number, port in enumerate(device.ports) if port.get("echo")]

    @property
    def backends(self):
        found = {}
        for device in self.machine.devices:
            if device.daemon:
                path = daemons.program(device)
                found[device.key] = Vmm(path, os.path.basename(device.daemon[0]), daemons.version(path))
        return found

    def leave_out(self, name, why):
        """The machine goes on without this device, and says why."""
        self.left_out[name] = why
        self.machine.devices = [device for device in self.machine.devices
                                if device.name != name]
        self._count()

    def is_divisible(self):
        """Several VMs of it may run at once: no device takes what the host has once (`needs`)."""
        return not any(device.needs for device in self.machine.devices)

    def apart(self):
        """The same machine, for one of several VMs at once: one may lose a device."""
        job = copy.copy(self)
        job.machine, job.left_out = copy.copy(self.machine), dict(self.left_out)
        job.machine.devices = copy.deepcopy(self.machine.devices)
        job._count()
        return job

    def is_empty(self):
        """Nothing is left to be tested."""
        return bool(self.left_out) and not self.machine.devices

    def _need_program(self, device):
        try:
            daemons.program(device)
        except daemons.BackendMissing as error:
            self.leave_out(device.name, error)

    async def serve(self, folder, token):
        """Starts what serves devices of a filled folder."""
        running = daemons.Daemons(token)
        for device in [device for device in self.machine.devices if device.daemon]:
            try:
                await running.serve(device, folder)
            except daemons.BackendMissing as error:
                self.leave_out(device.name, error)
        return running

    def words(self, given):
        """The truths, and this machine's choice of points where the user made none."""
        told = truths.word(self.machine)
        skip = list(self.machine.skip)
        for device in self.machine.devices:
            if not self.machine.patient:
                skip += [f"{glob}@*.{device.key}*" for glob in device.skip]
        chosen = [f"{key}={','.join(globs)}" for key, globs in
                  (("only", self.machine.only), ("skip", skip)) if globs]
        if not self.machine.hostile:
            chosen.append("hostile=0")
        if any(word.startswith(("only=", "skip=", "hostile=")) for word in given):
            chosen = []
        host = ["host"] if self.machine.host and "host" not in given else []
        # Everything behind these devices was made by the runner, for this boot.
        scratch = [] if any(word == "keep" or word.startswith("scratch=") for word in given) else ["scratch=*"]
        return chosen + ([told] if told else []) + scratch + host

    def actor(self, folder):
        return QemuHand(self.machine, folder)

    def cwd(self, folder):
        return folder

    def fill(self, folder):
        """Puts the devices' host ends there."""
        for key, (size, _) in self.disks.items():
            with open(os.path.join(folder, self._image_of[key]), "wb") as file:
                file.write(images.pattern(size))
        for name in self._echoes:
            echo.make(folder, name)
        for name in self.shares.values():
            shares.fill(os.path.join(folder, name))

    def prepare(self, folder, words):
        """Makes whatever is booted from the folder."""
        if self.machine.boot == "pvh":
            bootfiles.wipe_multiboot(self.kernel, os.path.join(folder, PVH_KERNEL))
        elif self.machine.boot == "iso":
            bootfiles.make_iso(self.kernel, os.path.join(folder, ISO), words)

    def before_by_hand(self, folder, words):
        """Commands that must run first when somebody repeats this boot by hand."""
        steps = []
        if self.machine.boot == "iso":
            steps.append(shlex.join([bootfiles.MAKE_ISO, self.kernel, ISO, *words]))
        for device in self.machine.devices:
            if device.daemon:
                steps.append(f"({shlex.join(daemons.command(device, folder))} &) && sleep 1")
        return steps

    def read_disk(self, folder, key):
        with open(os.path.join(folder, self._image_of[key]), "rb") as file:
            return file.read()

    def _boot_args(self, words):
        if self.machine.boot == "iso":
            return ["-cdrom", ISO, "-boot", "d"]
        kernel = PVH_KERNEL if self.machine.boot == "pvh" else self.kernel
        return ["-kernel", kernel, "-append", " ".join(words)]

    def command(self, words):
        size = len(" ".join(words).encode())
        if size > APPEND_BYTES:
            raise CannotRun(f"{self.name}: the kernel's words are {size} bytes long, "
                            f"more than {APPEND_BYTES}: choose fewer with --only")
        board = self.machine.board
        argv = [self.vmm.path, *board["args"], "-accel", self.accel]
        if self.machine.firmware:
            argv += ["-bios", self.machine.firmware]
        argv += FIXED + memory_args(self.machine) + arches.exit_args(self.machine.arch) + QMP_ARGS
        argv += self.machine.args
        if self.machine.shared_memory:
            argv += SHARED_MEMORY
        if "mmio" in board:
            argv += ["-global", f"virtio-mmio.force-legacy={value_text(self.machine.legacy)}"]
        elif "bridge" in board and any(device.behind for device in self.machine.devices):
            argv += ["-device", board["bridge"]]
        for device in self.machine.devices:
            argv += backend_args(device) + device.backend
            argv += ["-device", device_option(device, board)]
            argv += port_args(device) + unit_args(device) + device.children
        return argv + self._boot_args(words)
