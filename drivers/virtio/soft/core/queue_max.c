/* SPDX-License-Identifier: MIT */
/*
 * How long the queues of the software devices may be (2.7, 2.8.10.1). Manners make them
 * short where a type can be driven so, or as long as can be.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/echo.h"

/* The queue's maximum is the device's own choice. "Queue Size value is always a power of
 * 2" on split rings, which a packed one's "does not have to be". */
SOFT_MANNER(queues_of_1, "2.7", "has a queue of one entry, if a random number device");
SOFT_MANNER(queues_of_2, "2.7", "has queues of two entries");
SOFT_MANNER(queues_of_3, "2.8.10.1", "has queues of at most three entries");
SOFT_MANNER(queues_of_4, "2.7", "has queues of four entries");
SOFT_MANNER(nic_queues_of_32, "2.7", "has queues of 32 entries, if a NIC");
SOFT_MANNER(queues_of_4096, "2.7", "has queues of 4096 entries");
SOFT_MANNER(queues_of_32768, "2.7", "has queues of 32768 entries");
/* How many entries a short queue has; 0 where no manner is chosen. Types are left out
 * whose requests need more descriptors, or buffers beforehand. */
static uint16_t few_entries(const SoftDevice *s)
{
    bool is_rng = s->dev.device_id == VIRTIO_ID_RNG;
    bool is_plain = is_rng || s->dev.device_id == ECHO_DEVICE_ID;
    bool is_packed = soft_negotiated(s, VIRTIO_F_RING_PACKED);

    if (is_rng && soft_manner(queues_of_1)) {
        return 1;
    }
    if (is_plain && !s->is_modelled && soft_manner(queues_of_3)) {
        return is_packed ? 3 : 2;
    }
    if (s->dev.device_id == VIRTIO_ID_NET && !s->is_modelled &&
        soft_manner(nic_queues_of_32)) {
        return 32;
    }
    if (!is_plain && s->dev.device_id != VIRTIO_ID_BLOCK) {
        return 0;
    }
    return soft_manner(queues_of_2) ? 2 : soft_manner(queues_of_4) ? 4 : 0;
}

uint16_t soft_queue_most(const SoftDevice *s, uint16_t index)
{
    uint16_t few = index < soft_ordinary(s) && !s->is_legacy ? few_entries(s) : 0;

    if (few) {
        return few;
    }
    /* The driver of a legacy interface has to take all that there are. */
    return s->is_legacy || s->is_modelled ? QVIRTQUEUE_CHAIN_MAX
           : soft_manner(queues_of_4096)  ? 4096
           : soft_manner(queues_of_32768) ? 32768
                                          : QVIRTQUEUE_CHAIN_MAX;
}
