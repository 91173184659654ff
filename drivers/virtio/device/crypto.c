/* SPDX-License-Identifier: MIT */
/*
 * The driver of the crypto device (5.9): its tables, its config space and its ping. The
 * ping encrypts one block by AES in CBC mode, in a session of this life, or in stateless
 * mode where that was negotiated. Each ping encrypts another block.
 */
#include "drivers/virtio/device/crypto.h"
#include "drivers/virtio/driver.h"
#include "kernel/clock.h"
#include "kernel/lib/aes.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define REVISION_1 FEATURES(VIRTIO_CRYPTO_F_REVISION_1)

#define STATELESS(service)                                          \
    {                                                               \
        .bit = VIRTIO_CRYPTO_F_##service##_STATELESS_MODE,          \
        .name = #service "_STATELESS_MODE", .requires = REVISION_1, \
    }

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_CRYPTO_F_REVISION_1, .name = "REVISION_1"},
    STATELESS(CIPHER),
    STATELESS(HASH),
    STATELESS(MAC),
    STATELESS(AEAD),
    STATELESS(AKCIPHER),
    {.name = NULL},
};

#define FIELD(f, how)                                                       \
    {                                                                       \
        .name = #f, .feature = FEATURES_END, .flags = how,                  \
        .offset = offsetof(struct virtio_crypto_config, f),                 \
        .width = sizeof(((struct virtio_crypto_config *)0)->f), .count = 1, \
    }

static const QVirtioField fields[] = {
    FIELD(status, QVIRTIO_FIELD_VOLATILE),
    FIELD(max_dataqueues, QVIRTIO_FIELD_CONST),
    FIELD(crypto_services, QVIRTIO_FIELD_CONST),
    FIELD(cipher_algo_l, QVIRTIO_FIELD_CONST),
    FIELD(cipher_algo_h, QVIRTIO_FIELD_CONST),
    FIELD(hash_algo, QVIRTIO_FIELD_CONST),
    FIELD(mac_algo_l, QVIRTIO_FIELD_CONST),
    FIELD(mac_algo_h, QVIRTIO_FIELD_CONST),
    FIELD(aead_algo, QVIRTIO_FIELD_CONST),
    FIELD(max_cipher_key_len, QVIRTIO_FIELD_CONST),
    FIELD(max_auth_key_len, QVIRTIO_FIELD_CONST),
    FIELD(akcipher_algo, QVIRTIO_FIELD_CONST),
    FIELD(max_size, QVIRTIO_FIELD_CONST),
    {.name = NULL},
};

static uint16_t data_queues(uint32_t told)
{
    uint32_t most = QVIRTIO_MAX_QUEUES - 1;
    return told == 0 ? 1 : told < most ? told : most;
}

int crypto_read_config(QVirtioDevice *d, CryptoConfig *c)
{
    struct virtio_crypto_config raw;
    int err = qvirtio_config_snapshot(d, 0, &raw, sizeof(raw));
    if (err) {
        return err;
    }
    *c = (CryptoConfig){
        .status = le32_get(raw.status),
        .services = le32_get(raw.crypto_services),
        .data_queues = data_queues(le32_get(raw.max_dataqueues)),
        .cipher_algos =
            le32_get(raw.cipher_algo_l) | (uint64_t)le32_get(raw.cipher_algo_h) << 32,
        .mac_algos = le32_get(raw.mac_algo_l) | (uint64_t)le32_get(raw.mac_algo_h) << 32,
        .hash_algos = le32_get(raw.hash_algo),
        .aead_algos = le32_get(raw.aead_algo),
        .akcipher_algos = le32_get(raw.akcipher_algo),
        .max_cipher_key_len = le32_get(raw.max_cipher_key_len),
        .max_auth_key_len = le32_get(raw.max_auth_key_len),
        .max_size = le64_get(raw.max_size),
    };
    return 0;
}

bool crypto_has(const CryptoConfig *c, uint8_t service, uint32_t algo)
{
    const uint64_t masks[] = {c->cipher_algos, c->hash_algos, c->mac_algos, c->aead_algos,
                              c->akcipher_algos};
    return c->services >> service & 1 && masks[service] >> algo & 1;
}

static uint16_t queue_count(QVirtioDevice *d)
{
    uint64_t n = 1;
    if (qvirtio_config_read(d, offsetof(struct virtio_crypto_config, max_dataqueues), 4,
                            &n)) {
        n = 1;
    }
    return data_queues(n) + 1;
}

