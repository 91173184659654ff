/* SPDX-License-Identifier: MIT */
/*
 * Data queues of the software crypto device (5.9.9.3 to 5.9.9.8). Opcode, mode and
 * revision say how the fields are read; the parameters come from the request or from its
 * session. Chains hash first and then encrypt. They have no stateless mode here, and no
 * authenticated data.
 */
#include "drivers/virtio/soft/crypto/crypto.h"
#include "kernel/lib/string.h"

SOFT_FAULT(ready_but_refuses, "dev:5.9.5.1-3", "answers ERR to all of its second queue");
SOFT_FAULT(refuses_half_of_max_size, "dev:5.9.5.1-7",
           "takes no request of more than half of what it states");
SOFT_FAULT(hash_by_mac_opcode, "dev:5.9.9.4.2-1", "does not know the opcode HASH");
SOFT_FAULT(hash_flag_ignored, "dev:5.9.9.4.2-2", "looks for a session in stateless mode");
SOFT_FAULT(hash_result_missing, "dev:5.9.9.4.2-3", "leaves the hash as it was");
SOFT_FAULT(hash_without_session, "dev:5.9.9.4.2-4", "has OK for an unknown session");
SOFT_FAULT(mac_flag_ignored, "dev:5.9.9.5.2-1", "looks for a session in stateless mode");
SOFT_FAULT(mac_result_missing, "dev:5.9.9.5.2-2", "leaves the MAC as it was");
SOFT_FAULT(mac_without_session, "dev:5.9.9.5.2-3", "has OK for an unknown session");
SOFT_FAULT(cipher_flag_ignored, "dev:5.9.9.6.2-1",
           "looks for a session in stateless mode");
SOFT_FAULT(does_not_encrypt, "dev:5.9.9.6.2-2", "has NOTSUPP for ENCRYPT of much");
SOFT_FAULT(does_not_decrypt, "dev:5.9.9.6.2-2", "has NOTSUPP for DECRYPT");
SOFT_FAULT(iv_is_ignored, "dev:5.9.9.6.2-3", "takes an IV of zeros");
SOFT_FAULT(chain_hashes_all, "dev:5.9.9.6.2-4", "hashes all whatever len_to_hash says");
SOFT_FAULT(cipher_result_missing, "dev:5.9.9.6.2-5", "leaves dst_data as it was");
SOFT_FAULT(chain_wants_aad, "dev:5.9.9.6.2-6", "has ERR for a chain without AAD");
SOFT_FAULT(chain_hash_missing, "dev:5.9.9.6.2-7", "leaves the hash of a chain as it was");
SOFT_FAULT(cipher_without_session, "dev:5.9.9.6.2-8", "has ERR for an unknown session");
SOFT_FAULT(aead_flag_ignored, "dev:5.9.9.7.2-1", "looks for a session in stateless mode");
SOFT_FAULT(aead_result_missing, "dev:5.9.9.7.2-2", "leaves dst_data as it was");
SOFT_FAULT(tag_missing, "dev:5.9.9.7.2-3", "leaves the tag as it was");
SOFT_FAULT(aead_without_session, "dev:5.9.9.7.2-4", "has a status of nobody's");
SOFT_FAULT(any_tag_is_fine, "dev:5.9.9.7.2-5", "does not look at the tag");
SOFT_FAULT(akcipher_flag_ignored, "dev:5.9.9.8.2-1",
           "looks for a session in stateless mode");
SOFT_FAULT(akcipher_result_missing, "dev:5.9.9.8.2-2", "leaves dst_data as it was");
SOFT_FAULT(akcipher_decrypts_wrongly, "dev:5.9.9.8.2-2", "spoils what it decrypts");
SOFT_FAULT(any_signature_is_fine, "dev:5.9.9.8.2-3", "has OK for a wrong signature");

#define IV_MOST  16
#define AAD_MOST 64

typedef struct Work {
    SoftDevice *s;
    const QVirtQueueElement *e;
    /* The parameters of stateless mode. */
    SoftPara own;
    const SoftPara *p;
    uint8_t service, operation;
    bool is_session_mode, is_chain;
    /* Where the next variable-length field begins. */
    uint32_t at;
    uint32_t iv_len, src_len, aad_len, dst_len;
    uint32_t hash_len, hash_start, len_to_hash;
    uint8_t iv[IV_MOST], aad[AAD_MOST];
    uint8_t data[SOFT_CRYPTO_MAX_SIZE + 16];
    uint8_t digest[SHA1_BYTES];
} Work;

static Work work;

