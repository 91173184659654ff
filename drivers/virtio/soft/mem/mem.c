/* SPDX-License-Identifier: MIT */
/*
 * The memory device (5.15) in software. It has 16 blocks of a page, of which 8 are
 * requested and 4 more are usable. A device reset does not change which blocks are
 * plugged nor what they hold. Blocks that are unplugged are cleared, as a host would give
 * their memory to others.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_mem.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(region_grows, "dev:5.15.4.2-2", "adds what is plugged to region_size");
SOFT_FAULT(plugged_size_counts_requests, "dev:5.15.4.2-3",
           "counts a block for each request that plugs, however many it plugs");
SOFT_FAULT(usable_below_requested, "dev:5.15.4.2-4",
           "requests a block more than is usable");
SOFT_FAULT(block_size_is_odd, "dev:5.15.4.2-5", "has blocks of three pages");
SOFT_FAULT(region_begins_within_a_block, "dev:5.15.4.2-6",
           "shows an address half a block too high");
SOFT_FAULT(usable_ends_within_a_block, "dev:5.15.4.2-6",
           "has a usable region that is half a block too long");
SOFT_FAULT(usable_shrinks, "dev:5.15.4.2-8",
           "shrinks the usable region when less is requested");
SOFT_FAULT(resizes_memory_silently, "dev:5.15.4.2-9",
           "changes requested_size without a word");
SOFT_FAULT(plugging_is_told, "dev:5.15.4.2-10",
           "sends a configuration change notification for each request that plugs");
SOFT_FAULT(reset_unplugs, "dev:5.15.5.2-2", "unplugs everything at a device reset");
SOFT_FAULT(reset_wipes_memory, "dev:5.15.5.2-3", "clears plugged memory at reset");
SOFT_FAULT(unplug_wipes_the_next_block, "dev:5.15.6.2-3",
           "clears the block behind those that it unplugs");
SOFT_FAULT(state_wipes_memory, "dev:5.15.6.2-4", "clears the blocks it is asked about");
SOFT_FAULT(long_plug_is_an_error, "dev:5.15.6.3.2-1",
           "answers ERROR to a PLUG with more than 24 bytes");
SOFT_FAULT(padded_plug_is_an_error, "dev:5.15.6.3.2-2",
           "answers ERROR to a PLUG whose padding is not zero");
SOFT_FAULT(plug_rounds_addresses, "dev:5.15.6.3.2-3",
           "takes an address within a block for the block's");
SOFT_FAULT(plug_of_plugged_is_fine, "dev:5.15.6.3.2-4",
           "answers ACK to a PLUG of plugged blocks");
SOFT_FAULT(plug_is_answered_busy, "dev:5.15.6.3.2-6", "plugs, and answers BUSY");
SOFT_FAULT(plug_leaves_plugged_size, "dev:5.15.6.3.2-7",
           "does not count the first block that it plugs");
SOFT_FAULT(long_unplug_is_an_error, "dev:5.15.6.4.2-1",
           "answers ERROR to an UNPLUG with more than 24 bytes");
SOFT_FAULT(padded_unplug_is_an_error, "dev:5.15.6.4.2-2",
           "answers ERROR to an UNPLUG whose padding is not zero");
SOFT_FAULT(unplug_of_no_blocks_is_fine, "dev:5.15.6.4.2-3",
           "answers ACK to an UNPLUG of no blocks");
SOFT_FAULT(unplug_of_unplugged_is_fine, "dev:5.15.6.4.2-4",
           "answers ACK to an UNPLUG of unplugged blocks");
SOFT_FAULT(unplug_is_answered_nack, "dev:5.15.6.4.2-6", "unplugs, and answers NACK");
SOFT_FAULT(unplug_leaves_plugged_size, "dev:5.15.6.4.2-7",
           "unplugs and counts the blocks as plugged");
SOFT_FAULT(long_unplug_all_is_an_error, "dev:5.15.6.5.2-1",
           "answers ERROR to an UNPLUG ALL with more than 24 bytes");
SOFT_FAULT(padded_unplug_all_is_an_error, "dev:5.15.6.5.2-2",
           "answers ERROR to an UNPLUG ALL whose padding is not zero");
SOFT_FAULT(unplug_all_says_busy, "dev:5.15.6.5.2-4",
           "unplugs everything, and answers BUSY");
SOFT_FAULT(unplug_all_spares_a_block, "dev:5.15.6.5.2-5",
           "leaves the last plugged block plugged");
SOFT_FAULT(long_state_is_an_error, "dev:5.15.6.6.2-1",
           "answers ERROR to a STATE with more than 24 bytes");
SOFT_FAULT(padded_state_is_an_error, "dev:5.15.6.6.2-2",
           "answers ERROR to a STATE whose padding is not zero");
SOFT_FAULT(state_beyond_usable_is_fine, "dev:5.15.6.6.2-3",
           "tells the state of blocks that are not usable");
SOFT_FAULT(state_of_the_last_is_an_error, "dev:5.15.6.6.2-4",
           "answers ERROR to a STATE that ends with the last usable block");
SOFT_FAULT(several_plugged_are_mixed, "dev:5.15.6.6.2-5",
           "says MIXED of several blocks that are all plugged");
SOFT_FAULT(behind_plugged_is_mixed, "dev:5.15.6.6.2-6",
           "says MIXED of unplugged blocks behind a plugged one");
SOFT_FAULT(state_is_the_first_blocks, "dev:5.15.6.6.2-7",
           "tells the state of the first block for all");

/* "The device MAY reject requests with VIRTIO_MEM_RESP_BUSY if the request can currently
 * not be processed." */
