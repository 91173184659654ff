/* SPDX-License-Identifier: MIT */
/* drivers/virtio/ring/packed.c and in_order.c over a device that lies. */
#include "drivers/virtio/ring/packed.h"
#include "tests/self/fuzz/ring_driver.h"

extern const QVirtioRing qvring_5_packed, qvring_6_packed_indirect, qvring_7_packed_event,
    qvring_8_packed_indirect_event, qvring_a_packed_in_order;

static const QVirtioRing *const formats[] = {
    &qvring_5_packed,          &qvring_6_packed_indirect,
    &qvring_7_packed_event,    &qvring_8_packed_indirect_event,
    &qvring_a_packed_in_order,
};

/* Descriptors are written by both sides; the event structure of the device by it. */
static void *area(QVirtQueue *vq, unsigned n, size_t *bytes)
{
    const QVRingPacked *p = qvring_packed(vq);
    *bytes = n ? sizeof(*p->device) : virtq_packed_desc_bytes(vq->size);
    return n ? (void *)p->device : (void *)p->desc;
}

static const FuzzDriver packed = {formats, 5, &qvirtqueue_side_packed, area, NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_ring_driver(&packed, data, bytes);
    return 0;
}
