/* SPDX-License-Identifier: MIT */
/*
 * Fault reports that the driver has no room for (5.13.6.9): buffers of eight bytes, a
 * third of a report each.
 */
#include "drivers/virtio/bus.h"
#include "tests/iommu/dma_lib.h"

#define SMALL 8

static bool was_noticed(void *arg)
{
    Dma *m = arg;
    return qvirtqueue_has_used(m->dev->vq[VIRTIO_IOMMU_EVENTQ]) ||
           qvirtio_has_status(m->dev, VIRTIO_STATUS_NEEDS_RESET) ||
           qvirtio_has_status(m->behind, VIRTIO_STATUS_NEEDS_RESET);
}

/* A ping of the device behind, whose memory is not mapped any more. */
static bool provoke(Test *t, Dma *m)
{
    QVirtioPing ping;
    if (!require_ok(t, m->behind->driver->ping_make(m->behind, 1, &ping)) ||
        !require_ok(t, qvirtio_ping_add(&ping, 1, 1))) {
        return false;
    }
    qvirtqueue_kick(ping.vq);
    if (qvirtio_wait(m->dev, "a fault", was_noticed, m, 0)) {
        test_skip(t, "neither the IOMMU nor the device reports the fault");
        return false;
    }
    return true;
}

/* A report that goes on in a second buffer begins that with the number of the endpoint,
 * any other begins with a reason and zeroes. */
static void check_reports(Test *t, Dma *m)
{
    bool goes_on = false;
    QVirtioUsed used;
    while (qvirtqueue_get(m->dev->vq[VIRTIO_IOMMU_EVENTQ], &used) == 1) {
        le32 first;
        memcpy(&first, used.token, sizeof(first));
        goes_on |= used.len && le32_get(first) == iommu_endpoint(m->dev);
    }
    expect_that(t, "dev:5.13.6.9.2-5", !goes_on, "no report that goes on in a buffer",
                "the second part of one");
}

/* "If a buffer is too small to contain the fault report, the device SHOULD NOT use
 * multiple buffers to describe it." What else it does is its own affair. */
VIRTIO_TEST(report_is_not_spread_over_small_buffers, .device = VIRTIO_ID_IOMMU,
            IOMMU_MAPS, .violates = "5.13.6.9", .why_not = dma_why_not)
{
    Dma m;
    if (iommu_endpoint(dev) <= VIRTIO_IOMMU_FAULT_R_MAPPING) {
        test_skip(t, "the endpoint's number might be a reason");
        return;
    }
    if (dma_begin_mapped(t, dev, &m, SMALL) && require_ping(t, m.behind, 0) &&
        dma_unmap(&m) && provoke(t, &m)) {
        require_ok(t, m.behind->bus->reset(m.behind));
        m.is_attached = !qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET);
        dma_detach(&m); /* and its reports are out */
        check_reports(t, &m);
    }
    dma_end(&m);
    expect_survives(t, dev);
}
