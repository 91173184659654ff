/* SPDX-License-Identifier: MIT */
/*
 * AEAD operations (5.9.9.7). GCM must give the results of test case 4 of its
 * specification, and must refuse a wrong tag. The IV is J0, which has 16 bytes: the text
 * gives only one meaning to an IV of that length.
 */
#include "tests/crypto/crypto_lib.h"

#define TAG_BYTES 16

typedef struct Gcm {
    CryptoPara para;
    CryptoSession session;
    /* `cipher` has the tag behind the data. */
    CryptoBytes plain, cipher;
    CryptoWork work;
} Gcm;

static void fill(Gcm *g, uint32_t op, bool in_session)
{
    bool encrypts = op == VIRTIO_CRYPTO_OP_ENCRYPT;
    CryptoBytes aad = crypto_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    g->plain = crypto_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a"
                          "721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    g->cipher =
        crypto_hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d5"
                   "14b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db9"
                   "4fae95ae7121a47");
    g->para = (CryptoPara){.service = AEAD,
                           .algo = VIRTIO_CRYPTO_AEAD_GCM,
                           .op = op,
                           .key = crypto_hex("feffe9928665731c6d6a8f9467308308"),
                           .result_bytes = TAG_BYTES,
                           .aad_bytes = aad.len};
    g->work = (CryptoWork){
        .para = &g->para,
        .session = in_session ? &g->session : NULL,
        .operation = encrypts ? VIRTIO_CRYPTO_ENCRYPT : VIRTIO_CRYPTO_DECRYPT,
        .iv = crypto_hex("cafebabefacedbaddecaf88800000001"),
        .src = encrypts ? g->plain : g->cipher,
        .aad = aad,
        .dst_bytes = g->cipher.len,
    };
}

static bool begin(Test *t, QVirtioDevice *dev, Gcm *g, uint32_t op, bool in_session)
{
    if (!crypto_advertised(t, dev, AEAD, VIRTIO_CRYPTO_AEAD_GCM)) {
        return false;
    }
    fill(g, op, in_session);
    return !in_session || require_session(t, dev, &g->para, &g->session);
}

static void end(Test *t, QVirtioDevice *dev, const Gcm *g)
{
    if (g->work.session) {
        crypto_end_session(t, dev, &g->session);
    }
}

static void encrypts(Test *t, QVirtioDevice *dev, bool in_session)
{
    Gcm g;
    CryptoRequest r;
    if (!begin(t, dev, &g, VIRTIO_CRYPTO_OP_ENCRYPT, in_session)) {
        return;
    }
    if (expect_status(t, in_session ? BASIS_NONE : "dev:5.9.9.7.2-1", dev, &g.work,
                      VIRTIO_CRYPTO_OK, &r)) {
        const uint8_t *wanted = g.cipher.at;
        expect_same(t, "dev:5.9.9.7.2-2", r.in, wanted, g.plain.len);
        expect_same(t, "dev:5.9.9.7.2-3", r.in + g.plain.len, wanted + g.plain.len,
                    TAG_BYTES);
    }
    end(t, dev, &g);
}

CRYPTO_TEST(gcm_gives_the_published_answer, .rings = RINGS_ALL)
{
    encrypts(t, dev, true);
}

CRYPTO_TEST(gcm_works_with_revision_1, NEEDS_REVISION_1)
{
    encrypts(t, dev, true);
}

CRYPTO_TEST(gcm_works_in_stateless_mode, NEEDS_STATELESS(AEAD))
{
    encrypts(t, dev, false);
}

CRYPTO_TEST(gcm_decrypts_what_is_authentic)
{
    Gcm g;
    CryptoRequest r;
    if (begin(t, dev, &g, VIRTIO_CRYPTO_OP_DECRYPT, true)) {
        if (require_status(t, dev, &g.work, VIRTIO_CRYPTO_OK, &r)) {
            expect_same(t, "dev:5.9.9.7.2-2", r.in, g.plain.at, g.plain.len);
        }
        end(t, dev, &g);
    }
}

/* "the device MUST verify and return the verification result to the driver" */
CRYPTO_TEST(gcm_rejects_a_wrong_tag)
{
    Gcm g;
    CryptoRequest r;
    if (begin(t, dev, &g, VIRTIO_CRYPTO_OP_DECRYPT, true)) {
        uint8_t *last = (uint8_t *)g.cipher.at + g.cipher.len - 1;
        *last ^= 1 << random_below(&t->random, 8);
        expect_status(t, "dev:5.9.9.7.2-5", dev, &g.work, VIRTIO_CRYPTO_BADMSG, &r);
        end(t, dev, &g);
    }
}

CRYPTO_TEST(gcm_in_a_destroyed_session_is_invalid)
{
    Gcm g;
    CryptoRequest r;
    if (begin(t, dev, &g, VIRTIO_CRYPTO_OP_ENCRYPT, true)) {
        end(t, dev, &g);
        expect_status(t, "dev:5.9.9.7.2-4", dev, &g.work, VIRTIO_CRYPTO_INVSESS, &r);
    }
}
