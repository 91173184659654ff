# SPDX-License-Identifier: MIT
"""Memory that is asked back: the balloon's target, the guest's statistics, free page hints."""
import asyncio

from .base import action, need

PAGE_BYTES = 4096
# The spec's tags in order, by QEMU's names.
STATS = ("swap-in", "swap-out", "major-faults", "minor-faults", "free-memory",
         "total-memory", "available-memory", "disk-caches", "htlb-pgalloc", "htlb-pgfail")
UNSET = (1 << 64) - 1
MIGRATION_OVER = ("none", "completed", "failed", "cancelled")


async def _memory(host):
    return (await host.ask("query-memory-size-summary"))["base-memory"]


@action
async def balloon(host, device, pages):
    """How many pages of 4 KiB the balloon shall hold."""
    need(device, "balloon")
    whole = await _memory(host)
    await host.tell("balloon", value=whole - int(pages, 0) * PAGE_BYTES)
    host.later(host.tell, "balloon", value=whole)


@action
async def balloon_poll(host, device, seconds):
    """Asks the guest for new statistics, now and each so many seconds."""
    need(device, "balloon")
    await host.set(device, "guest-stats-polling-interval", int(seconds, 0))
    host.later(host.set, device, "guest-stats-polling-interval", 0)


@action
async def balloon_stats(host, device):
    """The statistics that the device has now, as TAG=VALUE."""
    need(device, "balloon")
    known = (await host.ask("qom-get", path=f"/machine/peripheral/{device.name}",
                            property="guest-stats"))["stats"]
    told = ((tag, known.get(f"stat-{name}", UNSET)) for tag, name in enumerate(STATS))
    return " ".join(f"{tag}={value}" for tag, value in told if value != UNSET)


async def _end_migration(host):
    await host.tell("migrate_cancel")
    while (await host.ask("query-migrate")).get("status", "none") not in MIGRATION_OVER:
        await asyncio.sleep(0.01)


@action
async def hints(host, device, switch):
    """Free page hints are asked for, as QEMU does while it migrates (to nowhere, and so
    slowly that it never ends), or no longer needed."""
    need(device, "balloon")
    if switch != "on":
        await _end_migration(host)
        return
    await host.tell("migrate-set-parameters", max_bandwidth=100)
    await host.tell("migrate", uri="exec:cat >/dev/null")
    host.later(_end_migration, host)
