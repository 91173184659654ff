/* SPDX-License-Identifier: MIT */
/* What the tests of sound devices (5.14) share. */
#ifndef SOUND_LIB_H
#define SOUND_LIB_H

#include "drivers/virtio/device/sound.h"
#include "tests/harness/test.h"

/* How many items config space tells of, by the offset of the field. */
uint32_t sound_count(QVirtioDevice *dev, size_t field);
#define SOUND_COUNT(dev, field) \
    sound_count(dev, offsetof(struct virtio_snd_config, field))

/* Reads what the device tells of one item. False: reported. */
bool sound_shows(Test *t, QVirtioDevice *dev, uint32_t code, uint32_t id, void *to,
                 uint32_t bytes);
/* A stream's request succeeds. */
bool sound_does(Test *t, QVirtioDevice *dev, uint32_t code, uint32_t stream);
/* Sets parameters that the stream has: SOUND_PERIOD, four of them; then prepares it. */
bool sound_prepares(Test *t, QVirtioDevice *dev, uint32_t stream,
                    struct virtio_snd_pcm_info *info);

static inline bool sound_all_zero(const uint8_t *at, uint32_t bytes)
{
    uint8_t any = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        any |= at[i];
    }
    return any == 0;
}

#endif
