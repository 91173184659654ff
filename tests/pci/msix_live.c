/* SPDX-License-Identifier: MIT */
/*
 * A vector that moves while the device works. Nothing forbids the driver to map an event
 * again, and the device may refuse; but the vector that reads back is the one that is
 * used: "Devices MUST return the vector mapped to a given event" (4.1.5.1.2.1).
 */
#include "tests/pci/pci_lib.h"

#define ROUNDS 4

/* Sends a ping whose interrupt must come at the entry. */
static bool comes_at(Test *t, PciBench *b, uint16_t entry, uint32_t number)
{
    uint32_t before = pci_bench_count(b, entry);
    return require_ping(t, b->dev, number) &&
           pci_bench_after(t, "dev:4.1.5.1.2.1-6", b, entry, before);
}

static void move_to_and_fro(Test *t, PciBench *b)
{
    uint16_t queue = b->dev->driver->ping_queue;
    for (uint32_t n = 0; n < ROUNDS; n++) {
        uint16_t wanted = 1 - n % 2;
        uint16_t got = pci_bench_map(b, queue, wanted);
        if (got == VIRTIO_MSI_NO_VECTOR) {
            test_skip(t, "the device maps no other vector to a queue in use");
            return;
        }
        if (!require_le(t, got, 1) || !comes_at(t, b, got, n)) {
            return;
        }
    }
}

VIRTIO_TEST(moved_vector_is_the_one_that_is_used, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_PCI, .why_not = pci_why_no_two_vectors)
{
    PciBench b;
    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 2)) {
        return;
    }
    if (pci_bench_start(t, &b, 0, VIRTIO_MSI_NO_VECTOR) && comes_at(t, &b, 0, ROUNDS)) {
        move_to_and_fro(t, &b);
    }
    pci_bench_close(&b);
}
