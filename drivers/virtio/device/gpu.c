/* SPDX-License-Identifier: MIT */
/*
 * The driver of the GPU (5.7): its tables, how a command is run, and its ping:
 * GET_DISPLAY_INFO with a fence, whose id (5.7.6.7) tells the answers of many pings
 * apart.
 */
#include "drivers/virtio/device/gpu.h"
#include "kernel/lib/string.h"

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_GPU_F_VIRGL, .name = "VIRGL"},
    {.bit = VIRTIO_GPU_F_EDID, .name = "EDID"},
    {.bit = VIRTIO_GPU_F_RESOURCE_UUID, .name = "RESOURCE_UUID"},
    {.bit = VIRTIO_GPU_F_RESOURCE_BLOB, .name = "RESOURCE_BLOB"},
    {.bit = VIRTIO_GPU_F_CONTEXT_INIT,
     .name = "CONTEXT_INIT",
     .requires = FEATURES(VIRTIO_GPU_F_VIRGL)},
    {.bit = VIRTIO_GPU_F_BLOB_ALIGNMENT,
     .name = "BLOB_ALIGNMENT",
     .requires = FEATURES(VIRTIO_GPU_F_RESOURCE_BLOB)},
    {.name = NULL},
};

#define FIELD(f, feature_bit, how)                                       \
    {                                                                    \
        .name = #f, .feature = feature_bit, .flags = how,                \
        .offset = offsetof(struct virtio_gpu_config, f),                 \
        .width = sizeof(((struct virtio_gpu_config *)0)->f), .count = 1, \
    }

static const QVirtioField fields[] = {
    FIELD(events_read, FEATURES_END, QVIRTIO_FIELD_VOLATILE),
    FIELD(events_clear, FEATURES_END, QVIRTIO_FIELD_WRITABLE | QVIRTIO_FIELD_WRITE_ONLY),
    FIELD(num_scanouts, FEATURES_END, QVIRTIO_FIELD_CONST),
    FIELD(num_capsets, FEATURES_END, QVIRTIO_FIELD_CONST),
    FIELD(blob_alignment, VIRTIO_GPU_F_BLOB_ALIGNMENT, QVIRTIO_FIELD_CONST),
    {.name = NULL},
};

static uint16_t queue_count(QVirtioDevice *d)
{
    (void)d;
    return 2;
}

const GpuAnswer gpu_no_memory = {.err = -QVIRTIO_NO_MEMORY};

struct virtio_gpu_ctrl_hdr gpu_header(uint32_t type)
{
    return (struct virtio_gpu_ctrl_hdr){.type = le32_of(type)};
}

struct virtio_gpu_ctrl_hdr gpu_fenced_header(uint32_t type, uint64_t fence_id)
{
    return (struct virtio_gpu_ctrl_hdr){.type = le32_of(type),
                                        .flags = le32_of(VIRTIO_GPU_FLAG_FENCE),
                                        .fence_id = le64_of(fence_id)};
}

static GpuAnswer read_answer(const void *data, uint32_t bytes, uint32_t len)
{
    struct virtio_gpu_ctrl_hdr hdr;
    memset(&hdr, GPU_FILL, sizeof(hdr));
    memcpy(&hdr, data, bytes < sizeof(hdr) ? bytes : sizeof(hdr));
    return (GpuAnswer){
        .len = len,
        .type = le32_get(hdr.type),
        .flags = le32_get(hdr.flags),
        .fence_id = le64_get(hdr.fence_id),
        .data = data,
    };
}

const GpuAnswer *gpu_run_on(QVirtioDevice *d, uint16_t queue, const void *command,
                            uint32_t bytes, uint32_t response_bytes)
{
    void *out = arena_lend(bytes, 8), *in = arena_lend(response_bytes + 1, 8);
    GpuAnswer *answer = arena_lend(sizeof(*answer), 8);
    uint32_t len = 0;

    if (!out || !in || !answer) {
        return &gpu_no_memory;
    }
    memcpy(out, command, bytes);
    memset(in, GPU_FILL, response_bytes);
    QVirtioSg sg[] = {{arena_map(out, bytes), bytes},
                      {arena_map(in, response_bytes), response_bytes}};
    int err = qvirtqueue_submit(d->vq[queue], sg, 1, response_bytes > 0, &len);
    if (err) {
        answer->err = err;
    } else {
        *answer = read_answer(in, response_bytes, len);
    }
    return answer;
}

const GpuAnswer *gpu_run(QVirtioDevice *d, const void *command, uint32_t bytes,
                         uint32_t response_bytes)
{
    return gpu_run_on(d, VIRTIO_GPU_CONTROLQ, command, bytes, response_bytes);
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    const uint32_t in_bytes = sizeof(struct virtio_gpu_resp_display_info);
    struct virtio_gpu_ctrl_hdr *out = arena_lend(sizeof(*out), 8);
    void *in = arena_lend(in_bytes, 8);

    if (!out || !in) {
        return -QVIRTIO_NO_MEMORY;
    }
    *out = gpu_fenced_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, number);
    memset(in, GPU_FILL, in_bytes);
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_GPU_CONTROLQ],
        .number = number,
        .out = out,
        .out_bytes = sizeof(*out),
        .in = in,
        .in_bytes = in_bytes,
        .used_min = qvirtio_is_legacy(d) ? 0 : in_bytes,
        .used_max = in_bytes,
    };
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    GpuAnswer a = read_answer(ping->in, ping->in_bytes, used_len);
    const struct virtio_gpu_resp_display_info *info = ping->in;

    if (a.type != VIRTIO_GPU_RESP_OK_DISPLAY_INFO) {
        return "type of the response is not VIRTIO_GPU_RESP_OK_DISPLAY_INFO";
    }
    if (!(a.flags & VIRTIO_GPU_FLAG_FENCE) || a.fence_id != ping->number) {
        return "the response does not carry the request's fence";
    }
    if (le32_get(info->pmodes[VIRTIO_GPU_MAX_SCANOUTS - 1].flags) == GPU_UNANSWERED) {
        return "the last scanout's information was not written";
    }
    return NULL;
}

QVIRTIO_DRIVER(driver_gpu, .is_outward = true, .device_id = VIRTIO_ID_GPU, .name = "gpu",
               .features = features, .fields = fields,
               .config_bytes = sizeof(struct virtio_gpu_config),
               .ping_queue = VIRTIO_GPU_CONTROLQ, .queue_count = queue_count,
               .ping_make = ping_make, .ping_check = ping_check);
