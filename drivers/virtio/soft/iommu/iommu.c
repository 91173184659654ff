/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU device (5.13) in software: its requests. Domains have mappings of 4 KiB
 * pages. Two regions of addresses are reserved, one of them for MSIs (probe.c). dma.c
 * translates the addresses of the endpoints.
 */
#include "drivers/virtio/soft/iommu/iommu.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

/* input_range says which virtual addresses the device can translate. */
SOFT_MANNER(iommu_addresses_have_32_bits, "5.13.4",
            "translates addresses of 32 bits alone");

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
SOFT_FAULT(moves_with_its_mappings, "dev:5.13.6.3.2-8",
           "takes mappings along into another domain");
SOFT_FAULT(stays_with_range, "dev:5.13.6.3.2-9",
           "has RANGE for an endpoint that is attached elsewhere");
SOFT_FAULT(refuses_its_like, "dev:5.13.6.3.2-10",
           "has UNSUPP for a second endpoint of the same kind");
SOFT_FAULT(unlike_is_invalid, "dev:5.13.6.3.2-11",
           "has INVAL for an endpoint of another kind");
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
SOFT_FAULT(maps_reserved_memory, "dev:5.13.6.8.1.2-4", "maps over its reserved region");

SoftIommu soft_iommu_state;

SoftEndpoint *soft_iommu_endpoint(le32 number)
{
    uint32_t id = le32_get(number);
    return id && id % SOFT_ENDPOINT_STEP == 0 && id / SOFT_ENDPOINT_STEP <= SOFT_ENDPOINTS
               ? &soft_iommu_state.endpoint[id / SOFT_ENDPOINT_STEP]
               : NULL;
}

/* Returns an endpoint in the domain, or NULL when the domain does not exist. */
static const SoftEndpoint *member_of(uint32_t domain)
{
    for (unsigned i = 1; i <= SOFT_ENDPOINTS; i++) {
        const SoftEndpoint *e = &soft_iommu_state.endpoint[i];
        if (e->is_attached && e->domain == domain) {
            return e;
        }
    }
    return NULL;
}

/* Detaches the endpoint. A domain without endpoints does not exist any more. */
static void leave(SoftEndpoint *e)
{
    e->is_attached = false;
    for (unsigned i = 0; i < SOFT_MAPPINGS && !member_of(e->domain); i++) {
        SoftMapping *m = &soft_iommu_state.mapping[i];
        m->is_used &= m->domain != e->domain || soft_iommu_keeps_mappings();
    }
}

/* Returns VIRTIO_IOMMU_S_OK when an endpoint can share a domain with another one, else
 * the status. */
static uint8_t join(const SoftEndpoint *e, const SoftEndpoint *other, bool is_bypass)
{
    if (other->is_bypass != is_bypass && !soft_fault(attach_ignores_bypass)) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (soft_fault(domain_of_one_is_full)) {
        return VIRTIO_IOMMU_S_NOMEM;
    }
    if (soft_iommu_is_unlike(e) != soft_iommu_is_unlike(other)) {
        return soft_fault(unlike_is_invalid) ? VIRTIO_IOMMU_S_INVAL
                                             : VIRTIO_IOMMU_S_UNSUPP;
    }
    return soft_fault(refuses_its_like) ? VIRTIO_IOMMU_S_UNSUPP : VIRTIO_IOMMU_S_OK;
}

/* Used by the fault moves_with_its_mappings. */
static void move_mappings(uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < SOFT_MAPPINGS; i++) {
        if (soft_iommu_state.mapping[i].domain == from) {
            soft_iommu_state.mapping[i].domain = to;
        }
    }
}

bool soft_iommu_is_zero(const uint8_t *bytes, unsigned count)
{
    unsigned i = 0;
    while (i < count && !bytes[i]) {
        i++;
    }
    return i == count;
}

