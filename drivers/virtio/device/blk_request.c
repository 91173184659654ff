/* SPDX-License-Identifier: MIT */
/*
 * Block requests (5.2.6). A request consists of three buffers that are lent separately.
 * It is sent in the framing that even a legacy device without VIRTIO_F_ANY_LAYOUT
 * accepts, or in any other. The caller judges the answer.
 */
#include "drivers/virtio/device/blk.h"
#include "kernel/lib/string.h"

/* Returns true for the types whose data the device reads. It writes the data of all
 * others. */
static bool type_is_out(uint32_t type)
{
    return type == VIRTIO_BLK_T_OUT || type == VIRTIO_BLK_T_DISCARD ||
           type == VIRTIO_BLK_T_WRITE_ZEROES || type == VIRTIO_BLK_T_SECURE_ERASE ||
           type == VIRTIO_BLK_T_ZONE_APPEND;
}

BlkRequest blk_request(QVirtioDevice *d, uint32_t type, uint64_t sector, uint32_t bytes)
{
    bool legacy = qvirtio_is_legacy(d);
    BlkRequest r = {.vq = d->vq[0], .bytes = bytes, .is_out = type_is_out(type)};

    r.header = arena_lend(sizeof(*r.header), 8);
    r.data = bytes ? arena_lend(bytes, 16) : NULL;
    /* struct virtio_blk_req_za: the device tells where it appended the data. */
    bool is_append = type == VIRTIO_BLK_T_ZONE_APPEND;
    r.status_bytes = 1 + (is_append ? sizeof(*r.append_sector) : 0);
    uint8_t *answer = arena_lend(r.status_bytes, 8);
    if (!r.header || (bytes && !r.data) || !answer) {
        r.header = NULL;
        return r;
    }
    *r.header = (struct virtio_blk_req){
        .type = virtio32_of(legacy, type),
        .sector = virtio64_of(legacy, sector),
    };
    r.append_sector = is_append ? (virtio64 *)answer : NULL;
    r.status = answer + r.status_bytes - 1;
    memset(answer, BLK_STATUS_UNWRITTEN, r.status_bytes);
    if (bytes && !r.is_out) {
        memset(r.data, BLK_FILL, bytes);
    }
    return r;
}

void blk_segment(BlkRequest *r, unsigned i, uint64_t sector, uint32_t sectors,
                 uint32_t flags)
{
    bool legacy = qvirtio_is_legacy(r->vq->dev);
    if (r->header) {
        ((struct virtio_blk_discard_write_zeroes *)r->data)[i] =
            (struct virtio_blk_discard_write_zeroes){
                .sector = virtio64_of(legacy, sector),
                .num_sectors = virtio32_of(legacy, sectors),
                .flags = virtio32_of(legacy, flags),
            };
    }
}

unsigned blk_sg(const BlkRequest *r, QVirtioSg sg[BLK_SG_MAX], unsigned *count)
{
    unsigned n = 0;
    sg[n++] = (QVirtioSg){arena_map(r->header, sizeof(*r->header)), sizeof(*r->header)};
    if (r->bytes) {
        sg[n++] = (QVirtioSg){arena_map(r->data, r->bytes), r->bytes};
    }
    const uint8_t *answer = r->status + 1 - r->status_bytes;
    sg[n++] = (QVirtioSg){arena_map(answer, r->status_bytes), r->status_bytes};
    *count = n;
    return 1 + (r->bytes && r->is_out);
}

int blk_add(BlkRequest *r)
{
    QVirtioSg sg[BLK_SG_MAX];
    unsigned count;

    if (!r->header) {
        return -QVIRTIO_NO_MEMORY;
    }
    unsigned out = blk_sg(r, sg, &count);
    return qvirtqueue_add(r->vq, sg, out, count - out, r);
}

int blk_run(BlkRequest *r)
{
    QVirtioSg sg[BLK_SG_MAX];
    unsigned count;

    if (!r->header) {
        return -QVIRTIO_NO_MEMORY;
    }
    unsigned out = blk_sg(r, sg, &count);
    return blk_run_sg(r, sg, out, count - out);
}

int blk_run_sg(BlkRequest *r, const QVirtioSg *sg, unsigned out, unsigned in)
{
    if (!r->header) {
        return -QVIRTIO_NO_MEMORY;
    }
    return qvirtqueue_submit(r->vq, sg, out, in, &r->used_len);
}
