/* SPDX-License-Identifier: MIT */
/*
 * Resource objects of software devices (2.12.1.3): they are created, modified, queried
 * and destroyed, as many of each kind as the driver's capability says. The kind knows
 * what an object means.
 */
#include "drivers/virtio/soft/core/admin.h"
#include "kernel/lib/string.h"

SOFT_FAULT(no_capability_is_no_limit, "dev:2.12.1.2.4-10",
           "lets objects be created before the capability is set");
SOFT_FAULT(existing_object_is_invalid, "dev:2.12.1.3.5-1",
           "answers EINVAL when an object's id is taken");
SOFT_FAULT(missing_object_is_invalid, "dev:2.12.1.3.5-2",
           "answers EINVAL when an object does not exist");
SOFT_FAULT(limit_is_invalid, "dev:2.12.1.3.5-3",
           "answers EINVAL when there are as many objects as there may be");
SOFT_FAULT(ids_are_used_once, "dev:2.12.1.3.5-5",
           "refuses the id of an object that was destroyed");
SOFT_FAULT(last_id_is_refused, "dev:2.12.1.3.5-6",
           "refuses the highest id that the limit allows");
SOFT_FAULT(one_object_too_few, "dev:2.12.1.3.5-8",
           "has room for one object less than the driver's capability says");
SOFT_FAULT(failed_modify_modifies, "dev:2.12.1.3.5-9",
           "changes an object although it refuses to");
SOFT_FAULT(query_tells_the_first_data, "dev:2.12.1.3.5-10",
           "answers a query with what the object was created with");
SOFT_FAULT(objects_outlive_reset, "dev:2.12.1.3.5-11", "keeps objects over one reset");
SOFT_FAULT(destroy_wants_another_try, "dev:2.12.1.5-5",
           "destroys an object and says EAGAIN");
SOFT_FAULT(invalid_object_is_created, "dev:2.12.1.5-7b",
           "creates an object although it answers EINVAL");
SOFT_FAULT(failed_create_overwrites, "dev:2.12.1.5-8",
           "gives an object the data of a create that it refuses");

static const SoftObjectKind *kind_of(const SoftCommand *c, uint16_t type)
{
    const SoftAdminKind *kind = c->s->model->admin;
    for (unsigned i = 0; i < kind->object_count; i++) {
        if (kind->objects[i].type == type && kind->objects[i].group == c->group) {
            return &kind->objects[i];
        }
    }
    return NULL;
}

SoftObject *soft_object_find(SoftDevice *s, uint16_t type, uint32_t id)
{
    for (unsigned i = 0; i < SOFT_ADMIN_OBJECTS; i++) {
        SoftObject *o = &s->admin->object[i];
        if (o->kind && o->kind->type == type && o->id == id) {
            return o;
        }
    }
    return NULL;
}

void soft_admin_object_reset(SoftAdmin *now, const SoftAdmin *old)
{
    for (unsigned i = 0; i < SOFT_ADMIN_OBJECTS && soft_fault(objects_outlive_reset);
         i++) {
        if (!old->object[i].is_kept) {
            now->object[i] = old->object[i];
            now->object[i].is_kept = true;
        }
    }
}

static uint32_t limit_of(const SoftCommand *c, const SoftObjectKind *kind,
                         const uint8_t *data)
{
    const uint8_t *cap = soft_admin_cap(c->s, kind->cap);
    if (!cap) {
        return soft_fault(no_capability_is_no_limit) ? SOFT_ADMIN_OBJECTS : 0;
    }
    return kind->limit(cap, data);
}

/* Returns how many objects share a limit with this one. */
static uint32_t count_like(const SoftCommand *c, const SoftObjectKind *kind,
                           const uint8_t *data)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < SOFT_ADMIN_OBJECTS; i++) {
        const SoftObject *o = &c->s->admin->object[i];
        count += o->kind == kind && (!kind->is_like || kind->is_like(o->data, data));
    }
    return count;
}

/* Takes the data of a command, and checks it. Returns the command's status. */
static uint16_t take_data(SoftCommand *c, const SoftObjectKind *kind, uint32_t id,
                          uint8_t *data, uint32_t *bytes)
{
    uint32_t head = sizeof(struct virtio_admin_cmd_resource_obj_data);
    *bytes = c->data_bytes > head ? c->data_bytes - head : 0;
    *bytes = *bytes < kind->bytes ? kind->bytes : *bytes;
    *bytes = *bytes > kind->most_bytes ? kind->most_bytes : *bytes;
    memset(data, 0, SOFT_ADMIN_OBJECT_BYTES);
    soft_command_data(c, head, data, *bytes);
    uint16_t status =
        kind->check ? kind->check(c->s, id, data, *bytes) : VIRTIO_ADMIN_STATUS_OK;
    c->qualifier = status ? VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD : 0;
    return status;
}

