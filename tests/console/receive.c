/* SPDX-License-Identifier: MIT */
/*
 * The receiveq (5.3.6): bytes fill the buffers in their order, the used length says how
 * many are in each (2.7.8.2), and the device writes nothing else. A device may use a
 * buffer before it is full, so each test takes the bytes in as many buffers as it needs.
 */
#include "tests/console/console_lib.h"

enum { BYTES_MAX = 1024 };

/* Sends the bytes of pattern_fill(seed), which the tests below receive. */
static bool send(Test *t, QVirtioDevice *dev, uint32_t bytes, uint64_t seed)
{
    uint8_t *sent = console_lend(t, bytes, seed);
    return sent && console_ready(t, dev, 0) &&
           require_ok(t, vconsole_send(dev, 0, sent, bytes));
}

/* Receives the next bytes of the stream in one chain. Returns how many came, or 0 when
 * that fails, which is reported. */
static uint32_t receive_pieces(Test *t, QVirtioDevice *dev, const uint16_t *lengths,
                               unsigned count, const uint8_t *expected)
{
    Pieces p;
    uint8_t came[PIECES_BYTES_MAX], before[PIECES_BYTES_MAX];
    uint64_t seed = random_next(&t->random);
    uint32_t len = 0;

    if (!pieces_lay(t, &p, lengths, count, seed) ||
        !require_ok(t, qvirtqueue_submit(dev->vq[0], p.sg, 0, count, &len)) ||
        !require_ge(t, len, 1) || !require_le(t, len, PIECES_BYTES_MAX)) {
        return 0;
    }
    pieces_read(&p, came, len);
    if (!expect_same(t, "dev:2.7.8.2-2", came, expected, len)) {
        return 0;
    }
    /* Builds what the memory must hold: the pattern, with the received bytes in their
     * places. */
    memcpy(came, p.memory, p.memory_bytes);
    pattern_fill(before, p.memory_bytes, seed);
    memcpy(p.memory, before, p.memory_bytes);
    pieces_write(&p, expected, len);
    return require_same(t, came, p.memory, p.memory_bytes) ? len : 0;
}

static void receive_all_pieces(Test *t, QVirtioDevice *dev, const uint16_t *lengths,
                               unsigned count, uint32_t bytes)
{
    uint8_t expected[BYTES_MAX];
    uint64_t seed = random_next(&t->random);

    pattern_fill(expected, bytes, seed);
    uint32_t left = send(t, dev, bytes, seed) ? bytes : 0;
    while (left) {
        uint32_t came = receive_pieces(t, dev, lengths, count, expected + bytes - left);
        if (!came || !require_le(t, came, left)) {
            return;
        }
        left -= came;
    }
}

VIRTIO_TEST(scattered_receive_buffer_is_filled_in_its_order, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    static const uint16_t lengths[] = {1, 7, 300, 2, 64};
    receive_all_pieces(t, dev, lengths, 5, 1000);
}

VIRTIO_TEST(one_byte_receive_descriptors_are_filled_in_their_order,
            .device = VIRTIO_ID_CONSOLE, .rings = RINGS_ALL,
            .why_not = console_why_no_echo)
{
    static const uint16_t lengths[] = {1, 1, 1, 1, 1, 1, 1, 1};
    receive_all_pieces(t, dev, lengths, dev->vq[0]->size < 8 ? dev->vq[0]->size : 8, 20);
}

VIRTIO_TEST(receive_buffer_is_untouched_beyond_the_used_length,
            .device = VIRTIO_ID_CONSOLE, .rings = RINGS_ALL,
            .why_not = console_why_no_echo)
{
    static const uint16_t length = BYTES_MAX;
    receive_all_pieces(t, dev, &length, 1, 10);
}

/* Each buffer has one byte. The stream goes on from one to the next, and no byte is
 * lost. */
VIRTIO_TEST(small_receive_buffers_share_the_stream, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    enum { MOST = 32 };
    QVirtQueue *vq = dev->vq[0];
    unsigned count = vq->size < MOST ? vq->size : MOST;
    uint8_t expected[MOST], got[MOST];
    uint64_t seed = random_next(&t->random);
    uint8_t *at = console_lend(t, MOST, ~seed);

    pattern_fill(expected, MOST, seed);
    if (!at || !send(t, dev, count, seed)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        QVirtioSg sg = {arena_map(at + i, 1), 1};
        if (!require_ok(t, qvirtqueue_add(vq, &sg, 0, 1, at + i))) {
            return;
        }
    }
    qvirtqueue_kick(vq);
    for (unsigned i = 0; i < count; i++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(vq, &used)) || !require_eq(t, used.len, 1)) {
            return;
        }
        got[i] = *(uint8_t *)used.token;
    }
    require_same(t, got, expected, count);
}

/* The driver still owns the buffers that the stream has not reached. A second message,
 * which comes later, therefore goes into the next one of them. */
VIRTIO_TEST(second_message_goes_into_a_later_buffer, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    enum { COUNT = 8, EACH = 64, BYTES = 10 };
    QVirtQueue *vq = dev->vq[0];
    uint64_t seed = random_next(&t->random);
    uint8_t *at = console_lend(t, COUNT * EACH, 0), *sent = console_lend(t, BYTES, seed);
    unsigned count = vq->size < COUNT ? vq->size : COUNT, buffers = 0;

    if (!at || !sent || !console_ready(t, dev, 0)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        QVirtioSg sg = {arena_map(at + i * EACH, EACH), EACH};
        require_ok(t, qvirtqueue_add(vq, &sg, 0, 1, at + i * EACH));
    }
    qvirtqueue_kick(vq);
    for (unsigned message = 0; message < 2; message++) {
        if (!require_ok(t, vconsole_send(dev, 0, sent, BYTES))) {
            return;
        }
        for (uint32_t came = 0; came < BYTES;) {
            QVirtioUsed used;
            if (buffers++ == count) {
                test_skip(t, "the device spread the bytes over all buffers");
                return;
            }
            if (!require_ok(t, qvirtqueue_wait(vq, &used)) ||
                !require_le(t, used.len, BYTES - came) ||
                !require_same(t, used.token, sent + came, used.len)) {
                return;
            }
            came += used.len;
        }
    }
    require_eq(t, vq->in_flight, count - buffers);
}
