/* SPDX-License-Identifier: MIT */
/*
 * Sessions and operations of the crypto device: makes requests, runs them, and takes the
 * answers apart. The sessions that a device has are remembered beyond one life, until
 * they are destroyed.
 */
#include "drivers/virtio/device/crypto.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/string.h"

#define KEPT_MOST 320

typedef struct KeptSession {
    const QVirtioDevice *dev;
    CryptoSession session;
} KeptSession;

static KeptSession kept[KEPT_MOST];
static unsigned kept_count;

static void keep(const QVirtioDevice *d, const CryptoSession *session)
{
    if (kept_count < KEPT_MOST) {
        kept[kept_count++] = (KeptSession){d, *session};
    }
}

static void drop(const QVirtioDevice *d, const CryptoSession *session)
{
    for (unsigned i = 0; i < kept_count; i++) {
        if (kept[i].dev == d && kept[i].session.id == session->id) {
            kept[i] = kept[--kept_count];
            return;
        }
    }
}

static QVirtQueue *control_queue(const QVirtioDevice *d)
{
    uint16_t last = QVIRTIO_MAX_QUEUES - 1;
    while (last > 0 && !d->vq[last]) {
        last--;
    }
    return d->vq[last];
}

/* Appends bytes to a buffer. Returns the end of what is in it. */
static uint8_t *append(uint8_t *to, const void *from, uint32_t bytes)
{
    if (bytes) {
        memcpy(to, from, bytes);
    }
    return to + bytes;
}

/* Returns how long fixed-length fields of so many bytes are: without REVISION_1 they are
 * padded to the legacy length. */
static uint32_t padded(const QVirtioDevice *d, uint32_t bytes, uint32_t legacy)
{
    bool is_padded = !qvirtio_negotiated(d, VIRTIO_CRYPTO_F_REVISION_1) && bytes < legacy;
    return is_padded ? legacy : bytes;
}

int crypto_control(QVirtioDevice *d, uint32_t opcode, uint32_t algo, CryptoBytes flf,
                   CryptoBytes key, CryptoBytes auth_key, void *answer,
                   uint32_t answer_bytes, uint32_t *used_len)
{
    struct virtio_crypto_ctrl_header header = {.opcode = le32_of(opcode),
                                               .algo = le32_of(algo)};
    uint32_t flf_bytes = padded(d, flf.len, VIRTIO_CRYPTO_CTRLQ_OP_SPEC_HDR_LEGACY);
    uint32_t bytes = sizeof(header) + flf_bytes + key.len + auth_key.len;
    uint8_t *out = arena_lend(bytes, 8), *in = arena_lend(answer_bytes, 8);
    QVirtQueue *vq = control_queue(d);
    if (!out || !in || !vq) {
        return -QVIRTIO_NO_MEMORY;
    }
    append(append(out, &header, sizeof(header)), flf.at, flf.len);
    append(append(out + sizeof(header) + flf_bytes, key.at, key.len), auth_key.at,
           auth_key.len);
    memset(in, CRYPTO_FILL, answer_bytes);
    QVirtioSg sg[] = {{arena_map(out, bytes), bytes},
                      {arena_map(in, answer_bytes), answer_bytes}};
    int err = qvirtqueue_submit(vq, sg, 1, 1, used_len);
    memcpy(answer, in, answer_bytes);
    return err;
}

int crypto_create(QVirtioDevice *d, const CryptoPara *p, CryptoSession *session)
{
    uint8_t flf[CRYPTO_FLF_MOST] __attribute__((aligned(8)));
    struct virtio_crypto_create_session_input answer;
    unsigned op = p->service == VIRTIO_CRYPTO_SERVICE_AKCIPHER
                      ? VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION
                      : VIRTIO_CRYPTO_CREATE_SESSION;
    *session = (CryptoSession){.service = p->service};
    int err = crypto_control(d, VIRTIO_CRYPTO_OPCODE(p->service, op), p->algo,
                             (CryptoBytes){flf, crypto_session_flf(p, flf)}, p->key,
                             p->auth_key, &answer, sizeof(answer), &session->used_len);
    if (!err) {
        session->id = le64_get(answer.session_id);
        session->status = le32_get(answer.status);
    }
    if (!err && session->status == VIRTIO_CRYPTO_OK) {
        keep(d, session);
    }
    return err;
}

