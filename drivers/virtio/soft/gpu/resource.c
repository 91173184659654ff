/* SPDX-License-Identifier: MIT */
/*
 * Resources of the software GPU (5.7.6.8): pixels that the device keeps, the backing that
 * they are copied from, blobs that have only their backing, and what scanouts show of
 * them.
 */
#include "drivers/virtio/soft/gpu/gpu.h"
#include "kernel/lib/string.h"

/* The texts say of no format, size or number of resources that a device must have it. */
SOFT_MANNER(gpu_takes_one_format, "5.7.6.8", "has 2D resources of R8G8B8X8 only");
SOFT_MANNER(gpu_takes_any_format, "5.7.6.8", "creates resources of unknown formats");
SOFT_MANNER(gpu_takes_any_size, "5.7.6.8", "creates resources as large as one asks");
SOFT_MANNER(gpu_has_little_memory, "5.7.6.8", "has no memory for more than 32 x 32");
SOFT_MANNER(gpu_has_four_resources, "5.7.6.8", "has no memory for a fifth resource");
SOFT_MANNER(gpu_does_nothing_for_odd_boxes, "5.7.6.8",
            "accepts boxes that stick out, and does nothing");

#define PIXEL_BYTES 4

/* At which byte of a pixel in memory a format has its colours. */
static const struct {
    uint8_t format, red, green, blue;
} layouts[] = {
    {VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, 2, 1, 0},
    {VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, 2, 1, 0},
    {VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM, 1, 2, 3},
    {VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM, 1, 2, 3},
    {VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, 0, 1, 2},
    {VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM, 3, 2, 1},
    {VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM, 3, 2, 1},
    {VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, 0, 1, 2},
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

static unsigned layout_of(uint32_t format)
{
    unsigned i = 0;
    while (i < LAYOUTS && layouts[i].format != format) {
        i++;
    }
    return i;
}

SoftGpuResource *soft_gpu_find(SoftGpu *gpu, uint32_t id)
{
    for (unsigned i = 0; id && i < SOFT_GPU_RESOURCES; i++) {
        if (gpu->resource[i].id == id) {
            return &gpu->resource[i];
        }
    }
    return NULL;
}

static void forget(SoftGpu *gpu, SoftGpuResource *r)
{
    for (unsigned i = 0; i < SOFT_GPU_SCANOUTS; i++) {
        if (gpu->scanout[i].resource_id == r->id) {
            gpu->scanout[i].resource_id = 0;
        }
    }
    *r = (SoftGpuResource){.pixels = r->pixels};
}

void soft_gpu_forget_all(SoftGpu *gpu)
{
    for (unsigned i = 0; i < SOFT_GPU_RESOURCES; i++) {
        forget(gpu, &gpu->resource[i]);
    }
}

/* Returns a free place for a new id. Returns NULL when there is none, and *error says
 * why. */
static SoftGpuResource *take_place(SoftGpu *gpu, uint32_t id, uint32_t *error)
{
    *error = VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    if (id == 0 || soft_gpu_find(gpu, id)) {
        return NULL;
    }
    *error = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
    unsigned most = soft_manner(gpu_has_four_resources) ? 4 : SOFT_GPU_RESOURCES;
    for (unsigned i = 0; i < most; i++) {
        if (gpu->resource[i].id == 0) {
            return &gpu->resource[i];
        }
    }
    return NULL;
}

static bool takes_format(uint32_t format)
{
    bool is_known = layout_of(format) < LAYOUTS;
    if (!is_known) {
        return soft_manner(gpu_takes_any_format);
    }
    return format == VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM ||
           !soft_manner(gpu_takes_one_format);
}

static bool is_too_large(uint32_t width, uint32_t height)
{
    return (uint64_t)width * height > SOFT_GPU_PIXELS_BYTES / PIXEL_BYTES;
}

uint32_t soft_gpu_create(SoftGpu *gpu, const SoftGpuCommand *c)
{
    uint32_t width = le32_get(c->create.width), height = le32_get(c->create.height);
    uint32_t error, format = le32_get(c->create.format);

    if (!takes_format(format) || !width || !height) {
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
    if ((is_too_large(width, height) && !soft_manner(gpu_takes_any_size)) ||
        ((uint64_t)width * height > 32 * 32 && soft_manner(gpu_has_little_memory))) {
        return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
    }
    SoftGpuResource *r = take_place(gpu, le32_get(c->create.resource_id), &error);
    if (!r) {
        return error;
    }
    r->id = le32_get(c->create.resource_id);
    r->format = format;
    r->width = width;
    r->height = height;
    memset(r->pixels, 0, SOFT_GPU_PIXELS_BYTES);
    return VIRTIO_GPU_RESP_OK_NODATA;
}

/* Takes the list of pages at byte `off` of the command. Returns false when the arena has
 * not lent all of them; then nothing is taken. */
static bool take_pieces(SoftGpuResource *r, const QVirtQueueElement *e, uint32_t off,
                        uint32_t count)
{
    if (count > SOFT_GPU_PIECES) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct virtio_gpu_mem_entry entry;
        uint32_t bytes = sizeof(entry);
        if (qvirtqueue_element_read(e, off + i * bytes, &entry, bytes) != bytes) {
            return false;
        }
        r->piece[i] = (QVirtioSg){{le64_get(entry.addr)}, le32_get(entry.length)};
        if (!arena_unmap(r->piece[i].addr, r->piece[i].len)) {
            return false;
        }
    }
    r->pieces = count;
    return true;
}

uint32_t soft_gpu_attach(SoftGpu *gpu, const SoftGpuCommand *c,
                         const QVirtQueueElement *e)
{
    SoftGpuResource *r = soft_gpu_find(gpu, le32_get(c->attach.resource_id));
    if (!r) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    bool is_taken = !r->pieces &&
                    take_pieces(r, e, sizeof(c->attach), le32_get(c->attach.nr_entries));
    return is_taken ? VIRTIO_GPU_RESP_OK_NODATA : VIRTIO_GPU_RESP_ERR_UNSPEC;
}

uint32_t soft_gpu_detach(SoftGpu *gpu, const SoftGpuCommand *c)
{
    SoftGpuResource *r = soft_gpu_find(gpu, le32_get(c->resource.resource_id));
    if (!r) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    r->pieces = 0;
    return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t soft_gpu_unref(SoftGpu *gpu, const SoftGpuCommand *c)
{
    SoftGpuResource *r = soft_gpu_find(gpu, le32_get(c->resource.resource_id));
    if (!r) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    forget(gpu, r);
    return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t soft_gpu_create_blob(SoftGpu *gpu, const SoftGpuCommand *c,
                              const QVirtQueueElement *e)
{
    uint32_t error, mem = le32_get(c->blob.blob_mem);
    uint64_t bytes = le64_get(c->blob.size);
    bool is_host = mem == VIRTIO_GPU_BLOB_MEM_HOST3D && gpu->has_context;

    if ((mem != VIRTIO_GPU_BLOB_MEM_GUEST && !is_host) || bytes == 0) {
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
    SoftGpuResource *r = take_place(gpu, le32_get(c->blob.resource_id), &error);
    if (!r) {
        return error;
    }
    if (!take_pieces(r, e, sizeof(c->blob), le32_get(c->blob.nr_entries))) {
        return VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
    r->id = le32_get(c->blob.resource_id);
    r->blob_bytes = bytes;
    r->is_host_blob = is_host;
    return VIRTIO_GPU_RESP_OK_NODATA;
}

/* Copies bytes of the backing. Bytes beyond its end stay as they were. */
static void read_backing(const SoftGpuResource *r, uint64_t off, uint8_t *to,
                         uint64_t bytes)
{
    for (unsigned i = 0; i < r->pieces && bytes; i++) {
        const QVirtioSg *piece = &r->piece[i];
        if (off >= piece->len) {
            off -= piece->len;
            continue;
        }
        uint64_t here = piece->len - off < bytes ? piece->len - off : bytes;
        const uint8_t *from = arena_unmap(piece->addr, piece->len);
        if (from) {
            memcpy(to, from + off, here);
        }
        to += here;
        bytes -= here;
        off = 0;
    }
}

static SoftGpuRect rect_of(struct virtio_gpu_rect r)
{
    return (SoftGpuRect){le32_get(r.x), le32_get(r.y), le32_get(r.width),
                         le32_get(r.height)};
}

static bool is_within(SoftGpuRect r, uint32_t width, uint32_t height)
{
    return r.x <= width && r.width <= width - r.x && r.y <= height &&
           r.height <= height - r.y;
}

/* Returns the answer to a box that is not within its resource. */
static uint32_t outside(void)
{
    return soft_manner(gpu_does_nothing_for_odd_boxes)
               ? VIRTIO_GPU_RESP_OK_NODATA
               : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
}

uint32_t soft_gpu_transfer(SoftGpu *gpu, const SoftGpuCommand *c)
{
    SoftGpuResource *r = soft_gpu_find(gpu, le32_get(c->transfer.resource_id));
    SoftGpuRect box = rect_of(c->transfer.r);
    if (!r || r->blob_bytes) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (!r->pieces) {
        return VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
    if (!is_within(box, r->width, r->height)) {
        return outside();
    }
    if (is_too_large(r->width, r->height)) {
        return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
    }
    uint64_t stride = (uint64_t)r->width * PIXEL_BYTES;
    for (uint32_t i = 0; i < box.height; i++) {
        uint8_t *to = r->pixels + (box.y + i) * stride + (uint64_t)box.x * PIXEL_BYTES;
        read_backing(r, le64_get(c->transfer.offset) + i * stride, to,
                     (uint64_t)box.width * PIXEL_BYTES);
    }
    return VIRTIO_GPU_RESP_OK_NODATA;
}

/* There is nothing to do, because the pixels are read when the hand looks at them. */
uint32_t soft_gpu_flush(SoftGpu *gpu, const SoftGpuCommand *c)
{
    const SoftGpuResource *r = soft_gpu_find(gpu, le32_get(c->flush.resource_id));
    if (!r) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    bool is_fine = r->blob_bytes || is_within(rect_of(c->flush.r), r->width, r->height);
    return is_fine ? VIRTIO_GPU_RESP_OK_NODATA : outside();
}

uint32_t soft_gpu_set_scanout(SoftGpu *gpu, const SoftGpuCommand *c)
{
    uint32_t index = le32_get(c->scanout.scanout_id);
    uint32_t id = le32_get(c->scanout.resource_id);
    const SoftGpuResource *r = soft_gpu_find(gpu, id);
    SoftGpuRect rect = rect_of(c->scanout.r);

    if (index >= soft_gpu_scanouts()) {
        return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
    }
    if (id && (!r || r->blob_bytes)) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (id && !is_within(rect, r->width, r->height)) {
        return outside();
    }
    gpu->scanout[index] = (SoftGpuScanout){.resource_id = id, .r = rect};
    if (id) {
        gpu->scanout[index].format = r->format;
        gpu->scanout[index].stride = r->width * PIXEL_BYTES;
    }
    return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t soft_gpu_set_scanout_blob(SoftGpu *gpu, const SoftGpuCommand *c)
{
    const struct virtio_gpu_set_scanout_blob *b = &c->scanout_blob;
    uint32_t index = le32_get(b->scanout_id), stride = le32_get(b->strides[0]);
    const SoftGpuResource *r = soft_gpu_find(gpu, le32_get(b->resource_id));
    SoftGpuRect rect = rect_of(b->r);
    uint64_t end = (uint64_t)le32_get(b->height) * stride + le32_get(b->offsets[0]);

    if (index >= soft_gpu_scanouts()) {
        return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
    }
    if (!r || !r->blob_bytes) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (!is_within(rect, le32_get(b->width), le32_get(b->height)) ||
        end > r->blob_bytes || layout_of(le32_get(b->format)) == LAYOUTS) {
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
    gpu->scanout[index] = (SoftGpuScanout){
        .resource_id = r->id,
        .format = le32_get(b->format),
        .stride = stride,
        .offset = le32_get(b->offsets[0]),
        .r = rect,
    };
    return VIRTIO_GPU_RESP_OK_NODATA;
}

bool soft_gpu_look(SoftGpu *gpu, uint32_t x, uint32_t y, uint8_t rgb[3])
{
    const SoftGpuScanout *s = &gpu->scanout[0];
    const SoftGpuResource *r = soft_gpu_find(gpu, s->resource_id);
    uint8_t pixel[PIXEL_BYTES] = {0};

    if (!r || x >= s->r.width || y >= s->r.height) {
        return false;
    }
    uint64_t at = s->offset + (uint64_t)(s->r.y + y) * s->stride +
                  (uint64_t)(s->r.x + x) * PIXEL_BYTES;
    if (r->blob_bytes) {
        read_backing(r, at, pixel, sizeof(pixel));
    } else {
        memcpy(pixel, r->pixels + at, sizeof(pixel));
    }
    unsigned layout = layout_of(s->format) % LAYOUTS;
    rgb[0] = pixel[layouts[layout].red];
    rgb[1] = pixel[layouts[layout].green];
    rgb[2] = pixel[layouts[layout].blue];
    return true;
}
