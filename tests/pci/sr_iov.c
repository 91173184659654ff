/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_F_SR_IOV (6.2): on offer where there is an SR-IOV capability, and nowhere else
 * (tests/bus/identity.c has the other buses). The capability is an extended one, so only
 * config space through the MCFG window shows it.
 */
#include "drivers/virtio/bus/pci.h"
#include "tests/harness/test.h"

VIRTIO_TEST(sr_iov_is_offered_with_its_capability, .flags = TEST_RAW, .buses = BUS_PCI)
{
    bool is_offered = qvirtio_offers(dev, VIRTIO_F_SR_IOV);
    const PciFunction *f = qvirtio_pci(dev)->function;
    if (pci_hides_ext_caps(f) && is_offered) {
        test_skip(t, "extended config space cannot be reached without an MCFG window");
    } else if (pci_find_ext_cap(f, PCI_EXT_CAP_ID_SRIOV)) {
        expect_that(t, "dev:6.2-9a", is_offered, "VIRTIO_F_SR_IOV on offer",
                    "the capability without the feature");
    } else {
        expect_that(t, "dev:6.2-9b", !is_offered, "no VIRTIO_F_SR_IOV",
                    "the feature without the capability");
    }
}
