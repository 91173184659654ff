/* SPDX-License-Identifier: MIT */
/*
 * GET_EDID (5.7.6.8) and the blob in its response, in the layout of VESA's E-EDID
 * standard: blocks of 128 bytes whose sum is 0. The first block has a fixed header and
 * says how many blocks follow. The preferred mode in it must be the one that the truth
 * says.
 */
#include "drivers/virtio/truths.h"
#include "tests/gpu/gpu_lib.h"

#define BLOCK_BYTES    128
#define EXTENSIONS_AT  126
#define FIRST_TIMING   54 /* 18 bytes: the preferred mode */
#define HEAD_OF_ANSWER offsetof(struct virtio_gpu_resp_edid, edid)
#define NEEDS_EDID     FEATURES(VIRTIO_GPU_F_EDID)

typedef struct virtio_gpu_resp_edid Edid;

static const GpuAnswer *ask(QVirtioDevice *dev, uint32_t scanout)
{
    struct virtio_gpu_get_edid c = {.hdr = gpu_header(VIRTIO_GPU_CMD_GET_EDID),
                                    .scanout = le32_of(scanout)};
    return gpu_run(dev, &c, sizeof(c), sizeof(Edid));
}

static const Edid *get_edid(Test *t, QVirtioDevice *dev)
{
    const GpuAnswer *a = ask(dev, 0);
    return expect_gpu(t, GPU_OK, a, VIRTIO_GPU_RESP_OK_EDID, HEAD_OF_ANSWER) ? a->data
                                                                             : NULL;
}

VIRTIO_TEST(edid_is_blocks_that_were_written, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_EDID, .flags = TEST_READS)
{
    const GpuAnswer *a = ask(dev, 0);
    if (expect_gpu(t, GPU_OK, a, VIRTIO_GPU_RESP_OK_EDID, HEAD_OF_ANSWER)) {
        uint32_t size = le32_get(((const Edid *)a->data)->size);
        expect_ge(t, "E-EDID 3", size, BLOCK_BYTES);
        expect_le(t, GPU_OK, size, VIRTIO_GPU_EDID_BYTES);
        expect_eq(t, "E-EDID 3", size % BLOCK_BYTES, 0);
        expect_used_len(t, a->len, sizeof(Edid));
    }
}

VIRTIO_TEST(edid_begins_with_its_header, .device = VIRTIO_ID_GPU, .needs = NEEDS_EDID,
            .flags = TEST_READS)
{
    static const uint8_t header[8] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    const Edid *e = get_edid(t, dev);
    if (e) {
        expect_same(t, "E-EDID 3.3", e->edid, header, sizeof(header));
        expect_eq(t, "E-EDID 3.5", e->edid[18],
                  1); /* the version, which is 1 in all revisions */
    }
}

VIRTIO_TEST(each_block_of_edid_sums_up_to_zero, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_EDID, .flags = TEST_READS)
{
    const Edid *e = get_edid(t, dev);
    unsigned blocks = e ? 1 + e->edid[EXTENSIONS_AT] : 0;
    if (e && !expect_le(t, "E-EDID 3.11", blocks * BLOCK_BYTES, le32_get(e->size))) {
        return;
    }
    for (unsigned i = 0; i < blocks; i++) {
        uint8_t sum = 0;
        for (unsigned at = 0; at < BLOCK_BYTES; at++) {
            sum += e->edid[i * BLOCK_BYTES + at];
        }
        expect_eq(t, "E-EDID 3.11", sum, 0);
    }
}

VIRTIO_TEST(edid_prefers_the_size_that_was_told, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_EDID, .flags = TEST_READS)
{
    uint64_t width, height;
    const Edid *e = get_edid(t, dev);
    const uint8_t *mode = e ? e->edid + FIRST_TIMING : NULL;
    if (!qvirtio_truth_u64(dev, "xres", &width) ||
        !qvirtio_truth_u64(dev, "yres", &height)) {
        test_skip(
            t, "the size of scanout 0 is unknown; pass know=gpu.N.xres=X,gpu.N.yres=Y");
    } else if (mode && !mode[0] && !mode[1]) {
        test_skip(t, "the first descriptor holds no preferred mode");
    } else if (mode) {
        expect_eq(t, "E-EDID 3.10.2", mode[2] | (mode[4] & 0xf0) << 4, width);
        expect_eq(t, "E-EDID 3.10.2", mode[5] | (mode[7] & 0xf0) << 4, height);
    }
}

VIRTIO_TEST(edid_of_a_scanout_past_the_last_is_refused, .device = VIRTIO_ID_GPU,
            .needs = NEEDS_EDID, .flags = TEST_READS)
{
    expect_gpu_error(t, GPU_ERROR, ask(dev, gpu_scanouts(dev)));
    expect_gpu_error(t, GPU_ERROR, ask(dev, VIRTIO_GPU_MAX_SCANOUTS));
    expect_gpu_error(t, GPU_ERROR, ask(dev, UINT32_MAX));
}
