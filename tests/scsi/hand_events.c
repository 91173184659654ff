/* SPDX-License-Identifier: MIT */
/*
 * Events (5.6.6.3) that a host makes happen: units that come and go, and change their
 * size; events that find no buffer; and those that must not come. An action takes the
 * host milliseconds: not done again through the legacy interface.
 */
#include "tests/harness/hand.h"
#include "tests/scsi/scsi_lib.h"

#define BUFFERS      8
#define PLUGGED_LUN  9
#define MORE_SECTORS 128
#define HOTPLUG      .needs = FEATURES(VIRTIO_SCSI_F_HOTPLUG), .buses = BUS_MODERN
#define CHANGE       .needs = FEATURES(VIRTIO_SCSI_F_CHANGE), .buses = BUS_MODERN

static bool has_event(void *arg)
{
    return qvirtqueue_has_used(arg);
}

/* The next event, of that kind (with or without bit 31). Returns false when that fails,
 * which is reported. */
static bool expect_event(Test *t, QVirtioDevice *dev, const char *clause, uint32_t kind,
                         uint32_t reason, ScsiEvent *e)
{
    QVirtQueue *vq = dev->vq[VIRTIO_SCSI_EVENTQ];
    if (!expect_ok(t, clause, qvirtio_wait(dev, "an event", has_event, vq, 0)) ||
        !require_eq(t, scsi_get_event(dev, e), 1)) {
        return false;
    }
    return expect_that(
        t, clause,
        (e->event & ~VIRTIO_SCSI_T_EVENTS_MISSED) == kind && e->reason == reason,
        "the event of what the host did", "event 0x%x reason 0x%x", e->event, e->reason);
}

static bool lend(Test *t, QVirtioDevice *dev)
{
    return require_ok(t, scsi_lend_events(dev, BUFFERS));
}

/* The host adds a unit; *at is where the event says it is. */
static bool plug(Test *t, QVirtioDevice *dev, ScsiLun *at)
{
    ScsiEvent e;
    if (!lend(t, dev) || !hand_do(t, dev, "plug %u", PLUGGED_LUN) ||
        !expect_event(t, dev, "dev:5.6.3-1", VIRTIO_SCSI_T_TRANSPORT_RESET,
                      VIRTIO_SCSI_EVT_RESET_RESCAN, &e)) {
        return false;
    }
    *at = e.at;
    return require_that(t, e.is_addressed, "a target and a LUN", "another format") &&
           require_eq(t, at->lun, PLUGGED_LUN);
}

VIRTIO_TEST(plugged_unit_is_told, .device = VIRTIO_ID_SCSI, .flags = TEST_HAND, HOTPLUG)
{
    ScsiLun at;
    ScsiRequest r;
    if (plug(t, dev, &at) && require_ok(t, scsi_settle(dev, at, &r))) {
        require_good_answer(t, &r);
    }
}

/* "LUN/target removed" is told by an event, and by sense data when it is asked. */
VIRTIO_TEST(unplugged_unit_is_told, .device = VIRTIO_ID_SCSI, .flags = TEST_HAND, HOTPLUG)
{
    ScsiLun at;
    ScsiEvent e;
    ScsiRequest r;
    if (!plug(t, dev, &at) || !hand_do(t, dev, "unplug %u", PLUGGED_LUN) ||
        !expect_event(t, dev, "dev:5.6.3-1", VIRTIO_SCSI_T_TRANSPORT_RESET,
                      VIRTIO_SCSI_EVT_RESET_REMOVED, &e)) {
        return;
    }
    require_eq(t, e.at.target, at.target);
    require_eq(t, e.at.lun, at.lun);
    if (require_ok(t, scsi_settle(dev, at, &r))) {
        require_that(t,
                     r.resp->response == VIRTIO_SCSI_S_BAD_TARGET ||
                         scsi_sense(&r) == SCSI_SENSE_NO_LUN,
                     "no such target, or no such LUN", "response %u, sense 0x%06x",
                     r.resp->response, scsi_sense(&r));
    }
}

/* "The device MUST NOT send VIRTIO_SCSI_T_TRANSPORT_RESET messages with reason set to
 * VIRTIO_SCSI_EVT_RESET_REMOVED or VIRTIO_SCSI_EVT_RESET_RESCAN unless
 * VIRTIO_SCSI_F_HOTPLUG was negotiated." A resize behind them is told. */
