/* SPDX-License-Identifier: MIT */
/*
 * Administration virtqueues (2.13) and the commands that go through them (2.12): of any
 * device that offers VIRTIO_F_ADMIN_VQ, so this is no device type. Starting a device that
 * accepted the feature opens the first of its administration virtqueues.
 */
#ifndef DEVICE_ADMIN_H
#define DEVICE_ADMIN_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_admin.h"

/* Where they are: -UNSUPPORTED when the feature was not accepted or the bus has none. */
int qvirtio_admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count);
/* Opens the first ones of those that are there, QVIRTIO_ADMIN_QUEUES at most, and none
 * whose index is beyond what a QVirtioDevice holds. */
#define QVIRTIO_ADMIN_QUEUES 2
int qvirtio_open_admin_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size);
/* The administration virtqueue `n`, from 0, if it is open; else NULL. */
QVirtQueue *qvirtio_admin_queue(QVirtioDevice *d, uint16_t n);

/* The SR-IOV group of the device: how many virtual functions are enabled. -UNSUPPORTED:
 * that cannot be seen. */
int qvirtio_sriov_vfs(QVirtioDevice *d, uint16_t *vfs);
/* One of them, from 1; NULL: it is not driven here. */
QVirtioDevice *qvirtio_sriov_member(QVirtioDevice *d, uint64_t vf);

/*
 * One command. What is not set is zero: the self group, the first queue, no data, buffers
 * as long as the structures. The answer is complete only when the call returned 0.
 */
typedef struct AdminCommand {
    uint16_t opcode, group;
    uint64_t member;
    const void *data; /* command_specific_data */
    uint32_t data_bytes;
    uint32_t result_bytes; /* room for command_specific_result */

    uint16_t queue;      /* among the administration virtqueues */
    uint32_t out_bytes;  /* of the device-readable part, if it shall be cut or padded */
    uint8_t pieces;      /* descriptors of each part; 0: one */
    uint8_t padding;     /* what lies behind data */
    const void *request; /* the device-readable part, as it was sent */

    uint32_t in_bytes, used; /* of the device-writable part; what was used of it */
    uint16_t status, qualifier;
    const uint8_t *answer; /* the device-writable part, with ADMIN_FILL where unwritten */
    const uint8_t *result;
} AdminCommand;

#define ADMIN_FILL 0xa5

/* Commands in a list (2.12.1), and those that belong together. */
#define ADMIN_BIT(opcode) (1ull << (opcode))
#define ADMIN_LIST_BITS \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_LIST_QUERY) | ADMIN_BIT(VIRTIO_ADMIN_CMD_LIST_USE))
#define ADMIN_LEGACY_BITS                                  \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_WRITE) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ) |  \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_WRITE) |    \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_READ))
#define ADMIN_CAP_BITS                               \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEVICE_CAP_GET) |    \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DRIVER_CAP_SET))
#define ADMIN_OBJECT_BITS                              \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY) |  \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_DESTROY))
#define ADMIN_PART_BITS                                   \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_GET) |          \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_SET) |          \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_MODE_SET))

/* How much of command_specific_result was written. */
static inline uint32_t admin_result_bytes(const AdminCommand *c)
{
    uint32_t tail = sizeof(struct virtio_admin_cmd_tail);
    return c->used > tail ? c->used - tail : 0;
}

/* Makes the buffers and adds them; the command is the token. */
int admin_add(QVirtioDevice *d, AdminCommand *c);
/* Fills in the answer of a command that was used. */
void admin_take(AdminCommand *c, uint32_t used);
/* Adds, kicks, waits, takes. */
int admin_do(QVirtioDevice *d, AdminCommand *c);

#endif
