/* SPDX-License-Identifier: MIT */
/* A device at work behind the IOMMU, and one that is kept from it: see dma_lib.h. */
#include "tests/iommu/dma_lib.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/printf.h"

#define BYPASS_OFFSET offsetof(struct virtio_iommu_config, bypass)

/* Endpoints are PCI addresses, where nobody told the place of the device. */
QVirtioDevice *dma_find_device(QVirtioDevice *dev)
{
    uint32_t id = iommu_endpoint(dev);
    const char *told = qvirtio_truth(dev, "behind");
    char where[24];
    ksnprintf(where, sizeof(where), "%02x:%02x.%x", id >> 8 & 0xff, id >> 3 & 0x1f,
              id & 7);
    for (unsigned i = 0; qvirtio_device(i); i++) {
        QVirtioDevice *d = qvirtio_device(i);
        if (d->bus == dev->bus && strcmp(d->where, told ? told : where) == 0) {
            return d;
        }
    }
    return NULL;
}

const char *dma_why_not(QVirtioDevice *dev)
{
    QVirtioDevice *d = iommu_why_no_endpoint(dev) ? NULL : dma_find_device(dev);
    if (!d || qvirtio_why_no_ping(d)) {
        return "no device with a ping is at the endpoint that know=iommu.N.endpoint "
               "names";
    }
    return qvirtio_offers(d, VIRTIO_F_ACCESS_PLATFORM)
               ? NULL
               : "the endpoint's device does not offer VIRTIO_F_ACCESS_PLATFORM";
}

static bool stock_events(Dma *m, uint32_t bytes)
{
    QVirtQueue *vq = m->dev->vq[VIRTIO_IOMMU_EVENTQ];
    for (unsigned i = 0; i < DMA_EVENTS; i++) {
        void *event = arena_lend(bytes, 8);
        if (!require_that(m->t, event, "memory", "none")) {
            return false;
        }
        memset(event, IOMMU_FILL, bytes);
        QVirtioSg sg = {arena_map(event, bytes), bytes};
        if (!require_ok(m->t, qvirtqueue_add(vq, &sg, 0, 1, event))) {
            return false;
        }
    }
    qvirtqueue_kick(vq);
    return true;
}

static bool set_bypass(Dma *m, uint64_t value)
{
    return !qvirtio_negotiated(m->dev, VIRTIO_IOMMU_F_BYPASS_CONFIG) ||
           require_ok(m->t, qvirtio_config_write(m->dev, BYPASS_OFFSET, 1, value));
}

bool dma_begin(Test *t, QVirtioDevice *dev, Dma *m, uint32_t event_bytes)
{
    uint64_t page = iommu_page(t, dev);
    *m = (Dma){.t = t, .dev = dev, .behind = dma_find_device(dev)};
    if (qvirtio_negotiated(dev, VIRTIO_IOMMU_F_BYPASS_CONFIG)) {
        require_ok(t, qvirtio_config_read(dev, BYPASS_OFFSET, 1, &m->bypass));
    }
    if (!stock_events(m, event_bytes) || !set_bypass(m, 0)) {
        return false;
    }
    uintptr_t first = (uintptr_t)arena_lend(1, 1);
    m->start = first & -page;
    m->end = (first + arena_free_bytes()) | (page - 1);
    return require_ne(t, first, 0);
}

void dma_end(Dma *m)
{
    require_ok(m->t, m->behind->bus->reset(m->behind));
    require_ok(m->t, qvirtio_reset(m->behind));
    m->behind->irq_mode = QVIRTIO_IRQ_BEST;
    m->at = 0;
    dma_detach(m);
    set_bypass(m, m->bypass);
}

/* Rings and buffers of the IOMMU's own are where they are; those of the device behind are
 * m->at away. */
static bool answered(Dma *m, IommuAnswer a)
{
    arena_set_dma_offset(m->at);
    return require_answer(m->t, a, VIRTIO_IOMMU_S_OK);
}

bool dma_attach(Dma *m, unsigned domain, uint32_t flags)
{
    arena_set_dma_offset(0);
    m->domain = iommu_domain(m->t, m->dev, domain);
    m->is_attached = true;
    return answered(m, iommu_attach(m->dev, m->domain, iommu_endpoint(m->dev), flags));
}

