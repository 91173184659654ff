/* SPDX-License-Identifier: MIT */
/*
 * Private to the files of the SCSI driver: what the driver keeps during one life of the
 * device.
 */
#ifndef DEVICE_SCSI_PRIVATE_H
#define DEVICE_SCSI_PRIVATE_H

#include "drivers/virtio/device/scsi.h"
#include "drivers/virtio/driver.h"

typedef struct ScsiState {
    const ScsiMap *map;
    /* As config space has them. */
    uint32_t sense_size, cdb_size;
    /* The id of the last command. */
    uint64_t next_id;
    /* The unit that pings go to (NULL: none), and its answer to TEST UNIT READY. */
    const ScsiUnit *unit;
    uint8_t ready_status;
    uint32_t ready_sense;
} ScsiState;

static inline ScsiState *scsi_state(const QVirtioDevice *d)
{
    return d->driver_data;
}

/* Looks for the logical units of the device when it is started for the first time, and
 * remembers them. */
int scsi_find_units(QVirtioDevice *d);

#endif