SOFT_MANNER(mem_busy_now_and_then, "5.15.6.3.2",
            "answers BUSY to each second request that would change something");
SOFT_MANNER(mem_always_busy, "5.15.6.3.2",
            "answers BUSY to each request that would change something");
SOFT_MANNER(mem_busy_with_nothing, "5.15.6.5.2",
            "answers BUSY to an UNPLUG ALL when nothing is plugged");
/* What NACK says of a request is left open (5.15.6). */
SOFT_MANNER(mem_plugs_nothing, "5.15.6", "answers NACK to each PLUG that it could serve");
SOFT_MANNER(mem_blocks_are_large, "5.15.4.2", "has blocks of four pages");
SOFT_MANNER(mem_starts_plugged, "5.15.5", "has blocks plugged before the first life");
SOFT_MANNER(mem_tells_all_the_time, "5.15.4.2",
            "sends a configuration change notification for each request");
SOFT_MANNER(mem_usable_is_all, "5.15.4.2", "has its whole region usable at all times");
SOFT_MANNER(mem_requests_nothing, "5.15.4", "begins with a requested_size of 0");

#define BLOCKS           16
#define BLOCKS_REQUESTED 8
/* How many blocks are usable beyond those that are requested. */
#define BLOCKS_MORE 4

static uint8_t *memory;
static uint64_t block_bytes = PAGE_BYTES;
static bool plugged[BLOCKS];
/* Used by the manner mem_busy_now_and_then. */
static unsigned busy_turn;

/* One request, and the blocks that it is about, from `from` to to - 1. */
typedef struct Request {
    struct virtio_mem_req req;
    bool has_surplus, has_padding;
    unsigned from, to;
} Request;

static struct virtio_mem_config *config_of(SoftDevice *s)
{
    return (struct virtio_mem_config *)s->config;
}

static unsigned blocks_of(le64 bytes)
{
    return le64_get(bytes) / block_bytes;
}

/* 5.15.4.2: "The device MUST set usable_region_size to requested_size or greater". The
 * region shrinks only where it may. */
