/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the rules of 5.9: they use sessions that do not exist, lengths
 * beyond the buffers, and requests without a header or without room for the status. Where
 * the text does not say what the answer is, the device must survive.
 */
#include "kernel/clock.h"
#include "kernel/wait.h"
#include "tests/crypto/crypto_lib.h"

#define PATIENCE_NS (20 * NS_PER_MS)

typedef struct Sent {
    QVirtioDevice *dev;
    QVirtQueue *vq;
} Sent;

static bool is_over(void *arg)
{
    const Sent *s = arg;
    return qvirtqueue_has_used(s->vq) ||
           qvirtio_has_status(s->dev, VIRTIO_STATUS_NEEDS_RESET);
}

/* Sends a request and waits a short time for an answer, which may or may not come. Then
 * the device must survive. */
static void send(Test *t, QVirtioDevice *dev, QVirtQueue *vq, const void *out,
                 uint32_t out_bytes, void *in, uint32_t in_bytes)
{
    Sent s = {dev, vq};
    QVirtioSg sg[2];
    unsigned n = 0;
    if (out_bytes) {
        sg[n++] = (QVirtioSg){arena_map(out, out_bytes), out_bytes};
    }
    if (in_bytes) {
        sg[n++] = (QVirtioSg){arena_map(in, in_bytes), in_bytes};
    }
    if (require_ok(t, qvirtqueue_add(vq, sg, out_bytes > 0, in_bytes > 0, &s))) {
        qvirtqueue_kick(vq);
        if (qvirtio_wait(dev, "an answer, or none", is_over, &s, PATIENCE_NS)) {
            wait_forget();
        }
    }
    expect_survives(t, dev);
}

/* Sends a request of one block in which the field at `off` behind the header has this
 * value. */
static void send_field(Test *t, QVirtioDevice *dev, size_t off, uint32_t value)
{
    CryptoSession session;
    if (!crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC) ||
        !require_session(t, dev, &crypto_cbc, &session)) {
        return;
    }
    CryptoWork w = crypto_cbc_work(&session, 16);
    CryptoRequest r = crypto_request(dev, 0, &w);
    if (require_ok(t, r.out ? 0 : -QVIRTIO_NO_MEMORY)) {
        le32 field = le32_of(value);
        memcpy(r.out + sizeof(struct virtio_crypto_op_header) + off, &field,
               sizeof(field));
        send(t, dev, r.vq, r.out, r.out_bytes, r.in, r.in_bytes);
    }
}

#define CIPHER_FIELD(f) offsetof(struct virtio_crypto_cipher_data_flf, f)

CRYPTO_TEST(iv_beyond_the_buffer_is_survived, .violates = "5.9.9.6.1")
{
    send_field(t, dev, CIPHER_FIELD(iv_len), 4096);
}

CRYPTO_TEST(source_beyond_the_buffer_is_survived, .violates = "5.9.9.6.1")
{
    send_field(t, dev, CIPHER_FIELD(src_data_len), 1u << 20);
}

CRYPTO_TEST(result_beyond_the_buffer_is_survived, .violates = "5.9.9.6.1")
{
    send_field(t, dev, CIPHER_FIELD(dst_data_len), 1u << 20);
}

CRYPTO_TEST(both_lengths_beyond_the_buffer_are_survived, .violates = "5.9.9.6.1")
{
    CryptoSession session;
    if (!crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC) ||
        !require_session(t, dev, &crypto_cbc, &session)) {
        return;
    }
    CryptoWork w = crypto_cbc_work(&session, 4096);
    CryptoRequest r = crypto_request(dev, 0, &w);
    if (require_ok(t, r.out ? 0 : -QVIRTIO_NO_MEMORY)) {
        send(t, dev, r.vq, r.out, r.out_bytes, r.in, 17);
    }
}

CRYPTO_TEST(operation_type_nobody_knows_is_survived, .violates = "5.9.9.6.1")
{
    send_field(t, dev, offsetof(struct virtio_crypto_sym_data_flf, op_type), 77);
}

