/* SPDX-License-Identifier: MIT */
/*
 * The console device on the wire (5.3): feature bits, config space, control messages.
 * Names are the specification's. All fields are in the guest's own order on a legacy
 * interface (5.3.4.1, 5.3.6.3). The text says PORT_ADD for the message that the list
 * calls DEVICE_ADD; here it has the name of the list.
 */
#ifndef VIRTIO_CONSOLE_H
#define VIRTIO_CONSOLE_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.3.3 Feature bits */
#define VIRTIO_CONSOLE_F_SIZE        0
#define VIRTIO_CONSOLE_F_MULTIPORT   1
#define VIRTIO_CONSOLE_F_EMERG_WRITE 2

/* 5.3.4 Device configuration layout */
struct virtio_console_config {
    virtio16 cols;
    virtio16 rows;
    virtio32 max_nr_ports;
    virtio32 emerg_wr;
};
_Static_assert(sizeof(struct virtio_console_config) == 12, "5.3.4");

/* 5.3.6.2 Multiport Device Operation */
struct virtio_console_control {
    virtio32 id;    /* port number */
    virtio16 event; /* the kind of control event */
    virtio16 value; /* extra information for the event */
};
_Static_assert(sizeof(struct virtio_console_control) == 8, "5.3.6.2");

#define VIRTIO_CONSOLE_DEVICE_READY  0 /* from the driver */
#define VIRTIO_CONSOLE_DEVICE_ADD    1 /* from the device */
#define VIRTIO_CONSOLE_DEVICE_REMOVE 2 /* from the device */
#define VIRTIO_CONSOLE_PORT_READY    3 /* from the driver */
#define VIRTIO_CONSOLE_CONSOLE_PORT  4 /* from the device */
#define VIRTIO_CONSOLE_RESIZE        5 /* from the device; a resize follows */
#define VIRTIO_CONSOLE_PORT_OPEN     6 /* from both */
#define VIRTIO_CONSOLE_PORT_NAME     7 /* from the device; the name follows */

struct virtio_console_resize {
    virtio16 cols;
    virtio16 rows;
};
_Static_assert(sizeof(struct virtio_console_resize) == 4, "5.3.6.2");

/* 5.3.2 Virtqueues; port 0 has 0 and 1, port p > 0 has 2p + 2 and 2p + 3 */
#define VIRTIO_CONSOLE_CONTROL_RECEIVEQ  2
#define VIRTIO_CONSOLE_CONTROL_TRANSMITQ 3

#endif
