/* SPDX-License-Identifier: MIT */
/*
 * Finds and reads config fields by the table of the device type (2.5): see config_lib.h.
 */
#include "tests/config/config_lib.h"

#define NOT_CONSTANT \
    (QVIRTIO_FIELD_WRITABLE | QVIRTIO_FIELD_VOLATILE | QVIRTIO_FIELD_WRITE_ONLY)

const QVirtioField *config_next_field(QVirtioDevice *dev, const QVirtioField *f,
                                      unsigned without)
{
    if (!dev->driver || !dev->driver->fields) {
        return NULL;
    }
    for (f = f ? f + 1 : dev->driver->fields; f->name; f++) {
        if ((f->feature == FEATURES_END || qvirtio_offers(dev, f->feature)) &&
            !(f->flags & without)) {
            return f;
        }
    }
    return NULL;
}

bool config_has_field(QVirtioDevice *dev, unsigned without)
{
    return config_next_field(dev, NULL, without) != NULL;
}

const char *config_why_no_const_field(QVirtioDevice *dev)
{
    if (!dev->driver) {
        return "there is no table of config fields for this device type";
    }
    return config_has_field(dev, NOT_CONSTANT)
               ? NULL
               : "the device has no constant config field";
}

void config_add_features(QVirtioDevice *dev, QVirtioFeatures *set, unsigned with)
{
    const QVirtioField *f = NULL;
    while ((f = config_next_field(dev, f, 0)) != NULL) {
        if (f->feature != FEATURES_END && (!with || f->flags & with)) {
            qvirtio_features_add(dev->driver, set, &dev->offered, f->feature);
        }
    }
}

bool config_read_element(Test *t, QVirtioDevice *dev, const QVirtioField *f,
                         unsigned element, uint64_t *value)
{
    size_t off = f->offset + (size_t)element * f->width;
    return require_ok(t, qvirtio_config_read(dev, off, f->width, value));
}

bool config_read_constants(Test *t, QVirtioDevice *dev, ConfigValues *values)
{
    const QVirtioField *f = NULL;
    values->n = 0;
    while ((f = config_next_field(dev, f, NOT_CONSTANT)) != NULL) {
        for (unsigned i = 0; i < f->count && values->n < CONFIG_VALUES_MAX; i++) {
            if (!config_read_element(t, dev, f, i, &values->value[values->n++])) {
                return false;
            }
        }
    }
    return true;
}

const char *config_first_difference(QVirtioDevice *dev, const ConfigValues *a,
                                    const ConfigValues *b)
{
    const QVirtioField *f = NULL;
    unsigned at = 0;
    while ((f = config_next_field(dev, f, NOT_CONSTANT)) != NULL) {
        for (unsigned i = 0; i < f->count && at < CONFIG_VALUES_MAX; i++, at++) {
            if (a->value[at] != b->value[at]) {
                return f->name;
            }
        }
    }
    return NULL;
}
