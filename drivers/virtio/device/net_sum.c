/* SPDX-License-Identifier: MIT */
/*
 * The internet checksum; see net_sum.h.
 */
#include "drivers/virtio/device/net_sum.h"

static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

uint16_t net_sum(const uint8_t *at, size_t bytes, uint32_t start)
{
    uint32_t sum = fold(start);
    for (size_t i = 0; i + 1 < bytes; i += 2) {
        sum = fold(sum + net_get16(at + i));
    }
    return fold(sum + (bytes & 1 ? at[bytes - 1] << 8 : 0));
}

uint16_t net_pseudo_sum(const uint8_t *ip, uint8_t protocol, size_t bytes)
{
    uint32_t start = protocol + (uint32_t)bytes;
    return ip[0] >> 4 == 6 ? net_sum(ip + 8, 32, start) : net_sum(ip + 12, 8, start);
}
