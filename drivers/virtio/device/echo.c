/* SPDX-License-Identifier: MIT */
/*
 * The driver of the echo device (drivers/virtio/spec/echo.h). Its ping is 96 bytes that
 * come back inverted, so every byte of a request is checked, wherever it is cut.
 */
#include "drivers/virtio/spec/echo.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/random.h"

#define ECHO_PING_BYTES 96

static uint16_t echo_queue_count(QVirtioDevice *d)
{
    (void)d;
    return ECHO_QUEUES;
}

static int echo_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[0],
        .number = number,
        .out = arena_lend(ECHO_PING_BYTES, 1),
        .out_bytes = ECHO_PING_BYTES,
        .in = arena_lend(ECHO_PING_BYTES, 1),
        .in_bytes = ECHO_PING_BYTES,
        .used_min = ECHO_PING_BYTES,
        .used_max = ECHO_PING_BYTES,
    };
    if (!ping->out || !ping->in) {
        return -QVIRTIO_NO_MEMORY;
    }
    pattern_fill(ping->out, ECHO_PING_BYTES, number);
    return 0;
}

static const char *echo_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    uint8_t sent[ECHO_PING_BYTES];
    const uint8_t *in = ping->in;

    (void)used_len;
    pattern_fill(sent, sizeof(sent), ping->number);
    for (unsigned i = 0; i < ECHO_PING_BYTES; i++) {
        if (in[i] + sent[i] != 0xff) {
            return "the answer is not what was sent, inverted";
        }
    }
    return NULL;
}

QVIRTIO_DRIVER(echo, .device_id = ECHO_DEVICE_ID, .name = "id-63",
               .features = (const QVirtioFeatureName[]){{.name = NULL}},
               .fields = (const QVirtioField[]){{.name = NULL}},
               .queue_count = echo_queue_count, .ping_make = echo_ping_make,
               .ping_check = echo_ping_check);
