/* SPDX-License-Identifier: MIT */
/*
 * Shared memory of the GPU (5.7.5): which regions the device has, and how a blob in its
 * own memory is mapped into the region that the driver sees (5.7.6.9). Blobs that need
 * commands of a rendering context are left out; the test is skipped where the device has
 * no others.
 */
#include "drivers/virtio/bus.h"
#include "tests/gpu/gpu_lib.h"

#define IDS        32 /* the number of ids that are tried */
#define BLOB_BYTES 4096

static bool has_region(QVirtioDevice *dev, uint8_t id)
{
    dma_addr at;
    uint64_t bytes = 0;
    return dev->bus->shm_region(dev, id, &at, &bytes) == 0 && bytes;
}

/* "the shmid of a region MUST be one of the following" */
VIRTIO_TEST(shared_memory_is_of_the_list, .device = VIRTIO_ID_GPU,
            .flags = TEST_READS | TEST_RAW)
{
    unsigned found = 0;
    for (unsigned id = 0; id < IDS; id++) {
        if (has_region(dev, id)) {
            found++;
            expect_le(t, "dev:5.7.5-5", id, VIRTIO_GPU_SHM_ID_HOST_VISIBLE);
        }
    }
    if (!found) {
        test_skip(t, "the device has no shared memory");
    }
}

static const char *has_no_window(QVirtioDevice *dev)
{
    return has_region(dev, VIRTIO_GPU_SHM_ID_HOST_VISIBLE)
               ? NULL
               : "the device has no host visible memory";
}

/* Creates a blob in memory of the device, which needs a context. Returns false when the
 * test is over. */
static bool make_host_blob(Test *t, QVirtioDevice *dev, uint32_t id)
{
    struct virtio_gpu_ctx_create ctx = {.hdr = gpu_header(VIRTIO_GPU_CMD_CTX_CREATE)};
    struct virtio_gpu_resource_create_blob c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB),
        .resource_id = le32_of(id),
        .blob_mem = le32_of(VIRTIO_GPU_BLOB_MEM_HOST3D),
        .blob_flags = le32_of(VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE),
        .size = le64_of(BLOB_BYTES),
    };
    ctx.hdr.ctx_id = c.hdr.ctx_id = le32_of(1);
    const GpuAnswer *made = gpu_run(dev, &ctx, sizeof(ctx), sizeof(ctx.hdr));
    if (!gpu_is_error(made)) {
        made = gpu_run(dev, &c, sizeof(c), sizeof(c.hdr));
    }
    if (gpu_is_error(made)) {
        test_skip(
            t, "the device makes no blob in its own memory without rendering commands");
        return false;
    }
    return require_gpu_ok(t, made);
}

/* "The device MUST support the VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB and
 * VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB if the host visible memory region is available." */
VIRTIO_TEST(host_blob_is_mapped_and_unmapped, .device = VIRTIO_ID_GPU,
            .needs = FEATURES(VIRTIO_GPU_F_VIRGL, VIRTIO_GPU_F_RESOURCE_BLOB),
            .why_not = has_no_window)
{
    struct virtio_gpu_resource_map_blob c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB),
        .resource_id = le32_of(1),
        .offset = le64_of(BLOB_BYTES),
    };
    if (!make_host_blob(t, dev, 1)) {
        return;
    }
    const GpuAnswer *mapped =
        gpu_run(dev, &c, sizeof(c), sizeof(struct virtio_gpu_resp_map_info));
    require_ok(t, mapped->err);
    if (expect_eq(t, "dev:5.7.5-6", mapped->type, VIRTIO_GPU_RESP_OK_MAP_INFO)) {
        const GpuAnswer *gone =
            gpu_resource_command(dev, VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, 1);
        expect_gpu_ok(t, "dev:5.7.5-6", gone);
    }
}
