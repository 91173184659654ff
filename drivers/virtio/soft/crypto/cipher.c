/* SPDX-License-Identifier: MIT */
/*
 * Runs the modes of AES for the software crypto device: ECB, CBC, CTR (SP 800-38A), XTS
 * (IEEE 1619, whole blocks only) and GCM (SP 800-38D, from J0 or an IV of 12 bytes).
 */
#include "drivers/virtio/soft/crypto/crypto.h"
#include "kernel/lib/aes.h"
#include "kernel/lib/string.h"

static void add(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        to[i] ^= from[i];
    }
}

static void crypt(const Aes *aes, bool encrypts, uint8_t *block)
{
    if (encrypts) {
        aes_encrypt(aes, block);
    } else {
        aes_decrypt(aes, block);
    }
}

static void ecb(const Aes *aes, bool encrypts, uint8_t *data, uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += AES_BLOCK_BYTES) {
        crypt(aes, encrypts, data + at);
    }
}

static void cbc(const Aes *aes, bool encrypts, uint8_t *chain, uint8_t *data,
                uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += AES_BLOCK_BYTES) {
        uint8_t *block = data + at, old[AES_BLOCK_BYTES];
        memcpy(old, block, sizeof(old));
        if (encrypts) {
            add(block, chain, sizeof(old));
            aes_encrypt(aes, block);
            memcpy(chain, block, sizeof(old));
        } else {
            aes_decrypt(aes, block);
            add(block, chain, sizeof(old));
            memcpy(chain, old, sizeof(old));
        }
    }
}

/* Runs CTR mode. Only the last `wide` bytes of the counter block are counted up. */
static void ctr(const Aes *aes, uint8_t *counter, unsigned wide, uint8_t *data,
                uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += AES_BLOCK_BYTES) {
        uint8_t pad[AES_BLOCK_BYTES];
        uint32_t left = bytes - at;
        memcpy(pad, counter, sizeof(pad));
        aes_encrypt(aes, pad);
        add(data + at, pad, left < sizeof(pad) ? left : sizeof(pad));
        for (unsigned i = AES_BLOCK_BYTES; i-- > AES_BLOCK_BYTES - wide;) {
            if (++counter[i]) {
                break;
            }
        }
    }
}

static void xts(const Aes *aes, bool encrypts, uint8_t *tweak, uint8_t *data,
                uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += AES_BLOCK_BYTES) {
        uint8_t carry = 0;
        add(data + at, tweak, AES_BLOCK_BYTES);
        crypt(aes, encrypts, data + at);
        add(data + at, tweak, AES_BLOCK_BYTES);
        for (unsigned i = 0; i < AES_BLOCK_BYTES; i++) {
            uint8_t out = tweak[i] >> 7;
            tweak[i] = tweak[i] << 1 | carry;
            carry = out;
        }
        tweak[0] ^= carry ? 0x87 : 0;
    }
}

uint8_t soft_crypto_cipher(const SoftPara *p, bool encrypts, const uint8_t *iv,
                           uint32_t iv_len, uint8_t *data, uint32_t bytes)
{
    bool is_xts = p->algo == VIRTIO_CRYPTO_CIPHER_AES_XTS;
    uint32_t half = is_xts ? p->key_len / 2 : p->key_len;
    uint8_t state[AES_BLOCK_BYTES];
    Aes aes, second;
    bool has_iv = p->algo != VIRTIO_CRYPTO_CIPHER_AES_ECB;
    if (!aes_init(&aes, p->key, half) || (has_iv && iv_len != AES_BLOCK_BYTES) ||
        (p->algo != VIRTIO_CRYPTO_CIPHER_AES_CTR && bytes % AES_BLOCK_BYTES)) {
        return VIRTIO_CRYPTO_ERR;
    }
    if (has_iv) {
        memcpy(state, iv, sizeof(state));
    }
    switch (p->algo) {
    case VIRTIO_CRYPTO_CIPHER_AES_ECB:
        ecb(&aes, encrypts, data, bytes);
        break;
    case VIRTIO_CRYPTO_CIPHER_AES_CBC:
        cbc(&aes, encrypts, state, data, bytes);
        break;
    case VIRTIO_CRYPTO_CIPHER_AES_CTR:
        ctr(&aes, state, sizeof(state), data, bytes);
        break;
    default:
        aes_init(&second, p->key + half, half);
        aes_encrypt(&second, state);
        xts(&aes, encrypts, state, data, bytes);
    }
    return VIRTIO_CRYPTO_OK;
}

