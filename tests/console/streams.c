/* SPDX-License-Identifier: MIT */
/*
 * Data on the ports of a console with MULTIPORT (5.3.6): each port has a pair of queues
 * and a stream of its own, which stays whole when the driver closes and opens the port.
 */
#include "drivers/virtio/bus.h"
#include "tests/console/console_lib.h"

#define MULTIPORT FEATURES(VIRTIO_CONSOLE_F_MULTIPORT)

/* 5.3.2: each port has two queues, and there are two more for control. */
VIRTIO_TEST(every_port_has_a_pair_of_queues, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_READS)
{
    for (uint32_t port = 0; port < vconsole_ports(dev); port++) {
        uint16_t receive = 0, transmit = 0;
        require_ok(t, dev->bus->queue_max(dev, vconsole_receiveq(port), &receive));
        require_ok(t, dev->bus->queue_max(dev, vconsole_transmitq(port), &transmit));
        require_that(t, receive && transmit, "both queues of the port exist",
                     "port %u: sizes %u and %u", port, receive, transmit);
    }
}

VIRTIO_TEST(port_0_echoes_with_multiport, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .rings = RINGS_ALL, .why_not = console_why_no_echo)
{
    static const uint16_t sizes[] = {1, 63, 64, 4096};
    bool held = console_ready(t, dev, 0);
    for (unsigned i = 0; held && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        held = console_expect_echo(t, dev, 0, sizes[i], random_next(&t->random));
    }
}

VIRTIO_TEST(second_port_echoes, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .rings = RINGS_ALL, .why_not = console_why_no_two_echoes)
{
    static const uint16_t sizes[] = {1, 63, 64, 4096};
    uint32_t port = console_echo_port(dev, 1);
    bool held = console_ready(t, dev, port);
    for (unsigned i = 0; held && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        held = console_expect_echo(t, dev, port, sizes[i], random_next(&t->random));
    }
}

VIRTIO_TEST(ports_keep_their_bytes_apart, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .rings = RINGS_ALL, .why_not = console_why_no_two_echoes)
{
    enum { PORTS = 2, ROUNDS = 4, EACH = 50, ALL = ROUNDS * EACH };
    uint8_t *sent[PORTS], *back[PORTS];
    uint32_t port[PORTS];

    for (unsigned p = 0; p < PORTS; p++) {
        uint64_t seed = random_next(&t->random);
        port[p] = console_echo_port(dev, p);
        sent[p] = console_lend(t, ALL, seed);
        back[p] = console_lend(t, ALL, ~seed);
        if (!sent[p] || !back[p] || !console_ready(t, dev, port[p])) {
            return;
        }
    }
    for (unsigned i = 0; i < ROUNDS * PORTS; i++) {
        unsigned p = i % PORTS, from = i / PORTS * EACH;
        if (!require_ok(t, vconsole_send(dev, port[p], sent[p] + from, EACH))) {
            return;
        }
    }
    for (unsigned p = PORTS; p-- > 0;) {
        if (!require_ok(t, vconsole_receive_all(dev, port[p], back[p], ALL)) ||
            !require_same(t, back[p], sent[p], ALL)) {
            return;
        }
    }
}

static void close_and_open(Test *t, QVirtioDevice *dev, uint32_t port)
{
    if (console_ready(t, dev, port) &&
        require_ok(t, vconsole_control_send(dev, port, VIRTIO_CONSOLE_PORT_OPEN, 0)) &&
        require_ok(t, vconsole_control_send(dev, port, VIRTIO_CONSOLE_PORT_OPEN, 1)) &&
        require_ok(t, vconsole_drain(dev, port))) {
        console_expect_echo(t, dev, port, 500, random_next(&t->random));
    }
}

VIRTIO_TEST(console_port_works_when_opened_again, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .why_not = console_why_no_echo)
{
    close_and_open(t, dev, 0);
}

VIRTIO_TEST(second_port_works_when_opened_again, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .why_not = console_why_no_two_echoes)
{
    close_and_open(t, dev, console_echo_port(dev, 1));
}

/* Closing one port does not close the other one. */
VIRTIO_TEST(closed_port_leaves_the_others_open, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .why_not = console_why_no_two_echoes)
{
    uint32_t other = console_echo_port(dev, 1);
    if (console_ready(t, dev, 0) && console_ready(t, dev, other) &&
        require_ok(t, vconsole_control_send(dev, other, VIRTIO_CONSOLE_PORT_OPEN, 0))) {
        console_expect_echo(t, dev, 0, 500, random_next(&t->random));
    }
}
