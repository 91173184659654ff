/* SPDX-License-Identifier: MIT */
/* drivers/virtio/soft/side/packed.c under a driver that writes what it likes. */
#include "tests/self/fuzz/ring_device.h"

#include "drivers/virtio/spec/virtio_ring_packed.h"
#include "kernel/lib/string.h"

typedef struct Desc {
    uint64_t addr;
    uint32_t len;
    uint16_t id, flags;
} Desc;

static Desc read_desc(const void *table, unsigned at)
{
    Desc d;
    memcpy(&d, (const uint8_t *)table + 16 * at, sizeof(d));
    return d;
}

/* 2.8.1: in the device's lap the slot it looks at is available; or any other slot. */
static void offer(QVirtQueueSide *q, void *desc, void *driver, uint16_t at)
{
    uint16_t slot = at & 1 ? at : q->next_avail;
    Desc d = read_desc(desc, slot);
    (void)driver;
    d.flags &= ~(VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED);
    d.flags |= q->avail_wrap ? VIRTQ_DESC_F_AVAIL : VIRTQ_DESC_F_USED;
    memcpy((uint8_t *)desc + 16 * slot, &d, sizeof(d));
}

/* 2.8.7 */
static bool read_table(const QVirtQueueSide *q, const Desc *d, FuzzChain *c)
{
    const uint8_t *table = arena_unmap((dma_addr){d->addr}, d->len);
    uint32_t entries = d->len / 16;
    if (!q->uses_indirect || !table || entries == 0 || d->len % 16 || entries > q->size) {
        return false;
    }
    for (uint32_t i = 0; i < entries; i++) {
        Desc inner = read_desc(table, i);
        if (!fuzz_chain_add(c, inner.addr, inner.len, inner.flags & VIRTQ_DESC_F_WRITE)) {
            return false;
        }
    }
    FUZZ_REACHED("an indirect table");
    return true;
}

/* 2.8.6: slots in a row; 2.8.17: no more of them than the queue has. */
static bool read_list(const QVirtQueueSide *q, uint16_t first, FuzzChain *c)
{
    Desc d;
    do {
        if (c->slots == q->size) {
            return false;
        }
        d = read_desc(q->desc, (first + c->slots) % q->size);
        bool is_table = d.flags & VIRTQ_DESC_F_INDIRECT;
        if (is_table && (c->slots > 0 || d.flags & VIRTQ_DESC_F_NEXT)) {
            return false;
        }
        if (is_table ? !read_table(q, &d, c)
                     : !fuzz_chain_add(c, d.addr, d.len, d.flags & VIRTQ_DESC_F_WRITE)) {
            return false;
        }
        c->slots++;
        c->index = d.id;
    } while (d.flags & VIRTQ_DESC_F_NEXT);
    if (first + c->slots > q->size) {
        FUZZ_REACHED("a list around the end of the ring");
    }
    return true;
}

/* 2.8.1: the wrap counters begin at 1, and flip each time the ring has been walked. */
static bool next(const QVirtQueueSide *q, uint32_t slots, FuzzChain *c)
{
    uint16_t first = slots % q->size, flags = read_desc(q->desc, first).flags;
    bool avail = flags & VIRTQ_DESC_F_AVAIL, used = flags & VIRTQ_DESC_F_USED;
    bool wrap = slots / q->size % 2 == 0;
    if (avail != wrap || used == wrap) {
        return false;
    }
    c->is_sound = read_list(q, first, c);
    return true;
}

static size_t event_bytes(uint16_t size)
{
    (void)size;
    return 4; /* 2.8.14 */
}

static const FuzzRing packed = {
    .format = &qvirtqueue_side_packed,
    .is_packed = true,
    .desc_bytes = virtq_desc_bytes, /* 16 bytes an entry, as in split rings */
    .driver_bytes = event_bytes,
    .device_bytes = event_bytes,
    .offer = offer,
    .next = next,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_ring_device(&packed, data, bytes);
    return 0;
}
