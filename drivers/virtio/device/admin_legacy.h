/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the legacy interface of a virtual function (2.12.1.1): a device
 * that is driven like every other one, but whose registers are reached by administration
 * commands to the owner of its SR-IOV group. There is one such device at a time.
 */
#ifndef DEVICE_ADMIN_LEGACY_H
#define DEVICE_ADMIN_LEGACY_H

#include "drivers/virtio/device/admin.h"

/* Returns virtual function `vf` as a device with a legacy interface, after a reset. The
 * owner must be able to take administration commands as long as that device is used.
 * Returns NULL when the virtual function is not driven here, or does not answer. */
QVirtioDevice *admin_legacy_open(QVirtioDevice *owner, uint16_t vf);

/* Makes one access to the common configuration or to the device configuration, at offset
 * `off`; the opcode says which, and whether it reads or writes. Returns the status of the
 * command, or a negative error. */
int admin_legacy_access(QVirtioDevice *owner, uint16_t vf, uint16_t opcode, uint32_t off,
                        void *data, uint32_t bytes);

#endif
