/* SPDX-License-Identifier: MIT */
/*
 * DMA of a virtio device through the IOMMU: of the endpoint that was told, where that is
 * a PCI function whose device offers VIRTIO_F_ACCESS_PLATFORM. It works at addresses far
 * from its memory, and what it may not touch it does not, and that is reported
 * (5.13.6.9). Endpoints are PCI addresses here, as wherever the platform says no more.
 */
#include "kernel/printf.h"
#include "tests/iommu/iommu_lib.h"

#define IOMMU_TEST(id, ...)                                                       \
    VIRTIO_TEST(id, .device = VIRTIO_ID_IOMMU, IOMMU_MAPS, .why_not = why_no_dma, \
                ##__VA_ARGS__)

#define EVENTS 8

/* The device behind the endpoint. */
static QVirtioDevice *find_device(QVirtioDevice *dev)
{
    uint32_t id = iommu_endpoint(dev);
    char where[24];
    ksnprintf(where, sizeof(where), "%02x:%02x.%x", id >> 8 & 0xff, id >> 3 & 0x1f,
              id & 7);
    for (unsigned i = 0; qvirtio_device(i); i++) {
        QVirtioDevice *d = qvirtio_device(i);
        if (d->bus == dev->bus && strcmp(d->where, where) == 0) {
            return d;
        }
    }
    return NULL;
}

static const char *why_no_dma(QVirtioDevice *dev)
{
    QVirtioDevice *d = iommu_why_no_endpoint(dev) ? NULL : find_device(dev);
    if (!d || !d->driver || (d->driver->why_no_ping && d->driver->why_no_ping(d))) {
        return "no device with a ping at the endpoint that was told (know=)";
    }
    return qvirtio_offers(d, VIRTIO_F_ACCESS_PLATFORM)
               ? NULL
               : "the endpoint's device does not offer VIRTIO_F_ACCESS_PLATFORM";
}

typedef struct Dma {
    Test *t;
    QVirtioDevice *dev, *behind;
    uint64_t start, end; /* of the arena that is left, in pages */
    struct virtio_iommu_fault *event[EVENTS];
} Dma;

/* Requests to the IOMMU itself are one to one: it is nobody's endpoint. */
static bool map(Dma *m, uint32_t flags)
{
    arena_set_dma_offset(0);
    IommuAnswer a = iommu_map(m->dev, iommu_domain(m->t, m->dev, 0), IOMMU_AT + m->start,
                              IOMMU_AT + m->end, m->start, flags);
    bool is_done = expect_answer(m->t, NULL, a, VIRTIO_IOMMU_S_OK);
    arena_set_dma_offset(IOMMU_AT);
    return is_done;
}

static bool unmap(Dma *m)
{
    arena_set_dma_offset(0);
    IommuAnswer a = iommu_unmap(m->dev, iommu_domain(m->t, m->dev, 0),
                                IOMMU_AT + m->start, IOMMU_AT + m->end);
    bool is_done = expect_answer(m->t, NULL, a, VIRTIO_IOMMU_S_OK);
    arena_set_dma_offset(IOMMU_AT);
    return is_done;
}

static bool stock_events(Dma *m)
{
    for (unsigned i = 0; i < EVENTS; i++) {
        m->event[i] = arena_lend(sizeof(*m->event[i]), 8);
        if (!expect_that(m->t, NULL, m->event[i], "memory", "none")) {
            return false;
        }
        QVirtioSg sg = {arena_map(m->event[i], sizeof(*m->event[i])),
                        sizeof(*m->event[i])};
        if (!expect_ok(m->t, NULL,
                       qvirtqueue_add(m->dev->vq[VIRTIO_IOMMU_EVENTQ], &sg, 0, 1,
                                      m->event[i]))) {
            return false;
        }
    }
    qvirtqueue_kick(m->dev->vq[VIRTIO_IOMMU_EVENTQ]);
    return true;
}

/* The device behind runs at addresses that are mapped, and takes no interrupts: these are
 * DMA as well. */
static bool begin(Test *t, QVirtioDevice *dev, Dma *m)
{
    uint64_t page = iommu_page(t, dev);
    *m = (Dma){.t = t, .dev = dev, .behind = find_device(dev)};
    if (!stock_events(m) || !iommu_begin(t, dev, 0)) {
        return false;
    }
    uintptr_t first = (uintptr_t)arena_lend(1, 1);
    m->start = first & -page;
    m->end = ((first + arena_free_bytes()) | (page - 1));
    if (!expect_ne(t, NULL, first, 0) || !map(m, IOMMU_RW)) {
        return false;
    }
    m->behind->irq_mode = QVIRTIO_IRQ_NONE;
    return expect_ok(t, NULL, qvirtio_start(m->behind, NULL, t->ring));
}

static void end(Dma *m)
{
    expect_ok(m->t, NULL, m->behind->bus->reset(m->behind));
    expect_ok(m->t, NULL, qvirtio_reset(m->behind));
    m->behind->irq_mode = QVIRTIO_IRQ_BEST;
    arena_set_dma_offset(0);
    iommu_end(m->t, m->dev);
}

/* "A device that does not reject the request MUST attach the endpoint." */
IOMMU_TEST(device_works_where_it_is_mapped, .rings = RINGS_ALL)
{
    Dma m;
    if (begin(t, dev, &m)) {
        for (uint32_t i = 0; i < 8; i++) {
            expect_ping(t, "dev:5.13.6.3.2-12", m.behind, i);
        }
    }
    end(&m);
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
    expect_le(t, NULL, f->reason, VIRTIO_IOMMU_FAULT_R_MAPPING);
    if (le32_get(f->flags) & VIRTIO_IOMMU_FAULT_F_ADDRESS) {
        uint64_t address = le64_get(f->address) - IOMMU_AT;
        expect_that(t, NULL, address >= m->start && address <= m->end,
                    "an address that the device was told", "0x%llx",
                    (unsigned long long)le64_get(f->address));
    }
}

/* A ping that cannot reach memory: a fault is reported, and nothing was written. */
static void fault(Dma *m, const char *clause)
{
    Test *t = m->t;
    QVirtioPing ping;
    QVirtioUsed used;
    if (!expect_ok(t, NULL, m->behind->driver->ping_make(m->behind, 1, &ping))) {
        return;
    }
    uint8_t *before = arena_lend(ping.in_bytes, 1);
    if (!expect_that(t, NULL, before, "memory", "none") ||
        !expect_ok(t, NULL, qvirtio_ping_add(&ping, 1, 1))) {
        return;
    }
    memcpy(before, ping.in, ping.in_bytes);
    qvirtqueue_kick(ping.vq);
    if (expect_ok(t, NULL, qvirtqueue_wait(m->dev->vq[VIRTIO_IOMMU_EVENTQ], &used)) &&
        expect_eq(t, NULL, used.len, sizeof(struct virtio_iommu_fault))) {
        check_event(m, used.token);
    }
    expect_ok(t, NULL, m->behind->bus->reset(m->behind));
    expect_same(t, clause, ping.in, before, ping.in_bytes);
    expect_that(t, clause, !qvirtqueue_has_used(ping.vq), "no used buffer", "one");
}

IOMMU_TEST(unmapped_memory_is_out_of_reach)
{
    Dma m;
    if (begin(t, dev, &m) && expect_ping(t, NULL, m.behind, 0) && unmap(&m)) {
        fault(&m, NULL);
    }
    end(&m);
}

/* "The device MUST NOT allow writes to a range mapped without the
 * VIRTIO_IOMMU_MAP_F_WRITE flag." */
IOMMU_TEST(memory_mapped_for_reads_is_not_written)
{
    Dma m;
    if (begin(t, dev, &m) && expect_ping(t, NULL, m.behind, 0) && unmap(&m) &&
        map(&m, VIRTIO_IOMMU_MAP_F_READ)) {
        fault(&m, "dev:5.13.6.5.2-6");
    }
    end(&m);
}
