/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio/soft/side/split.c on rings that no driver should make: what
 * tests/self/fuzz has found, written down.
 */
#include "drivers/virtio/ring/qvring.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "drivers/virtio/soft/side/side.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"
#include <stdlib.h>

#define SIZE 4

const SoftFault *soft_fault_chosen;         /* none */
struct SoftMannerChoice soft_manner_choice; /* none */

static QVRingDesc *desc;
static QVRingAvail *avail;
static QVRingUsed *used;

static QVirtQueueSide ring(void)
{
    arena_reset();
    desc = arena_lend(virtq_desc_bytes(SIZE), VIRTQ_DESC_ALIGN);
    avail = arena_lend(virtq_avail_bytes(SIZE), VIRTQ_AVAIL_ALIGN);
    used = arena_lend(virtq_used_bytes(SIZE) + 1, VIRTQ_USED_ALIGN);
    QVirtQueueSide q = {
        .format = &qvirtqueue_side_split,
        .size = SIZE,
        .desc_addr = arena_map(desc, virtq_desc_bytes(SIZE)),
        .driver_addr = arena_map(avail, virtq_avail_bytes(SIZE)),
        .device_addr = arena_map(used, virtq_used_bytes(SIZE)),
        .uses_indirect = true,
    };
    qvirtqueue_side_start(&q);
    avail->idx = virtio16_of(false, 1);
    return q;
}

static void set_desc(unsigned i, uint64_t addr, uint32_t len, uint16_t flags)
{
    desc[i] = (QVRingDesc){.addr = virtio64_of(false, addr),
                           .len = virtio32_of(false, len),
                           .flags = virtio16_of(false, flags)};
}

static void takes_its_own_table_once(void)
{
    QVirtQueueElement e;
    QVirtQueueSide q = ring();

    set_desc(0, q.desc_addr.raw, 16, VIRTQ_DESC_F_INDIRECT);
    CHECK_EQ(qvirtqueue_pop(&q, &e), -QVIRTIO_BROKEN,
             "a table that leads into itself ends the walk");
    q = ring();
    set_desc(0, q.desc_addr.raw + 16, 16, VIRTQ_DESC_F_INDIRECT);
    set_desc(1, q.device_addr.raw, 4, VIRTQ_DESC_F_WRITE);
    CHECK_EQ(qvirtqueue_pop(&q, &e), 1, "the ring's own descriptors make a table");
    CHECK_EQ(e.in_num, 1, "whose entries are taken");
    qvirtqueue_push(&q, &e, 4);
    CHECK_EQ(qvring_used_idx(&q.vring), 1, "and the request is used");
}

static void refuses_crooked_areas(void)
{
    QVirtQueueElement e;
    QVirtQueueSide q = ring();

    q.device_addr.raw += 1;
    CHECK_EQ(qvirtqueue_pop(&q, &e), -QVIRTIO_BROKEN, "an area that is not aligned");
    CHECK(q.broken && strstr(q.broken, "aligned"), "is named");
}

int main(void)
{
    size_t bytes = 1u << 20;
    arena_init(aligned_alloc(4096, bytes), bytes);
    takes_its_own_table_once();
    refuses_crooked_areas();
    return check_done();
}
