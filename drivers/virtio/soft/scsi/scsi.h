/* SPDX-License-Identifier: MIT */
/*
 * This is private to the software SCSI host: a command is on its way between the virtio
 * side (scsi.c) and the logical units (unit.c).
 */
#ifndef SOFT_SCSI_H
#define SOFT_SCSI_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/scsi.h"
#include "drivers/virtio/spec/virtio_scsi.h"

typedef struct SoftUnit {
    uint8_t target, type;
    uint16_t lun, block_bytes;
    bool is_read_only;
    /* Reads take a few rounds. */
    bool is_slow;
    /* Nobody has plugged it in. */
    bool is_absent;
    uint32_t blocks;
    uint8_t *disk;
    /* Protection information, 8 bytes a block; or NULL. */
    uint8_t *pi;
    /* The unit attention that is to come; 0 means none. */
    uint32_t attention;
} SoftUnit;

typedef struct SoftCommand {
    const QVirtQueueElement *e;
    /* The unit, or NULL at a LUN of `target` that nobody has. */
    SoftUnit *unit;
    /* -1: the REPORT LUNS well-known logical unit. */
    int target;
    uint8_t cdb[16];
    /* Where in e dataout, pi_out, datain and pi_in are, and how long. */
    uint32_t out_at, out_bytes, pi_out_at, pi_out_bytes;
    uint32_t in_at, in_bytes, pi_in_at, pi_in_bytes;

    /* The answer. */
    uint8_t response, status;
    /* Bytes of datain and dataout together. */
    uint32_t sense, moved;
    uint32_t in_moved;
} SoftCommand;

#define SOFT_UNITS        5
#define SOFT_UNIT_PLUGGED 4 /* the one that comes and goes */

/* Makes the units, once at boot. */
void soft_units_init(void);
/* Gives all units the size that they began with. */
void soft_units_resize(void);
/* Returns the size that a unit may grow to. */
uint32_t soft_unit_bytes(const SoftUnit *u);
SoftUnit *soft_unit(unsigned i);
/* Returns the unit at this address, or NULL. */
SoftUnit *soft_unit_at(uint8_t target, uint16_t lun);
bool soft_target_exists(uint8_t target);
/* Runs it and fills in the answer. */
void soft_unit_run(SoftCommand *c);
/* Runs take a while: a read of a slow unit. */
bool soft_unit_is_busy(const SoftCommand *c);

/* event.c: what a host does; the device is reset; buffers for events came. */
bool soft_scsi_act(SoftDevice *s, const char *action, const char *args, char *value,
                   size_t bytes);
void soft_scsi_forget_events(void);
void soft_scsi_tell_lost(SoftDevice *s);

#endif
