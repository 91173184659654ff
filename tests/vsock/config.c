/* SPDX-License-Identifier: MIT */
/* What a socket device offers (5.10.3.2), and which CID the guest has (5.10.4). */
#include "drivers/virtio/truths.h"
#include "tests/vsock/vsock_lib.h"

/* "The device SHOULD offer the VIRTIO_VSOCK_F_NO_IMPLIED_STREAM feature." */
VIRTIO_TEST(no_implied_stream_is_on_offer, .device = VIRTIO_ID_VSOCK,
            .flags = TEST_READS | TEST_RAW)
{
    expect_that(t, "dev:5.10.3.2-1",
                qvirtio_offers(dev, VIRTIO_VSOCK_F_NO_IMPLIED_STREAM),
                "NO_IMPLIED_STREAM on offer", "it is not");
}

/* "The guest_cid configuration field MUST NOT contain a reserved CID". */
VIRTIO_TEST(guest_cid_is_not_reserved, .device = VIRTIO_ID_VSOCK, .flags = TEST_READS)
{
    VsockFlow f;
    if (vsock_flow(t, dev, 0, &f)) {
        bool is_reserved =
            f.cid <= VSOCK_CID_HOST || f.cid == VSOCK_CID_ANY || f.cid == UINT64_MAX;
        expect_that(t, "dev:5.10.6.4.2-1", !is_reserved, "a CID that a guest may have",
                    "%llu", (unsigned long long)f.cid);
        /* "The upper 32 bits of the CID are reserved and zeroed." */
        require_eq(t, f.cid >> 32, 0);
    }
}

VIRTIO_TEST(guest_cid_is_what_was_told, .device = VIRTIO_ID_VSOCK, .flags = TEST_READS)
{
    uint64_t told;
    VsockFlow f;
    if (!qvirtio_truth_u64(dev, "guest_cid", &told)) {
        test_skip(t, "the CID is unknown; pass know=vsock.N.guest_cid=CID");
    } else if (vsock_flow(t, dev, 0, &f)) {
        require_eq(t, f.cid, told);
    }
}
