/* SPDX-License-Identifier: MIT */
/*
 * The cursor queue (5.7.6.6, 5.7.6.10): a picture of 64 x 64 pixels is shown somewhere,
 * moved and removed. Drivers give these commands no room for a response, so the tests
 * send them with and without that room.
 */
#include "tests/gpu/gpu_lib.h"

#define SIDE   VIRTIO_GPU_CURSOR_PIXELS
#define UPDATE VIRTIO_GPU_CMD_UPDATE_CURSOR
#define MOVE   VIRTIO_GPU_CMD_MOVE_CURSOR

static struct virtio_gpu_cursor_pos place(uint32_t scanout, uint32_t x, uint32_t y)
{
    return (struct virtio_gpu_cursor_pos){
        .scanout_id = le32_of(scanout), .x = le32_of(x), .y = le32_of(y)};
}

static bool make_shape(Test *t, QVirtioDevice *dev, GpuPicture *p)
{
    *p = (GpuPicture){.id = 9, .width = SIDE, .height = SIDE};
    const GpuAnswer *made =
        gpu_create(dev, 9, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, SIDE, SIDE);
    if (gpu_is_error(made)) {
        test_skip(t, "the device makes no picture of 64 x 64 pixels of B8G8R8A8");
        return false;
    }
    return require_gpu_ok(t, made) && gpu_picture_back(t, dev, p) &&
           expect_gpu_ok(t, GPU_OK, gpu_transfer(dev, 9, gpu_whole(p), 0));
}

VIRTIO_TEST(cursor_is_shown_moved_and_hidden, .device = VIRTIO_ID_GPU, .rings = RINGS_ALL)
{
    GpuPicture p;
    if (!make_shape(t, dev, &p)) {
        return;
    }
    for (uint32_t scanout = 0; scanout < gpu_scanouts(dev); scanout++) {
        expect_ok(t, GPU_OK, gpu_cursor(dev, UPDATE, place(scanout, 1, 2), 9, 0)->err);
        expect_ok(t, GPU_OK, gpu_cursor(dev, MOVE, place(scanout, 30, 20), 9, 0)->err);
        expect_ok(t, GPU_OK, gpu_cursor(dev, MOVE, place(scanout, 100000, 0), 9, 0)->err);
        expect_ok(t, GPU_OK, gpu_cursor(dev, UPDATE, place(scanout, 0, 0), 0, 0)->err);
    }
    expect_gpu_ok(t, GPU_OK, gpu_unref(dev, 9));
}

/* OK_NODATA; or an error, where the device has no cursor. */
static void expect_response(Test *t, const GpuAnswer *a)
{
    if (!gpu_is_error(a)) {
        expect_gpu_ok(t, GPU_OK, a);
    }
}

/* "Both queues have the same format. Each request and each response have a fixed header":
 * for both commands "Response type is VIRTIO_GPU_RESP_OK_NODATA". */
VIRTIO_TEST(cursor_commands_get_a_response, .device = VIRTIO_ID_GPU)
{
    const uint32_t bytes = sizeof(struct virtio_gpu_ctrl_hdr);
    GpuPicture p;
    if (make_shape(t, dev, &p)) {
        expect_response(t, gpu_cursor(dev, UPDATE, place(0, 1, 2), 9, bytes));
        expect_response(t, gpu_cursor(dev, MOVE, place(0, 3, 4), 9, bytes));
    }
}

/* The commands name resources of another size or unknown ones, or scanouts that do not
 * exist, or they are too short. */
VIRTIO_TEST(bad_cursors_do_no_harm, .device = VIRTIO_ID_GPU, .violates = "5.7.6.6")
{
    static const uint32_t scanouts[] = {VIRTIO_GPU_MAX_SCANOUTS, 0x80000000, UINT32_MAX};
    struct virtio_gpu_update_cursor c = {.hdr = gpu_header(UPDATE)};
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, 1, 32, 128)) {
        return;
    }
    gpu_cursor(dev, UPDATE, place(0, 0, 0), 1, 0);
    gpu_cursor(dev, UPDATE, place(0, 0, 0), 77, 0);
    for (unsigned i = 0; i < 3; i++) {
        gpu_cursor(dev, UPDATE, place(scanouts[i], 0, 0), 1, 0);
        gpu_cursor(dev, MOVE, place(scanouts[i], 0, 0), 1, 0);
    }
    gpu_run_on(dev, VIRTIO_GPU_CURSORQ, &c, sizeof(c) - 4, 0);
    gpu_run_on(dev, VIRTIO_GPU_CURSORQ, &c, 1, 0);
    expect_survives(t, dev);
}
