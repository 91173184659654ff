/* SPDX-License-Identifier: MIT */
/* Requests to the entropy device (5.4.6), as all its tests make them. */
#include "tests/rng/rng_lib.h"

uint8_t *rng_lend(Test *t, size_t bytes, uint64_t seed)
{
    uint8_t *at = arena_lend(bytes, 1);
    if (!require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        return NULL;
    }
    pattern_fill(at, bytes, seed);
    return at;
}

bool rng_take(Test *t, QVirtioDevice *dev, QVirtioUsed *used)
{
    /* The ring code itself refuses a used length beyond the buffer (-BROKEN). */
    return require_ok(t, qvirtqueue_wait(dev->vq[0], used)) &&
           expect_ge(t, "dev:5.4.6.2-1a", used->len, 1);
}

uint32_t rng_read(Test *t, QVirtioDevice *dev, void *at, uint32_t bytes)
{
    QVirtioSg sg = {.addr = arena_map(at, bytes), .len = bytes};
    QVirtioUsed used;

    if (!require_ok(t, qvirtqueue_add(dev->vq[0], &sg, 0, 1, at))) {
        return 0;
    }
    qvirtqueue_kick(dev->vq[0]);
    return rng_take(t, dev, &used) ? used.len : 0;
}

bool rng_gather(Test *t, QVirtioDevice *dev, uint8_t *at, uint32_t bytes)
{
    while (bytes) {
        uint32_t came = rng_read(t, dev, at, bytes);
        if (!came) {
            return false;
        }
        at += came;
        bytes -= came;
    }
    return true;
}
