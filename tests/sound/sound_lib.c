/* SPDX-License-Identifier: MIT */
/* Requests that sound devices have to answer: see sound_lib.h. */
#include "tests/sound/sound_lib.h"

uint32_t sound_count(QVirtioDevice *dev, size_t field)
{
    uint64_t count = 0;
    return qvirtio_config_read(dev, field, 4, &count) ? 0 : (uint32_t)count;
}

bool sound_shows(Test *t, QVirtioDevice *dev, uint32_t code, uint32_t id, void *to,
                 uint32_t bytes)
{
    uint32_t status = 0;
    return require_ok(t, sound_info(dev, code, id, to, bytes, &status)) &&
           require_eq(t, status, VIRTIO_SND_S_OK);
}

bool sound_expect_done(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t code,
                       uint32_t stream)
{
    uint32_t status = 0;
    return require_ok(t, sound_command(dev, code, stream, &status)) &&
           expect_condition(t, at, status == VIRTIO_SND_S_OK, "VIRTIO_SND_S_OK", "0x%x",
                            status);
}

bool sound_sets(Test *t, QVirtioDevice *dev, uint32_t stream, uint32_t period_bytes,
                uint8_t channels, uint8_t format, uint8_t rate)
{
    uint32_t status = 0;
    const struct virtio_snd_pcm_set_params params = {
        .hdr = {le32_of(VIRTIO_SND_R_PCM_SET_PARAMS), le32_of(stream)},
        .buffer_bytes = le32_of(4 * period_bytes),
        .period_bytes = le32_of(period_bytes),
        .channels = channels,
        .format = format,
        .rate = rate,
    };
    if (!require_ok(t, sound_control(dev, &params, sizeof(params), NULL, 0, &status))) {
        return false;
    }
    if (status == VIRTIO_SND_S_NOT_SUPP) {
        test_skip(t, "the device does not support periods of %u bytes", period_bytes);
        return false;
    }
    return require_eq(t, status, VIRTIO_SND_S_OK) &&
           sound_does(t, dev, VIRTIO_SND_R_PCM_PREPARE, stream);
}

bool sound_finds(Test *t, QVirtioDevice *dev, uint8_t direction, uint32_t *stream,
                 struct virtio_snd_pcm_info *info)
{
    uint32_t count = SOUND_COUNT(dev, streams);
    for (*stream = 0; *stream < count; ++*stream) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, *stream, info, sizeof(*info))) {
            return false;
        }
        if (info->direction == direction) {
            return true;
        }
    }
    test_skip(t, "no stream has direction %u", direction);
    return false;
}

static uint8_t lowest(uint64_t bits)
{
    return bits ? (uint8_t)__builtin_ctzll(bits) : 0;
}

/* Rates are numbered from slow to fast, but for those that came later. */
static uint8_t fastest(uint64_t rates)
{
    uint64_t rising = rates & ((2ull << VIRTIO_SND_PCM_RATE_384000) - 1);
    return rising ? (uint8_t)(63 - __builtin_clzll(rising)) : lowest(rates);
}

bool sound_prepares(Test *t, QVirtioDevice *dev, uint8_t direction, uint32_t *stream)
{
    struct virtio_snd_pcm_info info;
    return sound_finds(t, dev, direction, stream, &info) &&
           sound_sets(t, dev, *stream, SOUND_PERIOD, info.channels_min,
                      lowest(le64_get(info.formats)), fastest(le64_get(info.rates)));
}

QVirtQueue *sound_queue(const QVirtioDevice *dev, uint8_t direction)
{
    return dev->vq[direction == VIRTIO_SND_D_INPUT ? VIRTIO_SND_RXQ : VIRTIO_SND_TXQ];
}

bool sound_sends(Test *t, QVirtioDevice *dev, uint32_t stream, uint8_t direction,
                 unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!require_ok(t, sound_io(dev, stream, direction) ? 0 : -QVIRTIO_NO_MEMORY)) {
            return false;
        }
    }
    return true;
}

bool sound_settles(Test *t, QVirtioDevice *dev, uint32_t stream)
{
    struct virtio_snd_pcm_info info;
    return sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, stream, &info, sizeof(info)) &&
           sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, stream, &info, sizeof(info));
}
