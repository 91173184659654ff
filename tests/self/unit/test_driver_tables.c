/* SPDX-License-Identifier: MIT */
/*
 * The tables of all drivers in drivers/virtio/device: what generic tests believe must
 * make sense by itself. Linked with all of them; nothing of theirs is called.
 */
#include "drivers/virtio/driver.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

extern const QVirtioDriver *const drivers_begin[], *const drivers_end[];

/* The first thing found wrong with the table at hand; empty: nothing. */
static char fault[160];

static void want(bool holds, const char *name, const char *claim)
{
    if (!holds && !fault[0]) {
        ksnprintf(fault, sizeof(fault), "%s: %s", name, claim);
    }
}

static bool has_feature(const QVirtioDriver *d, unsigned bit)
{
    for (const QVirtioFeatureName *f = d->features; f && f->name; f++) {
        if (f->bit == bit) {
            return true;
        }
    }
    return false;
}

/* 2.2: "0 to 23, 41, 42 and 50 to 127". */
static bool is_device_bit(unsigned bit)
{
    return bit < VIRTIO_F_RESERVED_FIRST || bit == 41 || bit == 42 ||
           (bit > VIRTIO_F_RESERVED_LAST && bit < QVIRTIO_FEATURE_BITS);
}

static void check_list(const QVirtioDriver *d, const QVirtioFeatureName *f,
                       const uint8_t *list)
{
    for (; list && *list != FEATURES_END; list++) {
        want(has_feature(d, *list) && *list != f->bit, f->name,
             "requires other features of the table");
    }
}

static void check_features(const QVirtioDriver *d)
{
    for (const QVirtioFeatureName *f = d->features; f && f->name; f++) {
        want(is_device_bit(f->bit), f->name, "is a bit of device types");
        for (const QVirtioFeatureName *g = f + 1; g->name; g++) {
            want(g->bit != f->bit, f->name, "has a bit of its own");
            want(strcmp(g->name, f->name) != 0, f->name, "has a name of its own");
        }
        check_list(d, f, f->requires);
        check_list(d, f, f->one_of);
    }
}

static bool overlap(const QVirtioField *a, const QVirtioField *b)
{
    return a->offset < b->offset + b->width * b->count &&
           b->offset < a->offset + a->width * a->count;
}

static void check_field(const QVirtioDriver *d, const QVirtioField *f)
{
    want((f->width == 1 || f->width == 2 || f->width == 4 || f->width == 8) && f->count,
         f->name, "has elements of 1, 2, 4 or 8 bytes");
    /* 4.1.3.1: 8 bytes are two accesses of 4. */
    want(f->offset % (f->width == 8 ? 4 : f->width) == 0, f->name, "is aligned");
    want(f->offset + f->width * f->count <= d->config_bytes, f->name,
         "ends within config_bytes");
    want(f->feature == FEATURES_END || has_feature(d, f->feature), f->name,
         "depends on a feature of the table");
    for (const QVirtioField *g = f + 1; g->name; g++) {
        want(!overlap(f, g), f->name, "overlaps no other field");
        want(strcmp(f->name, g->name) != 0, f->name, "has a name of its own");
    }
}

static void check_driver(const QVirtioDriver *d)
{
    char claim[80];
    fault[0] = '\0';
    check_features(d);
    ksnprintf(claim, sizeof(claim), "%s: the table of features makes sense", d->name);
    CHECK_TEXT(fault, "", claim);

    fault[0] = '\0';
    for (const QVirtioField *f = d->fields; f && f->name; f++) {
        check_field(d, f);
    }
    ksnprintf(claim, sizeof(claim), "%s: the table of fields makes sense", d->name);
    CHECK_TEXT(fault, "", claim);

    ksnprintf(claim, sizeof(claim), "%s: counts its queues and has a ping", d->name);
    CHECK(d->device_id && d->queue_count && d->ping_make && d->ping_check, claim);
}

int main(void)
{
    CHECK(drivers_end - drivers_begin >= 4, "the drivers are linked in");
    for (const QVirtioDriver *const *at = drivers_begin; at < drivers_end; at++) {
        check_driver(*at);
    }
    return check_done();
}
