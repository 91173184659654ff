/* SPDX-License-Identifier: MIT */
/*
 * Device parts of a software device (2.12.1.4, 2.14): the owner of its group gets and
 * sets them, and stops the device. Of the common configuration there is one field,
 * num_queues, as an example of fields that must not change. What is set is in force at
 * once: a stopped device does nothing with it before it is resumed.
 */
#include "drivers/virtio/soft/core/admin.h"
#include "drivers/virtio/spec/virtio_pci.h"
#include "kernel/lib/string.h"

SOFT_FAULT(parts_are_got_once, "dev:2.12.1.4.4.1-2",
           "has no parts to get while it is stopped");
SOFT_FAULT(parts_come_backwards, "dev:2.12.1.4.4.1-3",
           "puts the status of a device before its features");
SOFT_FAULT(running_device_is_set, "dev:2.12.1.4.4.1-4",
           "sets parts of a device that runs");
SOFT_FAULT(parts_are_set_once, "dev:2.12.1.4.4.1-5",
           "ignores a part that was set before");
SOFT_FAULT(set_again_is_busy, "dev:2.12.1.4.4.1-5",
           "answers EBUSY when a part shall be set that was set before");
SOFT_FAULT(length_is_not_compared, "dev:2.12.1.4.4.1-6",
           "takes as many bytes of a part as there are");
SOFT_FAULT(device_features_are_set, "dev:2.12.1.4.4.1-7",
           "shows the device's features as they were set");
SOFT_FAULT(stopped_loses_kicks, "dev:2.12.1.4.4.1-11a",
           "forgets the kicks that came while it was stopped");
SOFT_FAULT(stopped_has_no_status, "dev:2.12.1.4.4.1-12",
           "shows a status of 0 while it is stopped");
SOFT_FAULT(stopped_goes_on, "dev:2.12.1.4.4.1-15",
           "serves requests although it is stopped");
SOFT_FAULT(stopped_interrupts, "dev:2.12.1.4.4.1-16",
           "sends an interrupt for each kick that it does not serve");
SOFT_FAULT(stop_fails_after_reset, "dev:2.12.1.4.4.1-18",
           "answers EAGAIN when it shall stop a device that was just reset");
SOFT_FAULT(stopped_is_busy, "dev:2.12.1.4.4.1-20",
           "answers EBUSY when it shall stop a stopped device");
SOFT_FAULT(running_is_busy, "dev:2.12.1.4.4.1-21",
           "answers EBUSY when it shall resume a device that runs");
SOFT_FAULT(parts_outlive_reset, "dev:2.12.1.4.4.1-22",
           "shows the driver's features of a life that is over");
SOFT_FAULT(driver_features_come_first, "dev:2.12.1.4.4.1-24",
           "puts the driver's features before the device's");
SOFT_FAULT(common_config_before_features, "dev:2.12.1.4.4.1-25",
           "puts the common configuration before all features");
SOFT_FAULT(common_config_between_features, "dev:2.12.1.4.4.1-26",
           "puts the common configuration before the driver's features");
SOFT_FAULT(invariant_parts_are_refused, "dev:2.12.1.4.4.1-28a",
           "refuses to set the common configuration to what it is");
SOFT_FAULT(invariant_parts_are_set, "dev:2.12.1.4.4.1-28b",
           "shows another number of queues when that was set");
SOFT_FAULT(no_memory_drops_the_object, "dev:2.13.1-9",
           "destroys the object when a list of parts does not fit");

#define VALUE_BYTES 32

typedef struct Part {
    struct virtio_dev_part_hdr hdr;
    uint8_t value[VALUE_BYTES];
} Part;

static void put(Part *p, uint16_t type, const void *value, uint32_t bytes)
{
    *p = (Part){.hdr = {.part_type = le16_of(type), .length = le32_of(bytes)}};
    memcpy(p->value, value, bytes);
}

static void put_features(Part *p, uint16_t type, const QVirtioFeatures *f)
{
    le64 bits[QVIRTIO_FEATURE_WORDS / 2];
    for (unsigned i = 0; i < QVIRTIO_FEATURE_WORDS / 2; i++) {
        bits[i] = le64_of(f->word[2 * i] | (uint64_t)f->word[2 * i + 1] << 32);
    }
    put(p, type, bits, sizeof(bits));
}

