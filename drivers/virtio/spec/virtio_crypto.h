/* SPDX-License-Identifier: MIT */
/*
 * The crypto device on the wire (5.9): services, algorithms, config space, the requests
 * of the control queue and of data queues. Names are the specification's. There is no
 * legacy interface: everything is little-endian. Of IPsec (5.9.9.9) only the numbers in
 * config space are here.
 */
#ifndef VIRTIO_CRYPTO_H
#define VIRTIO_CRYPTO_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.9.3 Feature bits */
#define VIRTIO_CRYPTO_F_REVISION_1              0
#define VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE   1
#define VIRTIO_CRYPTO_F_HASH_STATELESS_MODE     2
#define VIRTIO_CRYPTO_F_MAC_STATELESS_MODE      3
#define VIRTIO_CRYPTO_F_AEAD_STATELESS_MODE     4
#define VIRTIO_CRYPTO_F_AKCIPHER_STATELESS_MODE 5

/* 5.9.4 Supported crypto services: bits of crypto_services */
#define VIRTIO_CRYPTO_SERVICE_CIPHER   0
#define VIRTIO_CRYPTO_SERVICE_HASH     1
#define VIRTIO_CRYPTO_SERVICE_MAC      2
#define VIRTIO_CRYPTO_SERVICE_AEAD     3
#define VIRTIO_CRYPTO_SERVICE_AKCIPHER 4
#define VIRTIO_CRYPTO_SERVICE_IPSEC    5

/* Algorithms: bits of the masks, and values in requests */
#define VIRTIO_CRYPTO_CIPHER_AES_ECB 2
#define VIRTIO_CRYPTO_CIPHER_AES_CBC 3
#define VIRTIO_CRYPTO_CIPHER_AES_CTR 4
#define VIRTIO_CRYPTO_CIPHER_AES_XTS 13
#define VIRTIO_CRYPTO_CIPHER_LAST    14

#define VIRTIO_CRYPTO_HASH_MD5     1
#define VIRTIO_CRYPTO_HASH_SHA1    2
#define VIRTIO_CRYPTO_HASH_SHA_224 3
#define VIRTIO_CRYPTO_HASH_SHA_256 4
#define VIRTIO_CRYPTO_HASH_SHA_384 5
#define VIRTIO_CRYPTO_HASH_SHA_512 6
#define VIRTIO_CRYPTO_HASH_LAST    12

#define VIRTIO_CRYPTO_MAC_HMAC_MD5     1
#define VIRTIO_CRYPTO_MAC_HMAC_SHA1    2
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_224 3
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_256 4
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_384 5
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_512 6
/* 0-6, 25-28, 41, 42, 49, 50, 53, 54 */
#define VIRTIO_CRYPTO_MAC_DEFINED 0x006606001e00007full

#define VIRTIO_CRYPTO_AEAD_GCM  1
#define VIRTIO_CRYPTO_AEAD_LAST 3

#define VIRTIO_CRYPTO_AKCIPHER_RSA  1
#define VIRTIO_CRYPTO_AKCIPHER_LAST 2

/* 5.9.5 Device configuration layout */
struct virtio_crypto_config {
    le32 status;
    le32 max_dataqueues;
    le32 crypto_services;
    le32 cipher_algo_l;
    le32 cipher_algo_h;
    le32 hash_algo;
    le32 mac_algo_l;
    le32 mac_algo_h;
    le32 aead_algo;
    le32 max_cipher_key_len;
    le32 max_auth_key_len;
    le32 akcipher_algo;
    le64 max_size;
};
_Static_assert(sizeof(struct virtio_crypto_config) == 56, "5.9.5");

#define VIRTIO_CRYPTO_S_HW_READY 1u

/* 5.9.9.1 Operation status */
#define VIRTIO_CRYPTO_OK                   0
#define VIRTIO_CRYPTO_ERR                  1
#define VIRTIO_CRYPTO_BADMSG               2
#define VIRTIO_CRYPTO_NOTSUPP              3
#define VIRTIO_CRYPTO_INVSESS              4
#define VIRTIO_CRYPTO_NOSPC                5
#define VIRTIO_CRYPTO_KEY_REJECTED         6
#define VIRTIO_CRYPTO_IPSEC_SA_SOFT_EXPIRY 7

