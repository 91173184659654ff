# SPDX-License-Identifier: MIT
"""Reads scripts/machines/*.toml: boards, devices, and the machines made of them.

A machine is data, in QEMU's words; vmm/qemu makes a command line of it, truths.py the truths that the guest
is told. Overrides are merged here, once, so that nobody else asks what a machine is like.
"""
import fnmatch
import glob
import os
import tomllib
from dataclasses import dataclass, field

from . import arches
from .model import CannotRun

# QEMU's driver names without their bus, by the name that our kernel gives the device.
DEVICE_OF_DRIVER = {
    "virtio-blk": "blk", "virtio-net": "net", "virtio-rng": "rng",
    "virtio-serial": "console", "virtio-balloon": "balloon", "virtio-scsi": "scsi",
    "virtio-9p": "9p", "virtio-gpu": "gpu",
    "virtio-keyboard": "input", "virtio-mouse": "input", "virtio-tablet": "input",
    "virtio-crypto": "crypto", "vhost-vsock": "vsock", "vhost-user-fs": "fs",
    "virtio-iommu": "iommu", "virtio-sound": "sound", "virtio-mem": "mem",
    "virtio-pmem": "pmem", "virtio-rtc": "rtc", "vhost-user-blk": "blk", "vhost-user-vsock": "vsock",
}

# QEMU's channel devices of these types do not know revision 0 (force_revision_1).
CCW_MODERN = {"gpu", "input", "crypto", "vsock", "fs"}

# And PCI devices that have no legacy interface and no property for it.
PCI_MODERN = {"vhost-user-fs-pci", "virtio-rtc-pci"}

PCI_PROPS = {"disable-legacy", "disable-modern", "modern-pio-notify", "multifunction",
             "page-per-vq", "vectors"}     # and no other bus


@dataclass
class Device:
    """One line of devices.toml after the machine's overrides. `index` counts its type."""
    name: str
    driver: str
    addr: str = ""
    behind: bool = False
    disk: dict = None
    units: list = field(default_factory=list)        # of a SCSI host: disks, each at a target and lun
    hub: int = None
    wire: bool = False           # of a network device: the other end is the runner
    ports: list = field(default_factory=list)
    extra: bool = False          # only in machines whose `with` names it; "named": in full
    needs: str = ""              # a file of the host without which there is no such device
    daemon: list = field(default_factory=list)       # serves it over vhost-user
    echo_port: int = 0           # of a socket device: there the runner sends all back
    share: bool = False          # a folder that the runner fills and judges afterwards
    pci_only: bool = False       # left out where devices are in MMIO slots
    memory: str = ""             # it needs so much of the guest's address space
    skip: list = field(default_factory=list)         # test points (globs) without @device
    backend: list = field(default_factory=list)      # QEMU's arguments before its -device
    children: list = field(default_factory=list)     # and behind it
    props: dict = field(default_factory=dict)
    know: dict = field(default_factory=dict)
    index: int = 0
    bus: str = "pci"
    slot: int = 0                # of the board's MMIO slots; the CCW device number

    @property
    def type(self):
        return DEVICE_OF_DRIVER[self.driver.removesuffix("-pci")]

    @property
    def key(self):
        return f"{self.type}.{self.index}"

    @property
    def disk_bytes(self):
        return parse_size(self.disk["size"])

    def media(self):
        """{name in announcements: (name in files, the disk's keys)} of all its images."""
        if self.disk:
            return {self.key: (self.name, self.disk)}
        return {f"{self.key}.{unit['target']}.{unit['lun']}":
                (f"{self.name}-{unit['target']}-{unit['lun']}", unit) for unit in self.units}

    def subjects(self):
        """As what the kernel must report it: through each interface that it offers."""
        if self.bus == "ccw":
            modern = self.props.get("max_revision", 1) > 0
            legacy = self.type not in CCW_MODERN
            return ([f"ccw.{self.key}"] if modern else []) + \
                   ([f"ccw-legacy.{self.key}"] if legacy else [])
        if self.bus != "pci":
            return [f"{self.bus}.{self.key}"]
        modern = not self.props.get("disable-modern", False)
        legacy = not self.props.get("disable-legacy", self.behind) and \
            self.driver not in PCI_MODERN
        return ([f"pci.{self.key}"] if modern else []) + \
               ([f"pci-legacy.{self.key}"] if legacy else [])

    def position(self):
        """PCI function order: bus 0 first, then what is behind the bridge."""
        slot, _, function = (self.addr or "0").partition(".")
        return (self.behind, int(slot, 16), int(function or "0"))


@dataclass
class Machine:
    name: str
    board: dict
    devices: list
    boot: str = "kernel"
    firmware: str = ""
    accel: tuple = ("tcg",)
    args: tuple = ()
    only: tuple = ()
    skip: tuple = ()
    default: bool = True
    host: bool = True            # somebody acts when the guest asks
    legacy: bool = False         # of MMIO slots; PCI devices say it in their props
    shared_memory: bool = False  # daemons can map it, and devices that they serve are there
    patient: bool = False        # what its devices skip elsewhere runs here
    hostile: bool = True         # drivers that break rules are among its points

    @property
    def arch(self):
        return self.board.get("arch", arches.DEFAULT)


