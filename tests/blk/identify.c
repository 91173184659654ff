/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_BLK_T_GET_ID (5.2.6): "The device ID string is a NUL-padded ASCII string up to
 * 20 bytes long. If the string is 20 bytes long then there is no NUL terminator."
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"

VIRTIO_TEST(id_is_the_serial_the_host_gave, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL)
{
    const char *serial = qvirtio_truth(dev, "serial");
    char expected[VIRTIO_BLK_ID_BYTES + 1] = {0};
    BlkRequest r;
    if (!serial) {
        test_skip(t, "the serial is unknown; pass know=blk.N.serial=TEXT");
        return;
    }
    string_copy(expected, serial, sizeof(expected));
    size_t bytes = strlen(expected) + 1;
    if (blk_expect_id(t, dev, &r)) {
        require_same(t, r.data, expected,
                     bytes < VIRTIO_BLK_ID_BYTES ? bytes : VIRTIO_BLK_ID_BYTES);
    }
}

VIRTIO_TEST(id_is_ascii, .device = VIRTIO_ID_BLOCK)
{
    BlkRequest r;
    if (!blk_expect_id(t, dev, &r)) {
        return;
    }
    unsigned n = 0;
    while (n < VIRTIO_BLK_ID_BYTES && r.data[n] != 0 && r.data[n] < 0x80) {
        n++;
    }
    require_that(t, n == VIRTIO_BLK_ID_BYTES || r.data[n] == 0,
                 "ASCII up to the first NUL", "byte %u is 0x%02x", n, r.data[n]);
}

VIRTIO_TEST(id_is_padded_with_nul, .device = VIRTIO_ID_BLOCK)
{
    static const uint8_t zeroes[VIRTIO_BLK_ID_BYTES];
    BlkRequest r;
    if (blk_expect_id(t, dev, &r)) {
        size_t n = strnlen((const char *)r.data, VIRTIO_BLK_ID_BYTES);
        require_same(t, r.data + n, zeroes, VIRTIO_BLK_ID_BYTES - n);
    }
}

/* "The device MUST write at least len bytes to descriptor, beginning at the first
 * device-writable buffer, prior to updating the used idx." (2.7.8.2) */
VIRTIO_TEST(id_request_counts_only_written_bytes_as_used, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN)
{
    BlkRequest r;
    if (!blk_expect_id(t, dev, &r)) {
        return;
    }
    uint32_t written = blk_written_bytes(t, &r);
    uint32_t most = written < r.bytes ? written : r.bytes + 1;
    expect_used_len(t, r.used_len, most);
}

VIRTIO_TEST(id_stays_the_same, .device = VIRTIO_ID_BLOCK)
{
    BlkRequest a, b;
    if (blk_expect_id(t, dev, &a) && blk_expect_id(t, dev, &b)) {
        require_same(t, b.data, a.data, VIRTIO_BLK_ID_BYTES);
    }
}

/* "The length of data MUST be 20 bytes for VIRTIO_BLK_T_GET_ID requests." */
VIRTIO_TEST(id_request_of_another_length_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6.1")
{
    static const uint16_t lengths[] = {0, 1, 19, 21, 512};
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        BlkRequest r = blk_request(dev, VIRTIO_BLK_T_GET_ID, 0, lengths[i]);
        if (blk_provoke_plain(&r, BLK_SHORT_PATIENCE_NS) != BLK_USED) {
            break;
        }
    }
    expect_survives(t, dev);
}
