/* SPDX-License-Identifier: MIT */
/*
 * Administration commands (2.12), which go through the administration virtqueues
 * (admin_queues.h) of any device that offers VIRTIO_F_ADMIN_VQ. So this is no device
 * type.
 */
#ifndef DEVICE_ADMIN_H
#define DEVICE_ADMIN_H

#include "drivers/virtio/admin_queues.h"
#include "drivers/virtio/spec/virtio_admin.h"

/*
 * One command. What is not set is zero: the self group, the first queue, no data, buffers
 * as long as the structures. The answer is complete only when the call returned 0.
 */
typedef struct AdminCommand {
    uint16_t opcode, group;
    uint64_t member;
    /* command_specific_data. */
    const void *data;
    uint32_t data_bytes;
    /* Room for command_specific_result. */
    uint32_t result_bytes;

    /* Among the administration virtqueues. */
    uint16_t queue;
    /* Of the device-readable part, if it shall be cut or padded. */
    uint32_t out_bytes;
    /* The number of descriptors of each piece; 0 means one. */
    uint8_t pieces;
    /* What lies behind data. */
    uint8_t padding;
    /* The device-readable part, as it was sent. */
    const void *request;

    /* Of the device-writable part; what was used of it. */
    uint32_t in_bytes, used;
    uint16_t status, qualifier;
    /* The device-writable part, with ADMIN_FILL where unwritten. */
    const uint8_t *answer;
    const uint8_t *result;
} AdminCommand;

#define ADMIN_FILL 0xa5

/* Returns how many bytes of command_specific_result were written. */
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
