/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the rules of 5.15.6: requests and responses of the wrong length,
 * unknown types, memory that is not plugged. What the device makes of it is its affair.
 */
#include "kernel/mem/page.h"
#include "tests/mem/mem_lib.h"

/* One request of so many bytes, and room for so many of the response. */
static void send_cut(Test *t, QVirtioDevice *dev, uint16_t type, uint32_t out,
                     uint32_t in)
{
    MemRequest r = mem_request(dev, type, 0, 1, 0);
    if (!require_ok(t, r.req ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    QVirtioSg sg[2];
    unsigned n = 0;
    if (out) {
        sg[n++] = (QVirtioSg){arena_map(r.req, out), out};
    }
    if (in) {
        sg[n++] = (QVirtioSg){arena_map(r.resp, in), in};
    }
    if (require_ok(t, qvirtqueue_add(dev->vq[0], sg, out > 0, in > 0, &r))) {
        qvirtqueue_kick(dev->vq[0]);
    }
    expect_survives(t, dev);
}

/* "All requests are 24 bytes long." */
VIRTIO_TEST(short_mem_request_is_survived, .device = VIRTIO_ID_MEM, .violates = "5.15.6")
{
    send_cut(t, dev, VIRTIO_MEM_REQ_STATE, sizeof(struct virtio_mem_req) - 1,
             sizeof(struct virtio_mem_resp));
}

VIRTIO_TEST(response_without_a_request_is_survived, .device = VIRTIO_ID_MEM,
            .violates = "5.15.6")
{
    send_cut(t, dev, VIRTIO_MEM_REQ_STATE, 0, sizeof(struct virtio_mem_resp));
}

/* "All responses are 10 bytes long." */
VIRTIO_TEST(short_response_buffer_is_survived, .device = VIRTIO_ID_MEM,
            .violates = "5.15.6")
{
    send_cut(t, dev, VIRTIO_MEM_REQ_STATE, sizeof(struct virtio_mem_req),
             sizeof(struct virtio_mem_resp) - 1);
}

VIRTIO_TEST(request_without_room_for_a_response_is_survived, .device = VIRTIO_ID_MEM,
            .violates = "5.15.6")
{
    send_cut(t, dev, VIRTIO_MEM_REQ_UNPLUG_ALL, sizeof(struct virtio_mem_req), 0);
}

VIRTIO_TEST(unknown_mem_request_is_survived, .device = VIRTIO_ID_MEM,
            .violates = "5.15.6")
{
    send_cut(t, dev, 0xfffe, sizeof(struct virtio_mem_req),
             sizeof(struct virtio_mem_resp));
}

static const char *why_not_readable(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_MEM_F_UNPLUGGED_INACCESSIBLE)
               ? "VIRTIO_MEM_F_UNPLUGGED_INACCESSIBLE offered"
               : mem_why_not_one(dev);
}

/* The driver "SHOULD NOT read memory [...] of unplugged memory blocks inside
 * usable_region_size via the CPU"; the device "MUST allow the driver to". */
VIRTIO_TEST(unplugged_memory_may_be_read, .device = VIRTIO_ID_MEM, .violates = "5.15.6.1",
            .why_not = why_not_readable)
{
    MemRegion m;
    if (!mem_region(t, dev, &m)) {
        return;
    }
    uint64_t last = m.usable / m.block - 1;
    const volatile uint8_t *at = mem_at(t, dev, last, PAGE_BYTES);
    for (unsigned i = 0; at && i < PAGE_BYTES; i += 64) {
        (void)at[i];
    }
    if (at) {
        expect_survives(t, dev);
    }
}

/* The driver "MUST NOT write memory [...] of unplugged memory blocks". */
VIRTIO_TEST(unplugged_memory_written_is_survived, .device = VIRTIO_ID_MEM,
            .violates = "5.15.6.1", .why_not = mem_why_not_one)
{
    void *at = mem_at(t, dev, 0, PAGE_BYTES);
    if (!at) {
        return;
    }
    memset(at, 0x5a, PAGE_BYTES);
    expect_survives(t, dev);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 0);
}
