/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the crypto device (5.9.9): sessions, and operations in a
 * session or in stateless mode. One description of parameters serves both.
 *
 * A device may keep sessions over a reset, because the specification does not forbid it.
 * So the sessions that earlier lives left over are destroyed when the next life begins.
 */
#ifndef QVIRTIO_DEVICE_CRYPTO_H
#define QVIRTIO_DEVICE_CRYPTO_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_crypto.h"

/* Results and status are filled with this before a request. It is no status that a device
 * may write. */
#define CRYPTO_FILL 0xa5

typedef struct CryptoBytes {
    const void *at;
    uint32_t len;
} CryptoBytes;

/* Parameters of a session, or of an operation in stateless mode. */
typedef struct CryptoPara {
    /* VIRTIO_CRYPTO_SERVICE_*. */
    uint8_t service;
    /* An algorithm of that service. */
    uint32_t algo;
    /* VIRTIO_CRYPTO_OP_*; with AKCIPHER the type of the key. */
    uint32_t op;
    /* The key of CIPHER, MAC, AEAD and AKCIPHER. */
    CryptoBytes key;
    /* The length of the result of HASH and MAC, or of the tag of AEAD. */
    uint32_t result_bytes;
    /* The length of the additional data of AEAD and of chains. */
    uint32_t aad_bytes;
    /* The order in an algorithm chain; 0: CIPHER without a hash. */
    uint32_t chain_order;
    /* The hash of a chain. */
    uint32_t hash_mode, hash_algo;
    /* The key of the hash of a chain. */
    CryptoBytes auth_key;
    /* Of AKCIPHER with RSA. */
    uint32_t rsa_padding, rsa_hash;
} CryptoPara;

typedef struct CryptoSession {
    uint64_t id;
    /* A status of the device, VIRTIO_CRYPTO_OK or another one. */
    uint32_t status;
    uint32_t used_len;
    uint8_t service;
} CryptoSession;

/* Create and destroy a session. Both return 0 when the device answered, whatever the
 * answer is. */
int crypto_create(QVirtioDevice *d, const CryptoPara *para, CryptoSession *session);
int crypto_destroy(QVirtioDevice *d, const CryptoSession *session, uint8_t *status);
/* Sends a control request of any opcode, and copies what the device wrote to `answer`.
 * `flf` holds the fixed-length fields as they are with VIRTIO_CRYPTO_F_REVISION_1.
 * used_len may be NULL. */
int crypto_control(QVirtioDevice *d, uint32_t opcode, uint32_t algo, CryptoBytes flf,
                   CryptoBytes key, CryptoBytes auth_key, void *answer,
                   uint32_t answer_bytes, uint32_t *used_len);
/* Destroys the sessions that were created and not destroyed, in this life or an earlier
 * one. */
int crypto_forget_sessions(QVirtioDevice *d);

/* One operation of a data queue. */
typedef struct CryptoWork {
    const CryptoPara *para;
    /* The session; NULL: stateless mode. */
    const CryptoSession *session;
    /* VIRTIO_CRYPTO_ENCRYPT or another operation of the service. */
    uint8_t operation;
    /* For VERIFY, src is the signature and aad the signed data. */
    CryptoBytes iv, src, aad;
    uint32_t dst_bytes;
    /* Of chains: the length of the hash result, and how many bytes of src are hashed. */
    uint32_t hash_bytes, hash_from;
} CryptoWork;

typedef struct CryptoRequest {
    QVirtioDevice *dev;
    QVirtQueue *vq;
    /* The header, the fixed-length and the variable-length fields. NULL when the arena is
     * full. */
    uint8_t *out;
    uint32_t out_bytes;
    /* The result, and behind it the status. */
    uint8_t *in;
    uint32_t in_bytes;
    uint32_t used_len;
} CryptoRequest;

/* Makes the request of an operation for this data queue. */
CryptoRequest crypto_request(QVirtioDevice *d, uint16_t queue, const CryptoWork *work);
/* Adds the request; the token is r. crypto_run() also kicks, and waits until it is
 * used. */
int crypto_add(CryptoRequest *r);
int crypto_run(CryptoRequest *r);

static inline uint8_t crypto_status(const CryptoRequest *r)
{
    return r->in[r->in_bytes - 1];
}

/* Returns true when stateless mode of the service was negotiated. */
bool crypto_is_stateless(const QVirtioDevice *d, uint8_t service);

/* Write the fixed-length fields of a session and of an operation, and return how many
 * bytes they are. flf must have room for CRYPTO_FLF_MOST bytes. */
#define CRYPTO_FLF_MOST 80
uint32_t crypto_session_flf(const CryptoPara *p, void *flf);
uint32_t crypto_data_flf(const CryptoWork *w, bool is_stateless, void *flf);

/* Config space, in CPU order. */
typedef struct CryptoConfig {
    uint32_t status, services;
    /* How many data queues are opened: max_dataqueues, or as many as the API can hold. */
    uint16_t data_queues;
    uint64_t cipher_algos, mac_algos;
    uint32_t hash_algos, aead_algos, akcipher_algos;
    uint32_t max_cipher_key_len, max_auth_key_len;
    uint64_t max_size;
} CryptoConfig;

int crypto_read_config(QVirtioDevice *d, CryptoConfig *c);
/* Returns true when config space advertises both the service and the algorithm. */
bool crypto_has(const CryptoConfig *c, uint8_t service, uint32_t algo);

#endif
