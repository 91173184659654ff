/* SPDX-License-Identifier: MIT */
/*
 * What the configuration fields may hold (5.1.4.1) and which features may be offered
 * together beyond 5.1.3.1. Values that only the host knows are judged by the config
 * suite.
 */
#include "tests/net/net_lib.h"

#define OFFSET(field) offsetof(struct virtio_net_config, field)

static bool read_field(Test *t, QVirtioDevice *dev, size_t off, size_t width,
                       uint64_t *value)
{
    return require_ok(t, qvirtio_config_read(dev, off, width, value));
}

VIRTIO_TEST(max_virtqueue_pairs_is_in_range, .device = VIRTIO_ID_NET,
            .flags = TEST_READS | TEST_RAW,
            .needs = FEATURES(VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ))
{
    uint64_t pairs;
    if (read_field(t, dev, OFFSET(max_virtqueue_pairs), 2, &pairs)) {
        expect_ge(t, "dev:5.1.4.1-1", pairs, 1);
        expect_le(t, "dev:5.1.4.1-1", pairs, 0x8000);
    }
}

VIRTIO_TEST(mtu_is_in_range, .device = VIRTIO_ID_NET, .needs = FEATURES(VIRTIO_NET_F_MTU),
            .flags = TEST_READS)
{
    uint64_t mtu;
    if (read_field(t, dev, OFFSET(mtu), 2, &mtu)) {
        /* A 16-bit field cannot exceed 65535. */
        expect_ge(t, "dev:5.1.4.1-2", mtu, 68);
        expect_ge(t, "dev:5.1.4.1-3", mtu, 1280);
    }
}

/* "The device MUST NOT modify mtu once it has been set." */
VIRTIO_TEST(mtu_outlives_reset, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_MTU), .flags = TEST_READS)
{
    uint64_t before, after;
    if (read_field(t, dev, OFFSET(mtu), 2, &before) && require_ok(t, qvirtio_stop(dev)) &&
        test_start(t, dev, NULL) && read_field(t, dev, OFFSET(mtu), 2, &after)) {
        expect_eq(t, "dev:5.1.4.1-4", after, before);
    }
}

VIRTIO_TEST(speed_is_a_number_or_unknown, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_SPEED_DUPLEX), .flags = TEST_READS)
{
    uint64_t speed;
    if (read_field(t, dev, OFFSET(speed), 4, &speed)) {
        expect_that(t, "dev:5.1.4.1-10", speed <= 0x7fffffff || speed == 0xffffffff,
                    "at most 0x7fffffff, or 0xffffffff for unknown", "0x%llx",
                    (unsigned long long)speed);
    }
}

VIRTIO_TEST(duplex_is_half_full_or_unknown, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_SPEED_DUPLEX), .flags = TEST_READS)
{
    uint64_t duplex;
    if (read_field(t, dev, OFFSET(duplex), 1, &duplex)) {
        expect_that(t, "dev:5.1.4.1-11", duplex <= 1 || duplex == 0xff,
                    "0, 1, or 0xff for unknown", "0x%llx", (unsigned long long)duplex);
    }
}

VIRTIO_TEST(rss_key_may_have_40_bytes, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_RSS, VIRTIO_NET_F_CTRL_VQ),
            .flags = TEST_READS)
{
    uint64_t bytes;
    if (read_field(t, dev, OFFSET(rss_max_key_size), 1, &bytes)) {
        expect_ge(t, "dev:5.1.4.1-7", bytes, 40);
    }
}

VIRTIO_TEST(hash_key_may_have_40_bytes, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_HASH_REPORT, VIRTIO_NET_F_CTRL_VQ),
            .flags = TEST_READS)
{
    uint64_t bytes;
    if (read_field(t, dev, OFFSET(rss_max_key_size), 1, &bytes)) {
        expect_ge(t, "dev:5.1.4.1-7", bytes, 40);
    }
}

VIRTIO_TEST(rss_table_may_have_128_entries, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_RSS, VIRTIO_NET_F_CTRL_VQ),
            .flags = TEST_READS)
{
    uint64_t entries;
    if (read_field(t, dev, OFFSET(rss_max_indirection_table_length), 2, &entries)) {
        expect_ge(t, "dev:5.1.4.1-8", entries, 128);
    }
}

/* 5.1.4.1: "The device SHOULD NOT offer VIRTIO_NET_F_HASH_REPORT if it does not offer
 * VIRTIO_NET_F_CTRL_VQ." */
VIRTIO_TEST(hash_report_comes_with_a_control_queue, .device = VIRTIO_ID_NET,
            .flags = TEST_READS | TEST_RAW, .needs = FEATURES(VIRTIO_NET_F_HASH_REPORT))
{
    bool has_queue = qvirtio_offers(dev, VIRTIO_NET_F_CTRL_VQ);
    expect_that(t, "dev:5.1.4.1-13", has_queue, "CTRL_VQ is offered too", "it is not");
}

VIRTIO_TEST(extra_receive_modes_come_with_a_control_queue, .device = VIRTIO_ID_NET,
            .flags = TEST_READS | TEST_RAW, .needs = FEATURES(VIRTIO_NET_F_CTRL_RX_EXTRA))
{
    bool has_queue = qvirtio_offers(dev, VIRTIO_NET_F_CTRL_VQ);
    expect_that(t, "dev:5.1.4.1-14", has_queue, "CTRL_VQ is offered too", "it is not");
}

/* 5.1.4: two bits of status are defined. A link that carries frames is up. */
VIRTIO_TEST(a_link_that_carries_frames_is_up, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_STATUS), .why_not = net_why_no_partner)
{
    uint64_t status;
    NetBench b;

    if (!net_bench(&b, t, dev, 4) || !read_field(t, dev, OFFSET(status), 2, &status)) {
        return;
    }
    NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    if (net_is_received(&b, &f)) {
        require_eq(t, status & VIRTIO_NET_S_LINK_UP, VIRTIO_NET_S_LINK_UP);
    }
    require_eq(t, status & ~(VIRTIO_NET_S_LINK_UP | VIRTIO_NET_S_ANNOUNCE), 0);
}

/* 5.1.4.2 (legacy): "mac is driver-writable" where CTRL_MAC_ADDR is not negotiated, and
 * always written from first to last byte (5.1.9.5.2.3). */
VIRTIO_TEST(a_legacy_driver_can_write_the_address, .device = VIRTIO_ID_NET,
            .buses = BUS_PCI_LEGACY | BUS_MMIO_LEGACY | BUS_CCW_LEGACY,
            .needs = FEATURES(VIRTIO_NET_F_MAC))
{
    static const uint8_t mac[6] = {0x02, 0x12, 0x34, 0x56, 0x78, 0x9a};
    uint8_t seen[6];
    int err = 0;

    for (unsigned i = 0; i < 6 && !err; i++) {
        err = qvirtio_config_write(dev, OFFSET(mac) + i, 1, mac[i]);
    }
    if (require_ok(t, err) &&
        require_ok(t, qvirtio_config_snapshot(dev, OFFSET(mac), seen, 6))) {
        require_same(t, seen, mac, 6);
    }
}
