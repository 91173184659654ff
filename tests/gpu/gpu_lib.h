/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the GPU (5.7) share: they judge responses, and make pictures, which
 * are resources with backing whose pixels are known.
 */
#ifndef GPU_LIB_H
#define GPU_LIB_H

#include "drivers/virtio/device/gpu.h"
#include "tests/harness/test.h"

/* What 5.7.6.8 says of each command: "Response type is VIRTIO_GPU_RESP_OK_NODATA" or
 * another, and 5.7.6.7 of each that cannot be done: "On error the device will return one
 * of the VIRTIO_GPU_RESP_ERR_* error codes". */
#define GPU_OK    "virtio 5.7.6.8"
#define GPU_ERROR "virtio 5.7.6.7"

/* Expect the response OK_NODATA, or one of this type and with this many bytes. */
#define expect_gpu_ok(t, clause, answer)                                            \
    expect_gpu_at(t, EXPECT_AT(clause, #answer), answer, VIRTIO_GPU_RESP_OK_NODATA, \
                  sizeof(struct virtio_gpu_ctrl_hdr))
#define require_gpu_ok(t, ...) expect_gpu_ok(t, BASIS_NONE, __VA_ARGS__)
#define expect_gpu(t, clause, answer, type, bytes) \
    expect_gpu_at(t, EXPECT_AT(clause, #answer), answer, type, bytes)
#define require_gpu(t, ...) expect_gpu(t, BASIS_NONE, __VA_ARGS__)
bool expect_gpu_at(Test *t, const ExpectAt *at, const GpuAnswer *answer, uint32_t type,
                   uint32_t bytes);
/* Expects an error: "On error the device will return one of the VIRTIO_GPU_RESP_ERR_*
 * error codes". The text does not say which one. */
#define expect_gpu_error(t, clause, answer) \
    expect_gpu_error_at(t, EXPECT_AT(clause, #answer), answer)
#define require_gpu_error(t, ...) expect_gpu_error(t, BASIS_NONE, __VA_ARGS__)
bool expect_gpu_error_at(Test *t, const ExpectAt *at, const GpuAnswer *answer);
bool gpu_is_error(const GpuAnswer *answer);

/* Returns a field of config space by its offset, or 0 when it cannot be read. */
uint32_t gpu_config(QVirtioDevice *dev, size_t off);
/* Returns the number of scanouts, or 0 when it cannot be read. */
uint32_t gpu_scanouts(QVirtioDevice *dev);

/* All formats of 2D resources. */
#define GPU_FORMATS 8
extern const uint32_t gpu_formats[GPU_FORMATS];
/* Returns the number in gpu_formats of the first format that the device takes for 2D
 * resources, B8G8R8X8 where it does: no text says which one it must have. */
unsigned gpu_usual(QVirtioDevice *dev);
#define gpu_format(dev) gpu_formats[gpu_usual(dev)]

/* The smallest width and height of a scanout that tests ask for; devices need not show
 * smaller ones. */
#define GPU_SMALL 16

typedef struct GpuPicture {
    /* The resource's id, its size in pixels, and the size of the backing in bytes. */
    uint32_t id, width, height, bytes;
    /* The backing, in one piece of lent memory. */
    uint8_t *pixels;
} GpuPicture;

/* Returns true when the command was refused for want of memory; the test is then a SKIP.
 */
bool gpu_is_full(Test *t, const GpuAnswer *answer);
/* Creates a resource of the usual format and attaches backing that holds a pattern.
 * Returns false when that fails, which is reported. */
bool gpu_picture(Test *t, QVirtioDevice *dev, GpuPicture *p, uint32_t id, uint32_t width,
                 uint32_t height);
/* Does the same for a resource of any format that exists already; the caller has set its
 * id, width and height. */
bool gpu_picture_back(Test *t, QVirtioDevice *dev, GpuPicture *p);

static inline GpuRect gpu_whole(const GpuPicture *p)
{
    return (GpuRect){0, 0, p->width, p->height};
}

/* Transfers the whole picture, shows it on the scanout, and flushes it. Returns false
 * when that fails, which is reported. */
bool gpu_picture_show(Test *t, QVirtioDevice *dev, const GpuPicture *p, uint32_t scanout);

#endif