CRYPTO_TEST(operation_without_a_header_is_survived, .violates = "5.9.9.3")
{
    uint8_t *in = arena_lend(17, 1);
    send(t, dev, dev->vq[0], NULL, 0, in, 17);
}

CRYPTO_TEST(short_operation_header_is_survived, .violates = "5.9.9.3")
{
    uint8_t *out = arena_lend(23, 1), *in = arena_lend(17, 1);
    send(t, dev, dev->vq[0], out, 23, in, 17);
}

CRYPTO_TEST(operation_without_room_for_a_status_is_survived, .violates = "5.9.9.3")
{
    uint8_t *out = arena_lend(96, 1);
    send(t, dev, dev->vq[0], out, 96, NULL, 0);
}

static QVirtQueue *control_queue(Test *t, QVirtioDevice *dev)
{
    CryptoConfig c;
    return require_ok(t, crypto_read_config(dev, &c)) ? dev->vq[c.data_queues] : NULL;
}

CRYPTO_TEST(short_control_request_is_survived, .violates = "5.9.9.2.1.6")
{
    QVirtQueue *vq = control_queue(t, dev);
    uint8_t *out = arena_lend(17, 1), *in = arena_lend(16, 8);
    if (vq) {
        send(t, dev, vq, out, 17, in, 16);
    }
}

CRYPTO_TEST(session_without_room_for_its_id_is_survived, .violates = "5.9.9.2.1.6")
{
    QVirtQueue *vq = control_queue(t, dev);
    uint8_t *out = arena_lend(72, 8), *in = arena_lend(4, 4);
    if (vq) {
        send(t, dev, vq, out, 72, in, 4);
    }
}

/* Sends a request whose key_len is larger than the key in it, or than any key may be. */
static void send_key_len(Test *t, QVirtioDevice *dev, uint32_t key_len)
{
    QVirtQueue *vq = control_queue(t, dev);
    struct virtio_crypto_ctrl_header *out = arena_lend(88, 8);
    uint8_t *in = arena_lend(16, 8);
    if (!vq || !require_ok(t, out && in ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    CryptoPara p = crypto_cbc;
    p.key.len = key_len;
    out->opcode = le32_of(VIRTIO_CRYPTO_OPCODE(CIPHER, VIRTIO_CRYPTO_CREATE_SESSION));
    crypto_session_flf(&p, out + 1);
    send(t, dev, vq, out, 88, in, 16);
}

CRYPTO_TEST(key_beyond_the_buffer_is_survived, .violates = "5.9.5.2")
{
    send_key_len(t, dev, 32);
}

CRYPTO_TEST(key_beyond_the_longest_is_survived, .violates = "5.9.5.2")
{
    send_key_len(t, dev, 0xfffffff0);
}

/* "VIRTIO_CRYPTO_ERR if any failure occurs" */
CRYPTO_TEST(session_that_is_not_there_is_not_destroyed, .violates = "5.9.9.2.1.8")
{
    static const uint64_t ids[] = {0xffffffffffffffff, 0x100000000, 0x7fffffff};
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        CryptoSession session = {.id = ids[i], .service = CIPHER};
        uint8_t status = CRYPTO_FILL;
        require_ok(t, crypto_destroy(dev, &session, &status));
        expect_eq(t, "dev:5.9.9.2.1.9-1", status, VIRTIO_CRYPTO_ERR);
    }
    expect_survives(t, dev);
}

CRYPTO_TEST(session_that_is_not_there_is_invalid, .violates = "5.9.9.6.1")
{
    static const uint64_t ids[] = {0xffffffffffffffff, 0x100000000, 0x7fffffff};
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        CryptoSession session = {.id = ids[i], .service = CIPHER};
        CryptoWork w = crypto_cbc_work(&session, 16);
        CryptoRequest r;
        if (!crypto_advertised(t, dev, CIPHER, VIRTIO_CRYPTO_CIPHER_AES_CBC)) {
            return;
        }
        expect_status(t, "dev:5.9.9.6.2-8", dev, &w, VIRTIO_CRYPTO_INVSESS, &r);
    }
    expect_survives(t, dev);
}