typedef union DataFields {
    struct virtio_crypto_sym_data_flf sym;
    struct virtio_crypto_sym_data_flf_stateless sym_stateless;
    struct virtio_crypto_hash_data_flf hash;
    struct virtio_crypto_hash_data_flf_stateless hash_stateless;
    struct virtio_crypto_mac_data_flf_stateless mac_stateless;
    struct virtio_crypto_aead_data_flf aead;
    struct virtio_crypto_aead_data_flf_stateless aead_stateless;
    struct virtio_crypto_akcipher_data_flf akcipher;
    struct virtio_crypto_akcipher_data_flf_stateless akcipher_stateless;
} DataFields;

static uint32_t parse_sym(Work *w, const struct virtio_crypto_sym_data_flf *f)
{
    const struct virtio_crypto_alg_chain_data_flf *c = &f->op_type_flf.chain;
    w->iv_len = le32_get(c->iv_len);
    w->src_len = le32_get(c->src_data_len);
    w->dst_len = le32_get(c->dst_data_len);
    w->is_chain = le32_get(f->op_type) == VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING;
    if (w->is_chain) {
        w->hash_start = le32_get(c->hash_start_src_offset);
        w->len_to_hash = le32_get(c->len_to_hash);
        w->aad_len = le32_get(c->aad_len);
        w->hash_len = le32_get(c->hash_result_len);
    }
    return sizeof(*f);
}

static uint32_t parse(Work *w, const DataFields *f)
{
    switch (w->service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
    case VIRTIO_CRYPTO_SERVICE_MAC:
        w->src_len = le32_get(f->hash.src_data_len);
        w->dst_len = le32_get(f->hash.hash_result_len);
        return sizeof(f->hash);
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        w->iv_len = le32_get(f->aead.iv_len);
        w->aad_len = le32_get(f->aead.aad_len);
        w->src_len = le32_get(f->aead.src_data_len);
        w->dst_len = le32_get(f->aead.dst_data_len);
        return sizeof(f->aead);
    case VIRTIO_CRYPTO_SERVICE_AKCIPHER:
        w->src_len = le32_get(f->akcipher.src_data_len);
        w->dst_len = le32_get(f->akcipher.dst_data_len);
        return sizeof(f->akcipher);
    default:
        return parse_sym(w, &f->sym);
    }
}

static uint32_t parse_stateless(Work *w, const DataFields *f)
{
    SoftPara *p = &w->own;
    p->algo = le32_get(f->hash_stateless.algo); /* the first field of each structure */
    p->key_len = le32_get(f->mac_stateless.auth_key_len);
    switch (w->service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
        p->key_len = 0;
        w->src_len = le32_get(f->hash_stateless.src_data_len);
        w->dst_len = le32_get(f->hash_stateless.hash_result_len);
        return sizeof(f->hash_stateless);
    case VIRTIO_CRYPTO_SERVICE_MAC:
        w->src_len = le32_get(f->mac_stateless.src_data_len);
        w->dst_len = le32_get(f->mac_stateless.hash_result_len);
        return sizeof(f->mac_stateless);
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        p->op = le32_get(f->aead_stateless.op);
        w->iv_len = le32_get(f->aead_stateless.iv_len);
        w->aad_len = le32_get(f->aead_stateless.aad_len);
        w->src_len = le32_get(f->aead_stateless.src_data_len);
        w->dst_len = le32_get(f->aead_stateless.dst_data_len);
        return sizeof(f->aead_stateless);
    case VIRTIO_CRYPTO_SERVICE_AKCIPHER:
        p->op = le32_get(f->akcipher_stateless.key_type);
        p->key_len = le32_get(f->akcipher_stateless.key_len);
        p->rsa_padding = le32_get(f->akcipher_stateless.rsa.padding_algo);
        w->src_len = le32_get(f->akcipher_stateless.src_data_len);
        w->dst_len = le32_get(f->akcipher_stateless.dst_data_len);
        return sizeof(f->akcipher_stateless);
    default:
        p->op = le32_get(f->sym_stateless.op_type_flf.cipher.op);
        w->iv_len = le32_get(f->sym_stateless.op_type_flf.cipher.iv_len);
        w->src_len = le32_get(f->sym_stateless.op_type_flf.cipher.src_data_len);
        w->dst_len = le32_get(f->sym_stateless.op_type_flf.cipher.dst_data_len);
        return sizeof(f->sym_stateless);
    }
}

static bool take(Work *w, void *to, uint32_t room, uint32_t bytes)
{
    uint32_t at = w->at;
    w->at += bytes;
    return bytes <= room && qvirtqueue_element_read(w->e, at, to, bytes) == bytes;
}

