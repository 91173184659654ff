/* SPDX-License-Identifier: MIT */
/*
 * Private to the two MMIO buses, and to the tests of the suite mmio, which look at
 * registers themselves: what is known of one slot (4.2.1), the device in it, and whose
 * interrupts its one line carries.
 */
#ifndef QVIRTIO_BUS_MMIO_H
#define QVIRTIO_BUS_MMIO_H

#include "drivers/virtio/bus/window.h"
#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_mmio.h"
#include "kernel/irq/irq.h"

/* A place where a device is said to be. */
typedef struct QVirtioMmioSlot {
    uint64_t base, bytes;
    /* Its line, as in kernel/irq/irq.h; -1 when nobody knows it (mmio_irq.c). */
    int line;
    IrqWiring wiring;
    /* The number of a slot that was found by scanning; -1 for others. */
    int number;
} QVirtioMmioSlot;

/* An interrupt counter, and the bits of InterruptStatus that count for it. */
typedef struct QVirtioMmioRoute {
    QVirtioIrq *irq;
    uint32_t causes;
} QVirtioMmioRoute;

/* The config is the first source; the queues follow. */
#define QVIRTIO_MMIO_SOURCES (QVIRTIO_MAX_QUEUES + 1)

typedef struct QVirtioMmio {
    QVirtioDevice dev;
    /* The next device, in the order of addresses. */
    struct QVirtioMmio *next;
    QVirtioMmioSlot slot;
    uint32_t version;
    IoWindow registers, config;
    /* How many words of features have bits of their own. */
    uint32_t feature_words;

    /* Why the line could not be attached, when it could not. */
    const char *why_no_irq;
    bool is_irq_on;
    /* How many interrupts in a row came with InterruptStatus 0. */
    uint32_t idle_interrupts;
    /* All bits that InterruptStatus had in this life. */
    uint32_t causes_seen;
    /* The counter of a source, by source + 1. */
    QVirtioIrq *irq_of[QVIRTIO_MMIO_SOURCES];
    QVirtioMmioRoute route[QVIRTIO_MMIO_SOURCES];
    /* How many entries of these arrays are in use, at most. */
    int sources_used, routes_used;
} QVirtioMmio;

static inline QVirtioMmio *qvirtio_mmio(const QVirtioDevice *d)
{
    return d->bus_data;
}

static inline uint32_t qvirtio_mmio_read(const QVirtioDevice *d, uint32_t at)
{
    return io_read32(&qvirtio_mmio(d)->registers, at);
}

static inline void qvirtio_mmio_write(const QVirtioDevice *d, uint32_t at, uint32_t value)
{
    io_write32(&qvirtio_mmio(d)->registers, at, value);
}

/* Selects a queue. No register of a queue is touched before that. */
static inline void qvirtio_mmio_select(const QVirtioDevice *d, uint16_t index)
{
    qvirtio_mmio_write(d, VIRTIO_MMIO_QUEUE_SEL, index);
}

/* ---- Finding devices: mmio_find*.c, mmio_word.c ---- */

typedef void QVirtioNote(const char *line);

/* Calls found() for each device of this version, in the order of their addresses. */
void qvirtio_mmio_foreach(const QVirtioBus *bus, uint32_t version,
                          void (*found)(QVirtioDevice *d, void *data), void *data,
                          QVirtioNote *note);

/* The methods of finding devices. Each calls qvirtio_mmio_look_at() for every place that
 * it names. The first two return false when the machine does not have the method's source
 * at all. */
bool qvirtio_mmio_find_acpi(QVirtioNote *note);
bool qvirtio_mmio_find_words(QVirtioNote *note);
void qvirtio_mmio_find_scan(QVirtioNote *note);
/* Adds the device at this place, if there is one that can be used; else calls note(). */
void qvirtio_mmio_look_at(const QVirtioMmioSlot *slot, QVirtioNote *note);

/*
 * Reads the value of a virtio_mmio.device= word, SIZE@BASE:IRQ[:ID], as Linux does:
 * numbers are decimal or begin with 0x, and SIZE may have K, M or G behind it. Returns
 * NULL, or what is wrong with the word. Touches nothing.
 */
const char *qvirtio_mmio_word(const char *text, QVirtioMmioSlot *slot);

/* ---- Operations that both versions have: mmio.c ---- */

int qvirtio_mmio_get_status(QVirtioDevice *d, uint8_t *status);
int qvirtio_mmio_set_status(QVirtioDevice *d, uint8_t status);
int qvirtio_mmio_reset(QVirtioDevice *d);
int qvirtio_mmio_queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size);
void qvirtio_mmio_notify(QVirtioDevice *d, const QVirtQueue *vq);
int qvirtio_mmio_get_config(QVirtioDevice *d, size_t off, void *to, size_t width);
int qvirtio_mmio_set_config(QVirtioDevice *d, size_t off, const void *from, size_t width);
int qvirtio_mmio_config_bytes(QVirtioDevice *d, size_t *bytes);

#define QVIRTIO_MMIO_COMMON                                                       \
    .get_status = qvirtio_mmio_get_status, .set_status = qvirtio_mmio_set_status, \
    .queue_max = qvirtio_mmio_queue_max, .notify = qvirtio_mmio_notify,           \
    .irq_bind = qvirtio_mmio_irq_bind, .irq_release = qvirtio_mmio_irq_release,   \
    .query_isr = qvirtio_mmio_query_isr, .get_config = qvirtio_mmio_get_config,   \
    .set_config = qvirtio_mmio_set_config, .config_bytes = qvirtio_mmio_config_bytes

/* ---- Interrupts: mmio_irq.c ---- */

int qvirtio_mmio_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void qvirtio_mmio_irq_release(QVirtioDevice *d);
int qvirtio_mmio_query_isr(QVirtioDevice *d, uint32_t *causes);

#endif
