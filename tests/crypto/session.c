/* SPDX-License-Identifier: MIT */
/*
 * Sessions on the control queue (5.9.9.2.1): they are created, told apart and destroyed.
 * Requests that cannot create one have the right status.
 */
#include "kernel/lib/aes.h"
#include "tests/crypto/crypto_lib.h"

static bool has_cbc(Test *t, QVirtioDevice *dev)
{
    return crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC);
}

/* Encrypts a block of zeros in the session and compares the result with our own. */
static bool key_works(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                      const CryptoPara *para, const CryptoSession *session)
{
    CryptoWork w = crypto_cbc_work(session, AES_BLOCK_BYTES);
    uint8_t block[AES_BLOCK_BYTES];
    CryptoRequest r;
    Aes aes;
    w.para = para;
    memcpy(block, crypto_iv, sizeof(block));
    aes_init(&aes, para->key.at, para->key.len);
    aes_encrypt(&aes, block);
    return require_status(t, dev, &w, VIRTIO_CRYPTO_OK, &r) &&
           expect_bytes(t, at, r.in, block, sizeof(block), "what this key gives");
}

#define expect_key_works(t, clause, dev, para, session) \
    key_works(t, EXPECT_AT(clause, "result"), dev, para, session)
#define require_key_works(t, ...) expect_key_works(t, BASIS_NONE, __VA_ARGS__)

#define SESSIONS 8

