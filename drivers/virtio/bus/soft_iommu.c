/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU device (5.13) in software: two endpoints, 1 and 2, behind which there is
 * nothing; domains with mappings of 4 KiB pages; a reserved region for MSIs. What a
 * driver sees of an IOMMU without DMA.
 */
#include "drivers/virtio/bus/soft.h"
#include "drivers/virtio/spec/virtio_iommu.h"
#include "kernel/page.h"
#include "kernel/string.h"

SOFT_FAULT(iommu_cannot_map, "dev:5.13.3.2-1", "does not offer MAP_UNMAP");
SOFT_FAULT(offers_both_bypasses, "dev:5.13.3.2-2", "offers BYPASS beside BYPASS_CONFIG");
SOFT_FAULT(iommu_has_no_pages, "dev:5.13.4.2-1", "has a page_size_mask of 0");
SOFT_FAULT(reset_turns_bypass, "dev:5.13.4.2-4a", "turns bypass when it is reset");
SOFT_FAULT(bypass_is_2, "dev:5.13.4.2-5", "presents the value 2 in bypass");
SOFT_FAULT(ok_is_an_error, "dev:5.13.6.2-1", "says DEVERR of all that succeeds");
SOFT_FAULT(answers_unknown_types, "dev:5.13.6.2-2a", "writes UNSUPP to unknown types");
SOFT_FAULT(looks_at_reserved_of_head, "dev:5.13.6.2-3a",
           "has INVAL for a head's reserved");
SOFT_FAULT(tail_reserved_is_set, "dev:5.13.6.2-3b", "fills the tail's reserved field");
SOFT_FAULT(attach_ignores_reserved, "dev:5.13.6.3.2-1", "attaches in spite of reserved");
SOFT_FAULT(attach_ignores_flags, "dev:5.13.6.3.2-2", "attaches in spite of its flags");
SOFT_FAULT(attaches_anything, "dev:5.13.6.3.2-3",
           "attaches endpoints that are not there");
SOFT_FAULT(attach_ignores_bypass, "dev:5.13.6.3.2-6",
           "joins a bypass domain without flag");
SOFT_FAULT(domain_of_one_is_full, "dev:5.13.6.3.2-5", "has NOMEM for a second endpoint");
SOFT_FAULT(attach_stays, "dev:5.13.6.3.2-7", "says OK and leaves the endpoint attached");
SOFT_FAULT(attach_does_nothing, "dev:5.13.6.3.2-12", "says OK and attaches nothing");
SOFT_FAULT(detach_looks_at_reserved, "dev:5.13.6.4.2-1", "has INVAL for reserved");
SOFT_FAULT(detaches_anything, "dev:5.13.6.4.2-2", "detaches any endpoint from domain 0");
SOFT_FAULT(maps_off_pages, "dev:5.13.6.5.2-1", "maps what is not aligned");
SOFT_FAULT(maps_twice, "dev:5.13.6.5.2-2", "maps over mappings");
SOFT_FAULT(map_ignores_flags, "dev:5.13.6.5.2-3", "maps in spite of unknown flags");
SOFT_FAULT(maps_nowhere, "dev:5.13.6.5.2-4", "maps in domains that are not there");
SOFT_FAULT(maps_in_bypass, "dev:5.13.6.5.2-5", "maps in a bypass domain");
SOFT_FAULT(unmaps_nowhere, "dev:5.13.6.6.2-2", "unmaps in domains that are not there");
SOFT_FAULT(unmaps_in_bypass, "dev:5.13.6.6.2-3", "unmaps in a bypass domain");
SOFT_FAULT(split_is_fine, "dev:5.13.6.6.2-4a", "says OK when a mapping would be split");
SOFT_FAULT(split_removes, "dev:5.13.6.6.2-4b", "removes a mapping that would be split");
SOFT_FAULT(holes_are_errors, "dev:5.13.6.6.2-5", "has RANGE for a range with holes");
SOFT_FAULT(probe_looks_at_reserved, "dev:5.13.6.7.2-1", "has INVAL for reserved");
SOFT_FAULT(probes_anything, "dev:5.13.6.7.2-2", "probes endpoints that are not there");
SOFT_FAULT(property_reserved_is_set, "dev:5.13.6.7.2-4",
           "sets a property's reserved bits");
SOFT_FAULT(length_counts_the_header, "dev:5.13.6.7.2-5", "counts the header as well");
SOFT_FAULT(small_properties_are_fine, "dev:5.13.6.7.2-8", "says OK to too little room");
SOFT_FAULT(small_properties_written, "dev:5.13.6.7.2-7",
           "writes where the room is small");
