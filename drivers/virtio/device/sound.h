/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of sound devices (5.14): control requests, and buffers for
 * streams.
 */
#ifndef QVIRTIO_DEVICE_SOUND_H
#define QVIRTIO_DEVICE_SOUND_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_snd.h"

/* The bytes of one period. */
#define SOUND_PERIOD 256
/* The bytes of the status, which lies before what is returned. */
#define SOUND_STATUS 4

/* Runs a control request: sends out_bytes, and takes up to in_bytes from behind the
 * status. */
int sound_control(QVirtioDevice *d, const void *out, uint32_t out_bytes, void *in,
                  uint32_t in_bytes, uint32_t *status);
/* Asks for the information of one item (VIRTIO_SND_R_*_INFO). */
int sound_info(QVirtioDevice *d, uint32_t code, uint32_t id, void *to, uint32_t bytes,
               uint32_t *status);
/* Runs PREPARE, RELEASE, START or STOP of a stream. */
int sound_command(QVirtioDevice *d, uint32_t code, uint32_t stream, uint32_t *status);

/* One I/O message: a header, the data of a period, a status. */
typedef struct SoundIo {
    struct virtio_snd_pcm_xfer xfer;
    /* The status of output. Of input it follows the data. */
    struct virtio_snd_pcm_status status;
    uint8_t data[SOUND_PERIOD + sizeof(struct virtio_snd_pcm_status)];
} SoundIo;

/* Adds an I/O message of the stream to txq or rxq, and kicks. Returns NULL when the arena
 * or the queue is full. */
SoundIo *sound_io(QVirtioDevice *d, uint32_t stream, uint8_t direction);
/* Returns the status that the device wrote, in CPU order. */
uint32_t sound_io_status(const SoundIo *io, uint8_t direction);

#endif
