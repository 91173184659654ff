/* SPDX-License-Identifier: MIT */
/*
 * CIPHER operations (5.9.9.6) must give published results: ECB, CBC and CTR those of SP
 * 800-38A, and XTS one with a key and a tweak of IEEE 1619. The tests use sessions
 * without and with REVISION_1, and stateless mode.
 */
#include "tests/crypto/crypto_lib.h"

#define STATUS "dev:5.9.9.6.2-8"
#define RESULT "dev:5.9.9.6.2-5"

#define KEY_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define KEY_256 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define IV      "000102030405060708090a0b0c0d0e0f"
#define COUNTER "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
#define PLAIN   "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"

typedef struct Vector {
    uint32_t algo;
    const char *key, *iv, *plain, *cipher;
} Vector;

static const Vector vectors[] = {
    {VIRTIO_CRYPTO_CIPHER_AES_CBC, KEY_128, IV, PLAIN,
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
    {VIRTIO_CRYPTO_CIPHER_AES_CBC, KEY_192, IV, PLAIN,
     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
    {VIRTIO_CRYPTO_CIPHER_AES_CBC, KEY_256, IV, PLAIN,
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    {VIRTIO_CRYPTO_CIPHER_AES_ECB, KEY_128, "", PLAIN,
     "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"},
    {VIRTIO_CRYPTO_CIPHER_AES_CTR, KEY_128, COUNTER, PLAIN,
     "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"},
    {VIRTIO_CRYPTO_CIPHER_AES_XTS,
     "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0",
     "9a785634120000000000000000000000",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "edbf9dace45d6f6a7306e64be5dd824b2538f5724fcf24249ac111ab45ad3923"},
};

/* Encrypts or decrypts, in a session of its own or in stateless mode, and compares the
 * result. */
static void one_way(Test *t, QVirtioDevice *dev, const Vector *v, uint32_t op,
                    bool in_session)
{
    bool encrypts = op == VIRTIO_CRYPTO_OP_ENCRYPT;
    CryptoPara p = {
        .service = CIPHER, .algo = v->algo, .op = op, .key = crypto_hex(v->key)};
    CryptoBytes plain = crypto_hex(v->plain), cipher = crypto_hex(v->cipher);
    CryptoBytes wanted = encrypts ? cipher : plain;
    CryptoSession session;
    CryptoRequest r;
    CryptoWork w = {
        .para = &p,
        .session = in_session ? &session : NULL,
        .operation = encrypts ? VIRTIO_CRYPTO_ENCRYPT : VIRTIO_CRYPTO_DECRYPT,
        .iv = crypto_hex(v->iv),
        .src = encrypts ? plain : cipher,
        .dst_bytes = wanted.len,
    };
    if (in_session && !expect_session(t, "dev:5.9.9.2.1.7-3", dev, &p, &session)) {
        return;
    }
    if (expect_status(t, STATUS, dev, &w, VIRTIO_CRYPTO_OK, &r)) {
        expect_same(t, RESULT, r.in, wanted.at, wanted.len);
        expect_used_len(t, r.used_len, r.in_bytes);
    }
    if (in_session) {
        crypto_end_session(t, dev, &session);
    }
}

static void known_answers(Test *t, QVirtioDevice *dev, uint32_t algo, bool in_session)
{
    CryptoConfig c;
    unsigned tried = 0;
    if (!crypto_advertised(t, dev, CIPHER, algo) ||
        !require_ok(t, crypto_read_config(dev, &c))) {
        return;
    }
    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        /* 5.9.5.2: the driver keeps key_len within max_cipher_key_len. */
        if (vectors[i].algo == algo &&
            strlen(vectors[i].key) / 2 <= c.max_cipher_key_len) {
            one_way(t, dev, &vectors[i], VIRTIO_CRYPTO_OP_ENCRYPT, in_session);
            one_way(t, dev, &vectors[i], VIRTIO_CRYPTO_OP_DECRYPT, in_session);
            tried++;
        }
    }
    if (!tried) {
        test_skip(t, "every known key is longer than max_cipher_key_len, %u bytes",
                  c.max_cipher_key_len);
    }
}

CRYPTO_TEST(aes_cbc_gives_the_published_answers, .rings = RINGS_ALL)
{
    known_answers(t, dev, VIRTIO_CRYPTO_CIPHER_AES_CBC, true);
}

CRYPTO_TEST(aes_ecb_gives_the_published_answers)
{
    known_answers(t, dev, VIRTIO_CRYPTO_CIPHER_AES_ECB, true);
}

CRYPTO_TEST(aes_ctr_gives_the_published_answers)
{
    known_answers(t, dev, VIRTIO_CRYPTO_CIPHER_AES_CTR, true);
}

CRYPTO_TEST(aes_xts_gives_the_published_answers)
{
    known_answers(t, dev, VIRTIO_CRYPTO_CIPHER_AES_XTS, true);
}

CRYPTO_TEST(ciphers_work_with_revision_1, NEEDS_REVISION_1)
{
    known_answers(t, dev, VIRTIO_CRYPTO_CIPHER_AES_CBC, true);
}

CRYPTO_TEST(ciphers_work_in_stateless_mode, .rings = RINGS_ALL, NEEDS_STATELESS(CIPHER))
{
    known_answers(t, dev, VIRTIO_CRYPTO_CIPHER_AES_CBC, false);
}

static void one_block(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                      const CryptoSession *session)
{
    CryptoWork w = crypto_cbc_work(session, 16);
    CryptoRequest r;
    crypto_expect_status(t, at, dev, &w, VIRTIO_CRYPTO_OK, &r);
}

/* "the device MUST parse flag field in order to decide which mode the driver uses" */
CRYPTO_TEST(flag_chooses_cipher_mode, NEEDS_STATELESS(CIPHER))
{
    CryptoSession session;
    if (crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC) &&
        require_session(t, dev, &crypto_cbc, &session)) {
        one_block(t, EXPECT_AT("dev:5.9.9.6.2-1", "with the flag"), dev, &session);
        crypto_end_session(t, dev, &session);
        one_block(t, EXPECT_AT("dev:5.9.9.6.2-1", "without it"), dev, NULL);
    }
}

/* The device encrypts bytes and decrypts the result. The opcode and the session, which is
 * made for one direction, say which of the two it does. */
CRYPTO_TEST(opcode_encrypts_and_decrypts, .rings = RINGS_ALL)
{
    CryptoPara back = crypto_cbc;
    CryptoSession session[2];
    CryptoRequest r[2];
    back.op = VIRTIO_CRYPTO_OP_DECRYPT;
    if (!crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC) ||
        !require_session(t, dev, &crypto_cbc, &session[0]) ||
        !require_session(t, dev, &back, &session[1])) {
        return;
    }
    CryptoWork w = crypto_cbc_work(&session[0], 4096);
    pattern_fill((void *)w.src.at, w.src.len, random_next(&t->random));
    if (expect_status(t, "dev:5.9.9.6.2-2", dev, &w, VIRTIO_CRYPTO_OK, &r[0])) {
        CryptoWork undo = w;
        undo.para = &back;
        undo.session = &session[1];
        undo.operation = VIRTIO_CRYPTO_DECRYPT;
        undo.src.at = r[0].in;
        require_ne(t, memcmp(r[0].in, w.src.at, w.src.len), 0);
        if (expect_status(t, "dev:5.9.9.6.2-2", dev, &undo, VIRTIO_CRYPTO_OK, &r[1])) {
            expect_same(t, RESULT, r[1].in, w.src.at, w.src.len);
        }
    }
    crypto_end_session(t, dev, &session[0]);
    crypto_end_session(t, dev, &session[1]);
}

/* With CBC, the IV is added to the first block. Two blocks that differ in the same bits
 * as their IVs must therefore give the same result. */
CRYPTO_TEST(iv_is_that_of_the_request)
{
    CryptoSession session;
    CryptoRequest r[2];
    if (!crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC) ||
        !require_session(t, dev, &crypto_cbc, &session)) {
        return;
    }
    static const uint8_t no_iv[16];
    CryptoWork w = crypto_cbc_work(&session, 16), same = w;
    same.iv.at = no_iv;
    same.src.at = crypto_iv;
    if (require_status(t, dev, &w, VIRTIO_CRYPTO_OK, &r[0]) &&
        require_status(t, dev, &same, VIRTIO_CRYPTO_OK, &r[1])) {
        expect_same(t, "dev:5.9.9.6.2-3", r[0].in, r[1].in, 16);
    }
    crypto_end_session(t, dev, &session);
}
