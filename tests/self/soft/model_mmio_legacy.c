/* SPDX-License-Identifier: MIT */
/*
 * Registers that only version 1 has (4.2.4): a queue by its page, in pages of the guest's
 * size; and Status without FEATURES_OK.
 */
#include "tests/self/soft/model_mmio.h"

#define PAGE_LEAST 4096u

static uint32_t page_bytes(const MmioModel *m)
{
    return m->page_bytes ? m->page_bytes : PAGE_LEAST;
}

uint32_t model_mmio_read_legacy(MmioModel *m, uint32_t at)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_STATUS:
        door_count_status_read(d);
        return door_legacy_status(d);
    case VIRTIO_MMIO_LEGACY_QUEUE_PFN:
        return door_queue(d) && door_is_enabled(d)
                   ? (uint32_t)(door_queue(d)->desc / page_bytes(m))
                   : 0;
    default:
        return 0;
    }
}

void model_mmio_write_legacy(MmioModel *m, uint32_t at, uint32_t v)
{
    Door *d = &m->door;
    bool is_power = v && (v & (v - 1)) == 0;

    switch (at) {
    case VIRTIO_MMIO_LEGACY_GUEST_PAGE_SIZE:
        m->page_bytes = is_power ? v : 0;
        break;
    case VIRTIO_MMIO_LEGACY_QUEUE_ALIGN:
        m->align = is_power ? v : 0;
        break;
    case VIRTIO_MMIO_LEGACY_QUEUE_PFN:
        door_legacy_page(d, (uint64_t)v * page_bytes(m), m->align ? m->align : 1);
        break;
    case VIRTIO_MMIO_STATUS:
        door_set_legacy_status(d, (uint8_t)v);
        break;
    default:
        break;
    }
}