static const char *why_no_ping(QVirtioDevice *d)
{
    CryptoConfig c;
    if (crypto_read_config(d, &c) ||
        !crypto_has(&c, VIRTIO_CRYPTO_SERVICE_CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC)) {
        return "the device does not advertise AES-CBC";
    }
    return c.status & VIRTIO_CRYPTO_S_HW_READY
               ? NULL
               : "the device does not set VIRTIO_CRYPTO_S_HW_READY";
}

typedef struct CryptoState {
    CryptoSession session;
    bool has_session;
    /* A queue of the life in which the session was made. */
    const QVirtQueue *vq;
} CryptoState;

static const uint8_t ping_key[] = "a key for pings.";

static const CryptoPara ping_para = {
    .service = VIRTIO_CRYPTO_SERVICE_CIPHER,
    .algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
    .op = VIRTIO_CRYPTO_OP_ENCRYPT,
    .key = {ping_key, 16},
};

static int open(QVirtioDevice *d, const QVirtioRing *ring)
{
    (void)ring;
    CryptoState *s = arena_lend(sizeof(*s), 8);
    if (!s) {
        return -QVIRTIO_NO_MEMORY;
    }
    d->driver_data = s;
    s->vq = d->vq[0];
    int err = crypto_forget_sessions(d);
    if (!err && !why_no_ping(d) &&
        !crypto_is_stateless(d, VIRTIO_CRYPTO_SERVICE_CIPHER)) {
        err = crypto_create(d, &ping_para, &s->session);
        s->has_session = !err && s->session.status == VIRTIO_CRYPTO_OK;
    }
    return err;
}

/* A test may have made the queue useless, so close() waits no longer than this. */
#define CLOSE_WAIT_NS (20 * NS_PER_MS)

static bool works(QVirtioDevice *d)
{
    return d->is_awake && qvirtio_has_status(d, VIRTIO_STATUS_DRIVER_OK) &&
           !qvirtio_has_status(d, VIRTIO_STATUS_NEEDS_RESET);
}

/* Destroys the sessions of this life. The next life does it where the device does not
 * answer any more, and always on a legacy interface, which has no NEEDS_RESET that would
 * say so. */
static void close(QVirtioDevice *d)
{
    uint64_t bound = wait_timeout_ns();
    if (d->driver_data && !qvirtio_is_legacy(d) && works(d)) {
        wait_set_timeout_ns(CLOSE_WAIT_NS < bound ? CLOSE_WAIT_NS : bound);
        (void)crypto_forget_sessions(d);
        wait_set_timeout_ns(bound);
    }
}

static void plain_block(uint32_t number, uint8_t *block)
{
    pattern_fill(block, AES_BLOCK_BYTES, (uint64_t)number << 32);
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    static const uint8_t iv[AES_BLOCK_BYTES];
    const CryptoState *s = d->driver_data;
    uint8_t plain[AES_BLOCK_BYTES];
    plain_block(number, plain);
    CryptoRequest r =
        crypto_request(d, 0,
                       &(CryptoWork){.para = &ping_para,
                                     .session = s && s->has_session ? &s->session : NULL,
                                     .operation = VIRTIO_CRYPTO_ENCRYPT,
                                     .iv = {iv, sizeof(iv)},
                                     .src = {plain, sizeof(plain)},
                                     .dst_bytes = sizeof(plain)});
    *ping = QVIRTIO_PING_OF(d, number, &r);
    return r.out ? 0 : -QVIRTIO_NO_MEMORY;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const CryptoState *s = ping->dev->driver_data;
    const uint8_t *answer = ping->in;
    uint8_t block[AES_BLOCK_BYTES];
    Aes aes;
    (void)used_len;
    /* A device may forget sessions when it is reset. */
    if (answer[AES_BLOCK_BYTES] == VIRTIO_CRYPTO_INVSESS && (!s || s->vq != ping->vq)) {
        return NULL;
    }
    if (answer[AES_BLOCK_BYTES] != VIRTIO_CRYPTO_OK) {
        return "status is not VIRTIO_CRYPTO_OK";
    }
    plain_block(ping->number, block);
    aes_init(&aes, ping_key, 16);
    aes_encrypt(&aes, block);
    return memcmp(answer, block, sizeof(block)) == 0
               ? NULL
               : "the result is not the AES-CBC of what was sent";
}

QVIRTIO_DRIVER(crypto, .device_id = VIRTIO_ID_CRYPTO, .name = "crypto",
               .features = features, .fields = fields,
               .config_bytes = sizeof(struct virtio_crypto_config),
               .queue_count = queue_count, .why_no_ping = why_no_ping, .open = open,
               .close = close, .ping_make = ping_make, .ping_check = ping_check);
