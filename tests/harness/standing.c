/* SPDX-License-Identifier: MIT */
/*
 * The points of this run that failed, a few for each device: one fault of a device is one
 * failure, and what it keeps from running says where it is reported.
 */
#include "kernel/lib/printf.h"
#include "tests/harness/harness.h"

/* Devices that are known, and failed points that are kept for each. */
#define DEVICES 128
#define POINTS  4

static struct Standing {
    const QVirtioDevice *dev;
    bool serves_nothing, is_stuck, has_baseline, is_usable;
    unsigned count;
    struct {
        char id[POINT_ID_BYTES];
        uint64_t seen;
    } point[POINTS];
} standings[DEVICES];

/* Returns the device's place, or the first free one; NULL when there is none. */
static struct Standing *place_of(const QVirtioDevice *dev)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        if (standings[i].dev == dev || !standings[i].dev) {
            return &standings[i];
        }
    }
    return NULL;
}

void standing_add(const QVirtioDevice *dev, const char *id, const char *seen)
{
    struct Standing *s = place_of(dev);
    if (s && s->count < POINTS) {
        s->dev = dev;
        string_copy(s->point[s->count].id, id, POINT_ID_BYTES);
        s->point[s->count++].seen = hash_string(seen);
    }
}

const char *standing_find(const QVirtioDevice *dev, const char *seen)
{
    const struct Standing *s = place_of(dev);
    if (!s || !s->count) {
        return NULL;
    }
    unsigned i = 0;
    while (seen && i < s->count && s->point[i].seen != hash_string(seen)) {
        i++;
    }
    return s->point[i < s->count ? i : 0].id;
}

void standing_set_baseline(const QVirtioDevice *dev, bool is_usable)
{
    struct Standing *s = place_of(dev);
    if (s) {
        s->dev = dev;
        s->has_baseline = true;
        s->is_usable = is_usable;
    }
}

bool standing_has_baseline(const QVirtioDevice *dev)
{
    const struct Standing *s = place_of(dev);
    return s && s->dev == dev && s->has_baseline;
}

bool standing_is_usable(const QVirtioDevice *dev)
{
    return standing_has_baseline(dev) && place_of(dev)->is_usable;
}

void standing_give_up(const QVirtioDevice *dev, bool is_stuck)
{
    struct Standing *s = place_of(dev);
    if (s) {
        s->dev = dev;
        s->serves_nothing = true;
        s->is_stuck |= is_stuck;
    }
}

const char *standing_given_up(const QVirtioDevice *dev, bool is_only_looked_at)
{
    const struct Standing *s = place_of(dev);
    if (!s || s->dev != dev) {
        return NULL;
    }
    if (s->is_stuck) {
        return "the device can no longer be reset";
    }
    return s->serves_nothing && !is_only_looked_at ? "the device serves no request"
                                                   : NULL;
}
