/* SPDX-License-Identifier: MIT */
/*
 * Truths that only the host has, from the words know=KEY=VALUE,...: a key is
 * device.index.field, as in blk.0.sectors, or with the bus in front, as in
 * pci.blk.0.sectors, which wins. The word may be given several times.
 */
#include "drivers/virtio/truths.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

#define KNOW_BYTES 96 /* of one item; a longer one is refused, as it would be cut */

/* The value of key in all know= words; it stays valid until the next call. */
static const char *find(const char *key)
{
    static char item[KNOW_BYTES];
    const char *list;
    size_t at = 0, length = strlen(key);

    while ((list = cmdline_next("know", &at)) != NULL) {
        while (list) {
            list = cmdline_item(list, item, sizeof(item));
            if (strncmp(item, key, length) == 0 && item[length] == '=') {
                return item + length + 1;
            }
        }
    }
    return NULL;
}

const char *qvirtio_truth(const QVirtioDevice *d, const char *field)
{
    char key[KNOW_BYTES];
    const char *without_bus = strchr(d->name, '.') + 1;

    if (d->bus->truth) {
        return d->bus->truth(d, field);
    }
    ksnprintf(key, sizeof(key), "%s.%s", d->name, field);
    const char *value = find(key);
    if (!value) {
        ksnprintf(key, sizeof(key), "%s.%s", without_bus, field);
        value = find(key);
    }
    return value;
}

bool qvirtio_truth_u64(const QVirtioDevice *d, const char *field, uint64_t *value)
{
    const char *text = qvirtio_truth(d, field);
    return text && string_to_u64(text, value);
}

/* "blk.0.sectors=16384": three names at least, and a value; whole, not cut to its room.
 */
static bool is_truth(const char *item)
{
    if (strlen(item) == KNOW_BYTES - 1) {
        return false;
    }
    const char *value = strchr(item, '=');
    const char *index = strchr(item, '.');
    const char *field = index ? strchr(index + 1, '.') : NULL;
    return index > item && field && value && field < value && value[1];
}

const char *qvirtio_truth_fault(void)
{
    static char item[KNOW_BYTES];
    const char *list;
    size_t at = 0;

    while ((list = cmdline_next("know", &at)) != NULL) {
        while (list) {
            list = cmdline_item(list, item, sizeof(item));
            if (!is_truth(item)) {
                return item;
            }
        }
    }
    return NULL;
}

bool qvirtio_may_write_media(void)
{
    return !cmdline_has("keep");
}
