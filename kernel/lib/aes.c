/* SPDX-License-Identifier: MIT */
/* AES: see aes.h. The state's bytes are in the order of the block, four to a column. */
#include "kernel/lib/aes.h"
#include "kernel/lib/string.h"

static uint8_t sbox[256], unbox[256];

static uint8_t twice(uint8_t x)
{
    return x << 1 ^ (x & 0x80 ? 0x1b : 0);
}

static uint8_t rotate(uint8_t x, unsigned bits)
{
    return x << bits | x >> (8 - bits);
}

/* 3 generates the field: p runs through all that has an inverse, q through the inverses
 * (5.1.1). */
static void make_boxes(void)
{
    uint8_t p = 1, q = 1;
    do {
        p ^= twice(p);
        q ^= q << 1;
        q ^= q << 2;
        q ^= q << 4;
        q ^= q & 0x80 ? 0x09 : 0;
        sbox[p] = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63;
    } while (p != 1);
    sbox[0] = 0x63;
    for (unsigned i = 0; i < 256; i++) {
        unbox[sbox[i]] = i;
    }
}

bool aes_init(Aes *aes, const void *key, uint32_t bytes)
{
    if (bytes != 16 && bytes != 24 && bytes != 32) {
        return false;
    }
    if (!sbox[0]) {
        make_boxes();
    }
    aes->rounds = bytes / 4 + 6;
    memcpy(aes->key, key, bytes);
    uint8_t rcon = 1;
    for (uint32_t at = bytes; at < (aes->rounds + 1) * AES_BLOCK_BYTES; at += 4) {
        uint8_t word[4];
        memcpy(word, aes->key + at - 4, 4);
        if (at % bytes == 0) {
            uint8_t first = word[0];
            word[0] = sbox[word[1]] ^ rcon;
            word[1] = sbox[word[2]];
            word[2] = sbox[word[3]];
            word[3] = sbox[first];
            rcon = twice(rcon);
        } else if (bytes == 32 && at % bytes == 16) {
            for (unsigned i = 0; i < 4; i++) {
                word[i] = sbox[word[i]];
            }
        }
        for (unsigned i = 0; i < 4; i++) {
            aes->key[at + i] = aes->key[at - bytes + i] ^ word[i];
        }
    }
    return true;
}

static void add_key(const Aes *aes, unsigned round, uint8_t *state)
{
    for (unsigned i = 0; i < AES_BLOCK_BYTES; i++) {
        state[i] ^= aes->key[round * AES_BLOCK_BYTES + i];
    }
}

/* SubBytes and ShiftRows: row r comes from `by` * r columns further. */
static void substitute(uint8_t *state, const uint8_t *box, unsigned by)
{
    uint8_t old[AES_BLOCK_BYTES];
    memcpy(old, state, sizeof(old));
    for (unsigned i = 0; i < AES_BLOCK_BYTES; i++) {
        state[i] = box[old[(i + 4 * by * (i % 4)) % AES_BLOCK_BYTES]];
    }
}

static void mix_columns(uint8_t *state)
{
    for (uint8_t *c = state; c < state + AES_BLOCK_BYTES; c += 4) {
        uint8_t all = c[0] ^ c[1] ^ c[2] ^ c[3], first = c[0];
        for (unsigned i = 0; i < 4; i++) {
            c[i] ^= all ^ twice(c[i] ^ (i < 3 ? c[i + 1] : first));
        }
    }
}

void aes_encrypt(const Aes *aes, uint8_t block[AES_BLOCK_BYTES])
{
    add_key(aes, 0, block);
    for (unsigned round = 1; round <= aes->rounds; round++) {
        substitute(block, sbox, 1);
        if (round < aes->rounds) {
            mix_columns(block);
        }
        add_key(aes, round, block);
    }
}

void aes_decrypt(const Aes *aes, uint8_t block[AES_BLOCK_BYTES])
{
    for (unsigned round = aes->rounds; round > 0; round--) {
        add_key(aes, round, block);
        /* The mixing has order four: three more times undo it. */
        for (unsigned i = 0; i < 3 && round < aes->rounds; i++) {
            mix_columns(block);
        }
        substitute(block, unbox, 3);
    }
    add_key(aes, 0, block);
}