static bool take_variable(Work *w)
{
    bool verifies = w->service == VIRTIO_CRYPTO_SERVICE_AKCIPHER &&
                    w->operation == VIRTIO_CRYPTO_VERIFY;
    uint64_t all = (uint64_t)w->iv_len + w->aad_len + w->src_len + w->dst_len;
    if (verifies) {
        w->aad_len = w->dst_len;
        w->dst_len = 0;
    }
    uint32_t most = SOFT_CRYPTO_MAX_SIZE / (soft_fault(refuses_half_of_max_size) ? 2 : 1);
    return all <= most &&
           (w->is_session_mode ||
            take(w, w->own.key, sizeof(w->own.key), w->own.key_len)) &&
           take(w, w->iv, sizeof(w->iv), w->iv_len) &&
           take(w, w->data, SOFT_CRYPTO_MAX_SIZE, w->src_len) &&
           take(w, w->aad, sizeof(w->aad), w->aad_len) &&
           (uint64_t)w->dst_len + w->hash_len + 1 == w->e->in_bytes;
}

static uint8_t run_cipher(Work *w)
{
    if (w->is_chain != (w->p->chain_order != 0) || w->src_len != w->dst_len) {
        return VIRTIO_CRYPTO_ERR;
    }
    if (w->is_chain) {
        uint32_t bytes = soft_fault(chain_hashes_all) ? w->src_len : w->len_to_hash;
        if (w->hash_start > w->src_len || bytes > w->src_len - w->hash_start ||
            w->hash_len > SHA1_BYTES || w->aad_len || soft_fault(chain_wants_aad)) {
            return VIRTIO_CRYPTO_ERR;
        }
        sha1(w->digest, w->data + w->hash_start, bytes, NULL, 0);
    }
    if (soft_fault(iv_is_ignored)) {
        memset(w->iv, 0, sizeof(w->iv));
    }
    bool encrypts = w->p->op == VIRTIO_CRYPTO_OP_ENCRYPT;
    bool is_much = w->operation == VIRTIO_CRYPTO_ENCRYPT && w->src_len > 16;
    if ((soft_fault(does_not_encrypt) && is_much) ||
        (soft_fault(does_not_decrypt) && w->operation == VIRTIO_CRYPTO_DECRYPT)) {
        return VIRTIO_CRYPTO_NOTSUPP;
    }
    return soft_crypto_cipher(w->p, encrypts, w->iv, w->iv_len, w->data, w->src_len);
}

static uint8_t run_aead(Work *w)
{
    bool encrypts = w->operation == VIRTIO_CRYPTO_ENCRYPT;
    uint32_t bytes = w->src_len - (encrypts ? 0 : 16);
    if (bytes > w->src_len || w->dst_len < bytes + (encrypts ? 16 : 0)) {
        return VIRTIO_CRYPTO_ERR;
    }
    uint8_t status = soft_crypto_gcm(w->p, encrypts, w->iv, w->iv_len, w->aad, w->aad_len,
                                     w->data, bytes);
    if (soft_fault(tag_missing) && encrypts) {
        memset(w->data + bytes, 0, 16);
    }
    return status == VIRTIO_CRYPTO_BADMSG && soft_fault(any_tag_is_fine)
               ? VIRTIO_CRYPTO_OK
               : status;
}

static uint8_t run_akcipher(Work *w)
{
    uint8_t result[SOFT_RSA_BYTES] = {0};
    uint32_t bytes = 0;
    uint8_t status = soft_rsa(w->p, w->operation, w->data, w->src_len, w->aad, w->aad_len,
                              result, &bytes);
    if (w->operation != VIRTIO_CRYPTO_VERIFY && w->dst_len < bytes) {
        return VIRTIO_CRYPTO_ERR;
    }
    if (soft_fault(akcipher_decrypts_wrongly) && w->operation == VIRTIO_CRYPTO_DECRYPT) {
        result[0] ^= 1;
    }
    memcpy(w->data, result, sizeof(result));
    return status == VIRTIO_CRYPTO_KEY_REJECTED && soft_fault(any_signature_is_fine)
               ? VIRTIO_CRYPTO_OK
               : status;
}

static uint8_t run_digest(Work *w)
{
    if (w->dst_len > SHA1_BYTES) {
        return VIRTIO_CRYPTO_ERR;
    }
    if (w->service == VIRTIO_CRYPTO_SERVICE_HASH) {
        sha1(w->digest, w->data, w->src_len, NULL, 0);
    } else {
        hmac_sha1(w->digest, w->p->key, w->p->key_len, w->data, w->src_len);
    }
    memcpy(w->data, w->digest, SHA1_BYTES);
    return VIRTIO_CRYPTO_OK;
}

/* Returns the status of an operation in a session that does not exist. */
static uint8_t no_session(uint8_t service)
{
    switch (service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
        return soft_fault(hash_without_session) ? VIRTIO_CRYPTO_OK
                                                : VIRTIO_CRYPTO_INVSESS;
    case VIRTIO_CRYPTO_SERVICE_MAC:
        return soft_fault(mac_without_session) ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_INVSESS;
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        return soft_fault(aead_without_session) ? 0x77 : VIRTIO_CRYPTO_INVSESS;
    default:
        return soft_fault(cipher_without_session) ? VIRTIO_CRYPTO_ERR
                                                  : VIRTIO_CRYPTO_INVSESS;
    }
}

