/* SPDX-License-Identifier: MIT */
/*
 * For legacy buses: where a legacy interface is told a queue to be. That is the number of
 * the first of its pages, from which the device finds the three areas by the layout of
 * 2.7.2. PCI and MMIO use pages of 4096 bytes. Channel I/O is told the address itself;
 * the layout is the same.
 */
#ifndef QVIRTIO_BUS_LEGACY_QUEUE_H
#define QVIRTIO_BUS_LEGACY_QUEUE_H

#include "drivers/virtio/qvirtqueue.h"

#define LEGACY_QUEUE_PAGE_SHIFT 12

/* Gives the page number. Returns false when the areas do not lie as the device will look
 * for them. */
static inline bool legacy_queue_page(const QVRing *r, uint32_t *page)
{
    uint64_t align = VIRTQ_LEGACY_ALIGN;
    uint64_t avail = r->desc_addr.raw + virtq_desc_bytes(r->num);
    uint64_t used = (avail + virtq_avail_bytes(r->num) + align - 1) & ~(align - 1);
    uint64_t first = r->desc_addr.raw >> LEGACY_QUEUE_PAGE_SHIFT;

    *page = (uint32_t)first;
    return first << LEGACY_QUEUE_PAGE_SHIFT == r->desc_addr.raw &&
           r->avail_addr.raw == avail && r->used_addr.raw == used && first == *page;
}

#endif
