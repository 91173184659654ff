/* SPDX-License-Identifier: MIT */
/*
 * Sends administration commands (2.12.1). A command consists of device-readable bytes and
 * device-writable bytes; the length of each is "a multiple of 64 bit" unless a test wants
 * another one.
 */
#include "drivers/virtio/device/admin.h"
#include "kernel/lib/string.h"

#define PIECES_MOST 8

static uint32_t in_words(uint32_t bytes)
{
    return (bytes + 7) & ~7u;
}

/* Cuts the bytes at `at` into pieces. Returns how many pieces there are. */
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