VIRTIO_TEST(without_hotplug_nothing_is_told, .device = VIRTIO_ID_SCSI, .flags = TEST_HAND,
            CHANGE)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    ScsiEvent e;
    if (!u || !lend(t, dev) || !hand_do(t, dev, "plug %u", PLUGGED_LUN) ||
        !hand_do(t, dev, "unplug %u", PLUGGED_LUN) ||
        !hand_do(t, dev, "resize %llu %u %u",
                 (unsigned long long)unit_sectors(u) + MORE_SECTORS, u->at.target,
                 u->at.lun)) {
        return;
    }
    if (require_ok(t, qvirtio_wait(dev, "an event", has_event,
                                   dev->vq[VIRTIO_SCSI_EVENTQ], 0)) &&
        require_eq(t, scsi_get_event(dev, &e), 1)) {
        expect_ne(t, "dev:5.6.6.3.2-2", e.event, VIRTIO_SCSI_T_TRANSPORT_RESET);
    }
}

/* "The device MUST set bit 31 in event if events were lost due to missing buffers" */
VIRTIO_TEST(lost_events_are_flagged, .device = VIRTIO_ID_SCSI, .flags = TEST_HAND,
            HOTPLUG)
{
    ScsiEvent e;
    if (!hand_do(t, dev, "plug %u", PLUGGED_LUN) || !lend(t, dev) ||
        !hand_do(t, dev, "unplug %u", PLUGGED_LUN)) {
        return;
    }
    /* The first that comes says so, be it NO_EVENT or that of the unit that went. */
    if (require_ok(t, qvirtio_wait(dev, "an event", has_event,
                                   dev->vq[VIRTIO_SCSI_EVENTQ], 0)) &&
        require_eq(t, scsi_get_event(dev, &e), 1)) {
        expect_that(t, "dev:5.6.6.3.2-1a", e.event & VIRTIO_SCSI_T_EVENTS_MISSED,
                    "bit 31 of the event", "event 0x%x", e.event);
    }
}

static bool grow(Test *t, QVirtioDevice *dev, const ScsiUnit *u)
{
    return hand_do(t, dev, "resize %llu %u %u",
                   (unsigned long long)unit_sectors(u) + MORE_SECTORS, u->at.target,
                   u->at.lun);
}

#define CAPACITY_CHANGED (0x2a | 0x09 << 8)

/* "a change in capacity will be reported as asc 0x2a, ascq 0x09", and the same "SHOULD
 * also be reported as a unit attention condition". */
VIRTIO_TEST(changed_capacity_is_told, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL,
            .flags = TEST_HAND, CHANGE)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    ScsiEvent e;
    if (!u || !lend(t, dev) || !grow(t, dev, u) ||
        !expect_event(t, dev, NULL, VIRTIO_SCSI_T_PARAM_CHANGE, CAPACITY_CHANGED, &e)) {
        return;
    }
    require_eq(t, e.at.target, u->at.target);
    require_eq(t, e.at.lun, u->at.lun);
    ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
    expect_sense(t, "dev:5.6.6.3-1", &r, SCSI_SENSE_CAPACITY_CHANGED);
    r = scsi_request(dev, u->at, SCSI_CDB(SCSI_READ_CAPACITY_10), 0,
                     SCSI_CAPACITY_10_BYTES);
    if (require_good(t, &r)) {
        require_eq(t, (scsi_get_be32(r.in) + 1) * block_sectors(u),
                   unit_sectors(u) + MORE_SECTORS);
    }
}

/* "The device MUST NOT report VIRTIO_SCSI_T_PARAM_CHANGE for MMC devices." That of a
 * disk, which changes later, is the first that comes. */
VIRTIO_TEST(changes_of_a_cd_are_not_told, .device = VIRTIO_ID_SCSI, .flags = TEST_HAND,
            CHANGE)
{
    const ScsiUnit *cd = scsi_cd(t, dev);
    const ScsiUnit *disk = cd ? scsi_disk(t, dev) : NULL;
    ScsiEvent e;
    if (!disk || !lend(t, dev) || !grow(t, dev, cd) || !grow(t, dev, disk) ||
        !expect_event(t, dev, NULL, VIRTIO_SCSI_T_PARAM_CHANGE, CAPACITY_CHANGED, &e)) {
        return;
    }
    expect_that(
        t, "dev:5.6.6.3.2-3", e.at.target == disk->at.target && e.at.lun == disk->at.lun,
        "an event for the disk", "one for target %u LUN %u", e.at.target, e.at.lun);
}