def parse_size(text):
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def read_tables(folder):
    """All files as one table; a name that two files define is refused."""
    tables = {"board": {}, "device": {}, "machine": {}}
    for path in sorted(glob.glob(os.path.join(folder, "*.toml"))):
        with open(path, "rb") as file:
            try:
                content = tomllib.load(file)
            except tomllib.TOMLDecodeError as error:
                raise CannotRun(f"{path}: {error}") from error
        for kind, entries in content.items():
            if kind not in tables:
                raise CannotRun(f"{path}: unknown table [{kind}]")
            twice = tables[kind].keys() & entries.keys()
            if twice:
                raise CannotRun(f"{path}: {kind} {sorted(twice)[0]} is defined twice")
            tables[kind].update(entries)
    return tables


def overrides(table, name):
    """The union of all entries whose glob fits the device, later lines over earlier."""
    merged = {}
    for pattern, values in table.items():
        if fnmatch.fnmatchcase(name, pattern):
            merged.update(values)
    return merged


def _inherit(name, tables):
    entry = dict(tables["machine"][name])
    if "like" in entry:
        parent = entry.pop("like")
        if parent not in tables["machine"]:
            raise CannotRun(f"machine {name} is like {parent}, which is not there")
        inherited = _inherit(parent, tables)
        inherited.pop("with", None)      # variants are run with the devices of all machines
        entry = {**inherited, **entry}
    return entry


def _is_pci(board):
    return "mmio" not in board and "ccw" not in board


def _carries(entry, board, name, fields):
    def is_named(key):
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in entry.get(key, ()))
    if is_named("without") or ("daemon" in fields and not entry.get("shared_memory")) or \
            (fields.get("pci_only") and not _is_pci(board)):
        return False
    if fields.get("extra") == "named":
        return name in entry.get("with", ())
    return is_named("with") or not fields.get("extra")


def _to_slots(devices, first_slot, bus):
    """Puts each into a slot of its own, and drops what only PCI devices have."""
    for slot, device in enumerate(devices, first_slot):
        device.bus, device.slot = bus, slot
        device.props = {name: value for name, value in device.props.items()
                        if name not in PCI_PROPS}


def count(devices):
    """Gives each its index among those of its type."""
    counts = {}
    for device in devices:
        device.index = counts.get(device.type, 0)
        counts[device.type] = device.index + 1


def _devices(entry, tables):
    devices, board = [], tables["board"][entry["board"]]
    for name, fields in tables["device"].items():
        if not _carries(entry, board, name, fields):
            continue
        fields = dict(fields)
        fields["props"] = {**fields.get("props", {}),
                           **overrides(entry.get("props", {}), name)}
        fields["know"] = {**fields.get("know", {}),
                          **overrides(entry.get("know", {}), name)}
        devices.append(Device(name, **fields))
    devices.sort(key=Device.position)
    count(devices)
    if "mmio" in board:
        _to_slots(devices, board["mmio"], "mmio-legacy" if entry.get("legacy") else "mmio")
    elif "ccw" in board:
        _to_slots(devices, board["ccw"], "ccw")
    return devices


MACHINE_KEYS = {"accel", "args", "board", "boot", "default", "firmware", "host", "hostile",
                "know", "legacy", "only", "patient", "props", "shared_memory",
                "skip", "with", "without"}


def _machine(name, tables):
    entry = _inherit(name, tables)
    unknown = entry.keys() - MACHINE_KEYS
    if unknown:
        raise CannotRun(f"machine {name}: there is no key {', '.join(sorted(unknown))}")
    try:
        return Machine(name, tables["board"][entry["board"]], _devices(entry, tables),
                       entry.get("boot", "kernel"), entry.get("firmware", ""),
                       tuple(entry.get("accel", ("tcg",))), tuple(entry.get("args", ())),
                       tuple(entry.get("only", ())), tuple(entry.get("skip", ())),
                       entry.get("default", True), entry.get("host", True),
                       entry.get("legacy", False), entry.get("shared_memory", False),
                       entry.get("patient", False), entry.get("hostile", True))
    except (KeyError, TypeError) as error:
        raise CannotRun(f"machine {name} cannot be read: {error}") from error


def load(folder):
    tables = read_tables(folder)
    return {name: _machine(name, tables) for name in tables["machine"]}


def choose(args, table, arch):
    """[(machine, accel)] in the order of the files. A machine that is named need not be a default
    one. Of the architecture None means any."""
    patterns = [name for value in args.machine for name in value.split(",")]
    for pattern in patterns:
        if not fnmatch.filter(table, pattern):
            raise CannotRun(f"there is no machine {pattern}: --list-machines shows them")
    chosen = []
    for machine in table.values():
        named = any(fnmatch.fnmatchcase(machine.name, p) for p in patterns)
        if not named and (patterns or not machine.default):
            continue
        if arch not in (None, machine.arch):
            continue
        accels = [a for a in machine.accel if args.accel in (None, a)]
        if named and args.accel and not accels:
            accels = [args.accel]
        chosen += [(machine, accel) for accel in accels]
    return chosen
