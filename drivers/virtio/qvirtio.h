/* SPDX-License-Identifier: MIT */
/*
 * For who uses a device (tests, above all): finding devices, their life, features,
 * config space, interrupts, starting them, and their ping. It is the libqos virtio
 * API, moved into a guest; a name of the 2014 RFC is kept where it has one. Queues are
 * in qvirtqueue.h.
 *
 * Who implements a bus reads bus.h; who writes a driver reads driver.h. Policy
 * (negotiation, adding a status bit, the generation loop of the config space) is
 * written once, behind the functions here.
 *
 * Unless a comment says otherwise, a function returns 0 or a negative QVirtioError and
 * prints nothing.
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
 * The counter of one interrupt source. It belongs to the queue or device whose source it
 * counts. The interrupt handler writes count and causes, so everybody else reads them as
 * volatile.
 */
typedef struct QVirtioIrq {
    /* How many interrupts were delivered for this source. */
    volatile uint32_t count;
    /* All causes that the handler has read for it (INTx, MMIO), or-ed together. */
    volatile uint32_t causes;
    /* What the bus calls it: an entry of the MSI-X table, or VIRTIO_MSI_NO_VECTOR. */
    uint16_t vector;
    /* The vector of kernel/irq/irq.h, or -1 where the interrupt comes by a line. */
    int cpu_vector;
    /* The bus routes a source to it. */
    bool is_bound;
} QVirtioIrq;

/* The source that stands for the configuration; others are queue indices. */
#define QVIRTIO_IRQ_CONFIG (-1)

/* Causes, as in the ISR status of PCI and the InterruptStatus of MMIO. */
#define QVIRTIO_CAUSE_QUEUE  1u
#define QVIRTIO_CAUSE_CONFIG 2u

/* How a device shall interrupt. MMIO has one way only, whatever is asked for. */
typedef enum {
    /* MSI-X where the device has it, else INTx; on CCW adapter indicators, else classic
     * ones. */
    QVIRTIO_IRQ_BEST,
    QVIRTIO_IRQ_MSIX,
    /* On CCW: classic indicators. */
    QVIRTIO_IRQ_INTX,
    /* Nothing is routed: the driver polls. */
    QVIRTIO_IRQ_NONE,
} QVirtioIrqMode;

/* 2.6: "Every driver and device supports either the Packed or the Split Virtqueue format,
 * or both." */
typedef enum {
    QVIRTIO_FORMATS_UNKNOWN,
    /* Split rings are accepted, and packed ones where RING_PACKED is on offer. */
    QVIRTIO_FORMATS_SPLIT,
    QVIRTIO_FORMATS_PACKED_ONLY,
} QVirtioFormats;

#define QVIRTIO_MAX_QUEUES 64

struct QVirtioDevice {
    /* ---- Set by the bus ---- */
    const QVirtioBus *bus;
    /* The type of the device (5), for instance VIRTIO_ID_BLOCK. */
    uint16_t device_id;
    /* Its number among the devices of this type on this bus, in bus order, from 0. */
    int index;
    /* Where it is, as its bus says that: "00:03.0". */
    char where[24];
    /* The bus's own. */
    void *bus_data;
    /* Its status cannot be read: get_status returns what was written. */
    bool is_mute;
    /* Why it cannot be driven, as far as the bus knows (what it must have is not there),
     * or as its first reset has shown; else NULL. */
    const char *why_left_out;
    /* It was left out because of that reset. */
    bool is_deaf_to_reset;

    /* ---- Set by qvirtio_devices_init() ---- */
    /* The driver of this type; NULL for a type that has none. */
    const QVirtioDriver *driver;
    /* The features that it offered at boot. */
    QVirtioFeatures offered;
    /* Its name in ids: "pci.blk.0". */
    char name[40];

    /* ---- Of the current life: cleared by qvirtio_reset() ---- */
    QVirtioFeatures negotiated;
    /* qvirtio_begin() was called since the last reset. */
    bool is_awake;
    /* FEATURES_OK held; on a legacy interface: the features were written. */
    bool is_negotiated;
    /* Open queues, by their index. */
    QVirtQueue *vq[QVIRTIO_MAX_QUEUES];
    QVirtioIrq config_irq;
    /* The driver's own; it lies in the arena, which is emptied after each test. */
    void *driver_data;