/* 5.9.9.2 Control virtqueue, 5.9.9.3 Data virtqueue */
#define VIRTIO_CRYPTO_OPCODE(service, op) ((uint32_t)((service) << 8 | (op)))

/* Sessions of all services except AKCIPHER, and those of AKCIPHER. */
#define VIRTIO_CRYPTO_CREATE_SESSION           2
#define VIRTIO_CRYPTO_DESTROY_SESSION          3
#define VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION  4
#define VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION 5

struct virtio_crypto_ctrl_header {
    le32 opcode;
    le32 algo;
    le32 flag;
    le32 reserved;
};
_Static_assert(sizeof(struct virtio_crypto_ctrl_header) == 16, "5.9.9.2");

/* Without VIRTIO_CRYPTO_F_REVISION_1 what follows a header is padded to this. */
#define VIRTIO_CRYPTO_CTRLQ_OP_SPEC_HDR_LEGACY 56
#define VIRTIO_CRYPTO_DATAQ_OP_SPEC_HDR_LEGACY 48

struct virtio_crypto_create_session_input {
    le64 session_id;
    le32 status;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_crypto_create_session_input) == 16, "5.9.9.2.1");

struct virtio_crypto_destroy_session_flf {
    le64 session_id;
};

struct virtio_crypto_hash_create_session_flf {
    le32 algo;
    le32 hash_result_len;
};

struct virtio_crypto_mac_create_session_flf {
    le32 algo;
    le32 hash_result_len;
    le32 auth_key_len;
    le32 padding;
};

#define VIRTIO_CRYPTO_OP_ENCRYPT 1
#define VIRTIO_CRYPTO_OP_DECRYPT 2

struct virtio_crypto_cipher_session_flf {
    le32 algo;
    le32 key_len;
    le32 op;
    le32 padding;
};

#define VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER 1
#define VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH 2
#define VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN                  1
#define VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH                   2
#define VIRTIO_CRYPTO_SYM_HASH_MODE_NESTED                 3

struct virtio_crypto_alg_chain_session_flf {
    le32 alg_chain_order;
    le32 hash_mode;
    struct virtio_crypto_cipher_session_flf cipher_hdr;
    union {
        struct virtio_crypto_hash_create_session_flf hash;
        struct virtio_crypto_mac_create_session_flf mac;
    } algo_flf;
    le32 aad_len;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_crypto_alg_chain_session_flf) == 48, "5.9.9.2.1.3");

#define VIRTIO_CRYPTO_SYM_OP_NONE               0
#define VIRTIO_CRYPTO_SYM_OP_CIPHER             1
#define VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING 2

struct virtio_crypto_sym_create_session_flf {
    union {
        struct virtio_crypto_cipher_session_flf cipher;
        struct virtio_crypto_alg_chain_session_flf chain;
    } op_flf;
    le32 op_type;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_crypto_sym_create_session_flf) == 56, "5.9.9.2.1.3");

struct virtio_crypto_aead_create_session_flf {
    le32 algo;
    le32 key_len;
    le32 tag_len;
    le32 aad_len;
    le32 op;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_crypto_aead_create_session_flf) == 24, "5.9.9.2.1.4");

#define VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC  1
#define VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE 2
#define VIRTIO_CRYPTO_RSA_RAW_PADDING           0
#define VIRTIO_CRYPTO_RSA_PKCS1_PADDING         1
#define VIRTIO_CRYPTO_RSA_NO_HASH               0
#define VIRTIO_CRYPTO_RSA_SHA1                  5

struct virtio_crypto_rsa_session_para {
    le32 padding_algo;
    le32 hash_algo;
};

struct virtio_crypto_akcipher_create_session_flf {
    le32 algo;
    le32 key_type;
    le32 key_len;
    struct virtio_crypto_rsa_session_para rsa;
    uint8_t unused[36];
};
_Static_assert(sizeof(struct virtio_crypto_akcipher_create_session_flf) == 56,
               "5.9.9.2.1.5");

