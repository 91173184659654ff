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

struct QVirtioBus {
    const char *name; /* as in test ids: "pci", "pci-legacy", "mmio" ... */
    bool is_legacy;   /* guest-endian, no FEATURES_OK, page-frame queues (7.4, "legacy
                         interface") */

    const uint8_t *reserved; /* FEATURES(...) that nobody is to accept on this bus; NULL:
                                none */

    /* Status (2.1). set_status writes the byte as given; nothing is OR-ed in. */
    int (*get_status)(QVirtioDevice *d, uint8_t *status);
    int (*set_status)(QVirtioDevice *d, uint8_t status);
    /* Requests a reset and returns when the device says that it is complete, or
     * -QVIRTIO_TIMEOUT (2.4). */
    int (*reset)(QVirtioDevice *d);

    /* Features by word of 32 bits (2.2); a word the bus cannot carry: reads 0, writing
     * nonzero is -UNSUPPORTED. */
    int (*get_features)(QVirtioDevice *d, uint32_t word, uint32_t *bits);
    int (*set_features)(QVirtioDevice *d, uint32_t word, uint32_t bits);

    /* Queues (2.6). queue_max: 0 means that the queue does not exist. */
    int (*queue_max)(QVirtioDevice *d, uint16_t index, uint16_t *size);
    /* Tells the device size and areas, binds vq->irq if it is bound, and enables the
     * queue. */
    int (*queue_enable)(QVirtioDevice *d, const QVirtQueue *vq);
    int (*queue_enabled)(QVirtioDevice *d, uint16_t index, bool *enabled);
    /* Resets one queue (2.6.1) and returns when that is complete. */
    int (*queue_reset)(QVirtioDevice *d, uint16_t index);
    /* Administration virtqueues (2.13) of a device that accepted VIRTIO_F_ADMIN_VQ: the
     * index of the first, and how many. NULL: the bus has no such thing. */
    int (*admin_queues)(QVirtioDevice *d, uint16_t *first, uint16_t *count);
    /* The SR-IOV group that the device owns (2.12): NumVFs, 0 while VF Enable is clear,
     * and a virtual function of it by its number, from 1, as a device of its own; NULL:
     * it is not driven here. Either may be NULL. */
    int (*sriov_vfs)(QVirtioDevice *d, uint16_t *vfs);
    QVirtioDevice *(*sriov_member)(QVirtioDevice *d, uint16_t vf);
    /* A kick: tells the device to look at the queue. data: see VIRTIO_F_NOTIFICATION_DATA
     * (2.9); else the index. */
    void (*notify)(QVirtioDevice *d, const QVirtQueue *vq);

    /*
     * Interrupts. irq_bind routes a source to irq (or to nothing: irq NULL); two sources
     * may be given the same irq. It reads the binding back: -REFUSED when the device did
     * not take it.
     */
    int (*irq_bind)(QVirtioDevice *d, int source, QVirtioIrq *irq);
    /* Takes every route down; reset does not. */
    void (*irq_release)(QVirtioDevice *d);
    /* Reads the causes. On PCI reading clears them and lowers INTx; on MMIO they stay
     * until irq_ack. */
    int (*query_isr)(QVirtioDevice *d, uint32_t *causes);
    int (*irq_ack)(QVirtioDevice *d, uint32_t causes); /* nothing to do on PCI */

    /* Config space (2.5), at the field's natural width: 1, 2, 4 or 8 bytes (8 is two
     * accesses where the bus says so). Bytes as on the wire. */
    int (*get_config)(QVirtioDevice *d, size_t off, void *to, size_t width);
    int (*set_config)(QVirtioDevice *d, size_t off, const void *from, size_t width);
    /* How many bytes of config space the bus can reach; 0 when there is none. */
    int (*config_bytes)(QVirtioDevice *d, size_t *bytes);
    int (*config_generation)(QVirtioDevice *d,
                             uint32_t *generation); /* -UNSUPPORTED: the bus has none */

    /* Shared memory regions (2.10). */
    int (*shm_region)(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

    /* Called between looks of every wait on this device; may be NULL. The soft device
     * runs here. */
    void (*poll)(QVirtioDevice *d);

    /* Truths about its devices that the bus has itself, in place of the word know=; NULL:
     * only the host has them. Valid until the next call. */
    const char *(*know)(const QVirtioDevice *d, const char *field);

    /* Does to its device what a host would do, in place of one: see tests/harness/host.h.
     * The answer's value is a text. -UNSUPPORTED: it has no such action. NULL: only a
     * host can. "restore": undoes all that was done. */
    int (*host)(QVirtioDevice *d, const char *action, const char *args, char *value,
                size_t bytes);

    /*
     * Finds the bus's devices, in a stable order, and calls found() once for each.
     * device_id 0: all. note() gets one line for each thing found that is not usable (a
     * bad capability, an unknown version); the search goes on.
     */
    void (*device_foreach)(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           void (*note)(const char *line));
};

/* Of a bus that has no such thing: -UNSUPPORTED. */
int qvirtio_no_queue_reset(QVirtioDevice *d, uint16_t index);
int qvirtio_no_config_generation(QVirtioDevice *d, uint32_t *generation);
int qvirtio_no_shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

/* A bus puts a pointer to its table in section .buses with this: nobody keeps a list of
 * buses. */
#define QVIRTIO_BUS(id, ...)                    \
    static const QVirtioBus id = {__VA_ARGS__}; \
    static const QVirtioBus *const id##_at      \
        __attribute__((used, section(".buses." #id))) = &id

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

static inline bool qvirtio_is_legacy(const QVirtioDevice *d)
{
    return d->bus->is_legacy;
}

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

/* Gives a device that runs in the poll hook its occasion, where something must not happen
 * and nothing is waited for. Others run by themselves. */
static inline void qvirtio_poll(QVirtioDevice *d)
{
    if (d->bus->poll) {
        d->bus->poll(d);
    }
}

/*
 * For buses on which a write of 0 to the status requests the reset, and a read of 0 says
 * that it is complete (4.1.4.3.2, 4.2.2.2). what: the wait's name, a literal.
 */
int qvirtio_reset_by_status(QVirtioDevice *d, const char *what);

/* ---- Names ---- */

/* "VERSION_1", "BLK_F_RO" style without prefix; NULL for a bit nobody has defined. */
const char *qvirtio_feature_name(const QVirtioDevice *d, unsigned bit);
/* " +VERSION_1 +RING_PACKED ..." */
void qvirtio_features_format(const QVirtioDevice *d, const QVirtioFeatures *f, char *to,
                             size_t bytes);

#endif
