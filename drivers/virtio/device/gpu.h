/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the GPU (5.7.6): runs a command and looks at the response. Each
 * command and each response is a buffer of its own, so canaries stand around both.
 */
#ifndef QVIRTIO_DEVICE_GPU_H
#define QVIRTIO_DEVICE_GPU_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_gpu.h"

/* The result of a command. It is valid until the test ends. */
typedef struct GpuAnswer {
    /* An error of the ring. Then all other fields are 0. */
    int err;
    /* The used length. */
    uint32_t len;
    /* VIRTIO_GPU_RESP_*, or GPU_UNANSWERED. */
    uint32_t type;
    /* From the header of the response, as fence_id. */
    uint32_t flags;
    uint64_t fence_id;
    /* The bytes of the response. */
    const void *data;
} GpuAnswer;

/* What all commands return when the arena is full. */
extern const GpuAnswer gpu_no_memory;

/* No device writes this type, so a response that still holds it was not written. */
#define GPU_UNANSWERED 0xa5a5a5a5u
#define GPU_FILL       0xa5

/* The size of a pixel in every format of the specification. */
#define GPU_PIXEL_BYTES 4

typedef struct GpuRect {
    uint32_t x, y, width, height;
} GpuRect;

struct virtio_gpu_rect gpu_rect(GpuRect r);
struct virtio_gpu_ctrl_hdr gpu_header(uint32_t type);
struct virtio_gpu_ctrl_hdr gpu_fenced_header(uint32_t type, uint64_t fence_id);

/* Runs a command on the controlq, with room for a response. The command is copied. */
const GpuAnswer *gpu_run(QVirtioDevice *d, const void *command, uint32_t bytes,
                         uint32_t response_bytes);
/* Does the same on either queue. Without room for a response (0) its type is
 * GPU_UNANSWERED. */
const GpuAnswer *gpu_run_on(QVirtioDevice *d, uint16_t queue, const void *command,
                            uint32_t bytes, uint32_t response_bytes);

/* ---- Commands without payload in the response (gpu_command.c) ---- */

const GpuAnswer *gpu_create(QVirtioDevice *d, uint32_t id, uint32_t format,
                            uint32_t width, uint32_t height);
/* Runs a command that has no field but a resource id: UNREF, DETACH_BACKING ... */
const GpuAnswer *gpu_resource_command(QVirtioDevice *d, uint32_t type, uint32_t id);
const GpuAnswer *gpu_attach(QVirtioDevice *d, uint32_t id, const QVirtioSg *pieces,
                            unsigned count);
const GpuAnswer *gpu_transfer(QVirtioDevice *d, uint32_t id, GpuRect r, uint64_t offset);
const GpuAnswer *gpu_set_scanout(QVirtioDevice *d, uint32_t scanout, uint32_t id,
                                 GpuRect r);
const GpuAnswer *gpu_flush(QVirtioDevice *d, uint32_t id, GpuRect r);
/* Runs UPDATE_CURSOR or MOVE_CURSOR. Only the first one looks at the id. */
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
