/* SPDX-License-Identifier: MIT */
/*
 * Input devices on the wire (5.8): the config space with its selectors, and the event.
 * Event types and codes have the numbers of the evdev layer that 5.8 refers to; only
 * those that tests need are here. There are no feature bits and no legacy interface.
 */
#ifndef VIRTIO_INPUT_H
#define VIRTIO_INPUT_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 5.8.2 Virtqueues */
#define VIRTIO_INPUT_EVENTQ  0
#define VIRTIO_INPUT_STATUSQ 1

/* 5.8.4 Device configuration layout */
enum virtio_input_config_select {
    VIRTIO_INPUT_CFG_UNSET = 0x00,
    VIRTIO_INPUT_CFG_ID_NAME = 0x01,
    VIRTIO_INPUT_CFG_ID_SERIAL = 0x02,
    VIRTIO_INPUT_CFG_ID_DEVIDS = 0x03,
    VIRTIO_INPUT_CFG_PROP_BITS = 0x10,
    VIRTIO_INPUT_CFG_EV_BITS = 0x11,
    VIRTIO_INPUT_CFG_ABS_INFO = 0x12,
};

struct virtio_input_absinfo {
    le32 min;
    le32 max;
    le32 fuzz;
    le32 flat;
    le32 res;
};

struct virtio_input_devids {
    le16 bustype;
    le16 vendor;
    le16 product;
    le16 version;
};

#define VIRTIO_INPUT_UNION_BYTES 128

struct virtio_input_config {
    uint8_t select;
    uint8_t subsel;
    uint8_t size;
    uint8_t reserved[5];
    union {
        char string[VIRTIO_INPUT_UNION_BYTES];
        uint8_t bitmap[VIRTIO_INPUT_UNION_BYTES];
        struct virtio_input_absinfo abs;
        struct virtio_input_devids ids;
    } u;
};
_Static_assert(sizeof(struct virtio_input_config) == 136, "5.8.4");

/* 5.8.6 Device Operation */
struct virtio_input_event {
    le16 type;
    le16 code;
    le32 value;
};
_Static_assert(sizeof(struct virtio_input_event) == 8, "5.8.6");

#define EV_SYN 0x00
#define EV_KEY 0x01
#define EV_REL 0x02
#define EV_ABS 0x03
#define EV_LED 0x11
#define EV_MAX 0x1f

#define SYN_REPORT 0
#define REL_X      0
#define REL_Y      1
#define ABS_X      0
#define ABS_Y      1
#define ABS_MAX    0x3f
#define LED_NUML   0
#define LED_CAPSL  1
#define LED_COUNT  3 /* the three of every keyboard */
#define KEY_A      30
#define KEY_B      48

#endif
