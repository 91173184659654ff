/* SPDX-License-Identifier: MIT */
/*
 * What the guest tells the runner to look for after the VM is gone.
 */
#include "kernel/lib/printf.h"
#include "tests/harness/test.h"

void test_announce_write(const QVirtioDevice *dev, uint64_t sector, uint64_t count,
                         uint64_t seed)
{
    /* The medium's name has no bus in it: two views of one device share it. */
    kprintf("# wrote %s sector %llu count %llu seed 0x%llx\n", strchr(dev->name, '.') + 1,
            (unsigned long long)sector, (unsigned long long)count,
            (unsigned long long)seed);
}

void test_announce_file(const QVirtioDevice *dev, const char *name, uint64_t bytes,
                        uint64_t seed)
{
    kprintf("# wrote %s file %s bytes %llu seed 0x%llx\n", strchr(dev->name, '.') + 1,
            name, (unsigned long long)bytes, (unsigned long long)seed);
}

void test_announce_unit_write(const QVirtioDevice *dev, unsigned target, unsigned lun,
                              uint64_t sector, uint64_t count, uint64_t seed)
{
    kprintf("# wrote %s.%u.%u sector %llu count %llu seed 0x%llx\n",
            strchr(dev->name, '.') + 1, target, lun, (unsigned long long)sector,
            (unsigned long long)count, (unsigned long long)seed);
}
