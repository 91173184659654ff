/* SPDX-License-Identifier: MIT */
/*
 * For who writes a software device, on the bus `soft`. What all of them have in common
 * (status, features, queues, interrupts, config space) is in soft.c; what a type does
 * with its requests is in its SoftModel, in a folder of its own.
 *
 * A device runs only from the poll operation of the bus, between the driver's calls and
 * never inside one. A kick only marks the queue.
 */
#ifndef SOFT_H
#define SOFT_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "drivers/virtio/soft/side/side.h"

#define SOFT_QUEUES       66
#define SOFT_CONFIG_BYTES 256

typedef struct SoftDevice SoftDevice;
/* In admin.h. */
typedef struct SoftAdminKind SoftAdminKind;
typedef struct SoftAdmin SoftAdmin;

/* What one device type does. */
typedef struct SoftModel {
    uint16_t device_id;
    /* How many devices of the type there are. */
    uint8_t count;
    /* How many queues each device has. */
    uint8_t queues;
    /* How many of these queues, the last ones, are for administration. */
    uint8_t admin_queues;
    /* A mask of queues on which the used length is all that tells how long the answer is:
     * received packets, random bytes. */
    uint64_t len_is_content;
    /* What the first device can do as the owner of groups; NULL: nothing. */
    const SoftAdminKind *admin;
    /* FEATURES(...) of the type that the device offers. */
    const uint8_t *features;
    uint8_t config_bytes;
    /* Called once, at boot: fills the config space, takes memory, and takes away what
     * this one device lacks. */
    void (*init)(SoftDevice *s);
    /* Called when the device is reset. May be NULL. */
    void (*reset)(SoftDevice *s);
    /* Returns true when the device can work with s->accepted, which is legal otherwise.
     * NULL: it always can. */
    bool (*accepts)(const SoftDevice *s);
    /* Called when FEATURES_OK holds for s->accepted. May be NULL. */
    void (*negotiated)(SoftDevice *s);
    /* Called when a queue of it is reset (2.6.1). May be NULL. */
    void (*queue_reset)(SoftDevice *s, uint16_t queue);
    /* Called when the queue may have requests; takes them until there are none. */
    void (*run)(SoftDevice *s, uint16_t queue);
    /* Called when the driver writes config space. Returns false when that is no field
     * that it may write. May be NULL. */
    bool (*write_config)(SoftDevice *s, size_t off, const void *from, size_t width);
    /* Gives shared memory region `id` (2.10). Returns false when there is none. May be
     * NULL. */
    bool (*shm_region)(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes);
    /* Does what the hand is asked to do to this device (tests/harness/hand.h). Returns
     * false when it knows no such action. "restore" undoes everything. May be NULL. */
    bool (*act)(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes);
    /* Returns the truth about a field, which know= would tell of a real device, or NULL.
     * May be NULL. */
    const char *(*truth)(const SoftDevice *s, const char *field);
} SoftModel;

typedef struct SoftQueue {
    QVirtQueueSide side;
    bool is_enabled;
    /* There may be something to do. */
    bool has_kick;
    /* The driver has kicked it since it ran. */
    bool was_notified;
    /* Where its interrupts go, or NULL. */
    QVirtioIrq *irq;
    /* Used by faults: its size and position before it was reset. */
    uint16_t old_size, old_used;
} SoftQueue;

