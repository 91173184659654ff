/* SPDX-License-Identifier: MIT */
/*
 * A disk whose backend begins or stops to deallocate while the disk runs (5.2.6.2).
 */
#include "tests/blk/blk_lib.h"
#include "tests/harness/hand.h"

static bool has_turned(void *arg)
{
    QVirtioDevice *dev = arg;
    uint64_t seen;
    size_t off = offsetof(struct virtio_blk_config, write_zeroes_may_unmap);
    return qvirtio_config_read(dev, off, 1, &seen) == 0 && seen == 0;
}

/* "The device MAY change the content of the field during operation of the device; when
 * this happens, the device SHOULD trigger a configuration change notification." */
VIRTIO_TEST(may_unmap_change_is_told, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .flags = TEST_HAND, .needs = FEATURES(VIRTIO_BLK_F_WRITE_ZEROES))
{
    uint32_t before = dev->config_irq.count;
    if (blk_config(t, dev, write_zeroes_may_unmap) == 0) {
        test_skip(t, "the backend does not deallocate: write_zeroes_may_unmap is 0");
    } else if (hand_do(t, dev, "may-unmap 0") &&
               require_ok(t,
                          qvirtio_wait(dev, "may_unmap to change", has_turned, dev, 0))) {
        expect_ok(t, "dev:5.2.6.2-10b", hand_await_news(dev, before));
    }
}
