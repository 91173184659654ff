/* SPDX-License-Identifier: MIT */
/* Drivers that break the rules of 5.14.6: codes, items and streams that there are not. */
#include "tests/sound/sound_lib.h"

static bool expect_refusal(Test *t, QVirtioDevice *dev, const void *out, uint32_t bytes)
{
    uint32_t status = 0;
    return require_ok(t, sound_control(dev, out, bytes, NULL, 0, &status)) &&
           require_ne(t, status, VIRTIO_SND_S_OK);
}

VIRTIO_TEST(unknown_code_is_refused, .device = VIRTIO_ID_SOUND, .violates = "5.14.6")
{
    static const uint32_t codes[] = {0, 0x77, 0x0106, 0xffffffff};
    for (unsigned i = 0; i < 4; i++) {
        const struct virtio_snd_pcm_hdr hdr = {le32_of(codes[i]), le32_of(0)};
        expect_refusal(t, dev, &hdr, sizeof(hdr));
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(items_beyond_the_last_are_refused, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6.1.1")
{
    static const uint32_t ranges[][2] = {{0xffffffff, 1}, {1, 0xffffffff}, {1u << 16, 1}};
    for (unsigned i = 0; i < 3; i++) {
        const struct virtio_snd_query_info q = {
            le32_of(VIRTIO_SND_R_PCM_INFO), le32_of(ranges[i][0]), le32_of(ranges[i][1]),
            le32_of(sizeof(struct virtio_snd_pcm_info))};
        expect_refusal(t, dev, &q, sizeof(q));
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(stream_beyond_the_last_is_refused, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6.6")
{
    for (uint32_t code = VIRTIO_SND_R_PCM_PREPARE; code <= VIRTIO_SND_R_PCM_STOP;
         code++) {
        const struct virtio_snd_pcm_hdr hdr = {le32_of(code), le32_of(0xfffffff0)};
        if (!expect_refusal(t, dev, &hdr, sizeof(hdr))) {
            break;
        }
    }
    expect_survives(t, dev);
}

/* Nobody waits: there may be no answer. */
VIRTIO_TEST(half_a_control_request_is_survived, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6")
{
    uint8_t *half = arena_lend(2, 2), *answer = arena_lend(SOUND_STATUS, 4);
    QVirtQueue *vq = dev->vq[VIRTIO_SND_CONTROLQ];
    if (require_that(t, half && answer, "memory", "none")) {
        QVirtioSg sg[] = {{arena_map(half, 2), 2},
                          {arena_map(answer, SOUND_STATUS), SOUND_STATUS}};
        require_ok(t, qvirtqueue_add(vq, sg, 1, 1, half));
        qvirtqueue_kick(vq);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(message_of_no_stream_is_survived, .device = VIRTIO_ID_SOUND,
            .violates = "5.14.6.8")
{
    sound_io(dev, 0xfffffff0, VIRTIO_SND_D_OUTPUT);
    sound_io(dev, 0xfffffff0, VIRTIO_SND_D_INPUT);
    expect_survives(t, dev);
}
