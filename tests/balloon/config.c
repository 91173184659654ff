/* SPDX-License-Identifier: MIT */
/*
 * Config space of the balloon (5.5.4): the driver may write `actual` and `poison_val`,
 * which hold what it wrote. Its writes do not change the number of pages that the device
 * wants.
 */
#include "tests/balloon/balloon_lib.h"

#define FIELD(name) offsetof(struct virtio_balloon_config, name)

static bool read_field(Test *t, QVirtioDevice *dev, size_t off, uint32_t *value)
{
    return require_ok(t, balloon_config_read(dev, off, value));
}

VIRTIO_TEST(actual_holds_what_the_driver_wrote, .device = VIRTIO_ID_BALLOON)
{
    static const uint32_t values[] = {1, 0x1234, 0x010203, 0};
    uint32_t wanted, wanted_now, actual;
    if (!read_field(t, dev, FIELD(num_pages), &wanted)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        require_ok(t, balloon_config_write(dev, FIELD(actual), values[i]));
        if (!read_field(t, dev, FIELD(actual), &actual) ||
            !read_field(t, dev, FIELD(num_pages), &wanted_now)) {
            return;
        }
        require_eq(t, actual, values[i]);
        require_eq(t, wanted_now, wanted);
    }
}

/* "The driver MUST populate the poison_val configuration data before setting the
 * DRIVER_OK bit" (5.5.6.6.1). */
VIRTIO_TEST(poison_val_holds_what_the_driver_wrote, .device = VIRTIO_ID_BALLOON,
            .needs = FEATURES(VIRTIO_BALLOON_F_PAGE_POISON), .flags = TEST_RAW)
{
    const uint32_t poison = 0xaa55a5c3;
    QVirtioFeatures set = {0};
    uint32_t value = 0, actual = 0;
    qvirtio_features_set(&set, VIRTIO_BALLOON_F_PAGE_POISON);
    if (!read_field(t, dev, FIELD(actual), &actual) ||
        !require_ok(t, qvirtio_start_queues(dev, &set, t->ring, 0)) ||
        !require_ok(t, balloon_config_write(dev, FIELD(poison_val), poison)) ||
        !require_ok(t, qvirtio_start_finish(dev, t->ring)) ||
        !read_field(t, dev, FIELD(poison_val), &value)) {
        return;
    }
    require_eq(t, value, poison);
    if (read_field(t, dev, FIELD(actual), &value)) {
        require_eq(t, value, actual);
    }
    require_ping(t, dev, 1);
}

/* No round of hinting is on. The field holds a reserved command ID (5.5.6.5), or the ID
 * of a round from an earlier life of the device. */
VIRTIO_TEST(hint_command_stays_when_nobody_asks, .device = VIRTIO_ID_BALLOON,
            .needs = FEATURES(VIRTIO_BALLOON_F_FREE_PAGE_HINT))
{
    uint32_t before, after;
    if (read_field(t, dev, FIELD(free_page_hint_cmd_id), &before)) {
        require_ping(t, dev, 1);
        if (read_field(t, dev, FIELD(free_page_hint_cmd_id), &after)) {
            require_eq(t, after, before);
        }
    }
}
