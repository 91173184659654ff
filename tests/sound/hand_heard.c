/* SPDX-License-Identifier: MIT */
/*
 * What is heard outside (5.14.6.8) is what was played, sample by sample. What follows it
 * is silence, long enough to push it through whatever buffers the host has.
 */
#include "tests/harness/hand.h"
#include "tests/sound/sound_lib.h"

#define CHANNELS      2
#define PERIOD        4096
#define SILENCES      3
#define HEARD         512
#define STREAM_FORMAT VIRTIO_SND_PCM_FMT_S16
#define STREAM_RATE   VIRTIO_SND_PCM_RATE_48000

/* Plays one period and waits until it is used. */
static bool play(Test *t, QVirtioDevice *dev, uint32_t stream, const uint8_t *data)
{
    QVirtQueue *vq = dev->vq[VIRTIO_SND_TXQ];
    struct virtio_snd_pcm_xfer *xfer = arena_lend(sizeof(*xfer), 4);
    struct virtio_snd_pcm_status *status = arena_lend(sizeof(*status), 4);
    if (!require_that(t, xfer && status, "memory", "none")) {
        return false;
    }
    xfer->stream_id = le32_of(stream);
    QVirtioSg sg[] = {{arena_map(xfer, sizeof(*xfer)), sizeof(*xfer)},
                      {arena_map(data, PERIOD), PERIOD},
                      {arena_map(status, sizeof(*status)), sizeof(*status)}};
    return require_ok(t, qvirtqueue_submit(vq, sg, 2, 1, NULL)) &&
           require_eq(t, le32_get(status->status), VIRTIO_SND_S_OK);
}

/* Plays samples that are all different and no silence, then silence. */
static bool play_all(Test *t, QVirtioDevice *dev, uint32_t stream, uint8_t *samples)
{
    uint8_t *silence = arena_lend(PERIOD, 8);
    if (!require_that(t, silence != NULL, "memory", "none")) {
        return false;
    }
    memset(silence, 0, PERIOD);
    for (uint16_t i = 0; i < PERIOD / 2; i++) {
        le16 sample = le16_of(0x4000 - 11 * i);
        memcpy(samples + 2 * i, &sample, sizeof(sample));
    }
    bool is_fine = sound_does(t, dev, VIRTIO_SND_R_PCM_START, stream) &&
                   play(t, dev, stream, samples);
    for (unsigned i = 0; i < SILENCES && is_fine; i++) {
        is_fine = play(t, dev, stream, silence);
    }
    return is_fine && sound_does(t, dev, VIRTIO_SND_R_PCM_STOP, stream) &&
           sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream);
}

VIRTIO_TEST(host_hears_what_is_played, .device = VIRTIO_ID_SOUND, .flags = TEST_HAND)
{
    struct virtio_snd_pcm_info info;
    uint32_t stream;
    uint8_t heard[HEARD], *samples = arena_lend(PERIOD, 8);
    if (!require_that(t, samples != NULL, "memory", "none") ||
        !sound_finds(t, dev, VIRTIO_SND_D_OUTPUT, &stream, &info)) {
        return;
    }
    if (!(le64_get(info.formats) >> STREAM_FORMAT & 1) ||
        !(le64_get(info.rates) >> STREAM_RATE & 1) || info.channels_min > CHANNELS ||
        info.channels_max < CHANNELS) {
        test_skip(t, "no stereo of 16 bits at 48 kHz");
        return;
    }
    if (!hand_do(t, dev, "hear") ||
        !sound_sets(t, dev, stream, PERIOD, CHANNELS, STREAM_FORMAT, STREAM_RATE) ||
        !play_all(t, dev, stream, samples)) {
        return;
    }
    const char *digits = hand_ask(t, dev, "heard %u", HEARD);
    if (digits && require_eq(t, hex_decode(digits, heard, HEARD), HEARD)) {
        expect_same(t, "virtio 5.14.6.8", heard, samples, HEARD);
    }
}
