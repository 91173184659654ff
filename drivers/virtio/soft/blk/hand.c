/* SPDX-License-Identifier: MIT */
/*
 * What the hand does to the software disks: it changes the size or the backend, makes a
 * bad sector, lets one request at a time pass, and looks at what is on stable storage
 * (5.2.6.2).
 */
#include "drivers/virtio/soft/blk/blk.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

SOFT_FAULT(resizes_silently, "dev:5.2.6.2-2", "changes its capacity without a word");
SOFT_FAULT(may_unmap_changes_silently, "dev:5.2.6.2-10b",
           "changes write_zeroes_may_unmap without a word");
SOFT_FAULT(flush_does_nothing, "dev:5.2.6.2-11",
           "answers a flush with OK and keeps the data in its cache");

#define SECTOR_WORDS (VIRTIO_BLK_SECTOR_BYTES / 8)

/* The cache is write-back when FLUSH was negotiated, unless CONFIG_WCE says otherwise. */
void soft_blk_written(SoftDevice *s, uint64_t sector, uint64_t sectors)
{
    SoftBlk *b = s->data;
    bool is_through =
        soft_negotiated(s, VIRTIO_BLK_F_CONFIG_WCE) && soft_blk_config(s)->writeback == 0;
    if (!soft_negotiated(s, VIRTIO_BLK_F_FLUSH) || is_through) {
        return;
    }
    bool is_first = b->cached_from == b->cached_to;
    b->cached_from = is_first || sector < b->cached_from ? sector : b->cached_from;
    b->cached_to =
        is_first || sector + sectors > b->cached_to ? sector + sectors : b->cached_to;
}

void soft_blk_flush(SoftDevice *s)
{
    SoftBlk *b = s->data;
    if (!soft_fault(flush_does_nothing)) {
        b->cached_from = b->cached_to = 0;
    }
}

/* 5.2.6.2: "when the capacity changes ... the device SHOULD trigger a configuration
 * change notification". */
static void resize(SoftDevice *s, uint64_t sectors)
{
    if (sectors == virtio64_get(false, soft_blk_config(s)->capacity)) {
        return;
    }
    soft_blk_config(s)->capacity = virtio64_of(false, sectors);
    if (!soft_fault(resizes_silently)) {
        soft_config_changed(s);
    }
}

/* Changes write_zeroes_may_unmap, as with a backend that deallocates or does not. */
static void set_may_unmap(SoftDevice *s, bool may_unmap)
{
    if (soft_blk_config(s)->write_zeroes_may_unmap == may_unmap) {
        return;
    }
    soft_blk_config(s)->write_zeroes_may_unmap = may_unmap;
    if (!soft_fault(may_unmap_changes_silently)) {
        soft_config_changed(s);
    }
}

static bool is_stable(const SoftBlk *b, uint64_t sector, uint64_t seed)
{
    if (sector >= b->cached_from && sector < b->cached_to) {
        return false;
    }
    return pattern_mismatch(b->disk + sector * VIRTIO_BLK_SECTOR_BYTES,
                            VIRTIO_BLK_SECTOR_BYTES,
                            seed + sector * SECTOR_WORDS) == VIRTIO_BLK_SECTOR_BYTES;
}

/* Arguments: SECTOR COUNT SEED. Answers whether these sectors of stable storage hold the
 * pattern of the seed. */
static bool verify(const SoftDevice *s, const char *args, char *value, size_t bytes)
{
    uint64_t number[3];
    for (unsigned i = 0; i < 3; i++) {
        char text[24];
        const char *blank = strchr(args, ' ');
        size_t length = blank ? (size_t)(blank - args) : strlen(args);
        string_copy(text, args, length < sizeof(text) ? length + 1 : sizeof(text));
        if (!string_to_u64(text, &number[i])) {
            return false;
        }
        args += length + (blank != NULL);
    }
    ksnprintf(value, bytes, "same");
    for (uint64_t i = 0; i < number[1] && i < SOFT_BLK_SECTORS; i++) {
        uint64_t sector = (number[0] + i) % SOFT_BLK_SECTORS_MOST;
        if (!is_stable(s->data, sector, number[2])) {
            ksnprintf(value, bytes, "differs %llu", (unsigned long long)sector);
            break;
        }
    }
    return true;
}

static bool restore(SoftDevice *s)
{
    SoftBlk *b = s->data;
    b->bad_sector = SOFT_BLK_NO_SECTOR;
    b->is_slow = false;
    soft_zone_restore(s);
    if (!b->zones) {
        resize(s, SOFT_BLK_SECTORS);
        set_may_unmap(s, true);
    }
    return true;
}

bool soft_blk_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes)
{
    SoftBlk *b = s->data;
    uint64_t number;
    if (strcmp(action, "restore") == 0) {
        return restore(s);
    }
    if (strcmp(action, "verify") == 0 && !b->zones) {
        return verify(s, args, value, bytes);
    }
    if (!string_to_u64(args, &number)) {
        return false;
    }
    if (strcmp(action, "slow") == 0) {
        b->is_slow = true;
    } else if (number > SOFT_BLK_SECTORS_MOST) {
        return false;
    } else if (strcmp(action, "fail") == 0) {
        b->bad_sector = number;
    } else if (b->zones) {
        return soft_zone_act(s, action, number);
    } else if (strcmp(action, "resize") == 0) {
        resize(s, number);
    } else if (strcmp(action, "may-unmap") == 0) {
        set_may_unmap(s, number != 0);
    } else {
        return false;
    }
    return true;
}
