/* SPDX-License-Identifier: MIT */
/*
 * The GPU (5.7) in software. It has two scanouts, of which only the first is connected,
 * and an event that waits for each driver. Commands are done in the order in which they
 * come. Of 3D it has only what a host blob needs to be made and mapped: a context.
 */
#include "drivers/virtio/soft/gpu/gpu.h"
#include "kernel/lib/crc32.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(has_a_third_region, "dev:5.7.5-5", "has shared memory with id 2");
SOFT_FAULT(unmaps_no_blobs, "dev:5.7.5-6", "maps blobs, and does not know UNMAP_BLOB");
SOFT_FAULT(maps_no_blobs, "dev:5.7.5-6", "does not know MAP_BLOB, but has the memory");
SOFT_FAULT(fence_comes_early, "dev:5.7.6.5-2",
           "answers a fenced command before it has done it");
SOFT_FAULT(errors_lose_the_fence_flag, "dev:5.7.6.7-1a",
           "answers a fenced command that fails without the flag");
SOFT_FAULT(fence_of_32_bits, "dev:5.7.6.7-1b", "copies half of fence_id");
SOFT_FAULT(capset_of_its_own, "dev:5.7.6.8-1", "has a capability set with id 9");

SOFT_MANNER(gpu_has_no_edid, "5.7.3", "does not offer EDID");
SOFT_MANNER(gpu_has_2d_only, "5.7.3", "offers no feature of 3D, and has no window");
SOFT_MANNER(gpu_has_no_cursor, "5.7.6.7", "answers an error to cursor commands");
SOFT_MANNER(gpu_has_one_scanout, "5.7.4", "has a single scanout");
SOFT_MANNER(gpu_has_no_event, "5.7.4.1", "has no event pending for a new driver");
SOFT_MANNER(gpu_edid_is_one_block, "5.7.6.8", "has an EDID without extension");

#define WIDTH  64
#define HEIGHT 48
/* The width and the height, as the truths tell them. */
#define WIDTH_TEXT "64"
#define HIGH_TEXT  "48"
#define ALIGNMENT  PAGE_BYTES
#define EDID_BLOCK 128

typedef union Response {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_resp_display_info display;
    struct virtio_gpu_resp_edid edid;
    struct virtio_gpu_resp_capset_info capset;
    struct virtio_gpu_resp_resource_uuid uuid;
    struct virtio_gpu_resp_map_info map;
} Response;

/* Used by a fault: a command that was answered and is not done yet. */
static SoftGpuCommand late;

unsigned soft_gpu_scanouts(void)
{
    return soft_manner(gpu_has_one_scanout) ? 1 : SOFT_GPU_SCANOUTS;
}

static struct virtio_gpu_config *config_of(SoftDevice *s)
{
    return (struct virtio_gpu_config *)s->config;
}

static void init(SoftDevice *s)
{
    SoftGpu *gpu = page_alloc(sizeof(SoftGpu) / PAGE_BYTES + 1);
    for (unsigned i = 0; i < SOFT_GPU_RESOURCES; i++) {
        gpu->resource[i].pixels = page_alloc(SOFT_GPU_PIXELS_BYTES / PAGE_BYTES);
    }
    gpu->window = page_alloc(SOFT_GPU_WINDOW_BYTES / PAGE_BYTES);
    s->data = gpu;
    bool is_2d = soft_manner(gpu_has_2d_only);
    config_of(s)->num_scanouts = le32_of(soft_gpu_scanouts());
    config_of(s)->num_capsets = le32_of(is_2d ? 0 : 1);
    if (is_2d) {
        qvirtio_features_clear(&s->offered, VIRTIO_GPU_F_VIRGL);
        qvirtio_features_clear(&s->offered, VIRTIO_GPU_F_RESOURCE_UUID);
        qvirtio_features_clear(&s->offered, VIRTIO_GPU_F_RESOURCE_BLOB);
        qvirtio_features_clear(&s->offered, VIRTIO_GPU_F_CONTEXT_INIT);
        qvirtio_features_clear(&s->offered, VIRTIO_GPU_F_BLOB_ALIGNMENT);
    }
    if (soft_manner(gpu_has_no_edid)) {
        qvirtio_features_clear(&s->offered, VIRTIO_GPU_F_EDID);
    }
    config_of(s)->blob_alignment = le32_of(ALIGNMENT);
}

static void reset(SoftDevice *s)
{
    SoftGpu *gpu = s->data;
    soft_gpu_forget_all(gpu);
    gpu->has_context = false;
    late.hdr.type = le32_of(0);
    config_of(s)->events_read =
        le32_of(soft_manner(gpu_has_no_event) ? 0 : VIRTIO_GPU_EVENT_DISPLAY);
}

