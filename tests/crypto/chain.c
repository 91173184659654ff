/* SPDX-License-Identifier: MIT */
/*
 * Algorithm chains (5.9.9.6): SHA-1 of the first bytes of the source, then AES-CBC of all
 * of it. The other order and authenticated data are left out, because the text does not
 * say which bytes the hash then covers.
 */
#include "kernel/lib/aes.h"
#include "tests/crypto/crypto_lib.h"

#define SHA1_ABC "a9993e364706816aba3e25717850c26c9cd0d89d"

static bool chains(Test *t, QVirtioDevice *dev, CryptoPara *p, CryptoSession *session)
{
    *p = crypto_cbc;
    p->chain_order = VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER;
    p->hash_mode = VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN;
    p->hash_algo = VIRTIO_CRYPTO_HASH_SHA1;
    p->result_bytes = 20;
    if (!crypto_advertised(t, dev, CIPHER, p->algo) ||
        !crypto_advertised(t, dev, HASH, p->hash_algo) ||
        !require_ok(t, crypto_create(dev, p, session))) {
        return false;
    }
    if (session->status == VIRTIO_CRYPTO_NOTSUPP) {
        test_skip(t, "the device does not support chained algorithms");
        return false;
    }
    return expect_eq(t, "dev:5.9.9.2.1.7-3", session->status, VIRTIO_CRYPTO_OK);
}

/* The device hashes the first bytes of the source and encrypts all of it. */
static void hash_and_encrypt(Test *t, QVirtioDevice *dev, const char *clause)
{
    CryptoBytes hash = crypto_hex(SHA1_ABC);
    uint8_t block[AES_BLOCK_BYTES] = "abc and the rest";
    CryptoPara p;
    CryptoSession session;
    CryptoRequest r;
    Aes aes;
    if (!chains(t, dev, &p, &session)) {
        return;
    }
    CryptoWork w = crypto_cbc_work(&session, sizeof(block));
    w.para = &p;
    w.src.at = block;
    w.hash_from = 3;
    w.hash_bytes = hash.len;
    if (expect_status(t, "dev:5.9.9.6.2-6", dev, &w, VIRTIO_CRYPTO_OK, &r)) {
        expect_same(t, clause, r.in + sizeof(block), hash.at, hash.len);
        for (unsigned i = 0; i < sizeof(block); i++) {
            block[i] ^= crypto_iv[i];
        }
        aes_init(&aes, p.key.at, p.key.len);
        aes_encrypt(&aes, block);
        expect_same(t, "dev:5.9.9.6.2-5", r.in, block, sizeof(block));
    }
    crypto_end_session(t, dev, &session);
}

CRYPTO_TEST(chain_hashes_and_encrypts, .rings = RINGS_ALL)
{
    hash_and_encrypt(t, dev, "dev:5.9.9.6.2-7");
}

CRYPTO_TEST(chain_hashes_as_much_as_it_is_told)
{
    hash_and_encrypt(t, dev, "dev:5.9.9.6.2-4");
}

CRYPTO_TEST(chain_works_with_revision_1, NEEDS_REVISION_1)
{
    hash_and_encrypt(t, dev, "dev:5.9.9.6.2-7");
}
