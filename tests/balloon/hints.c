/* SPDX-License-Identifier: MIT */
/*
 * Free page hints (5.5.6.5) that the device must ignore, because no round of hinting is
 * on or because another one is. The device uses the buffers and leaves the pages as they
 * are.
 */
#include "tests/balloon/balloon_lib.h"

enum { PAGES = 4 };

static bool send_command(Test *t, QVirtioDevice *dev, uint32_t id)
{
    virtio32 *command = arena_lend(sizeof(*command), 4);
    if (!require_ok(t, command ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    *command = virtio32_of(qvirtio_is_legacy(dev), id);
    return balloon_submit(t, dev, VIRTIO_BALLOON_FREE_PAGE_VQ, command, sizeof(*command),
                          false);
}

static bool send_pages(Test *t, QVirtioDevice *dev, uint8_t *pages)
{
    for (unsigned i = 0; i < PAGES; i++) {
        if (!balloon_submit(t, dev, VIRTIO_BALLOON_FREE_PAGE_VQ, pages + i * PAGE_BYTES,
                            PAGE_BYTES, true)) {
            return false;
        }
    }
    return true;
}

static bool current_command(Test *t, QVirtioDevice *dev, uint32_t *id)
{
    return require_ok(
        t, balloon_config_read(
               dev, offsetof(struct virtio_balloon_config, free_page_hint_cmd_id), id));
}

/* "The device MUST ignore pages that are provided with a command ID that does not match
 * the current value in free_page_hint_cmd_id." */
VIRTIO_TEST(hints_with_a_stale_command_are_ignored, .device = VIRTIO_ID_BALLOON,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_BALLOON_F_FREE_PAGE_HINT))
{
    const char *clause = qvirtio_is_legacy(dev) ? BASIS_NONE : "dev:5.5.6.5.2-3";
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    uint32_t current;
    if (!pages || !current_command(t, dev, &current) ||
        !send_command(t, dev, current ^ 0x40000000) || !send_pages(t, dev, pages) ||
        !send_command(t, dev, VIRTIO_BALLOON_CMD_ID_STOP)) {
        return;
    }
    expect_pages(t, clause, pages, 0, PAGES, seed);
}

/* The test breaks this rule: "The driver MUST start hinting by providing an output buffer
 * containing the current command ID". */
VIRTIO_TEST(hints_without_a_command_are_survived, .device = VIRTIO_ID_BALLOON,
            .violates = "5.5.6.5.1", .needs = FEATURES(VIRTIO_BALLOON_F_FREE_PAGE_HINT))
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    if (pages && send_pages(t, dev, pages)) {
        expect_survives(t, dev);
    }
}
