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
    return expect_ok(t, NULL, sound_info(dev, code, id, to, bytes, &status)) &&
           expect_eq(t, NULL, status, VIRTIO_SND_S_OK);
}

bool sound_does(Test *t, QVirtioDevice *dev, uint32_t code, uint32_t stream)
{
    uint32_t status = 0;
    return expect_ok(t, NULL, sound_command(dev, code, stream, &status)) &&
           expect_eq(t, NULL, status, VIRTIO_SND_S_OK);
}

static uint8_t lowest(uint64_t bits)
{
    return bits ? (uint8_t)__builtin_ctzll(bits) : 0;
}

bool sound_prepares(Test *t, QVirtioDevice *dev, uint32_t stream,
                    struct virtio_snd_pcm_info *info)
{
    uint32_t status = 0;
    if (!sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, stream, info, sizeof(*info))) {
        return false;
    }
    const struct virtio_snd_pcm_set_params params = {
        .hdr = {le32_of(VIRTIO_SND_R_PCM_SET_PARAMS), le32_of(stream)},
        .buffer_bytes = le32_of(4 * SOUND_PERIOD),
        .period_bytes = le32_of(SOUND_PERIOD),
        .channels = info->channels_min,
        .format = lowest(le64_get(info->formats)),
        .rate = lowest(le64_get(info->rates)),
    };
    return expect_ok(t, NULL,
                     sound_control(dev, &params, sizeof(params), NULL, 0, &status)) &&
           expect_eq(t, NULL, status, VIRTIO_SND_S_OK) &&
           sound_does(t, dev, VIRTIO_SND_R_PCM_PREPARE, stream);
}
