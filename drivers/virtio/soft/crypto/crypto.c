/* SPDX-License-Identifier: MIT */
/*
 * The crypto device (5.9) in software: config space, and sessions on the control queue.
 * It has two data queues and all services but IPsec, each with the algorithms of
 * crypto.h, in session mode and in stateless mode. A reset destroys all sessions.
 */
#include "drivers/virtio/soft/crypto/crypto.h"
#include "kernel/lib/string.h"

SOFT_FAULT(no_dataqueues, "dev:5.9.5.1-1", "says that it has no data queue");
SOFT_FAULT(undefined_crypto_status, "dev:5.9.5.1-2b", "sets a status flag of nobody's");
SOFT_FAULT(lists_a_service_it_lacks, "dev:5.9.5.1-4", "lists HASH and has no session");
SOFT_FAULT(service_without_algorithms, "dev:5.9.5.1-5", "lists MAC with an empty mask");
SOFT_FAULT(undefined_algorithms, "dev:5.9.5.1-6", "sets all bits of each mask");
SOFT_FAULT(max_size_is_0, "dev:5.9.5.1-7", "takes requests of no size at all");
SOFT_FAULT(max_cipher_key_len_is_0, "dev:5.9.5.1-8", "states no length of cipher keys");
SOFT_FAULT(max_auth_key_len_is_0, "dev:5.9.5.1-9", "states no length of MAC keys");
SOFT_MANNER(crypto_keys_of_16_bytes, "5.9.5",
            "takes cipher keys of 16 bytes at the most");
SOFT_FAULT(every_session_is_a_cipher, "dev:5.9.9.2.1.7-1",
           "takes the fields of a CIPHER session whatever the opcode");
SOFT_FAULT(session_key_is_lost, "dev:5.9.9.2.1.7-2", "works with a key of zeros");
SOFT_FAULT(any_algorithm_is_fine, "dev:5.9.9.2.1.7-3",
           "makes sessions of algorithms that it lacks");
SOFT_FAULT(chain_is_an_error, "dev:5.9.9.2.1.7-3", "has ERR for sessions of chains");
SOFT_FAULT(full_is_not_supported, "dev:5.9.9.2.1.7-3", "has NOTSUPP for no free id");
SOFT_FAULT(session_ids_are_equal, "dev:5.9.9.2.1.7-4", "gives each session the id 1");
SOFT_FAULT(destroys_what_is_not_there, "dev:5.9.9.2.1.9-1", "has OK for any session");
SOFT_FAULT(destroys_and_says_no, "dev:5.9.9.2.1.9-1", "answers ERR to each destruction");

#define SESSIONS 32

static SoftPara sessions[SESSIONS];

static uint32_t cipher_key_most(void)
{
    return soft_manner(crypto_keys_of_16_bytes) ? 16 : SOFT_CRYPTO_CIPHER_KEY;
}

static void init(SoftDevice *s)
{
    uint32_t all = soft_fault(undefined_algorithms) ? 0xffffffff : 0;
    struct virtio_crypto_config *c = (struct virtio_crypto_config *)s->config;
    c->status = le32_of(VIRTIO_CRYPTO_S_HW_READY |
                        (soft_fault(undefined_crypto_status) ? 0x80 : 0));
    c->max_dataqueues = le32_of(soft_fault(no_dataqueues) ? 0 : SOFT_CRYPTO_DATA_QUEUES);
    c->crypto_services = le32_of((1u << (VIRTIO_CRYPTO_SERVICE_AKCIPHER + 1)) - 1);
    c->cipher_algo_l = le32_of(
        1u << VIRTIO_CRYPTO_CIPHER_AES_ECB | 1u << VIRTIO_CRYPTO_CIPHER_AES_CBC |
        1u << VIRTIO_CRYPTO_CIPHER_AES_CTR | 1u << VIRTIO_CRYPTO_CIPHER_AES_XTS | all);
    c->cipher_algo_h = le32_of(all);
    c->hash_algo = le32_of(1u << VIRTIO_CRYPTO_HASH_SHA1 | all);
    c->mac_algo_l = le32_of(soft_fault(service_without_algorithms)
                                ? 0
                                : 1u << VIRTIO_CRYPTO_MAC_HMAC_SHA1 | all);
    c->mac_algo_h = le32_of(all);
    c->aead_algo = le32_of(1u << VIRTIO_CRYPTO_AEAD_GCM | all);
    c->akcipher_algo = le32_of(1u << VIRTIO_CRYPTO_AKCIPHER_RSA | all);
    c->max_cipher_key_len =
        le32_of(soft_fault(max_cipher_key_len_is_0) ? 0 : cipher_key_most());
    c->max_auth_key_len =
        le32_of(soft_fault(max_auth_key_len_is_0) ? 0 : SOFT_CRYPTO_AUTH_KEY);
    c->max_size = le64_of(soft_fault(max_size_is_0) ? 0 : SOFT_CRYPTO_MAX_SIZE);
}

