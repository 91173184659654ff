/* SPDX-License-Identifier: MIT */
/*
 * MAP and UNMAP (5.13.6.5, 5.13.6.6): what is refused, and the seven examples of
 * unmapping. What is mapped is seen by mapping it once more.
 */
#include "tests/iommu/iommu_lib.h"

#define MAP_TEST(id, ...) IOMMU_MAPPING_TEST(id, IOMMU_ON_ENDPOINT, ##__VA_ARGS__)

typedef struct Space {
    QVirtioDevice *dev;
    uint32_t domain;
    uint64_t page;
} Space;

static bool begin(Test *t, QVirtioDevice *dev, Space *s)
{
    *s = (Space){dev, iommu_domain(t, dev, 0), iommu_page(t, dev)};
    return iommu_begin(t, dev, 0);
}

/* Pages first to last. */
static IommuAnswer map(const Space *s, unsigned first, unsigned last)
{
    return iommu_map(s->dev, s->domain, iommu_at(s->dev) + first * s->page,
                     iommu_at(s->dev) + (last + 1) * s->page - 1, first * s->page,
                     IOMMU_RW);
}

static IommuAnswer unmap(const Space *s, unsigned first, unsigned last)
{
    return iommu_unmap(s->dev, s->domain, iommu_at(s->dev) + first * s->page,
                       iommu_at(s->dev) + (last + 1) * s->page - 1);
}

MAP_TEST(mapping_off_page_bounds_is_out_of_range)
{
    Space s;
    if (!begin(t, dev, &s)) {
        return;
    }
    uint64_t end = iommu_at(dev) + s.page - 1;
    if (s.page > 1) {
        IommuAnswer start_off =
            iommu_map(dev, s.domain, iommu_at(dev) + 1, end, 0, IOMMU_RW);
        IommuAnswer end_off =
            iommu_map(dev, s.domain, iommu_at(dev), end - 1, 0, IOMMU_RW);
        IommuAnswer phys_off = iommu_map(dev, s.domain, iommu_at(dev), end, 1, IOMMU_RW);
        expect_answer(t, "dev:5.13.6.5.2-1", start_off, VIRTIO_IOMMU_S_RANGE);
        expect_answer(t, "dev:5.13.6.5.2-1", end_off, VIRTIO_IOMMU_S_RANGE);
        expect_answer(t, "dev:5.13.6.5.2-1", phys_off, VIRTIO_IOMMU_S_RANGE);
    } else {
        test_skip(t, "a page of the IOMMU is one byte");
    }
    iommu_end(t, dev);
}

MAP_TEST(mapping_over_a_mapping_is_invalid)
{
    Space s;
    if (begin(t, dev, &s)) {
        require_answer(t, map(&s, 4, 7), VIRTIO_IOMMU_S_OK);
        expect_answer(t, "dev:5.13.6.5.2-2", map(&s, 4, 7), VIRTIO_IOMMU_S_INVAL);
        expect_answer(t, "dev:5.13.6.5.2-2", map(&s, 0, 4), VIRTIO_IOMMU_S_INVAL);
        expect_answer(t, "dev:5.13.6.5.2-2", map(&s, 7, 9), VIRTIO_IOMMU_S_INVAL);
        require_answer(t, map(&s, 0, 3), VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
    }
}

/* The examples, by their numbers in 5.13.6.6. */
MAP_TEST(unmapping_nothing_succeeds)
{
    Space s;
    if (begin(t, dev, &s)) {
        expect_answer(t, "dev:5.13.6.6.2-5", unmap(&s, 0, 4), VIRTIO_IOMMU_S_OK); /* 1 */
        iommu_end(t, dev);
    }
}

MAP_TEST(unmapping_removes_what_is_covered, .rings = RINGS_ALL)
{
    Space s;
    if (begin(t, dev, &s)) {
        require_answer(t, map(&s, 0, 9), VIRTIO_IOMMU_S_OK); /* 2 */
        require_answer(t, unmap(&s, 0, 9), VIRTIO_IOMMU_S_OK);
        require_answer(t, map(&s, 0, 4), VIRTIO_IOMMU_S_OK); /* 3, 5 */
        require_answer(t, map(&s, 5, 9), VIRTIO_IOMMU_S_OK);
        require_answer(t, unmap(&s, 0, 4), VIRTIO_IOMMU_S_OK);
        require_answer(t, map(&s, 5, 9), VIRTIO_IOMMU_S_INVAL);
        require_answer(t, map(&s, 0, 4), VIRTIO_IOMMU_S_OK);
        require_answer(t, unmap(&s, 0, 9), VIRTIO_IOMMU_S_OK);
        require_answer(t, map(&s, 0, 9), VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
    }
}

MAP_TEST(unmapping_over_holes_clears_the_range)
{
    Space s;
    if (begin(t, dev, &s)) {
        require_answer(t, map(&s, 0, 4), VIRTIO_IOMMU_S_OK); /* 6, 7 */
        require_answer(t, map(&s, 10, 14), VIRTIO_IOMMU_S_OK);
        expect_answer(t, "dev:5.13.6.6.2-5", unmap(&s, 0, 15), VIRTIO_IOMMU_S_OK);
        require_answer(t, map(&s, 0, 14), VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
    }
}

/* (4) "As illustrated by example (4), partially removing a mapping isn't supported." */
MAP_TEST(unmapping_part_of_a_mapping_removes_nothing, .violates = "5.13.6.6.1")
{
    Space s;
    if (begin(t, dev, &s)) {
        require_answer(t, map(&s, 0, 9), VIRTIO_IOMMU_S_OK);
        expect_answer(t, "dev:5.13.6.6.2-4a", unmap(&s, 0, 4), VIRTIO_IOMMU_S_RANGE);
        expect_answer(t, "dev:5.13.6.6.2-4b", map(&s, 0, 9), VIRTIO_IOMMU_S_INVAL);
        iommu_end(t, dev);
        expect_survives(t, dev);
    }
}

MAP_TEST(unknown_map_flag_is_invalid, .violates = "5.13.6.5.1")
{
    Space s;
    if (begin(t, dev, &s)) {
        IommuAnswer a =
            iommu_map(dev, s.domain, iommu_at(dev), iommu_at(dev) + s.page - 1, 0,
                      IOMMU_RW | 1u << (8 + random_below(&t->random, 24)));
        expect_answer(t, "dev:5.13.6.5.2-3", a, VIRTIO_IOMMU_S_INVAL);
        iommu_end(t, dev);
        expect_survives(t, dev);
    }
}

/* Bypass domains have no mappings. */
MAP_TEST(bypass_domain_cannot_be_mapped, .violates = "5.13.6.5.1",
         .wants = FEATURES(VIRTIO_IOMMU_F_BYPASS_CONFIG))
{
    Space s = {dev, iommu_domain(t, dev, 0), iommu_page(t, dev)};
    if (!qvirtio_negotiated(dev, VIRTIO_IOMMU_F_BYPASS_CONFIG)) {
        test_skip(t, "VIRTIO_IOMMU_F_BYPASS_CONFIG not offered");
        return;
    }
    if (iommu_begin(t, dev, VIRTIO_IOMMU_ATTACH_F_BYPASS)) {
        expect_answer(t, "dev:5.13.6.5.2-5", map(&s, 0, 0), VIRTIO_IOMMU_S_INVAL);
        expect_answer(t, "dev:5.13.6.6.2-3", unmap(&s, 0, 0), VIRTIO_IOMMU_S_INVAL);
        iommu_end(t, dev);
        expect_survives(t, dev);
    }
}
