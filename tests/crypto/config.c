/* SPDX-License-Identifier: MIT */
/*
 * Config space (5.9.5): what the device says of itself must be possible and true.
 * Services that it lists have sessions, and it serves requests of sizes up to max_size.
 */
#include "tests/crypto/crypto_lib.h"

/* Returns whether the device lists the service. */
static bool has(const CryptoConfig *c, uint8_t service)
{
    return c->services >> service & 1;
}

CRYPTO_TEST(max_dataqueues_is_1_to_65535)
{
    uint64_t n = 0;
    require_ok(t, qvirtio_config_read(
                      dev, offsetof(struct virtio_crypto_config, max_dataqueues), 4, &n));
    expect_that(t, "dev:5.9.5.1-1", n >= 1 && n <= 65535, "1 to 65535", "%u",
                (unsigned)n);
}

CRYPTO_TEST(status_has_defined_flags)
{
    CryptoConfig c;
    if (require_ok(t, crypto_read_config(dev, &c))) {
        expect_eq(t, "dev:5.9.5.1-2b", c.status & ~VIRTIO_CRYPTO_S_HW_READY, 0);
    }
}

CRYPTO_TEST(services_have_algorithms)
{
    CryptoConfig c;
    if (!require_ok(t, crypto_read_config(dev, &c))) {
        return;
    }
    const uint64_t masks[] = {c.cipher_algos, c.hash_algos, c.mac_algos, c.aead_algos,
                              c.akcipher_algos};
    for (unsigned service = CIPHER; service <= AKCIPHER; service++) {
        if (has(&c, service)) {
            expect_that(t, "dev:5.9.5.1-5", masks[service], "a mask with algorithms",
                        "service %u with an empty mask", service);
        }
    }
    require_that(t, c.services, "some service", "none");
}

CRYPTO_TEST(algorithms_are_defined_ones)
{
    CryptoConfig c;
    if (require_ok(t, crypto_read_config(dev, &c))) {
        expect_eq(t, "dev:5.9.5.1-6", c.cipher_algos >> (VIRTIO_CRYPTO_CIPHER_LAST + 1),
                  0);
        expect_eq(t, "dev:5.9.5.1-6", c.hash_algos >> (VIRTIO_CRYPTO_HASH_LAST + 1), 0);
        expect_eq(t, "dev:5.9.5.1-6", c.mac_algos & ~VIRTIO_CRYPTO_MAC_DEFINED, 0);
        expect_eq(t, "dev:5.9.5.1-6", c.aead_algos >> (VIRTIO_CRYPTO_AEAD_LAST + 1), 0);
        expect_eq(t, "dev:5.9.5.1-6",
                  c.akcipher_algos >> (VIRTIO_CRYPTO_AKCIPHER_LAST + 1), 0);
    }
}

CRYPTO_TEST(sizes_are_stated)
{
    CryptoConfig c;
    if (!require_ok(t, crypto_read_config(dev, &c))) {
        return;
    }
    expect_ge(t, "dev:5.9.5.1-7", c.max_size, 1);
    if (has(&c, CIPHER)) {
        expect_ge(t, "dev:5.9.5.1-8", c.max_cipher_key_len, 1);
    }
    if (has(&c, MAC)) {
        expect_ge(t, "dev:5.9.5.1-9", c.max_auth_key_len, 1);
    }
}

/* Finds parameters for a session of the service. Returns false when no algorithm of it is
 * known here; the service is then left out. */
static bool known_para(const CryptoConfig *c, uint8_t service, CryptoPara *p)
{
    const uint32_t last[] = {0, VIRTIO_CRYPTO_HASH_SHA_512,
                             VIRTIO_CRYPTO_MAC_HMAC_SHA_512, VIRTIO_CRYPTO_AEAD_GCM};
    static const uint8_t digest[] = {16, 20, 28, 32, 48, 64};
    if (service == CIPHER) {
        *p = crypto_cbc;
        return crypto_has(c, CIPHER, p->algo);
    }
    for (uint32_t algo = 1; algo <= last[service]; algo++) {
        if (crypto_has(c, service, algo)) {
            *p = crypto_cbc;
            p->service = service;
            p->algo = algo;
            p->result_bytes = digest[algo - 1];
            return true;
        }
    }
    return false;
}

/* "The device MUST set crypto_services based on the crypto services the device offers."
 */
static void expect_offered(Test *t, QVirtioDevice *dev, uint8_t service)
{
    CryptoConfig c;
    CryptoPara p;
    CryptoSession session;
    if (!require_ok(t, crypto_read_config(dev, &c))) {
        return;
    }
    if (!has(&c, service) || !known_para(&c, service, &p)) {
        test_skip(t,
                  "the device does not advertise service %u with an algorithm that is "
                  "known here",
                  service);
        return;
    }
    if (expect_session(t, "dev:5.9.5.1-4", dev, &p, &session)) {
        crypto_end_session(t, dev, &session);
    }
}

CRYPTO_TEST(listed_cipher_service_has_sessions)
{
    expect_offered(t, dev, CIPHER);
}

CRYPTO_TEST(listed_hash_service_has_sessions)
{
    expect_offered(t, dev, HASH);
}

CRYPTO_TEST(listed_mac_service_has_sessions)
{
    expect_offered(t, dev, MAC);
}

CRYPTO_TEST(listed_aead_service_has_sessions)
{
    expect_offered(t, dev, AEAD);
}

/* "max_size: the maximum size of the variable-length parameters": these are the IV, the
 * source and the result. */
#define LARGE_MOST 65536u

CRYPTO_TEST(requests_up_to_max_size_are_served, .rings = RINGS_ALL)
{
    CryptoConfig c;
    CryptoSession session;
    CryptoRequest r;
    if (!require_ok(t, crypto_read_config(dev, &c)) ||
        !crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC)) {
        return;
    }
    uint64_t all = c.max_size < LARGE_MOST ? c.max_size : LARGE_MOST;
    if (all < 3 * sizeof(crypto_iv)) {
        test_skip(t, "max_size is too small for a request of one block");
        return;
    }
    uint32_t bytes = (all - sizeof(crypto_iv)) / 2 & -sizeof(crypto_iv);
    if (require_session(t, dev, &crypto_cbc, &session)) {
        CryptoWork w = crypto_cbc_work(&session, bytes);
        expect_status(t, "dev:5.9.5.1-7", dev, &w, VIRTIO_CRYPTO_OK, &r);
        crypto_end_session(t, dev, &session);
    }
}

/* "The device MUST accept and handle requests after status is set to
 * VIRTIO_CRYPTO_S_HW_READY", on each of its data queues. */
CRYPTO_TEST(ready_device_serves_each_data_queue, .rings = RINGS_ALL)
{
    CryptoConfig c;
    CryptoSession session;
    if (!require_ok(t, crypto_read_config(dev, &c)) ||
        !crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC) ||
        !require_session(t, dev, &crypto_cbc, &session)) {
        return;
    }
    for (uint16_t queue = 0; queue < c.data_queues; queue++) {
        CryptoWork w = crypto_cbc_work(&session, 64);
        CryptoRequest r = crypto_request(dev, queue, &w);
        if (!require_ok(t, crypto_run(&r)) ||
            !expect_eq(t, "dev:5.9.5.1-3", crypto_status(&r), VIRTIO_CRYPTO_OK)) {
            break;
        }
    }
    crypto_end_session(t, dev, &session);
}
