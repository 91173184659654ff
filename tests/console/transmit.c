/* SPDX-License-Identifier: MIT */
/*
 * The transmitq (5.3.6): the device takes buffers in any arrangement of descriptors
 * (2.7.4), in order, and only reads them (2.7.5.1). Tests that need an echo are skipped
 * where the other end does not echo; what the ring shows is judged everywhere.
 */
#include "tests/console/console_lib.h"

static void echo_pieces(Test *t, QVirtioDevice *dev, const uint16_t *lengths,
                        unsigned count)
{
    Pieces p;
    uint8_t sent[PIECES_BYTES_MAX];
    uint64_t seed = random_next(&t->random);

    if (!console_ready(t, dev, 0) || !pieces_lay(t, &p, lengths, count, seed)) {
        return;
    }
    uint8_t *back = console_lend(t, p.bytes, ~seed);
    pattern_fill(sent, p.bytes, seed + 1);
    pieces_write(&p, sent, p.bytes);
    if (back && require_ok(t, qvirtqueue_submit(dev->vq[1], p.sg, p.count, 0, NULL)) &&
        require_ok(t, vconsole_receive_all(dev, 0, back, p.bytes))) {
        expect_same(t, "dev:2.7.4.1-1", back, sent, p.bytes);
    }
}

VIRTIO_TEST(scattered_buffer_is_sent_in_its_order, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    static const uint16_t lengths[] = {3, 1, 600, 64, 7, 1000, 1};
    echo_pieces(t, dev, lengths, 7);
}

VIRTIO_TEST(one_byte_descriptors_are_sent_in_their_order, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    uint16_t lengths[PIECES_MAX];
    unsigned count = dev->vq[1]->size < PIECES_MAX ? dev->vq[1]->size : PIECES_MAX;
    for (unsigned i = 0; i < count; i++) {
        lengths[i] = 1;
    }
    echo_pieces(t, dev, lengths, count);
}

VIRTIO_TEST(buffers_in_flight_are_sent_in_their_order, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    enum { COUNT = 16, BYTES = 24 };
    uint64_t seed = random_next(&t->random);
    uint8_t *sent = console_lend(t, COUNT * BYTES, seed);
    uint8_t *back = console_lend(t, COUNT * BYTES, ~seed);
    QVirtQueue *vq = dev->vq[1];
    unsigned count = vq->size < COUNT ? vq->size : COUNT;
    if (!sent || !back || !console_ready(t, dev, 0)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        QVirtioSg sg = {arena_map(sent + i * BYTES, BYTES), BYTES};
        if (!require_ok(t, qvirtqueue_add(vq, &sg, 1, 0, sent))) {
            return;
        }
    }
    qvirtqueue_kick(vq);
    if (require_ok(t, vconsole_receive_all(dev, 0, back, count * BYTES))) {
        require_same(t, back, sent, count * BYTES);
    }
}

VIRTIO_TEST(transmit_buffer_is_only_read, .device = VIRTIO_ID_CONSOLE, .rings = RINGS_ALL)
{
    enum { BYTES = 100 };
    uint8_t before[BYTES];
    uint64_t seed = random_next(&t->random);
    uint8_t *sent = console_lend(t, BYTES, seed);
    uint32_t len = 0;
    if (!sent) {
        return;
    }
    QVirtioSg sg = {arena_map(sent, BYTES), BYTES};
    if (!require_ok(t, qvirtqueue_submit(dev->vq[1], &sg, 1, 0, &len))) {
        return;
    }
    pattern_fill(before, BYTES, seed);
    expect_same(t, t->ring->is_packed ? "dev:2.8.15-1a" : "dev:2.7.5.1-1a", sent, before,
                BYTES);
    /* 5.3.6.3: a legacy device may report the length of the buffer here. */
    require_that(t, len == 0 || qvirtio_is_legacy(dev), "used length 0", "%u", len);
}

VIRTIO_TEST(full_transmitq_is_used_to_the_last_buffer, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL)
{
    QVirtQueue *vq = dev->vq[1];
    uint8_t *sent = console_lend(t, 1, 0);
    unsigned count = 0, used_count = 0;
    int err = sent ? 0 : -QVIRTIO_NO_MEMORY;
    while (!err) {
        QVirtioSg sg = {arena_map(sent, 1), 1};
        err = qvirtqueue_add(vq, &sg, 1, 0, sent);
        count += !err;
    }
    qvirtqueue_kick(vq);
    for (; used_count < count; used_count++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(vq, &used))) {
            return;
        }
    }
    require_eq(t, used_count, vq->size);
    require_eq(t, vq->num_free, vq->size);
}
