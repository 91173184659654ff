/* SPDX-License-Identifier: MIT */
/*
 * Registers that say what the device is (4.2.2), at each step of a life: MagicValue,
 * Version, DeviceID; and the words of features behind DeviceFeaturesSel.
 */
#include "tests/mmio/mmio_lib.h"

static void expect_identity(Test *t, QVirtioDevice *dev)
{
    uint32_t version =
        qvirtio_is_legacy(dev) ? VIRTIO_MMIO_VERSION_LEGACY : VIRTIO_MMIO_VERSION_MODERN;

    expect_eq(t, "dev:4.2.2.1-1", qvirtio_mmio_read(dev, VIRTIO_MMIO_MAGIC_VALUE),
              VIRTIO_MMIO_MAGIC);
    expect_eq(t, "dev:4.2.2.1-2", qvirtio_mmio_read(dev, VIRTIO_MMIO_VERSION), version);
    expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_DEVICE_ID),
              dev->device_id);
}

VIRTIO_TEST(identity_is_the_same_at_each_step, .flags = TEST_RAW, .buses = BUS_MMIO_BOTH)
{
    expect_identity(t, dev);
    if (!require_ok(t, qvirtio_begin(dev))) {
        return;
    }
    expect_identity(t, dev);
    if (!test_start(t, dev, NULL)) {
        return;
    }
    expect_identity(t, dev);
    require_ok(t, qvirtio_stop(dev));
    expect_identity(t, dev);
}

/* "the least significant bit depending on the last value written to DeviceFeaturesSel":
 * the word stays selected over other accesses, until another is. */
VIRTIO_TEST(feature_word_stays_selected, .flags = TEST_RAW, .buses = BUS_MMIO)
{
    static const uint8_t order[] = {1, 0, 0, 1, 1, 0};

    for (size_t i = 0; i < sizeof(order); i++) {
        uint32_t offered = dev->offered.word[order[i]];

        qvirtio_mmio_write(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, order[i]);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_DEVICE_FEATURES),
                  offered);
        qvirtio_mmio_write(dev, VIRTIO_MMIO_DRIVER_FEATURES_SEL, !order[i]);
        qvirtio_mmio_select(dev, 1);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_DEVICE_FEATURES),
                  offered);
    }
}

/* "returns bits DeviceFeaturesSel*32 to (DeviceFeaturesSel*32)+31": word 1 is not shown
 * again as bits 64 and up, where it would mean other features. */
VIRTIO_TEST(feature_word_1_is_not_shown_again, .flags = TEST_RAW, .buses = BUS_MMIO)
{
    for (uint32_t word = 2; word < QVIRTIO_FEATURE_WORDS; word++) {
        qvirtio_mmio_write(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
        expect_ne(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_DEVICE_FEATURES),
                  dev->offered.word[1]);
    }
}

/* Types whose drivers expect shared memory regions. Others "MUST NOT use the shared
 * memory registers" (4.2.3.1.1; hostile.c). */
static const char *why_no_regions(QVirtioDevice *dev)
{
    switch (dev->device_id) {
    case VIRTIO_ID_GPU:
    case VIRTIO_ID_FS:
    case VIRTIO_ID_PMEM:
        return NULL;
    default:
        return "drivers of this type expect no shared memory regions";
    }
}

/* "Reading from a non-existent region ... results in a length of -1", and "in a base
 * address of 0xffffffffffffffff". No type has a region of these ids. */
static const uint8_t region_ids[] = {0x7f, 0xff};

VIRTIO_TEST(absent_region_has_length_minus_1, .flags = TEST_RAW, .buses = BUS_MMIO,
            .why_not = why_no_regions)
{
    for (size_t i = 0; i < sizeof(region_ids); i++) {
        qvirtio_mmio_write(dev, VIRTIO_MMIO_SHM_SEL, region_ids[i]);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_SHM_LEN_LOW),
                  UINT32_MAX);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_SHM_LEN_HIGH),
                  UINT32_MAX);
    }
}

VIRTIO_TEST(absent_region_has_base_minus_1, .flags = TEST_RAW, .buses = BUS_MMIO,
            .why_not = why_no_regions)
{
    for (size_t i = 0; i < sizeof(region_ids); i++) {
        qvirtio_mmio_write(dev, VIRTIO_MMIO_SHM_SEL, region_ids[i]);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_SHM_BASE_LOW),
                  UINT32_MAX);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_SHM_BASE_HIGH),
                  UINT32_MAX);
    }
}

/* ConfigGeneration: "If no part of the configuration space has changed between these two
 * ConfigGeneration reads, the returned values are identical." Requests change nothing in
 * it; the device itself may at any time (3.2), but not with each request. */
VIRTIO_TEST(generation_stays_over_requests, .flags = TEST_PING, .buses = BUS_MMIO)
{
    unsigned same = 0;

    for (uint32_t n = 1; n <= 4; n++) {
        uint32_t before = qvirtio_mmio_read(dev, VIRTIO_MMIO_CONFIG_GENERATION);
        if (!require_ping(t, dev, n)) {
            return;
        }
        same += qvirtio_mmio_read(dev, VIRTIO_MMIO_CONFIG_GENERATION) == before;
    }
    expect_ge(t, "virtio 4.2.2", same, 1);
}
