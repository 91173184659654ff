/* SPDX-License-Identifier: MIT */
/*
 * Private to the software GPU: what its commands work on. Resources, with their pixels
 * and backing, are in resource.c; everything else is in gpu.c.
 */
#ifndef SOFT_GPU_H
#define SOFT_GPU_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_gpu.h"

#define SOFT_GPU_SCANOUTS  2
#define SOFT_GPU_RESOURCES 14
#define SOFT_GPU_PIECES    64
/* The most bytes of pixels that a resource can have. */
#define SOFT_GPU_PIXELS_BYTES (16 * 1024)
/* The size of the host visible memory. */
#define SOFT_GPU_WINDOW_BYTES (16 * 1024)

typedef struct SoftGpuResource {
    /* 0: this place is free. */
    uint32_t id;
    /* The format of a 2D resource. */
    uint32_t format;
    uint32_t width, height;
    /* The size of a blob; 0: this is a 2D resource. */
    uint64_t blob_bytes;
    bool is_host_blob, is_mapped;
    uint8_t *pixels;
    /* The pieces of the backing. */
    unsigned pieces;
    QVirtioSg piece[SOFT_GPU_PIECES];
} SoftGpuResource;

typedef struct SoftGpuRect {
    uint32_t x, y, width, height;
} SoftGpuRect;

/* Which part of which resource a scanout shows. `stride` and `offset` say where its lines
 * lie in memory. */
typedef struct SoftGpuScanout {
    uint32_t resource_id, format, stride;
    uint64_t offset;
    SoftGpuRect r;
} SoftGpuScanout;

typedef struct SoftGpu {
    SoftGpuResource resource[SOFT_GPU_RESOURCES];
    SoftGpuScanout scanout[SOFT_GPU_SCANOUTS];
    uint8_t *window;
    bool has_context;
} SoftGpu;

/* Any command, without the list or payload that follows it. */
typedef union SoftGpuCommand {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_get_edid edid;
    struct virtio_gpu_resource_create_2d create;
    struct virtio_gpu_resource resource;
    struct virtio_gpu_set_scanout scanout;
    struct virtio_gpu_resource_flush flush;
    struct virtio_gpu_transfer_to_host_2d transfer;
    struct virtio_gpu_resource_attach_backing attach;
    struct virtio_gpu_get_capset_info capset;
    struct virtio_gpu_resource_create_blob blob;
    struct virtio_gpu_set_scanout_blob scanout_blob;
    struct virtio_gpu_ctx_create context;
    struct virtio_gpu_resource_map_blob map;
    struct virtio_gpu_update_cursor cursor;
} SoftGpuCommand;

/* Returns the number of scanouts. */
unsigned soft_gpu_scanouts(void);
SoftGpuResource *soft_gpu_find(SoftGpu *gpu, uint32_t id);
void soft_gpu_forget_all(SoftGpu *gpu);

/* Each returns the type of the response. The element holds the list of pages that follows
 * the command. */
uint32_t soft_gpu_create(SoftGpu *gpu, const SoftGpuCommand *c);
uint32_t soft_gpu_create_blob(SoftGpu *gpu, const SoftGpuCommand *c,
                              const QVirtQueueElement *e);
uint32_t soft_gpu_unref(SoftGpu *gpu, const SoftGpuCommand *c);
uint32_t soft_gpu_attach(SoftGpu *gpu, const SoftGpuCommand *c,
                         const QVirtQueueElement *e);
uint32_t soft_gpu_detach(SoftGpu *gpu, const SoftGpuCommand *c);
uint32_t soft_gpu_transfer(SoftGpu *gpu, const SoftGpuCommand *c);
uint32_t soft_gpu_flush(SoftGpu *gpu, const SoftGpuCommand *c);
uint32_t soft_gpu_set_scanout(SoftGpu *gpu, const SoftGpuCommand *c);
uint32_t soft_gpu_set_scanout_blob(SoftGpu *gpu, const SoftGpuCommand *c);

/* Gives a pixel of the first scanout as red, green and blue. Returns false when the
 * scanout shows nothing there. */
bool soft_gpu_look(SoftGpu *gpu, uint32_t x, uint32_t y, uint8_t rgb[3]);

#endif
