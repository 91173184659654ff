/* SPDX-License-Identifier: MIT */
/*
 * What the first entropy device offers as the owner of a group: objects for the device
 * parts of its only virtual function (2.12.1.4), which is the first disk.
 */
#include "drivers/virtio/soft/core/admin.h"

#define PARTS_OBJECTS 3

static const struct virtio_dev_parts_cap parts_cap = {PARTS_OBJECTS, PARTS_OBJECTS};

/* Checks two limits of one byte each. */
static bool accepts(const uint8_t *driver, const uint8_t *device, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        if (driver[i] > device[i]) {
            return false;
        }
    }
    return true;
}

static uint32_t limit(const uint8_t *cap, const uint8_t *object)
{
    const struct virtio_dev_parts_cap *c = (const void *)cap;
    const struct virtio_resource_obj_dev_parts *o = (const void *)object;
    return o->type == VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_GET
               ? c->get_parts_resource_objects_limit
               : c->set_parts_resource_objects_limit;
}

static bool is_like(const uint8_t *object, const uint8_t *other)
{
    return object[0] == other[0]; /* the type: to get or to set */
}

static uint16_t check(SoftDevice *s, uint32_t id, const uint8_t *object, uint32_t bytes)
{
    const struct virtio_resource_obj_dev_parts *o = (const void *)object;
    (void)s, (void)id, (void)bytes;
    return o->type <= VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_SET ? VIRTIO_ADMIN_STATUS_OK
                                                             : VIRTIO_ADMIN_STATUS_EINVAL;
}

static const SoftCapKind caps[] = {
    {.id = VIRTIO_DEV_PARTS_CAP,
     .bytes = sizeof(parts_cap),
     .value = &parts_cap,
     .accepts = accepts},
};

static const SoftObjectKind objects[] = {
    {.type = VIRTIO_RESOURCE_OBJ_DEV_PARTS,
     .group = VIRTIO_ADMIN_GROUP_TYPE_SRIOV,
     .cap = VIRTIO_DEV_PARTS_CAP,
     .bytes = sizeof(struct virtio_resource_obj_dev_parts),
     .most_bytes = sizeof(struct virtio_resource_obj_dev_parts),
     .limit = limit,
     .is_like = is_like,
     .check = check},
};

const SoftAdminKind soft_rng_admin = {.caps = caps,
                                      .cap_count = 1,
                                      .objects = objects,
                                      .object_count = 1,
                                      .member_id = VIRTIO_ID_BLOCK};
