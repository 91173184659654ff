/* SPDX-License-Identifier: MIT */
/*
 * Rounds of free page hinting (5.5.6.5), which the hand begins and ends. Each one takes
 * QEMU a tenth of a second. Devices with the legacy interface, where no clause is proven,
 * are therefore not tested.
 */
#include "tests/balloon/balloon_lib.h"
#include "tests/harness/hand.h"

#define NEEDS_HINTS FEATURES(VIRTIO_BALLOON_F_FREE_PAGE_HINT)

typedef struct Command {
    QVirtioDevice *dev;
    uint32_t id;
    /* Whether the wait is for the ID of a round (true) or for DONE (false). */
    bool is_round;
} Command;

static bool is_shown(void *arg)
{
    Command *c = arg;
    const size_t off = offsetof(struct virtio_balloon_config, free_page_hint_cmd_id);
    return balloon_config_read(c->dev, off, &c->id) == 0 &&
           (c->is_round ? c->id > VIRTIO_BALLOON_CMD_ID_DONE
                        : c->id == VIRTIO_BALLOON_CMD_ID_DONE);
}

/* Has the hand begin a round, and waits until the driver is told. Returns false when the
 * test is over: it is skipped, or the failure is reported. */
static bool begin_round(Test *t, QVirtioDevice *dev, uint32_t *id)
{
    Command c = {dev, 0, true};
    uint32_t before = dev->config_irq.count;
    if (!hand_do(t, dev, "hints on") ||
        !require_ok(t, qvirtio_wait(dev, "a command ID", is_shown, &c, 0)) ||
        !require_ok(t, hand_await_news(dev, before))) {
        return false;
    }
    *id = c.id;
    return true;
}

/* "The device MUST report a value of VIRTIO_BALLOON_CMD_ID_DONE [...] when it no longer
 * has need for the previously hinted pages." */
static bool end_round(Test *t, QVirtioDevice *dev)
{
    Command c = {dev, 0, false};
    uint32_t before = dev->config_irq.count;
    return hand_do(t, dev, "hints off") &&
           expect_ok(t, "dev:5.5.6.5.2-6",
                     qvirtio_wait(dev, "VIRTIO_BALLOON_CMD_ID_DONE", is_shown, &c, 0)) &&
           require_ok(t, hand_await_news(dev, before));
}

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

/* The driver hints pages in a whole round, until the device no longer needs them. "The
 * device MUST NOT modify the content of a previously hinted page after
 * free_page_hint_cmd_id is set to VIRTIO_BALLOON_CMD_ID_DONE." */
VIRTIO_TEST(hinted_pages_are_the_drivers_again_when_done, .device = VIRTIO_ID_BALLOON,
            .needs = NEEDS_HINTS, .buses = BUS_MODERN, .flags = TEST_HAND | TEST_PING)
{
    enum { PAGES = 4 };
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    uint32_t id;
    if (!pages || !begin_round(t, dev, &id) || !send_command(t, dev, id) ||
        !balloon_submit(t, dev, VIRTIO_BALLOON_FREE_PAGE_VQ, pages, 2 * PAGE_BYTES,
                        true) ||
        !send_command(t, dev, VIRTIO_BALLOON_CMD_ID_STOP) || !end_round(t, dev)) {
        return;
    }
    balloon_fill(pages, 0, 2, seed);
    require_ping(t, dev, 1);
    expect_pages(t, "dev:5.5.6.5.2-5", pages, 0, PAGES, seed);
}

/* "The device MUST NOT reuse a command ID until it has received an output buffer
 * containing VIRTIO_BALLOON_CMD_ID_STOP from the driver". The driver of this test sends
 * no buffer at all. */
VIRTIO_TEST(hint_commands_are_not_reused, .device = VIRTIO_ID_BALLOON,
            .needs = NEEDS_HINTS, .buses = BUS_MODERN, .flags = TEST_HAND)
{
    uint32_t first, second;
    if (begin_round(t, dev, &first) && end_round(t, dev) &&
        begin_round(t, dev, &second)) {
        expect_ne(t, "dev:5.5.6.5.2-2", second, first);
        end_round(t, dev);
    }
}
