/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_F_SR_IOV (6.2): on offer where there is an SR-IOV capability, and nowhere else
 * (tests/bus/identity.c has the other buses). The capability is an extended one, so only
 * config space through the MCFG window shows it.
 */
#include "drivers/virtio/bus/pci.h"
#include "tests/harness/test.h"

#define PCI_CAP_EXPRESS    0x10
#define PCI_EXT_CAP_SR_IOV 0x10
#define EXTENDED_FROM      0x100
#define EXTENDED_END       0x1000

/* Walks the extended capabilities; bounded, as the list is the device's. */
static bool has_capability(const PciFunction *f)
{
    uint32_t at = EXTENDED_FROM;
    for (unsigned i = 0; i < 64 && at >= EXTENDED_FROM && at < EXTENDED_END; i++) {
        uint32_t header = pci_read32(f, at);
        if (header == 0 || header == UINT32_MAX) {
            return false;
        }
        if ((header & 0xffff) == PCI_EXT_CAP_SR_IOV) {
            return true;
        }
        at = header >> 20 & 0xffc;
    }
    return false;
}

VIRTIO_TEST(sr_iov_is_offered_with_its_capability, .flags = TEST_RAW, .buses = BUS_PCI)
{
    bool is_offered = qvirtio_offers(dev, VIRTIO_F_SR_IOV);
    const PciFunction *f = qvirtio_pci(dev)->function;
    bool may_have = pci_find_cap(f, PCI_CAP_EXPRESS) != 0;
    bool can_see = may_have && strcmp(pci_access_name(), "mcfg") == 0;

    if (may_have && !can_see && is_offered) {
        test_skip(t, "extended config space cannot be reached without an MCFG window");
    } else if (can_see && has_capability(f)) {
        expect_that(t, "dev:6.2-9a", is_offered, "VIRTIO_F_SR_IOV on offer",
                    "the capability without the feature");
    } else {
        expect_that(t, "dev:6.2-9b", !is_offered, "no VIRTIO_F_SR_IOV",
                    "the feature without the capability");
    }
}
