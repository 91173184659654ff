/* SPDX-License-Identifier: MIT */
/*
 * The libqos virtio API, for a guest that is really there: devices, their life, features,
 * config space and interrupts over any bus. The names are those of the 2014 RFC where it
 * has one; see docs in DESIGN order: a bus is a `static const QVirtioBus` whose
 * operations are things the specification names; everything that is policy (negotiation,
 * adding a status bit, the config generation loop) is written once, here above them.
 *
 * Unless a comment says otherwise functions return 0 or a negative QVirtioError, and
 * print nothing.
 */
#ifndef QVIRTIO_H
#define QVIRTIO_H

#include "drivers/virtio/qvirtio_types.h"
#include "drivers/virtio/spec/virtio_config.h"
#include "kernel/wait.h"

typedef struct QVirtioBus QVirtioBus;
typedef struct QVirtioDevice QVirtioDevice;
typedef struct QVirtQueue QVirtQueue;
typedef struct QVirtioDriver QVirtioDriver;
typedef struct QVirtioRing QVirtioRing;

/*
 * One interrupt source's counter. Owned by the queue or the device it belongs to; count
 * and causes are written by the interrupt handler only, so they are read as volatile.
 */
typedef struct QVirtioIrq {
    volatile uint32_t count; /* interrupts delivered for this source */
    volatile uint32_t
        causes; /* OR of the causes query_isr gave the handler (INTx, MMIO) */
    uint16_t
        vector;     /* bus's name for it: MSI-X table entry; VIRTIO_MSI_NO_VECTOR: none */
    int cpu_vector; /* irq.h vector, or -1 (INTx: the line's) */
    bool is_bound;
} QVirtioIrq;

/* What an interrupt is bound to: a queue index, or the configuration. */
#define QVIRTIO_IRQ_CONFIG (-1)

/* Causes, as in the ISR status of PCI and the InterruptStatus of MMIO. */
#define QVIRTIO_CAUSE_QUEUE  1u
#define QVIRTIO_CAUSE_CONFIG 2u

typedef enum {
    QVIRTIO_IRQ_BEST, /* MSI-X where the device has it, else INTx; adapter indicators,
                         else classic ones (CCW); MMIO has one way only */
    QVIRTIO_IRQ_MSIX,
    QVIRTIO_IRQ_INTX, /* CCW: classic indicators */
    QVIRTIO_IRQ_NONE, /* polled: nothing is routed */
} QVirtioIrqMode;

#define QVIRTIO_MAX_QUEUES 64

struct QVirtioDevice {
    /* Set by the bus. */
    const QVirtioBus *bus;
    uint16_t device_id; /* virtio device type (5), e.g. VIRTIO_ID_BLOCK */
    int index;          /* among the machine's devices of this type, in bus order */
    char where[24];     /* "00:03.0" */
    void *bus_data;     /* private to the bus */
    bool is_mute;       /* its status cannot be read: get_status says what was written */

    /* Set by qvirtio_devices_init(). */
    const QVirtioDriver
        *driver; /* requests and ping of this type; NULL for a type we do not know */
    /* Queues, as a mask, on which used lengths beyond the writable bytes are cut
     * (QVirtioDriver.loose_len). */
    uint64_t loose_len;
    QVirtioFeatures offered; /* as read at boot */
    char name[40];           /* "pci.blk.0" */

    /* Of the current life: cleared by qvirtio_reset(). */
    QVirtioFeatures negotiated;
    bool is_awake;      /* begun and not reset since */
    bool is_negotiated; /* FEATURES_OK held (modern), or the features were written
                           (legacy) */
    QVirtQueue *vq[QVIRTIO_MAX_QUEUES]; /* open queues by index */
    QVirtioIrq config_irq;
    void *driver_data; /* private to the driver; from the arena */

    /* Policy of the current test, set before queues are opened; reset keeps it. */
    QVirtioIrqMode irq_mode;
};

/* Finds all devices on all buses (once, at boot), reads their offered features and leaves
 * them reset. */
void qvirtio_devices_init(void (*note)(const char *line));
QVirtioDevice *qvirtio_device(unsigned n); /* NULL past the end */
/* The same for one device that a bus found later; it does not join the others. */
int qvirtio_device_adopt(QVirtioDevice *d);
/* The RFC's two, over all buses. device_id 0: every type. */
void qvirtio_device_foreach(uint16_t device_id,
                            void (*func)(QVirtioDevice *d, void *data), void *data);
QVirtioDevice *qvirtio_device_find(const char *bus_name, uint16_t device_id, int index);
/* "blk", or "id-N" for a type that has no name (DESIGN.md, serial line). */
const char *qvirtio_type_name(uint16_t device_id, char *to, size_t bytes);

