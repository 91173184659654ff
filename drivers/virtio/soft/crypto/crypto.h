/* SPDX-License-Identifier: MIT */
/*
 * Private to the crypto device in software: its sessions, and the algorithms that it has:
 * AES in four modes and GCM, SHA-1, HMAC with it, RSA of 512 bits. What comes of each is
 * written in place of the source, or as a digest.
 */
#ifndef SOFT_CRYPTO_H
#define SOFT_CRYPTO_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_crypto.h"
#include "kernel/lib/sha1.h"

#define SOFT_CRYPTO_DATA_QUEUES 2
#define SOFT_CRYPTO_CIPHER_KEY  64
#define SOFT_CRYPTO_AUTH_KEY    64
#define SOFT_CRYPTO_KEY_MOST    512
#define SOFT_CRYPTO_MAX_SIZE    65536u

/* Parameters of a session, or of one operation in stateless mode. */
typedef struct SoftPara {
    bool is_used;
    uint8_t service;
    uint32_t algo, op, result_bytes;
    uint32_t chain_order, hash_mode, hash_algo;
    uint32_t rsa_padding, rsa_hash;
    uint32_t key_len, auth_key_len;
    uint8_t key[SOFT_CRYPTO_KEY_MOST], auth_key[SOFT_CRYPTO_AUTH_KEY];
} SoftPara;

/* Returns the session with that id, or NULL. */
const SoftPara *soft_crypto_session(uint64_t id);
/* Returns VIRTIO_CRYPTO_OK when the device can work with these. */
uint8_t soft_crypto_check(const SoftPara *p);
/* Serves the requests of the data queues. */
void soft_crypto_work(SoftDevice *s, uint16_t queue);

/* Each returns VIRTIO_CRYPTO_OK or ERR. `data` goes in and comes out. */
uint8_t soft_crypto_cipher(const SoftPara *p, bool encrypts, const uint8_t *iv,
                           uint32_t iv_len, uint8_t *data, uint32_t bytes);
/* Writes the tag to the 16 bytes behind data, or compares it with them, and then returns
 * BADMSG when they differ. */
uint8_t soft_crypto_gcm(const SoftPara *p, bool encrypts, const uint8_t *iv,
                        uint32_t iv_len, const uint8_t *aad, uint32_t aad_len,
                        uint8_t *data, uint32_t bytes);

#define SOFT_RSA_BYTES 64
/* Returns true when the device can work with the key. */
bool soft_rsa_has_key(const SoftPara *p);
/* Works from bytes of src (for VERIFY the signature) to dst, where there is room for
 * SOFT_RSA_BYTES. */
uint8_t soft_rsa(const SoftPara *p, uint8_t operation, const uint8_t *src, uint32_t bytes,
                 const uint8_t *digest, uint32_t digest_bytes, uint8_t *dst,
                 uint32_t *dst_bytes);

#endif
