/* SPDX-License-Identifier: MIT */
/*
 * Private to the soft bus: a virtio device in software. What all of them have in common
 * (status, features, queues, interrupts, config space) is in soft.c; what a type does
 * with its requests is in its SoftModel, one file each.
 *
 * A device runs from the bus's poll hook only, between the driver's calls and never
 * inside one; a kick only marks the queue.
 */
#ifndef SOFT_H
#define SOFT_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/side/side.h"

#define SOFT_QUEUES       12
#define SOFT_CONFIG_BYTES 256

typedef struct SoftDevice SoftDevice;
typedef struct SoftAdminKind SoftAdminKind; /* admin.h */
typedef struct SoftAdmin SoftAdmin;

typedef struct SoftModel {
    uint16_t device_id;
    /* How many devices of it there are. */
    uint8_t count;
    /* Of each. */
    uint8_t queues;
    /* How many of them, the last ones, are for administration. */
    uint8_t admin_queues;
    /* What the first of them can do as the owner of groups; NULL: nothing. */
    const SoftAdminKind *admin;
    /* FEATURES(...) of the type. */
    const uint8_t *features;
    uint8_t config_bytes;
    /* Once, at boot: content of the config space, memory, what single ones lack. */
    void (*init)(SoftDevice *s);
    /* The device is reset. May be NULL. */
    void (*reset)(SoftDevice *s);
    /* Can it work with s->accepted, legal otherwise? NULL: yes. */
    bool (*accepts)(const SoftDevice *s);
    /* FEATURES_OK holds for s->accepted. May be NULL. */
    void (*negotiated)(SoftDevice *s);
    /* A queue of it is reset (2.6.1). May be NULL. */
    void (*queue_reset)(SoftDevice *s, uint16_t queue);
    /* The queue may have requests: takes them until there are none. */
    void (*run)(SoftDevice *s, uint16_t queue);
    /* The driver writes config space; false: that is no field it may write. May be NULL.
     */
    bool (*write_config)(SoftDevice *s, size_t off, const void *from, size_t width);
    /* Shared memory region `id` (2.10); false: there is none. May be NULL. */
    bool (*shm_region)(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes);
    /* Does what a host is asked to do to this device (tests/harness/hand.h); false: it
     * knows no such action. "restore" undoes everything. May be NULL. */
    bool (*act)(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes);
    /* What a host would tell by know=; NULL: nothing. May be NULL. */
    const char *(*truth)(const SoftDevice *s, const char *field);
} SoftModel;

typedef struct SoftQueue {
    QVirtQueueSide side;
    bool is_enabled;
    /* There may be something to do. */
    bool has_kick;
    /* Where its interrupts go, or NULL. */
    QVirtioIrq *irq;
    /* Of a faulty device: what it was before it was reset. */
    uint16_t old_size, old_used;
} SoftQueue;

struct SoftDevice {
    QVirtioDevice dev;
    const SoftModel *model;
    uint8_t status;
    /* The reset that runs now ends a life. */
    bool had_life;
    /* It is reached by a legacy interface, as models of buses have it. */
    bool is_legacy;
    /* It is reached by registers of a model, which has no virtual functions. */
    bool is_modelled;
    /* By its group's owner (2.12.1.4) */
    bool is_stopped;
    /* Of an owner of groups. */
    SoftAdmin *admin;
    QVirtioFeatures offered, accepted;
    /* Causes that no vector took. */
    uint32_t isr;
    uint32_t generation;
    /* What is told and shown when the device is resumed. */
    bool has_config_news;
    uint8_t config_news[SOFT_CONFIG_BYTES];
    SoftQueue queue[SOFT_QUEUES];
    QVirtioIrq *config_irq;
    uint8_t config[SOFT_CONFIG_BYTES];
    /* The model's. */
    void *data;

    /* Of a faulty device: a queue that it should have forgotten; the sets of features
     * that it took in earlier lives; it took a set that it cannot work with. */
    SoftQueue ghost;
    uint16_t ghost_index;
    QVirtioFeatures taken[2];
    bool is_unfit;
    /* Runs of this life that found nothing to do. */
    unsigned idle_runs;
    /* It will use the last buffer once more. */
    bool owes_one;
};

/* What the device offers besides its type's own, with what a fault changes. */
void soft_offer(SoftDevice *s);

/* A model puts itself into section .softs with this: nobody keeps a list of models. */
#define SOFT_MODEL(id, ...)                    \
    static const SoftModel id = {__VA_ARGS__}; \
    static const SoftModel *const id##_at      \
        __attribute__((used, section(".softs." #id))) = &id

/* The device of this model with that index, or NULL. */
SoftDevice *soft_find(uint16_t device_id, int index);

static inline bool soft_negotiated(const SoftDevice *s, unsigned bit)
{
    return qvirtio_features_has(&s->accepted, bit);
}

/* The IOMMU in front of the device, which it minds with VIRTIO_F_ACCESS_PLATFORM; NULL:
 * none (iommu/dma.c). */
const QVirtDma *soft_dma(const SoftDevice *s);

/* Virtqueues that are not for administration. */
static inline uint16_t soft_ordinary(const SoftDevice *s)
{
    return s->model->queues - s->model->admin_queues;
}

/* Those that there are in this life. */
static inline uint16_t soft_queue_count(const SoftDevice *s)
{
    return soft_negotiated(s, VIRTIO_F_ADMIN_VQ) ? s->model->queues : soft_ordinary(s);
}

/* DRIVER_OK, and nothing that keeps it from working. */
bool soft_is_live(const SoftDevice *s);

/* The next request of a queue: false when there is none, or the queue is broken and the
 * device asks for a reset. The element is good until the next call. */
QVirtQueueElement *soft_pop(SoftDevice *s, uint16_t queue);
/* Hands it back with len bytes written. */
void soft_push(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e, uint32_t len);
/* Looks at the queue once more when the devices run next. */
void soft_run_later(SoftDevice *s, uint16_t queue);
/* The content of config space has changed by itself: the generation moves and the driver
 * is told (2.5.2, 3.4.2). */
void soft_config_changed(SoftDevice *s);
/* Something happened that only a reset mends (2.1.2). */
void soft_needs_reset(SoftDevice *s);

#endif
