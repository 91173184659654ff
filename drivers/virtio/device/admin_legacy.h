/* SPDX-License-Identifier: MIT */
/*
 * The legacy interface of a member of an SR-IOV group, by commands to the group's owner
 * (2.12.1.1): a device of its own kind, driven like every other, whose registers are
 * reached by administration commands. One at a time.
 */
#ifndef DEVICE_ADMIN_LEGACY_H
#define DEVICE_ADMIN_LEGACY_H

#include "drivers/virtio/device/admin.h"

/* Makes the view of virtual function `vf`, and resets it. The owner's commands are in use
 * as long as the view is. Returns NULL when the function is not driven here, or does not
 * answer. */
QVirtioDevice *admin_legacy_open(QVirtioDevice *owner, uint16_t vf);

/* Makes one access to the common configuration, or to that of the device. Returns the
 * command's status, or a negative error. */
int admin_legacy_access(QVirtioDevice *owner, uint16_t vf, uint16_t opcode, uint32_t off,
                        void *data, uint32_t bytes);

#endif
