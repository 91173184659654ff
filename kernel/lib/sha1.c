/* SPDX-License-Identifier: MIT */
/* SHA-1 and HMAC-SHA-1: see sha1.h. */
#include "kernel/lib/sha1.h"
#include "kernel/lib/string.h"

static uint32_t rotate(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

static void round_of_80(uint32_t *h, const uint8_t *block)
{
    static const uint32_t add[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned i = 0; i < 80; i++) {
        const uint8_t *from = block + i * 4;
        w[i] = i < 16 ? (uint32_t)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3]
                      : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint32_t f = i < 20        ? (b & c) | (~b & d)
                     : i / 20 == 2 ? (b & c) | (b & d) | (c & d)
                                   : b ^ c ^ d;
        uint32_t next = rotate(a, 5) + f + e + add[i / 20] + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* The byte at `at` of the padded message. */
static uint8_t byte_at(const uint8_t *a, uint32_t a_bytes, const uint8_t *b,
                       uint64_t bytes, uint64_t padded, uint64_t at)
{
    if (at < bytes) {
        return at < a_bytes ? a[at] : b[at - a_bytes];
    }
    if (at == bytes) {
        return 0x80;
    }
    return at < padded - 8 ? 0 : (uint8_t)(bytes * 8 >> (padded - 1 - at) * 8);
}

void sha1(uint8_t digest[SHA1_BYTES], const void *a, uint32_t a_bytes, const void *b,
          uint32_t b_bytes)
{
    uint32_t h[] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint64_t bytes = (uint64_t)a_bytes + b_bytes;
    uint64_t padded = (bytes + 9 + SHA1_BLOCK_BYTES - 1) & -(uint64_t)SHA1_BLOCK_BYTES;
    for (uint64_t at = 0; at < padded; at += SHA1_BLOCK_BYTES) {
        uint8_t block[SHA1_BLOCK_BYTES];
        for (unsigned i = 0; i < sizeof(block); i++) {
            block[i] = byte_at(a, a_bytes, b, bytes, padded, at + i);
        }
        round_of_80(h, block);
    }
    for (unsigned i = 0; i < SHA1_BYTES; i++) {
        digest[i] = h[i / 4] >> (24 - i % 4 * 8);
    }
}

void hmac_sha1(uint8_t mac[SHA1_BYTES], const void *key, uint32_t key_bytes,
               const void *data, uint32_t bytes)
{
    uint8_t block[SHA1_BLOCK_BYTES] = {0}, inner[SHA1_BYTES];
    if (key_bytes > sizeof(block)) {
        sha1(block, key, key_bytes, NULL, 0);
    } else {
        memcpy(block, key, key_bytes);
    }
    for (unsigned i = 0; i < sizeof(block); i++) {
        block[i] ^= 0x36;
    }
    sha1(inner, block, sizeof(block), data, bytes);
    for (unsigned i = 0; i < sizeof(block); i++) {
        block[i] ^= 0x36 ^ 0x5c;
    }
    sha1(mac, block, sizeof(block), inner, sizeof(inner));
}