static void put_queue(const SoftDevice *m, Part *p, uint16_t index)
{
    const SoftQueue *q = &m->queue[index];
    struct virtio_dev_part_vq_cfg cfg = {
        .queue_size = le16_of(q->is_enabled ? q->side.size : soft_queue_most(m, index)),
        .vector = le16_of(q->irq ? q->irq->vector : VIRTIO_MSI_NO_VECTOR),
        .enabled = le16_of(q->is_enabled),
        .queue_desc = le64_of(q->side.desc_addr.raw),
        .queue_driver = le64_of(q->side.driver_addr.raw),
        .queue_device = le64_of(q->side.device_addr.raw),
    };
    put(p, VIRTIO_DEV_PART_VQ_CFG, &cfg, sizeof(cfg));
    p->hdr.selector.vq_index.index = le16_of(index);
}

/* Used by faults: what the device shows instead of the truth. */
static QVirtioFeatures shown_offered, shown_accepted;
static bool shows_other_features;
static uint16_t shown_queues;

static void put_nth(const SoftDevice *m, Part *p, unsigned n)
{
    le16 queues = le16_of(soft_ordinary(m) + shown_queues);
    bool was_alive = m->status || !soft_fault(parts_outlive_reset);

    switch (n) {
    case 0:
        put_features(p, VIRTIO_DEV_PART_DEV_FEATURES,
                     shows_other_features ? &shown_offered : &m->offered);
        p->hdr.flags = 1u << VIRTIO_DEV_PART_F_OPTIONAL;
        break;
    case 1:
        shown_accepted = was_alive ? m->accepted : shown_accepted;
        put_features(p, VIRTIO_DEV_PART_DRV_FEATURES, &shown_accepted);
        break;
    case 2:
        put(p, VIRTIO_DEV_PART_PCI_COMMON_CFG, &queues, sizeof(queues));
        p->hdr.selector.pci_common_cfg.offset =
            le32_of(offsetof(struct virtio_pci_common_cfg, num_queues));
        break;
    case 3:
        put(p, VIRTIO_DEV_PART_DEVICE_STATUS, &m->status, 1);
        break;
    default:
        put_queue(m, p, (uint16_t)(n - 4));
        break;
    }
}

/* Gives the n-th device part in the order of the table (2.12.1.4.3), or in the order of a
 * fault. Returns false behind the last. */
static bool part_at(const SoftDevice *m, Part *p, unsigned n)
{
    static const uint8_t orders[][4] = {
        {0, 1, 2, 3}, {0, 3, 2, 1}, {1, 0, 2, 3}, {2, 0, 1, 3}, {0, 2, 1, 3}};
    const uint8_t *order = orders[soft_fault(parts_come_backwards)             ? 1
                                  : soft_fault(driver_features_come_first)     ? 2
                                  : soft_fault(common_config_before_features)  ? 3
                                  : soft_fault(common_config_between_features) ? 4
                                                                               : 0];
    if (n >= 4u + soft_ordinary(m)) {
        return false;
    }
    put_nth(m, p, n < 4 ? order[n] : n);
    return true;
}

static bool is_same_part(const struct virtio_dev_part_hdr *a,
                         const struct virtio_dev_part_hdr *b)
{
    return le16_get(a->part_type) == le16_get(b->part_type) &&
           memcmp(&a->selector, &b->selector, sizeof(a->selector)) == 0;
}

static void push_part(SoftCommand *c, const Part *p)
{
    soft_command_result(c, &p->hdr, sizeof(p->hdr));
    soft_command_result(c, p->value, le32_get(p->hdr.length));
}

static uint16_t metadata(SoftCommand *c, const SoftObject *o, uint8_t type)
{
    struct virtio_admin_cmd_dev_parts_metadata_result head = {le32_of(0), le32_of(0)};
    uint32_t count = 0, bytes = 0;
    Part p;

    for (; part_at(c->member, &p, count); count++) {
        bytes += sizeof(p.hdr) + le32_get(p.hdr.length);
    }
    head.count =
        le32_of(type == VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_SIZE ? bytes : count);
    soft_command_result(c, &head, sizeof(head));
    for (uint32_t i = 0; type == VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_LIST &&
                         part_at(c->member, &p, i);
         i++) {
        soft_command_result(c, &p.hdr, sizeof(p.hdr));
    }
    if (c->result_bytes > c->room) {
        if (soft_fault(no_memory_drops_the_object)) {
            ((SoftObject *)o)->kind = NULL;
        }
        c->qualifier = VIRTIO_ADMIN_STATUS_Q_NORESOURCE;
        return VIRTIO_ADMIN_STATUS_ENOMEM;
    }
    return VIRTIO_ADMIN_STATUS_OK;
}

