/* SPDX-License-Identifier: MIT */
/*
 * The accessors of the split ring (drivers/virtio/ring/qvring.h): each of the RFC's
 * fifteen reaches the bytes that 2.7.5, 2.7.6 and 2.7.8 name.
 */
#include "drivers/virtio/ring/qvring.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

#define SIZE 4

static _Alignas(16) uint8_t table_bytes[SIZE * 16 + 1], avail_bytes[4 + 2 * SIZE + 2],
    used_bytes[4 + 8 * SIZE + 2];

static QVRing ring(bool is_legacy)
{
    for (unsigned i = 0; i < sizeof(table_bytes); i++) {
        table_bytes[i] = i;
    }
    for (unsigned i = 0; i < sizeof(avail_bytes); i++) {
        avail_bytes[i] = 0x80 + i;
    }
    memset(used_bytes, 0, sizeof(used_bytes));
    return (QVRing){.num = SIZE,
                    .is_legacy = is_legacy,
                    .desc = (QVRingDesc *)table_bytes,
                    .avail = (QVRingAvail *)avail_bytes,
                    .used = (QVRingUsed *)used_bytes};
}

static void descriptors(bool is_legacy)
{
    QVRing r = ring(is_legacy);
    const QVRingDesc *odd = (const QVRingDesc *)(table_bytes + 1);

    CHECK_EQ(qvring_desc_addr(&r, r.desc, 1), 0x1716151413121110, "addr is at byte 0");
    CHECK_EQ(qvring_desc_len(&r, r.desc, 1), 0x1b1a1918, "len is at byte 8");
    CHECK_EQ(qvring_desc_flags(&r, r.desc, 1), 0x1d1c, "flags are at byte 12");
    CHECK_EQ(qvring_desc_next(&r, r.desc, 3), 0x3f3e, "next is at byte 14");
    CHECK_EQ(qvring_desc_addr(&r, odd, 0), 0x0807060504030201, "a table may be anywhere");
}

static void available(bool is_legacy)
{
    QVRing r = ring(is_legacy);

    CHECK_EQ(qvring_avail_flags(&r), 0x8180, "flags of the available ring are first");
    CHECK_EQ(qvring_avail_idx(&r), 0x8382, "then its idx");
    CHECK_EQ(qvring_avail_ring(&r, 0), 0x8584, "then its entries");
    CHECK_EQ(qvring_avail_ring(&r, 3), 0x8b8a, "as many as the queue has");
    CHECK_EQ(qvring_used_event(&r), 0x8d8c, "then used_event");
}

static void used(bool is_legacy)
{
    QVRing r = ring(is_legacy);
    uint32_t id = 0, len = 0;

    qvring_used_ring_id(&r, 3, 0x01020304);
    qvring_used_ring_len(&r, 3, 0x05060708);
    CHECK(used_bytes[28] == 4 && used_bytes[31] == 1, "id is at byte 0 of an element");
    CHECK(used_bytes[32] == 8 && used_bytes[35] == 5, "len is at byte 4");
    qvring_used_ring_get(&r, 3, &id, &len);
    CHECK(id == 0x01020304 && len == 0x05060708, "the driver reads both");
    qvring_used_idx_set(&r, 0x1234);
    CHECK_EQ(qvring_used_idx(&r), 0x1234, "idx is read as it was set");
    CHECK(used_bytes[2] == 0x34 && used_bytes[3] == 0x12, "and lies at byte 2");
    qvring_used_flags_set_bit(&r, 0x101);
    qvring_used_flags_unset_bit(&r, 1);
    CHECK_EQ(qvring_used_flags_get(&r), 0x100, "bits of the flags come and go alone");
    CHECK(used_bytes[0] == 0 && used_bytes[1] == 1, "and lie at byte 0");
    qvring_avail_event(&r, 0xabcd);
    CHECK_EQ(qvring_avail_event_get(&r), 0xabcd, "avail_event is read as it was set");
    CHECK(used_bytes[36] == 0xcd && used_bytes[37] == 0xab, "behind the elements");
}

int main(void)
{
    for (int is_legacy = 0; is_legacy < 2; is_legacy++) {
        descriptors(is_legacy); /* this machine is little-endian: both orders are one */
        available(is_legacy);
        used(is_legacy);
    }
    return check_done();
}
