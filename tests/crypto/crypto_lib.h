/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the crypto device share: they ask whether a service exists, run
 * operations in a session or in stateless mode, and write bytes as hexadecimal digits. A
 * test must destroy the sessions that it creates, because these may outlive a reset.
 */
#ifndef CRYPTO_LIB_H
#define CRYPTO_LIB_H

#include "drivers/virtio/device/crypto.h"
#include "tests/harness/test.h"

#define CRYPTO_TEST(id, ...) VIRTIO_TEST(id, .device = VIRTIO_ID_CRYPTO, ##__VA_ARGS__)

#define CIPHER   VIRTIO_CRYPTO_SERVICE_CIPHER
#define HASH     VIRTIO_CRYPTO_SERVICE_HASH
#define MAC      VIRTIO_CRYPTO_SERVICE_MAC
#define AEAD     VIRTIO_CRYPTO_SERVICE_AEAD
#define AKCIPHER VIRTIO_CRYPTO_SERVICE_AKCIPHER

#define NEEDS_REVISION_1 .needs = FEATURES(VIRTIO_CRYPTO_F_REVISION_1)
#define NEEDS_STATELESS(service) \
    .needs =                     \
        FEATURES(VIRTIO_CRYPTO_F_REVISION_1, VIRTIO_CRYPTO_F_##service##_STATELESS_MODE)

/* Returns whether the device advertises this algorithm of the service. Returns false when
 * the test is over: it is skipped, or the failure is reported. */
bool crypto_advertised(Test *t, QVirtioDevice *dev, uint8_t service, uint32_t algo);

/* Returns the bytes that these hexadecimal digits stand for, in lent memory. An empty
 * text gives no bytes. */
CryptoBytes crypto_hex(const char *digits);

/* Creates a session, and expects the status OK. Returns false when that fails, which is
 * reported. */
#define expect_session(t, clause, dev, para, session) \
    crypto_expect_session(t, EXPECT_AT(clause, "status"), dev, para, session)
#define require_session(t, ...) expect_session(t, BASIS_NONE, __VA_ARGS__)
bool crypto_expect_session(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                           const CryptoPara *para, CryptoSession *session);
/* Destroys the session; a failure is reported. */
void crypto_end_session(Test *t, QVirtioDevice *dev, const CryptoSession *session);

/* Runs an operation on data queue 0 and expects this status. Returns false when that
 * fails, which is reported. */
#define expect_status(t, clause, dev, work, wanted, r) \
    crypto_expect_status(t, EXPECT_AT(clause, "status"), dev, work, wanted, r)
#define require_status(t, ...) expect_status(t, BASIS_NONE, __VA_ARGS__)
bool crypto_expect_status(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                          const CryptoWork *work, uint8_t wanted, CryptoRequest *r);

/* Parameters of a session that encrypts with AES-CBC and a key of 16 bytes, and an IV for
 * it. */
extern const CryptoPara crypto_cbc;
extern const uint8_t crypto_iv[16];
/* Makes the operation that encrypts so many bytes of zeros in such a session. */
CryptoWork crypto_cbc_work(const CryptoSession *session, uint32_t bytes);

#endif
