/* SPDX-License-Identifier: MIT */
/*
 * The fixed-length fields of crypto requests (5.9.9.2 to 5.9.9.8), made from one
 * description of parameters. Chains in stateless mode are left out.
 */
#include "drivers/virtio/device/crypto.h"
#include "kernel/lib/string.h"

#define PUT(flf, ...)                           \
    ({                                          \
        *(flf) = (typeof(*(flf))){__VA_ARGS__}; \
        (uint32_t)sizeof(*(flf));               \
    })

static struct virtio_crypto_rsa_session_para rsa(const CryptoPara *p)
{
    return (struct virtio_crypto_rsa_session_para){
        .padding_algo = le32_of(p->rsa_padding), .hash_algo = le32_of(p->rsa_hash)};
}

static uint32_t sym_session(const CryptoPara *p,
                            struct virtio_crypto_sym_create_session_flf *flf)
{
    struct virtio_crypto_cipher_session_flf cipher = {
        .algo = le32_of(p->algo), .key_len = le32_of(p->key.len), .op = le32_of(p->op)};
    memset(flf, 0, sizeof(*flf));
    if (!p->chain_order) {
        flf->op_flf.cipher = cipher;
        flf->op_type = le32_of(VIRTIO_CRYPTO_SYM_OP_CIPHER);
        return sizeof(*flf);
    }
    struct virtio_crypto_alg_chain_session_flf *chain = &flf->op_flf.chain;
    chain->alg_chain_order = le32_of(p->chain_order);
    chain->hash_mode = le32_of(p->hash_mode);
    chain->cipher_hdr = cipher;
    chain->algo_flf.mac.algo = le32_of(p->hash_algo);
    chain->algo_flf.mac.hash_result_len = le32_of(p->result_bytes);
    chain->algo_flf.mac.auth_key_len = le32_of(p->auth_key.len);
    chain->aad_len = le32_of(p->aad_bytes);
    flf->op_type = le32_of(VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING);
    return sizeof(*flf);
}

uint32_t crypto_session_flf(const CryptoPara *p, void *flf)
{
    le32 algo = le32_of(p->algo), key_len = le32_of(p->key.len), op = le32_of(p->op);
    le32 result = le32_of(p->result_bytes);
    switch (p->service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
        return PUT((struct virtio_crypto_hash_create_session_flf *)flf, .algo = algo,
                   .hash_result_len = result);
    case VIRTIO_CRYPTO_SERVICE_MAC:
        return PUT((struct virtio_crypto_mac_create_session_flf *)flf, .algo = algo,
                   .hash_result_len = result, .auth_key_len = key_len);
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        return PUT((struct virtio_crypto_aead_create_session_flf *)flf, .algo = algo,
                   .key_len = key_len, .tag_len = result,
                   .aad_len = le32_of(p->aad_bytes), .op = op);
    case VIRTIO_CRYPTO_SERVICE_AKCIPHER:
        return PUT((struct virtio_crypto_akcipher_create_session_flf *)flf, .algo = algo,
                   .key_type = op, .key_len = key_len, .rsa = rsa(p));
    default:
        return sym_session(p, flf);
    }
}

static uint32_t sym_data(const CryptoWork *w, struct virtio_crypto_sym_data_flf *flf)
{
    memset(flf, 0, sizeof(*flf));
    /* Both structures begin with these three fields. */
    struct virtio_crypto_alg_chain_data_flf *chain = &flf->op_type_flf.chain;
    chain->iv_len = le32_of(w->iv.len);
    chain->src_data_len = le32_of(w->src.len);
    chain->dst_data_len = le32_of(w->dst_bytes);
    flf->op_type = le32_of(VIRTIO_CRYPTO_SYM_OP_CIPHER);
    if (w->para->chain_order) {
        chain->len_to_cipher = chain->src_data_len;
        chain->len_to_hash = le32_of(w->hash_from);
        chain->aad_len = le32_of(w->aad.len);
        chain->hash_result_len = le32_of(w->hash_bytes);
        flf->op_type = le32_of(VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING);
    }
    return sizeof(*flf);
}