/* Returns true when the command's list of headers, from `off` on, names the part. */
static bool is_selected(const SoftCommand *c, uint32_t off, const Part *p)
{
    struct virtio_dev_part_hdr wanted;
    for (; off + sizeof(wanted) <= c->data_bytes; off += sizeof(wanted)) {
        soft_command_data(c, off, &wanted, sizeof(wanted));
        if (is_same_part(&wanted, &p->hdr)) {
            return true;
        }
    }
    return false;
}

static uint16_t get(SoftCommand *c, uint8_t type)
{
    bool is_all = type == VIRTIO_ADMIN_CMD_DEV_PARTS_GET_TYPE_ALL;
    Part p;

    if (soft_fault(parts_are_got_once) && c->member->is_stopped) {
        return VIRTIO_ADMIN_STATUS_EBUSY;
    }
    for (unsigned i = 0; part_at(c->member, &p, i); i++) {
        uint32_t list = sizeof(struct virtio_admin_cmd_dev_parts_data);
        if (is_all || is_selected(c, list, &p)) {
            push_part(c, &p);
        }
    }
    return VIRTIO_ADMIN_STATUS_OK;
}

/* Takes the next part from the command's data. Returns false when there is none, or not
 * all of it. */
static bool take_part(const SoftCommand *c, uint32_t *off, Part *p)
{
    uint32_t bytes;

    if (*off + sizeof(p->hdr) > c->data_bytes) {
        return false;
    }
    soft_command_data(c, *off, &p->hdr, sizeof(p->hdr));
    bytes = le32_get(p->hdr.length);
    *off += sizeof(p->hdr);
    if (bytes == 0 || bytes > c->data_bytes - *off) {
        /* What is left is the padding to 64 bits. */
        return false;
    }
    soft_command_data(c, *off, p->value, bytes < VALUE_BYTES ? bytes : VALUE_BYTES);
    *off += bytes;
    return true;
}

static bool is_invariant(uint16_t type)
{
    return type == VIRTIO_DEV_PART_DEV_FEATURES || type == VIRTIO_DEV_PART_PCI_COMMON_CFG;
}

/* Returns true when the part can be set to this value. */
static bool is_settable(const SoftDevice *m, const Part *p)
{
    uint16_t type = le16_get(p->hdr.part_type);
    Part mine;

    for (unsigned i = 0; part_at(m, &mine, i); i++) {
        uint32_t bytes = le32_get(mine.hdr.length);
        if (!is_same_part(&mine.hdr, &p->hdr)) {
            continue;
        }
        if (bytes != le32_get(p->hdr.length) && !soft_fault(length_is_not_compared)) {
            return false;
        }
        if (type == VIRTIO_DEV_PART_PCI_COMMON_CFG &&
            soft_fault(invariant_parts_are_refused)) {
            return false;
        }
        return !is_invariant(type) || memcmp(mine.value, p->value, bytes) == 0 ||
               soft_fault(device_features_are_set) || soft_fault(invariant_parts_are_set);
    }
    return false;
}

static QVirtioFeatures features_of(const Part *p)
{
    QVirtioFeatures f = {0};
    for (unsigned i = 0; i < QVIRTIO_FEATURE_WORDS / 2; i++) {
        le64 bits;
        memcpy(&bits, p->value + 8 * i, sizeof(bits));
        f.word[2 * i] = (uint32_t)le64_get(bits);
        f.word[2 * i + 1] = (uint32_t)(le64_get(bits) >> 32);
    }
    return f;
}

static void apply_queue(SoftDevice *m, const Part *p)
{
    struct virtio_dev_part_vq_cfg cfg;
    SoftQueue *q = &m->queue[le16_get(p->hdr.selector.vq_index.index)];

    memcpy(&cfg, p->value, sizeof(cfg));
    q->is_enabled = le16_get(cfg.enabled) == 1;
    q->side.size = le16_get(cfg.queue_size);
    q->side.desc_addr.raw = le64_get(cfg.queue_desc);
    q->side.driver_addr.raw = le64_get(cfg.queue_driver);
    q->side.device_addr.raw = le64_get(cfg.queue_device);
}