static uint16_t place(SoftCommand *c, const SoftObjectKind *kind, uint32_t id,
                      const uint8_t *data, uint32_t bytes)
{
    for (unsigned i = 0; i < SOFT_ADMIN_OBJECTS; i++) {
        SoftObject *o = &c->s->admin->object[i];
        if (!o->kind) {
            *o = (SoftObject){.kind = kind, .id = id, .bytes = bytes};
            memcpy(o->data, data, bytes);
            memcpy(o->first, data, bytes);
            return VIRTIO_ADMIN_STATUS_OK;
        }
    }
    return VIRTIO_ADMIN_STATUS_ENOSPC;
}

static bool has_room(const SoftCommand *c, const SoftObjectKind *kind, uint32_t id,
                     const uint8_t *data)
{
    uint32_t limit = limit_of(c, kind, data);
    uint32_t most = limit - (limit && soft_fault(one_object_too_few));

    return id < limit && !(soft_fault(last_id_is_refused) && id + 1 == limit && id) &&
           count_like(c, kind, data) < most;
}

static uint16_t create(SoftCommand *c, const SoftObjectKind *kind, uint32_t id)
{
    _Alignas(8) uint8_t data[SOFT_ADMIN_OBJECT_BYTES];
    uint32_t bytes;
    uint16_t status = take_data(c, kind, id, data, &bytes);
    SoftObject *o = soft_object_find(c->s, kind->type, id);

    if (o) {
        if (soft_fault(failed_create_overwrites)) {
            memcpy(o->data, data, bytes);
        }
        return soft_fault(existing_object_is_invalid) ? VIRTIO_ADMIN_STATUS_EINVAL
                                                      : VIRTIO_ADMIN_STATUS_EEXIST;
    }
    bool was_destroyed = id < 64 && c->s->admin->was_destroyed >> id & 1;
    if (status == VIRTIO_ADMIN_STATUS_EINVAL && soft_fault(invalid_object_is_created)) {
        place(c, kind, id, data, bytes);
    }
    if (status) {
        return status;
    }
    if (!has_room(c, kind, id, data) || was_destroyed) {
        return soft_fault(limit_is_invalid) ? VIRTIO_ADMIN_STATUS_EINVAL
                                            : VIRTIO_ADMIN_STATUS_ENOSPC;
    }
    return place(c, kind, id, data, bytes);
}

static uint16_t modify(SoftCommand *c, SoftObject *o)
{
    _Alignas(8) uint8_t data[SOFT_ADMIN_OBJECT_BYTES];
    uint32_t bytes;
    uint16_t status = take_data(c, o->kind, o->id, data, &bytes);

    if (status == VIRTIO_ADMIN_STATUS_OK || soft_fault(failed_modify_modifies)) {
        memcpy(o->data, data, sizeof(o->data));
        o->bytes = bytes;
    }
    return status;
}

static uint16_t destroy(SoftCommand *c, SoftObject *o)
{
    o->kind = NULL;
    if (o->id < 64 && soft_fault(ids_are_used_once)) {
        c->s->admin->was_destroyed |= 1ull << o->id;
    }
    return soft_fault(destroy_wants_another_try) ? VIRTIO_ADMIN_STATUS_EAGAIN
                                                 : VIRTIO_ADMIN_STATUS_OK;
}

static uint16_t missing(void)
{
    return soft_fault(missing_object_is_invalid) ? VIRTIO_ADMIN_STATUS_EINVAL
                                                 : VIRTIO_ADMIN_STATUS_ENXIO;
}

uint16_t soft_admin_object(SoftCommand *c)
{
    struct virtio_admin_cmd_resource_obj_cmd_hdr hdr;

    soft_command_data(c, 0, &hdr, sizeof(hdr));
    uint32_t id = le32_get(hdr.id);
    const SoftObjectKind *kind = kind_of(c, le16_get(hdr.type));
    if (!kind) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (kind->is_enabled && !kind->is_enabled(c->s)) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE);
    }
    if (c->opcode == VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE) {
        return create(c, kind, id);
    }
    SoftObject *o = soft_object_find(c->s, kind->type, id);
    if (!o) {
        return missing();
    }
    if (c->opcode == VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY) {
        soft_command_result(
            c, soft_fault(query_tells_the_first_data) ? o->first : o->data, o->bytes);
        return VIRTIO_ADMIN_STATUS_OK;
    }
    if (kind->is_needed && kind->is_needed(c->s, id)) {
        return VIRTIO_ADMIN_STATUS_EBUSY;
    }
    return c->opcode == VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY ? modify(c, o)
                                                             : destroy(c, o);
}