/* Multiplies y by h in the field of GCM. The first bit is the leftmost one. */
static void multiply(uint8_t *y, const uint8_t *h)
{
    uint8_t z[AES_BLOCK_BYTES] = {0}, v[AES_BLOCK_BYTES];
    memcpy(v, h, sizeof(v));
    for (unsigned bit = 0; bit < 8 * sizeof(z); bit++) {
        if (y[bit / 8] >> (7 - bit % 8) & 1) {
            add(z, v, sizeof(z));
        }
        uint8_t carry = 0;
        for (unsigned i = 0; i < sizeof(v); i++) {
            uint8_t out = v[i] & 1;
            v[i] = v[i] >> 1 | carry << 7;
            carry = out;
        }
        v[0] ^= carry ? 0xe1 : 0;
    }
    memcpy(y, z, sizeof(z));
}

static void hash_more(uint8_t *y, const uint8_t *h, const uint8_t *from, uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += AES_BLOCK_BYTES) {
        uint32_t left = bytes - at;
        add(y, from + at, left < AES_BLOCK_BYTES ? left : AES_BLOCK_BYTES);
        multiply(y, h);
    }
}

static void make_tag(const Aes *aes, const uint8_t *j0, const uint8_t *aad,
                     uint32_t aad_len, const uint8_t *data, uint32_t bytes, uint8_t *tag)
{
    uint8_t h[AES_BLOCK_BYTES] = {0}, lengths[AES_BLOCK_BYTES] = {0},
            pad[AES_BLOCK_BYTES];
    aes_encrypt(aes, h);
    memset(tag, 0, AES_BLOCK_BYTES);
    hash_more(tag, h, aad, aad_len);
    hash_more(tag, h, data, bytes);
    for (unsigned i = 0; i < 4; i++) {
        lengths[7 - i] = aad_len * 8 >> i * 8;
        lengths[15 - i] = bytes * 8 >> i * 8;
    }
    hash_more(tag, h, lengths, sizeof(lengths));
    memcpy(pad, j0, sizeof(pad));
    aes_encrypt(aes, pad);
    add(tag, pad, sizeof(pad));
}

uint8_t soft_crypto_gcm(const SoftPara *p, bool encrypts, const uint8_t *iv,
                        uint32_t iv_len, const uint8_t *aad, uint32_t aad_len,
                        uint8_t *data, uint32_t bytes)
{
    uint8_t j0[AES_BLOCK_BYTES] = {[15] = 1}, counter[AES_BLOCK_BYTES];
    uint8_t tag[AES_BLOCK_BYTES];
    Aes aes;
    if (!aes_init(&aes, p->key, p->key_len) || (iv_len != 12 && iv_len != 16)) {
        return VIRTIO_CRYPTO_ERR;
    }
    memcpy(j0, iv, iv_len);
    memcpy(counter, j0, sizeof(counter));
    counter[15]++;
    if (encrypts) {
        ctr(&aes, counter, 4, data, bytes);
    }
    make_tag(&aes, j0, aad, aad_len, data, bytes, tag);
    if (encrypts) {
        memcpy(data + bytes, tag, sizeof(tag));
        return VIRTIO_CRYPTO_OK;
    }
    ctr(&aes, counter, 4, data, bytes);
    return memcmp(data + bytes, tag, sizeof(tag)) == 0 ? VIRTIO_CRYPTO_OK
                                                       : VIRTIO_CRYPTO_BADMSG;
}
