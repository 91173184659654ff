/* SPDX-License-Identifier: MIT */
/*
 * PROBE (5.13.6.7): the list of an endpoint's properties is well formed, reserved regions
 * are reserved.
 */
#include "tests/iommu/iommu_lib.h"

#define PROBE_TEST(id, ...)                                                           \
    IOMMU_TEST(id, .needs = FEATURES(VIRTIO_IOMMU_F_PROBE, VIRTIO_IOMMU_F_MAP_UNMAP), \
               ##__VA_ARGS__)

#define REGIONS_MOST 16

typedef struct Region {
    uint8_t subtype;
    uint64_t start, end;
} Region;

/* Of the property at `at`, which lies within the list. */
static void take_region(Test *t, const uint8_t *at, Region *to)
{
    struct virtio_iommu_probe_resv_mem r;
    memcpy(&r, at, sizeof(r));
    expect_eq(t, "dev:5.13.6.8.1.2-1", r.reserved[0] | r.reserved[1] | r.reserved[2], 0);
    *to = (Region){r.subtype, le64_get(r.start), le64_get(r.end)};
}

/* A region at `at`, by its header. */
static bool is_region(const uint8_t *at)
{
    struct virtio_iommu_probe_property p;
    memcpy(&p, at, sizeof(p));
    return le16_get(p.type) == VIRTIO_IOMMU_PROBE_T_RESV_MEM &&
           le16_get(p.length) + sizeof(p) == sizeof(struct virtio_iommu_probe_resv_mem);
}

/* Behind the list are zeroes, and thus no property that should be in it. */
static void check_rest(Test *t, const uint8_t *rest, uint32_t bytes)
{
    uint32_t zeroes = 0;
    while (zeroes < bytes && rest[zeroes] == 0) {
        zeroes++;
    }
    bool has_gap = zeroes > 0 &&
                   bytes - zeroes >= sizeof(struct virtio_iommu_probe_resv_mem) &&
                   is_region(rest + zeroes);
    expect_that(t, "dev:5.13.6.7.2-6", !has_gap, "no property behind the last one",
                "one %u bytes behind", zeroes);
    expect_that(t, "dev:5.13.6.7.2-9", has_gap || zeroes == bytes, "zeroes",
                "another byte at %u of %u", zeroes, bytes);
}

/* How many reserved regions there are; what is wrong is reported. */
static unsigned probe(Test *t, QVirtioDevice *dev, Region *regions)
{
    uint32_t size = iommu_probe_size(t, dev), at = 0;
    unsigned count = 0;
    IommuAnswer a = iommu_probe(dev, iommu_endpoint(dev), size);
    if (!expect_answer(t, "dev:5.13.6.2-1", a, VIRTIO_IOMMU_S_OK)) {
        return 0;
    }
    while (at + sizeof(struct virtio_iommu_probe_property) <= size) {
        struct virtio_iommu_probe_property p;
        memcpy(&p, a.properties + at, sizeof(p));
        uint32_t type = le16_get(p.type) & VIRTIO_IOMMU_PROBE_T_MASK;
        if (!type) {
            break;
        }
        expect_eq(t, "dev:5.13.6.7.2-4", le16_get(p.type) & ~VIRTIO_IOMMU_PROBE_T_MASK,
                  0);
        if (!require_le(t, at + sizeof(p) + le16_get(p.length), size)) {
            return count;
        }
        if (type == VIRTIO_IOMMU_PROBE_T_RESV_MEM && count < REGIONS_MOST) {
            if (!expect_eq(t, "dev:5.13.6.7.2-5", le16_get(p.length) + sizeof(p),
                           sizeof(struct virtio_iommu_probe_resv_mem))) {
                return count;
            }
            take_region(t, a.properties + at, &regions[count++]);
        }
        at += sizeof(p) + le16_get(p.length);
    }
    check_rest(t, a.properties + at, size - at);
    return count;
}

PROBE_TEST(properties_are_a_list, .rings = RINGS_ALL, IOMMU_ON_ENDPOINT)
{
    Region regions[REGIONS_MOST];
    probe(t, dev, regions);
}

PROBE_TEST(reserved_regions_are_told_once, IOMMU_ON_ENDPOINT)
{
    Region r[REGIONS_MOST];
    unsigned n = probe(t, dev, r), msi = 0;
    for (unsigned i = 0; i < n; i++) {
        msi += r[i].subtype == VIRTIO_IOMMU_RESV_MEM_T_MSI;
        for (unsigned j = 0; j < i; j++) {
            expect_that(
                t, "dev:5.13.6.8.1.2-3", r[i].start > r[j].end || r[j].start > r[i].end,
                "regions apart from each other", "region %u overlaps region %u", i, j);
        }
    }
    if (n == 0) {
        test_skip(t, "the endpoint has no reserved region");
        return;
    }
    expect_le(t, "dev:5.13.6.8.1.2-2", msi, 1);
}

/* "The device SHOULD reject a MAP request that overlaps a RESV_MEM region." */
PROBE_TEST(reserved_region_is_not_mapped, .violates = "5.13.6.8.1.1", IOMMU_ON_ENDPOINT)
{
    Region r[REGIONS_MOST];
    unsigned n = probe(t, dev, r);
    uint64_t page = iommu_page(t, dev);
    if (n == 0) {
        test_skip(t, "the endpoint has no reserved region");
        return;
    }
    if (iommu_begin(t, dev, 0)) {
        uint64_t start = r[0].start & -page;
        IommuAnswer a =
            iommu_map(dev, iommu_domain(t, dev, 0), start, start + page - 1, 0, IOMMU_RW);
        require_ok(t, a.err);
        expect_that(t, "dev:5.13.6.8.1.2-4", a.tail.status != VIRTIO_IOMMU_S_OK,
                    "a refusal", "VIRTIO_IOMMU_S_OK");
        iommu_end(t, dev);
        expect_survives(t, dev);
    }
}

PROBE_TEST(missing_endpoint_has_no_properties)
{
    IommuAnswer a = iommu_probe(dev, IOMMU_NOWHERE, iommu_probe_size(t, dev));
    expect_answer(t, "dev:5.13.6.7.2-2", a, VIRTIO_IOMMU_S_NOENT);
}

PROBE_TEST(reserved_bytes_of_a_probe_are_ignored, .violates = "5.13.6.7.1",
           IOMMU_ON_ENDPOINT)
{
    struct virtio_iommu_req_probe r = {.head.type = VIRTIO_IOMMU_T_PROBE,
                                       .endpoint = le32_of(iommu_endpoint(dev))};
    memset(r.reserved, 0x5a, sizeof(r.reserved));
    IommuAnswer a = iommu_run(dev, &r, sizeof(r), iommu_probe_size(t, dev));
    expect_answer(t, "dev:5.13.6.7.2-1", a, VIRTIO_IOMMU_S_OK);
    expect_survives(t, dev);
}

/* "If the properties list is smaller than probe_size, the device SHOULD NOT write any
 * property. It SHOULD reject the request and set status to VIRTIO_IOMMU_S_INVAL." */
PROBE_TEST(small_property_list_is_invalid, .violates = "5.13.6.7.1", IOMMU_ON_ENDPOINT)
{
    uint32_t room = iommu_probe_size(t, dev) / 2;
    IommuAnswer a = iommu_probe(dev, iommu_endpoint(dev), room);
    expect_answer(t, "dev:5.13.6.7.2-8", a, VIRTIO_IOMMU_S_INVAL);
    bool is_written = false;
    for (uint32_t i = 0; i < room && !a.err; i++) {
        is_written |= a.properties[i] != IOMMU_FILL && a.properties[i] != 0;
    }
    expect_that(t, "dev:5.13.6.7.2-7", !is_written, "no property", "a property");
    expect_survives(t, dev);
}
