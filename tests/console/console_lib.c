/* SPDX-License-Identifier: MIT */
/*
 * What the console's tests share (5.3): see console_lib.h. An echo proves both directions
 * at once. A test may trust it only after a mark has come back, because bytes that an
 * earlier life sent may still be under way.
 */
#include "tests/console/console_lib.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/printf.h"

const char *console_truth(const QVirtioDevice *dev, uint32_t port, const char *key)
{
    char field[32];
    ksnprintf(field, sizeof(field), "port.%u.%s", port, key);
    return qvirtio_truth(dev, field);
}

uint32_t console_hand_port(const QVirtioDevice *dev)
{
    for (uint32_t port = 0; port < CONSOLE_PORTS_MAX; port++) {
        if (console_truth(dev, port, "host")) {
            return port;
        }
    }
    return UINT32_MAX;
}

uint32_t console_echo_port(const QVirtioDevice *dev, unsigned n)
{
    enum { LOOKED_AT = 8 };
    for (uint32_t port = 0; port < LOOKED_AT; port++) {
        if (vconsole_echoes(dev, port) && n-- == 0) {
            return port;
        }
    }
    return UINT32_MAX;
}

bool console_port_is_told(const QVirtioDevice *dev, uint32_t port)
{
    return console_truth(dev, port, "echo") || console_truth(dev, port, "name") ||
           console_truth(dev, port, "console");
}

const VConsoleMessage *console_expect_message(Test *t, QVirtioDevice *dev, uint32_t port,
                                              uint16_t event)
{
    static const char *const names[] = {
        [VIRTIO_CONSOLE_DEVICE_ADD] = "DEVICE_ADD",
        [VIRTIO_CONSOLE_CONSOLE_PORT] = "CONSOLE_PORT",
        [VIRTIO_CONSOLE_PORT_OPEN] = "PORT_OPEN",
        [VIRTIO_CONSOLE_PORT_NAME] = "PORT_NAME",
    };
    const VConsoleMessage *m = vconsole_control_wait(dev, 0, port, event);
    require_that(t, m, "the message comes", "no %s for port %u", names[event], port);
    return m;
}

const char *console_why_no_echo(QVirtioDevice *dev)
{
    return vconsole_echoes(dev, 0)
               ? NULL
               : "it is unknown whether port 0 echoes; pass know=console.N.port.0.echo=1";
}

const char *console_why_no_two_echoes(QVirtioDevice *dev)
{
    return console_echo_port(dev, 1) != UINT32_MAX
               ? NULL
               : "fewer than two ports that echo are known; pass "
                 "know=console.N.port.P.echo=1";
}

uint8_t *console_lend(Test *t, size_t bytes, uint64_t seed)
{
    uint8_t *at = arena_lend(bytes, 1);
    if (!require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        return NULL;
    }
    pattern_fill(at, bytes, seed);
    return at;
}

bool console_ready(Test *t, QVirtioDevice *dev, uint32_t port)
{
    if (qvirtio_negotiated(dev, VIRTIO_CONSOLE_F_MULTIPORT) &&
        !require_ok(t, vconsole_port_open(dev, port))) {
        return false;
    }
    return require_ok(t, vconsole_drain(dev, port));
}

bool console_expect_echo(Test *t, QVirtioDevice *dev, uint32_t port, uint32_t bytes,
                         uint64_t seed)
{
    uint8_t *sent = console_lend(t, bytes, seed);
    uint8_t *back = console_lend(t, bytes, ~seed);
    return sent && back && require_ok(t, vconsole_send(dev, port, sent, bytes)) &&
           require_ok(t, vconsole_receive_all(dev, port, back, bytes)) &&
           require_same(t, back, sent, bytes);
}

bool console_start_silent(Test *t, QVirtioDevice *dev)
{
    QVirtioFeatures wanted = {0};
    qvirtio_features_set(&wanted, VIRTIO_CONSOLE_F_MULTIPORT);
    return require_ok(t, qvirtio_start_queues(dev, &wanted, t->ring, 0)) &&
           require_ok(t, qvirtio_driver_ok(dev)) && require_ok(t, vconsole_create(dev));
}

bool pieces_lay(Test *t, Pieces *p, const uint16_t *lengths, unsigned count,
                uint64_t seed)
{
    p->count = count;
    p->bytes = 0;
    p->memory_bytes = 1;
    for (unsigned i = count; i-- > 0;) {
        p->start[i] = p->memory_bytes;
        p->length[i] = lengths[i];
        p->bytes += lengths[i];
        p->memory_bytes += lengths[i] + 1;
    }
    p->memory = console_lend(t, p->memory_bytes, seed);
    for (unsigned i = 0; p->memory && i < count; i++) {
        p->sg[i] =
            (QVirtioSg){arena_map(p->memory + p->start[i], lengths[i]), lengths[i]};
    }
    return p->memory != NULL;
}

void pieces_write(const Pieces *p, const uint8_t *from, uint32_t bytes)
{
    for (unsigned i = 0; i < p->count && bytes; i++) {
        uint32_t here = bytes < p->length[i] ? bytes : p->length[i];
        memcpy(p->memory + p->start[i], from, here);
        from += here;
        bytes -= here;
    }
}

void pieces_read(const Pieces *p, uint8_t *to, uint32_t bytes)
{
    for (unsigned i = 0; i < p->count && bytes; i++) {
        uint32_t here = bytes < p->length[i] ? bytes : p->length[i];
        memcpy(to, p->memory + p->start[i], here);
        to += here;
        bytes -= here;
    }
}
