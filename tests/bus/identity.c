/* SPDX-License-Identifier: MIT */
/*
 * What a bus says about a device does not change: it finds the same devices in the same
 * order, each feature word has the same value, and the status reads as it was written.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

/* The sentences that say what a word of features shows. */
static const BusBases feature_bases = {.pci = "virtio 4.1.4.3",
                                       .pci_legacy = "virtio 4.1.4.10",
                                       .mmio = "virtio 4.2.2",
                                       .mmio_legacy = "virtio 4.2.4",
                                       .ccw = "virtio 4.3.2.4",
                                       .otherwise = "virtio 2.2"};

/* "for any device_feature_select written by the driver" (4.1.4.3.1): a word that no
 * feature is in may be read. A future edition may have features past bit 127, so what it
 * shows is not judged, but word 0 is still there behind it. */
VIRTIO_TEST(feature_words_past_the_last_are_read, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    static const uint32_t words[] = {4, 5, 31, 0x7fffffff, 0xffffffff};
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        uint32_t bits = 1, first = 0;
        int err = dev->bus->get_features(dev, words[i], &bits);
        if (err != -QVIRTIO_UNSUPPORTED) {
            require_ok(t, err);
        }
        require_ok(t, dev->bus->get_features(dev, 0, &first));
        expect_eq(t, test_basis_on(dev, &feature_bases), first, dev->offered.word[0]);
    }
}

/* The driver may read the words in any order, and each one as often as it likes. */
VIRTIO_TEST(feature_words_do_not_depend_on_order, .flags = TEST_RAW)
{
    for (unsigned i = 0; i < 16; i++) {
        uint32_t word = random_below(&t->random, QVIRTIO_FEATURE_WORDS), bits = 0;
        require_ok(t, dev->bus->get_features(dev, word, &bits));
        expect_eq(t, test_basis_on(dev, &feature_bases), bits, dev->offered.word[word]);
    }
}

/* Writing the value that the status has already asks for nothing: the device serves on.
 */
VIRTIO_TEST(status_written_again_changes_nothing, .flags = TEST_PING)
{
    uint8_t status = 0;
    require_ok(t, dev->bus->get_status(dev, &status));
    for (uint32_t n = 1; n <= 3; n++) {
        require_ok(t, dev->bus->set_status(dev, status));
        expect_ping(t, SAFETY, dev, n);
    }
}

/* 6.2: VIRTIO_F_SR_IOV goes with a PCI capability, which only PCI has. */
VIRTIO_TEST(sr_iov_is_not_offered_without_pci, .flags = TEST_RAW,
            .buses = BUS_MODERN & ~BUS_PCI)
{
    expect_that(t, "dev:6.2-9b", !qvirtio_offers(dev, VIRTIO_F_SR_IOV),
                "no VIRTIO_F_SR_IOV", "it is on offer");
}
