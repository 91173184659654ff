/* SPDX-License-Identifier: MIT */
/*
 * The console device (5.3) for tests: bytes to and from a port, control messages, and
 * what the device said so far. A port's receiveq is empty between calls, so that tests
 * may lay it out as they like; bytes that nobody reads wait at the host's end. Negative
 * results are QVirtioErrors.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_console.h"

/* As many ports as have queues that the API can hold. */
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

/* One control message as it came. */
typedef struct VConsoleMessage {
    uint32_t id;
    uint16_t event, value;
    /* Used length: header and what follows. */
    uint32_t len;
    /* What follows, as much as fits. */
    uint8_t extra[CONSOLE_EXTRA_BYTES];
} VConsoleMessage;

typedef struct VConsole {
    /* Tells this life's pings from those of lives before. */
    uint32_t life;
    /* The host sends back what port 0 gets. */
    bool has_echo;
    /* CONSOLE_RECEIVE_BYTES, lent to a receiveq during a call. */
    uint8_t *input;

    /* Echoed pings of port 0: bytes that are no whole frame yet, and frames seen but not
     * asked for. */
    uint8_t *partial;
    uint32_t partial_bytes;
    uint32_t *seen;
    uint32_t seen_count;
    /* That were no pings of this life. */
    uint32_t dropped_bytes;
    /* Frames sent to learn whether an echo is late or lost. */
    uint32_t probe_count;

    /* With MULTIPORT: buffers of the control receiveq, and all messages so far in order.
     */
    uint8_t *control;
    VConsoleMessage *message;
    unsigned message_count;
} VConsole;

static inline VConsole *vconsole_of(QVirtioDevice *d)
{
    return d->driver_data;
}

/* Makes the memory of this life; it is the first step of the driver's open, and sends
 * nothing. */
int vconsole_create(QVirtioDevice *d);
/* Returns how many ports the device may have: 1 without MULTIPORT. */
uint32_t vconsole_ports(QVirtioDevice *d);
/* Does know= say that the host sends back what this port gets? */
bool vconsole_echoes(const QVirtioDevice *d, uint32_t port);

/* ---- Data (5.3.6) ---- */

/* Sends one buffer of lent memory, and waits for it. */
int vconsole_send(QVirtioDevice *d, uint32_t port, const void *lent, uint32_t bytes);
/* Lends one receive buffer and waits for it. Returns how many bytes came, or a negative
 * error. */
int vconsole_receive(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes);
/* Does the same with a bound of its own; 0 means that of every wait. After -TIMEOUT the
 * device still has the buffer, and the next call goes on waiting for it. */
int vconsole_receive_within(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes,
                            uint64_t timeout_ns);
/* Receives exactly that many bytes, in one buffer after the other. */
int vconsole_receive_all(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes);
/* Sends a mark to a port that echoes and drops all that comes until it is back. */
int vconsole_drain(QVirtioDevice *d, uint32_t port);

/* ---- Control queues (5.3.6.2) ---- */

/* Lends the control receiveq its buffers; DEVICE_READY is still to be said. */
int vconsole_control_stock(QVirtioDevice *d);
int vconsole_control_send(QVirtioDevice *d, uint32_t id, uint16_t event, uint16_t value);
/*
 * Takes what the device has said until now, and answers as a driver must: DEVICE_ADD with
 * PORT_READY, CONSOLE_PORT with PORT_OPEN.
 */
int vconsole_control_poll(QVirtioDevice *d);
/* Waits for the first such message from number `from` on. Returns NULL when it did not
 * come. */
const VConsoleMessage *vconsole_control_wait(QVirtioDevice *d, unsigned from, uint32_t id,
                                             uint16_t event);
/* Does the same without waiting. */
const VConsoleMessage *vconsole_control_find(QVirtioDevice *d, unsigned from, uint32_t id,
                                             uint16_t event);
/* Waits until the port is there and the host's end is open, then opens ours. */
int vconsole_port_open(QVirtioDevice *d, uint32_t port);

#endif
