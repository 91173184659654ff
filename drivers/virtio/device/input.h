/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of input devices (5.8): what config space shows for a selector,
 * buffers for events, and status events.
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

/* Writes select and subsel, then reads the size and that many bytes of the union. Each
 * element is read at its own width (4.1.3.1). */
int input_query(QVirtioDevice *d, uint8_t select, uint8_t subsel, InputInfo *info);
/* Writes select and subsel only; subsel_first says in which order. */
int input_select(QVirtioDevice *d, uint8_t select, uint8_t subsel, bool subsel_first);
/* Reads the size that config space shows now. */
int input_size(QVirtioDevice *d, uint8_t *size);

/* Returns true when the bitmap in info->u has this bit. */
static inline bool input_has_bit(const InputInfo *info, unsigned bit)
{
    return bit / 8 < info->size && info->u[bit / 8] >> bit % 8 & 1;
}

/* Returns the type of the status events that a driver would send to this device: EV_LED
 * where it has LEDs, else EV_SYN, the end of an update. The answer is known when the
 * queues are open. */
uint16_t input_status_type(const QVirtioDevice *d);
/* Lends a status event to the statusq and does not kick. Returns NULL when the arena or
 * the queue is full. */
struct virtio_input_event *input_status_add(QVirtioDevice *d, uint16_t type,
                                            uint16_t code, uint32_t value);
/* Lends `count` buffers of one event each to the eventq, and kicks. */
int input_stock(QVirtioDevice *d, unsigned count);

#endif
