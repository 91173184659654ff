/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the persistent memory device (5.19) share. The memory outlives the
 * VM: tests write only its last 64 sectors of 512 bytes, and announce each as if on a
 * disk, so that the host can look for it afterwards. Of a large range only what is used
 * is mapped.
 */
#ifndef PMEM_LIB_H
#define PMEM_LIB_H

#include "drivers/virtio/device/pmem.h"
#include "tests/harness/test.h"

#define PMEM_SECTOR_BYTES     512
#define PMEM_WRITABLE_SECTORS 64

/* For .why_not: returns the text of a SKIP when the memory is too small for that. */
const char *pmem_why_not_writable(QVirtioDevice *dev);
/* Returns the first sector that tests may write: those before it stay as the host made
 * them. */
uint64_t pmem_first_writable(const PmemRange *range);
/* Returns false when that fails, which is reported. */
bool pmem_find(Test *t, QVirtioDevice *dev, PmemRange *range);

/* The same, of memory that keeps what is written; where it does not, the test is a SKIP.
 */
bool pmem_find_writable(Test *t, QVirtioDevice *dev, PmemRange *range);

/* Write to sectors, and compare them with, the content that is announced with this seed;
 * seed 0 is what the runner's images hold. */
void pmem_write(QVirtioDevice *dev, const PmemRange *range, uint64_t sector,
                unsigned sectors, uint64_t seed);
#define expect_sectors(t, clause, range, sector, sectors, seed) \
    pmem_expect_sectors(t, EXPECT_AT(clause, "memory"), range, sector, sectors, seed)
#define require_sectors(t, ...) expect_sectors(t, BASIS_NONE, __VA_ARGS__)
bool pmem_expect_sectors(Test *t, const ExpectAt *at, const PmemRange *range,
                         uint64_t sector, unsigned sectors, uint64_t seed);

/* Sends one flush, and expects that it succeeds. */
bool pmem_flushes(Test *t, QVirtioDevice *dev);

#endif
