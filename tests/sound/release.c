/* SPDX-License-Identifier: MIT */
/*
 * Messages that are pending when their stream is released (5.14.6.6.5), and when the
 * device is reset.
 */
#include "tests/sound/sound_lib.h"

enum { COUNT = 3 };

/* What RELEASE has left behind comes at the next one, so that no other test sees it. */
static void clean_up(Test *t, QVirtioDevice *dev, uint32_t stream)
{
    if (sound_does(t, dev, VIRTIO_SND_R_PCM_PREPARE, stream)) {
        sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream);
    }
}

/* "The device MUST complete all pending I/O messages", and "MUST NOT complete the control
 * request while there are pending I/O messages": when RELEASE is answered all are used.
 */
static void release(Test *t, QVirtioDevice *dev, uint8_t direction, uint32_t stream)
{
    uint32_t seen = 0;
    QVirtioUsed used;
    QVirtQueue *vq = sound_queue(dev, direction);
    if (!sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream)) {
        return;
    }
    while (seen < COUNT && qvirtqueue_has_used(vq) &&
           require_ok(t, qvirtqueue_wait(vq, &used))) {
        seen++;
    }
    expect_eq(t, "dev:5.14.6.6.5.1-2", seen, COUNT);
    for (; seen < COUNT; seen++) {
        if (!expect_ok(t, "dev:5.14.6.6.5.1-1", qvirtqueue_wait(vq, &used))) {
            clean_up(t, dev, stream);
            return;
        }
    }
}

static void release_with_messages(Test *t, QVirtioDevice *dev, uint8_t direction)
{
    uint32_t stream;
    if (sound_prepares(t, dev, direction, &stream) &&
        sound_sends(t, dev, stream, direction, COUNT) && sound_settles(t, dev, stream)) {
        release(t, dev, direction, stream);
    }
}

VIRTIO_TEST(release_returns_what_was_to_be_played, .device = VIRTIO_ID_SOUND,
            .rings = RINGS_ALL)
{
    release_with_messages(t, dev, VIRTIO_SND_D_OUTPUT);
}

VIRTIO_TEST(release_returns_what_was_to_be_recorded, .device = VIRTIO_ID_SOUND,
            .rings = RINGS_ALL)
{
    release_with_messages(t, dev, VIRTIO_SND_D_INPUT);
}

/* They are pending also when the device has looked at them no earlier than at RELEASE. */
VIRTIO_TEST(release_returns_what_was_just_sent, .device = VIRTIO_ID_SOUND)
{
    uint32_t stream;
    if (sound_prepares(t, dev, VIRTIO_SND_D_INPUT, &stream) &&
        sound_sends(t, dev, stream, VIRTIO_SND_D_INPUT, COUNT)) {
        release(t, dev, VIRTIO_SND_D_INPUT, stream);
    }
}

/* The reset gives the driver back what it had lent: a device that plays and returns it in
 * its next life writes where it may not. */
VIRTIO_TEST(reset_forgets_messages, .device = VIRTIO_ID_SOUND)
{
    const uint8_t direction = VIRTIO_SND_D_OUTPUT;
    uint32_t stream;
    QVirtioUsed used;
    if (!sound_prepares(t, dev, direction, &stream)) {
        return;
    }
    const SoundIo *before = sound_io(dev, stream, direction);
    if (!require_that(t, before != NULL, "memory", "none") ||
        !sound_settles(t, dev, stream) || !require_ok(t, qvirtio_stop(dev)) ||
        !test_start(t, dev, NULL) || !sound_prepares(t, dev, direction, &stream)) {
        return;
    }
    const SoundIo lent = *before;
    const SoundIo *after = sound_io(dev, stream, direction);
    if (!require_that(t, after != NULL, "memory", "none")) {
        return;
    }
    if (sound_does(t, dev, VIRTIO_SND_R_PCM_START, stream) &&
        require_ok(t, qvirtqueue_wait(sound_queue(dev, direction), &used))) {
        expect_eq(t, "virtio 5.14.6.8", sound_io_status(after, direction),
                  VIRTIO_SND_S_OK);
        expect_same(t, SAFETY, (const uint8_t *)before, (const uint8_t *)&lent,
                    sizeof(lent));
    }
    sound_does(t, dev, VIRTIO_SND_R_PCM_STOP, stream);
    sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream);
}
