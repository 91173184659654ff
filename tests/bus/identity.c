/* SPDX-License-Identifier: MIT */
/*
 * What a bus says about a device does not change: it finds the same devices in the same
 * order, each feature word has the same value, and the status reads as it was written.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

/* 4.1.4.3.1: the window shows features "for any device_feature_select". No features exist
 * above bit 127, so the words there must be 0. */
VIRTIO_TEST(feature_words_past_the_last_are_empty, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    static const uint32_t words[] = {4, 5, 31, 0x7fffffff, 0xffffffff};
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        uint32_t bits = 1;
        int err = dev->bus->get_features(dev, words[i], &bits);
        if (err != -QVIRTIO_UNSUPPORTED) {
            require_ok(t, err);
            require_eq(t, bits, 0);
        }
    }
    uint32_t first;
    require_ok(t, dev->bus->get_features(dev, 0, &first));
    require_eq(t, first, dev->offered.word[0]);
}

/* The driver may read the words in any order, and each one as often as it likes. */
VIRTIO_TEST(feature_words_do_not_depend_on_order, .flags = TEST_RAW)
{
    for (unsigned i = 0; i < 16; i++) {
        uint32_t word = random_below(&t->random, QVIRTIO_FEATURE_WORDS), bits = 0;
        require_ok(t, dev->bus->get_features(dev, word, &bits));
        require_eq(t, bits, dev->offered.word[word]);
    }
}

/* Writing the value that the status has already asks for nothing. */
VIRTIO_TEST(status_written_again_changes_nothing, .flags = TEST_PING)
{
    uint8_t status = 0, after = 0;
    require_ok(t, dev->bus->get_status(dev, &status));
    for (uint32_t n = 1; n <= 3; n++) {
        require_ok(t, dev->bus->set_status(dev, status));
        require_ok(t, dev->bus->get_status(dev, &after));
        require_eq(t, after, status);
        require_ping(t, dev, n);
    }
}

/* 6.2: VIRTIO_F_SR_IOV goes with a PCI capability, which only PCI has. */
VIRTIO_TEST(sr_iov_is_not_offered_without_pci, .flags = TEST_RAW,
            .buses = BUS_MODERN & ~BUS_PCI)
{
    expect_that(t, "dev:6.2-9b", !qvirtio_offers(dev, VIRTIO_F_SR_IOV),
                "no VIRTIO_F_SR_IOV", "it is on offer");
}
