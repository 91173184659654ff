/* SPDX-License-Identifier: MIT */
/*
 * Backing of a resource (5.7.6.8): pages "are then used for the transfer operations for
 * that resource from that point on", until they are detached. The tests of screen.c judge
 * what the pictures look like, with the help of the hand.
 */
#include "tests/gpu/gpu_lib.h"

#define SIDE 32

/* Divides the picture's memory into pieces of odd sizes. Returns how many there are. */
static unsigned cut(const uint8_t *at, uint32_t bytes, QVirtioSg *pieces, unsigned most)
{
    static const uint16_t sizes[] = {64, 4, 100, 1, 3, 512, 128, 36};
    unsigned n = 0;
    for (uint32_t done = 0; done < bytes && n < most; n++) {
        uint32_t here = n + 1 == most ? bytes - done : sizes[n % 8];
        here = here < bytes - done ? here : bytes - done;
        pieces[n] = (QVirtioSg){arena_map(at + done, here), here};
        done += here;
    }
    return n;
}

static bool create(Test *t, QVirtioDevice *dev, uint32_t id)
{
    const GpuAnswer *made = gpu_create(dev, id, gpu_format(dev), SIDE, SIDE);
    return !gpu_is_full(t, made) && require_gpu_ok(t, made);
}

static uint8_t *lend_pixels(Test *t)
{
    uint8_t *at = arena_lend(SIDE * SIDE * GPU_PIXEL_BYTES, 64);
    require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY);
    return at;
}

static const GpuAnswer *transfer(QVirtioDevice *dev, uint32_t id)
{
    return gpu_transfer(dev, id, (GpuRect){0, 0, SIDE, SIDE}, 0);
}

/* "Scatter lists are supported" (5.7.6.1). */
VIRTIO_TEST(backing_may_be_scattered, .device = VIRTIO_ID_GPU, .rings = RINGS_ALL)
{
    enum { MOST = 48 };
    QVirtioSg pieces[MOST];
    uint8_t *at = lend_pixels(t);
    if (at && create(t, dev, 1)) {
        unsigned count = cut(at, SIDE * SIDE * GPU_PIXEL_BYTES, pieces, MOST);
        expect_gpu_ok(t, GPU_OK, gpu_attach(dev, 1, pieces, count));
        expect_gpu_ok(t, GPU_OK, transfer(dev, 1));
    }
}

VIRTIO_TEST(transfer_without_backing_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    if (create(t, dev, 1)) {
        transfer(dev, 1);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(transfer_of_detached_backing_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        expect_gpu_ok(t, GPU_OK, transfer(dev, 1));
        expect_gpu_ok(t, GPU_OK, gpu_detach(dev, 1));
        transfer(dev, 1);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(other_backing_may_be_attached_later, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        expect_gpu_ok(t, GPU_OK, gpu_detach(dev, 1));
        if (!gpu_picture_back(t, dev, &p)) {
            return;
        }
        expect_gpu_ok(t, GPU_OK, transfer(dev, 1));
    }
}

VIRTIO_TEST(resource_with_backing_may_be_destroyed, .device = VIRTIO_ID_GPU)
{
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        expect_gpu_ok(t, GPU_OK, gpu_unref(dev, 1));
        expect_gpu_error(t, GPU_ERROR, gpu_detach(dev, 1));
    }
}

/* "there is no support for DMA transfers from resources, just to them" (5.7.6). */
VIRTIO_TEST(backing_is_only_read, .device = VIRTIO_ID_GPU)
{
    const uint32_t bytes = SIDE * SIDE * GPU_PIXEL_BYTES;
    uint8_t *before = arena_lend(bytes, 8);
    GpuPicture p;
    if (before && gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        memcpy(before, p.pixels, bytes);
        gpu_picture_show(t, dev, &p, 0);
        expect_gpu_ok(t, GPU_OK, gpu_detach(dev, 1));
        expect_same(t, "virtio 5.7.6", p.pixels, before, bytes);
    }
}

/* The list of pages is missing, names addresses that are not memory, or comes twice. */
VIRTIO_TEST(bad_lists_of_pages_do_no_harm, .device = VIRTIO_ID_GPU, .violates = "5.7.6.8")
{
    static const uint32_t counts[] = {1, 2, 16384, 16385, 0x10000000, UINT32_MAX};
    struct virtio_gpu_resource_attach_backing c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING),
        .resource_id = le32_of(1),
    };
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, 1, SIDE, SIDE) || !create(t, dev, 2)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        c.nr_entries = le32_of(counts[i]);
        gpu_run(dev, &c, sizeof(c), sizeof(c.hdr));
    }
    QVirtioSg nowhere[] = {{{0x7fffffffff000ull}, 4096}, {{UINT64_MAX - 15}, 64}};
    gpu_attach(dev, 1, nowhere, 2);
    gpu_attach(dev, 2, nowhere, 1);
    gpu_attach(dev, 2, nowhere + 1, 1);
    transfer(dev, 2);
    expect_survives(t, dev);
}

/* The pages are too small for the box that is transferred. */
VIRTIO_TEST(backing_that_is_too_short_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    uint8_t *at = lend_pixels(t);
    if (at && create(t, dev, 1)) {
        QVirtioSg piece = {arena_map(at, 100), 100};
        expect_gpu_ok(t, GPU_OK, gpu_attach(dev, 1, &piece, 1));
        transfer(dev, 1);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(transfer_from_behind_the_backing_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.8")
{
    static const uint64_t offsets[] = {SIDE * SIDE * GPU_PIXEL_BYTES, 0xfffffff0,
                                       1ull << 32, UINT64_MAX - 3};
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, SIDE, SIDE)) {
        for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
            gpu_transfer(dev, 1, (GpuRect){1, 1, 4, 4}, offsets[i]);
        }
        expect_survives(t, dev);
    }
}
