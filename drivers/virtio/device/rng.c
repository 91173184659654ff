/* SPDX-License-Identifier: MIT */
/*
 * The driver of the entropy device (5.4), which has one queue of device-writable buffers,
 * no features and no config space. Its ping asks for 64 random bytes. It is judged that
 * at least one byte came (5.4.6.2), and that the bytes are not what lay there before.
 * Behind the used length the device may have written too (2.7.8.2). tests/rng judges how
 * random the bytes are.
 */
#include "drivers/virtio/driver.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define RNG_REQUESTQ   0
#define RNG_PING_BYTES 64
/* So many random bytes equal the bytes before them once in 2^64 pings. */
#define RNG_TELLING_BYTES 8

static uint16_t rng_queue_count(QVirtioDevice *d)
{
    (void)d;
    return 1;
}

static int rng_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    ping->dev = d;
    ping->vq = d->vq[RNG_REQUESTQ];
    ping->number = number;
    ping->in_bytes = RNG_PING_BYTES;
    ping->used_min = 1;
    ping->is_len_content = true;
    ping->used_max = RNG_PING_BYTES;
    ping->in = arena_lend(RNG_PING_BYTES, 1);
    if (!ping->in) {
        return -QVIRTIO_NO_MEMORY;
    }
    pattern_fill(ping->in, RNG_PING_BYTES, number);
    return 0;
}

static const char *rng_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    uint8_t before[RNG_PING_BYTES];

    pattern_fill(before, sizeof(before), ping->number);
    if (used_len >= RNG_TELLING_BYTES && memcmp(ping->in, before, used_len) == 0) {
        return "the buffer still holds what was there before";
    }
    return NULL;
}

QVIRTIO_DRIVER(rng, .device_id = VIRTIO_ID_RNG, .name = "rng",
               .features = (const QVirtioFeatureName[]){{.name = NULL}},
               .fields = (const QVirtioField[]){{.name = NULL}},
               .ping_queue = RNG_REQUESTQ, .queue_count = rng_queue_count,
               .ping_make = rng_ping_make, .ping_check = rng_ping_check);