static uint32_t sym_data_stateless(const CryptoWork *w,
                                   struct virtio_crypto_sym_data_flf_stateless *flf)
{
    const CryptoPara *p = w->para;
    memset(flf, 0, sizeof(*flf));
    flf->op_type_flf.cipher = (struct virtio_crypto_cipher_data_flf_stateless){
        .algo = le32_of(p->algo),
        .key_len = le32_of(w->session ? 0 : p->key.len),
        .op = le32_of(p->op),
        .iv_len = le32_of(w->iv.len),
        .src_data_len = le32_of(w->src.len),
        .dst_data_len = le32_of(w->dst_bytes),
    };
    flf->op_type = le32_of(VIRTIO_CRYPTO_SYM_OP_CIPHER);
    return sizeof(*flf);
}

/* Returns dst_data_len of an AKCIPHER operation. For VERIFY it is the length of the
 * signed data (5.9.9.8). */
static le32 akcipher_dst(const CryptoWork *w)
{
    return le32_of(w->operation == VIRTIO_CRYPTO_VERIFY ? w->aad.len : w->dst_bytes);
}

static uint32_t data_stateless(const CryptoWork *w, void *flf)
{
    const CryptoPara *p = w->para;
    le32 algo = le32_of(p->algo), key_len = le32_of(w->session ? 0 : p->key.len);
    le32 src = le32_of(w->src.len), dst = le32_of(w->dst_bytes);
    switch (p->service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
        return PUT((struct virtio_crypto_hash_data_flf_stateless *)flf, .algo = algo,
                   .src_data_len = src, .hash_result_len = dst);
    case VIRTIO_CRYPTO_SERVICE_MAC:
        return PUT((struct virtio_crypto_mac_data_flf_stateless *)flf, .algo = algo,
                   .auth_key_len = key_len, .src_data_len = src, .hash_result_len = dst);
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        return PUT((struct virtio_crypto_aead_data_flf_stateless *)flf, .algo = algo,
                   .key_len = key_len, .op = le32_of(p->op), .iv_len = le32_of(w->iv.len),
                   .tag_len = le32_of(p->result_bytes), .aad_len = le32_of(w->aad.len),
                   .src_data_len = src, .dst_data_len = dst);
    case VIRTIO_CRYPTO_SERVICE_AKCIPHER:
        return PUT((struct virtio_crypto_akcipher_data_flf_stateless *)flf, .algo = algo,
                   .key_type = le32_of(p->op), .key_len = key_len, .rsa = rsa(p),
                   .src_data_len = src, .dst_data_len = akcipher_dst(w));
    default:
        return sym_data_stateless(w, flf);
    }
}

/* 5.9.9.3: "If VIRTIO_CRYPTO_F_<SERVICE>_STATELESS_MODE is negotiated, op_flf is struct
 * virtio_crypto_..._data_flf_stateless". This holds whatever mode the flag of the request
 * says. */
uint32_t crypto_data_flf(const CryptoWork *w, bool is_stateless, void *flf)
{
    if (is_stateless) {
        return data_stateless(w, flf);
    }
    le32 src = le32_of(w->src.len), dst = le32_of(w->dst_bytes);
    switch (w->para->service) {
    case VIRTIO_CRYPTO_SERVICE_HASH:
    case VIRTIO_CRYPTO_SERVICE_MAC:
        return PUT((struct virtio_crypto_hash_data_flf *)flf, .src_data_len = src,
                   .hash_result_len = dst);
    case VIRTIO_CRYPTO_SERVICE_AEAD:
        return PUT((struct virtio_crypto_aead_data_flf *)flf,
                   .iv_len = le32_of(w->iv.len), .aad_len = le32_of(w->aad.len),
                   .src_data_len = src, .dst_data_len = dst,
                   .tag_len = le32_of(w->para->result_bytes));
    case VIRTIO_CRYPTO_SERVICE_AKCIPHER:
        return PUT((struct virtio_crypto_akcipher_data_flf *)flf, .src_data_len = src,
                   .dst_data_len = akcipher_dst(w));
    default:
        return sym_data(w, flf);
    }
}