CRYPTO_TEST(sessions_have_ids_and_keys_of_their_own, .rings = RINGS_ALL)
{
    CryptoPara para[SESSIONS];
    CryptoSession session[SESSIONS];
    unsigned n = 0;
    if (!has_cbc(t, dev)) {
        return;
    }
    for (; n < SESSIONS; n++) {
        uint8_t *key = arena_lend(16, 1);
        para[n] = crypto_cbc;
        para[n].key.at = key;
        pattern_fill(key, 16, random_next(&t->random));
        if (!expect_session(t, "dev:5.9.9.2.1.7-3", dev, &para[n], &session[n])) {
            break;
        }
        for (unsigned i = 0; i < n; i++) {
            expect_ne(t, "dev:5.9.9.2.1.7-4", session[n].id, session[i].id);
        }
    }
    for (unsigned i = 0; i < n; i++) {
        expect_key_works(t, "dev:5.9.9.2.1.7-2", dev, &para[i], &session[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        crypto_end_session(t, dev, &session[i]);
    }
}

CRYPTO_TEST(sessions_are_made_with_revision_1, .rings = RINGS_ALL, NEEDS_REVISION_1)
{
    CryptoSession session;
    if (has_cbc(t, dev) && require_session(t, dev, &crypto_cbc, &session)) {
        expect_key_works(t, "dev:5.9.9.2.1.7-2", dev, &crypto_cbc, &session);
        crypto_end_session(t, dev, &session);
    }
}

/* "The device MUST use the corresponding opcode specific structure according to the
 * opcode": the same algorithm number means something else to each. */
CRYPTO_TEST(opcode_says_what_a_session_is_for)
{
    static const struct {
        uint8_t service;
        uint32_t algo, result_bytes;
    } kinds[] = {{HASH, VIRTIO_CRYPTO_HASH_SHA1, 20},
                 {MAC, VIRTIO_CRYPTO_MAC_HMAC_SHA1, 20},
                 {AEAD, VIRTIO_CRYPTO_AEAD_GCM, 16}};
    CryptoConfig c;
    CryptoSession session;
    unsigned tried = 0;
    if (!require_ok(t, crypto_read_config(dev, &c))) {
        return;
    }
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        CryptoPara p = crypto_cbc;
        p.service = kinds[i].service;
        p.algo = kinds[i].algo;
        p.result_bytes = kinds[i].result_bytes;
        if (!crypto_has(&c, p.service, p.algo) ||
            !require_ok(t, crypto_create(dev, &p, &session)) ||
            session.status == VIRTIO_CRYPTO_NOTSUPP) {
            /* A test of config.c fails for such a service. */
            continue;
        }
        tried++;
        if (expect_eq(t, "dev:5.9.9.2.1.7-1", session.status, VIRTIO_CRYPTO_OK)) {
            crypto_end_session(t, dev, &session);
        }
    }
    if (!tried) {
        test_skip(t, "the device has no HASH or MAC sessions with SHA-1 and no AEAD "
                     "sessions with GCM");
    }
}

/* No specification defines these algorithms, so no device may support them. */
static void expect_unsupported(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                               const CryptoPara *p)
{
    CryptoSession session;
    if (require_ok(t, crypto_create(dev, p, &session))) {
        expect_condition(t, at, session.status == VIRTIO_CRYPTO_NOTSUPP,
                         "VIRTIO_CRYPTO_NOTSUPP (3)", "status %u", session.status);
    }
}

#define expect_not_supported(t, clause, dev, p) \
    expect_unsupported(t, EXPECT_AT(clause, "status"), dev, p)
#define require_not_supported(t, ...) expect_not_supported(t, BASIS_NONE, __VA_ARGS__)

CRYPTO_TEST(unknown_cipher_is_not_supported)
{
    CryptoPara p = crypto_cbc;
    p.algo = 31;
    if (has_cbc(t, dev)) {
        expect_not_supported(t, "dev:5.9.9.2.1.7-3", dev, &p);
    }
}

CRYPTO_TEST(unknown_hash_is_not_supported)
{
    CryptoPara p = {.service = HASH, .algo = 31, .result_bytes = 20};
    expect_not_supported(t, "dev:5.9.9.2.1.7-3", dev, &p);
}

CRYPTO_TEST(unknown_mac_is_not_supported)
{
    CryptoPara p = crypto_cbc;
    p.service = MAC;
    p.algo = 24;
    expect_not_supported(t, "dev:5.9.9.2.1.7-3", dev, &p);
}

/* AES has no key of 15 bytes. The text does not say whether that is an error or an
 * algorithm that the device does not support. */
CRYPTO_TEST(key_of_15_bytes_makes_no_aes_session)
{
    CryptoPara p = crypto_cbc;
    CryptoSession session;
    p.key.len = 15;
    if (has_cbc(t, dev) && require_ok(t, crypto_create(dev, &p, &session))) {
        require_that(t,
                     session.status == VIRTIO_CRYPTO_ERR ||
                         session.status == VIRTIO_CRYPTO_NOTSUPP,
                     "ERR or NOTSUPP", "status %u", session.status);
    }
}

CRYPTO_TEST(session_is_destroyed_and_gone, .rings = RINGS_ALL)
{
    CryptoSession session;
    CryptoRequest r;
    uint8_t status = CRYPTO_FILL;
    if (!has_cbc(t, dev) || !require_session(t, dev, &crypto_cbc, &session) ||
        !require_ok(t, crypto_destroy(dev, &session, &status)) ||
        !expect_eq(t, "dev:5.9.9.2.1.9-1", status, VIRTIO_CRYPTO_OK)) {
        return;
    }
    CryptoWork w = crypto_cbc_work(&session, 16);
    expect_status(t, "dev:5.9.9.6.2-8", dev, &w, VIRTIO_CRYPTO_INVSESS, &r);
}

#define ROUNDS 300

/* The ids of destroyed sessions are free again. The test creates more sessions than any
 * device has, one after another. */
CRYPTO_TEST(destroyed_sessions_make_room)
{
    CryptoSession session;
    for (unsigned i = 0; i < ROUNDS && has_cbc(t, dev); i++) {
        if (!require_session(t, dev, &crypto_cbc, &session)) {
            return;
        }
        crypto_end_session(t, dev, &session);
    }
}

/* Creates sessions until the device has no room for another one. The status must then say
 * so. */
static void exhaust(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t wanted)
{
    CryptoSession session;
    unsigned n = 0;
    do {
        if (!require_ok(t, crypto_create(dev, &crypto_cbc, &session))) {
            return;
        }
    } while (session.status == VIRTIO_CRYPTO_OK && ++n < ROUNDS);
    if (n < ROUNDS) {
        expect_condition(t, at, session.status == wanted, "the status for no free id",
                         "status %u instead of %u", session.status, wanted);
    }
    require_ge(t, n, 1);
    require_ok(t, crypto_forget_sessions(dev));
    if (n == ROUNDS) {
        test_skip(t, "the device has room for %u sessions, and the test creates no more",
                  ROUNDS);
    }
}

/* "VIRTIO_CRYPTO_NOSPC if no free session ID (only when the VIRTIO_CRYPTO_F_REVISION_1
 * feature bit is negotiated)" */
CRYPTO_TEST(session_too_many_has_no_space, NEEDS_REVISION_1)
{
    if (has_cbc(t, dev)) {
        exhaust(t, EXPECT_AT("dev:5.9.9.2.1.7-3", "status"), dev, VIRTIO_CRYPTO_NOSPC);
    }
}

CRYPTO_TEST(session_too_many_is_an_error_before_revision_1)
{
    if (has_cbc(t, dev)) {
        exhaust(t, EXPECT_AT("dev:5.9.9.2.1.7-3", "status"), dev, VIRTIO_CRYPTO_ERR);
    }
}