static void set_sizes(SoftDevice *s, unsigned requested, bool may_shrink)
{
    struct virtio_mem_config *c = config_of(s);
    unsigned usable = requested + BLOCKS_MORE < BLOCKS ? requested + BLOCKS_MORE : BLOCKS;
    if (usable < blocks_of(c->usable_region_size) && !may_shrink &&
        !soft_fault(usable_shrinks)) {
        usable = blocks_of(c->usable_region_size);
    }
    if (usable < BLOCKS && soft_manner(mem_usable_is_all)) {
        usable = BLOCKS;
    }
    usable -= soft_fault(usable_below_requested) ? BLOCKS_MORE + 1 : 0;
    c->requested_size = le64_of(requested * block_bytes);
    c->usable_region_size =
        le64_of(usable * block_bytes +
                (soft_fault(usable_ends_within_a_block) ? block_bytes / 2 : 0));
}

static unsigned requested_at_first(void)
{
    return soft_manner(mem_requests_nothing) ? 0 : BLOCKS_REQUESTED;
}

static void init(SoftDevice *s)
{
    struct virtio_mem_config *c = config_of(s);
    if (soft_manner(mem_blocks_are_large)) {
        block_bytes = 4 * PAGE_BYTES;
    }
    memory = page_alloc((BLOCKS + 1) * block_bytes / PAGE_BYTES);
    memory += -(uintptr_t)memory % block_bytes;
    c->block_size =
        le64_of(soft_fault(block_size_is_odd) ? 3 * block_bytes : block_bytes);
    c->addr = le64_of((uintptr_t)memory +
                      (soft_fault(region_begins_within_a_block) ? block_bytes / 2 : 0));
    c->region_size = le64_of(BLOCKS * block_bytes);
    set_sizes(s, requested_at_first(), true);
    if (soft_manner(mem_starts_plugged)) {
        plugged[1] = plugged[2] = true;
        c->plugged_size = le64_of(2 * block_bytes);
    }
}

static unsigned count_plugged(unsigned from, unsigned to)
{
    unsigned n = 0;
    for (unsigned i = from; i < to; i++) {
        n += plugged[i];
    }
    return n;
}

static void set_plugged_size(SoftDevice *s, unsigned blocks)
{
    config_of(s)->plugged_size = le64_of((uint64_t)blocks * block_bytes);
}

static unsigned plugged_size(SoftDevice *s)
{
    return blocks_of(config_of(s)->plugged_size);
}

static void clear_blocks(unsigned from, unsigned to)
{
    memset(memory + from * block_bytes, 0, (to - from) * block_bytes);
}

/* 5.15.5.2: "The device MUST NOT change the state of memory blocks during device reset",
 * nor what they hold. */
static void reset(SoftDevice *s)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        plugged[i] = plugged[i] && !soft_fault(reset_unplugs);
        if (soft_fault(reset_wipes_memory) && s->had_life) {
            clear_blocks(i, i + 1);
        }
    }
    if (soft_fault(reset_unplugs)) {
        set_plugged_size(s, 0);
    }
}

/* Finds the blocks of a request. Returns false when the address is not aligned, there are
 * no blocks, or not all of them are usable. */
static bool find_blocks(SoftDevice *s, Request *r)
{
    uint16_t type = le16_get(r->req.type);
    uint64_t off = le64_get(r->req.addr) - (uintptr_t)memory;
    uint64_t count = le16_get(r->req.nb_blocks);
    uint64_t most = blocks_of(config_of(s)->usable_region_size);
    bool may_be_crooked =
        type == VIRTIO_MEM_REQ_PLUG && soft_fault(plug_rounds_addresses);
    bool may_be_none =
        type == VIRTIO_MEM_REQ_UNPLUG && soft_fault(unplug_of_no_blocks_is_fine);
    if (type == VIRTIO_MEM_REQ_STATE && soft_fault(state_beyond_usable_is_fine)) {
        most = BLOCKS;
    }
    if ((off % block_bytes && !may_be_crooked) || (!count && !may_be_none) ||
        off / block_bytes >= most || count > most - off / block_bytes) {
        return false;
    }
    r->from = off / block_bytes;
    r->to = r->from + count;
    return true;
}

