/* SPDX-License-Identifier: MIT */
/*
 * What a device type gives to the tests: its names, the fields of its config space, how
 * many queues it has, and its ping: the smallest valid request whose answer can be
 * checked. Life-cycle, ring and bus tests are written once against the ping; a new device
 * earns all of them by filling in one of these.
 *
 * A driver is a table in section .drivers; adding a type touches no other file of this
 * folder.
 */
#ifndef QVIRTIO_DRIVER_H
#define QVIRTIO_DRIVER_H

#include "drivers/virtio/qvirtqueue.h"

typedef struct QVirtioFeatureName {
    uint8_t bit;
    const char *name; /* without VIRTIO_ and the device's prefix: "RO", "SIZE_MAX" */
    /* FEATURES(...) without which it must be neither offered (2.2.2) nor accepted
     * (2.2.1): all of the first list, and one of the second. NULL: none. */
    const uint8_t *requires, *one_of;
} QVirtioFeatureName;

typedef enum {
    QVIRTIO_FIELD_CONST = 0,    /* the driver may only read it */
    QVIRTIO_FIELD_WRITABLE = 1, /* the driver may write it */
    QVIRTIO_FIELD_VOLATILE = 2, /* may change by itself while the device lives */
    QVIRTIO_FIELD_WRITE_ONLY = 4,
} QVirtioFieldFlags;

/* One field of the device's config space, by its name in the spec. */
typedef struct QVirtioField {
    const char *name; /* also the key in know=: "blk.0.seg_max" */
    const char
        *truth; /* another key, where the contract has one ("sectors"); NULL: name */
    uint16_t offset;
    uint8_t width;   /* natural width of one element: 1, 2, 4, 8 */
    uint8_t count;   /* elements: 6 for a MAC; 1 otherwise */
    uint8_t feature; /* exists only when offered; FEATURES_END: always */
    uint8_t flags;
} QVirtioField;

/*
 * One ping. The driver fills it in; the test may cut out and in into any number of
 * descriptors before adding it. All memory is lent by the arena.
 */
typedef struct QVirtioPing {
    QVirtioDevice *dev;
    QVirtQueue *vq;  /* the queue it must go to */
    uint32_t number; /* tells this ping from all others of the test */
    void *out;       /* device-readable bytes: headers and data, contiguous */
    uint32_t out_bytes;
    void *in; /* device-writable bytes, contiguous */
    uint32_t in_bytes;
    uint32_t used_min, used_max; /* what the used length may be */
    bool is_blind; /* nobody looks at what the device got: only its use is seen */
} QVirtioPing;

struct QVirtioDriver {
    uint16_t device_id;
    const char *name;                   /* "blk" */
    const QVirtioFeatureName *features; /* ended by a NULL name */
    const QVirtioField *fields;         /* ended by a NULL name */
    uint16_t config_bytes;              /* of the structure with every field */
    const uint8_t *accepts;             /* FEATURES(...) that every life accepts where
                                           offered: a device may refuse to work without */
    uint16_t ping_queue;
    /* Queues, as a mask, on which used lengths beyond the writable bytes are common and
     * harmless: they are cut, and judged by the type's own tests. */
    uint64_t loose_len;

    /* How many virtqueues exist with the features negotiated now, indices 0 to n - 1. */
    uint16_t (*queue_count)(QVirtioDevice *d);
    /* Does queue `index` below that exist? NULL: all do. */
    bool (*has_queue)(QVirtioDevice *d, uint16_t index);
    /* Is there what a ping needs (a partner NIC ...)? NULL, or the reason for a SKIP. May
     * be NULL. */
    const char *(*why_no_ping)(QVirtioDevice *d);
    /*
     * After DRIVER_OK: learns or writes what pings will be checked against, stocks
     * queues, wakes a partner. Queues 0 to queue_count - 1 are open. May be NULL.
     */
    int (*open)(QVirtioDevice *d, const QVirtioRing *ring);
    /* Before the test ends: whatever open did to others (a partner) is undone. May be
     * NULL. */
    void (*close)(QVirtioDevice *d);
    /* Makes ping `number`: any number of pings may be in flight at once, in any order. */
    int (*ping_make)(QVirtioDevice *d, uint32_t number, QVirtioPing *ping);
    /* After it was used: NULL when the answer is right, else what is wrong with it (a
     * static or driver-owned string). */
    const char *(*ping_check)(QVirtioPing *ping, uint32_t used_len);
    /* The cheapest request of the ping queue that may run any number of times: what rings
     * are wound with. Nobody checks its answer. NULL: a ping. */
    int (*wind_make)(QVirtioDevice *d, QVirtioPing *ping);
    /* Around qvirtio_wind(): many runs of one ping begin, whose answers nobody will
     * look at, or they are over. May be NULL. */
    int (*wind)(QVirtioDevice *d, bool begins);
};

/* Ping `number` of a device, made of a request (vq, out, in and their bytes) whose
 * writable part is always used whole. */
#define QVIRTIO_PING_OF(d, nr, r)               \
    ((QVirtioPing){.dev = (d),                  \
                   .vq = (r)->vq,               \
                   .number = (nr),              \
                   .out = (r)->out,             \
                   .out_bytes = (r)->out_bytes, \
                   .in = (r)->in,               \
                   .in_bytes = (r)->in_bytes,   \
                   .used_min = (r)->in_bytes,   \
                   .used_max = (r)->in_bytes})

#define QVIRTIO_DRIVER(id, ...)                    \
    static const QVirtioDriver id = {__VA_ARGS__}; \
    static const QVirtioDriver *const id##_at      \
        __attribute__((used, section(".drivers." #id))) = &id

const QVirtioDriver *qvirtio_driver_find(uint16_t device_id);

/* ---- Legal feature sets, by the driver's table; driver NULL: nothing requires anything
 * ---- */

/* A bit that `bit` requires and the set lacks; -1 when it lacks none. */
int qvirtio_feature_lacks(const QVirtioDriver *driver, const QVirtioFeatures *set,
                          unsigned bit);
/* Drops features until none lacks what it requires. */
void qvirtio_features_close(const QVirtioDriver *driver, QVirtioFeatures *set);
/* Adds a bit with all that it requires; of alternatives the first that is on offer. */
void qvirtio_features_add(const QVirtioDriver *driver, QVirtioFeatures *set,
                          const QVirtioFeatures *offered, unsigned bit);

/* Adds a prepared ping, cut into at most `most` descriptors: all out bytes into out_parts
 * and in bytes into in_parts pieces as equal as can be. */
int qvirtio_ping_add(QVirtioPing *ping, unsigned out_parts, unsigned in_parts);

/* Winds an idle ring as qvirtqueue_wind() does, and lets the driver prepare the device
 * for so many runs of one ping (QVirtioDriver.wind). */
int qvirtio_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                 uint32_t entries);

#endif
