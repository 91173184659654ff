/* SPDX-License-Identifier: MIT */
/*
 * The GPU's 2D commands (5.7.6.8) and the commands of the cursor (5.7.6.10), filled in as
 * a correct driver does it. The caller judges the response.
 */
#include "drivers/virtio/device/gpu.h"

#define RESPONSE_BYTES sizeof(struct virtio_gpu_ctrl_hdr)

struct virtio_gpu_rect gpu_rect(GpuRect r)
{
    return (struct virtio_gpu_rect){le32_of(r.x), le32_of(r.y), le32_of(r.width),
                                    le32_of(r.height)};
}

const GpuAnswer *gpu_create(QVirtioDevice *d, uint32_t id, uint32_t format,
                            uint32_t width, uint32_t height)
{
    struct virtio_gpu_resource_create_2d c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D),
        .resource_id = le32_of(id),
        .format = le32_of(format),
        .width = le32_of(width),
        .height = le32_of(height),
    };
    return gpu_run(d, &c, sizeof(c), RESPONSE_BYTES);
}

const GpuAnswer *gpu_resource_command(QVirtioDevice *d, uint32_t type, uint32_t id)
{
    struct virtio_gpu_resource c = {.hdr = gpu_header(type), .resource_id = le32_of(id)};
    return gpu_run(d, &c, sizeof(c), RESPONSE_BYTES);
}

const GpuAnswer *gpu_attach(QVirtioDevice *d, uint32_t id, const QVirtioSg *pieces,
                            unsigned count)
{
    struct virtio_gpu_resource_attach_backing *c;
    uint32_t bytes = sizeof(*c) + count * sizeof(struct virtio_gpu_mem_entry);

    c = arena_lend(bytes, 8);
    if (!c) {
        return &gpu_no_memory;
    }
    *c = (struct virtio_gpu_resource_attach_backing){
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING),
        .resource_id = le32_of(id),
        .nr_entries = le32_of(count),
    };
    struct virtio_gpu_mem_entry *entry = (void *)(c + 1);
    for (unsigned i = 0; i < count; i++) {
        entry[i].addr = le64_of(pieces[i].addr.raw);
        entry[i].length = le32_of(pieces[i].len);
    }
    return gpu_run(d, c, bytes, RESPONSE_BYTES);
}

const GpuAnswer *gpu_transfer(QVirtioDevice *d, uint32_t id, GpuRect r, uint64_t offset)
{
    struct virtio_gpu_transfer_to_host_2d c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D),
        .r = gpu_rect(r),
        .offset = le64_of(offset),
        .resource_id = le32_of(id),
    };
    return gpu_run(d, &c, sizeof(c), RESPONSE_BYTES);
}

const GpuAnswer *gpu_set_scanout(QVirtioDevice *d, uint32_t scanout, uint32_t id,
                                 GpuRect r)
{
    struct virtio_gpu_set_scanout c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_SET_SCANOUT),
        .r = gpu_rect(r),
        .scanout_id = le32_of(scanout),
        .resource_id = le32_of(id),
    };
    return gpu_run(d, &c, sizeof(c), RESPONSE_BYTES);
}

const GpuAnswer *gpu_flush(QVirtioDevice *d, uint32_t id, GpuRect r)
{
    struct virtio_gpu_resource_flush c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_FLUSH),
        .r = gpu_rect(r),
        .resource_id = le32_of(id),
    };
    return gpu_run(d, &c, sizeof(c), RESPONSE_BYTES);
}

const GpuAnswer *gpu_cursor(QVirtioDevice *d, uint32_t type,
                            struct virtio_gpu_cursor_pos pos, uint32_t id,
                            uint32_t response_bytes)
{
    struct virtio_gpu_update_cursor c = {
        .hdr = gpu_header(type), .pos = pos, .resource_id = le32_of(id)};
    return gpu_run_on(d, VIRTIO_GPU_CURSORQ, &c, sizeof(c), response_bytes);
}
