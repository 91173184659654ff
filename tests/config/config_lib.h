/* SPDX-License-Identifier: MIT */
/*
 * What the config tests share: walking the fields of the device type's table that exist
 * on this device (2.5.1: "the driver MUST check that the corresponding feature is
 * offered").
 */
#ifndef CONFIG_LIB_H
#define CONFIG_LIB_H

#include "tests/harness/test.h"

#define CONFIG_ELEMENTS_MAX 8
#define CONFIG_VALUES_MAX   96

/* The next field after f (NULL: the first) that exists and has none of the flags; NULL at
 * the end. */
const QVirtioField *config_next_field(QVirtioDevice *dev, const QVirtioField *f,
                                      unsigned without);
/* Is there such a field at all? For why_not. */
bool config_has_field(QVirtioDevice *dev, unsigned without);
/* Skip reason for a type without a table or without a field that only the device may
 * change. */
const char *config_why_no_const_field(QVirtioDevice *dev);

/* One element in CPU order, at the field's natural width. */
bool config_read_element(Test *t, QVirtioDevice *dev, const QVirtioField *f,
                         unsigned element, uint64_t *value);

/* The values of all constant fields, in the order of the table. */
typedef struct ConfigValues {
    uint64_t value[CONFIG_VALUES_MAX];
    unsigned n;
} ConfigValues;

bool config_read_constants(Test *t, QVirtioDevice *dev, ConfigValues *values);
/* Name of the first constant field whose value differs between the two, or NULL. */
const char *config_first_difference(QVirtioDevice *dev, const ConfigValues *a,
                                    const ConfigValues *b);

#endif
