/* SPDX-License-Identifier: MIT */
/* Responses and pictures (5.7.6.1, 5.7.6.2): see gpu_lib.h. */
#include "tests/gpu/gpu_lib.h"

const uint32_t gpu_formats[GPU_FORMATS] = {
    VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
    VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM, VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM,
    VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM,
    VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM, VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM,
};

unsigned gpu_usual(QVirtioDevice *dev)
{
    const uint32_t id = 0x6f726d61;
    for (unsigned i = 0; i < GPU_FORMATS; i++) {
        const GpuAnswer *a = gpu_create(dev, id, gpu_formats[i], GPU_SMALL, GPU_SMALL);
        if (!a->err && a->type == VIRTIO_GPU_RESP_OK_NODATA) {
            gpu_unref(dev, id);
            return i;
        }
    }
    return 0;
}

bool gpu_is_full(Test *t, const GpuAnswer *answer)
{
    bool is_full = !answer->err && answer->type == VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
    if (is_full) {
        test_skip(t, "the device has no memory for so much: ERR_OUT_OF_MEMORY");
    }
    return is_full;
}

bool expect_gpu_at(Test *t, const ExpectAt *at, const GpuAnswer *answer, uint32_t type,
                   uint32_t bytes)
{
    return expect_success(t, at, answer->err) &&
           expect_condition(t, at, answer->type == type, "the command's OK response",
                            "type 0x%x", answer->type) &&
           (!t->ring->is_packed || expect_ge(t, "virtio 2.8.4", answer->len, bytes));
}

bool gpu_is_error(const GpuAnswer *answer)
{
    return !answer->err && answer->type >= VIRTIO_GPU_RESP_ERR_UNSPEC &&
           answer->type <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
}

bool expect_gpu_error_at(Test *t, const ExpectAt *at, const GpuAnswer *answer)
{
    return expect_success(t, at, answer->err) &&
           expect_condition(t, at, gpu_is_error(answer), "VIRTIO_GPU_RESP_ERR_*",
                            "type 0x%x", answer->type);
}

uint32_t gpu_config(QVirtioDevice *dev, size_t off)
{
    uint64_t v = 0;
    return qvirtio_config_read(dev, off, 4, &v) ? 0 : (uint32_t)v;
}

uint32_t gpu_scanouts(QVirtioDevice *dev)
{
    return gpu_config(dev, offsetof(struct virtio_gpu_config, num_scanouts));
}

bool gpu_picture_back(Test *t, QVirtioDevice *dev, GpuPicture *p)
{
    p->bytes = p->width * p->height * GPU_PIXEL_BYTES;
    p->pixels = arena_lend(p->bytes, 64);
    if (!require_ok(t, p->pixels ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    pattern_fill(p->pixels, p->bytes, random_next(&t->random));
    QVirtioSg piece = {arena_map(p->pixels, p->bytes), p->bytes};
    return require_gpu_ok(t, gpu_attach(dev, p->id, &piece, 1));
}

bool gpu_picture(Test *t, QVirtioDevice *dev, GpuPicture *p, uint32_t id, uint32_t width,
                 uint32_t height)
{
    *p = (GpuPicture){.id = id, .width = width, .height = height};
    const GpuAnswer *made = gpu_create(dev, id, gpu_format(dev), width, height);
    return !gpu_is_full(t, made) && require_gpu_ok(t, made) &&
           gpu_picture_back(t, dev, p);
}

bool gpu_picture_show(Test *t, QVirtioDevice *dev, const GpuPicture *p, uint32_t scanout)
{
    GpuRect all = gpu_whole(p);
    return require_gpu_ok(t, gpu_transfer(dev, p->id, all, 0)) &&
           require_gpu_ok(t, gpu_set_scanout(dev, scanout, p->id, all)) &&
           require_gpu_ok(t, gpu_flush(dev, p->id, all));
}