struct SoftDevice {
    QVirtioDevice dev;
    const SoftModel *model;
    uint8_t status;
    /* The reset that runs now ends a life: the status was not 0. */
    bool had_life;
    /* Its driver reaches it through a legacy interface: by commands to its group's owner
     * (admin_legacy.c), or by modelled registers. */
    bool is_legacy;
    /* Its driver reaches it through modelled registers (tests/self/soft); then it has no
     * virtual functions. */
    bool is_modelled;
    /* With a manner: how often its status will still show that of before the reset. */
    uint8_t reset_reads, reset_status;
    /* The owner of its group has stopped it (2.12.1.4). */
    bool is_stopped;
    /* Queues that it has beside those of its model. */
    uint16_t more_queues;
    /* What it has as the owner of groups; NULL when it owns none. */
    SoftAdmin *admin;
    QVirtioFeatures offered, accepted;
    /* The causes that no vector took; query_isr reads them. */
    uint32_t isr;
    uint32_t generation;
    /* The configuration changed while the device was suspended: config_news is what it
     * shows, and tells, when it is resumed. */
    bool has_config_news;
    uint8_t config_news[SOFT_CONFIG_BYTES];
    SoftQueue queue[SOFT_QUEUES];
    QVirtioIrq *config_irq;
    uint8_t config[SOFT_CONFIG_BYTES];
    /* The model's own. */
    void *data;

    /* Used by faults: a queue that it should have forgotten, and that queue's index; the
     * sets of features that it took in earlier lives; whether it took a set that it
     * cannot work with. */
    SoftQueue ghost;
    uint16_t ghost_index;
    QVirtioFeatures taken[2];
    bool is_unfit;
    /* How many runs of this life found nothing to do. */
    unsigned idle_runs;
    /* It will use its last buffer once more. */
    bool owes_one;
};

/* Adds what every software device offers to the features of its type, and what the chosen
 * fault changes. */
void soft_offer(SoftDevice *s);

/* Defines a model, and puts a pointer to it into section .softs: nobody keeps a list of
 * models. */
#define SOFT_MODEL(id, ...)                    \
    static const SoftModel id = {__VA_ARGS__}; \
    static const SoftModel *const id##_at      \
        __attribute__((used, section(".softs." #id))) = &id

/* Returns the software device of this type with this index, or NULL. */
SoftDevice *soft_find(uint16_t device_id, int index);

/* Returns true when the driver accepted the feature. */
static inline bool soft_negotiated(const SoftDevice *s, unsigned bit)
{
    return qvirtio_features_has(&s->accepted, bit);
}

/* Returns the IOMMU in front of the device, which the device uses when
 * VIRTIO_F_ACCESS_PLATFORM was accepted; NULL when there is none (iommu/dma.c). */
const QVirtDma *soft_dma(const SoftDevice *s);

/* Returns how many virtqueues there can be in any life. */
static inline uint16_t soft_all_queues(const SoftDevice *s)
{
    return s->model->queues + s->more_queues;
}

/* Returns how many virtqueues are not for administration. */
static inline uint16_t soft_ordinary(const SoftDevice *s)
{
    return soft_all_queues(s) - s->model->admin_queues;
}

/* Returns how many virtqueues there are in this life. */
static inline uint16_t soft_queue_count(const SoftDevice *s)
{
    return soft_negotiated(s, VIRTIO_F_ADMIN_VQ) ? soft_all_queues(s) : soft_ordinary(s);
}

/* Returns true when DRIVER_OK is set and nothing keeps the device from working. */
/* Returns how many entries a queue of the device may have. */
uint16_t soft_queue_most(const SoftDevice *s, uint16_t index);
bool soft_is_live(const SoftDevice *s);

/* Returns the next request of a queue. Returns NULL when there is none, or when the queue
 * is broken; then the device asks for a reset. The element is valid until the next call.
 */
QVirtQueueElement *soft_pop(SoftDevice *s, uint16_t queue);
/* Hands a request back, with len bytes written. */
void soft_push(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e, uint32_t len);
/* Makes the device look at the queue when the devices run next. */
void soft_run_later(SoftDevice *s, uint16_t queue);
/* Says that the content of config space has changed by itself: the generation moves, and
 * the driver is told (2.5.2, 3.4.2). */
void soft_config_changed(SoftDevice *s);
/* Sets DEVICE_NEEDS_RESET: something happened that only a reset mends (2.1.2). */
void soft_needs_reset(SoftDevice *s);

#endif
