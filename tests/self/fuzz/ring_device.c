/* SPDX-License-Identifier: MIT */
/*
 * The device side of a ring under a driver that writes what it likes. Each step of the
 * input is one write of the driver or one call of the device; what pop returns is
 * compared with the target's own reading of the ring. Held requests are pushed late and
 * in any order.
 */
#include "tests/self/fuzz/ring_device.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "kernel/lib/string.h"

#define STEPS_MOST  96
#define HELD_MOST   4
#define AREAS       6 /* three of the ring, an indirect table, two buffers */
#define TABLE       3
#define TABLE_BYTES 80 /* five entries */

const SoftFault *soft_fault_chosen;         /* none */
struct SoftMannerChoice soft_manner_choice; /* none */

typedef struct Area {
    uint8_t *at;
    size_t bytes;
} Area;

static const FuzzRing *ring;
static QVirtQueueSide side;
static Area area[AREAS];
static QVirtQueueElement held[HELD_MOST];
static unsigned held_count;
static uint32_t slots_taken;

bool fuzz_chain_add(FuzzChain *c, uint64_t addr, uint32_t len, bool is_writable)
{
    uint8_t *at = arena_unmap((dma_addr){addr}, len);
    if (!at || c->count == QVIRTQUEUE_CHAIN_MAX ||
        (c->count > 0 && c->is_writable[c->count - 1] && !is_writable)) {
        return false;
    }
    c->is_writable[c->count] = is_writable;
    c->piece[c->count++] = (QVirtIovec){at, len};
    return true;
}

static dma_addr lend(unsigned n, size_t bytes)
{
    area[n] = (Area){arena_lend(bytes, 16), bytes};
    return arena_map(area[n].at, bytes);
}

static void start(Fuzz *f)
{
    unsigned flags = fuzz_u8(f);
    arena_reset();
    side = (QVirtQueueSide){.format = ring->format, .size = 1u << fuzz_below(f, 8)};
    if (ring->is_packed) {
        side.size += fuzz_below(f, 3); /* 2.8.10.1: any size will do */
    }
    side.uses_indirect = flags & 1;
    side.uses_event = flags & 2;
    side.desc_addr = lend(0, ring->desc_bytes(side.size));
    side.driver_addr = lend(1, ring->driver_bytes(side.size));
    side.device_addr = lend(2, ring->device_bytes(side.size));
    lend(TABLE, TABLE_BYTES);
    lend(4, 24);
    lend(5, 7);
    if (flags & 4) {
        side.driver_addr.raw += fuzz_u8(f); /* not all of it is lent any more */
    }
    qvirtqueue_side_start(&side);
    held_count = slots_taken = 0;
}

/* A descriptor: its place, an address that is mostly that of something, a length that is
 * mostly small, all flags. Both formats have the fields at the same offsets but the last
 * two, which are swapped. */
static void write_desc(Fuzz *f)
{
    Area *to = &area[fuzz_u8(f) & 1 ? TABLE : 0];
    size_t at = fuzz_below(f, to->bytes / 16) * 16;
    unsigned where = fuzz_u8(f);
    uint64_t addr = where < 0xf0
                        ? arena_map(area[where % AREAS].at, 0).raw + fuzz_u8(f) / 16
                        : fuzz_u64(f);
    uint32_t len = where < 0xf0 ? fuzz_u8(f) : fuzz_u32(f);
    uint16_t flags = fuzz_u16(f), other = fuzz_u8(f) % 32;

    memcpy(to->at + at, &addr, 8);
    memcpy(to->at + at + 8, &len, 4);
    memcpy(to->at + at + 12, ring->is_packed ? &other : &flags, 2);
    memcpy(to->at + at + 14, ring->is_packed ? &flags : &other, 2);
}

/* The first descriptor again in all that follow, each leading to the next: long chains
 * are rare otherwise. */
static void repeat_desc(Fuzz *f)
{
    Area *to = &area[fuzz_u8(f) & 1 ? TABLE : 0];
    for (size_t at = 16; at < to->bytes; at += 16) {
        uint16_t next = at / 16 + 1;
        memcpy(to->at + at, to->at, 16);
        if (!ring->is_packed) {
            memcpy(to->at + at + 14, &next, 2);
        }
    }
}

static void write_anything(Fuzz *f)
{
    Area *to = &area[fuzz_below(f, TABLE + 1)];
    uint16_t v = fuzz_u16(f);
    size_t at = fuzz_u16(f) % (to->bytes - 1);
    memcpy(to->at + at, &v, 2);
}

