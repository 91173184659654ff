/* SPDX-License-Identifier: MIT */
/*
 * Status (4.3.2.3): READ_STATUS returns what WRITE_STATUS wrote. If the device rejected
 * the write, the status has not changed.
 */
#include "drivers/virtio/bus.h"
#include "tests/ccw/ccw_lib.h"

static const char *why_no_status(QVirtioDevice *dev)
{
    return qvirtio_ccw(dev)->highest < VIRTIO_CCW_REV_STATUS
               ? "the device has no READ_STATUS"
               : NULL;
}

static uint8_t read_status(Test *t, QVirtioDevice *dev)
{
    uint8_t status = 0xff;

    expect_ok(t, "dev:4.3.2.3.2-2",
              ccw_command(dev, CCW_CMD_READ_STATUS, &status, sizeof(status)));
    return status;
}

static int write_status(QVirtioDevice *dev, uint8_t status)
{
    return ccw_command(dev, CCW_CMD_WRITE_STATUS, &status, sizeof(status));
}

/* "If at least revision 2 has been negotiated, the device MUST return the current device
 * status field if the CCW_CMD_READ_STATUS command is issued." */
VIRTIO_TEST(read_status_returns_what_was_written, .flags = TEST_RAW, .buses = BUS_CCW,
            .why_not = why_no_status)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    uint8_t status = VIRTIO_STATUS_ACKNOWLEDGE;

    expect_eq(t, "dev:4.3.2.3.2-2", read_status(t, dev), 0);
    require_ok(t, write_status(dev, status));
    expect_eq(t, "dev:4.3.2.3.2-2", read_status(t, dev), status);
    status |= VIRTIO_STATUS_DRIVER;
    require_ok(t, write_status(dev, status));
    expect_eq(t, "dev:4.3.2.3.2-2", read_status(t, dev), status);
    for (uint32_t word = 0; word < 2; word++) {
        require_ok(t, dev->bus->set_features(dev, word, set.word[word]));
    }
    status |= VIRTIO_STATUS_FEATURES_OK;
    require_ok(t, write_status(dev, status));
    expect_eq(t, "dev:4.3.2.3.2-2", read_status(t, dev), status);
    status |= VIRTIO_STATUS_FAILED;
    require_ok(t, write_status(dev, status));
    expect_eq(t, "dev:4.3.2.3.2-2", read_status(t, dev), status);
}

/*
 * "If the device fails to set the device status field to the value written by the driver,
 * the device MUST assure that the device status field is left unchanged and MUST post a
 * unit check with command reject."
 */
static void expect_all_or_nothing(Test *t, QVirtioDevice *dev, uint8_t status)
{
    uint8_t before = read_status(t, dev);
    int err = write_status(dev, status);
    const char *wrong = err ? ccw_not_rejected(dev, err) : NULL;
    uint8_t after = read_status(t, dev);

    if (after == status) {
        expect_that(t, "dev:4.3.2.3.2-1a", !err || after == before,
                    "a status left unchanged by the write that was rejected", "0x%02x",
                    after);
    } else {
        expect_that(t, "dev:4.3.2.3.2-1b", err && !wrong, "a command reject",
                    "status 0x%02x after a write of 0x%02x: %s", after, status,
                    wrong ? wrong : "the command ended well");
        expect_eq(t, "dev:4.3.2.3.2-1a", after, before);
    }
}

/* Has the device judge a feature set: writes the features, then FEATURES_OK. */
static void offer_set(Test *t, QVirtioDevice *dev, const QVirtioFeatures *set)
{
    uint8_t seen = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER;

    require_ok(t, qvirtio_reset(dev));
    require_ok(t, write_status(dev, seen));
    for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
        require_ok(t, dev->bus->set_features(dev, word, set->word[word]));
    }
    expect_all_or_nothing(t, dev, seen | VIRTIO_STATUS_FEATURES_OK);
}

/* The device may reject these sets: no feature, all features, and features that it does
 * not offer. */
VIRTIO_TEST(refused_features_are_a_rejected_status, .violates = "2.2.1",
            .flags = TEST_RAW, .buses = BUS_CCW, .why_not = why_no_status)
{
    QVirtioFeatures none = {0}, all, other;

    for (unsigned i = 0; i < QVIRTIO_FEATURE_WORDS; i++) {
        all.word[i] = 0xffffffff;
        other.word[i] = ~dev->offered.word[i];
    }
    offer_set(t, dev, &none);
    offer_set(t, dev, &all);
    offer_set(t, dev, &other);
    expect_survives(t, dev);
}

/* 6.2: a device behind an IOMMU "MAY fail to operate further" without this feature. */
VIRTIO_TEST(platform_refused_is_a_rejected_status, .flags = TEST_RAW, .buses = BUS_CCW,
            .needs = FEATURES(VIRTIO_F_ACCESS_PLATFORM), .why_not = why_no_status)
{
    QVirtioFeatures set = qvirtio_baseline(dev);

    qvirtio_features_clear(&set, VIRTIO_F_ACCESS_PLATFORM);
    offer_set(t, dev, &set);
}

/* The test writes bits that the status does not have, and steps in the wrong order. */
VIRTIO_TEST(strange_status_is_taken_or_rejected, .violates = "2.1.1", .flags = TEST_RAW,
            .buses = BUS_CCW, .why_not = why_no_status)
{
    static const uint8_t strange[] = {0x20, 0x08, 0x04, 0x30, 0x80};

    for (size_t i = 0; i < sizeof(strange); i++) {
        require_ok(t, qvirtio_reset(dev));
        expect_all_or_nothing(t, dev, strange[i]);
    }
    expect_survives(t, dev);
}