    /* ---- Kept from life to life ---- */
    /* The set of features that the device did not accept last. */
    QVirtioFeatures refused;
    /* Whether its virtqueues are packed ones only (formats.c). */
    QVirtioFormats formats;

    /* ---- Policy of the current test ---- */
    /* Set before queues are opened; a reset keeps it. */
    QVirtioIrqMode irq_mode;
};

/* ---- Finding devices ---- */

/* Finds the devices of all buses, reads what they offer, and leaves them reset. Called
 * once at boot. note() gets one line for each thing that cannot be used. */
void qvirtio_devices_init(void (*note)(const char *line));
/* Returns the device of this number, or NULL past the end. */
QVirtioDevice *qvirtio_device(unsigned n);
/* Returns the nth device that was found and cannot be driven, or NULL past the end. None
 * of its operations may be called. */
QVirtioDevice *qvirtio_device_left_out(unsigned n);
/* Prepares one device that a bus found later; it does not join the others. */
int qvirtio_device_adopt(QVirtioDevice *d);
/* Calls func() for each device of a type on all buses; device_id 0 means every type. */
void qvirtio_device_foreach(uint16_t device_id,
                            void (*func)(QVirtioDevice *d, void *data), void *data);
/* Returns the device with this bus, type and index, or NULL. */
QVirtioDevice *qvirtio_device_find(const char *bus_name, uint16_t device_id, int index);
/* Returns the name that ids have for a type: its driver's ("blk"), or "id-N", written to
 * `to`, for a type without a driver. */
const char *qvirtio_type_name(uint16_t device_id, char *to, size_t bytes);

/* ---- Life (3.1.1) ---- */

/* Resets the device, and forgets the queues, features and interrupt routes of this life.
 */
int qvirtio_reset(QVirtioDevice *d);
/* Sets status bits on top of those that are set, and clears none (2.1.1). */
int qvirtio_add_status(QVirtioDevice *d, uint8_t bits);
/* Returns false when one of the bits is clear, or the status cannot be read. */
bool qvirtio_has_status(QVirtioDevice *d, uint8_t bits);
/* Does steps 1 to 3: reset, ACKNOWLEDGE, DRIVER. */
int qvirtio_begin(QVirtioDevice *d);
/* Reads what the device offers now; the first half of step 4. */
int qvirtio_read_features(QVirtioDevice *d, QVirtioFeatures *offered);
/* Does steps 4 to 6: writes the features, sets FEATURES_OK and reads it back. Returns
 * -QVIRTIO_NOT_ACCEPTED when the bit did not hold. On a legacy interface it only writes.
 */
int qvirtio_negotiate(QVirtioDevice *d, const QVirtioFeatures *wanted);
/* Does step 8. */
int qvirtio_driver_ok(QVirtioDevice *d);
/* Returns true when the feature was accepted in this life. */
bool qvirtio_negotiated(const QVirtioDevice *d, unsigned bit);
/* Returns true when the device offered the feature at boot. */
bool qvirtio_offers(const QVirtioDevice *d, unsigned bit);
/* Returns true when the specification reserves the feature on the device's bus. */
bool qvirtio_reserves(const QVirtioDevice *d, unsigned bit);
/* Returns true when the device is driven through its legacy interface (7.4). */
bool qvirtio_is_legacy(const QVirtioDevice *d);

/* ---- Config space (2.5) ---- */

/* Read or write one field at its natural width of 1, 2, 4 or 8 bytes. The value is in CPU
 * order. A field of 8 bytes is read in a generation loop (2.5.1); reading returns
 * -QVIRTIO_BROKEN when the generation never stays the same. */
int qvirtio_config_read(QVirtioDevice *d, size_t off, size_t width, uint64_t *value);
int qvirtio_config_write(QVirtioDevice *d, size_t off, size_t width, uint64_t value);
/* Reads bytes as on the wire, each field at its natural width, in a generation loop, so
 * that they belong together. Returns -QVIRTIO_BROKEN when the generation never stays the
 * same. */
int qvirtio_config_snapshot(QVirtioDevice *d, size_t off, void *to, size_t bytes);

