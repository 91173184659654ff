/* SPDX-License-Identifier: MIT */
/*
 * What a sound device tells of its jacks, streams and channel maps (5.14.6.4, 5.14.6.6,
 * 5.14.6.9): nothing that nobody has defined.
 */
#include "tests/sound/sound_lib.h"

static void skip_without(Test *t, const char *items)
{
    test_skip(t, "the device has no %s", items);
}

VIRTIO_TEST(jacks_have_defined_features, .device = VIRTIO_ID_SOUND, .flags = TEST_READS)
{
    struct virtio_snd_jack_info jack;
    uint32_t count = SOUND_COUNT(dev, jacks);
    if (!count) {
        skip_without(t, "jacks");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_JACK_INFO, i, &jack, sizeof(jack))) {
            return;
        }
        expect_eq(t, "dev:5.14.6.4.1.1-1",
                  le32_get(jack.features) >> VIRTIO_SND_JACK_F_COUNT, 0);
        expect_that(t, "dev:5.14.6.4.1.1-2",
                    sound_all_zero(jack.padding, sizeof(jack.padding)), "padding of 0",
                    "other bytes");
        expect_le(t, "virtio 5.14.6.4.1", jack.connected, 1);
    }
}

VIRTIO_TEST(streams_have_defined_values, .device = VIRTIO_ID_SOUND, .rings = RINGS_ALL,
            .flags = TEST_READS)
{
    struct virtio_snd_pcm_info s;
    uint32_t count = SOUND_COUNT(dev, streams);
    if (!count) {
        skip_without(t, "streams");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, i, &s, sizeof(s))) {
            return;
        }
        expect_eq(t, "dev:5.14.6.6.2.1-1", le32_get(s.features) >> VIRTIO_SND_PCM_F_COUNT,
                  0);
        expect_eq(t, "dev:5.14.6.6.2.1-1",
                  le64_get(s.formats) >> VIRTIO_SND_PCM_FMT_COUNT, 0);
        expect_eq(t, "dev:5.14.6.6.2.1-1", le64_get(s.rates) >> VIRTIO_SND_PCM_RATE_COUNT,
                  0);
        expect_le(t, "dev:5.14.6.6.2.1-1", s.direction, VIRTIO_SND_D_INPUT);
        expect_that(t, "dev:5.14.6.6.2.1-2", sound_all_zero(s.padding, sizeof(s.padding)),
                    "padding of 0", "other bytes");
        expect_le(t, "virtio 5.14.6.6.2", s.channels_min, s.channels_max);
    }
}

VIRTIO_TEST(channel_maps_have_defined_values, .device = VIRTIO_ID_SOUND,
            .flags = TEST_READS)
{
    struct virtio_snd_chmap_info map;
    uint32_t count = SOUND_COUNT(dev, chmaps);
    if (!count) {
        skip_without(t, "channel maps");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_CHMAP_INFO, i, &map, sizeof(map))) {
            return;
        }
        expect_le(t, "dev:5.14.6.9.1.1-1", map.direction, VIRTIO_SND_D_INPUT);
        expect_le(t, "dev:5.14.6.9.1.1-2", map.channels, VIRTIO_SND_CHMAP_MAX_SIZE);
    }
}

/* All items at once are what they are one by one. */
VIRTIO_TEST(items_are_the_same_together, .device = VIRTIO_ID_SOUND, .flags = TEST_READS)
{
    enum { MOST = 16, BYTES = sizeof(struct virtio_snd_pcm_info) };
    struct virtio_snd_pcm_info one, all[MOST] = {0};
    uint32_t count = SOUND_COUNT(dev, streams), status = 0;
    count = count < MOST ? count : MOST;
    const struct virtio_snd_query_info q = {le32_of(VIRTIO_SND_R_PCM_INFO), le32_of(0),
                                            le32_of(count), le32_of(BYTES)};
    if (!count) {
        skip_without(t, "streams");
        return;
    }
    if (!require_ok(t, sound_control(dev, &q, sizeof(q), all, count * BYTES, &status)) ||
        !require_eq(t, status, VIRTIO_SND_S_OK)) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, i, &one, BYTES) ||
            !expect_same(t, "virtio 5.14.6.1", &all[i], &one, BYTES)) {
            return;
        }
    }
}
