/* SPDX-License-Identifier: MIT */
/*
 * What the config tests share: they find those fields of the device type's table that
 * this device has (2.5.1: "the driver MUST check that the corresponding feature is
 * offered").
 */
#ifndef CONFIG_LIB_H
#define CONFIG_LIB_H

#include "tests/harness/test.h"

#define CONFIG_ELEMENTS_MAX 8
#define CONFIG_VALUES_MAX   96

/* Returns the next field after f that exists and has none of these flags, or NULL at the
 * end. Begins with the first field when f is NULL. */
const QVirtioField *config_next_field(QVirtioDevice *dev, const QVirtioField *f,
                                      unsigned without);
/* Returns whether there is such a field. For .why_not functions. */
bool config_has_field(QVirtioDevice *dev, unsigned without);
/* Returns the text of a SKIP when the device type has no table, or when only fields exist
 * that may change; else NULL. */
const char *config_why_no_const_field(QVirtioDevice *dev);

/* Adds the features of all fields that exist only with a feature and have one of these
 * flags (0: whatever flags they have), and what these features require. */
void config_add_features(QVirtioDevice *dev, QVirtioFeatures *set, unsigned with);

/* Reads one element of a field with the field's own width, and puts it into *value in the
 * CPU's byte order. Returns false when that fails, which is reported. */
bool config_read_element(Test *t, QVirtioDevice *dev, const QVirtioField *f,
                         unsigned element, uint64_t *value);

/* The values of all constant fields, in the order of the table. */
typedef struct ConfigValues {
    uint64_t value[CONFIG_VALUES_MAX];
    unsigned n;
} ConfigValues;

/* Reads all constant fields. Returns false when that fails, which is reported. */
bool config_read_constants(Test *t, QVirtioDevice *dev, ConfigValues *values);
/* Returns the name of the first constant field whose value differs between the two, or
 * NULL. */
const char *config_first_difference(QVirtioDevice *dev, const ConfigValues *a,
                                    const ConfigValues *b);

#endif
