/* SPDX-License-Identifier: MIT */
/*
 * Private to the soft bus: devices that own groups (2.12). The commands themselves and
 * their virtqueues are in admin.c, what they do in admin_*.c; what a type has
 * of capabilities and objects is in its SoftAdminKind.
 */
#ifndef SOFT_ADMIN_H
#define SOFT_ADMIN_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_admin.h"

#define SOFT_ADMIN_GROUPS       2
#define SOFT_ADMIN_CAPS         4
#define SOFT_ADMIN_CAP_BYTES    96
#define SOFT_ADMIN_OBJECTS      32
#define SOFT_ADMIN_OBJECT_BYTES 128
#define SOFT_ADMIN_RESULT_BYTES 1024

/* A capability of the device, and what of it the driver may choose. */
typedef struct SoftCapKind {
    uint16_t id, bytes;
    /* The device's. */
    const void *value;
    bool (*accepts)(const uint8_t *driver, const uint8_t *device, uint32_t bytes);
    /* By this fault it is not listed; NULL: by none. */
    const SoftFault *hidden_by;
} SoftCapKind;

typedef struct SoftObjectKind {
    /* That limits how many there are. */
    uint16_t type, group, cap;
    /* At least so many; what is missing is zero. */
    uint16_t bytes;
    uint16_t most_bytes;
    /* How many the driver's capability allows of those that are like this one. */
    uint32_t (*limit)(const uint8_t *cap, const uint8_t *object);
    /* Do two of them count for the same limit? NULL: all do. */
    bool (*is_like)(const uint8_t *object, const uint8_t *other);
    /* An error, or VIRTIO_ADMIN_STATUS_OK. NULL: any will do. */
    uint16_t (*check)(SoftDevice *s, uint32_t id, const uint8_t *object, uint32_t bytes);
    /* Is there any use of it now? NULL: always. */
    bool (*is_enabled)(const SoftDevice *s);
    /* Do others depend on it? NULL: none ever do. */
    bool (*is_needed)(SoftDevice *s, uint32_t id);
} SoftObjectKind;

struct SoftAdminKind {
    const SoftCapKind *caps;
    const SoftObjectKind *objects;
    uint8_t cap_count, object_count;
    /* Its only virtual function; 0: it has no SR-IOV group. */
    uint16_t member_id;
    uint8_t member_index;
};

typedef struct SoftObject {
    /* NULL: the place is free. */
    const SoftObjectKind *kind;
    uint32_t id, bytes;
    _Alignas(8) uint8_t data[SOFT_ADMIN_OBJECT_BYTES];
    /* Of a faulty device: as it was created; and it is of an earlier life. */
    uint8_t first[SOFT_ADMIN_OBJECT_BYTES];
    bool is_kept;
} SoftObject;

struct SoftAdmin {
    /* Commands, a bit each: those of LIST_USE; and of a faulty owner, of the life before.
     */
    uint64_t legal[SOFT_ADMIN_GROUPS], before[SOFT_ADMIN_GROUPS];
    /* By LIST_QUERY, in this life. */
    bool was_asked[SOFT_ADMIN_GROUPS];
    /* With commands that are not about lists. */
    bool was_busy;
    bool has_cap[SOFT_ADMIN_CAPS];
    /* The driver's. */
    _Alignas(8) uint8_t cap[SOFT_ADMIN_CAPS][SOFT_ADMIN_CAP_BYTES];
    SoftObject object[SOFT_ADMIN_OBJECTS];
    /* Of a faulty device: ids. */
    uint64_t was_destroyed;
    /* queue_select of the member's legacy interface. */
    uint16_t legacy_select;
};

/* One command. */
typedef struct SoftCommand {
    SoftDevice *s;
    const QVirtQueueElement *e;
    uint16_t opcode, group, qualifier;
    uint64_t member_id;
    /* Of the SR-IOV group. */
    SoftDevice *member;
    /* Of command_specific_data. */
    uint32_t data_bytes;
    /* For the result. */
    uint32_t room;
    uint32_t result_bytes;
    uint8_t result[SOFT_ADMIN_RESULT_BYTES];
} SoftCommand;

extern const SoftAdminKind soft_rng_admin, soft_net_admin;

/* What a faulty device keeps over a reset. */
void soft_admin_cap_reset(SoftAdmin *now, const SoftAdmin *old);
void soft_admin_object_reset(SoftAdmin *now, const SoftAdmin *old);

void soft_admin_init(SoftDevice *s);
void soft_admin_reset(SoftDevice *s);
void soft_admin_run(SoftDevice *s, uint16_t queue);

/* A device that the owner of its group stopped does nothing; what it shows, and what a
 * kick does to it. */
bool soft_admin_rests(const SoftDevice *s);
uint8_t soft_admin_status(const SoftDevice *s);
void soft_admin_kicked(SoftDevice *s, uint16_t queue);

/* Operations of the bus table. */
int soft_sriov_vfs(QVirtioDevice *d, uint16_t *vfs);
QVirtioDevice *soft_sriov_member(QVirtioDevice *d, uint16_t vf);

/* ---- For commands: the result is a status ---- */

/* Bytes of command_specific_data from `off` on, and zeroes behind its end (2.13.1). */
void soft_command_data(const SoftCommand *c, uint32_t off, void *to, uint32_t bytes);
/* More of the result. */
void soft_command_result(SoftCommand *c, const void *from, uint32_t bytes);
uint16_t soft_command_invalid(SoftCommand *c, uint16_t qualifier);

uint16_t soft_admin_capability(SoftCommand *c);
uint16_t soft_admin_object(SoftCommand *c);
uint16_t soft_admin_parts(SoftCommand *c);
uint16_t soft_admin_legacy(SoftCommand *c);

/* The driver's capability as it was set; NULL: it was not. */
const uint8_t *soft_admin_cap(const SoftDevice *s, uint16_t id);
SoftObject *soft_object_find(SoftDevice *s, uint16_t type, uint32_t id);

#endif
