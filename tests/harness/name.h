/* SPDX-License-Identifier: MIT */
/*
 * Names for files and folders that tests make in a share.
 */
#ifndef HARNESS_NAME_H
#define HARNESS_NAME_H

#include "tests/harness/test.h"

#define TEST_NAME_BYTES 25

/* Writes a name that nobody else has used: "qvirtio-" and 16 random hexadecimal digits.
 * It differs from run to run also under the same seed, so that what a run left behind
 * does not stop the next one. Whoever creates the file must still do it exclusively. */
void test_random_name(Test *t, char name[TEST_NAME_BYTES]);

#endif
