/* SPDX-License-Identifier: MIT */
/*
 * A queue is reset while requests are in flight (2.6.1.1.1): "After a queue has been
 * reset by the driver, the device MUST NOT execute any requests from that virtqueue".
 * When they show up in the ring that the queue was given next, they use chains that they
 * were not made from. Block devices only: a long read can be caught in flight, and one as
 * long that is made later ends after it.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/device/blk.h"
#include "tests/ring/ring_lib.h"

#define GIVE_UP_NS        (50 * 1000 * 1000) /* it may, or may not have noticed */
#define TRIES             16
#define CAUGHT_ENOUGH     4
#define LONG_PIECES       16
#define PIECE_BYTES       (256 * 1024)
#define LONG_READ_SECTORS (LONG_PIECES * PIECE_BYTES / VIRTIO_BLK_SECTOR_BYTES)

/* Adds a read of 4 MiB from the disk's start; its token is its status byte. All
 * pieces share one buffer, as nobody looks at the data. */
static bool add_long_read(Test *t, QVirtioDevice *dev, void *data)
{
    QVirtioSg sg[1 + LONG_PIECES + 1];
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, 0, 0);
    if (!require_ok(t, r.header ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    unsigned n = 0;
    sg[n++] = (QVirtioSg){arena_map(r.header, sizeof(*r.header)), sizeof(*r.header)};
    while (n <= LONG_PIECES) {
        sg[n++] = (QVirtioSg){arena_map(data, PIECE_BYTES), PIECE_BYTES};
    }
    sg[n] = (QVirtioSg){arena_map(r.status, 1), 1};
    return require_ok(t, qvirtqueue_add(r.vq, sg, 1, n, r.status));
}

/* Adds a question that needs no disk; its token is its status byte as well. */
static bool add_short(Test *t, QVirtioDevice *dev)
{
    QVirtioSg sg[BLK_SG_MAX];
    unsigned count = 0;
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES);
    if (!require_ok(t, r.header ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    unsigned out = blk_sg(&r, sg, &count);
    return require_ok(t, qvirtqueue_add(r.vq, sg, out, count - out, r.status));
}

static bool add_traffic(Test *t, QVirtioDevice *dev, void *data)
{
    return add_long_read(t, dev, data) && add_short(t, dev);
}

/* Resets the queue when the short request came back; when the long one did not, it was
 * caught in flight. Returns false when that fails, which is reported. */
static bool catch_in_flight(Test *t, QVirtioDevice *dev, void *data, bool *is_caught)
{
    QVirtQueue *old = ring_queue(dev);
    QVirtioUsed used;
    if (!add_traffic(t, dev, data)) {
        return false;
    }
    qvirtqueue_kick(old);
    if (!require_ok(t, qvirtqueue_wait(old, &used)) || !ring_reset_queue(t, dev)) {
        return false;
    }
    *is_caught = !qvirtqueue_has_used(old);
    return ring_enable_again(t, dev, 0);
}

/* The same requests in the new ring: each is used once and really done. Returns false
 * when that fails, which is reported.
 */
static bool finish_in_new_ring(Test *t, QVirtioDevice *dev, void *data)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!add_traffic(t, dev, data)) {
        return false;
    }
    qvirtqueue_kick(vq);
    for (unsigned i = 0; i < 2; i++) {
        QVirtioUsed used;
        if (!ring_used_or_given_up(t, "dev:2.6.1.1.1-1", vq) ||
            !expect_ok(t, "dev:2.6.1.1.1-1", qvirtqueue_wait(vq, &used))) {
            return false;
        }
        if (!expect_ne(t, "dev:2.6.1.1.1-1", *(uint8_t *)used.token,
                       BLK_STATUS_UNWRITTEN)) {
            return false;
        }
    }
    return true;
}

static const char *why_not(QVirtioDevice *dev)
{
    BlkDisk disk;
    uint16_t size = 0;
    if (dev->bus->queue_max(dev, 0, &size) || size < 2 * (LONG_PIECES + 2)) {
        return "queue has too few entries for long reads";
    }
    bool is_known = blk_disk_read(dev, &disk) == 0;
    return is_known && disk.capacity >= LONG_READ_SECTORS ? NULL
                                                          : "disk is smaller than 4 MiB";
}

VIRTIO_TEST(reset_queue_forgets_requests_in_flight, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .needs = FEATURES(VIRTIO_F_RING_RESET), .why_not = why_not)
{
    void *data = arena_lend(PIECE_BYTES, 4096);
    if (!require_ok(t, data ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    unsigned caught = 0;
    for (unsigned i = 0; i < TRIES && caught < CAUGHT_ENOUGH; i++) {
        bool is_caught;
        if (!catch_in_flight(t, dev, data, &is_caught) ||
            (is_caught && !finish_in_new_ring(t, dev, data))) {
            ring_let_give_up(dev, GIVE_UP_NS);
            return;
        }
        caught += is_caught;
    }
    if (caught == 0) {
        test_skip(t, "no request was caught in flight");
    }
}
