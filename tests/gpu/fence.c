/* SPDX-License-Identifier: MIT */
/*
 * Fences (5.7.6.5, 5.7.6.7): with VIRTIO_GPU_FLAG_FENCE "the device MUST set
 * VIRTIO_GPU_FLAG_FENCE bit in the response, copy the content of the fence_id field", and
 * send the response only after the command is done. A test of screen.c judges whether the
 * device has read the pixels by then, with the help of the hand.
 */
#include "tests/gpu/gpu_lib.h"

#define FLAG_CLAUSE "dev:5.7.6.7-1a"
#define ID_CLAUSE   "dev:5.7.6.7-1b"

static const GpuAnswer *run_fenced(QVirtioDevice *dev, uint32_t type, uint32_t id,
                                   uint64_t fence)
{
    struct virtio_gpu_resource c = {.hdr = gpu_fenced_header(type, fence),
                                    .resource_id = le32_of(id)};
    return gpu_run(dev, &c, sizeof(c), sizeof(c.hdr));
}

static void expect_fence(Test *t, const GpuAnswer *a, uint64_t fence)
{
    expect_eq(t, FLAG_CLAUSE, a->flags & VIRTIO_GPU_FLAG_FENCE, VIRTIO_GPU_FLAG_FENCE);
    expect_eq(t, ID_CLAUSE, a->fence_id, fence);
}

static bool make(Test *t, QVirtioDevice *dev, uint32_t id)
{
    return require_gpu_ok(t, gpu_create(dev, id, gpu_format(dev), 16, 16));
}

VIRTIO_TEST(fence_comes_back, .device = VIRTIO_ID_GPU, .rings = RINGS_ALL)
{
    const uint64_t fences[] = {0,          1,          UINT32_MAX,
                               1ull << 32, UINT64_MAX, random_next(&t->random)};
    for (unsigned i = 0; i < sizeof(fences) / sizeof(fences[0]); i++) {
        if (make(t, dev, 1)) {
            const GpuAnswer *a =
                run_fenced(dev, VIRTIO_GPU_CMD_RESOURCE_UNREF, 1, fences[i]);
            expect_gpu_ok(t, GPU_OK, a);
            expect_fence(t, a, fences[i]);
        }
    }
}

VIRTIO_TEST(fence_comes_back_with_a_payload, .device = VIRTIO_ID_GPU)
{
    const uint64_t fence = random_next(&t->random);
    struct virtio_gpu_ctrl_hdr c =
        gpu_fenced_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, fence);
    const uint32_t bytes = sizeof(struct virtio_gpu_resp_display_info);
    const GpuAnswer *a = gpu_run(dev, &c, sizeof(c), bytes);
    expect_gpu(t, GPU_OK, a, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, bytes);
    expect_fence(t, a, fence);
}

VIRTIO_TEST(fence_comes_back_with_an_error, .device = VIRTIO_ID_GPU)
{
    const uint64_t fence = random_next(&t->random);
    const GpuAnswer *a = run_fenced(dev, VIRTIO_GPU_CMD_RESOURCE_UNREF, 77, fence);
    expect_gpu_error(t, GPU_ERROR, a);
    expect_fence(t, a, fence);
}

/* "The device MUST finish the processing before returning the command then": the response
 * must say how the command ended, as it does without a fence. */
VIRTIO_TEST(fenced_command_knows_its_end, .device = VIRTIO_ID_GPU)
{
    static const uint32_t commands[] = {VIRTIO_GPU_CMD_RESOURCE_UNREF,
                                        VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING};
    for (unsigned i = 0; i < 2; i++) {
        const GpuAnswer *plain = gpu_resource_command(dev, commands[i], 77);
        if (!gpu_is_error(plain)) {
            test_skip(t, "the device does not refuse a command for an unknown resource");
            return;
        }
        const GpuAnswer *fenced = run_fenced(dev, commands[i], 77, i);
        require_ok(t, fenced->err);
        expect_eq(t, "dev:5.7.6.5-2", fenced->type, plain->type);
    }
}

/* 5.7.6.7: only drivers that have negotiated CONTEXT_INIT may set
 * VIRTIO_GPU_FLAG_INFO_RING_IDX. */
VIRTIO_TEST(ring_index_without_contexts_does_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.7")
{
    struct virtio_gpu_ctrl_hdr c = gpu_fenced_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, 9);
    c.flags = le32_of(VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX);
    c.ring_idx = 0xff;
    c.ctx_id = le32_of(UINT32_MAX);
    gpu_run(dev, &c, sizeof(c), sizeof(struct virtio_gpu_resp_display_info));
    expect_survives(t, dev);
}