/* 5.7.4.1: "Writing a '1' into a bit will clear the corresponding bit in events_read". */
static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    le32 bits;
    if (off == offsetof(struct virtio_gpu_config, events_clear) && width == 4) {
        memcpy(&bits, from, sizeof(bits));
        config_of(s)->events_read.raw &= ~bits.raw;
    }
    return false;
}

static bool shm_region(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    const SoftGpu *gpu = s->data;
    *at = (dma_addr){(uintptr_t)gpu->window};
    *bytes = SOFT_GPU_WINDOW_BYTES;
    if (soft_manner(gpu_has_2d_only)) {
        return false;
    }
    return id == VIRTIO_GPU_SHM_ID_HOST_VISIBLE ||
           (id == VIRTIO_GPU_SHM_ID_HOST_VISIBLE + 1 && soft_fault(has_a_third_region));
}

static uint32_t display_info(Response *r)
{
    struct virtio_gpu_display_one *first = &r->display.pmodes[0];
    first->enabled = le32_of(1);
    first->r.width = le32_of(WIDTH);
    first->r.height = le32_of(HEIGHT);
    return VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

static void sum_up(uint8_t *block)
{
    uint8_t sum = 0;
    for (unsigned i = 0; i < EDID_BLOCK - 1; i++) {
        sum += block[i];
    }
    block[EDID_BLOCK - 1] = -sum;
}

/* Writes a first block with one mode, and an extension without a mode. */
static uint32_t edid(const SoftGpuCommand *c, Response *r)
{
    static const uint8_t start[] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    uint8_t *to = r->edid.edid, *mode = to + 54;
    if (le32_get(c->edid.scanout) >= soft_gpu_scanouts()) {
        return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
    }
    memcpy(to, start, sizeof(start));
    to[18] = 1;
    to[19] = 4;
    mode[0] = 1; /* the clock, in units of 10 kHz */
    mode[2] = WIDTH;
    mode[5] = HEIGHT;
    unsigned more = !soft_manner(gpu_edid_is_one_block);
    to[EDID_BLOCK - 2] = more;
    sum_up(to);
    if (!more) {
        r->edid.size = le32_of(EDID_BLOCK);
        return VIRTIO_GPU_RESP_OK_EDID;
    }
    to[EDID_BLOCK] = 2;
    sum_up(to + EDID_BLOCK);
    r->edid.size = le32_of(2 * EDID_BLOCK);
    return VIRTIO_GPU_RESP_OK_EDID;
}

static uint32_t capset_info(const SoftGpuCommand *c, Response *r)
{
    if (le32_get(c->capset.capset_index) != 0) {
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
    r->capset.capset_id =
        le32_of(soft_fault(capset_of_its_own) ? 9 : VIRTIO_GPU_CAPSET_VIRGL);
    return VIRTIO_GPU_RESP_OK_CAPSET_INFO;
}

static uint32_t assign_uuid(SoftGpu *gpu, const SoftGpuCommand *c, Response *r)
{
    uint32_t id = le32_get(c->resource.resource_id);
    if (!soft_gpu_find(gpu, id)) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    memcpy(r->uuid.uuid, "soft gpu", 8);
    memcpy(r->uuid.uuid + 8, &id, sizeof(id));
    return VIRTIO_GPU_RESP_OK_RESOURCE_UUID;
}

static uint32_t map_blob(SoftGpu *gpu, const SoftGpuCommand *c, Response *r, bool is_map)
{
    SoftGpuResource *blob = soft_gpu_find(gpu, le32_get(c->map.resource_id));
    uint64_t offset = is_map ? le64_get(c->map.offset) : 0;

    if (soft_fault(maps_no_blobs)) {
        return VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
    if (!blob || !blob->is_host_blob) {
        return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (blob->is_mapped == is_map || offset > SOFT_GPU_WINDOW_BYTES ||
        blob->blob_bytes > SOFT_GPU_WINDOW_BYTES - offset) {
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (!is_map && soft_fault(unmaps_no_blobs)) {
        return VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
    blob->is_mapped = is_map;
    r->map.map_info = le32_of(0);
    return is_map ? VIRTIO_GPU_RESP_OK_MAP_INFO : VIRTIO_GPU_RESP_OK_NODATA;
}

static uint32_t serve_3d(SoftGpu *gpu, const SoftGpuCommand *c, Response *r)
{
    uint32_t type = le32_get(c->hdr.type);
    switch (type) {
    case VIRTIO_GPU_CMD_GET_CAPSET_INFO:
        return capset_info(c, r);
    case VIRTIO_GPU_CMD_CTX_CREATE:
    case VIRTIO_GPU_CMD_CTX_DESTROY:
        gpu->has_context = type == VIRTIO_GPU_CMD_CTX_CREATE;
        return VIRTIO_GPU_RESP_OK_NODATA;
    case VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB:
    case VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB:
        return map_blob(gpu, c, r, type == VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB);
    default:
        return VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
}

/* Serves the commands that need a feature, a list of pages, or room for more than a type
 * in the response. */
static uint32_t serve_rare(SoftDevice *s, const SoftGpuCommand *c,
                           const QVirtQueueElement *e, Response *r)
{
    bool has_blobs = soft_negotiated(s, VIRTIO_GPU_F_RESOURCE_BLOB);
    switch (le32_get(c->hdr.type)) {
    case VIRTIO_GPU_CMD_GET_DISPLAY_INFO:
        return display_info(r);
    case VIRTIO_GPU_CMD_GET_EDID:
        return edid(c, r);
    case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING:
        return soft_gpu_attach(s->data, c, e);
    case VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID:
        return assign_uuid(s->data, c, r);
    case VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB:
        return has_blobs ? soft_gpu_create_blob(s->data, c, e)
                         : VIRTIO_GPU_RESP_ERR_UNSPEC;
    case VIRTIO_GPU_CMD_SET_SCANOUT_BLOB:
        return soft_gpu_set_scanout_blob(s->data, c);
    default:
        return soft_negotiated(s, VIRTIO_GPU_F_VIRGL) ? serve_3d(s->data, c, r)
                                                      : VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
}

/* Serves the commands that are complete in SoftGpuCommand and answered by a type alone.
 * Returns 0 when it is none of them. */
static uint32_t serve_plain(SoftDevice *s, const SoftGpuCommand *c)
{
    switch (le32_get(c->hdr.type)) {
    case VIRTIO_GPU_CMD_RESOURCE_CREATE_2D:
        return soft_gpu_create(s->data, c);
    case VIRTIO_GPU_CMD_RESOURCE_UNREF:
        return soft_gpu_unref(s->data, c);
    case VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING:
        return soft_gpu_detach(s->data, c);
    case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D:
        return soft_gpu_transfer(s->data, c);
    case VIRTIO_GPU_CMD_RESOURCE_FLUSH:
        return soft_gpu_flush(s->data, c);
    case VIRTIO_GPU_CMD_SET_SCANOUT:
        return soft_gpu_set_scanout(s->data, c);
    default:
        return 0;
    }
}

static void catch_up(SoftDevice *s)
{
    serve_plain(s, &late);
    late.hdr.type = le32_of(0);
}

/* Used by the fault fence_comes_early. Returns true when the command is answered before
 * it is done. */
static bool is_put_off(const SoftGpuCommand *c)
{
    uint32_t type = le32_get(c->hdr.type);
    return soft_fault(fence_comes_early) &&
           le32_get(c->hdr.flags) & VIRTIO_GPU_FLAG_FENCE &&
           type >= VIRTIO_GPU_CMD_RESOURCE_UNREF &&
           type <= VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING &&
           type != VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING;
}

static uint32_t serve(SoftDevice *s, const SoftGpuCommand *c, const QVirtQueueElement *e,
                      Response *r)
{
    catch_up(s);
    if (is_put_off(c)) {
        late = *c;
        return VIRTIO_GPU_RESP_OK_NODATA;
    }
    uint32_t type = serve_plain(s, c);
    return type ? type : serve_rare(s, c, e, r);
}

/* 5.7.6.7: copies the fence of the command to the response. */
static void copy_fence(const SoftGpuCommand *c, struct virtio_gpu_ctrl_hdr *hdr)
{
    bool is_error = le32_get(hdr->type) >= VIRTIO_GPU_RESP_ERR_UNSPEC;
    uint64_t id = le64_get(c->hdr.fence_id);
    if (!(le32_get(c->hdr.flags) & VIRTIO_GPU_FLAG_FENCE)) {
        return;
    }
    if (!is_error || !soft_fault(errors_lose_the_fence_flag)) {
        hdr->flags = le32_of(VIRTIO_GPU_FLAG_FENCE);
    }
    hdr->fence_id = le64_of(soft_fault(fence_of_32_bits) ? (uint32_t)id : id);
    hdr->ctx_id = c->hdr.ctx_id;
}

static uint32_t bytes_of(uint32_t type)
{
    switch (type) {
    case VIRTIO_GPU_RESP_OK_DISPLAY_INFO:
        return sizeof(struct virtio_gpu_resp_display_info);
    case VIRTIO_GPU_RESP_OK_EDID:
        return sizeof(struct virtio_gpu_resp_edid);
    case VIRTIO_GPU_RESP_OK_CAPSET_INFO:
        return sizeof(struct virtio_gpu_resp_capset_info);
    case VIRTIO_GPU_RESP_OK_RESOURCE_UUID:
        return sizeof(struct virtio_gpu_resp_resource_uuid);
    case VIRTIO_GPU_RESP_OK_MAP_INFO:
        return sizeof(struct virtio_gpu_resp_map_info);
    default:
        return sizeof(struct virtio_gpu_ctrl_hdr);
    }
}

static uint32_t move_cursor(const SoftGpuCommand *c)
{
    if (soft_manner(gpu_has_no_cursor)) {
        return VIRTIO_GPU_RESP_ERR_UNSPEC;
    }
    return le32_get(c->cursor.pos.scanout_id) < soft_gpu_scanouts()
               ? VIRTIO_GPU_RESP_OK_NODATA
               : VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
}

/* What is missing of a command is read as zeroes. Zeroes are valid in no command. */
static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        SoftGpuCommand c = {0};
        Response r;
        memset(&c, 0, sizeof(c));
        memset(&r, 0, sizeof(r));
        qvirtqueue_element_read(e, 0, &c, sizeof(c));
        uint32_t type =
            queue == VIRTIO_GPU_CURSORQ ? move_cursor(&c) : serve(s, &c, e, &r);
        r.hdr.type = le32_of(type);
        copy_fence(&c, &r.hdr);
        soft_push(s, queue, e, qvirtqueue_element_write(e, 0, &r, bytes_of(type)));
    }
}

/* Reads numbers that are separated by blanks. Returns how many there are. */
static unsigned parse(const char *args, uint32_t *to, unsigned most)
{
    unsigned n = 0;
    while (*args && n < most) {
        for (to[n] = 0; *args >= '0' && *args <= '9'; args++) {
            to[n] = to[n] * 10 + (uint32_t)(*args - '0');
        }
        n++;
        args += *args != 0;
    }
    return n;
}

/* "pixels X Y WIDTH HEIGHT": gives a part of the first scanout, as six hexadecimal digits
 * for each pixel. */
static bool tell_pixels(SoftGpu *gpu, const char *args, char *value, size_t bytes)
{
    uint32_t at[4];
    uint8_t rgb[3];
    size_t n = 0;
    if (parse(args, at, 4) != 4) {
        return false;
    }
    for (uint32_t i = 0; i < at[2] * at[3]; i++) {
        if (!soft_gpu_look(gpu, at[0] + i % at[2], at[1] + i / at[2], rgb) ||
            n + 7 > bytes) {
            return false;
        }
        n += ksnprintf(value + n, bytes - n, "%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
    }
    return true;
}

/* "screen": gives the size of the first scanout and the CRC-32 of all its pixels. */
static bool tell_screen(SoftGpu *gpu, char *value, size_t bytes)
{
    const SoftGpuRect *r = &gpu->scanout[0].r;
    uint32_t crc = 0;
    uint8_t rgb[3];
    for (uint32_t i = 0; i < r->width * r->height; i++) {
        if (!soft_gpu_look(gpu, i % r->width, i / r->width, rgb)) {
            return false;
        }
        crc = crc32_more(crc, rgb, sizeof(rgb));
    }
    ksnprintf(value, bytes, "%u %u 0x%08x", r->width, r->height, crc);
    return true;
}

static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    catch_up(s);
    if (strcmp(action, "pixels") == 0) {
        return tell_pixels(s->data, args, value, bytes);
    }
    return strcmp(action, "screen") == 0 ? tell_screen(s->data, value, bytes)
                                         : strcmp(action, "restore") == 0;
}

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    if (strcmp(field, "xres") == 0) {
        return WIDTH_TEXT;
    }
    return strcmp(field, "yres") == 0 ? HIGH_TEXT : NULL;
}

SOFT_MODEL(soft_gpu, .device_id = VIRTIO_ID_GPU, .count = 1, .queues = 2,
           .features = FEATURES(VIRTIO_GPU_F_VIRGL, VIRTIO_GPU_F_EDID,
                                VIRTIO_GPU_F_RESOURCE_UUID, VIRTIO_GPU_F_RESOURCE_BLOB,
                                VIRTIO_GPU_F_CONTEXT_INIT, VIRTIO_GPU_F_BLOB_ALIGNMENT),
           .config_bytes = sizeof(struct virtio_gpu_config), .init = init, .reset = reset,
           .run = run, .write_config = write_config, .shm_region = shm_region, .act = act,
           .truth = truth);
