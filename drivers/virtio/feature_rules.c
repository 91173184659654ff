/* SPDX-License-Identifier: MIT */
/*
 * Which feature sets are legal (2.2.1, 2.2.2): a feature goes only with those that it
 * requires. The requirements are in the table of the device type's driver; the reserved
 * bits of chapter 6 have none. Nothing here touches a device.
 */
#include "drivers/virtio/driver.h"

static const QVirtioFeatureName *find(const QVirtioDriver *driver, unsigned bit)
{
    const QVirtioFeatureName *name = driver ? driver->features : NULL;
    for (; name && name->name; name++) {
        if (name->bit == bit) {
            return name;
        }
    }
    return NULL;
}

static bool has_one_of(const QVirtioFeatures *set, const uint8_t *list)
{
    for (; *list != FEATURES_END; list++) {
        if (qvirtio_features_has(set, *list)) {
            return true;
        }
    }
    return false;
}

static int lacks(const QVirtioFeatureName *name, const QVirtioFeatures *set)
{
    for (const uint8_t *at = name->requires; at && *at != FEATURES_END; at++) {
        if (!qvirtio_features_has(set, *at)) {
            return *at;
        }
    }
    return name->one_of && !has_one_of(set, name->one_of) ? name->one_of[0] : -1;
}

int qvirtio_feature_lacks(const QVirtioDriver *driver, const QVirtioFeatures *set,
                          unsigned bit)
{
    const QVirtioFeatureName *name = find(driver, bit);
    return name ? lacks(name, set) : -1;
}

void qvirtio_features_close(const QVirtioDriver *driver, QVirtioFeatures *set)
{
    bool has_changed = driver != NULL;
    while (has_changed) {
        has_changed = false;
        for (const QVirtioFeatureName *name = driver->features; name && name->name;
             name++) {
            if (qvirtio_features_has(set, name->bit) && lacks(name, set) >= 0) {
                qvirtio_features_clear(set, name->bit);
                has_changed = true;
            }
        }
    }
}

void qvirtio_features_add(const QVirtioDriver *driver, QVirtioFeatures *set,
                          const QVirtioFeatures *offered, unsigned bit)
{
    qvirtio_features_set(set, bit);
    const QVirtioFeatureName *name = find(driver, bit);
    const uint8_t *list = name ? name->requires : NULL;
    for (; list && *list != FEATURES_END; list++) {
        if (!qvirtio_features_has(set, *list)) {
            qvirtio_features_add(driver, set, offered, *list);
        }
    }
    list = name ? name->one_of : NULL;
    if (!list || has_one_of(set, list)) {
        return;
    }
    for (; *list != FEATURES_END; list++) {
        if (qvirtio_features_has(offered, *list)) {
            qvirtio_features_add(driver, set, offered, *list);
            return;
        }
    }
}
