/* SPDX-License-Identifier: MIT */
/* What the tests of sound devices (5.14) share. */
#ifndef SOUND_LIB_H
#define SOUND_LIB_H

#include "drivers/virtio/device/sound.h"
#include "tests/harness/test.h"

/* Returns how many items config space tells of, by the offset of the field. */
uint32_t sound_count(QVirtioDevice *dev, size_t field);
#define SOUND_COUNT(dev, field) \
    sound_count(dev, offsetof(struct virtio_snd_config, field))

/* Reads what the device tells of one item. Returns false when that fails, which is
 * reported. */
bool sound_shows(Test *t, QVirtioDevice *dev, uint32_t code, uint32_t id, void *to,
                 uint32_t bytes);
/* Sends a stream's request, and expects that it succeeds. */
#define expect_sound(t, basis, dev, code, stream) \
    sound_expect_done(t, EXPECT_AT(basis, #code), dev, code, stream)
#define sound_does(t, dev, code, stream) expect_sound(t, BASIS_NONE, dev, code, stream)
bool sound_expect_done(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t code,
                       uint32_t stream);
/* Sets parameters, a buffer of four periods, and prepares the stream. */
bool sound_sets(Test *t, QVirtioDevice *dev, uint32_t stream, uint32_t period_bytes,
                uint8_t channels, uint8_t format, uint8_t rate);
/* Gives the first stream of a direction; `info` is what it can do. Returns false when the
 * test is over: it is skipped, or the failure is reported. */
bool sound_finds(Test *t, QVirtioDevice *dev, uint8_t direction, uint32_t *stream,
                 struct virtio_snd_pcm_info *info);
/* Prepares a stream for periods of SOUND_PERIOD that take as little time as it can. */
bool sound_prepares(Test *t, QVirtioDevice *dev, uint8_t direction, uint32_t *stream);
QVirtQueue *sound_queue(const QVirtioDevice *dev, uint8_t direction);
/* Sends so many messages. */
bool sound_sends(Test *t, QVirtioDevice *dev, uint32_t stream, uint8_t direction,
                 unsigned count);
/* Gives the device the time to take what was sent before: it answers requests that came
 * later. */
bool sound_settles(Test *t, QVirtioDevice *dev, uint32_t stream);

static inline bool sound_all_zero(const uint8_t *at, uint32_t bytes)
{
    uint8_t any = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        any |= at[i];
    }
    return any == 0;
}

#endif
