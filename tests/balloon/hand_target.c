/* SPDX-License-Identifier: MIT */
/*
 * The hand asks for another number of pages in the balloon (5.5.6): num_pages shows it,
 * the driver is told, and what the driver wrote stays.
 */
#include "tests/balloon/balloon_lib.h"
#include "tests/harness/hand.h"

typedef struct Target {
    QVirtioDevice *dev;
    uint32_t pages;
} Target;

static bool is_shown(void *arg)
{
    const Target *target = arg;
    uint32_t seen = 0;
    return balloon_config_read(target->dev,
                               offsetof(struct virtio_balloon_config, num_pages),
                               &seen) == 0 &&
           seen == target->pages;
}

/* Has the hand ask for so many pages, and waits until num_pages shows them and the driver
 * is told. */
static bool expect_target(Test *t, QVirtioDevice *dev, uint32_t pages)
{
    Target target = {dev, pages};
    uint32_t before = dev->config_irq.count;
    return hand_do(t, dev, "balloon %u", pages) &&
           require_ok(t, qvirtio_wait(dev, "num_pages", is_shown, &target, 0)) &&
           require_ok(t, hand_await_news(dev, before));
}

VIRTIO_TEST(wanted_pages_are_told, .device = VIRTIO_ID_BALLOON, .flags = TEST_HAND)
{
    const size_t actual = offsetof(struct virtio_balloon_config, actual);
    uint32_t before, after;
    if (!require_ok(t, balloon_config_read(dev, actual, &before)) ||
        !expect_target(t, dev, 256) || !expect_target(t, dev, 17) ||
        !require_ok(t, balloon_config_read(dev, actual, &after))) {
        return;
    }
    require_eq(t, after, before);
    expect_target(t, dev, 0);
}

/* The whole exchange: the device wants pages, gets them, and gives them back. */
VIRTIO_TEST(balloon_follows_its_host, .device = VIRTIO_ID_BALLOON,
            .flags = TEST_HAND | TEST_PING)
{
    enum { PAGES = 16 };
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    if (!pages || !expect_target(t, dev, PAGES) ||
        !balloon_inflate(t, dev, pages, PAGES) || !expect_target(t, dev, 0) ||
        !balloon_deflate(t, dev, pages, PAGES)) {
        return;
    }
    balloon_fill(pages, 0, PAGES, seed);
    require_ping(t, dev, 1);
    require_pages(t, pages, 0, PAGES, seed);
}
