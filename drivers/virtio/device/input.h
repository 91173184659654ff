/* SPDX-License-Identifier: MIT */
/*
 * Input devices (5.8) for tests: what a selector shows, buffers for events, and status
 * events.
 */
#ifndef QVIRTIO_DEVICE_INPUT_H
#define QVIRTIO_DEVICE_INPUT_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_input.h"

/* What config space shows for one select and subsel. */
typedef struct InputInfo {
    uint8_t size;
    /* The first `size` bytes of the union. */
    uint8_t u[VIRTIO_INPUT_UNION_BYTES];
} InputInfo;

/* Selects, then reads the size and so many bytes, each element at its own width
 * (4.1.3.1). */
int input_query(QVirtioDevice *d, uint8_t select, uint8_t subsel, InputInfo *info);
/* Selects, and reads nothing: `subsel` first, or `select` first. */
int input_select(QVirtioDevice *d, uint8_t select, uint8_t subsel, bool subsel_first);
int input_size(QVirtioDevice *d, uint8_t *size);

static inline bool input_has_bit(const InputInfo *info, unsigned bit)
{
    return bit / 8 < info->size && info->u[bit / 8] >> bit % 8 & 1;
}

/* Returns the type of status events that evdev would send to this device: EV_LED where it
 * has LEDs, else only EV_SYN, the end of an update. It is known once queues are open. */
uint16_t input_status_type(const QVirtioDevice *d);
/* Lends a status event to the statusq, not yet published; NULL when the arena is full, or
 * the queue. */
struct virtio_input_event *input_status_add(QVirtioDevice *d, uint16_t type,
                                            uint16_t code, uint32_t value);
/* Lends `count` buffers of one event each to the eventq and publishes them. */
int input_stock(QVirtioDevice *d, unsigned count);

#endif
