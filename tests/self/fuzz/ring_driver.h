/* SPDX-License-Identifier: MIT */
/*
 * The driver side of a ring over a device that is honest at first, and then writes
 * anything that a device can write; written once for both formats. See ring_driver.c.
 */
#ifndef TESTS_HOST_FUZZ_RING_DRIVER_H
#define TESTS_HOST_FUZZ_RING_DRIVER_H

#include "drivers/virtio/soft/side/side.h"
#include "tests/self/fuzz/fuzz.h"

typedef struct FuzzDriver {
    const QVirtioRing *const *formats;
    unsigned count;
    const QVirtSideFormat *side;
    /* The memory that a device can write: the nth area of the ring; NULL past the end. */
    void *(*area)(QVirtQueue *vq, unsigned n, size_t *bytes);
    /* Returns how many used requests the ring shows that were not taken. NULL means that
     * it has no count. */
    uint16_t (*shown)(const QVirtQueue *vq);
} FuzzDriver;

void fuzz_ring_driver(const FuzzDriver *driver, const uint8_t *data, size_t bytes);

#endif