/* Updates plugged_size after a request that has changed something. */
static void count_again(SoftDevice *s, unsigned was)
{
    unsigned now = count_plugged(0, BLOCKS), shown = plugged_size(s);
    if (now > was) {
        now = soft_fault(plugged_size_counts_requests)           ? shown + 1
              : soft_fault(plug_leaves_plugged_size) && was == 0 ? 0
                                                                 : now;
    } else if (soft_fault(unplug_leaves_plugged_size)) {
        now = shown;
    }
    set_plugged_size(s, now);
    if (soft_fault(region_grows)) {
        config_of(s)->region_size = le64_of((BLOCKS + now) * block_bytes);
    }
    if (soft_fault(plugging_is_told)) {
        soft_config_changed(s);
    }
}

static void set_blocks(SoftDevice *s, unsigned from, unsigned to, bool is_plugged)
{
    unsigned was = count_plugged(0, BLOCKS);
    for (unsigned i = from; i < to; i++) {
        plugged[i] = is_plugged;
    }
    if (!is_plugged) {
        clear_blocks(from, to + (to < BLOCKS && soft_fault(unplug_wipes_the_next_block)));
    }
    count_again(s, was);
}

static uint16_t plug(SoftDevice *s, Request *r)
{
    if (!find_blocks(s, r)) {
        return VIRTIO_MEM_RESP_ERROR;
    }
    if (count_plugged(r->from, r->to)) {
        return soft_fault(plug_of_plugged_is_fine) ? VIRTIO_MEM_RESP_ACK
                                                   : VIRTIO_MEM_RESP_ERROR;
    }
    if (count_plugged(0, BLOCKS) + r->to - r->from >
        blocks_of(config_of(s)->requested_size)) {
        return VIRTIO_MEM_RESP_NACK;
    }
    if (soft_manner(mem_plugs_nothing)) {
        return VIRTIO_MEM_RESP_NACK;
    }
    set_blocks(s, r->from, r->to, true);
    return soft_fault(plug_is_answered_busy) ? VIRTIO_MEM_RESP_BUSY : VIRTIO_MEM_RESP_ACK;
}

static uint16_t unplug(SoftDevice *s, Request *r)
{
    if (!find_blocks(s, r)) {
        return VIRTIO_MEM_RESP_ERROR;
    }
    if (count_plugged(r->from, r->to) < r->to - r->from) {
        return soft_fault(unplug_of_unplugged_is_fine) ? VIRTIO_MEM_RESP_ACK
                                                       : VIRTIO_MEM_RESP_ERROR;
    }
    set_blocks(s, r->from, r->to, false);
    return soft_fault(unplug_is_answered_nack) ? VIRTIO_MEM_RESP_NACK
                                               : VIRTIO_MEM_RESP_ACK;
}

static uint16_t unplug_all(SoftDevice *s)
{
    unsigned to = BLOCKS;
    if (!count_plugged(0, BLOCKS) && soft_manner(mem_busy_with_nothing)) {
        return VIRTIO_MEM_RESP_BUSY;
    }
    while (soft_fault(unplug_all_spares_a_block) && to > 0 && !plugged[--to]) {
    }
    set_blocks(s, 0, to, false);
    set_sizes(s, blocks_of(config_of(s)->requested_size), true);
    return soft_fault(unplug_all_says_busy) ? VIRTIO_MEM_RESP_BUSY : VIRTIO_MEM_RESP_ACK;
}

static uint16_t state(SoftDevice *s, Request *r, uint16_t *state)
{
    if (!find_blocks(s, r) || (soft_fault(state_of_the_last_is_an_error) &&
                               r->to == blocks_of(config_of(s)->usable_region_size))) {
        return VIRTIO_MEM_RESP_ERROR;
    }
    unsigned to = soft_fault(state_is_the_first_blocks) ? r->from + 1 : r->to;
    unsigned n = count_plugged(r->from, to), all = to - r->from;
    bool is_odd = soft_fault(behind_plugged_is_mixed) && r->from && plugged[r->from - 1];
    *state = n == all && !(soft_fault(several_plugged_are_mixed) && all > 1)
                 ? VIRTIO_MEM_STATE_PLUGGED
             : n || is_odd ? VIRTIO_MEM_STATE_MIXED
                           : VIRTIO_MEM_STATE_UNPLUGGED;
    if (soft_fault(state_wipes_memory)) {
        clear_blocks(r->from, r->to);
    }
    return VIRTIO_MEM_RESP_ACK;
}

