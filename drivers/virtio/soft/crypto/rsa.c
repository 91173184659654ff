/* SPDX-License-Identifier: MIT */
/*
 * RSA for the software crypto device (RFC 8017): keys of 512 bits in DER, raw padding,
 * and signatures of SHA-1 digests by EMSA-PKCS1-v1_5. The arithmetic is Montgomery's, on
 * words of 32 bits.
 */
#include "drivers/virtio/soft/crypto/crypto.h"
#include "kernel/lib/string.h"

#define WORDS (SOFT_RSA_BYTES / 4)

/* The first word is the lowest one. */
typedef struct Number {
    uint32_t word[WORDS];
} Number;

static Number read_number(const uint8_t *from, uint32_t bytes)
{
    Number n = {{0}};
    for (uint32_t i = 0; i < bytes && i < SOFT_RSA_BYTES; i++) {
        n.word[i / 4] |= (uint32_t)from[bytes - 1 - i] << i % 4 * 8;
    }
    return n;
}

static void write_number(uint8_t *to, const Number *n)
{
    for (uint32_t i = 0; i < SOFT_RSA_BYTES; i++) {
        to[SOFT_RSA_BYTES - 1 - i] = n->word[i / 4] >> i % 4 * 8;
    }
}

static bool is_less(const Number *a, const Number *b)
{
    for (unsigned i = WORDS; i-- > 0;) {
        if (a->word[i] != b->word[i]) {
            return a->word[i] < b->word[i];
        }
    }
    return false;
}

static void subtract(Number *a, const Number *b)
{
    uint32_t borrow = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t x = (uint64_t)a->word[i] - b->word[i] - borrow;
        a->word[i] = x;
        borrow = x >> 63;
    }
}

static void double_modulo(Number *a, const Number *n)
{
    uint32_t carry = 0;
    for (unsigned i = 0; i < WORDS; i++) {
        uint32_t out = a->word[i] >> 31;
        a->word[i] = a->word[i] << 1 | carry;
        carry = out;
    }
    if (carry || !is_less(a, n)) {
        subtract(a, n);
    }
}

/* Returns a * b / 2^512 modulo n. `inverse` is -1/n modulo 2^32. */
static Number multiply(const Number *a, const Number *b, const Number *n,
                       uint32_t inverse)
{
    uint32_t t[WORDS + 2] = {0};
    Number result;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t sum = 0;
        for (unsigned j = 0; j < WORDS; j++) {
            sum = (sum >> 32) + t[j] + (uint64_t)a->word[j] * b->word[i];
            t[j] = sum;
        }
        sum = (sum >> 32) + t[WORDS];
        t[WORDS] = sum;
        t[WORDS + 1] = sum >> 32;
        uint32_t m = t[0] * inverse;
        sum = t[0] + (uint64_t)m * n->word[0];
        for (unsigned j = 1; j < WORDS; j++) {
            sum = (sum >> 32) + t[j] + (uint64_t)m * n->word[j];
            t[j - 1] = sum;
        }
        sum = (sum >> 32) + t[WORDS];
        t[WORDS - 1] = sum;
        t[WORDS] = t[WORDS + 1] + (sum >> 32);
    }
    memcpy(result.word, t, sizeof(result.word));
    if (t[WORDS] || !is_less(&result, n)) {
        subtract(&result, n);
    }
    return result;
}

static Number power(const Number *base, const Number *exponent, const Number *n)
{
    uint32_t inverse = 1;
    Number one = {{1}}, r, square;
    for (unsigned i = 0; i < 5; i++) {
        inverse *= 2 - n->word[0] * inverse;
    }
    inverse = -inverse;
    r = one;
    for (unsigned i = 0; i < 2 * 32 * WORDS; i++) {
        double_modulo(&r, n);
    }
    square = multiply(base, &r, n, inverse);
    r = multiply(&one, &r, n, inverse);
    for (unsigned bit = 0; bit < 32 * WORDS; bit++) {
        if (exponent->word[bit / 32] >> bit % 32 & 1) {
            r = multiply(&r, &square, n, inverse);
        }
        square = multiply(&square, &square, n, inverse);
    }
    return multiply(&r, &one, n, inverse);
}

typedef struct Der {
    const uint8_t *at, *end;
} Der;

/* Takes the next element when it has this tag, and gives its content. Returns false when
 * it has not. */
static bool der_take(Der *from, uint8_t tag, Der *content)
{
    if (from->end - from->at < 2 || from->at[0] != tag) {
        return false;
    }
    uint32_t len = from->at[1];
    from->at += 2;
    if (len > 0x80) {
        unsigned more = len - 0x80;
        for (len = 0; more > 0 && from->at < from->end; more--) {
            len = len << 8 | *from->at++;
        }
    }
    if (len > (uint64_t)(from->end - from->at)) {
        return false;
    }
    *content = (Der){from->at, from->at + len};
    from->at += len;
    return true;
}