int crypto_destroy(QVirtioDevice *d, const CryptoSession *session, uint8_t *status)
{
    struct virtio_crypto_destroy_session_flf flf = {le64_of(session->id)};
    unsigned op = session->service == VIRTIO_CRYPTO_SERVICE_AKCIPHER
                      ? VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION
                      : VIRTIO_CRYPTO_DESTROY_SESSION;
    drop(d, session);
    return crypto_control(d, VIRTIO_CRYPTO_OPCODE(session->service, op), 0,
                          (CryptoBytes){&flf, sizeof(flf)}, (CryptoBytes){0},
                          (CryptoBytes){0}, status, 1, NULL);
}

int crypto_forget_sessions(QVirtioDevice *d)
{
    int err = 0;
    for (unsigned i = kept_count; i-- > 0 && !err;) {
        uint8_t status;
        if (kept[i].dev == d) {
            CryptoSession session = kept[i].session;
            err = crypto_destroy(d, &session, &status);
        }
    }
    return err;
}

bool crypto_is_stateless(const QVirtioDevice *d, uint8_t service)
{
    return qvirtio_negotiated(d, VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE + service);
}

/* Appends the variable-length fields. The additional data follows src in session mode and
 * with AEAD, and the signed data follows the signature. */
static void append_work(uint8_t *to, const CryptoWork *w)
{
    if (!w->session) {
        to = append(to, w->para->key.at, w->para->key.len);
    }
    to = append(to, w->iv.at, w->iv.len);
    to = append(to, w->src.at, w->src.len);
    append(to, w->aad.at, w->aad.len);
}

CryptoRequest crypto_request(QVirtioDevice *d, uint16_t queue, const CryptoWork *w)
{
    uint8_t flf[CRYPTO_FLF_MOST] __attribute__((aligned(8)));
    bool is_stateless = crypto_is_stateless(d, w->para->service);
    uint32_t flf_bytes = crypto_data_flf(w, is_stateless, flf);
    uint32_t room = padded(d, flf_bytes, VIRTIO_CRYPTO_DATAQ_OP_SPEC_HDR_LEGACY);
    struct virtio_crypto_op_header header = {
        .opcode = le32_of(VIRTIO_CRYPTO_OPCODE(w->para->service, w->operation)),
        .algo = le32_of(w->para->algo),
        .session_id = le64_of(w->session ? w->session->id : 0),
        .flag = le32_of(w->session ? VIRTIO_CRYPTO_FLAG_SESSION_MODE : 0),
    };
    CryptoRequest r = {.dev = d, .vq = d->vq[queue]};
    r.out_bytes = sizeof(header) + room + (w->session ? 0 : w->para->key.len) +
                  w->iv.len + w->src.len + w->aad.len;
    r.in_bytes = w->dst_bytes + w->hash_bytes + sizeof(struct virtio_crypto_inhdr);
    r.out = arena_lend(r.out_bytes, 8);
    r.in = arena_lend(r.in_bytes, 1);
    if (!r.out || !r.in) {
        r.out = NULL;
        return r;
    }
    append(append(r.out, &header, sizeof(header)), flf, flf_bytes);
    append_work(r.out + sizeof(header) + room, w);
    memset(r.in, CRYPTO_FILL, r.in_bytes);
    return r;
}

static void map(const CryptoRequest *r, QVirtioSg *sg)
{
    sg[0] = (QVirtioSg){arena_map(r->out, r->out_bytes), r->out_bytes};
    sg[1] = (QVirtioSg){arena_map(r->in, r->in_bytes), r->in_bytes};
}

int crypto_add(CryptoRequest *r)
{
    QVirtioSg sg[2];
    if (!r->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    map(r, sg);
    return qvirtqueue_add(r->vq, sg, 1, 1, r);
}

int crypto_run(CryptoRequest *r)
{
    QVirtioSg sg[2];
    if (!r->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    map(r, sg);
    return qvirtqueue_submit(r->vq, sg, 1, 1, &r->used_len);
}