/* ---- Life (3.1.1) ---- */

/* Resets the device and forgets queues, features and interrupt routes of this life. */
int qvirtio_reset(QVirtioDevice *d);
/* Sets bits on top of those that are set, never clearing one (2.1.1); checks nothing. */
int qvirtio_add_status(QVirtioDevice *d, uint8_t bits);
/* False when the bit is clear or the status cannot be read. */
bool qvirtio_has_status(QVirtioDevice *d, uint8_t bits);
/* Steps 1 to 3: reset, ACKNOWLEDGE, DRIVER. */
int qvirtio_begin(QVirtioDevice *d);
/* Step 4, read what is on offer now. */
int qvirtio_read_features(QVirtioDevice *d, QVirtioFeatures *offered);
/* Steps 4 to 6: write, FEATURES_OK, re-read; -REFUSED when it did not hold. Legacy: write
 * only. */
int qvirtio_negotiate(QVirtioDevice *d, const QVirtioFeatures *wanted);
/* Step 8. */
int qvirtio_driver_ok(QVirtioDevice *d);
bool qvirtio_negotiated(const QVirtioDevice *d, unsigned bit);
bool qvirtio_offers(const QVirtioDevice *d, unsigned bit);

/* The specification reserves the feature on this bus. */
bool qvirtio_reserves(const QVirtioDevice *d, unsigned bit);

/* Returns true when the device is driven through its legacy interface (7.4). */
bool qvirtio_is_legacy(const QVirtioDevice *d);

/* ---- Config space (2.5) ---- */

/* One field at its natural width; the value is in CPU order. width 1, 2, 4 or 8.
 * Generation loop included for 8. */
int qvirtio_config_read(QVirtioDevice *d, size_t off, size_t width, uint64_t *value);
int qvirtio_config_write(QVirtioDevice *d, size_t off, size_t width, uint64_t value);
/* Reads bytes one by one inside a generation loop: a consistent snapshot. */
int qvirtio_config_snapshot(QVirtioDevice *d, size_t off, void *to, size_t bytes);

/* ---- Interrupts ---- */

/* Routes the config interrupt to d->config_irq by d->irq_mode. */
int qvirtio_config_irq_open(QVirtioDevice *d);

/* ---- Waiting ---- */

/* wait_for() with the bus's poll hook. what must stay valid (a literal). */
int qvirtio_wait(QVirtioDevice *d, const char *what, bool (*is_done)(void *arg),
                 void *arg, uint64_t timeout_ns);

/* Runs a software device once; does nothing to others, which run by themselves. For use
 * before a test asserts that nothing happened: a wait runs the device as well. */
void qvirtio_poll(QVirtioDevice *d);

/* ---- Names ---- */

/* "VERSION_1", "BLK_F_RO" style without prefix; NULL for a bit nobody has defined. */
const char *qvirtio_feature_name(const QVirtioDevice *d, unsigned bit);
/* " +VERSION_1 +RING_PACKED ..." */
void qvirtio_features_format(const QVirtioDevice *d, const QVirtioFeatures *f, char *to,
                             size_t bytes);

/* ---- Work ---- */

/*
 * What every life accepts: VERSION_1; where offered ACCESS_PLATFORM, ORDER_PLATFORM and
 * what the driver says it accepts, without which a device may refuse to work (6.1, 6.2).
 * Legacy: ANY_LAYOUT (6.3).
 */
QVirtioFeatures qvirtio_baseline(const QVirtioDevice *d);
/* Opens each queue that exists with the features negotiated now, but for `but` (-1: all),
 * and administration virtqueues (device/admin.h); size 0: the device's own. */
int qvirtio_open_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size,
                        int but);
/*
 * Starts a device for work: reset, negotiate `wanted` (the baseline and the format's bits
 * are added), open all its queues in `ring`, config
 * interrupt, DRIVER_OK, driver->open.
 */
int qvirtio_start(QVirtioDevice *d, const QVirtioFeatures *wanted,
                  const QVirtioRing *ring);
/* The same without DRIVER_OK and open; qvirtio_start_finish() does the rest. queue_size
 * 0: the device's own. */
int qvirtio_start_queues(QVirtioDevice *d, const QVirtioFeatures *wanted,
                         const QVirtioRing *ring, uint16_t queue_size);
int qvirtio_start_finish(QVirtioDevice *d, const QVirtioRing *ring);
/* driver->close, then reset. */
int qvirtio_stop(QVirtioDevice *d);

/* Makes one ping, submits it as one out and one in buffer, waits, checks. why: what was
 * wrong, or NULL. */
int qvirtio_ping(QVirtioDevice *d, uint32_t number, const char **why);

#endif
