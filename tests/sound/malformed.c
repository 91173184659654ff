/* SPDX-License-Identifier: MIT */
/* Drivers that break the rules of 5.14.6: codes, items and streams that there are not. */
#include "tests/sound/sound_lib.h"

/* Sends the request and does not wait: it need not be answered. */
static void submit(Test *t, QVirtioDevice *dev, const void *request, uint32_t bytes)
{
    uint8_t *out = arena_lend(bytes, 4), *in = arena_lend(SOUND_STATUS, 4);
    QVirtQueue *vq = dev->vq[VIRTIO_SND_CONTROLQ];
    if (!require_that(t, out && in, "memory", "none")) {
        return;
    }
    memcpy(out, request, bytes);
    QVirtioSg sg[] = {{arena_map(out, bytes), bytes},
                      {arena_map(in, SOUND_STATUS), SOUND_STATUS}};
    require_ok(t, qvirtqueue_add(vq, sg, 1, 1, out));
    qvirtqueue_kick(vq);
}

VIRTIO_TEST(unknown_codes_are_survived, .device = VIRTIO_ID_SOUND, .violates = "5.14.6")
{
    static const uint32_t codes[] = {0, 0x77, 0x0106, 0xffffffff};
    for (unsigned i = 0; i < 4; i++) {
        const struct virtio_snd_pcm_hdr hdr = {le32_of(codes[i]), le32_of(0)};
        submit(t, dev, &hdr, sizeof(hdr));
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(items_beyond_the_last_are_survived, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6.1.1")
{
    static const uint32_t ranges[][2] = {{0xffffffff, 1}, {1, 0xffffffff}, {1u << 16, 1}};
    for (unsigned i = 0; i < 3; i++) {
        const struct virtio_snd_query_info q = {
            le32_of(VIRTIO_SND_R_PCM_INFO), le32_of(ranges[i][0]), le32_of(ranges[i][1]),
            le32_of(sizeof(struct virtio_snd_pcm_info))};
        submit(t, dev, &q, sizeof(q));
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(stream_beyond_the_last_is_survived, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6.6")
{
    for (uint32_t code = VIRTIO_SND_R_PCM_PREPARE; code <= VIRTIO_SND_R_PCM_STOP;
         code++) {
        const struct virtio_snd_pcm_hdr hdr = {le32_of(code), le32_of(0xfffffff0)};
        submit(t, dev, &hdr, sizeof(hdr));
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(half_a_control_request_is_survived, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6")
{
    submit(t, dev, "ab", 2);
    expect_survives(t, dev);
}

VIRTIO_TEST(message_of_no_stream_is_survived, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6.8")
{
    sound_io(dev, 0xfffffff0, VIRTIO_SND_D_OUTPUT);
    sound_io(dev, 0xfffffff0, VIRTIO_SND_D_INPUT);
    expect_survives(t, dev);
}