SOFT_FAULT(rest_is_not_zero, "dev:5.13.6.7.2-9", "leaves the rest of the properties");
SOFT_FAULT(resv_mem_reserved_is_set, "dev:5.13.6.8.1.2-1", "fills the reserved field");
SOFT_FAULT(two_msi_regions, "dev:5.13.6.8.1.2-2", "tells its MSI region twice");
SOFT_FAULT(maps_reserved_memory, "dev:5.13.6.8.1.2-4", "maps over its reserved region");

#define ENDPOINTS  2
#define MAPPINGS   32
#define PROBE_SIZE 64
#define MSI_START  0xfee00000u
#define MSI_END    0xfeefffffu

typedef struct Mapping {
    bool is_used;
    uint32_t domain;
    uint64_t start, end;
} Mapping;

static struct {
    bool is_attached, is_bypass;
    uint32_t domain;
} endpoints[ENDPOINTS + 1];
static Mapping mappings[MAPPINGS];

static bool is_endpoint(uint32_t id)
{
    return id >= 1 && id <= ENDPOINTS;
}

/* An endpoint in the domain; 0: the domain does not exist. */
static unsigned member_of(uint32_t domain)
{
    unsigned i = ENDPOINTS;
    while (i > 0 && !(endpoints[i].is_attached && endpoints[i].domain == domain)) {
        i--;
    }
    return i;
}

static void leave(uint32_t endpoint)
{
    uint32_t domain = endpoints[endpoint].domain;
    endpoints[endpoint].is_attached = false;
    for (unsigned i = 0; i < MAPPINGS && !member_of(domain); i++) {
        mappings[i].is_used &= mappings[i].domain != domain;
    }
}

static bool is_zero(const uint8_t *bytes, unsigned count)
{
    unsigned i = 0;
    while (i < count && !bytes[i]) {
        i++;
    }
    return i == count;
}