/* ---- Interrupts ---- */

/* Routes the interrupt of the configuration to d->config_irq, as d->irq_mode says. */
int qvirtio_config_irq_open(QVirtioDevice *d);

/* ---- Waiting ---- */

/* Waits until is_done(arg) is true. When d is a software device, all software devices run
 * meanwhile. Returns -QVIRTIO_TIMEOUT when timeout_ns (nanoseconds) have passed before; 0
 * stands for the bound that the word timeout_ms= sets. `what` names the wait in reports;
 * it must stay valid, so it is a literal. */
int qvirtio_wait(QVirtioDevice *d, const char *what, bool (*is_done)(void *arg),
                 void *arg, uint64_t timeout_ns);

/* Waits in the same way for something that comes only from a device that serves its
 * queues. Returns -QVIRTIO_NEEDS_RESET as soon as the device asks for a reset (2.1.2). */
int qvirtio_wait_served(QVirtioDevice *d, const char *what, bool (*is_done)(void *arg),
                        void *arg);

/* Runs the software devices once; other devices run by themselves. Called before a test
 * asserts that nothing happened, where there is nothing to wait for. */
void qvirtio_poll(QVirtioDevice *d);

/* ---- Names ---- */

/* Returns the name of a feature bit without its prefix, like "VERSION_1" or "RO"; NULL
 * for a bit that nobody has defined. */
const char *qvirtio_feature_name(const QVirtioDevice *d, unsigned bit);
/* Writes " +VERSION_1 +RING_PACKED ..." to `to`. */
void qvirtio_features_format(const QVirtioDevice *d, const QVirtioFeatures *f, char *to,
                             size_t bytes);

/* ---- Work ---- */

/*
 * Returns the features that every life accepts. These are VERSION_1, and of those on
 * offer ACCESS_PLATFORM, ORDER_PLATFORM and what the driver's `accepts` lists: without
 * them a device may refuse to work (6.1, 6.2). On a legacy interface it is ANY_LAYOUT,
 * if that is on offer (6.3).
 */
QVirtioFeatures qvirtio_baseline(const QVirtioDevice *d);
/* Returns true when the device has packed virtqueues only. The first call asks the device
 * by negotiating, and resets it; so it is made where no life goes on. */
bool qvirtio_is_packed_only(QVirtioDevice *d);
/* Returns the plainest ring format that the device has. */
const QVirtioRing *qvirtio_plain_ring(QVirtioDevice *d);
/* Starts a device for work: resets it, negotiates `wanted` with the baseline and the ring
 * format's own bits, opens all its queues in this format, routes its interrupts, sets
 * DRIVER_OK, and lets the driver prepare. `wanted` may be NULL. Returns
 * -QVIRTIO_UNSUPPORTED when one of these features is not on offer. */
int qvirtio_start(QVirtioDevice *d, const QVirtioFeatures *wanted,
                  const QVirtioRing *ring);
/* The two halves of qvirtio_start(), for callers that do something in between. The first
 * goes as far as the open queues, which have queue_size entries; 0 means as many as the
 * device offers. The second routes the config interrupt, sets DRIVER_OK and lets the
 * driver prepare. */
int qvirtio_start_queues(QVirtioDevice *d, const QVirtioFeatures *wanted,
                         const QVirtioRing *ring, uint16_t queue_size);
int qvirtio_start_finish(QVirtioDevice *d, const QVirtioRing *ring);
/* Opens each queue that exists with the features negotiated now, and the administration
 * virtqueues. The queue `but` stays closed; -1 means none. size 0 means as many entries
 * as the device offers. */
int qvirtio_open_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size,
                        int but);
/* Lets the driver undo what it did to others (a partner), and resets the device. */
int qvirtio_stop(QVirtioDevice *d);

/* Returns NULL when the device can be pinged, else the text of a SKIP. The text stays
 * valid until the next call. */
const char *qvirtio_why_no_ping(QVirtioDevice *d);
/* Makes ping `number`, sends it, waits for it and checks the answer. *why is NULL, or
 * says what was wrong with an answer that came; then the function returns 0 as well. */
int qvirtio_ping(QVirtioDevice *d, uint32_t number, const char **why);

#endif