static void reset(SoftDevice *s)
{
    (void)s;
    memset(sessions, 0, sizeof(sessions));
}

const SoftPara *soft_crypto_session(uint64_t id)
{
    return id >= 1 && id <= SESSIONS && sessions[id - 1].is_used ? &sessions[id - 1]
                                                                 : NULL;
}

static uint8_t check_cipher(const SoftPara *p)
{
    bool is_xts = p->algo == VIRTIO_CRYPTO_CIPHER_AES_XTS;
    bool is_known = p->algo >= VIRTIO_CRYPTO_CIPHER_AES_ECB &&
                    (p->algo <= VIRTIO_CRYPTO_CIPHER_AES_CTR || is_xts);
    uint32_t aes_key = is_xts ? p->key_len / 2 : p->key_len;
    if (!is_known || (p->chain_order && p->hash_algo != VIRTIO_CRYPTO_HASH_SHA1) ||
        p->hash_mode == VIRTIO_CRYPTO_SYM_HASH_MODE_NESTED) {
        return VIRTIO_CRYPTO_NOTSUPP;
    }
    return aes_key == 16 || aes_key == 24 || aes_key == 32 ? VIRTIO_CRYPTO_OK
                                                           : VIRTIO_CRYPTO_ERR;
}

uint8_t soft_crypto_check(const SoftPara *p)
{
    bool is_known = soft_fault(any_algorithm_is_fine);
    switch (p->service) {
    case VIRTIO_CRYPTO_SERVICE_CIPHER:
        return is_known ? VIRTIO_CRYPTO_OK : check_cipher(p);
    case VIRTIO_CRYPTO_SERVICE_HASH:
        is_known |= p->algo == VIRTIO_CRYPTO_HASH_SHA1;
        return is_known && !soft_fault(lists_a_service_it_lacks) ? VIRTIO_CRYPTO_OK
                                                                 : VIRTIO_CRYPTO_NOTSUPP;
    case VIRTIO_CRYPTO_SERVICE_MAC:
        is_known |= p->algo == VIRTIO_CRYPTO_MAC_HMAC_SHA1;
        break;
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        is_known |= p->algo == VIRTIO_CRYPTO_AEAD_GCM;
        break;
    default:
        is_known |= p->algo == VIRTIO_CRYPTO_AKCIPHER_RSA;
        if (is_known && !soft_rsa_has_key(p)) {
            return VIRTIO_CRYPTO_ERR;
        }
    }
    return is_known ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_NOTSUPP;
}

typedef union SessionFields {
    struct virtio_crypto_sym_create_session_flf sym;
    struct virtio_crypto_hash_create_session_flf hash;
    struct virtio_crypto_mac_create_session_flf mac;
    struct virtio_crypto_aead_create_session_flf aead;
    struct virtio_crypto_akcipher_create_session_flf akcipher;
    struct virtio_crypto_destroy_session_flf destroy;
} SessionFields;

