/* SPDX-License-Identifier: MIT */
/*
 * For software devices that own groups (2.12). The commands themselves and their
 * virtqueues are in admin.c, and what they do is in admin_*.c. The capabilities and
 * objects of a device type are in its SoftAdminKind.
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

/* A capability of the device, and which values of it the driver may choose. */
typedef struct SoftCapKind {
    uint16_t id, bytes;
    /* What the device can do. */
    const void *value;
    /* Returns true when the driver may set this value. */
    bool (*accepts)(const uint8_t *driver, const uint8_t *device, uint32_t bytes);
    /* The fault with which it is not listed. NULL means that it always is. */
    const SoftFault *hidden_by;
} SoftCapKind;

/* A kind of resource objects. */
typedef struct SoftObjectKind {
    /* The type of object, the group whose commands make it, and the capability that
     * limits how many there are. */
    uint16_t type, group, cap;
    /* How many bytes of data it has at least; those that a command leaves out are zero.
     */
    uint16_t bytes;
    /* How many it has at most. */
    uint16_t most_bytes;
    /* Returns how many objects like this one the driver's capability allows. */
    uint32_t (*limit)(const uint8_t *cap, const uint8_t *object);
    /* Returns true when two objects count for the same limit. NULL: all do. */
    bool (*is_like)(const uint8_t *object, const uint8_t *other);
    /* Returns VIRTIO_ADMIN_STATUS_OK when the data is acceptable, else an error. NULL:
     * any data is. */
    uint16_t (*check)(SoftDevice *s, uint32_t id, const uint8_t *object, uint32_t bytes);
    /* Returns true when such objects can be used now. NULL: always. */
    bool (*is_enabled)(const SoftDevice *s);
    /* Returns true when other objects depend on this one. NULL: none ever do. */
    bool (*is_needed)(SoftDevice *s, uint32_t id);
} SoftObjectKind;

struct SoftAdminKind {
    const SoftCapKind *caps;
    const SoftObjectKind *objects;
    uint8_t cap_count, object_count;
    /* The type and index of its only virtual function; member_id 0 means that it has no
     * SR-IOV group. */
    uint16_t member_id;
    uint8_t member_index;
};

typedef struct SoftObject {
    /* NULL means that the place is free. */
    const SoftObjectKind *kind;
    uint32_t id, bytes;
    _Alignas(8) uint8_t data[SOFT_ADMIN_OBJECT_BYTES];
    /* Used by faults: its data as it was created, and whether an earlier life made it. */
    uint8_t first[SOFT_ADMIN_OBJECT_BYTES];
    bool is_kept;
} SoftObject;

struct SoftAdmin {
    /* Commands, one bit each: those that LIST_USE made legal; and, for faults, those of
     * the life before. */
    uint64_t legal[SOFT_ADMIN_GROUPS], before[SOFT_ADMIN_GROUPS];
    /* LIST_QUERY asked for the group in this life. */
    bool was_asked[SOFT_ADMIN_GROUPS];
    /* There was a command in this life other than LIST_QUERY and LIST_USE. */
    bool was_busy;
    /* The capabilities that the driver has set, and their values. */
    bool has_cap[SOFT_ADMIN_CAPS];
    _Alignas(8) uint8_t cap[SOFT_ADMIN_CAPS][SOFT_ADMIN_CAP_BYTES];
    SoftObject object[SOFT_ADMIN_OBJECTS];
    /* Used by faults: the ids of objects that were destroyed, one bit each. */
    uint64_t was_destroyed;
    /* The register queue_select of the member's legacy interface. */
    uint16_t legacy_select;
};

/* One command that is being executed. */
typedef struct SoftCommand {
    SoftDevice *s;
    const QVirtQueueElement *e;
    uint16_t opcode, group, qualifier;
    uint64_t member_id;
    /* The member of the SR-IOV group that the command is for. */
    SoftDevice *member;
    /* How many bytes of command_specific_data the driver sent. */
    uint32_t data_bytes;
    /* How many bytes the driver has room for in command_specific_result, and how many
     * there are. */
    uint32_t room;
    uint32_t result_bytes;
    uint8_t result[SOFT_ADMIN_RESULT_BYTES];
} SoftCommand;

extern const SoftAdminKind soft_rng_admin, soft_net_admin;

/* Used by faults: what a device keeps over a reset. */
void soft_admin_cap_reset(SoftAdmin *now, const SoftAdmin *old);
void soft_admin_object_reset(SoftAdmin *now, const SoftAdmin *old);

void soft_admin_init(SoftDevice *s);
void soft_admin_reset(SoftDevice *s);
void soft_admin_run(SoftDevice *s, uint16_t queue);

/* A device that its group's owner has stopped: returns true when it does nothing, returns
 * the status that it shows, and does what a kick does to it. */
bool soft_admin_rests(const SoftDevice *s);
uint8_t soft_admin_status(const SoftDevice *s);
void soft_admin_kicked(SoftDevice *s, uint16_t queue);

/* These are operations of the bus table. */
int soft_sriov_vfs(QVirtioDevice *d, uint16_t *vfs);
QVirtioDevice *soft_sriov_member(QVirtioDevice *d, uint16_t vf);

/* ---- For the files that execute commands ---- */

/* Copies bytes of command_specific_data from `off` on; behind its end they are zeroes
 * (2.13.1). */
void soft_command_data(const SoftCommand *c, uint32_t off, void *to, uint32_t bytes);
/* Adds bytes to the result. */
void soft_command_result(SoftCommand *c, const void *from, uint32_t bytes);
/* Sets the qualifier, and returns EINVAL. */
uint16_t soft_command_invalid(SoftCommand *c, uint16_t qualifier);

/* Each executes some of the commands, and returns the command's status. */
uint16_t soft_admin_capability(SoftCommand *c);
uint16_t soft_admin_object(SoftCommand *c);
uint16_t soft_admin_parts(SoftCommand *c);
uint16_t soft_admin_legacy(SoftCommand *c);

/* Returns the capability as the driver has set it; NULL when it has not. */
const uint8_t *soft_admin_cap(const SoftDevice *s, uint16_t id);
/* Returns the object of this type and id, or NULL. */
SoftObject *soft_object_find(SoftDevice *s, uint16_t type, uint32_t id);

#endif
