/* SPDX-License-Identifier: MIT */
/*
 * The driver of sound devices (5.14): tables, requests, and the ping, which is PCM_INFO
 * of the first stream.
 */
#include "drivers/virtio/device/sound.h"
#include "kernel/lib/string.h"

#define CONFIG(f) offsetof(struct virtio_snd_config, f)

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_SND_F_CTLS, .name = "CTLS"},
    {.name = NULL},
};

#define FIELD(f, needs)                                                           \
    {                                                                             \
        .name = #f, .feature = needs, .offset = CONFIG(f), .width = 4, .count = 1 \
    }

static const QVirtioField fields[] = {
    FIELD(jacks, FEATURES_END),
    FIELD(streams, FEATURES_END),
    FIELD(chmaps, FEATURES_END),
    FIELD(controls, VIRTIO_SND_F_CTLS),
    {.name = NULL},
};

int sound_control(QVirtioDevice *d, const void *out, uint32_t out_bytes, void *in,
                  uint32_t in_bytes, uint32_t *status)
{
    uint8_t *request = arena_lend(out_bytes, 4);
    uint8_t *answer = arena_lend(SOUND_STATUS + in_bytes, 4);
    if (!request || !answer) {
        return -QVIRTIO_NO_MEMORY;
    }
    memcpy(request, out, out_bytes);
    QVirtioSg sg[] = {
        {arena_map(request, out_bytes), out_bytes},
        {arena_map(answer, SOUND_STATUS + in_bytes), SOUND_STATUS + in_bytes}};
    int err = qvirtqueue_submit(d->vq[VIRTIO_SND_CONTROLQ], sg, 1, 1, NULL);
    *status = le32_get(*(const le32 *)answer);
    memcpy(in, answer + SOUND_STATUS, in_bytes);
    return err;
}

int sound_info(QVirtioDevice *d, uint32_t code, uint32_t id, void *to, uint32_t bytes,
               uint32_t *status)
{
    const struct virtio_snd_query_info q = {le32_of(code), le32_of(id), le32_of(1),
                                            le32_of(bytes)};
    return sound_control(d, &q, sizeof(q), to, bytes, status);
}

int sound_command(QVirtioDevice *d, uint32_t code, uint32_t stream, uint32_t *status)
{
    const struct virtio_snd_pcm_hdr hdr = {le32_of(code), le32_of(stream)};
    return sound_control(d, &hdr, sizeof(hdr), NULL, 0, status);
}

SoundIo *sound_io(QVirtioDevice *d, uint32_t stream, uint8_t direction)
{
    SoundIo *io = arena_lend(sizeof(*io), 8);
    bool is_out = direction == VIRTIO_SND_D_OUTPUT;
    if (!io) {
        return NULL;
    }
    io->xfer.stream_id = le32_of(stream);
    QVirtioSg sg[3] = {{arena_map(&io->xfer, sizeof(io->xfer)), sizeof(io->xfer)}};
    if (is_out) {
        sg[1] = (QVirtioSg){arena_map(io->data, SOUND_PERIOD), SOUND_PERIOD};
        sg[2] =
            (QVirtioSg){arena_map(&io->status, sizeof(io->status)), sizeof(io->status)};
    } else {
        sg[1] = (QVirtioSg){arena_map(io->data, sizeof(io->data)), sizeof(io->data)};
    }
    QVirtQueue *vq = d->vq[is_out ? VIRTIO_SND_TXQ : VIRTIO_SND_RXQ];
    int err = qvirtqueue_add(vq, sg, is_out ? 2 : 1, 1, io);
    qvirtqueue_kick(vq);
    return err ? NULL : io;
}

uint32_t sound_io_status(const SoundIo *io, uint8_t direction)
{
    struct virtio_snd_pcm_status status = io->status;
    if (direction == VIRTIO_SND_D_INPUT) {
        memcpy(&status, io->data + SOUND_PERIOD, sizeof(status));
    }
    return le32_get(status.status);
}

static uint16_t queue_count(QVirtioDevice *d)
{
    (void)d;
    return VIRTIO_SND_QUEUES;
}

static const char *why_no_ping(QVirtioDevice *d)
{
    uint64_t streams = 0;
    int err = qvirtio_config_read(d, CONFIG(streams), 4, &streams);
    return err || !streams ? "the device has no streams" : NULL;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    const uint32_t bytes = SOUND_STATUS + sizeof(struct virtio_snd_pcm_info);
    struct virtio_snd_query_info *q = arena_lend(sizeof(*q), 4);
    void *answer = arena_lend(bytes, 4);
    if (!q || !answer) {
        return -QVIRTIO_NO_MEMORY;
    }
    *q = (struct virtio_snd_query_info){
        .code = le32_of(VIRTIO_SND_R_PCM_INFO),
        .count = le32_of(1),
        .size = le32_of(sizeof(struct virtio_snd_pcm_info)),
    };
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_SND_CONTROLQ],
        .number = number,
        .out = q,
        .out_bytes = sizeof(*q),
        .in = answer,
        .in_bytes = bytes,
        .used_min = bytes,
        .used_max = bytes,
    };
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    struct virtio_snd_pcm_info info;
    (void)used_len;
    memcpy(&info, (const uint8_t *)ping->in + SOUND_STATUS, sizeof(info));
    return le32_get(*(const le32 *)ping->in) != VIRTIO_SND_S_OK
               ? "PCM_INFO does not succeed"
           : le64_get(info.formats) == 0 ? "the first stream has no format"
                                         : NULL;
}

QVIRTIO_DRIVER(driver_sound, .is_outward = true, .device_id = VIRTIO_ID_SOUND,
               .name = "sound", .features = features, .fields = fields,
               .config_bytes = sizeof(struct virtio_snd_config),
               .ping_queue = VIRTIO_SND_CONTROLQ, .queue_count = queue_count,
               .why_no_ping = why_no_ping, .ping_make = ping_make,
               .ping_check = ping_check);
