/* SPDX-License-Identifier: MIT */
/*
 * Which displays the device has: config space (5.7.4) and GET_DISPLAY_INFO (5.7.6.8). The
 * tests judge sizes where the truth says them.
 */
#include "drivers/virtio/truths.h"
#include "tests/gpu/gpu_lib.h"

typedef struct virtio_gpu_resp_display_info DisplayInfo;

static const DisplayInfo *get_info(Test *t, QVirtioDevice *dev)
{
    struct virtio_gpu_ctrl_hdr c = gpu_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
    const GpuAnswer *a = gpu_run(dev, &c, sizeof(c), sizeof(DisplayInfo));
    return expect_gpu(t, GPU_OK, a, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, sizeof(DisplayInfo))
               ? a->data
               : NULL;
}

/* "Minimum value is 1, maximum value is 16." */
VIRTIO_TEST(there_are_1_to_16_scanouts, .device = VIRTIO_ID_GPU,
            .flags = TEST_READS | TEST_RAW)
{
    uint32_t scanouts = gpu_scanouts(dev);
    expect_ge(t, "virtio 5.7.4", scanouts, 1);
    expect_le(t, "virtio 5.7.4", scanouts, VIRTIO_GPU_MAX_SCANOUTS);
}

/* "The value is a power of two. Minimum value is 1". */
VIRTIO_TEST(blob_alignment_is_a_power_of_two, .device = VIRTIO_ID_GPU,
            .flags = TEST_READS | TEST_RAW,
            .needs = FEATURES(VIRTIO_GPU_F_RESOURCE_BLOB, VIRTIO_GPU_F_BLOB_ALIGNMENT))
{
    uint32_t align = gpu_config(dev, offsetof(struct virtio_gpu_config, blob_alignment));
    expect_that(t, "virtio 5.7.4", align && !(align & (align - 1)), "a power of two",
                "%u", align);
}

VIRTIO_TEST(enabled_scanouts_have_a_size, .device = VIRTIO_ID_GPU, .flags = TEST_READS)
{
    const DisplayInfo *info = get_info(t, dev);
    for (unsigned i = 0; info && i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
        if (le32_get(info->pmodes[i].enabled)) {
            expect_ne(t, GPU_OK, le32_get(info->pmodes[i].r.width), 0);
            expect_ne(t, GPU_OK, le32_get(info->pmodes[i].r.height), 0);
        }
    }
}

VIRTIO_TEST(scanouts_past_the_last_are_not_enabled, .device = VIRTIO_ID_GPU,
            .flags = TEST_READS)
{
    const DisplayInfo *info = get_info(t, dev);
    for (unsigned i = gpu_scanouts(dev); info && i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
        expect_eq(t, GPU_OK, le32_get(info->pmodes[i].enabled), 0);
    }
}

static const char *is_size_told(QVirtioDevice *dev)
{
    uint64_t v;
    bool is_told =
        qvirtio_truth_u64(dev, "xres", &v) && qvirtio_truth_u64(dev, "yres", &v);
    return is_told
               ? NULL
               : "the size of scanout 0 is unknown; pass know=gpu.N.xres=X,gpu.N.yres=Y";
}

VIRTIO_TEST(first_scanout_has_the_size_that_was_told, .device = VIRTIO_ID_GPU,
            .why_not = is_size_told, .flags = TEST_READS)
{
    uint64_t width = 0, height = 0;
    const DisplayInfo *info = get_info(t, dev);
    qvirtio_truth_u64(dev, "xres", &width);
    qvirtio_truth_u64(dev, "yres", &height);
    if (info) {
        expect_ne(t, GPU_OK, le32_get(info->pmodes[0].enabled), 0);
        expect_eq(t, GPU_OK, le32_get(info->pmodes[0].r.width), width);
        expect_eq(t, GPU_OK, le32_get(info->pmodes[0].r.height), height);
    }
}
