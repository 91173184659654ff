/* SPDX-License-Identifier: MIT */
/*
 * Commands of every kind (5.7.6.7): unknown types, responses with more room than they
 * need, capability sets, and commands and responses that are too short.
 */
#include "tests/gpu/gpu_lib.h"

#define HEAD sizeof(struct virtio_gpu_ctrl_hdr)

VIRTIO_TEST(unknown_command_is_refused, .device = VIRTIO_ID_GPU, .rings = RINGS_ALL)
{
    static const uint32_t types[] = {0,      1,       0xff,      0x1ff,  0x2ff,
                                     0x3ff,  0x400,   0x1100,    0x1200, 0x1206,
                                     0x8100, 0x10100, UINT32_MAX};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct virtio_gpu_ctrl_hdr c = gpu_header(types[i]);
        expect_gpu_error(t, GPU_ERROR, gpu_run(dev, &c, sizeof(c), HEAD));
    }
    require_ping(t, dev, 1);
}

static const char *has_no_capset(QVirtioDevice *dev)
{
    return gpu_config(dev, offsetof(struct virtio_gpu_config, num_capsets))
               ? NULL
               : "the device has no capability sets";
}

/* "capset_id MUST be one of the following" (5.7.6.8). */
VIRTIO_TEST(capsets_are_of_the_list, .device = VIRTIO_ID_GPU, .why_not = has_no_capset,
            .wants = FEATURES(VIRTIO_GPU_F_VIRGL))
{
    uint32_t count = gpu_config(dev, offsetof(struct virtio_gpu_config, num_capsets));
    for (uint32_t i = 0; i < count && i < VIRTIO_GPU_CAPSET_CROSS_DOMAIN; i++) {
        struct virtio_gpu_get_capset_info c = {
            .hdr = gpu_header(VIRTIO_GPU_CMD_GET_CAPSET_INFO),
            .capset_index = le32_of(i)};
        const struct virtio_gpu_resp_capset_info *info;
        const GpuAnswer *a = gpu_run(dev, &c, sizeof(c), sizeof(*info));
        if (!expect_gpu(t, GPU_OK, a, VIRTIO_GPU_RESP_OK_CAPSET_INFO, sizeof(*info))) {
            return;
        }
        info = a->data;
        uint32_t id = le32_get(info->capset_id);
        expect_that(t, "dev:5.7.6.8-1",
                    id >= VIRTIO_GPU_CAPSET_VIRGL && id <= VIRTIO_GPU_CAPSET_CROSS_DOMAIN,
                    "an id of the list", "%u", id);
    }
}

/* Sends a command and does not wait: the device may never answer a malformed one. */
static void submit(Test *t, QVirtioDevice *dev, const void *command, uint32_t bytes,
                   uint32_t response_bytes)
{
    uint8_t *out = arena_lend(bytes, 8), *in = arena_lend(response_bytes + 1, 8);
    QVirtQueue *vq = dev->vq[VIRTIO_GPU_CONTROLQ];
    if (!out || !in) {
        require_ok(t, -QVIRTIO_NO_MEMORY);
        return;
    }
    memcpy(out, command, bytes);
    QVirtioSg sg[] = {{arena_map(out, bytes), bytes},
                      {arena_map(in, response_bytes), response_bytes}};
    require_ok(t, qvirtqueue_add(vq, sg, bytes > 0, response_bytes > 0, out));
    qvirtqueue_kick(vq);
}

VIRTIO_TEST(commands_cut_short_do_no_harm, .device = VIRTIO_ID_GPU, .violates = "5.7.6.7")
{
    static const uint32_t sizes[] = {1, 4, HEAD - 1, HEAD, HEAD + 4, HEAD + 12};
    static const uint32_t types[] = {
        VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, VIRTIO_GPU_CMD_SET_SCANOUT,
        VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct virtio_gpu_transfer_to_host_2d c = {.hdr = gpu_header(types[i])};
        for (unsigned n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
            submit(t, dev, &c, sizes[n], HEAD);
        }
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(responses_without_room_do_no_harm, .device = VIRTIO_ID_GPU,
            .violates = "5.7.6.7")
{
    struct virtio_gpu_ctrl_hdr c = gpu_header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
    submit(t, dev, &c, sizeof(c), 0);
    submit(t, dev, &c, sizeof(c), 1);
    submit(t, dev, &c, sizeof(c), HEAD - 1);
    submit(t, dev, &c, sizeof(c), HEAD + 100);
    submit(t, dev, &c, 0, HEAD);
    expect_survives(t, dev);
}
