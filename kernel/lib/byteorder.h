/* SPDX-License-Identifier: MIT */
/*
 * Byte order as a type: a le32 cannot be added to, compared with or passed for a
 * uint32_t, so a forgotten conversion does not compile. ACPI and PCI structures use
 * these, and all of virtio 1.x; what a legacy device shares in the guest's own order is
 * typed in drivers/virtio/qvirtio_types.h.
 */
#ifndef KERNEL_BYTEORDER_H
#define KERNEL_BYTEORDER_H

#include <stdint.h>

typedef struct {
    uint16_t raw;
} le16;

typedef struct {
    uint32_t raw;
} le32;

typedef struct {
    uint64_t raw;
} le64;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTEORDER_LE(bits, v) (v)
#define BYTEORDER_BE(bits, v) __builtin_bswap##bits(v)
#else
#define BYTEORDER_LE(bits, v) __builtin_bswap##bits(v)
#define BYTEORDER_BE(bits, v) (v)
#endif

static inline uint16_t le16_get(le16 v)
{
    return BYTEORDER_LE(16, v.raw);
}

static inline uint32_t le32_get(le32 v)
{
    return BYTEORDER_LE(32, v.raw);
}

static inline uint64_t le64_get(le64 v)
{
    return BYTEORDER_LE(64, v.raw);
}

static inline le16 le16_of(uint16_t v)
{
    return (le16){BYTEORDER_LE(16, v)};
}

static inline le32 le32_of(uint32_t v)
{
    return (le32){BYTEORDER_LE(32, v)};
}

static inline le64 le64_of(uint64_t v)
{
    return (le64){BYTEORDER_LE(64, v)};
}

/* Network order, for frames; also what channel programs are made of. */
typedef struct {
    uint16_t raw;
} be16;

typedef struct {
    uint32_t raw;
} be32;

typedef struct {
    uint64_t raw;
} be64;

static inline uint16_t be16_get(be16 v)
{
    return BYTEORDER_BE(16, v.raw);
}

static inline uint32_t be32_get(be32 v)
{
    return BYTEORDER_BE(32, v.raw);
}

static inline uint64_t be64_get(be64 v)
{
    return BYTEORDER_BE(64, v.raw);
}

static inline be16 be16_of(uint16_t v)
{
    return (be16){BYTEORDER_BE(16, v)};
}

static inline be32 be32_of(uint32_t v)
{
    return (be32){BYTEORDER_BE(32, v)};
}

static inline be64 be64_of(uint64_t v)
{
    return (be64){BYTEORDER_BE(64, v)};
}

#endif
