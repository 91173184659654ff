/* SPDX-License-Identifier: MIT */
/*
 * The streams of the sound device in software (stream.c) are declared here for its
 * control requests.
 */
#ifndef SOFT_SOUND_H
#define SOFT_SOUND_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_snd.h"

#define SOFT_STREAMS 2

void soft_stream_reset(void);
/* Returns what PCM_INFO tells of a stream that there is. */
struct virtio_snd_pcm_info soft_stream_info(uint32_t stream);
/* Serves a request about one stream. Returns the status. */
uint32_t soft_stream_request(SoftDevice *s, uint32_t code, const QVirtQueueElement *e);
/* Does "hear" and "heard" of the hand: tells what was played. */
bool soft_stream_act(const char *action, char *value, size_t bytes);
/* Serves the I/O messages of txq and rxq. */
void soft_stream_run(SoftDevice *s, uint16_t queue);

#endif
