/* SPDX-License-Identifier: MIT */
/*
 * Commands on the control queue (5.1.9.5). The driver sends class, command and data. The
 * device writes its answer, and with some commands a result.
 */
#include "drivers/virtio/device/net.h"
#include "kernel/lib/string.h"

int net_ask(QVirtioDevice *d, NetCommand *c)
{
    QVirtQueue *vq = d->vq[d->driver->queue_count(d) - 1];
    uint32_t in_bytes = c->result_bytes + 1, used = 0;
    uint8_t *out = arena_lend(2 + c->bytes, 1), *in = arena_lend(in_bytes, 1);
    if (!out || !in) {
        return -QVIRTIO_NO_MEMORY;
    }
    uint8_t *ack = c->result_comes_first ? in + c->result_bytes : in;
    out[0] = c->class;
    out[1] = c->command;
    memcpy(out + 2, c->data, c->bytes);
    memset(in, 0xff, in_bytes);
    QVirtioSg sg[] = {
        {arena_map(out, 2 + c->bytes), 2 + c->bytes},
        {arena_map(in, in_bytes), in_bytes},
    };
    int err = qvirtqueue_submit(vq, sg, 1, 1, &used);
    c->ack = *ack;
    c->used = used;
    c->result = c->result_comes_first ? in : in + 1;
    return err;
}

int net_command(QVirtioDevice *d, uint8_t class, uint8_t command, const void *data,
                uint32_t bytes, uint8_t *ack)
{
    NetCommand c = {.class = class, .command = command, .data = data, .bytes = bytes};
    int err = net_ask(d, &c);
    *ack = c.ack;
    return err;
}
