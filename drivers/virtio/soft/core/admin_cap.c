/* SPDX-License-Identifier: MIT */
/*
 * Capabilities of software devices (2.12.1.2): which there are, what the device can do,
 * and what the driver said that it will use.
 */
#include "drivers/virtio/soft/core/admin.h"
#include "kernel/lib/string.h"

#define CAP_WORDS (VIRTIO_ADMIN_CAPS / 64)

SOFT_FAULT(limits_are_all_or_nothing, "dev:2.12.1.2.4-2",
           "refuses a limit below the device's");
SOFT_FAULT(capability_in_use_is_dropped, "dev:2.12.1.2.4-7",
           "lets the driver drop a capability whose objects are there");
SOFT_FAULT(unknown_capability_is_invalid, "dev:2.12.1.2.4-8",
           "answers EINVAL for a capability that it does not list");
SOFT_FAULT(capabilities_outlive_reset, "dev:2.12.1.2.4-9",
           "keeps the driver's capabilities over a reset when there are no objects");

static int find(const SoftDevice *s, uint16_t id)
{
    const SoftAdminKind *kind = s->model->admin;
    for (int i = 0; i < kind->cap_count; i++) {
        if (kind->caps[i].id == id) {
            return i;
        }
    }
    return -1;
}

const uint8_t *soft_admin_cap(const SoftDevice *s, uint16_t id)
{
    int i = find(s, id);
    return i >= 0 && s->admin->has_cap[i] ? s->admin->cap[i] : NULL;
}

void soft_admin_cap_reset(SoftAdmin *now, const SoftAdmin *old)
{
    bool had_objects = false;
    for (unsigned i = 0; i < SOFT_ADMIN_OBJECTS; i++) {
        had_objects |= old->object[i].kind != NULL;
    }
    if (soft_fault(capabilities_outlive_reset) && !had_objects) {
        memcpy(now->cap, old->cap, sizeof(now->cap));
        memcpy(now->has_cap, old->has_cap, sizeof(now->has_cap));
    }
}

static uint16_t list(SoftCommand *c)
{
    const SoftAdminKind *kind = c->s->model->admin;
    le64 words[CAP_WORDS];
    uint64_t bits[CAP_WORDS] = {0};
    uint32_t used = 1;

    for (unsigned i = 0; i < kind->cap_count; i++) {
        uint32_t word = kind->caps[i].id / 64;
        if (kind->caps[i].hidden_by && kind->caps[i].hidden_by == soft_fault_chosen) {
            continue;
        }
        bits[word] |= 1ull << (kind->caps[i].id % 64);
        used = word >= used ? word + 1 : used;
    }
    for (unsigned i = 0; i < used; i++) {
        words[i] = le64_of(bits[i]);
    }
    soft_command_result(c, words, used * sizeof(words[0]));
    return VIRTIO_ADMIN_STATUS_OK;
}

/* Returns true when there is an object that this capability limits. */
static bool is_in_use(const SoftDevice *s, uint16_t id)
{
    for (unsigned i = 0; i < SOFT_ADMIN_OBJECTS; i++) {
        const SoftObjectKind *kind = s->admin->object[i].kind;
        if (kind && kind->cap == id) {
            return true;
        }
    }
    return false;
}

static uint16_t set(SoftCommand *c, int i)
{
    const SoftCapKind *kind = &c->s->model->admin->caps[i];
    uint8_t value[SOFT_ADMIN_CAP_BYTES];

    soft_command_data(c, sizeof(struct virtio_admin_cmd_cap_data), value, kind->bytes);
    if (!kind->accepts(value, kind->value, kind->bytes)) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (soft_fault(limits_are_all_or_nothing) &&
        memcmp(value, kind->value, kind->bytes) != 0) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (is_in_use(c->s, kind->id) && !soft_fault(capability_in_use_is_dropped)) {
        return VIRTIO_ADMIN_STATUS_EBUSY;
    }
    memcpy(c->s->admin->cap[i], value, kind->bytes);
    c->s->admin->has_cap[i] = true;
    return VIRTIO_ADMIN_STATUS_OK;
}

uint16_t soft_admin_capability(SoftCommand *c)
{
    struct virtio_admin_cmd_cap_data data;

    if (c->opcode == VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY) {
        return list(c);
    }
    soft_command_data(c, 0, &data, sizeof(data));
    int i = find(c->s, le16_get(data.id));
    if (i < 0) {
        return soft_fault(unknown_capability_is_invalid)
                   ? soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD)
                   : VIRTIO_ADMIN_STATUS_ENXIO;
    }
    if (c->opcode == VIRTIO_ADMIN_CMD_DRIVER_CAP_SET) {
        return set(c, i);
    }
    const SoftCapKind *kind = &c->s->model->admin->caps[i];
    soft_command_result(c, kind->value, kind->bytes);
    return VIRTIO_ADMIN_STATUS_OK;
}
