/* SPDX-License-Identifier: MIT */
/*
 * How the software IOMMU translates the addresses of its endpoints: by the mappings of
 * their domain (5.13.6.5), or not at all in bypass mode (5.13.6). Every other access is a
 * fault, which the event queue reports (5.13.6.9).
 */
#include "drivers/virtio/soft/iommu/iommu.h"
#include "drivers/virtio/spec/echo.h"
#include "kernel/lib/string.h"

SOFT_FAULT(attached_endpoint_reaches_nothing, "dev:5.13.6.3.2-12",
           "lets no access of an attached endpoint pass");
SOFT_FAULT(unattached_endpoints_reach_memory, "dev:5.13.6.2-4",
           "lets endpoints without a domain pass although bypass is off");
SOFT_FAULT(detached_endpoint_keeps_mappings, "dev:5.13.6.4.2-4",
           "translates by the domain that an endpoint has left");
SOFT_FAULT(writes_what_is_mapped_for_reads, "dev:5.13.6.5.2-6",
           "lets writes pass where only reads are mapped");
SOFT_FAULT(report_reserved_is_set, "dev:5.13.6.9.2-1",
           "fills the reserved field of reports");
SOFT_FAULT(report_has_unknown_flags, "dev:5.13.6.9.2-2",
           "sets a flag in reports that nobody has defined");
SOFT_FAULT(report_names_nobody, "dev:5.13.6.9.2-3",
           "reports an endpoint that does not exist");
SOFT_FAULT(report_goes_on_in_the_next, "dev:5.13.6.9.2-5",
           "spreads a report over several small buffers");

bool soft_iommu_keeps_mappings(void)
{
    return soft_fault(detached_endpoint_keeps_mappings);
}

/* Remembers a report of a fault, which is sent when the device runs next. When there are
 * too many reports, this one is dropped. */
static void fault(uint32_t endpoint, uint64_t address, uint8_t reason, bool is_write)
{
    uint32_t flags = (is_write ? VIRTIO_IOMMU_FAULT_F_WRITE : VIRTIO_IOMMU_FAULT_F_READ) |
                     VIRTIO_IOMMU_FAULT_F_ADDRESS |
                     (soft_fault(report_has_unknown_flags) ? 1u << 5 : 0);
    if (soft_iommu_state.reports == SOFT_REPORTS) {
        return;
    }
    soft_iommu_state.report[soft_iommu_state.reports++] = (struct virtio_iommu_fault){
        .reason = reason,
        .reserved = {0, soft_fault(report_reserved_is_set)},
        .flags = le32_of(flags),
        .endpoint = le32_of(endpoint + soft_fault(report_names_nobody)),
        .address = le64_of(address),
    };
    soft_run_later(soft_find(VIRTIO_ID_IOMMU, 0), VIRTIO_IOMMU_EVENTQ);
}

/* 5.13.6.9.2: "If a buffer is too small to contain the fault report, the device SHOULD
 * NOT use multiple buffers to describe it." Such a buffer is used with length 0. */
static uint32_t write_report(const QVirtQueueElement *e, uint32_t *at)
{
    const struct virtio_iommu_fault *r = &soft_iommu_state.report[0];
    uint32_t left = sizeof(*r) - *at;
    bool is_spread = soft_fault(report_goes_on_in_the_next) && e->in_bytes;
    if (e->in_bytes < left && !is_spread) {
        *at = sizeof(*r);
        return 0;
    }
    uint32_t written = qvirtqueue_element_write(e, 0, (const uint8_t *)r + *at, left);
    *at += written;
    return written;
}

void soft_iommu_report(SoftDevice *s)
{
    const QVirtQueueElement *e;
    uint32_t at = 0;
    while (soft_iommu_state.reports && (e = soft_pop(s, VIRTIO_IOMMU_EVENTQ)) != NULL) {
        soft_push(s, VIRTIO_IOMMU_EVENTQ, e, write_report(e, &at));
        if (at == sizeof(soft_iommu_state.report[0])) {
            at = 0;
            soft_iommu_state.reports--;
            memmove(soft_iommu_state.report, soft_iommu_state.report + 1,
                    soft_iommu_state.reports * sizeof(soft_iommu_state.report[0]));
        }
    }
}

/* 5.13.6: the domain decides on bypass, and config space where there is no domain. */
static bool is_in_bypass(const SoftEndpoint *e)
{
    const struct virtio_iommu_config *c =
        (const struct virtio_iommu_config *)soft_find(VIRTIO_ID_IOMMU, 0)->config;
    return e->is_attached ? e->is_bypass
                          : c->bypass || soft_fault(unattached_endpoints_reach_memory);
}

/* Returns the mapping that has the address and allows the access, or NULL. */
static const SoftMapping *allowed(uint32_t domain, uint64_t address, bool is_write)
{
    const SoftMapping *m = soft_iommu_mapped(domain, address, address);
    uint32_t needed = is_write && !soft_fault(writes_what_is_mapped_for_reads)
                          ? VIRTIO_IOMMU_MAP_F_WRITE
                          : VIRTIO_IOMMU_MAP_F_READ;
    return m && m->flags & needed ? m : NULL;
}

/* Translates a range as far as its mappings follow each other both in the domain and in
 * memory. *bytes becomes the length of that. Returns false when the access is a fault. */
static bool translate(const QVirtDma *dma, dma_addr *at, uint64_t *bytes, bool is_write)
{
    const SoftEndpoint *e =
        &soft_iommu_state.endpoint[dma->endpoint / SOFT_ENDPOINT_STEP];
    uint64_t from = at->raw, done = 0;
    if (is_in_bypass(e)) {
        return true;
    }
    if (!e->is_attached && !soft_iommu_keeps_mappings()) {
        fault(dma->endpoint, from, VIRTIO_IOMMU_FAULT_R_DOMAIN, is_write);
        return false;
    }
    const SoftMapping *m = allowed(e->domain, from, is_write);
    if (!m || soft_fault(attached_endpoint_reaches_nothing)) {
        fault(dma->endpoint, from, VIRTIO_IOMMU_FAULT_R_MAPPING, is_write);
        return false;
    }
    at->raw = m->phys + (from - m->start);
    do {
        done = m->end - from + 1;
        m = done < *bytes ? allowed(e->domain, from + done, is_write) : NULL;
    } while (m && m->phys + (from + done - m->start) == at->raw + done);
    *bytes = done < *bytes ? done : *bytes;
    return true;
}

const QVirtDma *soft_dma(const SoftDevice *s)
{
    static const QVirtDma echo = {1 * SOFT_ENDPOINT_STEP, translate};
    static const QVirtDma rng = {2 * SOFT_ENDPOINT_STEP, translate};
    bool is_first = s->dev.index == 0;
    return is_first && s->dev.device_id == ECHO_DEVICE_ID  ? &echo
           : is_first && s->dev.device_id == VIRTIO_ID_RNG ? &rng
                                                           : NULL;
}
