/* SPDX-License-Identifier: MIT */
/*
 * Types shared by everything that speaks virtio: feature sets, errors, and the
 * integers of legacy devices. virtio 1.x is little-endian (le16 ... of
 * kernel/lib/byteorder.h). A legacy interface keeps rings, requests and config space
 * in the guest's own byte order (2.4.3 "Legacy Interfaces: A Note on Device
 * Configuration Space endian-ness"). What both kinds share is therefore a virtio16,
 * virtio32 or virtio64, and only the functions below read and make one.
 */
#ifndef QVIRTIO_TYPES_H
#define QVIRTIO_TYPES_H

#include "kernel/lib/byteorder.h"
#include "kernel/mem/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint16_t raw;
} virtio16;

typedef struct {
    uint32_t raw;
} virtio32;

typedef struct {
    uint64_t raw;
} virtio64;

static inline uint16_t virtio16_get(bool legacy, virtio16 v)
{
    return legacy ? v.raw : BYTEORDER_LE(16, v.raw);
}

static inline uint32_t virtio32_get(bool legacy, virtio32 v)
{
    return legacy ? v.raw : BYTEORDER_LE(32, v.raw);
}

static inline uint64_t virtio64_get(bool legacy, virtio64 v)
{
    return legacy ? v.raw : BYTEORDER_LE(64, v.raw);
}

static inline virtio16 virtio16_of(bool legacy, uint16_t v)
{
    return (virtio16){legacy ? v : BYTEORDER_LE(16, v)};
}

static inline virtio32 virtio32_of(bool legacy, uint32_t v)
{
    return (virtio32){legacy ? v : BYTEORDER_LE(32, v)};
}

static inline virtio64 virtio64_of(bool legacy, uint64_t v)
{
    return (virtio64){legacy ? v : BYTEORDER_LE(64, v)};
}

/* Errors are negative: return -QVIRTIO_TIMEOUT. */
typedef enum {
    /* This bus or device has no such thing. */
    QVIRTIO_UNSUPPORTED = 1,
    /* The device said no (NO_VECTOR read back, a command rejected ...). */
    QVIRTIO_REFUSED,
    /* A wait ran out; wait_last_timeout() names it. */
    QVIRTIO_TIMEOUT,
    /* The device set DEVICE_NEEDS_RESET in place of what was awaited, which
     * wait_last_timeout() names. */
    QVIRTIO_NEEDS_RESET,
    /* The device broke a rule of the ring; QVirtQueue.broken says which. */
    QVIRTIO_BROKEN,
    /* The ring does not have so many free descriptors now. */
    QVIRTIO_NO_SPACE,
    /* Our arena is full, which is our own fault. */
    QVIRTIO_NO_MEMORY,
    /* An offset, index or width lies beyond what there is. */
    QVIRTIO_RANGE,
    /* This and the errors below are how a channel command can end besides success and a
     * command reject, which is -QVIRTIO_REFUSED (4.3.1.3). Here the device reports
     * another trouble of its own. */
    QVIRTIO_UNIT_CHECK,
    /* The channel cannot make sense of the command. */
    QVIRTIO_PROGRAM_CHECK,
    /* The device transmitted more or fewer bytes than the command said. */
    QVIRTIO_WRONG_LENGTH,
    /* The channel has any other trouble. */
    QVIRTIO_CHANNEL_CHECK,
    /* No path leads to the device. */
    QVIRTIO_NOT_OPERATIONAL,
    /* The device does not accept a set of features: FEATURES_OK reads back clear. */
    QVIRTIO_NOT_ACCEPTED,
    /* The device has no such queue, where it showed one before or must have one. */
    QVIRTIO_NO_QUEUE,
    /* A chain has more descriptors than the queue's maximum, which is the device's. */
    QVIRTIO_TOO_LONG,
} QVirtioError;

/* Returns the text of an error, also of a negative one; 0 is "ok". */
const char *qvirtio_error_name(int err);

/* Feature bits 0 to 127, by words of 32 (2.2). */
#define QVIRTIO_FEATURE_WORDS 4
#define QVIRTIO_FEATURE_BITS  (32 * QVIRTIO_FEATURE_WORDS)

typedef struct QVirtioFeatures {
    uint32_t word[QVIRTIO_FEATURE_WORDS];
} QVirtioFeatures;

static inline bool qvirtio_features_has(const QVirtioFeatures *f, unsigned bit)
{
    return bit < QVIRTIO_FEATURE_BITS && (f->word[bit / 32] >> (bit % 32) & 1);
}

static inline void qvirtio_features_set(QVirtioFeatures *f, unsigned bit)
{
    f->word[bit / 32] |= 1u << (bit % 32);
}

static inline void qvirtio_features_clear(QVirtioFeatures *f, unsigned bit)
{
    f->word[bit / 32] &= ~(1u << (bit % 32));
}

bool qvirtio_features_equal(const QVirtioFeatures *a, const QVirtioFeatures *b);
/* Returns a without everything that b lacks. */
QVirtioFeatures qvirtio_features_and(const QVirtioFeatures *a, const QVirtioFeatures *b);
/* Returns true when every bit of a is in b. */
bool qvirtio_features_within(const QVirtioFeatures *a, const QVirtioFeatures *b);

/*
 * A list of feature bits in a table, as in FEATURES(VIRTIO_F_VERSION_1,
 * VIRTIO_NET_F_MRG_RXBUF). FEATURES_END ends it. NULL is the empty list.
 */
#define FEATURES_END  0xff
#define FEATURES(...) ((const uint8_t[]){__VA_ARGS__, FEATURES_END})

void qvirtio_features_add_list(QVirtioFeatures *f, const uint8_t *list);

#endif
