/* SPDX-License-Identifier: MIT */
/*
 * HASH and MAC operations (5.9.9.4, 5.9.9.5) must give published results: those of "abc"
 * in FIPS 180, and those of the second test in RFC 2202 and in RFC 4231.
 */
#include "tests/crypto/crypto_lib.h"

typedef struct Vector {
    const char *hash, *mac;
} Vector;

/* The results in the order of the algorithms' numbers, which are the same for hash and
 * HMAC: MD5, SHA-1, and the SHA-2 family. */
static const Vector vectors[] = {
    {"900150983cd24fb0d6963f7d28e17f72", "750c783e6ab0b503eaa86e310a5db738"},
    {"a9993e364706816aba3e25717850c26c9cd0d89d",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
     "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
    {"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7",
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
     "8e2240ca5e69e2c78b3239ecfab21649"},
    {"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
};

typedef struct Digest {
    CryptoPara para;
    CryptoBytes wanted;
    CryptoWork work;
} Digest;

static Digest digest(uint8_t service, uint32_t algo)
{
    const Vector *v = &vectors[algo - 1];
    Digest d = {.wanted = crypto_hex(service == HASH ? v->hash : v->mac)};
    CryptoBytes jefe = {"Jefe", 4}, abc = {"abc", 3};
    CryptoBytes question = {"what do ya want for nothing?", 28};
    d.para = (CryptoPara){.service = service, .algo = algo, .result_bytes = d.wanted.len};
    d.work =
        (CryptoWork){.src = service == HASH ? abc : question, .dst_bytes = d.wanted.len};
    if (service == MAC) {
        d.para.key = jefe;
    }
    return d;
}

/* Returns the first advertised algorithm that is known here, or 0 when there is none and
 * the test is skipped. */
static uint32_t first_known(Test *t, QVirtioDevice *dev, uint8_t service)
{
    CryptoConfig c;
    if (!require_ok(t, crypto_read_config(dev, &c))) {
        return 0;
    }
    for (uint32_t algo = 1; algo <= sizeof(vectors) / sizeof(vectors[0]); algo++) {
        if (crypto_has(&c, service, algo)) {
            return algo;
        }
    }
    test_skip(
        t,
        "the device does not advertise service %u with an algorithm that is known here",
        service);
    return 0;
}

/* Creates a session for the operation. The tests of config.c fail when a listed service
 * has no sessions. */
static bool begin(Test *t, QVirtioDevice *dev, const Digest *d, CryptoSession *session)
{
    if (!require_ok(t, crypto_create(dev, &d->para, session))) {
        return false;
    }
    if (session->status == VIRTIO_CRYPTO_NOTSUPP) {
        test_skip(t, "the device supports no sessions of service %u", d->para.service);
        return false;
    }
    return expect_eq(t, "dev:5.9.9.2.1.7-3", session->status, VIRTIO_CRYPTO_OK);
}

static void known_answer(Test *t, QVirtioDevice *dev, uint8_t service, bool in_session,
                         const ExpectAt *status, const ExpectAt *result)
{
    uint32_t algo = first_known(t, dev, service);
    CryptoSession session;
    CryptoRequest r;
    if (!algo) {
        return;
    }
    Digest d = digest(service, algo);
    d.work.para = &d.para;
    if (in_session) {
        if (!begin(t, dev, &d, &session)) {
            return;
        }
        d.work.session = &session;
    }
    if (crypto_expect_status(t, status, dev, &d.work, VIRTIO_CRYPTO_OK, &r)) {
        expect_bytes(t, result, r.in, d.wanted.at, d.wanted.len, "the published answer");
    }
    if (in_session) {
        crypto_end_session(t, dev, &session);
    }
}

#define HASH_OPCODE EXPECT_AT("dev:5.9.9.4.2-1", "status")
#define HASH_FLAG   EXPECT_AT("dev:5.9.9.4.2-2", "status")
#define HASH_RESULT EXPECT_AT("dev:5.9.9.4.2-3", "hash_result")
#define MAC_STATUS  EXPECT_AT("dev:5.9.9.5.2-3", "status")
#define MAC_FLAG    EXPECT_AT("dev:5.9.9.5.2-1", "status")
#define MAC_RESULT  EXPECT_AT("dev:5.9.9.5.2-2", "hash_result")

CRYPTO_TEST(hash_gives_the_published_answer, .rings = RINGS_ALL)
{
    known_answer(t, dev, HASH, true, HASH_OPCODE, HASH_RESULT);
}

CRYPTO_TEST(hash_works_with_revision_1, NEEDS_REVISION_1)
{
    known_answer(t, dev, HASH, true, HASH_OPCODE, HASH_RESULT);
}

CRYPTO_TEST(flag_chooses_hash_mode, NEEDS_STATELESS(HASH))
{
    known_answer(t, dev, HASH, false, HASH_FLAG, HASH_RESULT);
    known_answer(t, dev, HASH, true, EXPECT_AT(BASIS_NONE, "in a session"), HASH_RESULT);
}

CRYPTO_TEST(mac_gives_the_published_answer, .rings = RINGS_ALL)
{
    known_answer(t, dev, MAC, true, EXPECT_AT(BASIS_NONE, "status"), MAC_RESULT);
}

CRYPTO_TEST(mac_works_with_revision_1, NEEDS_REVISION_1)
{
    known_answer(t, dev, MAC, true, EXPECT_AT(BASIS_NONE, "status"), MAC_RESULT);
}

CRYPTO_TEST(flag_chooses_mac_mode, NEEDS_STATELESS(MAC))
{
    known_answer(t, dev, MAC, false, MAC_FLAG, MAC_RESULT);
    known_answer(t, dev, MAC, true, EXPECT_AT(BASIS_NONE, "in a session"), MAC_RESULT);
}

static void destroyed_session(Test *t, QVirtioDevice *dev, uint8_t service,
                              const ExpectAt *status)
{
    uint32_t algo = first_known(t, dev, service);
    CryptoSession session;
    CryptoRequest r;
    if (!algo) {
        return;
    }
    Digest d = digest(service, algo);
    d.work.para = &d.para;
    d.work.session = &session;
    if (begin(t, dev, &d, &session)) {
        crypto_end_session(t, dev, &session);
        crypto_expect_status(t, status, dev, &d.work, VIRTIO_CRYPTO_INVSESS, &r);
    }
}

CRYPTO_TEST(hash_in_a_destroyed_session_is_invalid)
{
    destroyed_session(t, dev, HASH, EXPECT_AT("dev:5.9.9.4.2-4", "status"));
}

CRYPTO_TEST(mac_in_a_destroyed_session_is_invalid)
{
    destroyed_session(t, dev, MAC, MAC_STATUS);
}
