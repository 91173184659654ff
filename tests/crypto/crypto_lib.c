/* SPDX-License-Identifier: MIT */
/* Sessions and operations for the tests of the crypto device: see crypto_lib.h. */
#include "tests/crypto/crypto_lib.h"

const uint8_t crypto_iv[16] = "the first block.";

const CryptoPara crypto_cbc = {
    .service = CIPHER,
    .algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
    .op = VIRTIO_CRYPTO_OP_ENCRYPT,
    .key = {"sixteen bytes...", 16},
};

CryptoWork crypto_cbc_work(const CryptoSession *session, uint32_t bytes)
{
    return (CryptoWork){
        .para = &crypto_cbc,
        .session = session,
        .operation = VIRTIO_CRYPTO_ENCRYPT,
        .iv = {crypto_iv, sizeof(crypto_iv)},
        .src = {arena_lend(bytes, 8), bytes},
        .dst_bytes = bytes,
    };
}

bool crypto_advertised(Test *t, QVirtioDevice *dev, uint8_t service, uint32_t algo)
{
    CryptoConfig c;
    if (!require_ok(t, crypto_read_config(dev, &c))) {
        return false;
    }
    if (!(c.status & VIRTIO_CRYPTO_S_HW_READY)) {
        test_skip(t, "the device is not ready: VIRTIO_CRYPTO_S_HW_READY is not set");
        return false;
    }
    if (!crypto_has(&c, service, algo)) {
        test_skip(t, "the device does not advertise service %u with algorithm %u",
                  service, algo);
        return false;
    }
    return true;
}

CryptoBytes crypto_hex(const char *digits)
{
    uint32_t bytes = strlen(digits) / 2;
    uint8_t *to = bytes ? arena_lend(bytes, 1) : NULL;
    if (to) {
        hex_decode(digits, to, bytes);
    }
    return (CryptoBytes){to, to ? bytes : 0};
}

bool crypto_expect_session(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                           const CryptoPara *para, CryptoSession *session)
{
    return expect_success(t, at, crypto_create(dev, para, session)) &&
           expect_condition(t, at, session->status == VIRTIO_CRYPTO_OK,
                            "VIRTIO_CRYPTO_OK (0)", "status %u", session->status);
}

void crypto_end_session(Test *t, QVirtioDevice *dev, const CryptoSession *session)
{
    uint8_t status;
    require_ok(t, crypto_destroy(dev, session, &status));
}

bool crypto_expect_status(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                          const CryptoWork *work, uint8_t wanted, CryptoRequest *r)
{
    *r = crypto_request(dev, 0, work);
    return expect_success(t, at, crypto_run(r)) &&
           expect_condition(t, at, crypto_status(r) == wanted, "the status of this work",
                            "status %u instead of %u", crypto_status(r), wanted);
}
