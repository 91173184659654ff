/* SPDX-License-Identifier: MIT */
/*
 * The words scratch= and keep: see scratch.h.
 */
#include "drivers/virtio/scratch.h"
#include "drivers/virtio/bus.h"
#include "kernel/cmdline.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

#define ITEM_BYTES 64

CMDLINE_WORDS(scratch_words, CMDLINE_WORD("scratch", CMDLINE_TEXT),
              CMDLINE_WORD("keep", CMDLINE_FLAG));

/* "blk.0" of "pci.blk.0". */
static const char *name_without_bus(const QVirtioDevice *d)
{
    return strchr(d->name, '.') + 1;
}

static bool is_named_by(const QVirtioDevice *d, const char *globs)
{
    return glob_list_match(globs, name_without_bus(d)) || glob_list_match(globs, d->name);
}

bool qvirtio_is_scratch(const QVirtioDevice *d)
{
    const char *globs;
    size_t at = 0;

    if (cmdline_has("keep")) {
        return false;
    }
    while ((globs = cmdline_next("scratch", &at)) != NULL) {
        if (is_named_by(d, globs)) {
            return true;
        }
    }
    return d->bus->is_software;
}

const char *qvirtio_why_not_scratch(const QVirtioDevice *d)
{
    static char text[80];

    if (qvirtio_is_scratch(d)) {
        return NULL;
    }
    if (cmdline_has("keep")) {
        return "the word keep forbids writing to anything";
    }
    ksnprintf(text, sizeof(text), "nothing may be written there; pass scratch=%s",
              name_without_bus(d));
    return text;
}

static bool names_a_device(const char *glob)
{
    const QVirtioDevice *d;

    for (unsigned i = 0; (d = qvirtio_device(i)) != NULL; i++) {
        if (is_named_by(d, glob)) {
            return true;
        }
    }
    return false;
}

const char *qvirtio_scratch_fault(void)
{
    static char item[ITEM_BYTES];
    const char *list;
    size_t at = 0;

    while ((list = cmdline_next("scratch", &at)) != NULL) {
        while (list) {
            list = cmdline_item(list, item, sizeof(item));
            if (!names_a_device(item)) {
                return item;
            }
        }
    }
    return NULL;
}
