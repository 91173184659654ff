/* SPDX-License-Identifier: MIT */
/*
 * Just enough of IPv4, UDP and TCP for checksum and segmentation offloads: one packet
 * with a tag in its payload, with a complete checksum or with the pseudo header's sum in
 * its place (5.1.9.2). Pure code.
 */
#ifndef NET_INET_H
#define NET_INET_H

#include "kernel/lib/inet_sum.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INET_IP_AT      14
#define INET_L4_AT      34
#define INET_UDP_SUM    6 /* offset of the checksum in the header */
#define INET_TCP_SUM    16
#define INET_UDP_BYTES  42 /* all headers */
#define INET_TCP_BYTES  54
#define INET_TAG_BYTES  12
#define INET_IPV6_BYTES 40

typedef struct InetPacket {
    bool is_tcp;
    /* MAC. */
    const uint8_t *to;
    uint64_t nonce;
    uint32_t number;
    /* At least INET_TAG_BYTES. */
    uint32_t payload_bytes;
    /* The checksum is the pseudo header's sum. */
    bool is_partial;
    /* Two addresses and two ports as they lie in the packet, the sender's first. NULL
     * means that any will do. */
    const uint8_t *flow;
} InetPacket;

/* Writes the frame; returns its length. */
uint32_t inet_write(const InetPacket *p, uint8_t *to);
uint32_t inet_header_bytes(const InetPacket *p);
/* Puts an IPv6 header in place of the one of IPv4; addresses: two of 16 bytes, or NULL.
 * The new length; the transport's checksum is left as it is. */
uint32_t inet_wrap_ipv6(uint8_t *frame, uint32_t bytes, const uint8_t *addresses);
/* Returns true when the frame is an IPv4 packet of this kind with this tag. */
bool inet_is(const InetPacket *p, const uint8_t *frame, size_t bytes);

/* Returns the folded sum of the frame's pseudo header. */
uint16_t inet_frame_pseudo_sum(const uint8_t *frame, size_t bytes);
/* Returns true when the transport checksum of a whole frame is right. */
bool inet_checksum_is_right(const uint8_t *frame, size_t bytes);

#endif
