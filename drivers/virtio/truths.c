/* SPDX-License-Identifier: MIT */
/*
 * Truths that only the host has, from the words know=KEY=VALUE,... on the command
 * line. A key is device.index.field, as in blk.0.sectors. A key with the bus in front,
 * as in pci.blk.0.sectors, wins. The word may be given several times.
 */
#include "drivers/virtio/truths.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

/* Room for one item. A longer one would be cut, so it is refused. */
#define ITEM_BYTES 96

/* Returns the value of a key from all know= words, or NULL. It stays valid until the next
 * call. */
static const char *find(const char *key)
{
    static char item[ITEM_BYTES];
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
    char key[ITEM_BYTES];
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

/* Returns true when an item looks like "blk.0.sectors=16384", with at least three names
 * and a value, and was not cut. */
static bool is_truth(const char *item)
{
    if (strlen(item) == ITEM_BYTES - 1) {
        return false;
    }
    const char *value = strchr(item, '=');
    const char *index = strchr(item, '.');
    const char *field = index ? strchr(index + 1, '.') : NULL;
    return index > item && field && value && field < value && value[1];
}

const char *qvirtio_truth_fault(void)
{
    static char item[ITEM_BYTES];
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
