/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the console device (5.3): bytes to and from a port, control
 * messages, and what the device has said so far. Between calls the receiveq of a port is
 * empty, so tests may lay it out as they like; bytes that nobody reads wait outside the
 * device. Negative results are QVirtioErrors.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_console.h"

/* The most ports whose queues the API can hold. */
#define CONSOLE_PORTS_MAX     (QVIRTIO_MAX_QUEUES / 2 - 1)
#define CONSOLE_EXTRA_BYTES   120
#define CONSOLE_MESSAGES_MAX  128
#define CONSOLE_RECEIVE_BYTES 4096

static inline uint16_t vconsole_receiveq(uint32_t port)
{
    return port ? 2 * port + 2 : 0;
}

static inline uint16_t vconsole_transmitq(uint32_t port)
{
    return vconsole_receiveq(port) + 1;
}

/* One control message of the device, in CPU order. */
typedef struct VConsoleMessage {
    uint32_t id;
    uint16_t event, value;
    /* The used length: the header and what follows it. */
    uint32_t len;
    /* What follows the header, as far as it fits. */
    uint8_t extra[CONSOLE_EXTRA_BYTES];
} VConsoleMessage;

typedef struct VConsole {
    /* Tells the pings of this life from those of earlier lives. */
    uint32_t life;
    /* What port 0 gets is sent back (know=console.N.port.0.echo=1). */
    bool has_echo;
    /* CONSOLE_RECEIVE_BYTES bytes, which are lent to a receiveq during a call. */
    uint8_t *input;

    /* What came back to port 0: bytes that are no whole ping yet, and the numbers of
     * pings that were seen and not asked for yet. */
    uint8_t *partial;
    uint32_t partial_bytes;
    uint32_t *seen;
    uint32_t seen_count;
    /* How many bytes came that were no pings of this life. */
    uint32_t dropped_bytes;
    /* How many probes were sent to learn whether an echo is late or lost. */
    uint32_t probe_count;

    /* With MULTIPORT: the buffers of the control receiveq, and all messages so far, in
     * order. */
    uint8_t *control;
    VConsoleMessage *message;
    unsigned message_count;
} VConsole;

static inline VConsole *vconsole_of(QVirtioDevice *d)
{
    return d->driver_data;
}

/* Takes memory for this life and sends nothing. The driver's `open` begins with it. */
int vconsole_create(QVirtioDevice *d);
/* Returns how many ports the device may have; without MULTIPORT that is 1. */
uint32_t vconsole_ports(QVirtioDevice *d);
/* Returns true when know= says that what this port gets is sent back. */
bool vconsole_echoes(const QVirtioDevice *d, uint32_t port);

/* ---- Data (5.3.6) ---- */

/* Sends one buffer, which the arena must have lent, and waits until it is used. */
int vconsole_send(QVirtioDevice *d, uint32_t port, const void *lent, uint32_t bytes);
/* Lends one receive buffer and waits for it. Returns how many bytes came, or a negative
 * error. */
int vconsole_receive(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes);
/* Does the same with a time limit of its own; 0: the limit of every wait. After
 * -QVIRTIO_TIMEOUT the device still has the buffer, and the next call goes on waiting for
 * it. */
int vconsole_receive_within(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes,
                            uint64_t timeout_ns);
/* Receives exactly that many bytes, in as many buffers as it takes. */
int vconsole_receive_all(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes);
/* Sends a mark to a port that echoes, and drops all that comes until the mark is back. */
int vconsole_drain(QVirtioDevice *d, uint32_t port);

/* ---- Control queues (5.3.6.2) ---- */

/* Lends the control receiveq its buffers. The caller has to send DEVICE_READY after
 * it. */
int vconsole_control_stock(QVirtioDevice *d);
/* Sends one control message and waits until it is used. */
int vconsole_control_send(QVirtioDevice *d, uint32_t id, uint16_t event, uint16_t value);
/*
 * Takes all messages that the device has sent until now, and answers as a driver must:
 * DEVICE_ADD with PORT_READY, CONSOLE_PORT with PORT_OPEN.
 */
int vconsole_control_poll(QVirtioDevice *d);
/* Waits for a message of this kind and returns the first one, not counting the messages
 * before number `from`. Returns NULL when none came. */
const VConsoleMessage *vconsole_control_wait(QVirtioDevice *d, unsigned from, uint32_t id,
                                             uint16_t event);
/* Does the same without waiting. */
const VConsoleMessage *vconsole_control_find(QVirtioDevice *d, unsigned from, uint32_t id,
                                             uint16_t event);
/* Waits until the device says that the port is open outside, then opens our end. */
int vconsole_port_open(QVirtioDevice *d, uint32_t port);

#endif
