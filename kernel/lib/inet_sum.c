/* SPDX-License-Identifier: MIT */
/*
 * The internet checksum; see inet_sum.h.
 */
#include "kernel/lib/inet_sum.h"

static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

uint16_t inet_sum(const uint8_t *at, size_t bytes, uint32_t start)
{
    uint32_t sum = fold(start);
    for (size_t i = 0; i + 1 < bytes; i += 2) {
        sum = fold(sum + inet_get16(at + i));
    }
    return fold(sum + (bytes & 1 ? at[bytes - 1] << 8 : 0));
}

uint16_t inet_sum_pseudo(const uint8_t *ip, uint8_t protocol, size_t bytes)
{
    uint32_t start = protocol + (uint32_t)bytes;
    return ip[0] >> 4 == 6 ? inet_sum(ip + 8, 32, start) : inet_sum(ip + 12, 8, start);
}
