/* SPDX-License-Identifier: MIT */
/*
 * For who writes the driver of a device type, and for tests that look into its table:
 * the type's names, the fields of its config space, how many queues it has, and its
 * ping, which is the smallest valid request whose answer can be checked. The suites
 * about life, rings and buses are written once against the ping, so a new type gets
 * all of them by one table.
 *
 * The table lies in section .drivers. A new type touches no other file of its folder.
 */
#ifndef QVIRTIO_DRIVER_H
#define QVIRTIO_DRIVER_H

#include "drivers/virtio/qvirtqueue.h"

typedef struct QVirtioFeatureName {
    uint8_t bit;
    /* Without VIRTIO_ and the type's prefix: "RO", "SIZE_MAX". */
    const char *name;
    /* FEATURES(...) that must all come with the bit, when it is offered (2.2.2) and when
     * it is accepted (2.2.1). NULL means that there are none. */
    const uint8_t *requires;
    /* FEATURES(...) of which at least one must come with the bit. NULL means that there
     * are none. */
    const uint8_t *one_of;
} QVirtioFeatureName;

typedef enum {
    /* The driver may only read the field. */
    QVIRTIO_FIELD_CONST = 0,
    /* The driver may write it. */
    QVIRTIO_FIELD_WRITABLE = 1,
    /* It may change by itself while the device lives. */
    QVIRTIO_FIELD_VOLATILE = 2,
    /* Reading it says nothing. */
    QVIRTIO_FIELD_WRITE_ONLY = 4,
} QVirtioFieldFlags;

/* One field of the device's config space. */
typedef struct QVirtioField {
    /* By the specification's name, which is also its key in know=: "blk.0.seg_max". */
    const char *name;
    /* The field's key in know= where it differs from the name ("sectors"); else NULL. */
    const char *truth;
    uint16_t offset;
    /* The natural width of one element: 1, 2, 4 or 8 bytes. */
    uint8_t width;
    /* How many elements it has: 6 for a MAC address, else 1. */
    uint8_t count;
    /* It exists only where this feature is offered; FEATURES_END: always. */
    uint8_t feature;
    /* QVirtioFieldFlags. */
    uint8_t flags;
} QVirtioField;

/*
 * One ping. The driver fills it in; a test may cut both directions into any number of
 * descriptors before it adds the ping. The arena lends all memory.
 */
typedef struct QVirtioPing {
    QVirtioDevice *dev;
    /* The queue that it must go to. */
    QVirtQueue *vq;
    /* Tells this ping from all others of the test. */
    uint32_t number;
    /* Device-readable bytes, in one piece: headers and data. */
    void *out;
    uint32_t out_bytes;
    /* Device-writable bytes, in one piece. */
    void *in;
    uint32_t in_bytes;
    /* So many of them, the last ones, are a descriptor of their own: devices that want
     * this, against 2.7.4.1, are told so by tests about framing alone. */
    uint32_t in_tail;
    /* How many bytes of the answer are written, at least and at most. */
    uint32_t used_min, used_max;
    /* Only the used length says how long the answer is. */
    bool is_len_content;
    /* Nobody can look at what the device got, so only that it was used is seen. */
    bool is_blind;
} QVirtioPing;

struct QVirtioDriver {
    uint16_t device_id;
    /* As in ids: "blk". */
    const char *name;
    /* Ended by a NULL name. */
    const QVirtioFeatureName *features;
    /* Ended by a NULL name. */
    const QVirtioField *fields;
    /* Bytes of the config space's structure with every field. */
    uint16_t config_bytes;
    /* FEATURES(...) that every life accepts where they are offered, because a device may
     * refuse to work without them. NULL: none. */
    const uint8_t *accepts;
    /* What its requests carry is seen outside: it goes over a wire, to a console, onto a
     * screen or to a loudspeaker. So tests of this type need the word scratch=, unless
     * they say TEST_READS. */
    bool is_outward;
    uint16_t ping_queue;