void dma_detach(Dma *m)
{
    arena_set_dma_offset(0);
    if (m->is_attached) {
        answered(m, iommu_detach(m->dev, m->domain, iommu_endpoint(m->dev)));
    }
    arena_set_dma_offset(m->at);
    m->is_attached = false;
}

bool dma_map(Dma *m, uint32_t flags)
{
    arena_set_dma_offset(0);
    return answered(m, iommu_map(m->dev, m->domain, iommu_at(m->dev) + m->start,
                                 iommu_at(m->dev) + m->end, m->start, flags));
}

bool dma_unmap(Dma *m)
{
    arena_set_dma_offset(0);
    return answered(m, iommu_unmap(m->dev, m->domain, iommu_at(m->dev) + m->start,
                                   iommu_at(m->dev) + m->end));
}

bool dma_start(Dma *m, uint64_t at)
{
    m->at = at;
    arena_set_dma_offset(at);
    m->behind->irq_mode = QVIRTIO_IRQ_NONE;
    return require_ok(m->t, qvirtio_start(m->behind, NULL, m->t->ring));
}

bool dma_begin_mapped(Test *t, QVirtioDevice *dev, Dma *m, uint32_t event_bytes)
{
    return dma_begin(t, dev, m, event_bytes) && dma_attach(m, 0, 0) &&
           dma_map(m, IOMMU_RW) && dma_start(m, iommu_at(m->dev));
}

static void check_event(Dma *m, const struct virtio_iommu_fault *f)
{
    const uint32_t known = VIRTIO_IOMMU_FAULT_F_READ | VIRTIO_IOMMU_FAULT_F_WRITE |
                           VIRTIO_IOMMU_FAULT_F_ADDRESS;
    Test *t = m->t;
    expect_eq(t, "dev:5.13.6.9.2-1",
              f->reserved[0] | f->reserved[1] | f->reserved[2] | le32_get(f->reserved1),
              0);
    expect_eq(t, "dev:5.13.6.9.2-2", le32_get(f->flags) & ~known, 0);
    expect_eq(t, "dev:5.13.6.9.2-3", le32_get(f->endpoint), iommu_endpoint(m->dev));
    require_le(t, f->reason, VIRTIO_IOMMU_FAULT_R_MAPPING);
    if (le32_get(f->flags) & VIRTIO_IOMMU_FAULT_F_ADDRESS) {
        uint64_t address = le64_get(f->address) - m->at;
        require_that(t, address >= m->start && address <= m->end,
                     "an address that the device was told", "0x%llx",
                     (unsigned long long)le64_get(f->address));
    }
}

typedef struct Attempt {
    Dma *m;
    QVirtioPing ping;
} Attempt;

static bool is_over(void *arg)
{
    const Attempt *a = arg;
    return qvirtqueue_has_used(a->m->dev->vq[VIRTIO_IOMMU_EVENTQ]) ||
           qvirtqueue_has_used(a->ping.vq) ||
           qvirtio_has_status(a->m->behind, VIRTIO_STATUS_NEEDS_RESET);
}

/* "The device can report translation faults": where it does, the report is judged, and
 * what it is silent about only must not have happened. */
void dma_expect_fault(Dma *m, const char *clause)
{
    Test *t = m->t;
    Attempt a = {.m = m};
    QVirtioUsed used;
    if (!require_ok(t, m->behind->driver->ping_make(m->behind, 1, &a.ping))) {
        return;
    }
    uint8_t *before = arena_lend(a.ping.in_bytes, 1);
    if (!require_that(t, before, "memory", "none") ||
        !require_ok(t, qvirtio_ping_add(&a.ping, 1, 1))) {
        return;
    }
    memcpy(before, a.ping.in, a.ping.in_bytes);
    qvirtqueue_kick(a.ping.vq);
    qvirtio_wait(m->dev, "a fault or an answer", is_over, &a, 0);
    require_ok(t, m->behind->bus->reset(m->behind));
    expect_same(t, clause, a.ping.in, before, a.ping.in_bytes);
    expect_that(t, clause, !qvirtqueue_has_used(a.ping.vq), "no used buffer", "one");
    if (qvirtqueue_get(m->dev->vq[VIRTIO_IOMMU_EVENTQ], &used) == 1 &&
        expect_used_len(t, used.claimed, sizeof(struct virtio_iommu_fault))) {
        check_event(m, used.token);
    }
}