static void apply(SoftDevice *m, const Part *p)
{
    static bool was_set;

    switch (le16_get(p->hdr.part_type)) {
    case VIRTIO_DEV_PART_DEV_FEATURES:
        shown_offered = features_of(p);
        shows_other_features = soft_fault(device_features_are_set);
        break;
    case VIRTIO_DEV_PART_DRV_FEATURES:
        m->accepted = features_of(p);
        break;
    case VIRTIO_DEV_PART_PCI_COMMON_CFG:
        shown_queues = soft_fault(invariant_parts_are_set);
        break;
    case VIRTIO_DEV_PART_DEVICE_STATUS:
        m->status = was_set && m->status && soft_fault(parts_are_set_once) ? m->status
                                                                           : p->value[0];
        was_set = true;
        break;
    case VIRTIO_DEV_PART_VQ_CFG:
        apply_queue(m, p);
        break;
    }
}

/* Sets all parts or none: "When the command fails ... the device does not have any side
 * effects." */
static uint16_t set(SoftCommand *c)
{
    uint32_t from = sizeof(struct virtio_admin_cmd_resource_obj_cmd_hdr), off = from;
    Part p;

    shows_other_features = false;
    shown_queues = 0;
    if (!c->member->is_stopped && !soft_fault(running_device_is_set)) {
        return VIRTIO_ADMIN_STATUS_EBUSY;
    }
    if (c->member->status && soft_fault(set_again_is_busy)) {
        return VIRTIO_ADMIN_STATUS_EBUSY;
    }
    while (take_part(c, &off, &p)) {
        if (!is_settable(c->member, &p)) {
            return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
        }
    }
    for (off = from; take_part(c, &off, &p);) {
        apply(c->member, &p);
    }
    return VIRTIO_ADMIN_STATUS_OK;
}

bool soft_admin_rests(const SoftDevice *s)
{
    return s->is_stopped && !soft_fault(stopped_goes_on);
}

uint8_t soft_admin_status(const SoftDevice *s)
{
    return s->is_stopped && soft_fault(stopped_has_no_status) ? 0 : s->status;
}

void soft_admin_kicked(SoftDevice *s, uint16_t queue)
{
    if (!s->is_stopped) {
        return;
    }
    if (soft_fault(stopped_loses_kicks)) {
        s->queue[queue].has_kick = false;
    }
    if (soft_fault(stopped_interrupts) && s->queue[queue].irq) {
        s->queue[queue].irq->count++;
    }
}

static uint16_t mode_set(SoftCommand *c)
{
    struct virtio_admin_cmd_dev_mode_set_data data;
    SoftDevice *m = c->member;

    soft_command_data(c, 0, &data, sizeof(data));
    bool stops = data.flags & 1u << VIRTIO_ADMIN_CMD_DEV_MODE_F_STOPPED;
    if (data.flags & ~(1u << VIRTIO_ADMIN_CMD_DEV_MODE_F_STOPPED)) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (stops && m->status == 0 && m->had_life && soft_fault(stop_fails_after_reset)) {
        m->had_life = false;
        return VIRTIO_ADMIN_STATUS_EAGAIN;
    }
    if (stops == m->is_stopped &&
        (stops ? soft_fault(stopped_is_busy) : soft_fault(running_is_busy))) {
        return VIRTIO_ADMIN_STATUS_EBUSY;
    }
    m->is_stopped = stops;
    return VIRTIO_ADMIN_STATUS_OK;
}

uint16_t soft_admin_parts(SoftCommand *c)
{
    struct virtio_admin_cmd_dev_parts_data data;

    if (c->opcode == VIRTIO_ADMIN_CMD_DEV_MODE_SET) {
        return mode_set(c);
    }
    soft_command_data(c, 0, &data, sizeof(data));
    const SoftObject *o =
        soft_object_find(c->s, le16_get(data.hdr.type), le32_get(data.hdr.id));
    if (!o || le16_get(data.hdr.type) != VIRTIO_RESOURCE_OBJ_DEV_PARTS) {
        return VIRTIO_ADMIN_STATUS_ENXIO;
    }
    bool sets = c->opcode == VIRTIO_ADMIN_CMD_DEV_PARTS_SET;
    if (sets != (o->data[0] == VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_SET)) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (c->opcode == VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET) {
        return metadata(c, o, data.type);
    }
    return sets ? set(c) : get(c, data.type);
}
