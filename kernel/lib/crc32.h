/* SPDX-License-Identifier: MIT */
/*
 * The CRC-32 of Ethernet, zip and PNG (reflected polynomial 0xedb88320): what a host says
 * of more bytes than a line holds.
 */
#ifndef KERNEL_CRC32_H
#define KERNEL_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Returns the checksum of all bytes so far. `crc` is what the last call returned, and 0
 * at first. */
static inline uint32_t crc32_more(uint32_t crc, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= from[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
        }
    }
    return ~crc;
}

#endif
