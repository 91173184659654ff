/* SPDX-License-Identifier: MIT */
/* The streams of the software sound device (stream.c) are declared here for its control
 * requests (sound.c). */
#ifndef SOFT_SOUND_H
#define SOFT_SOUND_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_snd.h"

#define SOFT_STREAMS 2

void soft_stream_reset(void);
/* Returns what PCM_INFO tells of a stream that exists. */
struct virtio_snd_pcm_info soft_stream_info(uint32_t stream);
/* Runs a request about one stream and returns the status. */
uint32_t soft_stream_request(SoftDevice *s, uint32_t code, const QVirtQueueElement *e);
/* Does what the hand is asked to do: "hear" begins to listen, "heard" gives what was
 * played since then, in hexadecimal digits. */
bool soft_stream_act(const char *action, char *value, size_t bytes);
/* Takes the I/O messages of txq or rxq. */
void soft_stream_run(SoftDevice *s, uint16_t queue);

#endif