static uint8_t attach(const struct virtio_iommu_req_attach *r)
{
    SoftEndpoint *e = soft_iommu_endpoint(r->endpoint);
    uint32_t domain = le32_get(r->domain), flags = le32_get(r->flags);
    bool is_bypass = flags & VIRTIO_IOMMU_ATTACH_F_BYPASS;
    if ((!soft_iommu_is_zero(r->reserved, 4) && !soft_fault(attach_ignores_reserved)) ||
        (flags & ~VIRTIO_IOMMU_ATTACH_F_BYPASS && !soft_fault(attach_ignores_flags))) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (!e) {
        return soft_fault(attaches_anything) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    const SoftEndpoint *other = member_of(domain);
    uint8_t status = other && other != e ? join(e, other, is_bypass) : VIRTIO_IOMMU_S_OK;
    if (status != VIRTIO_IOMMU_S_OK || soft_fault(attach_does_nothing) ||
        (e->is_attached && soft_fault(attach_stays))) {
        return status;
    }
    if (e->is_attached && e->domain != domain && soft_fault(stays_with_range)) {
        return VIRTIO_IOMMU_S_RANGE;
    }
    if (e->is_attached && soft_fault(moves_with_its_mappings)) {
        move_mappings(e->domain, domain);
    }
    if (e->is_attached) {
        leave(e);
    }
    *e = (SoftEndpoint){true, is_bypass, domain};
    return VIRTIO_IOMMU_S_OK;
}

static uint8_t detach(const struct virtio_iommu_req_detach *r)
{
    SoftEndpoint *e = soft_iommu_endpoint(r->endpoint);
    if (!e) {
        bool is_fine = soft_fault(detaches_anything) && le32_get(r->domain) == 0;
        return is_fine ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (!e->is_attached || e->domain != le32_get(r->domain) ||
        (soft_fault(detach_looks_at_reserved) && !soft_iommu_is_zero(r->reserved, 8))) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    leave(e);
    return VIRTIO_IOMMU_S_OK;
}

SoftMapping *soft_iommu_mapped(uint32_t domain, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < SOFT_MAPPINGS; i++) {
        SoftMapping *m = &soft_iommu_state.mapping[i];
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
    const SoftEndpoint *member = member_of(domain);
    bool is_aligned =
        ((start | (end + 1) | le64_get(r->phys_start)) & (PAGE_BYTES - 1)) == 0;
    uint32_t known = VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE;
    if (flags & ~known && !soft_fault(map_ignores_flags)) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    if (!member) {
        return soft_fault(maps_nowhere) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (member->is_bypass) {
        return soft_fault(maps_in_bypass) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_INVAL;
    }
    bool is_far = end > UINT32_MAX && soft_manner(iommu_addresses_have_32_bits);
    if ((!is_aligned && !soft_fault(maps_off_pages)) || is_far) {
        return VIRTIO_IOMMU_S_RANGE;
    }
    if ((soft_iommu_mapped(domain, start, end) && !soft_fault(maps_twice)) ||
        (soft_iommu_is_reserved(start, end) && !soft_fault(maps_reserved_memory))) {
        return VIRTIO_IOMMU_S_INVAL;
    }
    for (unsigned i = 0; i < SOFT_MAPPINGS; i++) {
        if (!soft_iommu_state.mapping[i].is_used) {
            soft_iommu_state.mapping[i] =
                (SoftMapping){true, domain, flags, start, end, le64_get(r->phys_start)};
            return VIRTIO_IOMMU_S_OK;
        }
    }
    return VIRTIO_IOMMU_S_NOMEM;
}

static uint8_t unmap(const struct virtio_iommu_req_unmap *r)
{
    uint64_t start = le64_get(r->virt_start), end = le64_get(r->virt_end);
    uint32_t domain = le32_get(r->domain);
    const SoftEndpoint *member = member_of(domain);
    uint64_t bytes = 0;
    SoftMapping *m;
    if (!member) {
        return soft_fault(unmaps_nowhere) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_NOENT;
    }
    if (member->is_bypass) {
        return soft_fault(unmaps_in_bypass) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_INVAL;
    }
    for (unsigned i = 0; i < SOFT_MAPPINGS; i++) {
        m = &soft_iommu_state.mapping[i];
        if (m->is_used && m->domain == domain && m->start <= end && m->end >= start &&
            (m->start < start || m->end > end)) {
            m->is_used = !soft_fault(split_removes);
            return soft_fault(split_is_fine) ? VIRTIO_IOMMU_S_OK : VIRTIO_IOMMU_S_RANGE;
        }
    }
    while ((m = soft_iommu_mapped(domain, start, end)) != NULL) {
        m->is_used = false;
        bytes += m->end - m->start + 1;
    }
    return soft_fault(holes_are_errors) && bytes != end - start + 1 ? VIRTIO_IOMMU_S_RANGE
                                                                    : VIRTIO_IOMMU_S_OK;
}

typedef union Request {
    struct virtio_iommu_req_head head;
    struct virtio_iommu_req_attach attach;
    struct virtio_iommu_req_detach detach;
    struct virtio_iommu_req_map map;
    struct virtio_iommu_req_unmap unmap;
    struct virtio_iommu_req_probe probe;
} Request;

/* 5.13.6.2: "If a request type is not recognized, the device SHOULD NOT write the
 * buffer". Nothing is written either where there is no room for the tail. */
static uint32_t serve(const QVirtQueueElement *e)
{
    static const uint8_t sizes[] = {0,
                                    sizeof(struct virtio_iommu_req_attach),
                                    sizeof(struct virtio_iommu_req_detach),
                                    sizeof(struct virtio_iommu_req_map),
                                    sizeof(struct virtio_iommu_req_unmap),
                                    sizeof(struct virtio_iommu_req_probe)};
    struct virtio_iommu_req_tail tail = {.reserved = {soft_fault(tail_reserved_is_set)}};
    uint8_t properties[SOFT_PROBE_BYTES] = {0};
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
                      : soft_iommu_probe(&r.probe, properties, room);
    if (soft_fault(looks_at_reserved_of_head) &&
        !soft_iommu_is_zero(r.head.reserved, 3)) {
        tail.status = VIRTIO_IOMMU_S_INVAL;
    }
    if (tail.status == VIRTIO_IOMMU_S_OK && soft_fault(ok_is_an_error)) {
        tail.status = VIRTIO_IOMMU_S_DEVERR;
    }
    if (is_known && r.head.type == VIRTIO_IOMMU_T_PROBE) {
        written = qvirtqueue_element_write(
            e, 0, properties, room < SOFT_PROBE_BYTES ? room : SOFT_PROBE_BYTES);
    }
    return written + qvirtqueue_element_write(e, written, &tail, sizeof(tail));
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    if (queue == VIRTIO_IOMMU_EVENTQ) {
        soft_iommu_report(s);
        return;
    }
    while ((e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, serve(e));
    }
}

static void init(SoftDevice *s)
{
    struct virtio_iommu_config *c = (struct virtio_iommu_config *)s->config;
    c->page_size_mask =
        le64_of(soft_fault(iommu_has_no_pages) ? 0 : -(uint64_t)PAGE_BYTES);
    c->input_range.end =
        le64_of(soft_manner(iommu_addresses_have_32_bits) ? UINT32_MAX : -1ull);
    c->domain_range.end = le32_of(0xffff);
    c->probe_size = le32_of(SOFT_PROBE_BYTES);
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
    memset(&soft_iommu_state, 0, sizeof(soft_iommu_state));
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

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    return strcmp(field, "endpoint") == 0     ? "8"
           : strcmp(field, "behind") == 0     ? "soft:63.0"
           : strcmp(field, "translates") == 0 ? "1"
           : strcmp(field, "other") == 0      ? "16"
           : strcmp(field, "unlike") == 0     ? "24"
                                              : NULL;
}

SOFT_MODEL(soft_iommu, .device_id = VIRTIO_ID_IOMMU, .count = 1, .queues = 2,
           .features = FEATURES(VIRTIO_IOMMU_F_INPUT_RANGE, VIRTIO_IOMMU_F_DOMAIN_RANGE,
                                VIRTIO_IOMMU_F_MAP_UNMAP, VIRTIO_IOMMU_F_PROBE,
                                VIRTIO_IOMMU_F_BYPASS_CONFIG),
           .config_bytes = sizeof(struct virtio_iommu_config), .init = init,
           .reset = reset, .run = run, .write_config = write_config, .truth = truth);
