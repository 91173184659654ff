/* SPDX-License-Identifier: MIT */
/*
 * The echo device (device/echo.h) in software: writable bytes become the readable ones,
 * inverted, as many as there are of both.
 */
#include "drivers/virtio/bus/soft.h"
#include "drivers/virtio/device/echo.h"

static uint32_t answer(const QVirtQueueElement *e)
{
    uint32_t bytes = e->out_bytes < e->in_bytes ? e->out_bytes : e->in_bytes;
    for (uint32_t at = 0; at < bytes;) {
        uint8_t piece[64];
        uint32_t most = bytes - at < sizeof(piece) ? bytes - at : sizeof(piece);
        uint32_t here = qvirtqueue_element_read(e, at, piece, most);
        for (uint32_t i = 0; i < here; i++) {
            piece[i] = ~piece[i];
        }
        at += qvirtqueue_element_write(e, at, piece, here);
    }
    return bytes;
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, answer(e));
    }
}

const SoftModel soft_echo = {
    .device_id = ECHO_DEVICE_ID,
    .count = 1,
    .queues = ECHO_QUEUES,
    .run = run,
};
