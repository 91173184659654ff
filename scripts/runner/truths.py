# SPDX-License-Identifier: MIT
"""The truths of a machine that only the host has, as the kernel's `know=` word.

Each is `device.index.field=value`, under the spec's config field name where there is one.
Only what the machine's description states is told: a field that QEMU would fill in by its
own default is not a truth of ours, and what is not told is not judged.
"""
from .images import SECTOR_BYTES
from .machines import parse_size

# QEMU's property, the spec's field, and how the one becomes the other.
BLK = {
    "serial": ("serial", str),
    "num-queues": ("num_queues", str),
    "logical_block_size": ("blk_size", str),
    "cyls": ("geometry.cylinders", str),
    "heads": ("geometry.heads", str),
    "secs": ("geometry.sectors", str),
    "discard_granularity": ("discard_sector_alignment", lambda v: str(v // SECTOR_BYTES)),
    "max-discard-sectors": ("max_discard_sectors", str),
    "max-write-zeroes-sectors": ("max_write_zeroes_sectors", str),
}
NET = {
    "mac": ("mac", str),
    "host_mtu": ("mtu", str),
    "speed": ("speed", str),
    "duplex": ("duplex", lambda v: {"half": "0", "full": "1"}[v]),
}
CONSOLE = {"max_ports": ("max_nr_ports", str)}
GPU = {"max_outputs": ("num_scanouts", str), "xres": ("xres", str), "yres": ("yres", str)}
INPUT = {"serial": ("serial", str)}
SOUND = {name: (name, str) for name in ("jacks", "streams", "chmaps")}


def _from_props(device, table):
    return {name: convert(device.props[prop]) for prop, (name, convert) in table.items()
            if prop in device.props}


def _topology(props):
    """The spec counts these in logical blocks, and the physical size as an exponent."""
    block = props.get("logical_block_size", SECTOR_BYTES)
    truths = {}
    if "physical_block_size" in props:
        truths["physical_block_exp"] = str((props["physical_block_size"] // block)
                                           .bit_length() - 1)
    for name in ("min_io_size", "opt_io_size"):
        if name in props:
            truths[name] = str(props[name] // block)
    return truths


def _blk(device, _):
    truths = {"sectors": str(device.disk_bytes // SECTOR_BYTES), "pattern": "1"}
    if device.disk.get("readonly"):
        truths["readonly"] = "1"
    return truths | _from_props(device, BLK) | _topology(device.props)


def _net(device, devices):
    partners = [other for other in devices if other.type == "net" and other is not device
                and other.hub == device.hub and not device.wire]
    truths = _from_props(device, NET)
    if len(partners) == 1:
        truths["partner"] = str(partners[0].index)
    if device.wire:
        truths["wire"] = "1"
    if device.props.get("mq"):
        truths["max_virtqueue_pairs"] = "1"      # a hub port has one queue
    return truths


def _console(device, _):
    truths = _from_props(device, CONSOLE)
    for number, port in enumerate(device.ports):
        for key, value in port.items():
            truths[f"port.{number}.{key}"] = str(int(value)) if value is True else value
    return truths


def _share(device, _):
    truths = {"share": "1"} if device.share else {}
    if device.type == "9p":
        truths["tag_len"] = str(len(device.props["mount_tag"]))
    return truths | _from_props(device, {name: (name, str) for name in ("mount_tag", "tag")})


SCSI = {"num_queues": ("num_queues", str), "cmd_per_lun": ("cmd_per_lun", str)}


def _scsi(device, _):
    """Of each logical unit, as TARGET.LUN.FIELD."""
    truths = _from_props(device, SCSI)
    for unit in device.units:
        at = f"{unit['target']}.{unit['lun']}"
        truths[f"{at}.sectors"] = str(parse_size(unit["size"]) // SECTOR_BYTES)
        if unit.get("readonly"):
            truths[f"{at}.readonly"] = "1"
        if "serial" in unit.get("props", {}):
            truths[f"{at}.serial"] = unit["props"]["serial"]
    return truths


MEM = {"block-size": ("block_size", lambda v: str(parse_size(v))),
       "node": ("node_id", str)}


def _mem(device, _):
    return _from_props(device, MEM)


def _pmem(device, _):
    return {"size": str(device.disk_bytes), "pattern": "1"}


def _vsock(device, _):
    return {"echo_port": str(device.echo_port)} if device.echo_port else {}


OF_TYPE = {"blk": _blk, "scsi": _scsi, "net": _net, "console": _console, "mem": _mem,
           "pmem": _pmem, "9p": _share, "fs": _share, "vsock": _vsock,
           "gpu": lambda device, _: _from_props(device, GPU),
           "input": lambda device, _: _from_props(device, INPUT),
           "sound": lambda device, _: _from_props(device, SOUND)}


def truths(machine):
    """{'blk.0.sectors': '16384', ...} in the machine's PCI order."""
    told = {}
    for device in machine.devices:
        fields = OF_TYPE.get(device.type, lambda *_: {})(device, machine.devices)
        fields |= {name: str(value) for name, value in device.know.items()}
        told |= {f"{device.key}.{name}": value for name, value in fields.items()}
    return told


def word(machine):
    pairs = [f"{key}={value}" for key, value in truths(machine).items()]
    return "know=" + ",".join(pairs) if pairs else ""