/* Reads a key. RSAPublicKey is modulus and public exponent. RSAPrivateKey has a version
 * before these, and the private exponent after them. */
static bool read_key(const SoftPara *p, Number *n, Number *exponent)
{
    bool is_private = p->op == VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE;
    Der key = {p->key, p->key + p->key_len}, all, part;
    if (!der_take(&key, 0x30, &all)) {
        return false;
    }
    for (unsigned i = 0; i < (is_private ? 4u : 2u); i++) {
        if (!der_take(&all, 0x02, &part) || part.end - part.at > SOFT_RSA_BYTES + 1) {
            return false;
        }
        Number *to = i == (is_private ? 1u : 0u) ? n : exponent;
        *to = read_number(part.at, part.end - part.at);
    }
    return n->word[0] & 1 && n->word[WORDS - 1] >> 31;
}

bool soft_rsa_has_key(const SoftPara *p)
{
    Number n, exponent;
    return read_key(p, &n, &exponent);
}

/* Pads a SHA-1 digest by EMSA-PKCS1-v1_5. */
static void pad_digest(uint8_t *to, const uint8_t *digest)
{
    static const uint8_t info[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                   0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
    const uint32_t start = SOFT_RSA_BYTES - SHA1_BYTES - sizeof(info);
    memset(to, 0xff, SOFT_RSA_BYTES);
    to[0] = 0;
    to[1] = 1;
    to[start - 1] = 0;
    memcpy(to + start, info, sizeof(info));
    memcpy(to + start + sizeof(info), digest, SHA1_BYTES);
}

/* Pads a message by RSAES-PKCS1-v1_5, with a filler that is not random. */
static bool pad_message(uint8_t *to, const uint8_t *message, uint32_t bytes)
{
    if (bytes > SOFT_RSA_BYTES - 11) {
        return false;
    }
    memset(to, 0x5a, SOFT_RSA_BYTES);
    to[0] = 0;
    to[1] = 2;
    to[SOFT_RSA_BYTES - bytes - 1] = 0;
    memcpy(to + SOFT_RSA_BYTES - bytes, message, bytes);
    return true;
}

/* Takes the padding off a message in place. Returns how many bytes the message has, or 0
 * when it is not padded like this. */
static uint32_t unpad_message(uint8_t *from)
{
    uint32_t at = 2;
    while (at < SOFT_RSA_BYTES && from[at]) {
        at++;
    }
    if (from[0] != 0 || from[1] != 2 || at < 10 || at >= SOFT_RSA_BYTES - 1) {
        return 0;
    }
    memmove(from, from + at + 1, SOFT_RSA_BYTES - at - 1);
    return SOFT_RSA_BYTES - at - 1;
}

/* Gives the number whose power is computed. Returns false when there is none. */
static bool prepare(const SoftPara *p, uint8_t operation, const uint8_t *src,
                    uint32_t bytes, Number *x)
{
    bool is_padded = p->rsa_padding == VIRTIO_CRYPTO_RSA_PKCS1_PADDING;
    uint8_t padded[SOFT_RSA_BYTES];
    if (operation == VIRTIO_CRYPTO_SIGN) {
        if (!is_padded || bytes != SHA1_BYTES) {
            return false;
        }
        pad_digest(padded, src);
    } else if (operation == VIRTIO_CRYPTO_ENCRYPT && is_padded) {
        if (!pad_message(padded, src, bytes)) {
            return false;
        }
    } else {
        *x = read_number(src, bytes);
        return bytes <= SOFT_RSA_BYTES;
    }
    *x = read_number(padded, sizeof(padded));
    return true;
}

uint8_t soft_rsa(const SoftPara *p, uint8_t operation, const uint8_t *src, uint32_t bytes,
                 const uint8_t *digest, uint32_t digest_bytes, uint8_t *dst,
                 uint32_t *dst_bytes)
{
    uint8_t padded[SOFT_RSA_BYTES];
    Number n, exponent, x;
    if (!read_key(p, &n, &exponent) || !prepare(p, operation, src, bytes, &x) ||
        !is_less(&x, &n)) {
        return VIRTIO_CRYPTO_ERR;
    }
    x = power(&x, &exponent, &n);
    write_number(dst, &x);
    *dst_bytes = SOFT_RSA_BYTES;
    if (operation == VIRTIO_CRYPTO_DECRYPT &&
        p->rsa_padding == VIRTIO_CRYPTO_RSA_PKCS1_PADDING) {
        *dst_bytes = unpad_message(dst);
        return *dst_bytes ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
    }
    if (operation == VIRTIO_CRYPTO_VERIFY) {
        if (digest_bytes != SHA1_BYTES) {
            return VIRTIO_CRYPTO_ERR;
        }
        pad_digest(padded, digest);
        return memcmp(dst, padded, sizeof(padded)) ? VIRTIO_CRYPTO_KEY_REJECTED
                                                   : VIRTIO_CRYPTO_OK;
    }
    return VIRTIO_CRYPTO_OK;
}
