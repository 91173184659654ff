/* SPDX-License-Identifier: MIT */
/*
 * Pending events in config space (5.7.4.1): a write to events_clear "will clear the
 * corresponding bit in events_read", and no other bit. Only the device may write to
 * events_read.
 */
#include "tests/gpu/gpu_lib.h"

#define READ  offsetof(struct virtio_gpu_config, events_read)
#define CLEAR offsetof(struct virtio_gpu_config, events_clear)

static bool has_event(Test *t, QVirtioDevice *dev)
{
    bool has = gpu_config(dev, READ) & VIRTIO_GPU_EVENT_DISPLAY;
    if (!has) {
        test_skip(t, "no event is pending");
    }
    return has;
}

VIRTIO_TEST(cleared_event_is_gone, .device = VIRTIO_ID_GPU, .flags = TEST_READS)
{
    if (has_event(t, dev)) {
        require_ok(t, qvirtio_config_write(dev, CLEAR, 4, VIRTIO_GPU_EVENT_DISPLAY));
        expect_eq(t, "virtio 5.7.4.1", gpu_config(dev, READ) & VIRTIO_GPU_EVENT_DISPLAY,
                  0);
    }
}

VIRTIO_TEST(event_stays_when_other_bits_are_cleared, .device = VIRTIO_ID_GPU,
            .flags = TEST_READS)
{
    if (has_event(t, dev)) {
        require_ok(t, qvirtio_config_write(dev, CLEAR, 4, 0));
        require_ok(t, qvirtio_config_write(dev, CLEAR, 4, ~VIRTIO_GPU_EVENT_DISPLAY));
        expect_ne(t, "virtio 5.7.4.1", gpu_config(dev, READ) & VIRTIO_GPU_EVENT_DISPLAY,
                  0);
    }
}

/* "The driver MUST NOT write to this field." */
VIRTIO_TEST(write_to_events_read_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.4.1", .flags = TEST_READS)
{
    uint32_t before = gpu_config(dev, READ);
    require_ok(t, qvirtio_config_write(dev, READ, 4, ~before));
    expect_survives(t, dev);
}
