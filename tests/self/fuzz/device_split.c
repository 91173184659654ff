/* SPDX-License-Identifier: MIT */
/* drivers/virtio/soft/side/split.c under a driver that writes what it likes. */
#include "kernel/lib/string.h"
#include "tests/self/fuzz/ring_device.h"

static uint16_t get16(const void *at)
{
    uint16_t v;
    memcpy(&v, at, 2);
    return v;
}

static void put16(void *at, uint16_t v)
{
    memcpy(at, &v, 2);
}

static void offer(QVirtQueueSide *q, void *desc, void *driver, uint16_t at)
{
    uint8_t *avail = driver; /* flags, idx, ring (2.7.6) */
    uint16_t idx = get16(avail + 2);
    (void)desc;
    put16(avail + 4 + 2 * (idx % q->size), at);
    put16(avail + 2, idx + 1);
}

typedef struct Desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
} Desc;

/* The descriptors of one table from `at` on, 2.7.5; false: a rule is broken. */
static bool read_table(const QVirtQueueSide *q, const uint8_t *table, uint32_t entries,
                       uint16_t at, bool is_inside, FuzzChain *c)
{
    Desc d;
    do {
        if (at >= entries) {
            return false;
        }
        memcpy(&d, table + 16 * at, sizeof(d));
        if (d.flags & VIRTQ_DESC_F_INDIRECT) {
            const uint8_t *inner = arena_unmap((dma_addr){d.addr}, d.len);
            return q->uses_indirect && !is_inside && !(d.flags & VIRTQ_DESC_F_NEXT) &&
                   d.len > 0 && d.len % 16 == 0 && inner &&
                   read_table(q, inner, d.len / 16, 0, true, c);
        }
        /* 2.7.5.3.1: a chain must not be longer than the queue. */
        if (c->count == q->size ||
            !fuzz_chain_add(c, d.addr, d.len, d.flags & VIRTQ_DESC_F_WRITE)) {
            return false;
        }
        at = d.next;
    } while (d.flags & VIRTQ_DESC_F_NEXT);
    if (is_inside) {
        FUZZ_REACHED("an indirect table");
    }
    return true;
}

static bool next(const QVirtQueueSide *q, uint32_t slots, FuzzChain *c)
{
    const uint8_t *avail = q->driver;
    uint16_t ready = get16(avail + 2) - (uint16_t)slots;
    if (ready == 0) {
        return false;
    }
    c->index = get16(avail + 4 + 2 * (slots % q->size));
    c->slots = 1;
    c->is_sound = ready <= q->size && read_table(q, q->desc, q->size, c->index, false, c);
    return true;
}

static const FuzzRing split = {
    .format = &qvirtqueue_side_split,
    .desc_bytes = virtq_desc_bytes,
    .driver_bytes = virtq_avail_bytes,
    .device_bytes = virtq_used_bytes,
    .offer = offer,
    .next = next,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_ring_device(&split, data, bytes);
    return 0;
}
