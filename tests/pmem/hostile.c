/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the rules of 5.19.6: requests of the wrong length or type. What the
 * device makes of them is its affair.
 */
#include "kernel/clock.h"
#include "kernel/wait.h"
#include "tests/pmem/pmem_lib.h"

#define PATIENCE_NS (20 * NS_PER_MS)

static bool is_over(void *arg)
{
    QVirtioDevice *dev = arg;
    return qvirtqueue_has_used(dev->vq[0]) ||
           qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET);
}

/* A device that makes something of the request may do so, and be done before it is reset:
 * what comes of a reset amid a flush is judged in life/. */
static void send(Test *t, QVirtioDevice *dev, uint32_t type, uint32_t out, uint32_t in)
{
    struct virtio_pmem_req *req = arena_lend(sizeof(*req), 4);
    struct virtio_pmem_resp *resp = arena_lend(sizeof(*resp), 4);
    QVirtioSg sg[2];
    unsigned n = 0;
    if (!require_ok(t, req && resp ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    req->type = le32_of(type);
    if (out) {
        sg[n++] = (QVirtioSg){arena_map(req, out), out};
    }
    if (in) {
        sg[n++] = (QVirtioSg){arena_map(resp, in), in};
    }
    if (require_ok(t, qvirtqueue_add(dev->vq[0], sg, out > 0, in > 0, req))) {
        qvirtqueue_kick(dev->vq[0]);
        if (qvirtio_wait(dev, "an answer, or none", is_over, dev, PATIENCE_NS)) {
            wait_forget();
        }
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(unknown_flush_type_is_survived, .device = VIRTIO_ID_PMEM,
            .violates = "5.19.6")
{
    send(t, dev, 0xfffffffe, sizeof(struct virtio_pmem_req),
         sizeof(struct virtio_pmem_resp));
}

VIRTIO_TEST(short_flush_request_is_survived, .device = VIRTIO_ID_PMEM,
            .violates = "5.19.6")
{
    send(t, dev, 0, 2, sizeof(struct virtio_pmem_resp));
}

VIRTIO_TEST(flush_without_room_for_a_result_is_survived, .device = VIRTIO_ID_PMEM,
            .violates = "5.19.7.2")
{
    send(t, dev, 0, sizeof(struct virtio_pmem_req), 0);
}

VIRTIO_TEST(result_without_a_request_is_survived, .device = VIRTIO_ID_PMEM,
            .violates = "5.19.6")
{
    send(t, dev, 0, 0, sizeof(struct virtio_pmem_resp));
}
