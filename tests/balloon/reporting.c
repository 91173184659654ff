/* SPDX-License-Identifier: MIT */
/*
 * Free page reporting and page poison (5.5.6.6, 5.5.6.7). Reported pages may lose their
 * content, but with PAGE_POISON they may only become poison_val. They are the driver's
 * again as soon as the device has used the report.
 */
#include "tests/balloon/balloon_lib.h"

/* Of PAGES pages, COUNT are reported, from page FIRST on. */
enum { PAGES = 8, FIRST = 2, COUNT = 4 };

static bool report(Test *t, QVirtioDevice *dev, uint8_t *pages)
{
    return balloon_submit(t, dev, VIRTIO_BALLOON_REPORTING_VQ, pages + FIRST * PAGE_BYTES,
                          COUNT * PAGE_BYTES, true);
}

/* Expects that the pages that are not reported hold their patterns. */
static void expect_others(Test *t, const uint8_t *pages, uint64_t seed)
{
    require_pages(t, pages, 0, FIRST, seed);
    require_pages(t, pages, FIRST + COUNT, PAGES - FIRST - COUNT, seed);
}

VIRTIO_TEST(reported_pages_are_the_drivers_again, .device = VIRTIO_ID_BALLOON,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_BALLOON_F_PAGE_REPORTING))
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    if (!pages || !report(t, dev, pages)) {
        return;
    }
    expect_others(t, pages, seed);
    balloon_fill(pages, FIRST, COUNT, seed);
    require_ping(t, dev, 1);
    require_pages(t, pages, 0, PAGES, seed);
}

/* One report names pages that are not next to each other. */
VIRTIO_TEST(report_of_scattered_pages_leaves_the_others, .device = VIRTIO_ID_BALLOON,
            .needs = FEATURES(VIRTIO_BALLOON_F_PAGE_REPORTING))
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    QVirtioSg sg[PAGES / 2];
    for (unsigned i = 0; pages && i < PAGES / 2; i++) {
        sg[i] =
            (QVirtioSg){arena_map(pages + 2 * i * PAGE_BYTES, PAGE_BYTES), PAGE_BYTES};
    }
    QVirtQueue *vq = dev->vq[VIRTIO_BALLOON_REPORTING_VQ];
    if (!pages || !require_ok(t, qvirtqueue_submit(vq, sg, 0, PAGES / 2, NULL))) {
        return;
    }
    for (unsigned i = 0; i < PAGES / 2; i++) {
        require_pages(t, pages, 2 * i + 1, 1, seed);
    }
}

/* A report may name a piece of a page. The device must not touch the rest of the page. */
VIRTIO_TEST(report_of_a_part_of_a_page_leaves_the_rest, .device = VIRTIO_ID_BALLOON,
            .needs = FEATURES(VIRTIO_BALLOON_F_PAGE_REPORTING))
{
    enum { FROM = 512, BYTES = 1024, BEHIND = FROM + BYTES };
    uint8_t before[FROM];
    uint64_t seed = random_next(&t->random);
    uint8_t *page = balloon_pages(t, 1, seed);
    if (!page) {
        return;
    }
    memcpy(before, page + BEHIND, FROM);
    if (balloon_submit(t, dev, VIRTIO_BALLOON_REPORTING_VQ, page + FROM, BYTES, true)) {
        require_eq(t, pattern_mismatch(page, FROM, splitmix64(seed)), FROM);
        require_same(t, page + BEHIND, before, FROM);
    }
}

static void poison_pages(uint8_t *pages, uint32_t poison)
{
    for (uint32_t i = FIRST * PAGE_BYTES; i < (FIRST + COUNT) * PAGE_BYTES; i += 4) {
        *(le32 *)(pages + i) = le32_of(poison);
    }
}

/* Returns the first word of the reported pages that is not the poison, or NULL. */
static const le32 *find_unpoisoned(const uint8_t *pages, uint32_t poison)
{
    for (uint32_t i = FIRST * PAGE_BYTES; i < (FIRST + COUNT) * PAGE_BYTES; i += 4) {
        const le32 *word = (const le32 *)(pages + i);
        if (le32_get(*word) != poison) {
            return word;
        }
    }
    return NULL;
}

/* "If the VIRTIO_BALLOON_F_PAGE_POISON feature has been negotiated, the device MUST NOT
 * modify the content of a reported page to a value other than poison_val." */
static void expect_poison_kept(Test *t, QVirtioDevice *dev, uint32_t poison)
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    QVirtioFeatures set = {0};
    qvirtio_features_add_list(&set, t->test->needs);
    if (!pages || !require_ok(t, qvirtio_start_queues(dev, &set, t->ring, 0)) ||
        !require_ok(
            t, balloon_config_write(
                   dev, offsetof(struct virtio_balloon_config, poison_val), poison)) ||
        !require_ok(t, qvirtio_start_finish(dev, t->ring))) {
        return;
    }
    poison_pages(pages, poison);
    if (report(t, dev, pages)) {
        const le32 *other = find_unpoisoned(pages, poison);
        expect_that(t, "dev:5.5.6.7.2-2", other == NULL,
                    "reported pages keep their content, which is poison_val", "0x%x",
                    other ? le32_get(*other) : 0);
        expect_others(t, pages, seed);
    }
}

#define NEEDS_POISON \
    FEATURES(VIRTIO_BALLOON_F_PAGE_REPORTING, VIRTIO_BALLOON_F_PAGE_POISON)

VIRTIO_TEST(reported_pages_keep_their_poison, .device = VIRTIO_ID_BALLOON,
            .flags = TEST_RAW, .rings = RINGS_ALL, .needs = NEEDS_POISON)
{
    expect_poison_kept(t, dev, 0xaaaaaaaa);
}

VIRTIO_TEST(reported_pages_keep_their_zeroes, .device = VIRTIO_ID_BALLOON,
            .flags = TEST_RAW, .needs = NEEDS_POISON)
{
    expect_poison_kept(t, dev, 0);
}
