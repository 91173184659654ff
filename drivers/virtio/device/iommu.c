/* SPDX-License-Identifier: MIT */
/*
 * The driver of the IOMMU device (5.13): its tables, its requests and its ping. The ping
 * is a DETACH of an endpoint that does not exist, which "the device MUST reject" with
 * VIRTIO_IOMMU_S_NOENT, whatever is attached. It changes nothing, and all answers are the
 * same.
 */
#include "drivers/virtio/device/iommu.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/string.h"

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_IOMMU_F_INPUT_RANGE, .name = "INPUT_RANGE"},
    {.bit = VIRTIO_IOMMU_F_DOMAIN_RANGE, .name = "DOMAIN_RANGE"},
    {.bit = VIRTIO_IOMMU_F_MAP_UNMAP, .name = "MAP_UNMAP"},
    {.bit = VIRTIO_IOMMU_F_BYPASS, .name = "BYPASS"},
    {.bit = VIRTIO_IOMMU_F_PROBE, .name = "PROBE"},
    {.bit = VIRTIO_IOMMU_F_MMIO, .name = "MMIO"},
    {.bit = VIRTIO_IOMMU_F_BYPASS_CONFIG, .name = "BYPASS_CONFIG"},
    {.name = NULL},
};

#define FIELD(f, feature_bit, how)                                         \
    {                                                                      \
        .name = #f, .feature = feature_bit, .flags = how,                  \
        .offset = offsetof(struct virtio_iommu_config, f),                 \
        .width = sizeof(((struct virtio_iommu_config *)0)->f), .count = 1, \
    }

static const QVirtioField fields[] = {
    FIELD(page_size_mask, FEATURES_END, QVIRTIO_FIELD_CONST),
    FIELD(input_range.start, VIRTIO_IOMMU_F_INPUT_RANGE, QVIRTIO_FIELD_CONST),
    FIELD(input_range.end, VIRTIO_IOMMU_F_INPUT_RANGE, QVIRTIO_FIELD_CONST),
    FIELD(domain_range.start, VIRTIO_IOMMU_F_DOMAIN_RANGE, QVIRTIO_FIELD_CONST),
    FIELD(domain_range.end, VIRTIO_IOMMU_F_DOMAIN_RANGE, QVIRTIO_FIELD_CONST),
    FIELD(probe_size, VIRTIO_IOMMU_F_PROBE, QVIRTIO_FIELD_CONST),
    FIELD(bypass, VIRTIO_IOMMU_F_BYPASS_CONFIG, QVIRTIO_FIELD_WRITABLE),
    {.name = NULL},
};

static uint16_t queue_count(QVirtioDevice *d)
{
    (void)d;
    return 2;
}

IommuAnswer iommu_run(QVirtioDevice *d, const void *request, uint32_t bytes,
                      uint32_t properties)
{
    IommuAnswer a = {.err = -QVIRTIO_NO_MEMORY};
    uint32_t room = properties + sizeof(a.tail);
    uint8_t *out = arena_lend(bytes, 8), *in = arena_lend(room, 8);
    if (!out || !in) {
        return a;
    }
    memcpy(out, request, bytes);
    memset(in, IOMMU_FILL, room);
    QVirtioSg sg[] = {{arena_map(out, bytes), bytes}, {arena_map(in, room), room}};
    a.err = qvirtqueue_submit(d->vq[VIRTIO_IOMMU_REQUESTQ], sg, 1, 1, &a.used_len);
    memcpy(&a.tail, in + properties, sizeof(a.tail));
    a.properties = in;
    return a;
}

#define RUN(d, request, properties) iommu_run(d, &(request), sizeof(request), properties)

IommuAnswer iommu_attach(QVirtioDevice *d, uint32_t domain, uint32_t endpoint,
                         uint32_t flags)
{
    struct virtio_iommu_req_attach r = {.head.type = VIRTIO_IOMMU_T_ATTACH,
                                        .domain = le32_of(domain),
                                        .endpoint = le32_of(endpoint),
                                        .flags = le32_of(flags)};
    return RUN(d, r, 0);
}

IommuAnswer iommu_detach(QVirtioDevice *d, uint32_t domain, uint32_t endpoint)
{
    struct virtio_iommu_req_detach r = {.head.type = VIRTIO_IOMMU_T_DETACH,
                                        .domain = le32_of(domain),
                                        .endpoint = le32_of(endpoint)};
    return RUN(d, r, 0);
}

IommuAnswer iommu_map(QVirtioDevice *d, uint32_t domain, uint64_t start, uint64_t end,
                      uint64_t phys, uint32_t flags)
{
    struct virtio_iommu_req_map r = {.head.type = VIRTIO_IOMMU_T_MAP,
                                     .domain = le32_of(domain),
                                     .virt_start = le64_of(start),
                                     .virt_end = le64_of(end),
                                     .phys_start = le64_of(phys),
                                     .flags = le32_of(flags)};
    return RUN(d, r, 0);
}

IommuAnswer iommu_unmap(QVirtioDevice *d, uint32_t domain, uint64_t start, uint64_t end)
{
    struct virtio_iommu_req_unmap r = {.head.type = VIRTIO_IOMMU_T_UNMAP,
                                       .domain = le32_of(domain),
                                       .virt_start = le64_of(start),
                                       .virt_end = le64_of(end)};
    return RUN(d, r, 0);
}

IommuAnswer iommu_probe(QVirtioDevice *d, uint32_t endpoint, uint32_t properties)
{
    struct virtio_iommu_req_probe r = {.head.type = VIRTIO_IOMMU_T_PROBE,
                                       .endpoint = le32_of(endpoint)};
    return RUN(d, r, properties);
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    struct virtio_iommu_req_detach *r = arena_lend(sizeof(*r), 4);
    struct virtio_iommu_req_tail *tail = arena_lend(sizeof(*tail), 4);
    if (!r || !tail) {
        return -QVIRTIO_NO_MEMORY;
    }
    r->head.type = VIRTIO_IOMMU_T_DETACH;
    r->domain = le32_of(1);
    r->endpoint = le32_of(IOMMU_NOWHERE);
    memset(tail, IOMMU_FILL, sizeof(*tail));
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_IOMMU_REQUESTQ],
        .number = number,
        .out = r,
        .out_bytes = sizeof(*r),
        .in = tail,
        .in_bytes = sizeof(*tail),
        .used_min = sizeof(*tail),
        .used_max = sizeof(*tail),
    };
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const struct virtio_iommu_req_tail *tail = ping->in;
    (void)used_len;
    return tail->status == VIRTIO_IOMMU_S_NOENT
               ? NULL
               : "DETACH of a missing endpoint is not NOENT";
}

QVIRTIO_DRIVER(iommu, .device_id = VIRTIO_ID_IOMMU, .name = "iommu", .features = features,
               .fields = fields, .config_bytes = sizeof(struct virtio_iommu_config),
               .ping_queue = VIRTIO_IOMMU_REQUESTQ, .queue_count = queue_count,
               .ping_make = ping_make, .ping_check = ping_check);
