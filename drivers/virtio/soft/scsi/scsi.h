/* SPDX-License-Identifier: MIT */
/*
 * This is private to the software SCSI host: a command goes from the virtio device
 * (scsi.c) to the logical units (unit.c) and its answer comes back.
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
    /* A READ(10) takes a few rounds. */
    bool is_slow;
    /* It is not plugged in. */
    bool is_absent;
    uint32_t blocks;
    uint8_t *disk;
    /* Protection information, 8 bytes for each block, or NULL. */
    uint8_t *pi;
    /* The sense data of the unit attention that the next command reports; 0: none. */
    uint32_t attention;
} SoftUnit;

/* One command. */
typedef struct SoftCommand {
    const QVirtQueueElement *e;
    /* NULL when `target` has no such LUN. */
    SoftUnit *unit;
    /* -1: the REPORT LUNS well-known logical unit. */
    int target;
    uint8_t cdb[16];
    /* At which byte of `e`'s readable or writable bytes dataout, pi_out, datain and pi_in
     * begin, and how long they are. */
    uint32_t out_at, out_bytes, pi_out_at, pi_out_bytes;
    uint32_t in_at, in_bytes, pi_in_at, pi_in_bytes;

    /* The answer. */
    uint8_t response, status;
    /* The sense data, and how many bytes of datain and dataout together were moved. */
    uint32_t sense, moved;
    uint32_t in_moved;
} SoftCommand;

#define SOFT_UNITS 5
/* The unit that the hand plugs and unplugs. */
#define SOFT_UNIT_PLUGGED 4

/* Called once, at boot. */
void soft_units_init(void);
/* Gives all units their first size. */
void soft_units_resize(void);
/* Returns the most bytes that a unit may grow to. */
uint32_t soft_unit_bytes(const SoftUnit *u);
SoftUnit *soft_unit(unsigned i);
/* Returns the unit of this address, or NULL when there is none or it is not plugged
 * in. */
SoftUnit *soft_unit_at(uint8_t target, uint16_t lun);
bool soft_target_exists(uint8_t target);
/* Runs the command and fills in the answer. */
void soft_unit_run(SoftCommand *c);
/* Returns true when the command takes some rounds: a read of a slow unit. */
bool soft_unit_is_busy(const SoftCommand *c);

/* event.c: does what the hand is asked to do; forgets lost events at a reset; reports
 * lost events when there are buffers for them. */
bool soft_scsi_act(SoftDevice *s, const char *action, const char *args, char *value,
                   size_t bytes);
void soft_scsi_forget_events(void);
void soft_scsi_tell_lost(SoftDevice *s);

#endif
