/* SPDX-License-Identifier: MIT */
/* drivers/virtio/ring/split.c and in_order.c over a device that lies. */
#include "drivers/virtio/ring/qvring.h"
#include "tests/self/fuzz/ring_driver.h"

extern const QVirtioRing qvring_1_split, qvring_2_split_indirect, qvring_3_split_event,
    qvring_4_split_indirect_event, qvring_9_split_in_order;

static const QVirtioRing *const formats[] = {
    &qvring_1_split,          &qvring_2_split_indirect,
    &qvring_3_split_event,    &qvring_4_split_indirect_event,
    &qvring_9_split_in_order,
};

/* The used ring is the device's; the driver never writes there. */
static void *area(QVirtQueue *vq, unsigned n, size_t *bytes)
{
    (void)n;
    *bytes = virtq_used_bytes(vq->size);
    return vq->vring.used;
}

static uint16_t shown(const QVirtQueue *vq)
{
    return qvring_used_idx(&vq->vring) - vq->last_used;
}

static const FuzzDriver split = {formats, 5, &qvirtqueue_side_split, area, shown};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_ring_driver(&split, data, bytes);
    return 0;
}
