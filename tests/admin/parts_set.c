/* SPDX-License-Identifier: MIT */
/*
 * Sets device parts of a virtual function (2.12.1.4). Only a stopped function takes them,
 * any number of times. The device compares those that nobody may change. A reset returns
 * all of them to their defaults.
 */
#include "tests/admin/parts_lib.h"

/* Where the status is in the value of its device part. */
#define STATUS_AT 0

/* Reads the device part of the status and puts another status into it. */
static bool take_status(Parts *p, Part *part, uint8_t status)
{
    if (!parts_take(p, VIRTIO_DEV_PART_DEVICE_STATUS, part)) {
        return false;
    }
    part->value[STATUS_AT] = status;
    return require_eq(p->t, le32_get(part->hdr.length), 1);
}

/* "The device SHOULD respond with an error status for the command
 * VIRTIO_ADMIN_CMD_DEV_PARTS_SET if the device is not stopped." */
ADMIN_TEST(running_device_is_not_set, .violates = "2.12.1.4.5")
{
    Parts p;
    Part part;

    if (parts_begin(t, dev, &p) && take_status(&p, &part, VIRTIO_STATUS_ACKNOWLEDGE)) {
        expect_ne(t, "dev:2.12.1.4.4.1-4", parts_set(&p, &part), VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "The device MUST support the command ..., allowing the same or different device parts
 * to be set multiple times." */
ADMIN_TEST(parts_are_set_again)
{
    static const uint8_t values[] = {VIRTIO_STATUS_ACKNOWLEDGE,
                                     VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER,
                                     VIRTIO_STATUS_ACKNOWLEDGE};
    Parts p;
    Part part, seen;

    if (!parts_begin(t, dev, &p) || !parts_stopped(&p)) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (!take_status(&p, &part, values[i]) ||
            !expect_eq(t, "dev:2.12.1.4.4.1-5", parts_set(&p, &part),
                       VIRTIO_ADMIN_STATUS_OK) ||
            !parts_take(&p, VIRTIO_DEV_PART_DEVICE_STATUS, &seen) ||
            !expect_eq(t, "dev:2.12.1.4.4.1-5", seen.value[STATUS_AT], values[i])) {
            break;
        }
    }
    parts_end(&p);
}

/* "The device MUST respond with an error ... if there is a mismatch between the device
 * part length supplied ... and the device part length in the device." */
ADMIN_TEST(wrong_length_is_refused, .violates = "2.12.1.4.5")
{
    Parts p;
    Part part;

    if (!parts_begin(t, dev, &p) || !parts_stopped(&p)) {
        return;
    }
    if (take_status(&p, &part, VIRTIO_STATUS_ACKNOWLEDGE)) {
        part.hdr.length = le32_of(2);
        expect_ne(t, "dev:2.12.1.4.4.1-6", parts_set(&p, &part), VIRTIO_ADMIN_STATUS_OK);
    }
    parts_end(&p);
}

/* Tries to set a device part that nobody may change, with one bit changed. Whatever the
 * answer is, the device part must stay as it was. */
static void expect_immutable(Parts *p, uint16_t type, const char *clause)
{
    Part part, seen;

    if (parts_take(p, type, &part)) {
        Part changed = part;
        changed.value[0] ^= 1;
        parts_set(p, &changed);
        if (parts_take(p, type, &seen)) {
            expect_same(p->t, clause, seen.value, part.value, PARTS_VALUE);
        }
    }
}

/* "The device MUST NOT set the device part VIRTIO_DEV_PART_DEV_FEATURES". */
ADMIN_TEST(device_features_are_not_set, .violates = "2.12.1.4.5")
{
    Parts p;

    if (parts_begin(t, dev, &p) && parts_stopped(&p)) {
        expect_immutable(&p, VIRTIO_DEV_PART_DEV_FEATURES, "dev:2.12.1.4.4.1-7");
        parts_end(&p);
    }
}

/* "the device SHOULD only verify that the provided configuration is correct but SHOULD
 * NOT apply it, especially for the fields that are designated as read-only". The tests do
 * not try writable fields. */
static bool takes_num_queues(Parts *p, Part *part)
{
    if (!parts_take(p, VIRTIO_DEV_PART_PCI_COMMON_CFG, part)) {
        return false;
    }
    if (le32_get(part->hdr.selector.pci_common_cfg.offset) != 18) {
        test_skip(p->t,
                  "the first device part of the common configuration is not num_queues");
        return false;
    }
    return true;
}

ADMIN_TEST(invariant_parts_are_verified)
{
    Parts p;
    Part part;

    if (!parts_begin(t, dev, &p) || !parts_stopped(&p)) {
        return;
    }
    if (takes_num_queues(&p, &part)) {
        expect_eq(t, "dev:2.12.1.4.4.1-28a", parts_set(&p, &part),
                  VIRTIO_ADMIN_STATUS_OK);
    }
    parts_end(&p);
}

ADMIN_TEST(invariant_parts_are_not_applied, .violates = "2.12.1.4.5")
{
    Parts p;
    Part part;

    if (!parts_begin(t, dev, &p) || !parts_stopped(&p)) {
        return;
    }
    if (takes_num_queues(&p, &part)) {
        expect_immutable(&p, VIRTIO_DEV_PART_PCI_COMMON_CFG, "dev:2.12.1.4.4.1-28b");
    }
    parts_end(&p);
}

/* "the device MUST clear all the device parts to the default value when the member device
 * is reset". */
ADMIN_TEST(reset_clears_the_parts)
{
    Parts p;
    Part features, status;

    if (!parts_begin(t, dev, &p) ||
        !require_ok(t, qvirtio_start(p.member, NULL, t->ring)) ||
        !parts_take(&p, VIRTIO_DEV_PART_DRV_FEATURES, &features)) {
        return;
    }
    uint32_t bytes = le32_get(features.hdr.length);
    uint8_t zero[PARTS_VALUE] = {0};
    expect_that(t, "virtio 2.14", memcmp(features.value, zero, bytes) != 0,
                "the driver's features in their part", "none");
    if (require_ok(t, qvirtio_reset(p.member)) &&
        parts_take(&p, VIRTIO_DEV_PART_DRV_FEATURES, &features) &&
        parts_take(&p, VIRTIO_DEV_PART_DEVICE_STATUS, &status)) {
        expect_same(t, "dev:2.12.1.4.4.1-22", features.value, zero, bytes);
        expect_eq(t, "dev:2.12.1.4.4.1-22", status.value[STATUS_AT], 0);
    }
}
