/* SPDX-License-Identifier: MIT */
/*
 * SET_SCANOUT (5.7.6.1, 5.7.6.3, 5.7.6.4, 5.7.6.8): which rectangle of which resource a
 * scanout shows. The tests of screen.c judge what can then be seen, with the help of the
 * hand.
 */
#include "tests/gpu/gpu_lib.h"

#define SIDE 48

VIRTIO_TEST(scanout_takes_a_resource_and_lets_it_go, .device = VIRTIO_ID_GPU)
{
    const GpuRect none = {0};
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        gpu_picture_show(t, dev, &p, 0);
        /* "The driver can use resource_id = 0 to disable a scanout." */
        expect_gpu_ok(t, GPU_OK, gpu_set_scanout(dev, 0, 0, none));
    }
    expect_gpu_ok(t, GPU_OK, gpu_set_scanout(dev, 0, 0, none));
    expect_gpu_ok(t, GPU_OK, gpu_flush(dev, 1, gpu_whole(&p)));
}

VIRTIO_TEST(each_scanout_takes_a_part, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        return;
    }
    for (uint32_t i = 0; i < gpu_scanouts(dev); i++) {
        GpuRect part = {i % 3 * GPU_SMALL, i % 2 * GPU_SMALL, GPU_SMALL, GPU_SMALL};
        expect_gpu_ok(t, GPU_OK, gpu_set_scanout(dev, i, 1, part));
        expect_gpu_ok(t, GPU_OK, gpu_flush(dev, 1, part));
    }
}

/* "Overlapping (or identical) scanouts are allowed". */
VIRTIO_TEST(scanouts_may_mirror_each_other, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    uint32_t scanouts = gpu_scanouts(dev);
    if (scanouts < 2) {
        test_skip(t, "the device has only one scanout");
    } else if (gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        for (uint32_t i = 0; i < scanouts; i++) {
            gpu_picture_show(t, dev, &p, i);
        }
        expect_gpu_ok(t, GPU_OK, gpu_unref(dev, 1));
    }
}

/* 5.7.6.3, Using pageflip: the driver shows two resources in turn. */
VIRTIO_TEST(pages_may_be_flipped, .device = VIRTIO_ID_GPU)
{
    GpuPicture p[2];
    if (!gpu_picture(t, dev, &p[0], 1, SIDE, SIDE) ||
        !gpu_picture(t, dev, &p[1], 2, SIDE, SIDE)) {
        return;
    }
    for (unsigned i = 0; i < 6; i++) {
        gpu_picture_show(t, dev, &p[i % 2], 0);
    }
    expect_gpu_ok(t, GPU_OK, gpu_unref(dev, 1));
    gpu_picture_show(t, dev, &p[1], 0);
}

VIRTIO_TEST(scanout_past_the_last_is_refused, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        GpuRect all = gpu_whole(&p);
        expect_gpu_error(t, GPU_ERROR, gpu_set_scanout(dev, gpu_scanouts(dev), 1, all));
        expect_gpu_error(t, GPU_ERROR,
                         gpu_set_scanout(dev, VIRTIO_GPU_MAX_SCANOUTS, 1, all));
        expect_gpu_error(t, GPU_ERROR, gpu_set_scanout(dev, UINT32_MAX, 1, all));
        expect_gpu_error(t, GPU_ERROR, gpu_set_scanout(dev, UINT32_MAX, 0, all));
        gpu_picture_show(t, dev, &p, 0);
    }
}

/* "Scanout rectangles must be completely covered by the underlying resource." */
VIRTIO_TEST(uncovered_rectangle_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    static const GpuRect outside[] = {
        {0, 0, SIDE + 1, SIDE},
        {0, 0, SIDE, SIDE + 1},
        {SIDE - GPU_SMALL + 1, 0, 16, 16},
        {0, SIDE - GPU_SMALL + 1, 16, 16},
        {20, 0, UINT32_MAX, 16},
        {0, 20, 16, UINT32_MAX},
        {UINT32_MAX - 15, 0, 32, 32},
        {0, UINT32_MAX - 15, 32, 32},
        {0x80000010, 0, 0x80000000, 16},
    };
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
            gpu_set_scanout(dev, 0, 1, outside[i]);
            gpu_flush(dev, 1, gpu_whole(&p));
        }
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(resource_on_show_may_be_destroyed, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE) && gpu_picture_show(t, dev, &p, 0)) {
        expect_gpu_ok(t, GPU_OK, gpu_unref(dev, 1));
        expect_gpu_error(t, GPU_ERROR, gpu_flush(dev, 1, gpu_whole(&p)));
        if (gpu_picture(t, dev, &p, 1, SIDE + 16, SIDE)) {
            gpu_picture_show(t, dev, &p, 0);
        }
    }
}

VIRTIO_TEST(resource_on_show_may_lose_its_backing, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE) && gpu_picture_show(t, dev, &p, 0)) {
        expect_gpu_ok(t, GPU_OK, gpu_detach(dev, 1));
        expect_gpu_ok(t, GPU_OK, gpu_flush(dev, 1, gpu_whole(&p)));
    }
}
