# SPDX-License-Identifier: MIT
"""A machine on QEMU: its command line, its files, and what QEMU this is.

The VMM runs inside a folder of its own and names its files relatively, so that the same
command line works in any folder that `prepare` has filled.
"""
import copy
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, replace

from . import arches, bootfiles, daemons, echo, images, know, machines, shares
from .hosts.qemu import QMP_ARGS, QemuHost
from .machines import parse_size
from .model import CannotRun

PVH_KERNEL = "qvirtio-pvh.elf"
ISO = "qvirtio.iso"
APPEND_BYTES = 2000            # our own limit for what a loader must carry
RAM_MIB = 16
FIXED = ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
         "-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1"]
SHARED_MEMORY = ["-object", "memory-backend-memfd,id=ram,size=16M,share=on",
                 "-machine", "memory-backend=ram"]
PLAIN_NAMES = {"vhost-user-blk"}       # of devices that say nothing of their bus being virtio-mmio
EXIT = {"x86_64": ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"],
        "s390x": ["-action", "panic=exit-failure"]}


@dataclass
class Vmm:
    """Which program, for known deviations: its name there, and its version's numbers."""
    path: str
    name: str
    version: tuple
    drivers: frozenset = None      # of its devices; None: nobody has asked

    def lacks(self, driver):
        return self.drivers is not None and driver not in self.drivers


def probe(path):
    """Asks QEMU for its version; says in one line what to do when that fails."""
    found = shutil.which(path)
    advice = "name another with --vmm PATH, or install it with 'scripts/install-deps run'"
    if found is None:
        raise CannotRun(f"{path} is not there or not executable: {advice}")
    try:
        text = subprocess.run([found, "--version"], capture_output=True, text=True,
                              timeout=20, stdin=subprocess.DEVNULL, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotRun(f"{path} --version fails ({error}): {advice}") from error
    match = re.search(r"version (\d+(?:\.\d+)*)", text)
    if "QEMU" not in text or not match:
        raise CannotRun(f"{path} is not a QEMU: boot others with --exec 'COMMAND ...'")
    return Vmm(os.path.abspath(found), "qemu", tuple(map(int, match[1].split("."))),
               _drivers(found))


def _drivers(vmm):
    """What it has for -device; some QEMUs say so on stderr, or not at all."""
    try:
        done = subprocess.run([vmm, "-device", "help"], capture_output=True, text=True,
                              timeout=20, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return frozenset(re.findall(r'^name "([^"]+)"', done.stdout + done.stderr, re.M)) or None


def why_no_kvm():
    """None where /dev/kvm opens, else the reason and the cure."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
        return None
    except FileNotFoundError:
        return "/dev/kvm is not there: load the kvm module, or use --accel tcg"
    except OSError as error:
        return (f"/dev/kvm: {error.strerror}: join its group ('sudo usermod -aG kvm "
                "$USER', then log in again), or use --accel tcg")


def value_text(value):
    return {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) \
        else str(value)


def driver_of(device):
    """As QEMU calls it on the device's bus."""
    name = device.driver.removesuffix("-pci")
    suffix = {"pci": "-pci", "ccw": "-ccw"}.get(device.bus, "-device")
    return name if suffix == "-device" and name in PLAIN_NAMES else name + suffix


def device_option(device, board):
    """One -device value, with id, place, backend and properties."""
    if device.bus == "pci":
        parts = [device.driver, f"id={device.name}",
                 board["behind"] if device.behind else f"addr={device.addr}"]
    elif device.bus == "ccw":
        parts = [driver_of(device), f"id={device.name}",
                 f"devno=fe.{int(device.behind)}.{device.slot:04x}"]
    else:
        parts = [driver_of(device), f"id={device.name}",
                 f"bus=virtio-mmio-bus.{device.slot}"]
    if device.daemon:
        parts.append(f"netdev={device.name}-user" if device.type == "net"
                     else f"chardev={device.name}-vhost")
    elif device.disk:
        kind = "memdev" if device.type == "pmem" else "drive"
        parts.append(f"{kind}={device.name}-disk")
    elif device.share:
        parts.append(f"fsdev={device.name}-share")
    if device.hub is not None:
        parts.append(f"netdev={device.name}-hub")
    if device.wire:
        parts.append(f"netdev={device.name}-wire")
    parts += [f"{name}={value_text(value)}" for name, value in device.props.items()]
    return ",".join(parts)


def drive_args(device):
    args = []
    for name, disk in device.media().values():
        options = f"if=none,id={name}-disk,format=raw,file={name}.img"
        if disk.get("readonly"):
            options += ",read-only=on"
        if disk.get("discard"):
            options += ",discard=unmap"
        args += ["-drive", options]
    return args


def unit_args(device):
    args = []
    for (name, _), unit in zip(device.media().values(), device.units):
        parts = [unit.get("driver", "scsi-hd"), f"bus={device.name}.0", f"id={name}",
                 f"scsi-id={unit['target']}", f"lun={unit['lun']}", f"drive={name}-disk"]
        parts += [f"{key}={value_text(value)}" for key, value in unit.get("props", {}).items()]
        args += ["-device", ",".join(parts)]
    return args


def backend_args(device):
    if device.daemon:
        netdev = ["-netdev", f"vhost-user,id={device.name}-user,chardev={device.name}-vhost"]
        return ["-chardev", f"socket,id={device.name}-vhost,"
                            f"path={daemons.socket_name(device)}",
                *(netdev if device.type == "net" else [])]
    if device.share:
        return ["-fsdev", f"local,id={device.name}-share,security_model=none,"
                          f"path={shares.name(device)}"]
    if device.type == "pmem":
        return ["-object", f"memory-backend-file,id={device.name}-disk,share=on,"
                           f"mem-path={device.name}.img,size={device.disk['size']}"]
    if device.media():
        return drive_args(device)
    if device.hub is not None:
        return ["-netdev", f"hubport,hubid={device.hub},id={device.name}-hub"]
    if device.wire:
        name = device.name
        return ["-netdev", f"dgram,id={name}-wire,local.type=unix,local.path={name}.vmm,"
                           f"remote.type=unix,remote.path={name}.host"]
    args = []
    for number, port in enumerate(device.ports):
        name = f"{device.name}-{number}"
        if port.get("echo"):
            args += ["-chardev", f"pipe,id={name},path={name}"]
        elif port.get("host"):
            args += ["-chardev", f"socket,id={name},path={name}.sock,server=on,wait=off"]
    return args


def port_args(device):
    args = []
    for number, port in enumerate(device.ports):
        option = "virtconsole" if port.get("console") else "virtserialport"
        option += f",bus={device.name}.0,nr={number}"
        if port.get("echo") or port.get("host"):
            option += f",chardev={device.name}-{number}"
        if "name" in port:
            option += f",name={port['name']}"
        args += ["-device", option]
    return args


def memory_args(machine):
    """RAM, and address space beside it for devices that bring memory of their own."""
    more = sum(parse_size(device.memory) for device in machine.devices if device.memory)
    return ["-m", f"{RAM_MIB}M" + (f",maxmem={RAM_MIB + (more >> 20)}M" if more else "")]


class QemuJob:
    """What the session needs to know about one machine under one accelerator."""

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
        told = know.word(self.machine)
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
        return chosen + ([told] if told else []) + host

    def host(self, folder):
        """Who acts when the guest asks."""
        return QemuHost(self.machine, folder)

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
        argv += FIXED + memory_args(self.machine) + EXIT[self.machine.arch] + QMP_ARGS
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
