/* SPDX-License-Identifier: MIT */
/*
 * Where the data of a channel command is: "The virtio-ccw device acts like a normal
 * channel device" (4.3.1.3). Data may be reached through indirect address words, and it
 * is skipped where the CCW says so (Principles of Operation, 15). The device must report
 * addresses that have no memory.
 */
#include "tests/ccw/ccw_lib.h"

#define IDAW1_BLOCK 2048
#define IDAW2_BLOCK 4096

static int send(QVirtioDevice *dev, const CcwKind *kind, uint8_t flags, const void *data)
{
    return qvirtio_ccw_command(qvirtio_ccw(dev), kind->command, flags, data, kind->bytes);
}

/* Returns whether the command transfers data from the device (4.3.1.1). */
static bool is_read(const CcwKind *kind)
{
    return (kind->command & 3) == 2;
}

/* Makes a list of addresses, in the format 1 or 2, for data that begins at `at` and
 * continues at `next`. */
static void *make_list(bool is_format_2, uint8_t *at, uint8_t *next)
{
    uint64_t *list = arena_lend(2 * sizeof(*list), 8);

    if (is_format_2) {
        list[0] = (uintptr_t)at;
        list[1] = (uintptr_t)next;
    } else {
        ((uint32_t *)list)[0] = (uint32_t)(uintptr_t)at;
        ((uint32_t *)list)[1] = (uint32_t)(uintptr_t)next;
    }
    return list;
}

/* Runs the command with data of which `first_bytes` are in the first block of the
 * list. */
static void expect_indirect(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                            unsigned first_bytes)
{
    Subchannel *s = &qvirtio_ccw(dev)->subchannel;
    size_t block = s->has_idaw2 ? IDAW2_BLOCK : IDAW1_BLOCK;
    uint8_t *blocks = arena_lend(2 * block, block), *at = blocks + block - first_bytes;
    uint8_t before[2 * sizeof(uint64_t)];
    void *list = make_list(s->has_idaw2, at, blocks + block);

    memcpy(at, ccw_payload(dev, kind), kind->bytes);
    memcpy(before, list, sizeof(before));
    int err = send(dev, kind, CCW_INDIRECT, list);
    s->has_idaw2 = false;
    if (!expect_ok(t, "SA22-7832 15", err) ||
        !expect_same(t, SAFETY, list, before, sizeof(before))) {
        test_note(t, "command %s", kind->name);
    } else if (is_read(kind)) {
        uint8_t *direct = ccw_payload(dev, kind);
        require_ok(t, send(dev, kind, 0, direct));
        expect_same(t, "SA22-7832 15", at, direct, kind->bytes);
    }
}

static void each_indirect(Test *t, QVirtioDevice *dev, bool is_format_2, bool is_split)
{
    const CcwKind *kind;

    for (unsigned n = 0; (kind = ccw_kind(dev, n)) != NULL; n++) {
        if (!require_ok(t, qvirtio_reset(dev))) {
            return;
        }
        if (kind->bytes > 1) {
            qvirtio_ccw(dev)->subchannel.has_idaw2 = is_format_2;
            expect_indirect(t, dev, kind, is_split ? kind->bytes / 2 : kind->bytes);
        }
    }
}

VIRTIO_TEST(data_is_found_by_31_bit_addresses, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_indirect(t, dev, false, false);
}

VIRTIO_TEST(data_is_found_by_64_bit_addresses, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_indirect(t, dev, true, false);
}

VIRTIO_TEST(data_is_gathered_from_two_blocks, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_indirect(t, dev, true, true);
}

static const CcwKind *read_status(QVirtioDevice *dev)
{
    const CcwKind *kind;
    unsigned n = 0;

    while ((kind = ccw_kind(dev, n)) != NULL && kind->command != CCW_CMD_READ_STATUS) {
        n++;
    }
    return kind;
}

static const char *why_no_status(QVirtioDevice *dev)
{
    return qvirtio_ccw(dev)->highest < VIRTIO_CCW_REV_STATUS
               ? "the device has no READ_STATUS"
               : NULL;
}

VIRTIO_TEST(status_is_read_by_64_bit_address, .flags = TEST_RAW, .buses = BUS_CCW,
            .why_not = why_no_status)
{
    require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE));
    qvirtio_ccw(dev)->subchannel.has_idaw2 = true;
    expect_indirect(t, dev, read_status(dev), 1);
}

static void expect_skipped(Test *t, QVirtioDevice *dev, const CcwKind *kind)
{
    uint8_t *payload = ccw_payload(dev, kind), before[CCW_PAYLOAD_MAX];

    memset(payload, 0, CCW_PAYLOAD_MAX);
    memcpy(before, payload, sizeof(before));
    expect_ok(t, "SA22-7832 15", send(dev, kind, CCW_SKIP, payload));
    if (!expect_same(t, "SA22-7832 15", payload, before, sizeof(before))) {
        test_note(t, "command %s", kind->name);
    }
}

VIRTIO_TEST(skipped_status_is_not_stored, .flags = TEST_RAW, .buses = BUS_CCW,
            .why_not = why_no_status)
{
    require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE));
    expect_skipped(t, dev, read_status(dev));
}

/* The addresses are above 2 GiB, or there is no memory at them. */
VIRTIO_TEST(data_without_memory_is_a_check, .violates = "4.3.1", .flags = TEST_RAW,
            .buses = BUS_CCW_BOTH)
{
    static const uint32_t nowhere[] = {0x7ffffffe, 0x80000000, 0xfffffff8};
    const CcwKind *kind;

    for (unsigned n = 0; (kind = ccw_kind(dev, n)) != NULL; n++) {
        for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
            int err = send(dev, kind, 0, (const void *)(uintptr_t)nowhere[i]);
            if (!expect_fine(t, "SA22-7832 15", ccw_not_checked(dev, err))) {
                test_note(t, "command %s at 0x%x", kind->name, nowhere[i]);
            }
        }
    }
    expect_survives(t, dev);
}
