/* SPDX-License-Identifier: MIT */
/*
 * Where the persistent memory is (5.19.5): in config space, or a shared memory region;
 * and that it is there, with the content that the host gave it.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/truths.h"
#include "tests/pmem/pmem_lib.h"

static const char *why_not_told(QVirtioDevice *dev)
{
    uint64_t size;
    return qvirtio_truth_u64(dev, "size", &size) && qvirtio_truth(dev, "pattern")
               ? pmem_why_not_writable(dev)
               : "it is unknown what the memory holds; pass know=pmem.N.pattern=1";
}

/* "The device MUST set start to the absolute address and size to the size of the address
 * range, in bytes." */
VIRTIO_TEST(config_space_says_where_the_memory_is, .device = VIRTIO_ID_PMEM,
            .why_not = why_not_told)
{
    uint64_t size = 0;
    PmemRange range;
    qvirtio_truth_u64(dev, "size", &size);
    if (!pmem_find(t, dev, &range) ||
        !expect_eq(t, "dev:5.19.5.1-5", range.bytes, size)) {
        return;
    }
    uint64_t last = pmem_first_writable(&range) - 1;
    expect_sectors(t, "dev:5.19.5.1-4", &range, 0, 8, 0);
    expect_sectors(t, "dev:5.19.5.1-4", &range, last, 1, 0);
}

#define NEEDS_SHMEM FEATURES(VIRTIO_PMEM_F_SHMEM_REGION)

/* "the device MUST indicate the guest physical address as a shared memory region. The
 * device MUST use shared memory region ID 0." */
VIRTIO_TEST(memory_is_shared_memory_region_0, .device = VIRTIO_ID_PMEM,
            .needs = NEEDS_SHMEM)
{
    dma_addr at;
    uint64_t bytes = 0;
    int id = 0;
    while (id < 256 && dev->bus->shm_region(dev, id, &at, &bytes)) {
        id++;
    }
    if (expect_that(t, "dev:5.19.5.1-1", id < 256 && bytes > 0, "a shared memory region",
                    "none, or an empty one")) {
        expect_eq(t, "dev:5.19.5.1-2", id, VIRTIO_PMEM_SHMEM_ID);
    }
}

/* "The device SHOULD set start and size to zero." */
VIRTIO_TEST(config_space_is_zero_beside_a_region, .device = VIRTIO_ID_PMEM,
            .needs = NEEDS_SHMEM)
{
    for (size_t off = 0; off < sizeof(struct virtio_pmem_config); off += 8) {
        uint64_t value = 0;
        require_ok(t, qvirtio_config_read(dev, off, 8, &value));
        expect_eq(t, "dev:5.19.5.1-3", value, 0);
    }
}
