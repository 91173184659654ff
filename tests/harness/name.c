/* SPDX-License-Identifier: MIT */
#include "tests/harness/name.h"
#include "kernel/clock.h"
#include "kernel/lib/printf.h"

void test_random_name(Test *t, char name[TEST_NAME_BYTES])
{
    uint64_t random = splitmix64(random_next(&t->random) ^ clock_ns());
    ksnprintf(name, TEST_NAME_BYTES, "qvirtio-%016llx", (unsigned long long)random);
}
