/* SPDX-License-Identifier: MIT */
/* Requests to the memory device (5.15.6), as all its tests make them: see mem_lib.h. */
#include "tests/mem/mem_lib.h"
#include "kernel/mem/page.h"

#define SURPLUS_BYTES 40

/* Has the host requested, and made usable, so many blocks? */
static bool has_blocks(QVirtioDevice *dev, uint64_t blocks)
{
    MemRegion m;
    return mem_read_region(dev, &m) == 0 && m.usable / m.block >= blocks &&
           m.requested / m.block >= blocks;
}

const char *mem_why_not_one(QVirtioDevice *dev)
{
    return has_blocks(dev, 1) ? NULL : "requested_size is less than a block";
}

const char *mem_why_not_four(QVirtioDevice *dev)
{
    return has_blocks(dev, 4) ? NULL : "requested_size is less than 4 blocks";
}

bool mem_region(Test *t, QVirtioDevice *dev, MemRegion *m)
{
    return require_ok(t, mem_read_region(dev, m));
}

uint64_t mem_plugged(Test *t, QVirtioDevice *dev)
{
    MemRegion m;
    return mem_region(t, dev, &m) ? m.plugged / m.block : UINT64_MAX;
}

/* "All responses are 10 bytes long." */
static bool expect_response(Test *t, const MemRequest *r, int err)
{
    return require_ok(t, err) && expect_used_len(t, r->used_len, sizeof(*r->resp));
}

static bool run(Test *t, MemRequest *r)
{
    return expect_response(t, r, mem_run(r));
}

/* Sends the request until it is served; see mem_ask_at(). */
static uint16_t serve(Test *t, QVirtioDevice *dev, MemRequest *r)
{
    MemRegion before, after;
    int err;
    if (!mem_region(t, dev, &before)) {
        return MEM_UNANSWERED;
    }
    uint16_t answer = mem_run_until_served(r, &err);
    if (!expect_response(t, r, err) || !mem_region(t, dev, &after)) {
        return MEM_UNANSWERED;
    }
    if (answer == VIRTIO_MEM_RESP_BUSY && after.plugged == before.plugged) {
        test_skip(t, "the device is BUSY: it answered that %u times, and may", MEM_TRIES);
    }
    return answer;
}

uint16_t mem_ask_at(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t addr,
                    uint16_t blocks)
{
    MemRequest r = mem_request(dev, type, addr, blocks, 0);
    return serve(t, dev, &r);
}

static uint64_t address_of(Test *t, QVirtioDevice *dev, uint64_t block)
{
    MemRegion m;
    return mem_region(t, dev, &m) ? m.addr + block * m.block : 0;
}

uint16_t mem_ask(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first,
                 uint16_t blocks)
{
    return mem_ask_at(t, dev, type, address_of(t, dev, first), blocks);
}

/* Sends a request that there is no reason to refuse; see mem_change(). */
static uint16_t change(Test *t, QVirtioDevice *dev, MemRequest *r)
{
    uint64_t before = mem_plugged(t, dev);
    uint16_t answer = serve(t, dev, r);
    if (answer == VIRTIO_MEM_RESP_NACK && mem_plugged(t, dev) == before) {
        test_skip(t, "the device has a reason of its own to refuse: NACK");
    }
    return answer;
}

uint16_t mem_change(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first,
                    uint16_t blocks)
{
    MemRequest r = mem_request(dev, type, address_of(t, dev, first), blocks, 0);
    return change(t, dev, &r);
}

uint16_t mem_plug_too_much(Test *t, QVirtioDevice *dev, uint64_t first, uint16_t blocks)
{
    MemRequest r =
        mem_request(dev, VIRTIO_MEM_REQ_PLUG, address_of(t, dev, first), blocks, 0);
    return run(t, &r) ? mem_answer(&r) : MEM_UNANSWERED;
}

uint16_t mem_state(Test *t, QVirtioDevice *dev, uint64_t first, uint16_t blocks)
{
    MemRequest r =
        mem_request(dev, VIRTIO_MEM_REQ_STATE, address_of(t, dev, first), blocks, 0);
    return run(t, &r) ? mem_answer_state(&r) : MEM_UNANSWERED;
}

uint16_t mem_ask_with_surplus(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first)
{
    MemRequest r = mem_request(dev, type, address_of(t, dev, first), 1, SURPLUS_BYTES);
    if (r.req) {
        memset(r.req + 1, 0xff, SURPLUS_BYTES);
    }
    return change(t, dev, &r);
}

uint16_t mem_ask_with_padding(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first)
{
    MemRequest r = mem_request(dev, type, address_of(t, dev, first), 1, 0);
    if (r.req && type == VIRTIO_MEM_REQ_UNPLUG_ALL) {
        r.req->addr = le64_of(UINT64_MAX);
        r.req->nb_blocks = le16_of(UINT16_MAX);
    }
    if (r.req) {
        memset(r.req->padding, 0xff, sizeof(r.req->padding));
        memset(r.req->data_padding, 0xff, sizeof(r.req->data_padding));
    }
    return change(t, dev, &r);
}

void mem_expect_bad_ranges_refused(Test *t, const char *clause, QVirtioDevice *dev,
                                   uint16_t type)
{
    MemRegion m;
    if (!mem_region(t, dev, &m)) {
        return;
    }
    uint64_t end = m.addr + m.usable, top = 0 - m.block;
    const struct {
        const char *what;
        uint64_t addr;
        uint16_t blocks;
    } bad[] = {
        {"half a block off", m.addr + m.block / 2, 1},
        {"a byte off", m.addr + 1, 1},
        {"no blocks", m.addr, 0},
        {"below the region", m.addr - m.block, 1},
        {"from below the region", m.addr - m.block, 2},
        {"behind what is usable", end, 1},
        {"to behind what is usable", end - m.block, 2},
        {"as many as can be said", m.addr, m.usable / m.block < 0xffff ? 0xffff : 0},
        {"the last block there can be", top, 1},
        {"around the end of all addresses", top, 2},
    };
    uint64_t before = mem_plugged(t, dev);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint16_t answer = mem_ask_at(t, dev, type, bad[i].addr, bad[i].blocks);
        expect_that(t, clause, answer == VIRTIO_MEM_RESP_ERROR,
                    "VIRTIO_MEM_RESP_ERROR (3) for a range that is not", "%u for %s",
                    answer, bad[i].what);
    }
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), before);
}

void *mem_at(Test *t, QVirtioDevice *dev, uint64_t block, uint64_t bytes)
{
    void *at = page_map_memory(address_of(t, dev, block), bytes);
    if (!at) {
        test_skip(t, "memory there cannot be mapped");
    }
    return at;
}
