/* SPDX-License-Identifier: MIT */
/*
 * Streams that run (5.14.6.6, 5.14.6.8): messages come back, those of a recording full.
 * When a buffer was played nobody here can tell: a device may take it over.
 */
#include "tests/sound/sound_lib.h"

/* Starts a stream, and takes all messages back. */
static void run_stream(Test *t, QVirtioDevice *dev, uint8_t direction)
{
    enum { COUNT = 4 };
    const uint32_t status = sizeof(struct virtio_snd_pcm_status);
    uint32_t stream;
    QVirtioUsed used;
    if (!sound_prepares(t, dev, direction, &stream) ||
        !sound_sends(t, dev, stream, direction, COUNT) ||
        !sound_does(t, dev, VIRTIO_SND_R_PCM_START, stream)) {
        return;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        if (!expect_ok(t, "virtio 5.14.6.8",
                       qvirtqueue_wait(sound_queue(dev, direction), &used))) {
            return;
        }
        if (direction == VIRTIO_SND_D_INPUT) {
            /* "MUST NOT complete the I/O request until the buffer is full". */
            expect_eq(t, "dev:5.14.6.8.2.1-1", used.len, SOUND_PERIOD + status);
        } else {
            expect_used_len(t, used.claimed, status);
        }
        if (!t->has_failed) {
            expect_eq(t, "virtio 5.14.6.8", sound_io_status(used.token, direction),
                      VIRTIO_SND_S_OK);
        }
    }
    if (expect_sound(t, "virtio 5.14.6.6", dev, VIRTIO_SND_R_PCM_STOP, stream)) {
        expect_sound(t, "virtio 5.14.6.6", dev, VIRTIO_SND_R_PCM_RELEASE, stream);
    }
}

VIRTIO_TEST(stream_plays, .device = VIRTIO_ID_SOUND, .rings = RINGS_ALL)
{
    run_stream(t, dev, VIRTIO_SND_D_OUTPUT);
}

VIRTIO_TEST(stream_records_whole_buffers, .device = VIRTIO_ID_SOUND, .rings = RINGS_ALL)
{
    run_stream(t, dev, VIRTIO_SND_D_INPUT);
}

VIRTIO_TEST(stream_is_prepared_again_after_release, .device = VIRTIO_ID_SOUND)
{
    uint32_t stream;
    for (unsigned i = 0; i < 3; i++) {
        if (!sound_prepares(t, dev, VIRTIO_SND_D_OUTPUT, &stream) ||
            !expect_sound(t, "virtio 5.14.6.6", dev, VIRTIO_SND_R_PCM_RELEASE, stream)) {
            return;
        }
    }
}
