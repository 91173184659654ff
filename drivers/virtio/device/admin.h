/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of administration commands (2.12): makes a command, sends it to an
 * administration virtqueue (admin_queues.h) and takes its answer apart. Every device that
 * offers VIRTIO_F_ADMIN_VQ takes such commands, so this is no driver of a device type.
 */
#ifndef DEVICE_ADMIN_H
#define DEVICE_ADMIN_H

#include "drivers/virtio/admin_queues.h"
#include "drivers/virtio/spec/virtio_admin.h"

/*
 * One command. The test sets what differs from zero; zero means the self group, the first
 * queue, no data, and buffers as long as the structures. The fields of the answer are
 * valid only when the call returned 0.
 */
typedef struct AdminCommand {
    uint16_t opcode, group;
    /* The group_member_id. */
    uint64_t member;
    /* The command_specific_data, or NULL. */
    const void *data;
    uint32_t data_bytes;
    /* How many bytes of command_specific_result there is room for. */
    uint32_t result_bytes;

    /* The index of the queue among the administration virtqueues. */
    uint16_t queue;
    /* How many bytes the device-readable part has. The test sets it only to cut that part
     * short or to make it longer; 0: as long as the structures. */
    uint32_t out_bytes;
    /* How many descriptors the readable bytes are cut into, and the writable ones; 0: one
     * each. */
    uint8_t pieces;
    /* The value of the bytes behind the data. */
    uint8_t padding;
    /* The device-readable bytes as they were sent. The arena lends them. */
    const void *request;

    /* How many bytes the device-writable part has (0: as long as the structures), and the
     * used length. */
    uint32_t in_bytes, used;
    /* Both in CPU order. */
    uint16_t status, qualifier;
    /* The device-writable bytes. Those that the device did not write hold ADMIN_FILL. */
    const uint8_t *answer;
    /* The command_specific_result inside `answer`. */
    const uint8_t *result;
} AdminCommand;

#define ADMIN_FILL 0xa5

/* Returns how many bytes of command_specific_result the device has written. */
static inline uint32_t admin_result_bytes(const AdminCommand *c)
{
    uint32_t tail = sizeof(struct virtio_admin_cmd_tail);
    return c->used > tail ? c->used - tail : 0;
}

/* Makes the buffers and adds them to the queue. The token is the command. Returns
 * -QVIRTIO_UNSUPPORTED when there is no such queue. */
int admin_add(QVirtioDevice *d, AdminCommand *c);
/* Fills in the answer of a command that the device has used with this length. */
void admin_take(AdminCommand *c, uint32_t used);
/* Adds a command, kicks, waits, and fills in the answer. Returns 0 when there was an
 * answer, whatever its status is. */
int admin_do(QVirtioDevice *d, AdminCommand *c);

#endif
