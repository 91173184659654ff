/* SPDX-License-Identifier: MIT */
/*
 * What a console with MULTIPORT says of its ports (5.3.6.2): which ports exist, which are
 * consoles, their names, and whether the other end is open. When these tests begin, the
 * driver has sent DEVICE_READY and PORT_READY. The tests do not judge ports of which the
 * truth says nothing.
 */
#include "tests/console/console_lib.h"

#define MULTIPORT FEATURES(VIRTIO_CONSOLE_F_MULTIPORT)

/* Waits until the device has announced each port that the truth names. These are the last
 * messages that every device sends. */
static bool hear_all_ports(Test *t, QVirtioDevice *dev)
{
    bool any = false;
    for (uint32_t port = 0; port < vconsole_ports(dev); port++) {
        if (console_port_is_told(dev, port)) {
            any = true;
            if (!console_expect_message(t, dev, port, VIRTIO_CONSOLE_DEVICE_ADD)) {
                return false;
            }
        }
    }
    if (!any) {
        test_skip(t, "no port is known; pass know=console.N.port.P.console=1");
    }
    return any;
}

VIRTIO_TEST(every_port_is_announced, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .rings = RINGS_ALL, .flags = TEST_READS)
{
    hear_all_ports(t, dev);
}

/* 5.3.6.2.1: "MUST NOT specify a port which exists in a VIRTIO_CONSOLE_DEVICE_ADD
 * message, nor a port which is equal or greater than max_nr_ports." */
VIRTIO_TEST(announced_port_is_new_and_below_max_nr_ports, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_READS)
{
    uint64_t seen = 0, most = 0;
    size_t at = offsetof(struct virtio_console_config, max_nr_ports);
    if (!require_ok(t, qvirtio_config_read(dev, at, 4, &most)) ||
        !hear_all_ports(t, dev)) {
        return;
    }
    const VConsole *c = vconsole_of(dev);
    for (unsigned i = 0; i < c->message_count; i++) {
        const VConsoleMessage *m = &c->message[i];
        if (m->event != VIRTIO_CONSOLE_DEVICE_ADD) {
            continue;
        }
        expect_le(t, "dev:5.3.6.2.1-1", (uint64_t)m->id + 1, most);
        if (m->id < 64) {
            expect_that(t, "dev:5.3.6.2.1-1", !(seen >> m->id & 1), "a new port",
                        "port %u once more", m->id);
            seen |= 1ull << m->id;
        }
    }
}

VIRTIO_TEST(console_port_is_nominated, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .flags = TEST_READS)
{
    unsigned told = 0;
    for (uint32_t port = 0; port < vconsole_ports(dev); port++) {
        if (console_truth(dev, port, "console")) {
            told++;
            console_expect_message(t, dev, port, VIRTIO_CONSOLE_CONSOLE_PORT);
        }
    }
    if (!told) {
        test_skip(t, "no console port is known; pass know=console.N.port.P.console=1");
    }
}

VIRTIO_TEST(open_host_end_is_announced, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .flags = TEST_READS)
{
    unsigned told = 0;
    for (uint32_t port = 0; port < vconsole_ports(dev); port++) {
        if (!vconsole_echoes(dev, port)) {
            continue;
        }
        told++;
        const VConsoleMessage *m =
            console_expect_message(t, dev, port, VIRTIO_CONSOLE_PORT_OPEN);
        if (m) {
            require_eq(t, m->value, 1);
        }
    }
    if (!told) {
        test_skip(t, "no port that echoes is known; pass know=console.N.port.P.echo=1");
    }
}

/* Calls judge() for the PORT_NAME message of each port whose name the truth says. */
static void each_name(Test *t, QVirtioDevice *dev,
                      void (*judge)(Test *t, const VConsoleMessage *m, const char *name))
{
    unsigned told = 0;
    for (uint32_t port = 0; port < vconsole_ports(dev); port++) {
        if (!console_truth(dev, port, "name")) {
            continue;
        }
        told++;
        const VConsoleMessage *m =
            console_expect_message(t, dev, port, VIRTIO_CONSOLE_PORT_NAME);
        if (m) {
            judge(t, m, console_truth(dev, port, "name"));
        }
    }
    if (!told) {
        test_skip(t, "no port's name is known; pass know=console.N.port.P.name=TEXT");
    }
}

static uint32_t name_bytes(const VConsoleMessage *m)
{
    uint32_t bytes = m->len - sizeof(struct virtio_console_control);
    return bytes < CONSOLE_EXTRA_BYTES ? bytes : CONSOLE_EXTRA_BYTES;
}

static void judge_name(Test *t, const VConsoleMessage *m, const char *name)
{
    if (require_ge(t, name_bytes(m), strlen(name))) {
        require_same(t, m->extra, name, strlen(name));
    }
}

/* 5.3.6.2: "the UTF-8 name of the port ... (without a NUL terminator)" */
static void judge_name_length(Test *t, const VConsoleMessage *m, const char *name)
{
    require_eq(t, name_bytes(m), strlen(name));
}

VIRTIO_TEST(port_name_is_the_hosts, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .flags = TEST_READS)
{
    each_name(t, dev, judge_name);
}

VIRTIO_TEST(port_name_has_no_terminator, .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT,
            .flags = TEST_READS)
{
    each_name(t, dev, judge_name_length);
}
