/* SPDX-License-Identifier: MIT */
/*
 * A driver that writes anything at any time, and the device side of a ring that must
 * stand it; written once for both formats. See ring_device.c.
 */
#ifndef TESTS_HOST_FUZZ_RING_DEVICE_H
#define TESTS_HOST_FUZZ_RING_DEVICE_H

#include "drivers/virtio/soft/side/side.h"
#include "tests/self/fuzz/fuzz.h"

#define FUZZ_PIECES QVIRTQUEUE_CHAIN_MAX

/* The pieces of a request as a target reads them from the ring by itself. */
typedef struct FuzzChain {
    bool is_sound;
    unsigned count, slots;
    uint16_t index;
    bool is_writable[FUZZ_PIECES];
    QVirtIovec piece[FUZZ_PIECES];
} FuzzChain;

typedef struct FuzzRing {
    const QVirtSideFormat *format;
    bool is_packed;
    size_t (*desc_bytes)(uint16_t size), (*driver_bytes)(uint16_t size),
        (*device_bytes)(uint16_t size);
    /* A request at slot `at` is made available, by the rules. */
    void (*offer)(QVirtQueueSide *q, void *desc, void *driver, uint16_t at);
    /* Is there something to pop, and what is it? Follows 2.7 or 2.8 word for word;
     * `slots` were taken before. */
    bool (*next)(const QVirtQueueSide *q, uint32_t slots, FuzzChain *chain);
} FuzzRing;

/* Adds one more piece, by the rules that both formats have. Returns false when it breaks
 * one. */
bool fuzz_chain_add(FuzzChain *c, uint64_t addr, uint32_t len, bool is_writable);

void fuzz_ring_device(const FuzzRing *ring, const uint8_t *data, size_t bytes);

#endif
