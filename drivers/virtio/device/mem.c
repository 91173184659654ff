/* SPDX-License-Identifier: MIT */
/*
 * The driver of the memory device (5.15): its tables, its requests and its ping, a STATE
 * request. Pings ask for different blocks, and each fourth ping asks for an address
 * between two blocks, which the device must refuse. So the answers tell the pings apart.
 *
 * A life begins with nothing plugged: where there are plugged blocks, UNPLUG ALL is sent
 * as 5.15.5.1 asks.
 */
#include "drivers/virtio/device/mem.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/string.h"

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_MEM_F_ACPI_PXM, .name = "ACPI_PXM"},
    {.bit = VIRTIO_MEM_F_UNPLUGGED_INACCESSIBLE, .name = "UNPLUGGED_INACCESSIBLE"},
    {.bit = VIRTIO_MEM_F_PERSISTENT_SUSPEND, .name = "PERSISTENT_SUSPEND"},
    {.name = NULL},
};

#define FIELD(f, feature_bit, how)                                       \
    {                                                                    \
        .name = #f, .feature = feature_bit, .flags = how,                \
        .offset = offsetof(struct virtio_mem_config, f),                 \
        .width = sizeof(((struct virtio_mem_config *)0)->f), .count = 1, \
    }

static const QVirtioField fields[] = {
    FIELD(block_size, FEATURES_END, QVIRTIO_FIELD_CONST),
    FIELD(node_id, VIRTIO_MEM_F_ACPI_PXM, QVIRTIO_FIELD_CONST),
    FIELD(addr, FEATURES_END, QVIRTIO_FIELD_CONST),
    FIELD(region_size, FEATURES_END, QVIRTIO_FIELD_CONST),
    FIELD(usable_region_size, FEATURES_END, QVIRTIO_FIELD_VOLATILE),
    FIELD(plugged_size, FEATURES_END, QVIRTIO_FIELD_VOLATILE),
    FIELD(requested_size, FEATURES_END, QVIRTIO_FIELD_VOLATILE),
    {.name = NULL},
};

int mem_read_region(QVirtioDevice *d, MemRegion *m)
{
    const struct {
        size_t off;
        uint64_t *to;
    } wanted[] = {
        {offsetof(struct virtio_mem_config, block_size), &m->block},
        {offsetof(struct virtio_mem_config, addr), &m->addr},
        {offsetof(struct virtio_mem_config, region_size), &m->region},
        {offsetof(struct virtio_mem_config, usable_region_size), &m->usable},
        {offsetof(struct virtio_mem_config, plugged_size), &m->plugged},
        {offsetof(struct virtio_mem_config, requested_size), &m->requested},
    };
    int err = 0;
    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && !err; i++) {
        err = qvirtio_config_read(d, wanted[i].off, sizeof(uint64_t), wanted[i].to);
    }
    return err ? err : m->block ? 0 : -QVIRTIO_RANGE;
}

MemRequest mem_request(QVirtioDevice *d, uint16_t type, uint64_t addr, uint16_t blocks,
                       uint32_t surplus)
{
    MemRequest r = {.vq = d->vq[0], .req_bytes = sizeof(*r.req) + surplus};

    r.req = arena_lend(r.req_bytes, 8);
    r.resp = arena_lend(sizeof(*r.resp), 2);
    if (!r.req || !r.resp) {
        r.req = NULL;
        return r;
    }
    *r.req = (struct virtio_mem_req){
        .type = le16_of(type), .addr = le64_of(addr), .nb_blocks = le16_of(blocks)};
    memset(r.resp, 0xff, sizeof(*r.resp));
    return r;
}

int mem_run(MemRequest *r)
{
    if (!r->req) {
        return -QVIRTIO_NO_MEMORY;
    }
    QVirtioSg sg[2] = {
        {arena_map(r->req, r->req_bytes), r->req_bytes},
        {arena_map(r->resp, sizeof(*r->resp)), sizeof(*r->resp)},
    };
    return qvirtqueue_submit(r->vq, sg, 1, 1, &r->used_len);
}

