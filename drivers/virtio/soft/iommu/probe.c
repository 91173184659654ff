/* SPDX-License-Identifier: MIT */
/*
 * The properties of the endpoints of the software IOMMU, which a PROBE reads (5.13.6.7):
 * two regions of reserved addresses, one of them for MSIs.
 */
#include "drivers/virtio/soft/iommu/iommu.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(probe_looks_at_reserved, "dev:5.13.6.7.2-1", "has INVAL for reserved");
SOFT_FAULT(probes_anything, "dev:5.13.6.7.2-2", "probes endpoints that are not there");
SOFT_FAULT(gap_between_properties, "dev:5.13.6.7.2-6",
           "leaves four bytes between two properties");
SOFT_FAULT(property_reserved_is_set, "dev:5.13.6.7.2-4",
           "sets a property's reserved bits");
SOFT_FAULT(length_counts_the_header, "dev:5.13.6.7.2-5", "counts the header as well");
SOFT_FAULT(small_properties_are_fine, "dev:5.13.6.7.2-8", "says OK to too little room");
SOFT_FAULT(small_properties_written, "dev:5.13.6.7.2-7",
           "writes where the room is small");
SOFT_FAULT(rest_is_not_zero, "dev:5.13.6.7.2-9", "leaves the rest of the properties");
SOFT_FAULT(resv_mem_reserved_is_set, "dev:5.13.6.8.1.2-1", "fills the reserved field");
SOFT_FAULT(two_msi_regions, "dev:5.13.6.8.1.2-2", "tells of a second MSI region");
SOFT_FAULT(regions_overlap, "dev:5.13.6.8.1.2-3",
           "reserves part of its MSI region again");

#define MSI_START 0xfee00000u
#define MSI_END   0xfeefffffu
#define OWN_START 0xfed00000u
#define OWN_END   0xfed00fffu

bool soft_iommu_is_reserved(uint64_t start, uint64_t end)
{
    return (start <= MSI_END && end >= MSI_START) ||
           (start <= OWN_END && end >= OWN_START);
}

/* The last endpoint has its region for MSIs at other addresses. */
bool soft_iommu_is_unlike(const SoftEndpoint *e)
{
    return e == &soft_iommu_state.endpoint[SOFT_ENDPOINTS];
}

static struct virtio_iommu_probe_resv_mem region(uint8_t subtype, uint64_t start,
                                                 uint64_t end)
{
    struct virtio_iommu_probe_resv_mem p = {
        .head = {le16_of(VIRTIO_IOMMU_PROBE_T_RESV_MEM |
                         (soft_fault(property_reserved_is_set) ? 0x1000 : 0)),
                 le16_of(sizeof(p) -
                         (soft_fault(length_counts_the_header) ? 0 : sizeof(p.head)))},
        .subtype = subtype,
        .reserved = {0, soft_fault(resv_mem_reserved_is_set)},
        .start = le64_of(start),
        .end = le64_of(end),
    };
    return p;
}

static void list_properties(const SoftEndpoint *e, uint8_t *to)
{
    uint64_t start = MSI_START + (soft_iommu_is_unlike(e) ? PAGE_BYTES : 0);
    struct virtio_iommu_probe_resv_mem msi =
        region(VIRTIO_IOMMU_RESV_MEM_T_MSI, start, MSI_END);
    struct virtio_iommu_probe_resv_mem own =
        region(soft_fault(two_msi_regions) ? VIRTIO_IOMMU_RESV_MEM_T_MSI
                                           : VIRTIO_IOMMU_RESV_MEM_T_RESERVED,
               OWN_START, soft_fault(regions_overlap) ? MSI_END : OWN_END);
    memcpy(to, &msi, sizeof(msi));
    memcpy(to + sizeof(msi) + 4 * soft_fault(gap_between_properties), &own, sizeof(own));
    to[SOFT_PROBE_BYTES - 1] = soft_fault(rest_is_not_zero);
}

uint8_t soft_iommu_probe(const struct virtio_iommu_req_probe *r, uint8_t *properties,
                         uint32_t room)
{
    const SoftEndpoint *e = soft_iommu_endpoint(r->endpoint);
    if (soft_fault(probe_looks_at_reserved) && !soft_iommu_is_zero(r->reserved, 64)) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (!e) {
        return soft_fault(probes_anything) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (room < SOFT_PROBE_BYTES && !soft_fault(small_properties_written)) {
        return soft_fault(small_properties_are_fine) ? VIRTIO_IOMMU_S_OK
                                                     : VIRTIO_IOMMU_S_INVAL;
    }
    list_properties(e, properties);
    return room < SOFT_PROBE_BYTES ? VIRTIO_IOMMU_S_INVAL : VIRTIO_IOMMU_S_OK;
}
