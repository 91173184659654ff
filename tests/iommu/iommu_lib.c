/* SPDX-License-Identifier: MIT */
/* Endpoints, domains and answers of the IOMMU device: see iommu_lib.h. */
#include "tests/iommu/iommu_lib.h"
#include "drivers/virtio/truths.h"

const char *iommu_why_no_endpoint(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "endpoint")
               ? NULL
               : "no endpoint of this device is known; pass know=iommu.N.endpoint=ID";
}

uint32_t iommu_endpoint(const QVirtioDevice *dev)
{
    uint64_t id = 0;
    qvirtio_truth_u64(dev, "endpoint", &id);
    return id;
}

/* The usual place, and how much the tests map there at most. */
#define USUAL_AT   0x100000000ull
#define USED_BYTES 0x40000000ull

static uint64_t range_field(QVirtioDevice *dev, size_t off, uint64_t otherwise)
{
    uint64_t value;
    return qvirtio_offers(dev, VIRTIO_IOMMU_F_INPUT_RANGE) &&
                   !qvirtio_config_read(dev, off, 8, &value)
               ? value
               : otherwise;
}

uint64_t iommu_at(QVirtioDevice *dev)
{
    uint64_t start =
        range_field(dev, offsetof(struct virtio_iommu_config, input_range.start), 0);
    uint64_t end = range_field(dev, offsetof(struct virtio_iommu_config, input_range.end),
                               UINT64_MAX);

    if (start <= USUAL_AT && end >= USUAL_AT + USED_BYTES) {
        return USUAL_AT;
    }
    return (start + (end - start) / 2) & -(uint64_t)(USED_BYTES / 4);
}

uint64_t iommu_page(Test *t, QVirtioDevice *dev)
{
    uint64_t mask = 0;
    require_ok(
        t, qvirtio_config_read(dev, offsetof(struct virtio_iommu_config, page_size_mask),
                               8, &mask));
    return mask & -mask;
}

uint32_t iommu_domain(Test *t, QVirtioDevice *dev, unsigned number)
{
    uint64_t start = 0;
    if (qvirtio_offers(dev, VIRTIO_IOMMU_F_DOMAIN_RANGE)) {
        require_ok(t, qvirtio_config_read(
                          dev, offsetof(struct virtio_iommu_config, domain_range.start),
                          4, &start));
    }
    return start + number;
}

uint32_t iommu_probe_size(Test *t, QVirtioDevice *dev)
{
    uint64_t size = 0;
    require_ok(t, qvirtio_config_read(
                      dev, offsetof(struct virtio_iommu_config, probe_size), 4, &size));
    return size;
}

bool iommu_expect(Test *t, const ExpectAt *at, IommuAnswer a, uint8_t wanted)
{
    return expect_success(t, at, a.err) &&
           expect_condition(t, at, a.tail.status == wanted, "the status of this request",
                            "status %u instead of %u", a.tail.status, wanted);
}

bool iommu_expect_ok_or_unsupp(Test *t, const ExpectAt *at, IommuAnswer a)
{
    return iommu_expect(t, at, a,
                        a.tail.status == VIRTIO_IOMMU_S_UNSUPP ? VIRTIO_IOMMU_S_UNSUPP
                                                               : VIRTIO_IOMMU_S_OK);
}

bool iommu_begin(Test *t, QVirtioDevice *dev, uint32_t flags)
{
    IommuAnswer a =
        iommu_attach(dev, iommu_domain(t, dev, 0), iommu_endpoint(dev), flags);
    return expect_answer(t, "dev:5.13.6.2-1", a, VIRTIO_IOMMU_S_OK);
}

void iommu_end(Test *t, QVirtioDevice *dev)
{
    require_ok(t, iommu_detach(dev, iommu_domain(t, dev, 0), iommu_endpoint(dev)).err);
}
