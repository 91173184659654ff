/* SPDX-License-Identifier: MIT */
/*
 * What can be seen (5.7.6.1 to 5.7.6.3, 5.7.6.8): the hand reads the pixels of the first
 * scanout. The right bytes of the backing must be in the right places, in each format.
 */
#include "kernel/lib/crc32.h"
#include "kernel/lib/printf.h"
#include "tests/gpu/gpu_lib.h"
#include "tests/harness/hand.h"

#define SIDE      GPU_SMALL
#define STRIDE    (SIDE * GPU_PIXEL_BYTES)
#define RGB_BYTES (SIDE * SIDE * 3)

/* Which byte of a pixel holds each colour, for each of gpu_formats. */
static const struct {
    uint8_t red, green, blue;
} colours[GPU_FORMATS] = {{2, 1, 0}, {2, 1, 0}, {1, 2, 3}, {1, 2, 3},
                          {0, 1, 2}, {3, 2, 1}, {3, 2, 1}, {0, 1, 2}};
/* The format of pictures. */
#define USUAL gpu_usual(dev)

/* Converts pixels, with `stride` bytes a line, to the red, green and blue bytes that the
 * hand tells. */
static void to_rgb(uint8_t *to, const uint8_t *pixels, uint32_t stride, unsigned format)
{
    for (unsigned i = 0; i < SIDE * SIDE; i++) {
        const uint8_t *pixel = pixels + i / SIDE * stride + i % SIDE * GPU_PIXEL_BYTES;
        *to++ = pixel[colours[format].red];
        *to++ = pixel[colours[format].green];
        *to++ = pixel[colours[format].blue];
    }
}

/* Asks for all pixels one by one. The answer is a long line, so this is done only after a
 * failure. */
static bool get_pixels(Test *t, QVirtioDevice *dev, uint8_t *seen)
{
    const char *digits = hand_ask(t, dev, "pixels 0 0 %u %u", SIDE, SIDE);
    return digits && require_eq(t, hex_decode(digits, seen, RGB_BYTES), RGB_BYTES);
}

/* Expects that the first scanout shows these pixels and no others. Compares the checksum
 * first, and the pixels themselves only when it differs. */
static bool expect_seen_in(Test *t, const char *clause, QVirtioDevice *dev,
                           const uint8_t *pixels, uint32_t stride, unsigned format)
{
    char wanted[32];
    uint8_t expected[RGB_BYTES], seen[RGB_BYTES];
    to_rgb(expected, pixels, stride, format);
    ksnprintf(wanted, sizeof(wanted), "%u %u 0x%08x", SIDE, SIDE,
              crc32_more(0, expected, RGB_BYTES));
    const char *sum = hand_ask(t, dev, "screen");
    bool is_same = sum && strcmp(sum, wanted) == 0;
    if (!sum || (!is_same && !get_pixels(t, dev, seen))) {
        return false;
    }
    const uint8_t *shown = is_same ? expected : seen;
    return expect_same(t, clause, shown, expected, RGB_BYTES) &&
           expect_that(t, clause, is_same, wanted, "another size of the screen");
}

static bool expect_seen(Test *t, const char *clause, QVirtioDevice *dev,
                        const uint8_t *pixels)
{
    return expect_seen_in(t, clause, dev, pixels, STRIDE, USUAL);
}

static bool show_new(Test *t, QVirtioDevice *dev, GpuPicture *p, uint32_t id)
{
    return gpu_picture(t, dev, p, id, SIDE, SIDE) && gpu_picture_show(t, dev, p, 0);
}

VIRTIO_TEST(picture_is_seen, .device = VIRTIO_ID_GPU, .flags = TEST_HAND)
{
    GpuPicture p;
    if (show_new(t, dev, &p, 1)) {
        expect_seen(t, GPU_OK, dev, p.pixels);
    }
}

VIRTIO_TEST(formats_have_their_colours_in_order, .device = VIRTIO_ID_GPU,
            .flags = TEST_HAND)
{
    for (unsigned i = 0; i < GPU_FORMATS; i++) {
        GpuPicture p = {.id = i + 1, .width = SIDE, .height = SIDE};
        if (gpu_is_error(gpu_create(dev, p.id, gpu_formats[i], SIDE, SIDE))) {
            continue;
        }
        if (!gpu_picture_back(t, dev, &p) || !gpu_picture_show(t, dev, &p, 0) ||
            !expect_seen_in(t, GPU_OK, dev, p.pixels, STRIDE, i)) {
            return;
        }
    }
}

