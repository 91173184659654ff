/* SPDX-License-Identifier: MIT */
/*
 * The entropy device (5.4) in software: each buffer is filled with bytes of one long
 * stream that no reset starts again.
 */
#include "drivers/virtio/bus/soft.h"
#include "kernel/random.h"

static Random stream = {.state = 0x736f66742e726e67ull};

/* 5.4.6.2: "The device MUST place one or more random bytes into the buffer". */
static uint32_t fill(const QVirtQueueElement *e)
{
    uint32_t done = 0;
    while (done < e->in_bytes) {
        uint64_t word = random_next(&stream);
        done += qvirtqueue_element_write(e, done, &word, sizeof(word));
    }
    return done;
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, soft_fault(no_random_bytes) ? 0 : fill(e));
    }
}

const SoftModel soft_rng = {
    .device_id = VIRTIO_ID_RNG,
    .count = 1,
    .queues = 1,
    .run = run,
};
