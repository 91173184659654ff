/* SPDX-License-Identifier: MIT */
/*
 * Requests of the crypto device (5.9.9), for tests: sessions, and operations in a session
 * or in stateless mode. One description of parameters serves both.
 *
 * A device may keep sessions over a reset (no text says that it does not): those that are
 * left over from former lives are destroyed when the next one begins.
 */
#ifndef QVIRTIO_DEVICE_CRYPTO_H
#define QVIRTIO_DEVICE_CRYPTO_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_crypto.h"

/* What results and status are filled with before a request: no device's status. */
#define CRYPTO_FILL 0xa5

typedef struct CryptoBytes {
    const void *at;
    uint32_t len;
} CryptoBytes;

/* Parameters of a session, or of an operation in stateless mode. */
typedef struct CryptoPara {
    /* VIRTIO_CRYPTO_SERVICE_*. */
    uint8_t service;
    /* Of that service. */
    uint32_t algo;
    /* VIRTIO_CRYPTO_OP_*; AKCIPHER: the type of the key. */
    uint32_t op;
    /* Of CIPHER, MAC, AEAD, AKCIPHER. */
    CryptoBytes key;
    /* Of HASH and MAC; of AEAD the tag. */
    uint32_t result_bytes;
    /* Of AEAD and chains. */
    uint32_t aad_bytes;
    /* The order of a chain; 0 means a CIPHER session without hash. */
    uint32_t chain_order;
    uint32_t hash_mode, hash_algo;
    CryptoBytes auth_key;
    uint32_t rsa_padding, rsa_hash;
} CryptoPara;

typedef struct CryptoSession {
    uint64_t id;
    /* VIRTIO_CRYPTO_OK ... */
    uint32_t status;
    uint32_t used_len;
    uint8_t service;
} CryptoSession;

/* Create and destroy a session. Both return 0 when there was an answer, whatever it says.
 */
int crypto_create(QVirtioDevice *d, const CryptoPara *para, CryptoSession *session);
int crypto_destroy(QVirtioDevice *d, const CryptoSession *session, uint8_t *status);
/* Sends a control request of any opcode, and gives what the device wrote into the room
 * for its answer. `flf` is in the layout of VIRTIO_CRYPTO_F_REVISION_1. */
int crypto_control(QVirtioDevice *d, uint32_t opcode, uint32_t algo, CryptoBytes flf,
                   CryptoBytes key, CryptoBytes auth_key, void *answer,
                   uint32_t answer_bytes, uint32_t *used_len);
/* Destroys what has been created and not destroyed, in this life or before. */
int crypto_forget_sessions(QVirtioDevice *d);

/* One operation of a data queue. */
typedef struct CryptoWork {
    const CryptoPara *para;
    /* The session, or NULL in stateless mode. */
    const CryptoSession *session;
    /* VIRTIO_CRYPTO_ENCRYPT ... */
    uint8_t operation;
    /* Aad: to VERIFY the signed data. */
    CryptoBytes iv, src, aad;
    uint32_t dst_bytes;
    /* Of chains: what comes of the hash, which is of the first hash_from bytes of src. */
    uint32_t hash_bytes, hash_from;
} CryptoWork;

typedef struct CryptoRequest {
    QVirtioDevice *dev;
    QVirtQueue *vq;
    /* Header, fixed-length and variable-length fields; NULL when the arena is full. */
    uint8_t *out;
    uint32_t out_bytes;
    /* The result, and the status. */
    uint8_t *in;
    uint32_t in_bytes;
    uint32_t used_len;
} CryptoRequest;

CryptoRequest crypto_request(QVirtioDevice *d, uint16_t queue, const CryptoWork *work);
int crypto_add(CryptoRequest *r);
int crypto_run(CryptoRequest *r);

static inline uint8_t crypto_status(const CryptoRequest *r)
{
    return r->in[r->in_bytes - 1];
}

/* Has the service stateless mode in this life? */
bool crypto_is_stateless(const QVirtioDevice *d, uint8_t service);

/* The fixed-length fields of a session and of an operation; how many bytes they are. Both
 * have room for the largest. */
#define CRYPTO_FLF_MOST 80
uint32_t crypto_session_flf(const CryptoPara *p, void *flf);
uint32_t crypto_data_flf(const CryptoWork *w, bool is_stateless, void *flf);

typedef struct CryptoConfig {
    uint32_t status, services;
    /* As many as are opened. */
    uint16_t data_queues;
    uint64_t cipher_algos, mac_algos;
    uint32_t hash_algos, aead_algos, akcipher_algos;
    uint32_t max_cipher_key_len, max_auth_key_len;
    uint64_t max_size;
} CryptoConfig;

int crypto_read_config(QVirtioDevice *d, CryptoConfig *c);
/* Returns true when the service and the algorithm are advertised. */
bool crypto_has(const CryptoConfig *c, uint8_t service, uint32_t algo);

#endif