/* The pieces do not end where lines end, and their order is not that of memory. */
VIRTIO_TEST(scattered_backing_is_put_together, .device = VIRTIO_ID_GPU,
            .flags = TEST_HAND)
{
    static const uint16_t starts[] = {0, 100, 256, 292, 512, 516, 768, 828, 1024};
    static const uint8_t order[] = {5, 0, 3, 7, 1, 6, 4, 2};
    QVirtioSg pieces[sizeof(order)];
    uint8_t whole[SIDE * STRIDE], *to = whole;
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, 1, SIDE, SIDE) ||
        !require_gpu_ok(t, gpu_detach(dev, 1))) {
        return;
    }
    for (unsigned i = 0; i < sizeof(order); i++) {
        const uint8_t *from = p.pixels + starts[order[i]];
        uint32_t bytes = starts[order[i] + 1] - starts[order[i]];
        pieces[i] = (QVirtioSg){arena_map(from, bytes), bytes};
        memcpy(to, from, bytes);
        to += bytes;
    }
    if (require_gpu_ok(t, gpu_attach(dev, 1, pieces, sizeof(order))) &&
        gpu_picture_show(t, dev, &p, 0)) {
        expect_seen(t, GPU_OK, dev, whole);
    }
}

/* Changes the whole backing and transfers a box of it. All pixels outside the box must
 * look as before. */
static void transfer_box(Test *t, QVirtioDevice *dev, GpuRect box)
{
    uint8_t whole[SIDE * STRIDE];
    GpuPicture p;
    if (!show_new(t, dev, &p, 1)) {
        return;
    }
    memcpy(whole, p.pixels, sizeof(whole));
    pattern_fill(p.pixels, p.bytes, random_next(&t->random));
    uint32_t start = box.y * STRIDE + box.x * GPU_PIXEL_BYTES;
    for (uint32_t y = 0; y < box.height; y++) {
        memcpy(whole + start + y * STRIDE, p.pixels + start + y * STRIDE,
               box.width * GPU_PIXEL_BYTES);
    }
    if (require_gpu_ok(t, gpu_transfer(dev, 1, box, start)) &&
        require_gpu_ok(t, gpu_flush(dev, 1, box))) {
        expect_seen(t, GPU_OK, dev, whole);
    }
}

VIRTIO_TEST(box_lands_where_it_belongs, .device = VIRTIO_ID_GPU, .flags = TEST_HAND)
{
    transfer_box(t, dev, (GpuRect){3, 5, 7, 4});
}

VIRTIO_TEST(box_of_the_last_rows_leaves_the_rest, .device = VIRTIO_ID_GPU,
            .flags = TEST_HAND)
{
    transfer_box(t, dev, (GpuRect){0, SIDE - 3, SIDE, 3});
}

VIRTIO_TEST(box_of_the_first_rows_leaves_the_rest, .device = VIRTIO_ID_GPU,
            .flags = TEST_HAND)
{
    transfer_box(t, dev, (GpuRect){0, 0, SIDE, 3});
}

VIRTIO_TEST(scanout_shows_its_part, .device = VIRTIO_ID_GPU, .flags = TEST_HAND)
{
    enum { WIDTH = 48, X = 13, Y = 6 };
    const GpuRect part = {X, Y, SIDE, SIDE};
    GpuPicture p;
    if (gpu_picture(t, dev, &p, 1, WIDTH, 32) &&
        require_gpu_ok(t, gpu_transfer(dev, 1, gpu_whole(&p), 0)) &&
        require_gpu_ok(t, gpu_set_scanout(dev, 0, 1, part)) &&
        require_gpu_ok(t, gpu_flush(dev, 1, part))) {
        expect_seen_in(t, GPU_OK, dev, p.pixels + (Y * WIDTH + X) * GPU_PIXEL_BYTES,
                       WIDTH * GPU_PIXEL_BYTES, USUAL);
    }
}

VIRTIO_TEST(flipped_page_is_seen, .device = VIRTIO_ID_GPU, .flags = TEST_HAND)
{
    GpuPicture p[2];
    if (show_new(t, dev, &p[0], 1) && show_new(t, dev, &p[1], 2) &&
        expect_seen(t, GPU_OK, dev, p[1].pixels) && gpu_picture_show(t, dev, &p[0], 0)) {
        expect_seen(t, GPU_OK, dev, p[0].pixels);
    }
}

/* "The device MUST finish the processing before returning the command then": a later
 * change of the backing must not be seen. */
VIRTIO_TEST(fenced_transfer_has_read_its_pixels, .device = VIRTIO_ID_GPU,
            .flags = TEST_HAND)
{
    uint8_t whole[SIDE * STRIDE];
    GpuPicture p;
    if (!show_new(t, dev, &p, 1)) {
        return;
    }
    struct virtio_gpu_transfer_to_host_2d c = {
        .hdr = gpu_fenced_header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, 1),
        .r = gpu_rect(gpu_whole(&p)),
        .resource_id = le32_of(1),
    };
    pattern_fill(p.pixels, p.bytes, random_next(&t->random));
    memcpy(whole, p.pixels, sizeof(whole));
    const GpuAnswer *a = gpu_run(dev, &c, sizeof(c), sizeof(c.hdr));
    memset(p.pixels, 0, p.bytes);
    if (require_gpu_ok(t, a) && require_gpu_ok(t, gpu_flush(dev, 1, gpu_whole(&p)))) {
        expect_seen(t, "dev:5.7.6.5-2", dev, whole);
    }
}