/* Reads and writes all that the request lends: nothing of it may be out of bounds. */
static void use_pieces(const QVirtQueueElement *e)
{
    static uint8_t flat[512];
    uint32_t most = e->out_bytes < sizeof(flat) ? e->out_bytes : sizeof(flat);
    FUZZ_CHECK(qvirtqueue_element_read(e, 0, flat, sizeof(flat)) == most,
               "all readable bytes are read");
    most = e->in_bytes < sizeof(flat) ? e->in_bytes : sizeof(flat);
    FUZZ_CHECK(qvirtqueue_element_write(e, 0, flat, sizeof(flat)) == most,
               "all writable bytes are written");
}

static void check_request(const QVirtQueueElement *e, const FuzzChain *chain)
{
    FUZZ_CHECK(chain->is_sound, "a request that breaks no rule is popped");
    FUZZ_CHECK(e->index == chain->index && e->slots == chain->slots,
               "it is named and counted right");
    FUZZ_CHECK(e->out_num + e->in_num == chain->count, "it has all its pieces");
    for (unsigned i = 0; i < chain->count; i++) {
        FUZZ_CHECK(e->sg[i].base == chain->piece[i].base &&
                       e->sg[i].len == chain->piece[i].len &&
                       (i >= e->out_num) == chain->is_writable[i],
                   "each piece is where the driver says");
    }
}

static void pop(void)
{
    static uint8_t before[2][sizeof(QVRingDesc) * (QVIRTQUEUE_CHAIN_MAX + 2)];
    QVirtQueueElement *e = &held[held_count];
    bool was_broken = side.broken, is_mapped = side.desc;
    static FuzzChain chain;

    if (held_count == HELD_MOST) {
        return;
    }
    chain.is_sound = false;
    chain.count = chain.slots = 0;
    memcpy(before[0], area[0].at, area[0].bytes);
    memcpy(before[1], area[1].at, area[1].bytes);
    bool is_there = is_mapped && !was_broken && ring->next(&side, slots_taken, &chain);
    int got = qvirtqueue_pop(&side, e);
    FUZZ_CHECK(memcmp(before[0], area[0].at, area[0].bytes) == 0 &&
                   memcmp(before[1], area[1].at, area[1].bytes) == 0,
               "pop writes nothing");
    FUZZ_CHECK((got < 0) == (side.broken != NULL), "a broken queue says why");
    FUZZ_CHECK(!was_broken || got < 0, "a broken queue stays broken");
    if (is_mapped && !was_broken) {
        FUZZ_CHECK(is_there == (got != 0), "what is available is popped, nothing else");
        FUZZ_CHECK(got >= 0 || !chain.is_sound, "a sound request breaks no queue");
    }
    if (got < 0) {
        FUZZ_REACHED("a broken queue");
        return;
    }
    if (got > 0) {
        if (is_mapped) {
            check_request(e, &chain);
        }
        use_pieces(e);
        slots_taken += e->slots;
        held_count++;
        if (e->out_num + e->in_num > 2) {
            FUZZ_REACHED("a request of three pieces");
        }
        if (e->out_num + e->in_num == QVIRTQUEUE_CHAIN_MAX) {
            FUZZ_REACHED("the longest request");
        }
    }
}

/* Pushes `count` of the held requests in one step. */
static void push(Fuzz *f, unsigned count)
{
    count = count < held_count ? count : held_count;
    if (count == 0 || side.broken) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned which = fuzz_below(f, held_count);
        qvirtqueue_fill(&side, &held[which], fuzz_u8(f), i);
        held[which] = held[--held_count];
    }
    qvirtqueue_flush(&side, count);
    FUZZ_REACHED("a used request");
    if (count > 1) {
        FUZZ_REACHED("two used at once");
    }
}

static void step(Fuzz *f)
{
    switch (fuzz_below(f, 9)) {
    case 0:
    case 1:
        write_desc(f);
        break;
    case 2:
        write_anything(f);
        break;
    case 3:
        ring->offer(&side, area[0].at, area[1].at, fuzz_below(f, side.size));
        break;
    case 4:
    case 5:
        pop();
        break;
    case 6:
        push(f, 1 + fuzz_below(f, 2));
        break;
    case 7:
        repeat_desc(f);
        break;
    default:
        if (qvirtqueue_wants_interrupt(&side)) {
            FUZZ_REACHED("an interrupt is wanted");
        }
        qvirtqueue_ask_for_kick(&side);
        break;
    }
}

void fuzz_ring_device(const FuzzRing *what, const uint8_t *data, size_t bytes)
{
    Fuzz f = {data, bytes};
    ring = what;
    start(&f);
    pop(); /* maps the areas */
    for (unsigned i = 0; i < STEPS_MOST && f.left > 0; i++) {
        step(&f);
    }
}
