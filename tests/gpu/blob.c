/* SPDX-License-Identifier: MIT */
/*
 * Blob resources in guest memory, and UUIDs of resources (5.7.6.8). The tests of
 * shared_memory.c are about blobs in memory of the device.
 */
#include "tests/gpu/gpu_lib.h"

#define SIDE        32
#define STRIDE      (SIDE * GPU_PIXEL_BYTES)
#define BLOB_BYTES  (SIDE * STRIDE)
#define NEEDS_BLOB  FEATURES(VIRTIO_GPU_F_RESOURCE_BLOB)
#define NEEDS_UUID  FEATURES(VIRTIO_GPU_F_RESOURCE_UUID)
#define UUID_ANSWER sizeof(struct virtio_gpu_resp_resource_uuid)

typedef struct BlobCommand {
    struct virtio_gpu_resource_create_blob c;
    struct virtio_gpu_mem_entry entry;
} BlobCommand;

/* Creates a blob resource of BLOB_BYTES bytes of lent memory. */
static const GpuAnswer *create_blob(QVirtioDevice *dev, uint32_t id, uint32_t mem,
                                    const void *lent)
{
    BlobCommand b = {
        .c = {.hdr = gpu_header(VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB),
              .resource_id = le32_of(id),
              .blob_mem = le32_of(mem),
              .nr_entries = le32_of(1),
              .size = le64_of(BLOB_BYTES)},
        .entry = {.addr = le64_of(arena_map(lent, BLOB_BYTES).raw),
                  .length = le32_of(BLOB_BYTES)},
    };
    return gpu_run(dev, &b, sizeof(b), sizeof(b.c.hdr));
}

static const GpuAnswer *show(QVirtioDevice *dev, uint32_t id, uint32_t height,
                             uint32_t offset)
{
    struct virtio_gpu_set_scanout_blob c = {
        .hdr = gpu_header(VIRTIO_GPU_CMD_SET_SCANOUT_BLOB),
        .r = gpu_rect((GpuRect){0, 0, SIDE, height}),
        .resource_id = le32_of(id),
        .width = le32_of(SIDE),
        .height = le32_of(height),
        .format = le32_of(gpu_format(dev)),
        .strides = {le32_of(STRIDE)},
        .offsets = {le32_of(offset)},
    };
    return gpu_run(dev, &c, sizeof(c), sizeof(c.hdr));
}

static uint8_t *lend_blob(Test *t)
{
    uint8_t *at = arena_lend(BLOB_BYTES, 4096);
    require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY);
    return at;
}

VIRTIO_TEST(blob_of_guest_memory_is_shown, .device = VIRTIO_ID_GPU, .needs = NEEDS_BLOB)
{
    uint8_t *at = lend_blob(t);
    if (at) {
        const GpuAnswer *made = create_blob(dev, 1, VIRTIO_GPU_BLOB_MEM_GUEST, at);
        if (gpu_is_error(made)) {
            test_skip(t, "the device makes no blob of guest memory");
            return;
        }
        expect_gpu_ok(t, GPU_OK, made);
        expect_gpu_ok(t, GPU_OK, show(dev, 1, SIDE, 0));
        expect_gpu_ok(t, GPU_OK, gpu_flush(dev, 1, (GpuRect){0, 0, SIDE, SIDE}));
        expect_gpu_ok(t, GPU_OK, gpu_unref(dev, 1));
        expect_gpu_error(t, GPU_ERROR, gpu_unref(dev, 1));
    }
}

VIRTIO_TEST(scanout_past_the_end_of_a_blob_does_no_harm, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_BLOB, .violates = "5.7.6.8")
{
    uint8_t *at = lend_blob(t);
    if (at) {
        create_blob(dev, 1, VIRTIO_GPU_BLOB_MEM_GUEST, at);
        show(dev, 1, SIDE + 1, 0);
        show(dev, 1, SIDE, STRIDE);
        show(dev, 1, SIDE, UINT32_MAX - 3);
        show(dev, 2, SIDE, 0);
        expect_survives(t, dev);
    }
}

/* "blob_mem, which MUST be non-zero". */
VIRTIO_TEST(blob_of_no_memory_does_no_harm, .device = VIRTIO_ID_GPU, .needs = NEEDS_BLOB,
            .violates = "5.7.6.8")
{
    uint8_t *at = lend_blob(t);
    if (at) {
        create_blob(dev, 1, 0, at);
        create_blob(dev, 2, UINT32_MAX, at);
        create_blob(dev, 0, VIRTIO_GPU_BLOB_MEM_GUEST, at);
        expect_survives(t, dev);
    }
}

static bool assign(Test *t, QVirtioDevice *dev, uint32_t id, uint8_t uuid[16])
{
    struct virtio_gpu_resource c = {.hdr =
                                        gpu_header(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID),
                                    .resource_id = le32_of(id)};
    GpuPicture p;
    if (!gpu_picture(t, dev, &p, id, 16, 16)) {
        return false;
    }
    const GpuAnswer *a = gpu_run(dev, &c, sizeof(c), UUID_ANSWER);
    if (!expect_gpu(t, GPU_OK, a, VIRTIO_GPU_RESP_OK_RESOURCE_UUID, UUID_ANSWER)) {
        return false;
    }
    memcpy(uuid, ((const struct virtio_gpu_resp_resource_uuid *)a->data)->uuid, 16);
    return true;
}

/* "a UUID which identifies the exported object created from the host private resource" */
VIRTIO_TEST(resources_have_uuids_of_their_own, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_UUID)
{
    uint8_t first[16], second[16];
    if (assign(t, dev, 1, first) && assign(t, dev, 2, second)) {
        expect_that(t, GPU_OK, memcmp(first, second, sizeof(first)) != 0,
                    "two different UUIDs", "the same one twice");
    }
}

VIRTIO_TEST(uuid_of_an_unknown_resource_is_refused, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_UUID)
{
    expect_gpu_error(t, GPU_ERROR,
                     gpu_resource_command(dev, VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, 9));
}
