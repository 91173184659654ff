/* SPDX-License-Identifier: MIT */
/*
 * The hand opens and closes ports, plugs them in and unplugs them (5.3.6.2), and bytes go
 * to its end and come from there.
 */
#include "tests/console/console_lib.h"
#include "tests/harness/hand.h"

#define MULTIPORT  FEATURES(VIRTIO_CONSOLE_F_MULTIPORT)
#define BYTES_MOST 100
#define PLUG_NAME  "org.qvirtio.plugged"

static const char *why_no_host_port(QVirtioDevice *dev)
{
    return console_hand_port(dev) == UINT32_MAX
               ? "no port's other end is the hand's; pass know=console.N.port.P.host=1 "
                 "and host"
               : NULL;
}

/* Returns a mark: hear() looks for a message only behind it. */
static unsigned mark(QVirtioDevice *dev)
{
    vconsole_control_poll(dev);
    return vconsole_of(dev)->message_count;
}

static const VConsoleMessage *hear(Test *t, QVirtioDevice *dev, unsigned from,
                                   uint32_t port, uint16_t event)
{
    const VConsoleMessage *m = vconsole_control_wait(dev, from, port, event);
    require_that(t, m != NULL, "the device tells of it", "no event %u of port %u", event,
                 port);
    return m;
}

/* Has the hand open or close its end, and waits until the device tells the driver. */
static bool turn(Test *t, QVirtioDevice *dev, uint32_t port, bool open)
{
    unsigned from = mark(dev);
    if (!hand_do(t, dev, "%s %u", open ? "open" : "close", port)) {
        return false;
    }
    const VConsoleMessage *m = hear(t, dev, from, port, VIRTIO_CONSOLE_PORT_OPEN);
    return m && require_eq(t, m->value, open);
}

/* Opens both ends of the port. */
static bool connect(Test *t, QVirtioDevice *dev, uint32_t *port)
{
    *port = console_hand_port(dev);
    return turn(t, dev, *port, true) && require_ok(t, vconsole_port_open(dev, *port));
}

VIRTIO_TEST(host_end_that_opens_and_closes_is_told, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_HAND, .why_not = why_no_host_port)
{
    uint32_t port = console_hand_port(dev);
    for (unsigned i = 0; i < 2; i++) {
        if (!turn(t, dev, port, true) || !turn(t, dev, port, false)) {
            return;
        }
    }
}

VIRTIO_TEST(bytes_of_the_host_arrive_in_order, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_HAND, .rings = RINGS_ALL,
            .why_not = why_no_host_port)
{
    uint32_t port;
    uint8_t *seen = console_lend(t, BYTES_MOST, 1), sent[BYTES_MOST];
    if (!seen || !connect(t, dev, &port)) {
        return;
    }
    pattern_fill(sent, sizeof(sent), random_next(&t->random));
    if (hand_do(t, dev, "send %u %s", port, hand_hex(sent, 1)) &&
        hand_do(t, dev, "send %u %s", port, hand_hex(sent + 1, BYTES_MOST - 1)) &&
        require_ok(t, vconsole_receive_all(dev, port, seen, BYTES_MOST))) {
        require_same(t, seen, sent, BYTES_MOST);
    }
}

VIRTIO_TEST(bytes_reach_the_host_in_order, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_HAND, .rings = RINGS_ALL,
            .why_not = why_no_host_port)
{
    uint32_t port;
    uint8_t *sent = console_lend(t, BYTES_MOST, random_next(&t->random));
    uint8_t seen[BYTES_MOST];
    const char *digits;
    if (!sent || !connect(t, dev, &port)) {
        return;
    }
    if (require_ok(t, vconsole_send(dev, port, sent, 1)) &&
        require_ok(t, vconsole_send(dev, port, sent + 1, BYTES_MOST - 1)) &&
        (digits = hand_ask(t, dev, "receive %u %u", port, BYTES_MOST)) &&
        require_eq(t, hex_decode(digits, seen, BYTES_MOST), BYTES_MOST)) {
        require_same(t, seen, sent, BYTES_MOST);
    }
}

/* Bytes that nobody reads are lost, and the driver gets its buffer back. */
VIRTIO_TEST(bytes_to_a_closed_end_are_taken, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_HAND, .why_not = why_no_host_port)
{
    uint32_t port;
    uint8_t *sent = console_lend(t, BYTES_MOST, 1);
    if (sent && connect(t, dev, &port) && turn(t, dev, port, false)) {
        require_ok(t, vconsole_send(dev, port, sent, BYTES_MOST));
    }
}

/* Has the hand plug in the last possible port, which no machine of ours has from the
 * start. Returns UINT32_MAX when the test is over. */
static uint32_t plug(Test *t, QVirtioDevice *dev)
{
    uint32_t port = vconsole_ports(dev) - 1;
    if (console_port_is_told(dev, port) || port == 0) {
        test_skip(t, "the device already has its last possible port, so no port can be "
                     "plugged in");
        return UINT32_MAX;
    }
    return hand_do(t, dev, "plug %u %s", port, PLUG_NAME) ? port : UINT32_MAX;
}

/* 5.3.6.2.1: "MUST NOT specify a port which exists in a VIRTIO_CONSOLE_DEVICE_ADD". Each
 * port that the device adds must be new. */
static void expect_new_ports(Test *t, const VConsole *c)
{
    uint64_t there = 0;
    for (unsigned i = 0; i < c->message_count; i++) {
        const VConsoleMessage *m = &c->message[i];
        uint64_t bit = 1ull << (m->id & 63);
        if (m->event == VIRTIO_CONSOLE_DEVICE_ADD) {
            expect_eq(t, "dev:5.3.6.2.1-1", there & bit, 0);
            there |= bit;
        } else if (m->event == VIRTIO_CONSOLE_DEVICE_REMOVE) {
            /* "MUST NOT specify a port in VIRTIO_CONSOLE_DEVICE_REMOVE which has not been
             * created". */
            expect_that(t, "dev:5.3.6.2.1-2", there & bit, "a port that was added goes",
                        "port %u, which is not there", m->id);
            there &= ~bit;
        }
    }
}

VIRTIO_TEST(plugged_port_is_announced_with_its_name, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_HAND)
{
    unsigned from = mark(dev);
    uint32_t port = plug(t, dev);
    if (port == UINT32_MAX || !hear(t, dev, from, port, VIRTIO_CONSOLE_DEVICE_ADD)) {
        return;
    }
    const VConsoleMessage *m = hear(t, dev, from, port, VIRTIO_CONSOLE_PORT_NAME);
    if (m) {
        require_same(t, m->extra, PLUG_NAME, strlen(PLUG_NAME));
    }
}

VIRTIO_TEST(unplugged_port_is_one_that_was_there, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_HAND)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned from = mark(dev);
        uint32_t port = plug(t, dev);
        if (port == UINT32_MAX || !hear(t, dev, from, port, VIRTIO_CONSOLE_PORT_NAME) ||
            !hand_do(t, dev, "unplug %u", port) ||
            !hear(t, dev, from, port, VIRTIO_CONSOLE_DEVICE_REMOVE)) {
            return;
        }
    }
    vconsole_control_poll(dev);
    expect_new_ports(t, vconsole_of(dev));
}
