/* SPDX-License-Identifier: MIT */
/*
 * TRANSFER_TO_HOST_2D and RESOURCE_FLUSH (5.7.6.8): the device accepts boxes within
 * the resource, and lives with all others, also with those whose sums overflow.
 */
#include "tests/gpu/gpu_lib.h"

#define WIDTH  40
#define HEIGHT 24

/* Each box reaches beyond the resource, by a pixel or by far. */
static const GpuRect outside[] = {
    {0, 0, WIDTH + 1, HEIGHT},
    {0, 0, WIDTH, HEIGHT + 1},
    {1, 0, WIDTH, HEIGHT},
    {0, 1, WIDTH, HEIGHT},
    {WIDTH, 0, 1, 1},
    {0, HEIGHT, 1, 1},
    {WIDTH + 1, 0, UINT32_MAX, 1},
    {2, 0, UINT32_MAX, 1},
    {0, 2, 1, UINT32_MAX},
    {UINT32_MAX, UINT32_MAX, 2, 2},
    {0x80000000, 0, 0x80000000, 1},
    {0, 0x80000000, 1, 0x80000001},
};
#define OUTSIDE (sizeof(outside) / sizeof(outside[0]))

static const GpuRect inside[] = {
    {0, 0, WIDTH, HEIGHT},
    {0, 0, 1, 1},
    {WIDTH - 1, HEIGHT - 1, 1, 1},
    {3, 5, 7, 11},
    {0, 4, WIDTH, 2},
    {WIDTH / 2, 0, WIDTH / 2, HEIGHT},
    {0, HEIGHT - 1, WIDTH, 1},
};
#define INSIDE (sizeof(inside) / sizeof(inside[0]))

VIRTIO_TEST(boxes_inside_are_transferred, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, WIDTH, HEIGHT)) {
        for (unsigned i = 0; i < INSIDE; i++) {
            uint64_t offset =
                (uint64_t)(inside[i].y * WIDTH + inside[i].x) * GPU_PIXEL_BYTES;
            expect_gpu_ok(t, GPU_OK, gpu_transfer(dev, 1, inside[i], offset));
        }
    }
}

VIRTIO_TEST(transfer_of_a_box_that_sticks_out_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, WIDTH, HEIGHT)) {
        for (unsigned i = 0; i < OUTSIDE; i++) {
            gpu_transfer(dev, 1, outside[i], 0);
        }
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(resource_on_no_scanout_may_be_flushed, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, WIDTH, HEIGHT)) {
        for (unsigned i = 0; i < INSIDE; i++) {
            expect_gpu_ok(t, GPU_OK, gpu_flush(dev, 1, inside[i]));
        }
    }
}

VIRTIO_TEST(flush_of_a_box_that_sticks_out_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, WIDTH, HEIGHT) && gpu_picture_show(t, dev, &p, 0)) {
        for (unsigned i = 0; i < OUTSIDE; i++) {
            gpu_flush(dev, 1, outside[i]);
        }
        expect_survives(t, dev);
    }
}
