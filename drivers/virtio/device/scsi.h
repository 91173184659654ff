/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the SCSI host device (5.6.6): makes a command, runs it, and
 * looks at what came back; task management and notification requests; events. The logical
 * units behind the device are looked for once.
 *
 * Tests may write to the last 256 sectors of a disk, as on blk. Everything below stays as
 * it was, so that reads there can be checked against what the host put in.
 */
#ifndef QVIRTIO_DEVICE_SCSI_H
#define QVIRTIO_DEVICE_SCSI_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/scsi.h"
#include "drivers/virtio/spec/virtio_scsi.h"

/* A new request has its response and its data filled with these. SCSI_UNWRITTEN is no
 * status that a device may write. */
#define SCSI_UNWRITTEN 0xff
#define SCSI_FILL      0xa5

#define SCSI_UNITS_MAX 8

typedef struct ScsiLun {
    uint8_t target;
    uint16_t lun;
} ScsiLun;

/* One logical unit, as the first start of the device found it. */
typedef struct ScsiUnit {
    ScsiLun at;
    /* SCSI_TYPE_DISK or another type. */
    uint8_t type;
    bool is_read_only;
    /* 0: nothing of the unit can be read or written. */
    uint32_t block_bytes;
    uint64_t blocks;
} ScsiUnit;

/* All logical units behind one device. */
typedef struct ScsiMap {
    const QVirtioDevice *dev;
    unsigned count;
    ScsiUnit unit[SCSI_UNITS_MAX];
    /* A target that does not exist; -1: all exist. */
    int free_target;
} ScsiMap;

/* Returns the map of a device that was started. */
const ScsiMap *scsi_map(const QVirtioDevice *d);
/* Returns the first unit of that type that is read-only or not, as asked, and has a
 * medium, or NULL. */
const ScsiUnit *scsi_find_unit(const QVirtioDevice *d, uint8_t type, bool is_read_only);

/* One command. The arena lends its buffers. */
typedef struct ScsiRequest {
    QVirtQueue *vq;
    /* The device reads it. NULL when the arena is full. */
    struct virtio_scsi_req_cmd *cmd;
    /* The length of cmd, with cdb_size bytes of CDB, and pi_out. */
    uint32_t cmd_bytes;
    /* The dataout, which the device reads. NULL when there is none. */
    uint8_t *out;
    uint32_t out_bytes;
    /* The device writes it. */
    struct virtio_scsi_resp_cmd *resp;
    /* The length of resp, with sense_size bytes of sense data, and pi_in. */
    uint32_t resp_bytes;
    /* The datain, which the device writes. NULL when there is none. */
    uint8_t *in;
    uint32_t in_bytes;
    uint32_t used_len;
} ScsiRequest;

/* Makes a command for the unit `at` and the first request queue, with data of these
 * lengths. */
ScsiRequest scsi_request(QVirtioDevice *d, ScsiLun at, ScsiCdb cdb, uint32_t out_bytes,
                         uint32_t in_bytes);
/* Does the same with protection information (VIRTIO_SCSI_F_T10_PI), which lies behind the
 * CDB and behind the sense data. bytes[0] is the length of dataout and bytes[1] that of
 * datain. */
ScsiRequest scsi_request_pi(QVirtioDevice *d, ScsiLun at, ScsiCdb cdb,
                            const uint32_t bytes[2], uint32_t pi_out, uint32_t pi_in);

#define SCSI_SG_MAX 4
/* Maps header, dataout, response and datain as one descriptor each, which is the framing
 * that every edition allows (5.6.6.4). *count is the number of all descriptors. Returns
 * how many of them, the first ones, are device-readable. */
unsigned scsi_sg(const ScsiRequest *r, QVirtioSg sg[SCSI_SG_MAX], unsigned *count);
/* Adds the command in that framing. Its token is r. */
int scsi_add(ScsiRequest *r);
/* Adds the command, kicks, and waits until it is used. */
int scsi_run(ScsiRequest *r);
/* Does the same in the framing that the caller gives. */
int scsi_run_sg(ScsiRequest *r, const QVirtioSg *sg, unsigned out, unsigned in);

/* Return fields of the response, in CPU order, and the id of the command. */
uint32_t scsi_sense_len(const ScsiRequest *r);
uint32_t scsi_residual(const ScsiRequest *r);
uint64_t scsi_id(const ScsiRequest *r);
/* Returns the sense key and codes, or SCSI_SENSE_NONE when the status is GOOD or there is
 * no sense data. */
uint32_t scsi_sense(const ScsiRequest *r);

/* Writes the single level LUN structure of a unit (5.6.6.1). */
void scsi_put_lun(uint8_t lun[VIRTIO_SCSI_LUN_BYTES], ScsiLun at);

/* Runs TEST UNIT READY until the unit reports no more unit attentions (resets, changes).
 * The last answer is in *r. Returns -QVIRTIO_REFUSED when they do not end. */
int scsi_settle(QVirtioDevice *d, ScsiLun at, ScsiRequest *r);

/* Writes the two fields of config space that a driver may write. Requests that are made
 * later have these lengths. */
int scsi_set_sizes(QVirtioDevice *d, uint32_t sense_size, uint32_t cdb_size);

/* A request on the control queue. The arena lends its buffers. */
typedef struct ScsiControl {
    QVirtQueue *vq;
    /* The device reads it. NULL when the arena is full. */
    void *out;
    uint32_t out_bytes;
    /* The device writes it. */
    uint8_t *in;
    uint32_t in_bytes;
    uint32_t used_len;
} ScsiControl;

/* Makes a task management request. `id` is that of a command, where the function is about
 * one command. */
ScsiControl scsi_tmf(QVirtioDevice *d, uint32_t subtype, ScsiLun at, uint64_t id);
/* Makes an asynchronous notification request: VIRTIO_SCSI_T_AN_QUERY or _SUBSCRIBE. */
ScsiControl scsi_notify(QVirtioDevice *d, uint32_t type, ScsiLun at, uint32_t events);
/* Adds the request; the token is c. scsi_control_run() also kicks, and waits until it is
 * used. */
int scsi_control_add(ScsiControl *c);
int scsi_control_run(ScsiControl *c);
/* Returns the response byte, which is the last byte that the device writes. */
uint8_t scsi_response(const ScsiControl *c);

/* Lends n buffers to the event queue, and kicks. */
int scsi_lend_events(QVirtioDevice *d, unsigned n);
/* One event, in CPU order. */
typedef struct ScsiEvent {
    uint32_t event, reason;
    ScsiLun at;
    /* The LUN is in the format that names a target and a unit. */
    bool is_addressed;
} ScsiEvent;
/* Takes the next event. Returns 1, 0 when there is none, or a negative error. */
int scsi_get_event(QVirtioDevice *d, ScsiEvent *event);

/* Returns true when the address of every block fits the 32 bits of the commands of 10 and
 * 12 bytes (SBC-3). Of a larger unit these commands reach other blocks than those that
 * are meant. */
static inline bool scsi_has_short_addresses(const ScsiUnit *u)
{
    return u->blocks <= UINT32_MAX;
}

/* Return a READ or WRITE of `blocks` blocks: the command of 10 bytes, or that of 16 bytes
 * where the unit's addresses need it. */
ScsiCdb scsi_cdb_read(const ScsiUnit *u, uint64_t lba, uint32_t blocks);
ScsiCdb scsi_cdb_write(const ScsiUnit *u, uint64_t lba, uint32_t blocks);

#endif