/* Operations, the second half of a data queue's opcode */
#define VIRTIO_CRYPTO_ENCRYPT 0 /* of CIPHER, AEAD, AKCIPHER; and HASH and MAC */
#define VIRTIO_CRYPTO_DECRYPT 1
#define VIRTIO_CRYPTO_SIGN    2 /* of AKCIPHER */
#define VIRTIO_CRYPTO_VERIFY  3

struct virtio_crypto_op_header {
    le32 opcode;
    le32 algo;
    le64 session_id;
    le32 flag;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_crypto_op_header) == 24, "5.9.9.3");

#define VIRTIO_CRYPTO_FLAG_SESSION_MODE 1

/* What the device answers, behind the result. */
struct virtio_crypto_inhdr {
    uint8_t status;
};

/* 5.9.9.4 HASH, 5.9.9.5 MAC, in session mode; and stateless */
struct virtio_crypto_hash_data_flf {
    le32 src_data_len;
    le32 hash_result_len;
};

struct virtio_crypto_hash_data_flf_stateless {
    le32 algo;
    le32 src_data_len;
    le32 hash_result_len;
    le32 reserved;
};

struct virtio_crypto_mac_data_flf_stateless {
    le32 algo;
    le32 auth_key_len;
    le32 src_data_len;
    le32 hash_result_len;
};

/* 5.9.9.6 Symmetric algorithms */
struct virtio_crypto_cipher_data_flf {
    le32 iv_len;
    le32 src_data_len;
    le32 dst_data_len;
    le32 padding;
};

struct virtio_crypto_alg_chain_data_flf {
    le32 iv_len;
    le32 src_data_len;
    le32 dst_data_len;
    le32 cipher_start_src_offset;
    le32 len_to_cipher;
    le32 hash_start_src_offset;
    le32 len_to_hash;
    le32 aad_len;
    le32 hash_result_len;
    le32 reserved;
};
_Static_assert(sizeof(struct virtio_crypto_alg_chain_data_flf) == 40, "5.9.9.6");

struct virtio_crypto_sym_data_flf {
    union {
        struct virtio_crypto_cipher_data_flf cipher;
        struct virtio_crypto_alg_chain_data_flf chain;
    } op_type_flf;
    le32 op_type;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_crypto_sym_data_flf) == 48, "5.9.9.6");

struct virtio_crypto_cipher_data_flf_stateless {
    le32 algo;
    le32 key_len;
    le32 op;
    le32 iv_len;
    le32 src_data_len;
    le32 dst_data_len;
};

struct virtio_crypto_sym_data_flf_stateless {
    union {
        struct virtio_crypto_cipher_data_flf_stateless cipher;
        uint8_t chain[72];
    } op_type_flf;
    le32 op_type;
};
_Static_assert(sizeof(struct virtio_crypto_sym_data_flf_stateless) == 76, "5.9.9.6");

/* 5.9.9.7 AEAD */
struct virtio_crypto_aead_data_flf {
    le32 iv_len;
    le32 aad_len;
    le32 src_data_len;
    le32 dst_data_len;
    le32 tag_len;
    le32 reserved;
};

struct virtio_crypto_aead_data_flf_stateless {
    le32 algo;
    le32 key_len;
    le32 op;
    le32 iv_len;
    le32 tag_len;
    le32 aad_len;
    le32 src_data_len;
    le32 dst_data_len;
};
_Static_assert(sizeof(struct virtio_crypto_aead_data_flf_stateless) == 32, "5.9.9.7");

/* 5.9.9.8 AKCIPHER */
struct virtio_crypto_akcipher_data_flf {
    le32 src_data_len;
    le32 dst_data_len;
};

struct virtio_crypto_akcipher_data_flf_stateless {
    le32 algo;
    le32 key_type;
    le32 key_len;
    struct virtio_crypto_rsa_session_para rsa;
    le32 src_data_len;
    le32 dst_data_len;
};
_Static_assert(sizeof(struct virtio_crypto_akcipher_data_flf_stateless) == 28, "5.9.9.8");

#endif
