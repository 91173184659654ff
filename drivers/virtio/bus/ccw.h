/* SPDX-License-Identifier: MIT */
/*
 * Private to the two CCW buses, and to the tests of the suite ccw, which send channel
 * commands themselves (4.3): one subchannel and the device behind it. A transitional
 * device is found on both buses. Every reset chooses the revision that the device is
 * driven by, so the two never meet.
 */
#ifndef QVIRTIO_BUS_CCW_H
#define QVIRTIO_BUS_CCW_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_ccw.h"
#include "kernel/arch/s390x/css.h"

#define QVIRTIO_CCW_HIGHEST VIRTIO_CCW_REV_STATUS
/* No revision was chosen since the subchannel was enabled. */
#define QVIRTIO_CCW_NONE (-1)
/* The interruption subclass of adapter interrupts. */
#define QVIRTIO_CCW_ISC 4
/* The config is the first source; the queues follow. */
#define QVIRTIO_CCW_SOURCES  (QVIRTIO_MAX_QUEUES + 1)
#define QVIRTIO_CCW_CONF_MAX 1024

/* What the device sets to say why it interrupts (4.3.2.6). */
typedef struct QVirtioCcwIndicators {
    /* Classic indicators: bit n of the number is queue n. */
    be64 queues;
    be64 config;
    /* Adapter indicators: queue 0 is the highest bit of the first byte. */
    uint8_t adapter[QVIRTIO_MAX_QUEUES / 8];
    uint8_t summary;
} QVirtioCcwIndicators;

typedef enum { CCW_NO_INDICATORS, CCW_CLASSIC, CCW_ADAPTER } QVirtioCcwKind;

typedef struct QVirtioCcw {
    /* The device as each of the two buses has it. */
    QVirtioDevice modern, legacy;
    /* The next device, in the order of subchannels. */
    struct QVirtioCcw *next;
    /* The next device that the handler of adapter interrupts looks at: such an interrupt
     * does not say which device sent it. */
    struct QVirtioCcw *next_irq;
    Subchannel subchannel;
    bool has_legacy, has_set_revision;
    /* The highest revision that the device took at boot; QVIRTIO_CCW_NONE for a legacy
     * device. */
    int highest;
    /* The revision that the modern bus chooses at the next reset. */
    int wanted;
    /* The revision that is chosen now. */
    int revision;
    /* The status as it was written last: revisions below 2 have no way to read it. */
    uint8_t status;
    /* How the last command ended. */
    CssResult result;
    uint16_t config_bytes;
    /* The configuration that READ_CONF and WRITE_CONF transmit, and its length. */
    uint8_t *config;
    /* It was transmitted since the status was set, or since the reset. */
    bool is_config_known;

    QVirtioCcwIndicators *indicators;
    QVirtioCcwKind kind;
    /* SET_CONF_IND was sent. */
    bool is_config_set;
    /* The counter of a source, by source + 1. */
    QVirtioIrq *irq_of[QVIRTIO_CCW_SOURCES];
    /* How many interrupts the device raised unasked. */
    volatile uint32_t alerts;
    /* A test has indicators of its own, and looks at them itself. */
    bool are_lent;
    /* What the last notification of a queue returned (4.3.3.2). */
    uint64_t cookie[QVIRTIO_MAX_QUEUES];
} QVirtioCcw;

static inline QVirtioCcw *qvirtio_ccw(const QVirtioDevice *d)
{
    return d->bus_data;
}

/* ---- Channel commands: ccw_command.c ---- */

/*
 * Runs one command on count bytes at data. flags may be CCW_SUPPRESS_LENGTH. Returns
 * -QVIRTIO_REFUSED for a command reject; p->result has the details.
 */
int qvirtio_ccw_command(QVirtioCcw *p, uint8_t command, uint8_t flags, const void *data,
                        uint16_t count);
/* Disables the subchannel and enables it again. No revision is chosen then (4.3.2.1.1).
 */
int qvirtio_ccw_reenable(QVirtioCcw *p);
/* Sends SET_VIRTIO_REV; p->revision follows. */
int qvirtio_ccw_set_revision(QVirtioCcw *p, uint16_t revision);
/* Resets the device, to be driven by a revision. Chooses the revision anew when it is
 * another one than now. */
int qvirtio_ccw_reset_as(QVirtioCcw *p, int revision);

/* ---- Finding devices: ccw_find.c ---- */

typedef void QVirtioNote(const char *line);

/* Calls found() for each device of the bus, in the order of subchannels. */
void qvirtio_ccw_foreach(const QVirtioBus *bus,
                         void (*found)(QVirtioDevice *d, void *data), void *data,
                         QVirtioNote *note);

/* ---- Operations that all revisions have: ccw.c ---- */

int qvirtio_ccw_get_status(QVirtioDevice *d, uint8_t *status);
int qvirtio_ccw_set_status(QVirtioDevice *d, uint8_t status);
int qvirtio_ccw_get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits);
int qvirtio_ccw_set_features(QVirtioDevice *d, uint32_t word, uint32_t bits);
int qvirtio_ccw_queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size);
int qvirtio_ccw_queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled);
void qvirtio_ccw_notify(QVirtioDevice *d, const QVirtQueue *vq);
int qvirtio_ccw_get_config(QVirtioDevice *d, size_t off, void *to, size_t width);
int qvirtio_ccw_set_config(QVirtioDevice *d, size_t off, const void *from, size_t width);
int qvirtio_ccw_config_bytes(QVirtioDevice *d, size_t *bytes);

/* ---- Interrupts: ccw_irq.c ---- */

void qvirtio_ccw_irq_init(QVirtioCcw *p);
/* These send the commands alone: the caller decides where the indicators are. */
int qvirtio_ccw_set_classic(QVirtioCcw *p, const be64 *at);
int qvirtio_ccw_set_config_indicator(QVirtioCcw *p, const be64 *at);
int qvirtio_ccw_set_adapter(QVirtioCcw *p, const uint8_t *summary, const uint8_t *at,
                            uint64_t bit_nr, uint8_t isc);
int qvirtio_ccw_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void qvirtio_ccw_irq_release(QVirtioDevice *d);
int qvirtio_ccw_query_isr(QVirtioDevice *d, uint32_t *causes);

#endif
