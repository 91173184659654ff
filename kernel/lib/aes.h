/* SPDX-License-Identifier: MIT */
/*
 * AES (FIPS 197), one block at a time: what a crypto device's answers are checked
 * against. Small rather than fast; tables are made once. No secret is safe with it.
 */
#ifndef KERNEL_AES_H
#define KERNEL_AES_H

#include <stdbool.h>
#include <stdint.h>

#define AES_BLOCK_BYTES 16
#define AES_ROUNDS_MOST 14

typedef struct Aes {
    unsigned rounds;
    uint8_t key[(AES_ROUNDS_MOST + 1) * AES_BLOCK_BYTES];
} Aes;

/* Prepares a key of 16, 24 or 32 bytes. Returns false for any other length. */
bool aes_init(Aes *aes, const void *key, uint32_t bytes);
/* Encrypt and decrypt one block in place. */
void aes_encrypt(const Aes *aes, uint8_t block[AES_BLOCK_BYTES]);
void aes_decrypt(const Aes *aes, uint8_t block[AES_BLOCK_BYTES]);

#endif