static bool ignores_flag(uint8_t service)
{
    const bool ignored[] = {soft_fault(cipher_flag_ignored),
                            soft_fault(hash_flag_ignored), soft_fault(mac_flag_ignored),
                            soft_fault(aead_flag_ignored),
                            soft_fault(akcipher_flag_ignored)};
    return ignored[service];
}

static bool knows(uint8_t service, uint8_t operation)
{
    bool is_ak = service == VIRTIO_CRYPTO_SERVICE_AKCIPHER;
    bool is_digest =
        service == VIRTIO_CRYPTO_SERVICE_HASH || service == VIRTIO_CRYPTO_SERVICE_MAC;
    return service <= VIRTIO_CRYPTO_SERVICE_AKCIPHER &&
           operation < (is_ak       ? 4
                        : is_digest ? 1
                                    : 2) &&
           !(soft_fault(hash_by_mac_opcode) && service == VIRTIO_CRYPTO_SERVICE_HASH);
}

static uint8_t serve(Work *w)
{
    static uint8_t (*const runs[])(Work *) = {run_cipher, run_digest, run_digest,
                                              run_aead, run_akcipher};
    struct virtio_crypto_op_header h;
    DataFields f;
    memset(&h, 0, sizeof(h));
    memset(&f, 0, sizeof(f));
    qvirtqueue_element_read(w->e, 0, &h, sizeof(h));
    qvirtqueue_element_read(w->e, sizeof(h), &f, sizeof(f));
    w->service = le32_get(h.opcode) >> 8;
    w->operation = le32_get(h.opcode);
    if (!knows(w->service, w->operation)) {
        return VIRTIO_CRYPTO_NOTSUPP;
    }
    bool is_stateless =
        soft_negotiated(w->s, VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE + w->service);
    bool is_revision_1 = soft_negotiated(w->s, VIRTIO_CRYPTO_F_REVISION_1);
    bool has_flag = le32_get(h.flag) & VIRTIO_CRYPTO_FLAG_SESSION_MODE;
    w->is_session_mode = !is_stateless || has_flag || ignores_flag(w->service);
    w->own = (SoftPara){.service = w->service};
    uint32_t flf = is_stateless ? parse_stateless(w, &f) : parse(w, &f);
    w->at = sizeof(h) + (is_revision_1 ? flf : VIRTIO_CRYPTO_DATAQ_OP_SPEC_HDR_LEGACY);
    if (is_revision_1 && !is_stateless && !has_flag) {
        return VIRTIO_CRYPTO_ERR;
    }
    w->p = w->is_session_mode ? soft_crypto_session(le64_get(h.session_id)) : &w->own;
    if (!w->p || w->p->service != w->service) {
        return no_session(w->service);
    }
    if (!take_variable(w)) {
        return VIRTIO_CRYPTO_ERR;
    }
    uint8_t status = w->is_session_mode ? VIRTIO_CRYPTO_OK : soft_crypto_check(w->p);
    return status ? status : runs[w->service](w);
}

static bool hides_result(uint8_t service)
{
    const bool hidden[] = {
        soft_fault(cipher_result_missing), soft_fault(hash_result_missing),
        soft_fault(mac_result_missing), soft_fault(aead_result_missing),
        soft_fault(akcipher_result_missing)};
    return hidden[service];
}

/* Writes the answer. The status is the last byte; when it is a failure, the bytes before
 * it are zeros. */
static uint32_t answer(Work *w, uint8_t status)
{
    uint32_t room = w->e->in_bytes ? w->e->in_bytes - 1 : 0;
    if (status != VIRTIO_CRYPTO_OK || hides_result(w->service)) {
        memset(w->data, 0, sizeof(w->data));
    }
    if (status != VIRTIO_CRYPTO_OK || soft_fault(chain_hash_missing)) {
        memset(w->digest, 0, sizeof(w->digest));
    }
    uint32_t bytes = room < sizeof(w->data) ? room : sizeof(w->data);
    uint32_t digest = w->hash_len < bytes ? w->hash_len : bytes;
    qvirtqueue_element_write(w->e, 0, w->data, bytes - digest);
    qvirtqueue_element_write(w->e, bytes - digest, w->digest,
                             digest < SHA1_BYTES ? digest : SHA1_BYTES);
    return bytes + qvirtqueue_element_write(w->e, bytes, &status, 1);
}

void soft_crypto_work(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        Work *w = &work;
        memset(w, 0, offsetof(Work, data));
        w->s = s;
        w->e = e;
        uint8_t status = serve(w);
        if (queue > 0 && soft_fault(ready_but_refuses)) {
            status = VIRTIO_CRYPTO_ERR;
        }
        soft_push(s, queue, e, answer(w, status));
    }
}
