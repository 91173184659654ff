/* SPDX-License-Identifier: MIT */
/*
 * IPv4 packets for the offload tests; see inet.h. No options, no fragments.
 */
#include "tests/net/inet.h"
#include "kernel/lib/inet_sum.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

#define put16 inet_put16
#define get16 inet_get16

uint16_t inet_frame_pseudo_sum(const uint8_t *frame, size_t bytes)
{
    return inet_sum_pseudo(frame + INET_IP_AT, frame[INET_IP_AT + 9], bytes - INET_L4_AT);
}

bool inet_checksum_is_right(const uint8_t *frame, size_t bytes)
{
    return bytes >= INET_UDP_BYTES &&
           inet_sum(frame + INET_L4_AT, bytes - INET_L4_AT,
                    inet_frame_pseudo_sum(frame, bytes)) == 0xffff;
}

uint32_t inet_header_bytes(const InetPacket *p)
{
    return p->is_tcp ? INET_TCP_BYTES : INET_UDP_BYTES;
}

static void write_ip(const InetPacket *p, uint8_t *ip, uint32_t bytes)
{
    static const uint8_t addresses[8] = {192, 0, 2, 1, 192, 0, 2, 2}; /* RFC 5737 */

    memset(ip, 0, 20);
    ip[0] = 0x45;
    put16(ip + 2, bytes);
    ip[6] = 0x40; /* do not fragment */
    ip[8] = 64;
    ip[9] = p->is_tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
    memcpy(ip + 12, p->flow ? p->flow : addresses, 8);
    put16(ip + 10, ~inet_sum(ip, 20, 0));
}

static void write_transport(const InetPacket *p, uint8_t *l4, uint32_t bytes)
{
    memset(l4, 0, inet_header_bytes(p) - INET_L4_AT);
    put16(l4, 4000);
    put16(l4 + 2, 4001);
    if (p->flow) {
        memcpy(l4, p->flow + 8, 4);
    }
    if (p->is_tcp) {
        put16(l4 + 6, 1); /* sequence number */
        l4[12] = 0x50;    /* five words of header */
        l4[13] = 0x10;    /* ACK */
        put16(l4 + 14, 0x1000);
    } else {
        put16(l4 + 4, bytes);
    }
}

uint32_t inet_write(const InetPacket *p, uint8_t *to)
{
    static const uint8_t from[8] = {0x02, 'q', 'v', 'i', 'n', 'e', 0x08, 0x00};
    uint32_t headers = inet_header_bytes(p), bytes = headers + p->payload_bytes;
    uint8_t *sum = to + INET_L4_AT + (p->is_tcp ? INET_TCP_SUM : INET_UDP_SUM);

    memcpy(to, p->to, 6);
    memcpy(to + 6, from, 8);
    write_ip(p, to + INET_IP_AT, bytes - INET_IP_AT);
    write_transport(p, to + INET_L4_AT, bytes - INET_L4_AT);
    memcpy(to + headers, &p->nonce, 8);
    memcpy(to + headers + 8, &p->number, 4);
    pattern_fill(to + headers + INET_TAG_BYTES, p->payload_bytes - INET_TAG_BYTES,
                 p->number);
    uint16_t pseudo = inet_frame_pseudo_sum(to, bytes);
    put16(sum, p->is_partial ? pseudo
                             : ~inet_sum(to + INET_L4_AT, bytes - INET_L4_AT, pseudo));
    return bytes;
}

bool inet_is(const InetPacket *p, const uint8_t *frame, size_t bytes)
{
    uint32_t headers = inet_header_bytes(p);
    return bytes >= headers + INET_TAG_BYTES && get16(frame + 12) == 0x0800 &&
           frame[INET_IP_AT + 9] == (p->is_tcp ? PROTOCOL_TCP : PROTOCOL_UDP) &&
           memcmp(frame + headers, &p->nonce, 8) == 0 &&
           memcmp(frame + headers + 8, &p->number, 4) == 0;
}

uint32_t inet_wrap_ipv6(uint8_t *frame, uint32_t bytes, const uint8_t *addresses)
{
    uint8_t *ip = frame + INET_IP_AT, protocol = ip[9];
    uint32_t l4_bytes = bytes - INET_L4_AT;
    memmove(ip + INET_IPV6_BYTES, frame + INET_L4_AT, l4_bytes);
    memset(ip, 0, INET_IPV6_BYTES);
    put16(frame + 12, 0x86dd);
    ip[0] = 0x60;
    put16(ip + 4, l4_bytes);
    ip[6] = protocol;
    ip[7] = 64;
    if (addresses) {
        memcpy(ip + 8, addresses, 32);
    } else {
        ip[8] = ip[24] = 0xfe; /* link-local addresses */
        ip[9] = ip[25] = 0x80;
        ip[23] = 1;
        ip[39] = 2;
    }
    return INET_IP_AT + INET_IPV6_BYTES + l4_bytes;
}
