/* SPDX-License-Identifier: MIT */
/*
 * Bytes go out through port 0 and come back (5.3.6), unchanged and in order, in any size.
 * Every console has port 0; MULTIPORT is not negotiated here.
 */
#include "tests/console/console_lib.h"

VIRTIO_TEST(bytes_come_back_unchanged, .device = VIRTIO_ID_CONSOLE, .rings = RINGS_ALL,
            .why_not = console_why_no_echo)
{
    static const uint16_t sizes[] = {1, 2, 7, 64, 1000, 4095, 4096};
    bool held = console_ready(t, dev, 0);
    for (unsigned i = 0; held && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        held = console_expect_echo(t, dev, 0, sizes[i], random_next(&t->random));
    }
}

VIRTIO_TEST(buffer_of_many_pages_comes_back, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    if (console_ready(t, dev, 0)) {
        console_expect_echo(t, dev, 0, 20000, random_next(&t->random));
    }
}

/* No byte has a meaning for the device: not the end of a line, an escape or a NUL. */
VIRTIO_TEST(every_byte_value_comes_back, .device = VIRTIO_ID_CONSOLE,
            .why_not = console_why_no_echo)
{
    enum { ALL = 256 };
    uint8_t *sent = console_lend(t, ALL, 0), *back = console_lend(t, ALL, 1);
    if (!sent || !back || !console_ready(t, dev, 0)) {
        return;
    }
    for (unsigned i = 0; i < ALL; i++) {
        sent[i] = i;
    }
    if (require_ok(t, vconsole_send(dev, 0, sent, ALL)) &&
        require_ok(t, vconsole_receive_all(dev, 0, back, ALL))) {
        require_same(t, back, sent, ALL);
    }
}

/* Bytes that come while there is no receive buffer must be in the next one that the
 * driver adds. */
VIRTIO_TEST(bytes_wait_for_a_receive_buffer, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    enum { ROUNDS = 8, BYTES = 32 };
    uint64_t seed = random_next(&t->random);
    uint8_t *sent = console_lend(t, ROUNDS * BYTES, seed);
    uint8_t *back = console_lend(t, ROUNDS * BYTES, ~seed);
    if (!sent || !back || !console_ready(t, dev, 0)) {
        return;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (!require_ok(t, vconsole_send(dev, 0, sent + i * BYTES, BYTES))) {
            return;
        }
    }
    if (require_ok(t, vconsole_receive_all(dev, 0, back, ROUNDS * BYTES))) {
        require_same(t, back, sent, ROUNDS * BYTES);
    }
}
