# SPDX-License-Identifier: MIT
"""What is done to the whole machine: stopped and continued, put back to where it was a
moment ago, devices plugged in and out.
"""
import asyncio
import contextlib
import time

from ....hand import Refused
from .base import action, need

STATE, STATE_FILE = "vm-state", "vm-state.qcow2"
TRAFFIC_SECONDS = 0.02


@action
async def pause(host, _, milliseconds):
    """Stops the machine, and continues it after so many milliseconds."""
    wait = min(int(milliseconds, 0), 2000) / 1000
    await host.tell("stop")
    try:
        await asyncio.sleep(wait)
    finally:
        await host.tell("cont")


@action
async def _time(_, device, scale):
    """What time it is, in seconds since 1970 of the time scale."""
    need(device, "rtc")
    if scale != "utc":
        raise Refused(f"the host does not keep {scale.upper()}")
    return str(int(time.time()))


async def _job(host, command, **arguments):
    """A command that QEMU does in the background, to its end."""
    name = f"job{host.qmp.number}"
    await host.tell(command, job_id=name, **arguments)
    await host.qmp.event("JOB_STATUS_CHANGE", lambda data: data.get("id") == name and
                         data.get("status") == "concluded")
    jobs = await host.ask("query-jobs")
    await host.tell("job-dismiss", id=name)
    for job in jobs:
        if job["id"] == name and "error" in job:
            raise Refused(job["error"])


async def _make_state(host):
    """A place for machine states, made at the first need: no disk of the guest is one."""
    nodes = await host.ask("query-named-block-nodes", flat=True)
    if any(node["node-name"] == STATE for node in nodes):
        return
    await _job(host, "blockdev-create",
               options={"driver": "file", "filename": STATE_FILE, "size": 0})
    await host.tell("blockdev-add", driver="file", filename=STATE_FILE,
                    node_name=STATE + "-file")
    await _job(host, "blockdev-create",
               options={"driver": "qcow2", "file": STATE + "-file", "size": 1 << 20})
    await host.tell("blockdev-add", driver="qcow2", file=STATE + "-file", node_name=STATE)


# Devices whose state QEMU does not save. hw/virtio/virtio-pmem.c has no vmsd, so not even its PCI
# configuration comes back; hw/virtio/virtio-crypto.c forbids it.
NOT_SAVED = ("pmem", "crypto")


@action
async def snapshot(host, _):
    """Saves the machine, lets it run for a moment, and goes back to what was saved. The
    guest is at this request again then; disks keep what was written meanwhile."""
    lost = [device.key for device in host.machine.devices if device.type in NOT_SAVED]
    if lost:
        raise Refused(f"a snapshot here would lose {lost[0]}")
    await _make_state(host)
    place = {"tag": "here", "vmstate": STATE, "devices": [STATE]}
    await _job(host, "snapshot-save", **place)
    try:
        await asyncio.sleep(TRAFFIC_SECONDS)
        await _job(host, "snapshot-load", **place)
    finally:
        state = await host.ask("query-status")
        if not state["running"]:
            await host.tell("cont")
        await _job(host, "snapshot-delete", tag="here", devices=[STATE])


async def _unplug(host, name):
    try:
        await host.tell("device_del", id=name)
    except Refused:
        return                       # it is not there any more
    await host.qmp.event("DEVICE_DELETED", lambda data: data.get("device") == name)


async def _plug_port(host, device, number, port_name):
    name = f"{device.name}-plugged-{number}"
    await host.tell("device_add", driver="virtserialport", bus=f"{device.name}.0",
                    nr=int(number, 0), id=name, name=port_name)
    host.later(_unplug, host, name)


async def _plug_disk(host, device, lun):
    """A SCSI disk of 1 MiB zeroes."""
    name = f"{device.name}-plugged-{lun}"
    await host.tell("blockdev-add", driver="null-co", read_zeroes=True, size=1 << 20,
                    node_name=name)
    host.later(host.tell, "blockdev-del", node_name=name)
    await host.tell("device_add", driver="scsi-hd", bus=f"{device.name}.0", lun=int(lun, 0),
                    id=name, drive=name)
    host.later(_unplug, host, name)


@action
async def plug(host, device, *arguments):
    """Adds something to a device: a port (NR NAME) to a console, a disk (LUN) to scsi."""
    need(device, "console", "scsi")
    await {"console": _plug_port, "scsi": _plug_disk}[device.type](host, device, *arguments)


@action
async def unplug(host, device, number):
    """Takes away what was added under that number."""
    need(device, "console", "scsi")
    await host.tell("device_del", id=f"{device.name}-plugged-{number}")
    await host.qmp.event("DEVICE_DELETED",
                         lambda data: data.get("device", "").endswith(f"-{number}"))


async def _forget(host, node):
    with contextlib.suppress(Refused):          # its device may be on its way out
        await host.tell("blockdev-del", node_name=node)


SLOW_NS = 5_000_000
SLOT = "free-slot"              # the empty port of a machine that has one (machines.toml)


@action
async def plug_device(host, device):
    """Puts one more device of the kind into the machine's empty slot; a disk is read-only,
    holds zeroes, and takes its time."""
    need(device, "rng", "blk")
    more = {}
    if device.type == "blk":
        more["drive"] = node = f"plugged{host.qmp.number}"
        await host.ask("blockdev-add", driver="null-co", read_zeroes=True, size=1 << 20,
                       latency_ns=SLOW_NS, read_only=True, node_name=node)
        host.later(_forget, host, node)
    await host.tell("device_add", driver=device.driver, bus=SLOT, id="plugged", **more)
    host.later(_unplug, host, "plugged")


@action
async def unplug_device(host, _):
    """Presses the slot's button: the guest takes the power away, and then it is gone."""
    await host.tell("device_del", id="plugged")
