/* SPDX-License-Identifier: MIT */
/*
 * A door: one way by registers to a soft device, as the model of a transport opens it.
 * The same device may have several, a PCI function and an MMIO slot beside the soft bus
 * itself; it belongs to the one through which it was reset last. What all transports have
 * in common is in door.c: windows of features, the queue that is selected, status with
 * the legacy interface's view of it (2.1, 2.2, 2.6); registers and interrupts are the
 * transport's.
 */
#ifndef DOOR_H
#define DOOR_H

#include "drivers/virtio/soft/core/soft.h"

/* One access to registers; off counts from the start of the structure. */
typedef struct Access {
    uint64_t off;
    /* 1, 2 or 4. */
    unsigned width;
    bool is_write;
    /* To write. */
    uint32_t value;
} Access;

/* What the driver has told of a queue, before it is enabled. */
typedef struct DoorQueue {
    /* The device's limit until the driver has chosen a size. */
    uint16_t size;
    bool has_size;
    uint64_t desc, driver, device;
} DoorQueue;

typedef struct Door Door;
struct Door {
    uint16_t device_id;
    int index;
    /* FEATURES(...) of the device that are not on offer here, and others that are. */
    const uint8_t *hides, *hides_too, *adds;
    /* A notification of the device: of a queue, or QVIRTIO_IRQ_CONFIG. */
    void (*tell)(Door *d, int source);
    /* Resets what the transport has of its own. */
    void (*reset)(Door *d);

    SoftDevice *s;
    Door *next;
    uint32_t device_select, driver_select;
    QVirtioFeatures accepted;
    uint16_t queue_select;
    DoorQueue queue[SOFT_QUEUES];
    /* By source + 1. */
    QVirtioIrq irq[SOFT_QUEUES + 1];
    uint32_t told[SOFT_QUEUES + 1];
    /* A reset was asked for, and so many reads of the status are still to come before it
     * is done; the driver that asked is a legacy one. */
    unsigned reset_reads;
    bool is_reset_legacy;
    /* How many used buffers it has told of, and how many changes of its configuration
     * beside them. */
    unsigned buffers_told, changes_told;
    /* Features that are not on offer are ignored, not refused. */
    bool is_careless;
    /* As they were before their last reset. */
    SoftQueue old[SOFT_QUEUES];
};

/* Finds the device. Returns false when the machine has none. */
bool door_open(Door *d);
uint16_t door_queues(const Door *d);
/* Returns how many queues there are beside those for administration. */
uint16_t door_ordinary(const Door *d);
bool door_negotiated(const Door *d, unsigned bit);

QVirtioFeatures door_offered(const Door *d);
/* Returns bits of a word that is past those of QVirtioFeatures. */
uint32_t door_features_past_127(uint32_t word);
void door_accept(Door *d, uint32_t word, uint32_t bits);

uint8_t door_status(const Door *d);
/* Counts a read of the status register, which may be what ends a reset. */
void door_count_status_read(Door *d);
void door_set_status(Door *d, uint8_t status);
/* Returns the status of the legacy interface, which has no FEATURES_OK, and features
 * without VERSION_1. */
uint8_t door_legacy_status(const Door *d);
void door_set_legacy_status(Door *d, uint8_t status);

/* Returns the queue that is selected; NULL when there is no such queue. */
DoorQueue *door_queue(Door *d);
bool door_is_enabled(const Door *d);
void door_enable(Door *d);
void door_disable(Door *d); /* MMIO's QueueReady 0 */
void door_reset_queue(Door *d);
/* Returns how often the reset of a queue shows as ongoing before it is done. */
unsigned door_queue_reset_reads(void);
/* Used by faults: the queue that was enabled goes on where it was before its reset, or
 * its device's; one more buffer is used in the old ring, or in the new one. */
void door_go_on(Door *d);
void door_use_late(Door *d, bool in_old, bool in_new);
/* Sets a legacy queue by its page. With 0 the queue is not used any more. */
void door_legacy_page(Door *d, uint64_t address, uint32_t align);
void door_kick(Door *d, uint32_t queue);

/* Returns how many entries the selected queue may have. */
uint16_t door_size_max(const Door *d);

/* is_modern: the driver keeps to natural widths (4.1.3.1, 4.2.2.2). */
uint32_t door_config(Door *d, const Access *a, bool is_modern);
uint32_t door_generation(const Door *d);

/* Lets time pass: devices run, and what they have to tell is told. */
void doors_run(void);

#endif
