/* SPDX-License-Identifier: MIT */
/*
 * Scattered pings: a request's bytes cut anywhere, each piece in memory of its own at any
 * address, between canaries (2.7.4). The answer is put together again for the driver's
 * own check.
 */
#include "tests/ring/ring_lib.h"

RingChain *ring_chain_make(Test *t, QVirtioDevice *dev, uint32_t number)
{
    RingChain *c = arena_lend(sizeof(*c), 8);
    int err = c ? dev->driver->ping_make(dev, number, &c->ping) : -QVIRTIO_NO_MEMORY;
    return require_ok(t, err) ? c : NULL;
}

uint32_t ring_chain_left(const RingChain *c)
{
    uint32_t out = c->ping.out_bytes - c->out_cut_bytes;
    return out ? out : c->ping.in_bytes - c->in_cut_bytes;
}

bool ring_chain_cut(Test *t, RingChain *c, uint32_t bytes)
{
    uint32_t left = ring_chain_left(c);
    unsigned n = c->out + c->in;
    if (left == 0 || !require_that(t, n < RING_PIECES_MAX, "a piece that is free",
                                   "%u are in use", n)) {
        return false;
    }
    bytes = bytes == 0 || bytes > left ? left : bytes;
    bool is_out = c->out_cut_bytes < c->ping.out_bytes;
    const char *from = is_out ? (char *)c->ping.out + c->out_cut_bytes
                              : (char *)c->ping.in + c->in_cut_bytes;
    void *piece = arena_lend(bytes, 1);
    if (!require_ok(t, piece ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    memcpy(piece, from, bytes);
    c->piece[n] = piece;
    c->sg[n] = (QVirtioSg){.addr = arena_map(piece, bytes), .len = bytes};
    c->out += is_out;
    c->in += !is_out;
    c->out_cut_bytes += is_out ? bytes : 0;
    c->in_cut_bytes += is_out ? 0 : bytes;
    return true;
}

bool ring_chain_add(Test *t, RingChain *c)
{
    while (ring_chain_left(c)) {
        if (!ring_chain_cut(t, c, 0)) {
            return false;
        }
    }
    return require_ok(t, qvirtqueue_add(c->ping.vq, c->sg, c->out, c->in, c));
}

/* Out pieces are as they were; in pieces go back into the ping. */
static bool gather(Test *t, const ExpectAt *at, RingChain *c)
{
    uint32_t out_at = 0, in_at = 0;
    for (unsigned i = 0; i < c->out; i++) {
        if (!expect_bytes(t, at, c->piece[i], (char *)c->ping.out + out_at, c->sg[i].len,
                          "device-readable bytes unchanged")) {
            return false;
        }
        out_at += c->sg[i].len;
    }
    for (unsigned i = c->out; i < c->out + c->in; i++) {
        memcpy((char *)c->ping.in + in_at, c->piece[i], c->sg[i].len);
        in_at += c->sg[i].len;
    }
    return true;
}

bool ring_chain_take_at(Test *t, const ExpectAt *at, RingChain *c)
{
    QVirtioUsed used;
    if (!expect_success(t, at, qvirtqueue_wait(c->ping.vq, &used))) {
        return false;
    }
    return expect_condition(t, at, used.token == c, "this request used",
                            "another token") &&
           gather(t, at, c) && ring_check_at(t, at, &c->ping, used.len);
}

bool ring_chain_run_at(Test *t, const ExpectAt *at, RingChain *c)
{
    if (!ring_chain_add(t, c)) {
        return false;
    }
    qvirtqueue_kick(c->ping.vq);
    return ring_chain_take_at(t, at, c);
}
