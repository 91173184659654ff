/* SPDX-License-Identifier: MIT */
/*
 * The accessors of the split ring (drivers/virtio/ring/qvring.h): each of the RFC's
 * fifteen, and each _get, reaches the bytes that 2.7.5, 2.7.6 and 2.7.8 name, and no
 * others, in both byte orders.
 *
 * Where the program is built the CPU is little-endian, so both orders would be one. The
 * accessors are therefore compiled as for a big-endian CPU: what they swap for a modern
 * ring they must not swap for a legacy one, which is in the CPU's own order.
 */
#include "kernel/lib/byteorder.h"
#undef BYTEORDER_LE
#define BYTEORDER_LE(bits, v) __builtin_bswap##bits(v)
#include "drivers/virtio/ring/qvring.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

#define SIZE 4

/* Each area has a byte more than the ring, where nothing may be written. */
static _Alignas(16) uint8_t table[SIZE * 16 + 1], avail[4 + 2 * SIZE + 2 + 1],
    used[4 + 8 * SIZE + 2 + 1];

/* What a field of `bytes` bytes reads as, whose bytes count up from `first`. */
static uint64_t counting(bool is_legacy, uint8_t first, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        unsigned place = is_legacy ? i : bytes - 1 - i;
        value |= (uint64_t)(uint8_t)(first + i) << (8 * place);
    }
    return value;
}

static QVRing ring(bool is_legacy)
{
    for (unsigned i = 0; i < sizeof(table); i++) {
        table[i] = i;
    }
    for (unsigned i = 0; i < sizeof(avail); i++) {
        avail[i] = 0x80 + i;
    }
    memset(used, 0, sizeof(used));
    return (QVRing){.num = SIZE,
                    .is_legacy = is_legacy,
                    .desc = (QVRingDesc *)table,
                    .avail = (QVRingAvail *)avail,
                    .used = (QVRingUsed *)used};
}

static void descriptors(bool is_legacy)
{
    QVRing r = ring(is_legacy);
    const QVRingDesc *odd = (const QVRingDesc *)(table + 1);

    CHECK_EQ(qvring_desc_addr(&r, r.desc, 1), counting(is_legacy, 16, 8),
             "addr of a descriptor is at byte 0");
    CHECK_EQ(qvring_desc_len(&r, r.desc, 1), counting(is_legacy, 24, 4),
             "len is at byte 8");
    CHECK_EQ(qvring_desc_flags(&r, r.desc, 1), counting(is_legacy, 28, 2),
             "flags are at byte 12");
    CHECK_EQ(qvring_desc_next(&r, r.desc, 3), counting(is_legacy, 62, 2),
             "next is at byte 14");
    CHECK_EQ(qvring_desc_addr(&r, odd, 1), counting(is_legacy, 17, 8),
             "a table may be at an odd address: addr");
    CHECK_EQ(qvring_desc_len(&r, odd, 1), counting(is_legacy, 25, 4), "len");
    CHECK_EQ(qvring_desc_flags(&r, odd, 1), counting(is_legacy, 29, 2), "flags");
    CHECK_EQ(qvring_desc_next(&r, odd, 3), counting(is_legacy, 63, 2), "next");
}

static void available(bool is_legacy)
{
    QVRing r = ring(is_legacy);

    CHECK_EQ(qvring_avail_flags(&r), counting(is_legacy, 0x80, 2),
             "flags of the available ring are first");
    CHECK_EQ(qvring_avail_idx(&r), counting(is_legacy, 0x82, 2), "then idx");
    CHECK_EQ(qvring_avail_ring(&r, 0), counting(is_legacy, 0x84, 2), "then the entries");
    CHECK_EQ(qvring_avail_ring(&r, SIZE - 1), counting(is_legacy, 0x8a, 2),
             "as many as the queue has");
    CHECK_EQ(qvring_used_event(&r), counting(is_legacy, 0x8c, 2), "then used_event");
}

/* The setters write at `offset` the bytes 1, 2 ... of a value that counts up, and no
 * other byte. Clears the used ring for the next. */
static void wrote(unsigned offset, unsigned bytes, const char *claim)
{
    uint8_t expected[sizeof(used)] = {0};

    for (unsigned i = 0; i < bytes; i++) {
        expected[offset + i] = 1 + i;
    }
    CHECK(memcmp(used, expected, sizeof(used)) == 0, claim);
    memset(used, 0, sizeof(used));
}

static void setters(bool is_legacy)
{
    QVRing r = ring(is_legacy);
    uint16_t two = counting(is_legacy, 1, 2);
    uint32_t four = counting(is_legacy, 1, 4);

    qvring_used_ring_id(&r, 0, four);
    wrote(4, 4, "id of the first used element is at byte 4");
    qvring_used_ring_id(&r, SIZE - 1, four);
    wrote(28, 4, "that of the last is 24 bytes behind");
    qvring_used_ring_len(&r, SIZE - 1, four);
    wrote(32, 4, "len is behind id");
    qvring_used_idx_set(&r, two);
    wrote(2, 2, "idx is at byte 2");
    qvring_avail_event(&r, two);
    wrote(36, 2, "avail_event is behind the elements");
    qvring_used_flags_set_bit(&r, two);
    wrote(0, 2, "flags are at byte 0");
}

static void flag_bits(bool is_legacy)
{
    QVRing r = ring(is_legacy);

    qvring_used_flags_set_bit(&r, 0x101);
    qvring_used_flags_set_bit(&r, 2);
    CHECK_EQ(qvring_used_flags_get(&r), 0x103, "a bit is set beside others");
    qvring_used_flags_unset_bit(&r, 1);
    CHECK_EQ(qvring_used_flags_get(&r), 0x102, "and goes without them");
    qvring_used_flags_unset_bit(&r, 1);
    CHECK_EQ(qvring_used_flags_get(&r), 0x102, "once");
}

static void getters(bool is_legacy)
{
    QVRing r = ring(is_legacy);
    uint32_t id = 0, len = 0;

    for (unsigned i = 0; i < sizeof(used); i++) {
        used[i] = i;
    }
    CHECK_EQ(qvring_used_flags_get(&r), counting(is_legacy, 0, 2),
             "the driver reads flags");
    CHECK_EQ(qvring_used_idx(&r), counting(is_legacy, 2, 2), "idx");
    qvring_used_ring_get(&r, SIZE - 1, &id, &len);
    CHECK_EQ(id, counting(is_legacy, 28, 4), "the id of an element");
    CHECK_EQ(len, counting(is_legacy, 32, 4), "its len");
    CHECK_EQ(qvring_avail_event_get(&r), counting(is_legacy, 36, 2), "and avail_event");
}

int main(void)
{
    for (int is_legacy = 0; is_legacy < 2; is_legacy++) {
        descriptors(is_legacy);
        available(is_legacy);
        setters(is_legacy);
        flag_bits(is_legacy);
        getters(is_legacy);
    }
    return check_done();
}
