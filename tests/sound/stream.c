/* SPDX-License-Identifier: MIT */
/*
 * Streams (5.14.6.6, 5.14.6.8): released with all that was pending, and recorded in whole
 * buffers. When a buffer was played nobody here can hear: a device may take it over.
 */
#include "tests/sound/sound_lib.h"

/* The first stream of a direction, prepared. False: reported, or skipped. */
static bool prepare(Test *t, QVirtioDevice *dev, uint8_t direction, uint32_t *stream)
{
    struct virtio_snd_pcm_info info;
    uint32_t count = SOUND_COUNT(dev, streams);
    for (*stream = 0; *stream < count; ++*stream) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_PCM_INFO, *stream, &info, sizeof(info))) {
            return false;
        }
        if (info.direction == direction) {
            return sound_prepares(t, dev, *stream, &info);
        }
    }
    test_skip(t, "no stream has direction %u", direction);
    return false;
}

static QVirtQueue *queue_for(QVirtioDevice *dev, uint8_t direction)
{
    return dev->vq[direction == VIRTIO_SND_D_INPUT ? VIRTIO_SND_RXQ : VIRTIO_SND_TXQ];
}

static bool send(Test *t, QVirtioDevice *dev, uint32_t stream, uint8_t direction,
                 unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!expect_ok(t, NULL,
                       sound_io(dev, stream, direction) ? 0 : -QVIRTIO_NO_MEMORY)) {
            return false;
        }
    }
    return true;
}

/* "The device MUST complete all pending I/O messages", and "MUST NOT complete the control
 * request while there are pending I/O messages": when RELEASE is answered all are used.
 */
static void release_with_messages(Test *t, QVirtioDevice *dev, uint8_t direction)
{
    enum { COUNT = 3 };
    uint32_t stream, seen = 0;
    QVirtioUsed used;
    QVirtQueue *vq = queue_for(dev, direction);
    if (!prepare(t, dev, direction, &stream) || !send(t, dev, stream, direction, COUNT) ||
        !sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream)) {
        return;
    }
    while (seen < COUNT && qvirtqueue_has_used(vq) &&
           expect_ok(t, NULL, qvirtqueue_wait(vq, &used))) {
        seen++;
    }
    expect_eq(t, "dev:5.14.6.6.5.1-2", seen, COUNT);
    for (; seen < COUNT; seen++) {
        if (!expect_ok(t, "dev:5.14.6.6.5.1-1", qvirtqueue_wait(vq, &used))) {
            return;
        }
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

/* Starts a stream, and takes all messages back. */
static void run_stream(Test *t, QVirtioDevice *dev, uint8_t direction)
{
    enum { COUNT = 4 };
    const uint32_t status = sizeof(struct virtio_snd_pcm_status);
    uint32_t stream;
    QVirtioUsed used;
    if (!prepare(t, dev, direction, &stream) || !send(t, dev, stream, direction, COUNT) ||
        !sound_does(t, dev, VIRTIO_SND_R_PCM_START, stream)) {
        return;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        if (!expect_ok(t, NULL, qvirtqueue_wait(queue_for(dev, direction), &used))) {
            return;
        }
        if (direction == VIRTIO_SND_D_INPUT) {
            /* "MUST NOT complete the I/O request until the buffer is full". */
            expect_eq(t, "dev:5.14.6.8.2.1-1", used.len, SOUND_PERIOD + status);
        } else {
            expect_eq(t, NULL, used.len, status);
        }
        if (!t->has_failed) {
            expect_eq(t, NULL, sound_io_status(used.token, direction), VIRTIO_SND_S_OK);
        }
    }
    if (sound_does(t, dev, VIRTIO_SND_R_PCM_STOP, stream)) {
        sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream);
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
        if (!prepare(t, dev, VIRTIO_SND_D_OUTPUT, &stream) ||
            !sound_does(t, dev, VIRTIO_SND_R_PCM_RELEASE, stream)) {
            return;
        }
    }
}