/* Used by the faults that do not ignore what a device must ignore. */
static bool is_picky(const Request *r)
{
    switch (le16_get(r->req.type)) {
    case VIRTIO_MEM_REQ_PLUG:
        return (r->has_surplus && soft_fault(long_plug_is_an_error)) ||
               (r->has_padding && soft_fault(padded_plug_is_an_error));
    case VIRTIO_MEM_REQ_UNPLUG:
        return (r->has_surplus && soft_fault(long_unplug_is_an_error)) ||
               (r->has_padding && soft_fault(padded_unplug_is_an_error));
    case VIRTIO_MEM_REQ_UNPLUG_ALL:
        return (r->has_surplus && soft_fault(long_unplug_all_is_an_error)) ||
               (r->has_padding && soft_fault(padded_unplug_all_is_an_error));
    default:
        return (r->has_surplus && soft_fault(long_state_is_an_error)) ||
               (r->has_padding && soft_fault(padded_state_is_an_error));
    }
}

static uint16_t serve(SoftDevice *s, Request *r, uint16_t *the_state)
{
    if (is_picky(r)) {
        return VIRTIO_MEM_RESP_ERROR;
    }
    if (soft_manner(mem_tells_all_the_time)) {
        soft_config_changed(s);
    }
    if (le16_get(r->req.type) != VIRTIO_MEM_REQ_STATE &&
        ((soft_manner(mem_busy_now_and_then) && busy_turn++ % 2 == 0) ||
         soft_manner(mem_always_busy))) {
        return VIRTIO_MEM_RESP_BUSY;
    }
    switch (le16_get(r->req.type)) {
    case VIRTIO_MEM_REQ_PLUG:
        return plug(s, r);
    case VIRTIO_MEM_REQ_UNPLUG:
        return unplug(s, r);
    case VIRTIO_MEM_REQ_UNPLUG_ALL:
        return unplug_all(s);
    default:
        return state(s, r, the_state);
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        Request r = {0};
        uint16_t the_state = 0;
        uint32_t got = qvirtqueue_element_read(e, 0, &r.req, sizeof(r.req));
        if (got < sizeof(r.req) || e->in_bytes < sizeof(struct virtio_mem_resp) ||
            le16_get(r.req.type) > VIRTIO_MEM_REQ_STATE) {
            soft_push(s, queue, e, 0);
            soft_needs_reset(s);
            return;
        }
        r.has_surplus = e->out_bytes > sizeof(r.req);
        r.has_padding = r.req.padding[0].raw || r.req.data_padding[0].raw;
        struct virtio_mem_resp resp = {.type = le16_of(serve(s, &r, &the_state))};
        resp.state = le16_of(the_state);
        soft_push(s, queue, e, qvirtqueue_element_write(e, 0, &resp, sizeof(resp)));
    }
}

static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    uint64_t size;
    (void)value, (void)bytes;
    if (strcmp(action, "restore") == 0) {
        set_sizes(s, requested_at_first(), true);
        return true;
    }
    if (strcmp(action, "resize") != 0 || !string_to_u64(args, &size) ||
        size > BLOCKS * block_bytes) {
        return false;
    }
    set_sizes(s, size / block_bytes, false);
    if (!soft_fault(resizes_memory_silently)) {
        soft_config_changed(s);
    }
    return true;
}

SOFT_MODEL(soft_mem, .device_id = VIRTIO_ID_MEM, .count = 1, .queues = 1,
           .features = FEATURES(VIRTIO_MEM_F_ACPI_PXM, VIRTIO_MEM_F_PERSISTENT_SUSPEND),
           .config_bytes = sizeof(struct virtio_mem_config), .init = init, .reset = reset,
           .run = run, .act = act);