uint16_t mem_answer(const MemRequest *r)
{
    return le16_get(r->resp->type);
}

uint16_t mem_answer_state(const MemRequest *r)
{
    return mem_answer(r) == VIRTIO_MEM_RESP_ACK ? le16_get(r->resp->state)
                                                : MEM_UNANSWERED;
}

static uint16_t mem_queue_count(QVirtioDevice *d)
{
    (void)d;
    return 1;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

uint16_t mem_run_until_served(MemRequest *r, int *err)
{
    uint16_t answer = MEM_UNANSWERED;
    for (unsigned i = 0; i < MEM_TRIES; i++) {
        if (i) {
            qvirtio_wait(r->vq->dev, "a device that is not BUSY", never, NULL,
                         MEM_TRY_MS);
        }
        *err = mem_run(r);
        answer = *err ? MEM_UNANSWERED : mem_answer(r);
        if (answer != VIRTIO_MEM_RESP_BUSY) {
            break;
        }
    }
    return answer;
}

/* 5.15.5.1: "The driver SHOULD issue UNPLUG ALL requests until successful if the device
 * still has memory plugged and the plugged memory is not in use." A device that goes on
 * to be BUSY keeps its blocks. */
static int mem_open(QVirtioDevice *d, const QVirtioRing *ring)
{
    MemRegion *m = arena_lend(sizeof(*m), 8);
    (void)ring;
    if (!m) {
        return -QVIRTIO_NO_MEMORY;
    }
    d->driver_data = m;
    int err = mem_read_region(d, m);
    if (!err && m->plugged) {
        MemRequest r = mem_request(d, VIRTIO_MEM_REQ_UNPLUG_ALL, 0, 0, 0);
        mem_run_until_served(&r, &err);
        err = err ? err : mem_read_region(d, m);
    }
    return err;
}

/* Returns the address that a ping asks for. Before `open` it is an address that no block
 * can have. */
static uint64_t ping_address(const MemRegion *m, uint32_t number)
{
    uint64_t blocks = m ? m->usable / m->block : 0;
    if (!m) {
        return 1;
    }
    bool is_crooked = number % 4 == 3 || !blocks;
    return m->addr + (blocks ? number % blocks * m->block : 0) +
           (is_crooked ? m->block / 2 : 0);
}

static int mem_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    uint64_t addr = ping_address(d->driver_data, number);
    MemRequest r = mem_request(d, VIRTIO_MEM_REQ_STATE, addr, 1, 0);
    if (!r.req) {
        return -QVIRTIO_NO_MEMORY;
    }
    *ping = (QVirtioPing){
        .dev = d,
        .vq = r.vq,
        .number = number,
        .out = r.req,
        .out_bytes = sizeof(*r.req),
        .in = r.resp,
        .in_bytes = sizeof(*r.resp),
        .used_min = sizeof(*r.resp),
        .used_max = sizeof(*r.resp),
    };
    return 0;
}

static const char *mem_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const MemRegion *m = ping->dev->driver_data;
    MemRequest r = {.req = ping->out, .resp = ping->in};
    uint64_t addr = le64_get(r.req->addr);

    (void)used_len;
    if (!m || addr % m->block) {
        return mem_answer(&r) == VIRTIO_MEM_RESP_ERROR
                   ? NULL
                   : "STATE of an address between two blocks is no ERROR";
    }
    if (mem_answer(&r) != VIRTIO_MEM_RESP_ACK) {
        return "STATE of a usable block is not answered ACK";
    }
    return m->plugged || mem_answer_state(&r) == VIRTIO_MEM_STATE_UNPLUGGED
               ? NULL
               : "a block that nobody plugged is not UNPLUGGED";
}

QVIRTIO_DRIVER(mem, .device_id = VIRTIO_ID_MEM, .name = "mem", .features = features,
               .fields = fields, .config_bytes = sizeof(struct virtio_mem_config),
               .accepts = FEATURES(VIRTIO_MEM_F_UNPLUGGED_INACCESSIBLE),
               .queue_count = mem_queue_count, .open = mem_open,
               .ping_make = mem_ping_make, .ping_check = mem_ping_check);
