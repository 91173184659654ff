/* SPDX-License-Identifier: MIT */
/*
 * Private to the SCSI driver's own files: what a life of the device keeps.
 */
#ifndef DEVICE_SCSI_PRIVATE_H
#define DEVICE_SCSI_PRIVATE_H

#include "drivers/virtio/device/scsi.h"
#include "drivers/virtio/driver.h"

typedef struct ScsiState {
    const ScsiMap *map;
    /* As in config space. */
    uint32_t sense_size, cdb_size;
    uint64_t next_id;
    /* What pings go to, and its answer to TEST UNIT READY. */
    const ScsiUnit *unit;
    uint8_t ready_status;
    uint32_t ready_sense;
} ScsiState;

static inline ScsiState *scsi_state(const QVirtioDevice *d)
{
    return d->driver_data;
}

/* Looks for logical units, once for each device. */
int scsi_find_units(QVirtioDevice *d);

#endif
