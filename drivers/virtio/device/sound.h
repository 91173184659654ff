/* SPDX-License-Identifier: MIT */
/*
 * Sound devices (5.14) for tests: control requests, and buffers for streams.
 */
#ifndef QVIRTIO_DEVICE_SOUND_H
#define QVIRTIO_DEVICE_SOUND_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_snd.h"

#define SOUND_PERIOD 256
#define SOUND_STATUS 4 /* bytes of the status before what is returned */

/* Sends a control request of `out_bytes`; up to `in_bytes` come back behind the status.
 */
int sound_control(QVirtioDevice *d, const void *out, uint32_t out_bytes, void *in,
                  uint32_t in_bytes, uint32_t *status);
/* Reads one item of a kind (VIRTIO_SND_R_*_INFO). */
int sound_info(QVirtioDevice *d, uint32_t code, uint32_t id, void *to, uint32_t bytes,
               uint32_t *status);
/* Sends PREPARE, RELEASE, START or STOP of a stream. */
int sound_command(QVirtioDevice *d, uint32_t code, uint32_t stream, uint32_t *status);

/* One I/O message: a header, a period, a status. */
typedef struct SoundIo {
    struct virtio_snd_pcm_xfer xfer;
    /* Of output; of input it follows the data. */
    struct virtio_snd_pcm_status status;
    uint8_t data[SOUND_PERIOD + sizeof(struct virtio_snd_pcm_status)];
} SoundIo;

/* Adds one for the stream to txq or rxq, published and kicked; NULL when the arena is
 * full, or no room. */
SoundIo *sound_io(QVirtioDevice *d, uint32_t stream, uint8_t direction);
uint32_t sound_io_status(const SoundIo *io, uint8_t direction);

#endif