static uint32_t parse_sym(SoftPara *p,
                          const struct virtio_crypto_sym_create_session_flf *f)
{
    const struct virtio_crypto_cipher_session_flf *cipher = &f->op_flf.cipher;
    if (le32_get(f->op_type) == VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING) {
        const struct virtio_crypto_alg_chain_session_flf *chain = &f->op_flf.chain;
        cipher = &chain->cipher_hdr;
        p->chain_order = le32_get(chain->alg_chain_order);
        p->hash_mode = le32_get(chain->hash_mode);
        p->hash_algo = le32_get(chain->algo_flf.mac.algo);
        if (p->hash_mode == VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH) {
            p->auth_key_len = le32_get(chain->algo_flf.mac.auth_key_len);
        }
    }
    p->algo = le32_get(cipher->algo);
    p->op = le32_get(cipher->op);
    p->key_len = le32_get(cipher->key_len);
    return sizeof(*f);
}

/* Takes the fixed-length fields apart. Returns how many bytes they are. */
static uint32_t parse(SoftPara *p, const SessionFields *f)
{
    switch (p->service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
        p->algo = le32_get(f->hash.algo);
        return sizeof(f->hash);
    case VIRTIO_CRYPTO_SERVICE_MAC:
        p->algo = le32_get(f->mac.algo);
        p->key_len = le32_get(f->mac.auth_key_len);
        return sizeof(f->mac);
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        p->algo = le32_get(f->aead.algo);
        p->op = le32_get(f->aead.op);
        p->key_len = le32_get(f->aead.key_len);
        return sizeof(f->aead);
    case VIRTIO_CRYPTO_SERVICE_AKCIPHER:
        p->algo = le32_get(f->akcipher.algo);
        p->op = le32_get(f->akcipher.key_type);
        p->key_len = le32_get(f->akcipher.key_len);
        p->rsa_padding = le32_get(f->akcipher.rsa.padding_algo);
        p->rsa_hash = le32_get(f->akcipher.rsa.hash_algo);
        return sizeof(f->akcipher);
    default:
        return parse_sym(p, &f->sym);
    }
}

static uint32_t padded(const SoftDevice *s, uint32_t bytes)
{
    return soft_negotiated(s, VIRTIO_CRYPTO_F_REVISION_1)
               ? bytes
               : VIRTIO_CRYPTO_CTRLQ_OP_SPEC_HDR_LEGACY;
}

/* Returns the status for a session when no id is free. */
static uint8_t full(const SoftDevice *s)
{
    if (soft_fault(full_is_not_supported)) {
        return VIRTIO_CRYPTO_NOTSUPP;
    }
    return soft_negotiated(s, VIRTIO_CRYPTO_F_REVISION_1) ? VIRTIO_CRYPTO_NOSPC
                                                          : VIRTIO_CRYPTO_ERR;
}

static uint8_t create(SoftDevice *s, const QVirtQueueElement *e, uint8_t service,
                      uint64_t *id)
{
    uint32_t at = sizeof(struct virtio_crypto_ctrl_header);
    SoftPara p = {.is_used = true, .service = service};
    SessionFields f;
    if (soft_fault(every_session_is_a_cipher)) {
        p.service = VIRTIO_CRYPTO_SERVICE_CIPHER;
    }
    memset(&f, 0, sizeof(f));
    qvirtqueue_element_read(e, at, &f, sizeof(f));
    at += padded(s, parse(&p, &f));
    uint32_t most = service == VIRTIO_CRYPTO_SERVICE_AKCIPHER ? SOFT_CRYPTO_KEY_MOST
                                                              : SOFT_CRYPTO_CIPHER_KEY;
    if (service == VIRTIO_CRYPTO_SERVICE_CIPHER) {
        most = cipher_key_most();
    }
    if (p.key_len > most || p.auth_key_len > sizeof(p.auth_key) ||
        qvirtqueue_element_read(e, at, p.key, p.key_len) != p.key_len ||
        qvirtqueue_element_read(e, at + p.key_len, p.auth_key, p.auth_key_len) !=
            p.auth_key_len) {
        return VIRTIO_CRYPTO_ERR;
    }
    uint8_t status = soft_crypto_check(&p);
    if (soft_fault(chain_is_an_error) && p.chain_order) {
        status = VIRTIO_CRYPTO_ERR;
    }
    if (soft_fault(session_key_is_lost) && service == VIRTIO_CRYPTO_SERVICE_CIPHER) {
        memset(p.key, 0, sizeof(p.key));
    }
    for (unsigned i = 0; i < SESSIONS && status == VIRTIO_CRYPTO_OK; i++) {
        if (!sessions[i].is_used || soft_fault(session_ids_are_equal)) {
            sessions[i] = p;
            *id = i + 1;
            return VIRTIO_CRYPTO_OK;
        }
    }
    return status != VIRTIO_CRYPTO_OK ? status : full(s);
}

