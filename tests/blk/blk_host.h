/* SPDX-License-Identifier: MIT */
/*
 * A disk that the host makes larger: the change of configuration that every bus has to
 * tell of, used by the suites of the buses as well.
 */
#ifndef TESTS_BLK_HOST_H
#define TESTS_BLK_HOST_H

#include "tests/blk/blk_lib.h"
#include "tests/harness/host.h"

#define BLK_GROWTH 128 /* sectors */

/* The host gives it so many sectors, and capacity shows them. False: the test is over. */
bool blk_grow(Test *t, QVirtioDevice *dev, uint64_t sectors);

#endif
