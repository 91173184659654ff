/* SPDX-License-Identifier: MIT */
/*
 * Persistent memory (5.19) in software. What the driver writes goes directly to the
 * medium; only a fault has a cache, and loses it at reset. Config space tells the range,
 * or shared memory region 0 when the driver accepted it.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_pmem.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(no_shared_region, "dev:5.19.5.1-1",
           "accepts SHMEM_REGION and has no shared memory region");
SOFT_FAULT(shared_region_is_1, "dev:5.19.5.1-2", "gives its region the id 1");
SOFT_FAULT(range_told_twice, "dev:5.19.5.1-3",
           "tells start and size beside the shared memory region");
SOFT_FAULT(start_is_off, "dev:5.19.5.1-4", "says that its memory starts a page later");
SOFT_FAULT(size_is_halved, "dev:5.19.5.1-5", "tells half of its size");
SOFT_FAULT(flush_saves_nothing, "dev:5.19.7.1-1",
           "answers a flush, and loses at reset what it should have saved");
SOFT_FAULT(flush_returns_1, "dev:5.19.7.3-1", "returns 1 for a failure");

SOFT_MANNER(pmem_is_read_only, "5.19", "loses what is written, at a flush at the latest");
SOFT_MANNER(pmem_flush_takes_time, "5.19.7", "answers a flush some runs later");
SOFT_MANNER(pmem_has_no_region, "5.19.3", "does not offer SHMEM_REGION");

#define MEDIUM_PAGES 32
#define RUNS_LATE    5
#define MEDIUM_BYTES (MEDIUM_PAGES * PAGE_BYTES)
#define SIZE_TEXT    "131072"

static uint8_t *medium;

static void fill(void)
{
    pattern_fill(medium, MEDIUM_BYTES, 0);
}

static void init(SoftDevice *s)
{
    if (soft_manner(pmem_has_no_region)) {
        qvirtio_features_clear(&s->offered, VIRTIO_PMEM_F_SHMEM_REGION);
    }
    medium = page_alloc(MEDIUM_PAGES + 1); /* one more page for start_is_off */
    fill();
}

/* Shows the range in config space or hides it. Before features are negotiated it is
 * shown, because the driver may not know of regions. */
static void tell_range(SoftDevice *s, bool in_config)
{
    struct virtio_pmem_config *c = (struct virtio_pmem_config *)s->config;
    uint64_t start = (uintptr_t)medium + (soft_fault(start_is_off) ? PAGE_BYTES : 0);
    uint64_t size = MEDIUM_BYTES / (soft_fault(size_is_halved) ? 2 : 1);
    c->start = le64_of(in_config ? start : 0);
    c->size = le64_of(in_config ? size : 0);
}

static void reset(SoftDevice *s)
{
    tell_range(s, true);
    if (soft_fault(flush_saves_nothing) && s->had_life) {
        fill();
    }
}

static void negotiated(SoftDevice *s)
{
    tell_range(s, !soft_negotiated(s, VIRTIO_PMEM_F_SHMEM_REGION) ||
                      soft_fault(range_told_twice));
}

static void run(SoftDevice *s, uint16_t queue)
{
    const struct virtio_pmem_resp resp = {le32_of(soft_fault(flush_returns_1))};
    static unsigned runs;
    const QVirtQueueElement *e;
    if (soft_manner(pmem_flush_takes_time) && runs++ % RUNS_LATE) {
        soft_run_later(s, queue);
        return;
    }
    if (soft_manner(pmem_is_read_only)) {
        fill();
    }
    while ((e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, qvirtqueue_element_write(e, 0, &resp, sizeof(resp)));
    }
}

static bool shm_region(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    (void)s;
    at->raw = (uintptr_t)medium;
    *bytes = MEDIUM_BYTES;
    return id == (soft_fault(shared_region_is_1) ? 1 : VIRTIO_PMEM_SHMEM_ID) &&
           !soft_fault(no_shared_region);
}

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    return strcmp(field, "size") == 0      ? SIZE_TEXT
           : strcmp(field, "pattern") == 0 ? "1"
                                           : NULL;
}

SOFT_MODEL(soft_pmem, .device_id = VIRTIO_ID_PMEM, .count = 1, .queues = 1,
           .features = FEATURES(VIRTIO_PMEM_F_SHMEM_REGION),
           .config_bytes = sizeof(struct virtio_pmem_config), .init = init,
           .reset = reset, .negotiated = negotiated, .run = run, .shm_region = shm_region,
           .truth = truth);