static uint8_t attach(const struct virtio_iommu_req_attach *r)
{
    uint32_t endpoint = le32_get(r->endpoint), domain = le32_get(r->domain);
    uint32_t flags = le32_get(r->flags);
    bool is_bypass = flags & VIRTIO_IOMMU_ATTACH_F_BYPASS;
    if ((!is_zero(r->reserved, 4) && !soft_fault(attach_ignores_reserved)) ||
        (flags & ~VIRTIO_IOMMU_ATTACH_F_BYPASS && !soft_fault(attach_ignores_flags))) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (!is_endpoint(endpoint)) {
        return soft_fault(attaches_anything) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    unsigned other = member_of(domain);
    if (other && endpoints[other].is_bypass != is_bypass && other != endpoint &&
        !soft_fault(attach_ignores_bypass)) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (other && other != endpoint && soft_fault(domain_of_one_is_full)) {
        return VIRTIO_IOMMU_S_NOMEM;
    }
    if (soft_fault(attach_does_nothing) ||
        (endpoints[endpoint].is_attached && soft_fault(attach_stays))) {
        return VIRTIO_IOMMU_S_OK;
    }
    if (endpoints[endpoint].is_attached) {
        leave(endpoint);
    }
    endpoints[endpoint].is_attached = true;
    endpoints[endpoint].is_bypass = is_bypass;
    endpoints[endpoint].domain = domain;
    return VIRTIO_IOMMU_S_OK;
}

static uint8_t detach(const struct virtio_iommu_req_detach *r)
{
    uint32_t endpoint = le32_get(r->endpoint);
    if (!is_endpoint(endpoint)) {
        bool is_fine = soft_fault(detaches_anything) && le32_get(r->domain) == 0;
        return is_fine ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (!endpoints[endpoint].is_attached ||
        endpoints[endpoint].domain != le32_get(r->domain) ||
        (soft_fault(detach_looks_at_reserved) && !is_zero(r->reserved, 8))) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    leave(endpoint);
    return VIRTIO_IOMMU_S_OK;
}

/* The first mapping of the domain that has part of the range; NULL: none has. */
static Mapping *mapped(uint32_t domain, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < MAPPINGS; i++) {
        Mapping *m = &mappings[i];
        if (m->is_used && m->domain == domain && m->start <= end && m->end >= start) {
            return m;
        }
    }
    return NULL;
}

static uint8_t map(const struct virtio_iommu_req_map *r)
{
    uint64_t start = le64_get(r->virt_start), end = le64_get(r->virt_end);
    uint32_t domain = le32_get(r->domain), flags = le32_get(r->flags);
    unsigned member = member_of(domain);
    bool is_aligned =
        ((start | (end + 1) | le64_get(r->phys_start)) & (PAGE_BYTES - 1)) == 0;
    uint32_t known = VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE;
    if (flags & ~known && !soft_fault(map_ignores_flags)) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (!member) {
        return soft_fault(maps_nowhere) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (endpoints[member].is_bypass) {
        return soft_fault(maps_in_bypass) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_INVAL;
    }
    if (!is_aligned && !soft_fault(maps_off_pages)) {
        return VIRTIO_IOMMU_S_RANGE;
    }
    if ((mapped(domain, start, end) && !soft_fault(maps_twice)) ||
        (start <= MSI_END && end >= MSI_START && !soft_fault(maps_reserved_memory))) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    for (unsigned i = 0; i < MAPPINGS; i++) {
        if (!mappings[i].is_used) {
            mappings[i] = (Mapping){true, domain, start, end};
            return VIRTIO_IOMMU_S_OK;
        }
    }
    return VIRTIO_IOMMU_S_NOMEM;
}

static uint8_t unmap(const struct virtio_iommu_req_unmap *r)
{
    uint64_t start = le64_get(r->virt_start), end = le64_get(r->virt_end);
    uint32_t domain = le32_get(r->domain);
    unsigned member = member_of(domain);
    uint64_t bytes = 0;
    Mapping *m;
    if (!member) {
        return soft_fault(unmaps_nowhere) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (endpoints[member].is_bypass) {
        return soft_fault(unmaps_in_bypass) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_INVAL;
    }
    for (unsigned i = 0; i < MAPPINGS; i++) {
        m = &mappings[i];
        if (m->is_used && m->domain == domain && m->start <= end && m->end >= start &&
            (m->start < start || m->end > end)) {
            m->is_used = !soft_fault(split_removes);
            return soft_fault(split_is_fine) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_RANGE;
        }
    }
    while ((m = mapped(domain, start, end)) != NULL) {
        m->is_used = false;
        bytes += m->end - m->start + 1;
    }
    return soft_fault(holes_are_errors) && bytes != end - start + 1 ? VIRTIO_IOMMU_S_RANGE
                                                                    : VIRTIO_IOMMU_S_OK;
}

static uint8_t probe(const struct virtio_iommu_req_probe *r, uint8_t *properties,
                     uint32_t room)
{
    struct virtio_iommu_probe_resv_mem p = {
        .head = {le16_of(VIRTIO_IOMMU_PROBE_T_RESV_MEM |
                         (soft_fault(property_reserved_is_set) ? 0x1000 : 0)),
                 le16_of(sizeof(p) -
                         (soft_fault(length_counts_the_header) ? 0 : sizeof(p.head)))},
        .subtype = VIRTIO_IOMMU_RESV_MEM_T_MSI,
        .reserved = {0, soft_fault(resv_mem_reserved_is_set)},
        .start = le64_of(MSI_START),
        .end = le64_of(MSI_END),
    };
    if (soft_fault(probe_looks_at_reserved) && !is_zero(r->reserved, 64)) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (!is_endpoint(le32_get(r->endpoint))) {
        return soft_fault(probes_anything) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (room < PROBE_SIZE && !soft_fault(small_properties_written)) {
        return soft_fault(small_properties_are_fine) ? VIRTIO_IOMMU_S_OK
                                                     : VIRTIO_IOMMU_S_INVAL;
    }
    memcpy(properties, &p, sizeof(p));
    if (soft_fault(two_msi_regions)) {
        memcpy(properties + sizeof(p), &p, sizeof(p));
    }
    if (soft_fault(rest_is_not_zero)) {
        properties[PROBE_SIZE - 1] = 1;
    }
    return room < PROBE_SIZE ? VIRTIO_IOMMU_S_INVAL : VIRTIO_IOMMU_S_OK;
}

typedef union Request {
    struct virtio_iommu_req_head head;
    struct virtio_iommu_req_attach attach;
    struct virtio_iommu_req_detach detach;
    struct virtio_iommu_req_map map;
    struct virtio_iommu_req_unmap unmap;
    struct virtio_iommu_req_probe probe;
} Request;

/* "If a request type is not recognized, the device SHOULD NOT write the buffer"; neither
 * where it finds no place for the tail. */
static uint32_t serve(const QVirtQueueElement *e)
{
    static const uint8_t sizes[] = {0,
                                    sizeof(struct virtio_iommu_req_attach),
                                    sizeof(struct virtio_iommu_req_detach),
                                    sizeof(struct virtio_iommu_req_map),
                                    sizeof(struct virtio_iommu_req_unmap),
                                    sizeof(struct virtio_iommu_req_probe)};
    struct virtio_iommu_req_tail tail = {.reserved = {soft_fault(tail_reserved_is_set)}};
    uint8_t properties[PROBE_SIZE] = {0};
    uint32_t room = e->in_bytes - sizeof(tail), written = 0;
    Request r;
    memset(&r, 0, sizeof(r));
    qvirtqueue_element_read(e, 0, &r, sizeof(r));
    bool is_known = r.head.type >= VIRTIO_IOMMU_T_ATTACH &&
                    r.head.type <= VIRTIO_IOMMU_T_PROBE &&
                    e->out_bytes >= sizes[r.head.type];
    if (e->in_bytes < sizeof(tail) || (!is_known && !soft_fault(answers_unknown_types))) {
        return 0;
    }
    tail.status = !is_known                              ? VIRTIO_IOMMU_S_UNSUPP
                  : r.head.type == VIRTIO_IOMMU_T_ATTACH ? attach(&r.attach)
                  : r.head.type == VIRTIO_IOMMU_T_DETACH ? detach(&r.detach)
                  : r.head.type == VIRTIO_IOMMU_T_MAP    ? map(&r.map)
                  : r.head.type == VIRTIO_IOMMU_T_UNMAP
                      ? unmap(&r.unmap)
                      : probe(&r.probe, properties, room);
    if (soft_fault(looks_at_reserved_of_head) && !is_zero(r.head.reserved, 3)) {
        tail.status = VIRTIO_IOMMU_S_INVAL;
    }
    if (tail.status == VIRTIO_IOMMU_S_OK && soft_fault(ok_is_an_error)) {
        tail.status = VIRTIO_IOMMU_S_DEVERR;
    }
    if (is_known && r.head.type == VIRTIO_IOMMU_T_PROBE) {
        written = qvirtqueue_element_write(e, 0, properties,
                                           room < PROBE_SIZE ? room : PROBE_SIZE);
    }
    return written + qvirtqueue_element_write(e, written, &tail, sizeof(tail));
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while (queue == VIRTIO_IOMMU_REQUESTQ && (e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, serve(e));
    }
}

static void init(SoftDevice *s)
{
    struct virtio_iommu_config *c = (struct virtio_iommu_config *)s->config;
    c->page_size_mask =
        le64_of(soft_fault(iommu_has_no_pages) ? 0 : -(uint64_t)PAGE_BYTES);
    c->input_range.end = le64_of(-1ull);
    c->domain_range.end = le32_of(0xffff);
    c->probe_size = le32_of(PROBE_SIZE);
    c->bypass = soft_fault(bypass_is_2) ? 2 : 1;
    if (soft_fault(iommu_cannot_map)) {
        qvirtio_features_clear(&s->offered, VIRTIO_IOMMU_F_MAP_UNMAP);
    }
    if (soft_fault(offers_both_bypasses)) {
        qvirtio_features_set(&s->offered, VIRTIO_IOMMU_F_BYPASS);
    }
}

static void reset(SoftDevice *s)
{
    struct virtio_iommu_config *c = (struct virtio_iommu_config *)s->config;
    memset(endpoints, 0, sizeof(endpoints));
    memset(mappings, 0, sizeof(mappings));
    if (soft_fault(reset_turns_bypass) && s->had_life) {
        c->bypass ^= 1;
    }
}

static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    uint8_t value = *(const uint8_t *)from;
    if (off != offsetof(struct virtio_iommu_config, bypass) || width != 1 || value > 1 ||
        !soft_negotiated(s, VIRTIO_IOMMU_F_BYPASS_CONFIG)) {
        return false;
    }
    s->config[off] = value;
    return true;
}

static const char *know(const SoftDevice *s, const char *field)
{
    (void)s;
    return strcmp(field, "endpoint") == 0 ? "1"
           : strcmp(field, "other") == 0  ? "2"
                                          : NULL;
}

SOFT_MODEL(soft_iommu, .device_id = VIRTIO_ID_IOMMU, .count = 1, .queues = 2,
           .features = FEATURES(VIRTIO_IOMMU_F_INPUT_RANGE, VIRTIO_IOMMU_F_DOMAIN_RANGE,
                                VIRTIO_IOMMU_F_MAP_UNMAP, VIRTIO_IOMMU_F_PROBE,
                                VIRTIO_IOMMU_F_BYPASS_CONFIG),
           .config_bytes = sizeof(struct virtio_iommu_config), .init = init,
           .reset = reset, .run = run, .write_config = write_config, .know = know);
