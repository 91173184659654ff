/* SPDX-License-Identifier: MIT */
/*
 * Statistics as the hand sees them (5.5.6.3). The device asks for new ones by using the
 * buffer; the driver puts them into the next buffer. They may come in any order, and with
 * tags that the device does not know.
 */
#include "tests/balloon/balloon_lib.h"
#include "tests/harness/hand.h"

enum { STATS_MOST = 6, ABSENT = -1 };

typedef struct Stat {
    uint16_t tag;
    uint64_t val;
} Stat;

static bool add_stats(Test *t, QVirtioDevice *dev, const Stat *from, unsigned count)
{
    bool legacy = qvirtio_is_legacy(dev);
    uint32_t bytes = count * sizeof(struct virtio_balloon_stat);
    struct virtio_balloon_stat *stats = arena_lend(bytes, 2);
    QVirtQueue *vq = dev->vq[VIRTIO_BALLOON_STATSQ];
    if (!require_ok(t, stats ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        stats[i].tag = virtio16_of(legacy, from[i].tag);
        stats[i].val = virtio64_of(legacy, from[i].val);
    }
    QVirtioSg sg = {arena_map(stats, bytes), bytes};
    if (!require_ok(t, qvirtqueue_add(vq, &sg, 1, 0, stats))) {
        return false;
    }
    qvirtqueue_kick(vq);
    return true;
}

/* Returns the value of a tag in a text such as "5=1048576 4=512", or ABSENT. */
static uint64_t value_of(const char *text, uint16_t tag)
{
    while (*text) {
        char digits[24];
        uint64_t found, value;
        const char *equals = strchr(text, '='), *end = strchr(text, ' ');
        size_t n = 0;
        end = end ? end : text + strlen(text);
        if (!equals || end - text >= (int)sizeof(digits)) {
            return ABSENT;
        }
        for (; text + n < equals; n++) {
            digits[n] = text[n];
        }
        digits[n] = '\0';
        bool is_it = string_to_u64(digits, &found) && found == tag;
        for (n = 0; equals + 1 + n < end; n++) {
            digits[n] = equals[1 + n];
        }
        digits[n] = '\0';
        if (is_it) {
            return string_to_u64(digits, &value) ? value : (uint64_t)ABSENT;
        }
        text = *end ? end + 1 : end;
    }
    return ABSENT;
}

/* Makes a first buffer available, and the next one with these statistics when the device
 * asks for it. Returns what the hand then knows of the statistics, or NULL when the test
 * is over. */
static const char *exchange(Test *t, QVirtioDevice *dev, const Stat *stats,
                            unsigned count)
{
    static const Stat first = {VIRTIO_BALLOON_S_MAJFLT, 1};
    QVirtioUsed used;
    if (!add_stats(t, dev, &first, 1) || !require_ping(t, dev, 1) ||
        !hand_do(t, dev, "balloon-poll 1") ||
        !require_ok(t, qvirtqueue_wait(dev->vq[VIRTIO_BALLOON_STATSQ], &used)) ||
        !add_stats(t, dev, stats, count) || !require_ping(t, dev, 2)) {
        return NULL;
    }
    return hand_ask(t, dev, "balloon-stats");
}

#define NEEDS_STATS FEATURES(VIRTIO_BALLOON_F_STATS_VQ)

/* "the device MUST accept struct virtio_balloon_stat entries in any order without regard
 * to tag values." */
VIRTIO_TEST(statistics_come_in_any_order, .device = VIRTIO_ID_BALLOON,
            .needs = NEEDS_STATS, .flags = TEST_HAND | TEST_PING)
{
    static const Stat stats[] = {{VIRTIO_BALLOON_S_MEMTOT, 0x1000000},
                                 {VIRTIO_BALLOON_S_SWAP_IN, 4096},
                                 {VIRTIO_BALLOON_S_CACHES, 0x123456789a},
                                 {VIRTIO_BALLOON_S_MEMFREE, 0x200000}};
    enum { COUNT = sizeof(stats) / sizeof(stats[0]) };
    const char *clause = qvirtio_is_legacy(dev) ? BASIS_NONE : "dev:5.5.6.3.2-2";
    const char *told = exchange(t, dev, stats, COUNT);
    for (unsigned i = 0; told && i < COUNT; i++) {
        expect_eq(t, clause, value_of(told, stats[i].tag), stats[i].val);
    }
    /* The device must not keep a value of the buffer before. */
    if (told) {
        require_eq(t, value_of(told, VIRTIO_BALLOON_S_MAJFLT), (uint64_t)ABSENT);
    }
}

/* "the device MUST ignore entries with tag values that it does not recognize." */
VIRTIO_TEST(unknown_statistics_are_ignored, .device = VIRTIO_ID_BALLOON,
            .needs = NEEDS_STATS, .flags = TEST_HAND | TEST_PING)
{
    static const Stat stats[] = {{0x7ffe, 1},
                                 {VIRTIO_BALLOON_S_SWAP_IN, 0x1111},
                                 {0x4000 + VIRTIO_BALLOON_S_SWAP_IN, 2},
                                 {0xffff, 3},
                                 {VIRTIO_BALLOON_S_MEMTOT, 0x2222},
                                 {0x0100, 4}};
    const char *clause = qvirtio_is_legacy(dev) ? BASIS_NONE : "dev:5.5.6.3.2-1";
    const char *told = exchange(t, dev, stats, sizeof(stats) / sizeof(stats[0]));
    if (told) {
        expect_eq(t, clause, value_of(told, VIRTIO_BALLOON_S_SWAP_IN), 0x1111);
        expect_eq(t, clause, value_of(told, VIRTIO_BALLOON_S_MEMTOT), 0x2222);
        expect_eq(t, clause, value_of(told, VIRTIO_BALLOON_S_MINFLT), (uint64_t)ABSENT);
    }
}
