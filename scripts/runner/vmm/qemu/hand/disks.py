# SPDX-License-Identifier: MIT
"""Disks: another size, sectors that fail, requests that take their time, a look at the image."""
from .... import images
from ....hand import Refused
from ....machines import parse_size
from .base import action, need

SECTOR_BYTES = images.SECTOR_BYTES


@action
async def resize(host, device, size, *unit):
    """A disk, or the UNIT (target, lun) of a SCSI host, to SIZE sectors; of a memory device, the
    requested size in bytes."""
    need(device, "blk", "mem", "scsi")
    if device.type == "mem":
        before = await host.ask("qom-get", path=f"/machine/peripheral/{device.name}",
                                property="requested-size")
        await host.set(device, "requested-size", int(size, 0))
        host.later(host.set, device, "requested-size", before)
        return
    name, disk = device.media().get(".".join([device.key, *unit]), (None, None))
    if disk is None:
        raise Refused(f"{device.key} has no unit {' '.join(unit)}")
    command = {"command": "block_resize", "device": f"{name}-disk"}
    await host.tell(**command, size=int(size, 0) * SECTOR_BYTES)
    host.later(host.tell, **command, size=parse_size(disk["size"]))


async def _node(host, device):
    """The name of what the disk's backend is made of now."""
    for block in await host.ask("query-block"):
        if block["device"] == f"{device.name}-disk":
            return block["inserted"]["node-name"]
    raise Refused(f"{device.key} has no disk")


@action
async def fail(host, device, sector):
    """Reads and writes that touch the sector fail."""
    need(device, "blk")
    below, above = await _node(host, device), f"{device.name}-fails"
    rules = [{"event": "none", "iotype": kind, "errno": 5, "sector": int(sector, 0)}
             for kind in ("read", "write", "write-zeroes", "discard")]
    await host.tell("blockdev-add", driver="blkdebug", node_name=above, image=below,
                    inject_error=rules)
    host.later(host.tell, "blockdev-del", node_name=above)
    await host.set(device, "drive", above)
    host.later(host.set, device, "drive", below)


async def _throttle(host, device, iops):
    await host.tell("block_set_io_throttle", device=f"{device.name}-disk", bps=0, bps_rd=0, bps_wr=0,
                    iops=iops, iops_rd=0, iops_wr=0)


@action
async def slow(host, device, iops):
    """No more than so many requests a second, after the first few."""
    need(device, "blk")
    await _throttle(host, device, int(iops, 0))
    host.later(_throttle, host, device, 0)


@action
async def verify(host, device, sector, count, seed):
    """Whether the image has that pattern now: `same`, or `differs` and the sector."""
    need(device, "blk")
    first, count, seed = int(sector, 0), int(count, 0), int(seed, 0)
    with open(host.path(f"{device.name}.img"), "rb") as file:
        file.seek(first * SECTOR_BYTES)
        seen = file.read(count * SECTOR_BYTES)
    expected = images.sectors(first, count, seed)
    for at in range(0, count * SECTOR_BYTES, SECTOR_BYTES):
        if seen[at:at + SECTOR_BYTES] != expected[at:at + SECTOR_BYTES]:
            return f"differs {first + at // SECTOR_BYTES}"
    return "same"
