/* SPDX-License-Identifier: MIT */
/*
 * This hashes data in one piece with SHA-1 (FIPS 180-4) and HMAC (RFC 2104). The crypto
 * device in software uses it.
 */
#ifndef KERNEL_SHA1_H
#define KERNEL_SHA1_H

#include <stdint.h>

#define SHA1_BYTES       20
#define SHA1_BLOCK_BYTES 64

/* Writes the digest of two pieces, one behind the other. */
void sha1(uint8_t digest[SHA1_BYTES], const void *a, uint32_t a_bytes, const void *b,
          uint32_t b_bytes);
void hmac_sha1(uint8_t mac[SHA1_BYTES], const void *key, uint32_t key_bytes,
               const void *data, uint32_t bytes);

#endif
