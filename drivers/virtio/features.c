/* SPDX-License-Identifier: MIT */
/*
 * Feature sets (2.2): arithmetic on 128 bits, the names of the reserved bits, and the
 * line that shows a set. The names of a device type's own bits are in its driver's table.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

static const QVirtioFeatureName reserved_bits[] = {
    {.bit = VIRTIO_F_NOTIFY_ON_EMPTY, .name = "NOTIFY_ON_EMPTY"},
    {.bit = VIRTIO_F_ANY_LAYOUT, .name = "ANY_LAYOUT"},
    {.bit = VIRTIO_F_INDIRECT_DESC, .name = "INDIRECT_DESC"},
    {.bit = VIRTIO_F_EVENT_IDX, .name = "EVENT_IDX"},
    {.bit = VIRTIO_F_VERSION_1, .name = "VERSION_1"},
    {.bit = VIRTIO_F_ACCESS_PLATFORM, .name = "ACCESS_PLATFORM"},
    {.bit = VIRTIO_F_RING_PACKED, .name = "RING_PACKED"},
    {.bit = VIRTIO_F_IN_ORDER, .name = "IN_ORDER"},
    {.bit = VIRTIO_F_ORDER_PLATFORM, .name = "ORDER_PLATFORM"},
    {.bit = VIRTIO_F_SR_IOV, .name = "SR_IOV"},
    {.bit = VIRTIO_F_NOTIFICATION_DATA, .name = "NOTIFICATION_DATA"},
    {.bit = VIRTIO_F_NOTIF_CONFIG_DATA, .name = "NOTIF_CONFIG_DATA"},
    {.bit = VIRTIO_F_RING_RESET, .name = "RING_RESET"},
    {.bit = VIRTIO_F_ADMIN_VQ, .name = "ADMIN_VQ"},
    {.bit = VIRTIO_F_SUSPEND, .name = "SUSPEND"},
    {.name = NULL},
};

bool qvirtio_features_equal(const QVirtioFeatures *a, const QVirtioFeatures *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

QVirtioFeatures qvirtio_features_and(const QVirtioFeatures *a, const QVirtioFeatures *b)
{
    QVirtioFeatures both;
    for (unsigned i = 0; i < QVIRTIO_FEATURE_WORDS; i++) {
        both.word[i] = a->word[i] & b->word[i];
    }
    return both;
}

bool qvirtio_features_within(const QVirtioFeatures *a, const QVirtioFeatures *b)
{
    QVirtioFeatures both = qvirtio_features_and(a, b);
    return qvirtio_features_equal(&both, a);
}

void qvirtio_features_add_list(QVirtioFeatures *f, const uint8_t *list)
{
    for (; list && *list != FEATURES_END; list++) {
        qvirtio_features_set(f, *list);
    }
}

static const char *name_in(const QVirtioFeatureName *names, unsigned bit)
{
    for (; names && names->name; names++) {
        if (names->bit == bit) {
            return names->name;
        }
    }
    return NULL;
}

bool qvirtio_reserves(const QVirtioDevice *d, unsigned bit)
{
    const uint8_t *list = d->bus->reserved;
    for (; list && *list != FEATURES_END; list++) {
        if (*list == bit) {
            return true;
        }
    }
    return false;
}

const char *qvirtio_feature_name(const QVirtioDevice *d, unsigned bit)
{
    const char *name = d->driver ? name_in(d->driver->features, bit) : NULL;
    return name ? name : name_in(reserved_bits, bit);
}

void qvirtio_features_format(const QVirtioDevice *d, const QVirtioFeatures *f, char *to,
                             size_t bytes)
{
    size_t used = 0;
    to[0] = '\0';
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS && used < bytes; bit++) {
        if (!qvirtio_features_has(f, bit)) {
            continue;
        }
        const char *name = qvirtio_feature_name(d, bit);
        if (name) {
            used += ksnprintf(to + used, bytes - used, " +%s", name);
        } else {
            used += ksnprintf(to + used, bytes - used, " +bit%u", bit);
        }
    }
}
