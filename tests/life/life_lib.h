/* SPDX-License-Identifier: MIT */
/*
 * What the life tests share: legal feature sets of the device at hand (2.2.1), lives that
 * end with their memory checked, and a queue full of pings.
 */
#ifndef LIFE_LIB_H
#define LIFE_LIB_H

#include "tests/harness/test.h"

#define LIFE_PINGS_MAX 24

/* Legal feature sets of one device; found once a test, because that costs more than a
 * negotiation does. */
typedef struct LifeSets {
    QVirtioDevice *dev;
    /* All that a driver may accept here: offered, defined, of use, and with what they
     * require. */
    QVirtioFeatures acceptable;
    /* Of those, the ones without which a device may fail to operate further (6.2). */
    QVirtioFeatures needed;
    /* Of those, the ones that a ping in the point's format can live with: how a ring
     * works is up to the format alone. */
    QVirtioFeatures workable;
} LifeSets;

LifeSets life_sets(Test *t, QVirtioDevice *dev);
/* Gives the bits of a set that are not needed ones, as numbers. Returns how many there
 * are. */
unsigned life_optional_bits(const LifeSets *sets, const QVirtioFeatures *set,
                            uint8_t bits[QVIRTIO_FEATURE_BITS]);
/* Returns the set without a bit and without what requires that bit. */
QVirtioFeatures life_without(const LifeSets *sets, const QVirtioFeatures *set,
                             unsigned bit);
/* Returns the needed bits, and n bits with all that they require. */
QVirtioFeatures life_with(const LifeSets *sets, const uint8_t *bits, unsigned n);
/* Returns a random legal subset of a set. */
QVirtioFeatures life_random_subset(Test *t, const LifeSets *sets,
                                   const QVirtioFeatures *set);

/* Goes from the reset over ACKNOWLEDGE, DRIVER and the features to FEATURES_OK, and
 * expects that a legal set is accepted. */
bool life_accepts(Test *t, QVirtioDevice *dev, const QVirtioFeatures *set);
/* Lives a whole life with these features: where FEATURES_OK holds, a ping must go
 * through. Returns false when it does not, which is reported. */
bool life_serves(Test *t, QVirtioDevice *dev, const QVirtioFeatures *set,
                 uint32_t number);
/* Starts the device with exactly these features and those of the ring's format. */
int life_start_exactly(Test *t, QVirtioDevice *dev, const QVirtioFeatures *set);
/* Stops the device, checks the memory around what was lent, and takes all of it back: for
 * tests of many lives. */
bool life_end(Test *t, QVirtioDevice *dev);

/* For .why_not of tests that are about what the status says. */
const char *life_why_mute(QVirtioDevice *dev);
/* Makes pings first .. first + n - 1. */
bool life_make_pings(Test *t, QVirtioDevice *dev, QVirtioPing *pings, uint32_t first,
                     unsigned n);
/* Adds them to the queue that the device has now, one descriptor a direction, and
 * publishes without a kick. Returns how many found room. */
unsigned life_add_pings(Test *t, QVirtioDevice *dev, QVirtioPing *pings, unsigned n);
/* Waits for n of them; each completes once with a right answer, which `basis` asks for.
 */
bool life_take_pings(Test *t, const char *basis, QVirtQueue *vq, unsigned n);

/* What a device may have written: the used rings and the writable buffers of pings. */
typedef struct LifePicture {
    struct {
        const void *at;
        void *copy;
        size_t bytes;
    } part[LIFE_PINGS_MAX + 2];
    unsigned parts;
} LifePicture;

/* Copies what n pings lend to be written and the used ring of vq: its entries and index,
 * with_wishes also its flags and avail_event. Of a packed ring all descriptors,
 * with_wishes also its device event suppression. */
bool life_picture(Test *t, LifePicture *picture, const QVirtQueue *vq,
                  const QVirtioPing *pings, unsigned n, bool with_wishes);
/* Returns the first part that differs from its copy now, or -1. */
int life_picture_changed(const LifePicture *picture);

#endif
