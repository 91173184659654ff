/* SPDX-License-Identifier: MIT */
/*
 * Private to the two CCW buses, and to the tests of the ccw suite, which send channel
 * commands themselves (4.3): one subchannel with the device behind it, which is found on
 * both buses when it is transitional. Which revision it is driven by is chosen with every
 * reset, so the two never meet.
 */
#ifndef QVIRTIO_BUS_CCW_H
#define QVIRTIO_BUS_CCW_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_ccw.h"
#include "kernel/arch/s390x/css.h"

#define QVIRTIO_CCW_HIGHEST  VIRTIO_CCW_REV_STATUS
#define QVIRTIO_CCW_NONE     (-1) /* no revision was chosen since the subchannel is on */
#define QVIRTIO_CCW_ISC      4    /* of adapter interrupts */
#define QVIRTIO_CCW_SOURCES  (QVIRTIO_MAX_QUEUES + 1) /* the config, then the queues */
#define QVIRTIO_CCW_CONF_MAX 1024

/* What the device sets to say why it interrupts (4.3.2.6). */
typedef struct QVirtioCcwIndicators {
    /* Classic: bit n of the number is queue n. */
    be64 queues;
    be64 config;
    uint8_t adapter[QVIRTIO_MAX_QUEUES / 8]; /* from the highest bit of the first byte */
    uint8_t summary;
} QVirtioCcwIndicators;

typedef enum { CCW_NO_INDICATORS, CCW_CLASSIC, CCW_ADAPTER } QVirtioCcwKind;

typedef struct QVirtioCcw {
    /* As found on the two buses. */
    QVirtioDevice modern, legacy;
    /* By subchannel. */
    struct QVirtioCcw *next;
    /* For the adapter interrupt, which has no name on it. */
    struct QVirtioCcw *next_irq;
    Subchannel subchannel;
    bool has_legacy, has_set_revision;
    /* Revision that was taken at boot; NONE: it is a legacy device. */
    int highest;
    /* By the modern bus, from the next reset on. */
    int wanted;
    /* Chosen now. */
    int revision;
    /* As written last: revisions below 2 have no way to read it. */
    uint8_t status;
    /* Of the last command. */
    CssResult result;
    uint16_t config_bytes;
    /* What READ_CONF and WRITE_CONF transmit. */
    uint8_t *config;
    /* Transmitted since the status was set or reset. */
    bool is_config_known;

    QVirtioCcwIndicators *indicators;
    QVirtioCcwKind kind;
    /* SET_CONF_IND was sent. */
    bool is_config_set;
    /* By source + 1. */
    QVirtioIrq *irq_of[QVIRTIO_CCW_SOURCES];
    /* Interrupts that the device raised unasked. */
    volatile uint32_t alerts;
    /* A test has indicators of its own: what it finds there is its affair. */
    bool are_lent;
    uint64_t cookie[QVIRTIO_MAX_QUEUES];
} QVirtioCcw;

static inline QVirtioCcw *qvirtio_ccw(const QVirtioDevice *d)
{
    return d->bus_data;
}

/* ---- Channel commands: ccw_command.c ---- */

/*
 * Runs one command on count bytes at data. -REFUSED is a command reject; p->result has
 * the details. flags: CCW_SUPPRESS_LENGTH.
 */
int qvirtio_ccw_command(QVirtioCcw *p, uint8_t command, uint8_t flags, const void *data,
                        uint16_t count);
/* Disables the subchannel and enables it: no revision is chosen then (4.3.2.1.1). */
int qvirtio_ccw_reenable(QVirtioCcw *p);
/* SET_VIRTIO_REV; p->revision follows. */
int qvirtio_ccw_set_revision(QVirtioCcw *p, uint16_t revision);
/* Resets the device, driven by a revision: chosen anew when another one is. */
int qvirtio_ccw_reset_as(QVirtioCcw *p, int revision);

/* ---- Finding devices: ccw_find.c ---- */

typedef void QVirtioNote(const char *line);

/* Calls found() for each device of the bus, by subchannel. */
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
/* The commands alone: where the indicators are is the caller's affair. */
int qvirtio_ccw_set_classic(QVirtioCcw *p, const be64 *at);
int qvirtio_ccw_set_config_indicator(QVirtioCcw *p, const be64 *at);
int qvirtio_ccw_set_adapter(QVirtioCcw *p, const uint8_t *summary, const uint8_t *at,
                            uint64_t bit_nr, uint8_t isc);
int qvirtio_ccw_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void qvirtio_ccw_irq_release(QVirtioDevice *d);
int qvirtio_ccw_query_isr(QVirtioDevice *d, uint32_t *causes);

#endif
