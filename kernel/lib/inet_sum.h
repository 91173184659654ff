/* SPDX-License-Identifier: MIT */
/*
 * The checksum of IPv4, UDP and TCP (RFC 1071), which a driver and a device complete for
 * each other (5.1.9.2, 5.1.9.4). Pure code.
 */
#ifndef KERNEL_INET_SUM_H
#define KERNEL_INET_SUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t inet_get16(const uint8_t *at)
{
    return at[0] << 8 | at[1];
}

static inline void inet_put16(uint8_t *at, uint16_t v)
{
    at[0] = v >> 8;
    at[1] = v;
}

/* Returns the ones' complement sum of the bytes and `start`, folded to 16 bits. The bytes
 * are big-endian numbers of 16 bits. */
uint16_t inet_sum(const uint8_t *at, size_t bytes, uint32_t start);
/* Returns the folded sum of the pseudo header for what is behind an IPv4 or IPv6 header.
 * `bytes` is the length of all that is behind it. */
uint16_t inet_sum_pseudo(const uint8_t *ip, uint8_t protocol, size_t bytes);

#endif
