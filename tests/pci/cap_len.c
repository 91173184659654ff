/* SPDX-License-Identifier: MIT */
/*
 * How long the capabilities say they are: 4.1.4.2: "The device MUST include any
 * extra data (from the beginning of the cap_vndr field through end of the extra data
 * fields if any) in cap_len". A driver that copies cap_len bytes would else miss the data
 * window of PCI_CFG, or the doorbells' multiplier.
 */
#include "tests/pci/pci_lib.h"

static const struct {
    uint8_t type, bytes;
} least[] = {
    {VIRTIO_PCI_CAP_COMMON_CFG, sizeof(struct virtio_pci_cap)},
    {VIRTIO_PCI_CAP_NOTIFY_CFG, sizeof(struct virtio_pci_notify_cap)},
    {VIRTIO_PCI_CAP_ISR_CFG, sizeof(struct virtio_pci_cap)},
    {VIRTIO_PCI_CAP_DEVICE_CFG, sizeof(struct virtio_pci_cap)},
    {VIRTIO_PCI_CAP_PCI_CFG, sizeof(struct virtio_pci_cfg_cap)},
    {VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, sizeof(struct virtio_pci_cap64)},
};

VIRTIO_TEST(capability_lengths_cover_their_fields, .flags = TEST_OUTSIDE,
            .buses = BUS_PCI)
{
    for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
        QVirtioPciCap cap;
        for (unsigned n = 0; pci_cap(dev, least[i].type, n, &cap); n++) {
            expect_that(t, "dev:4.1.4.2-1", cap.cap_len >= least[i].bytes,
                        "a capability as long as its structure",
                        "cap_len %u of a capability of cfg_type %u, which has %u bytes",
                        cap.cap_len, least[i].type, least[i].bytes);
        }
    }
}
