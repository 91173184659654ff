/* SPDX-License-Identifier: MIT */
/*
 * Several request queues and many commands (5.6.6.1): "The driver enqueues requests to an
 * arbitrary request queue, and they are used by the device on that same queue."
 */
#include "drivers/virtio/bus.h"
#include "tests/scsi/scsi_lib.h"

#define FLIGHT 16

static unsigned queue_count(Test *t, QVirtioDevice *dev)
{
    unsigned n = dev->driver->queue_count(dev) - VIRTIO_SCSI_REQUESTQ;
    if (n < 2) {
        test_skip(t, "the device has one request queue");
    }
    return n;
}

VIRTIO_TEST(number_of_request_queues_is_num_queues, .device = VIRTIO_ID_SCSI,
            .flags = TEST_RAW)
{
    uint64_t n = scsi_config(t, dev, num_queues);
    uint16_t size = 0;
    if (n > QVIRTIO_MAX_QUEUES - VIRTIO_SCSI_REQUESTQ) {
        test_skip(t, "%llu request queues are more than this driver opens",
                  (unsigned long long)n);
        return;
    }
    require_ok(t, dev->bus->queue_max(dev, n + VIRTIO_SCSI_REQUESTQ - 1, &size));
    require_ge(t, size, 1);
    int err = dev->bus->queue_max(dev, n + VIRTIO_SCSI_REQUESTQ, &size);
    require_that(t, err || size == 0, "no queue behind the last", "size %u", size);
}

VIRTIO_TEST(each_queue_uses_its_own_requests, .device = VIRTIO_ID_SCSI,
            .rings = RINGS_ALL)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    unsigned n = u ? queue_count(t, dev) : 0;
    ScsiRequest r[QVIRTIO_MAX_QUEUES];
    for (unsigned i = 0; i < n && n > 1; i++) {
        r[i] = scsi_read(dev, u, i * block_sectors(u), block_sectors(u));
        r[i].vq = dev->vq[VIRTIO_SCSI_REQUESTQ + i];
        if (!require_ok(t, scsi_add(&r[i]))) {
            return;
        }
    }
    for (unsigned i = 0; i < n && n > 1; i++) {
        qvirtqueue_kick(r[n - 1 - i].vq);
    }
    for (unsigned i = 0; i < n && n > 1; i++) {
        QVirtioUsed used;
        ScsiRequest again = scsi_read(dev, u, i * block_sectors(u), block_sectors(u));
        if (!require_ok(t, qvirtqueue_wait(r[i].vq, &used)) ||
            !require_that(t, used.token == &r[i], "this queue's request",
                          "another one") ||
            !require_good_answer(t, &r[i]) || !require_good(t, &again) ||
            !require_same(t, r[i].in, again.in, again.in_bytes)) {
            return;
        }
    }
}

/* Each read goes to a block of its own, so that answers cannot be mistaken. */
VIRTIO_TEST(reads_in_flight_are_told_apart, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    ScsiRequest r[FLIGHT];
    unsigned n = 0, most = scsi_config(t, dev, cmd_per_lun);
    most = most < FLIGHT ? most : FLIGHT;
    for (; u && n < most; n++) {
        r[n] = scsi_read(dev, u, n * block_sectors(u), block_sectors(u));
        int err = scsi_add(&r[n]);
        if (err == -QVIRTIO_NO_SPACE) {
            break;
        }
        if (!require_ok(t, err)) {
            return;
        }
    }
    if (!u) {
        return;
    }
    qvirtqueue_kick(dev->vq[VIRTIO_SCSI_REQUESTQ]);
    for (unsigned i = 0; i < n; i++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(dev->vq[VIRTIO_SCSI_REQUESTQ], &used)) ||
            !require_good_answer(t, (ScsiRequest *)used.token)) {
            return;
        }
    }
    ScsiRequest all = scsi_read(dev, u, 0, n * block_sectors(u));
    if (require_good(t, &all)) {
        for (unsigned i = 0; i < n; i++) {
            require_same(t, r[i].in, all.in + i * u->block_bytes, u->block_bytes);
        }
    }
}

/* "id is the command identifier": any number, also zero. */
VIRTIO_TEST(any_id_will_do, .device = VIRTIO_ID_SCSI)
{
    static const uint64_t ids[] = {0, UINT64_MAX, 1ull << 63, 0x100000001ull};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < sizeof(ids) / sizeof(*ids); i++) {
        ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        if (r.cmd) {
            r.cmd->id = virtio64_of(qvirtio_is_legacy(dev), ids[i]);
        }
        if (!require_good(t, &r)) {
            return;
        }
    }
}

/* "all task attributes MAY be mapped to SIMPLE by the device" */
VIRTIO_TEST(every_task_attribute_is_served, .device = VIRTIO_ID_SCSI)
{
    static const uint8_t attributes[] = {VIRTIO_SCSI_S_SIMPLE, VIRTIO_SCSI_S_ORDERED,
                                         VIRTIO_SCSI_S_HEAD};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < sizeof(attributes); i++) {
        ScsiRequest r = scsi_read(dev, u, 0, block_sectors(u));
        if (r.cmd) {
            r.cmd->task_attr = attributes[i];
        }
        if (!require_good(t, &r)) {
            return;
        }
    }
}
