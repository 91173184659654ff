/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the rules of 5.13.6: reserved fields, unknown flags and types,
 * requests that are too small.
 */
#include "tests/iommu/iommu_lib.h"

static struct virtio_iommu_req_attach attach_request(Test *t, QVirtioDevice *dev)
{
    return (struct virtio_iommu_req_attach){
        .head.type = VIRTIO_IOMMU_T_ATTACH,
        .domain = le32_of(iommu_domain(t, dev, 0)),
        .endpoint = le32_of(iommu_endpoint(dev)),
    };
}

/* "the device SHOULD NOT write the buffer and SHOULD set the used length to zero" */
IOMMU_MAPPING_TEST(unknown_request_type_writes_nothing, .violates = "5.13.6")
{
    struct virtio_iommu_req_attach r = {.head.type = 0x7f};
    IommuAnswer a = iommu_run(dev, &r, sizeof(r), 0);
    if (require_ok(t, a.err)) {
        expect_eq(t, "dev:5.13.6.2-2a", a.tail.status, IOMMU_FILL);
        expect_eq(t, "dev:5.13.6.2-2b", a.used_len, 0);
    }
    expect_survives(t, dev);
}

IOMMU_MAPPING_TEST(reserved_bytes_of_a_head_are_ignored, .violates = "5.13.6.1",
                   IOMMU_ON_ENDPOINT)
{
    struct virtio_iommu_req_attach r = attach_request(t, dev);
    memset(r.head.reserved, 0xff, sizeof(r.head.reserved));
    IommuAnswer a = iommu_run(dev, &r, sizeof(r), 0);
    expect_answer(t, "dev:5.13.6.2-3a", a, VIRTIO_IOMMU_S_OK);
    iommu_end(t, dev);
    expect_survives(t, dev);
}

IOMMU_MAPPING_TEST(reserved_bytes_of_an_attach_are_invalid, .violates = "5.13.6.3.1",
                   IOMMU_ON_ENDPOINT)
{
    struct virtio_iommu_req_attach r = attach_request(t, dev);
    r.reserved[random_below(&t->random, sizeof(r.reserved))] = 1;
    IommuAnswer a = iommu_run(dev, &r, sizeof(r), 0);
    expect_answer(t, "dev:5.13.6.3.2-1", a, VIRTIO_IOMMU_S_INVAL);
    iommu_end(t, dev);
    expect_survives(t, dev);
}

IOMMU_MAPPING_TEST(unknown_attach_flag_is_invalid, .violates = "5.13.6.3.1",
                   IOMMU_ON_ENDPOINT)
{
    struct virtio_iommu_req_attach r = attach_request(t, dev);
    r.flags = le32_of(1u << (8 + random_below(&t->random, 24)));
    IommuAnswer a = iommu_run(dev, &r, sizeof(r), 0);
    expect_answer(t, "dev:5.13.6.3.2-2", a, VIRTIO_IOMMU_S_INVAL);
    iommu_end(t, dev);
    expect_survives(t, dev);
}

IOMMU_MAPPING_TEST(reserved_bytes_of_a_detach_are_ignored, .violates = "5.13.6.4.1",
                   IOMMU_ON_ENDPOINT)
{
    struct virtio_iommu_req_detach r = {.head.type = VIRTIO_IOMMU_T_DETACH,
                                        .domain = le32_of(iommu_domain(t, dev, 0)),
                                        .endpoint = le32_of(iommu_endpoint(dev))};
    memset(r.reserved, 0xff, sizeof(r.reserved));
    if (iommu_begin(t, dev, 0)) {
        IommuAnswer a = iommu_run(dev, &r, sizeof(r), 0);
        expect_answer(t, "dev:5.13.6.4.2-1", a, VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
        expect_survives(t, dev);
    }
}

IOMMU_MAPPING_TEST(short_iommu_request_is_survived, .violates = "5.13.6.3",
                   IOMMU_ON_ENDPOINT)
{
    struct virtio_iommu_req_attach r = attach_request(t, dev);
    require_ok(t, iommu_run(dev, &r, sizeof(r) - 1, 0).err);
    iommu_end(t, dev);
    expect_survives(t, dev);
}