    /* Returns how many virtqueues exist with the features negotiated now. Their indices
     * begin at 0. */
    uint16_t (*queue_count)(QVirtioDevice *d);
    /* Returns true when the queue of such an index exists. NULL: all do. */
    bool (*has_queue)(QVirtioDevice *d, uint16_t index);
    /* Returns NULL when a ping has what it needs (a partner NIC ...), else the text of a
     * SKIP. May be NULL. */
    const char *(*why_no_ping)(QVirtioDevice *d);
    /* Prepares for pings, after DRIVER_OK and with all queues open: learns or writes what
     * they will be checked against, fills receive queues, starts a partner. May be NULL.
     */
    int (*open)(QVirtioDevice *d, const QVirtioRing *ring);
    /* Undoes what open did to others (a partner), before the device is reset. May be
     * NULL. */
    void (*close)(QVirtioDevice *d);
    /* Makes ping `number`. Any number of pings may be in flight at once, in any order. */
    int (*ping_make)(QVirtioDevice *d, uint32_t number, QVirtioPing *ping);
    /* Returns NULL when the answer to a used ping is right, else what is wrong with it: a
     * text that stays valid. */
    const char *(*ping_check)(QVirtioPing *ping, uint32_t used_len);
    /* Makes the cheapest request of the ping queue that may run any number of times:
     * rings are wound with it, and nobody checks its answer. NULL: a ping is used. */
    int (*wind_make)(QVirtioDevice *d, QVirtioPing *ping);
    /* Returns NULL when the ping queue may be wound, else the text of a SKIP: where tens
     * of thousands of requests would be a burden to somebody. May be NULL. */
    const char *(*why_no_wind)(QVirtioDevice *d);
    /* Called by qvirtio_wind(): with begins = true before it sends one ping very often,
     * with begins = false after it. Nobody checks what comes back in between. May be
     * NULL. */
    int (*wind)(QVirtioDevice *d, bool begins);
};

/* Makes a QVirtioPing of a request r (its vq, out, in, out_bytes and in_bytes). The
 * device must use all of its writable bytes. */
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

/* Defines a driver, and puts a pointer to its table into section .drivers. */
#define QVIRTIO_DRIVER(id, ...)                    \
    static const QVirtioDriver id = {__VA_ARGS__}; \
    static const QVirtioDriver *const id##_at      \
        __attribute__((used, section(".drivers." #id))) = &id

/* Returns the driver of a type, or NULL. */
const QVirtioDriver *qvirtio_driver_find(uint16_t device_id);

/* ---- Legal feature sets, by the driver's table. Without a driver no feature requires
 * another one. ---- */

/* Returns a bit that `bit` requires and the set lacks, or -1 when it lacks none. */
int qvirtio_feature_lacks(const QVirtioDriver *driver, const QVirtioFeatures *set,
                          unsigned bit);
/* Takes features out of the set until none lacks what it requires. */
void qvirtio_features_close(const QVirtioDriver *driver, QVirtioFeatures *set);
/* Adds a bit to the set, and with it all that it requires. Where one of several bits is
 * required, the first that is offered is added. */
void qvirtio_features_add(const QVirtioDriver *driver, QVirtioFeatures *set,
                          const QVirtioFeatures *offered, unsigned bit);

/* ---- Pings ---- */

/* Adds a prepared ping to its queue. Its readable bytes are cut into out_pieces
 * descriptors and its writable ones into in_pieces; their lengths differ by one byte at
 * most. A tail is one of these pieces, or one more where in_pieces is 1. Returns
 * -QVIRTIO_RANGE when there are more pieces than bytes. */
int qvirtio_ping_add(QVirtioPing *ping, unsigned out_pieces, unsigned in_pieces);
/* Cuts a ping in this way into `sg`, which has room for `most` pieces, and adds nothing.
 */
int qvirtio_ping_cut(const QVirtioPing *ping, unsigned out_pieces, unsigned in_pieces,
                     QVirtioSg *sg, unsigned most);
/* Returns how many descriptors the writable bytes take in this way. */
unsigned qvirtio_ping_in_parts(const QVirtioPing *ping, unsigned in_pieces);

/* Returns NULL when a ping with this used length can be checked, else what is wrong: the
 * length is too small where it is content. An underestimate of what was written is
 * allowed (2.7.8.2), and an overestimate is judged by the ring suite alone. */
const char *qvirtio_ping_len_fault(const QVirtioPing *ping, uint32_t used_len);

/* Winds an idle ring as qvirtqueue_wind() does. The driver's `wind` is called before and
 * after it, so that a partner is not flooded with what comes back. */
int qvirtio_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                 uint32_t entries);

#endif
