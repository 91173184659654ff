/* SPDX-License-Identifier: MIT */
/*
 * The entropy device (5.4) in software. Each buffer gets bytes of one long stream, which
 * a reset does not start again.
 */
#include "drivers/virtio/soft/core/admin.h"
#include "kernel/lib/random.h"

SOFT_FAULT(no_random_bytes, "dev:5.4.6.2-1a", "uses a buffer for no bytes at all");
SOFT_FAULT(counts_random_bytes_it_has_not, "dev:2.7.8.2-2",
           "claims all of the buffer and fills half of it");

SOFT_FAULT(counts_a_chain_and_fills_its_first, "dev:2.7.8.2-2",
           "claims all of a chain and fills its first descriptor alone");

/* 5.4.6.2: "one or more random bytes". */
SOFT_MANNER(rng_gives_one_byte, "5.4.6.2", "gives one byte a buffer");
/* 2.7.8.2: "The device MAY write more than len bytes to descriptor." */
SOFT_MANNER(rng_writes_behind_len, "2.7.8.2",
            "fills the buffer and counts only half of the bytes");

#define ANSWER_MOST 512

static Random stream = {.state = 0x736f66742e726e67ull};

/* 5.4.6.2: "The device MUST place one or more random bytes into the buffer". At most
 * ANSWER_MOST bytes are placed. */
static uint32_t fill(const QVirtQueueElement *e)
{
    uint64_t words[ANSWER_MOST / sizeof(uint64_t)];
    uint32_t bytes = e->in_bytes < ANSWER_MOST ? e->in_bytes : ANSWER_MOST;
    for (uint32_t i = 0; i * sizeof(words[0]) < bytes; i++) {
        words[i] = random_next(&stream);
    }
    if (soft_fault(counts_random_bytes_it_has_not)) {
        qvirtqueue_element_write(e, 0, words, bytes / 2);
        return bytes;
    }
    if (soft_fault(counts_a_chain_and_fills_its_first) && e->in_num > 1) {
        qvirtqueue_element_write(e, 0, words, e->sg[e->out_num].len);
        return bytes;
    }
    if (bytes > 1 && soft_manner(rng_gives_one_byte)) {
        bytes = 1;
    }
    qvirtqueue_element_write(e, 0, words, bytes);
    return bytes > 1 && soft_manner(rng_writes_behind_len) ? bytes / 2 : bytes;
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, soft_fault(no_random_bytes) ? 0 : fill(e));
    }
}

SOFT_MODEL(soft_rng, .device_id = VIRTIO_ID_RNG, .len_is_content = 1, .count = 1,
           .queues = 1 + 2, .admin_queues = 2, .admin = &soft_rng_admin, .run = run);
