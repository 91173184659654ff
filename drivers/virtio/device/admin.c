/* SPDX-License-Identifier: MIT */
/*
 * Administration virtqueues: opening them and sending commands (2.12.1, 2.13). A command
 * is a device-readable part and a device-writable part, each "a multiple of 64 bit in
 * length" unless a test wants another one.
 */
#include "drivers/virtio/device/admin.h"
#include "kernel/string.h"

#define PIECES_MOST 8

int qvirtio_admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count)
{
    if (!d->bus->admin_queues || !qvirtio_negotiated(d, VIRTIO_F_ADMIN_VQ)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    return d->bus->admin_queues(d, first, count);
}

int qvirtio_open_admin_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size)
{
    uint16_t first, count;
    int err = qvirtio_admin_queues(d, &first, &count);

    if (err) {
        return err == -QVIRTIO_UNSUPPORTED ? 0 : err;
    }
    for (uint16_t i = 0; i < count && i < QVIRTIO_ADMIN_QUEUES && !err; i++) {
        QVirtQueue *vq;
        bool is_far = (uint32_t)first + i >= QVIRTIO_MAX_QUEUES || d->vq[first + i];
        err = is_far ? 0 : qvirtqueue_open(d, first + i, size, ring, &vq);
    }
    return err;
}

QVirtQueue *qvirtio_admin_queue(QVirtioDevice *d, uint16_t n)
{
    uint16_t first, count;

    if (qvirtio_admin_queues(d, &first, &count) || n >= count ||
        (uint32_t)first + n >= QVIRTIO_MAX_QUEUES) {
        return NULL;
    }
    return d->vq[first + n];
}

int qvirtio_sriov_vfs(QVirtioDevice *d, uint16_t *vfs)
{
    return d->bus->sriov_vfs ? d->bus->sriov_vfs(d, vfs) : -QVIRTIO_UNSUPPORTED;
}

QVirtioDevice *qvirtio_sriov_member(QVirtioDevice *d, uint64_t vf)
{
    uint16_t vfs;
    bool is_there =
        d->bus->sriov_member && qvirtio_sriov_vfs(d, &vfs) == 0 && vf > 0 && vf <= vfs;
    return is_there ? d->bus->sriov_member(d, (uint16_t)vf) : NULL;
}

static uint32_t in_words(uint32_t bytes)
{
    return (bytes + 7) & ~7u;
}

/* Cuts bytes at `at` into pieces; how many they are. */
static unsigned cut(QVirtioSg *sg, const uint8_t *at, uint32_t bytes, unsigned pieces)
{
    unsigned count = pieces < 1 ? 1 : pieces < PIECES_MOST ? pieces : PIECES_MOST;
    uint32_t from = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t to = (uint64_t)bytes * (i + 1) / count;
        sg[i] = (QVirtioSg){arena_map(at + from, to - from), to - from};
        from = to;
    }
    return count;
}

static uint8_t *make_request(AdminCommand *c)
{
    struct virtio_admin_cmd_head head = {
        .opcode = le16_of(c->opcode),
        .group_type = le16_of(c->group),
        .group_member_id = le64_of(c->member),
    };
    uint32_t whole = in_words(sizeof(head) + c->data_bytes);
    c->out_bytes = c->out_bytes ? c->out_bytes : whole;
    uint32_t bytes = c->out_bytes > whole ? c->out_bytes : whole;
    uint8_t *out = arena_lend(bytes, 8);
    if (out) {
        memset(out, c->padding, bytes);
        memcpy(out, &head, sizeof(head));
        memcpy(out + sizeof(head), c->data, c->data_bytes);
    }
    return out;
}

int admin_add(QVirtioDevice *d, AdminCommand *c)
{
    QVirtioSg sg[2 * PIECES_MOST];
    QVirtQueue *vq = qvirtio_admin_queue(d, c->queue);
    if (!vq) {
        return -QVIRTIO_UNSUPPORTED;
    }
    c->in_bytes = c->in_bytes
                      ? c->in_bytes
                      : sizeof(struct virtio_admin_cmd_tail) + in_words(c->result_bytes);
    uint8_t *out = make_request(c), *in = arena_lend(c->in_bytes, 8);
    if (!out || !in) {
        return -QVIRTIO_NO_MEMORY;
    }
    memset(in, ADMIN_FILL, c->in_bytes);
    c->request = out;
    c->answer = in;
    c->result = in + sizeof(struct virtio_admin_cmd_tail);
    unsigned outs = cut(sg, out, c->out_bytes, c->pieces);
    unsigned ins = cut(sg + outs, in, c->in_bytes, c->pieces);
    return qvirtqueue_add(vq, sg, outs, ins, c);
}

void admin_take(AdminCommand *c, uint32_t used)
{
    struct virtio_admin_cmd_tail tail;
    memcpy(&tail, c->answer, sizeof(tail));
    c->used = used;
    c->status = le16_get(tail.status);
    c->qualifier = le16_get(tail.status_qualifier);
}

int admin_do(QVirtioDevice *d, AdminCommand *c)
{
    QVirtioUsed used;
    int err = admin_add(d, c);
    if (!err) {
        QVirtQueue *vq = qvirtio_admin_queue(d, c->queue);
        qvirtqueue_kick(vq);
        err = qvirtqueue_wait(vq, &used);
    }
    if (!err) {
        admin_take(c, used.len);
    }
    return err;
}
