/* SPDX-License-Identifier: MIT */
/*
 * The word bench: what a 4 KiB block request costs on our side of the doorbell, in place
 * of the plan. Prints
 * "# bench name value unit" lines; under -icount shift=0 a nanosecond is one guest
 * instruction, which is how `make bench` reads them. The wait for the device is left out.
 */
#include "drivers/virtio/device/blk.h"
#include "kernel/clock.h"
#include "kernel/lib/printf.h"
#include "tests/harness/harness.h"

#define REQUESTS 64
#define BYTES    4096

typedef struct Cost {
    uint64_t submit_ns, complete_ns;
} Cost;

static bool has_used(void *arg)
{
    return qvirtqueue_has_used(arg);
}

/* Building, adding and kicking; then, when it is used, taking it back and looking at the
 * status. */
static int measure_one(BlkRequest *r, uint64_t sector, Cost *cost)
{
    QVirtioUsed used;
    uint64_t start = clock_ns();
    r->header->sector = virtio64_of(qvirtio_is_legacy(r->vq->dev), sector);
    *r->status = BLK_STATUS_UNWRITTEN;
    int err = blk_add(r);
    qvirtqueue_kick(r->vq);
    cost->submit_ns += clock_ns() - start;
    if (!err) {
        err = qvirtio_wait(r->vq->dev, r->vq->what, has_used, r->vq, 0);
    }
    start = clock_ns();
    int got = err ? err : qvirtqueue_get(r->vq, &used);
    bool is_ok = got == 1 && used.len == BYTES + 1 && *r->status == VIRTIO_BLK_S_OK;
    cost->complete_ns += clock_ns() - start;
    return is_ok ? 0 : -QVIRTIO_BROKEN;
}

/* clock_ns() itself, so that it can be taken off. */
static uint64_t clock_cost(void)
{
    uint64_t start = clock_ns();
    for (unsigned i = 0; i < REQUESTS; i++) {
        clock_ns();
    }
    return clock_ns() - start;
}

static void print_line(const char *what, const QVirtioRing *ring, uint64_t total,
                       uint64_t clock)
{
    uint64_t own = total > clock ? total - clock : 0;
    kprintf("# bench blk-4k-read-%s:%s %llu instructions\n", what, ring->name,
            (unsigned long long)(own / REQUESTS));
}

static void bench_ring(QVirtioDevice *d, const QVirtioRing *ring)
{
    QVirtioFeatures none = {0};
    Cost cost = {0};
    arena_reset();
    int err = qvirtio_start(d, &none, ring);
    BlkRequest r = {0};
    if (!err) {
        r = blk_request(d, VIRTIO_BLK_T_IN, 0, BYTES);
        err = r.header ? 0 : -QVIRTIO_NO_MEMORY;
    }
    for (unsigned i = 0; i < REQUESTS && !err; i++) {
        err = measure_one(&r, 8 * i, &cost);
    }
    qvirtio_stop(d);
    if (err) {
        kprintf("# bench of %s:%s failed: %s\n", d->name, ring->name,
                qvirtio_error_name(err));
        return;
    }
    uint64_t clock = clock_cost();
    print_line("submit", ring, cost.submit_ns, clock);
    print_line("complete", ring, cost.complete_ns, clock);
}

bool bench_run(void)
{
    QVirtioDevice *d = qvirtio_device_find("pci", VIRTIO_ID_BLOCK, 0);
    if (!d) {
        return false;
    }
    const QVirtioRing *ring;
    for (unsigned i = 0; (ring = qvirtio_ring(i)) != NULL; i++) {
        QVirtioFeatures needed = {0};
        qvirtio_features_add_list(&needed, ring->features);
        if (qvirtio_features_within(&needed, &d->offered)) {
            bench_ring(d, ring);
        }
    }
    return true;
}
