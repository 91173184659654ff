# SPDX-License-Identifier: MIT
"""A device as QEMU's command line has it: its -device value, its backend, its ports and units."""
from ... import daemons, shares

PLAIN_NAMES = {"vhost-user-blk"}       # of devices that say nothing of their bus being virtio-mmio


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
    for (name, _), unit in zip(device.media().values(), device.units, strict=False):
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