static uint32_t answer_create(SoftDevice *s, const QVirtQueueElement *e, uint8_t service)
{
    uint64_t id = 0;
    uint8_t status = create(s, e, service, &id);
    struct virtio_crypto_create_session_input answer = {.session_id = le64_of(id),
                                                        .status = le32_of(status)};
    return qvirtqueue_element_write(e, 0, &answer, sizeof(answer));
}

static uint32_t answer_destroy(const QVirtQueueElement *e)
{
    struct virtio_crypto_destroy_session_flf f = {0};
    qvirtqueue_element_read(e, sizeof(struct virtio_crypto_ctrl_header), &f, sizeof(f));
    uint64_t id = le64_get(f.session_id);
    uint8_t status = soft_crypto_session(id) ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
    if (status == VIRTIO_CRYPTO_OK) {
        sessions[id - 1].is_used = false;
    }
    if (soft_fault(destroys_what_is_not_there)) {
        status = VIRTIO_CRYPTO_OK;
    }
    if (soft_fault(destroys_and_says_no)) {
        status = VIRTIO_CRYPTO_ERR;
    }
    return qvirtqueue_element_write(e, 0, &status, sizeof(status));
}

static uint32_t control(SoftDevice *s, const QVirtQueueElement *e)
{
    struct virtio_crypto_ctrl_header header = {0};
    struct virtio_crypto_create_session_input refusal = {
        .status = le32_of(VIRTIO_CRYPTO_NOTSUPP)};
    qvirtqueue_element_read(e, 0, &header, sizeof(header));
    uint32_t opcode = le32_get(header.opcode), service = opcode >> 8;
    bool is_ak = service == VIRTIO_CRYPTO_SERVICE_AKCIPHER;
    uint32_t op = (opcode & 0xff) - (is_ak ? 2 : 0);
    if (service <= VIRTIO_CRYPTO_SERVICE_AKCIPHER && op == VIRTIO_CRYPTO_CREATE_SESSION) {
        return answer_create(s, e, service);
    }
    if (service <= VIRTIO_CRYPTO_SERVICE_AKCIPHER &&
        op == VIRTIO_CRYPTO_DESTROY_SESSION) {
        return answer_destroy(e);
    }
    return qvirtqueue_element_write(e, 0, &refusal, sizeof(refusal));
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    if (queue < (soft_fault(no_dataqueues) ? 1 : SOFT_CRYPTO_DATA_QUEUES)) {
        soft_crypto_work(s, queue);
        return;
    }
    while ((e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, control(s, e));
    }
}

SOFT_MODEL(soft_crypto, .device_id = VIRTIO_ID_CRYPTO,
           .len_is_content = (1 << SOFT_CRYPTO_DATA_QUEUES) - 1, .count = 1,
           .queues = SOFT_CRYPTO_DATA_QUEUES + 1,
           .features = FEATURES(VIRTIO_CRYPTO_F_REVISION_1,
                                VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE,
                                VIRTIO_CRYPTO_F_HASH_STATELESS_MODE,
                                VIRTIO_CRYPTO_F_MAC_STATELESS_MODE,
                                VIRTIO_CRYPTO_F_AEAD_STATELESS_MODE,
                                VIRTIO_CRYPTO_F_AKCIPHER_STATELESS_MODE),
           .config_bytes = sizeof(struct virtio_crypto_config), .init = init,
           .reset = reset, .run = run);
