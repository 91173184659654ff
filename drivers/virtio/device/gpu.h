/* SPDX-License-Identifier: MIT */
/*
 * Commands to the GPU (5.7.6), for tests: run one, look at the response. Each command and
 * each response is a buffer of its own, so canaries stand around both.
 */
#ifndef QVIRTIO_DEVICE_GPU_H
#define QVIRTIO_DEVICE_GPU_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_gpu.h"

/* What came of a command; lives as long as the test. */
typedef struct GpuAnswer {
    /* Of the ring; all else is 0 then. */
    int err;
    /* Used length. */
    uint32_t len;
    /* VIRTIO_GPU_RESP_*, or GPU_UNANSWERED. */
    uint32_t type;
    /* Of the header, as what follows. */
    uint32_t flags;
    uint64_t fence_id;
    /* The response where it was written. */
    const void *data;
} GpuAnswer;

extern const GpuAnswer gpu_no_memory; /* the arena was full */

/* No device writes this type: the response still holding it was not written. */
#define GPU_UNANSWERED 0xa5a5a5a5u
#define GPU_FILL       0xa5

#define GPU_PIXEL_BYTES 4 /* of every format that there is */

typedef struct GpuRect {
    uint32_t x, y, width, height;
} GpuRect;

struct virtio_gpu_rect gpu_rect(GpuRect r);
struct virtio_gpu_ctrl_hdr gpu_header(uint32_t type);
struct virtio_gpu_ctrl_hdr gpu_fenced_header(uint32_t type, uint64_t fence_id);

/* Runs a command of the controlq with room for a response; copies the command. */
const GpuAnswer *gpu_run(QVirtioDevice *d, const void *command, uint32_t bytes,
                         uint32_t response_bytes);
/* Does the same on either queue. Without room for a response (0) the answer's type is
 * GPU_UNANSWERED. */
const GpuAnswer *gpu_run_on(QVirtioDevice *d, uint16_t queue, const void *command,
                            uint32_t bytes, uint32_t response_bytes);

/* ---- Commands without payload in the response (gpu_command.c) ---- */

const GpuAnswer *gpu_create(QVirtioDevice *d, uint32_t id, uint32_t format,
                            uint32_t width, uint32_t height);
/* Commands of nothing but a resource id: UNREF, DETACH_BACKING ... */
const GpuAnswer *gpu_resource_command(QVirtioDevice *d, uint32_t type, uint32_t id);
const GpuAnswer *gpu_attach(QVirtioDevice *d, uint32_t id, const QVirtioSg *pieces,
                            unsigned count);
const GpuAnswer *gpu_transfer(QVirtioDevice *d, uint32_t id, GpuRect r, uint64_t offset);
const GpuAnswer *gpu_set_scanout(QVirtioDevice *d, uint32_t scanout, uint32_t id,
                                 GpuRect r);
const GpuAnswer *gpu_flush(QVirtioDevice *d, uint32_t id, GpuRect r);
/* Sends UPDATE_CURSOR or MOVE_CURSOR; only the former looks at the id. */
const GpuAnswer *gpu_cursor(QVirtioDevice *d, uint32_t type,
                            struct virtio_gpu_cursor_pos pos, uint32_t id,
                            uint32_t response_bytes);

static inline const GpuAnswer *gpu_unref(QVirtioDevice *d, uint32_t id)
{
    return gpu_resource_command(d, VIRTIO_GPU_CMD_RESOURCE_UNREF, id);
}

static inline const GpuAnswer *gpu_detach(QVirtioDevice *d, uint32_t id)
{
    return gpu_resource_command(d, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, id);
}

#endif
