/* SPDX-License-Identifier: MIT */
/*
 * Requests of the SCSI host device (5.6.6), for tests: make a command, run it, look at
 * what came back; task management and notification requests; events. And the logical
 * units behind the device, which are looked for once.
 *
 * Where tests may write: the last 256 blocks' worth of sectors of a disk, as on blk. All
 * below stays as it was, so that reads there can be checked against what the host put in.
 */
#ifndef QVIRTIO_DEVICE_SCSI_H
#define QVIRTIO_DEVICE_SCSI_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/scsi.h"
#include "drivers/virtio/spec/virtio_scsi.h"

/* What a response and data of a new request are filled with: no device's status. */
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
    /* SCSI_TYPE_DISK ... */
    uint8_t type;
    bool is_read_only;
    /* The size of a block; 0 means that nothing can be read here. */
    uint32_t block_bytes;
    uint64_t blocks;
} ScsiUnit;

typedef struct ScsiMap {
    const QVirtioDevice *dev;
    unsigned count;
    ScsiUnit unit[SCSI_UNITS_MAX];
    /* One that does not exist; -1: there is none. */
    int free_target;
} ScsiMap;

/* Returns the units of a started device. */
const ScsiMap *scsi_map(const QVirtioDevice *d);
/* Returns the first unit of that type and kind with a medium, or NULL. */
const ScsiUnit *scsi_find_unit(const QVirtioDevice *d, uint8_t type, bool is_read_only);

typedef struct ScsiRequest {
    QVirtQueue *vq;
    /* Device-readable; NULL when the arena is full. */
    struct virtio_scsi_req_cmd *cmd;
    /* With cdb_size bytes of CDB, and pi_out. */
    uint32_t cmd_bytes;
    /* NULL when there are no bytes. */
    uint8_t *out;
    uint32_t out_bytes;
    /* Device-writable. */
    struct virtio_scsi_resp_cmd *resp;
    /* With sense_size bytes of sense, and pi_in. */
    uint32_t resp_bytes;
    uint8_t *in;
    uint32_t in_bytes;
    uint32_t used_len;
} ScsiRequest;

/* Prepares a command for that unit on the first request queue, with data of these
 * lengths. */
ScsiRequest scsi_request(QVirtioDevice *d, ScsiLun at, ScsiCdb cdb, uint32_t out_bytes,
                         uint32_t in_bytes);
/* Does the same with protection information (VIRTIO_SCSI_F_T10_PI), which stands behind
 * the CDB and behind the sense data. */
ScsiRequest scsi_request_pi(QVirtioDevice *d, ScsiLun at, ScsiCdb cdb,
                            const uint32_t bytes[2], uint32_t pi_out, uint32_t pi_in);

#define SCSI_SG_MAX 4
/* Makes one piece each of header, dataout, response and datain: the framing that every
 * edition allows (5.6.6.4). Returns how many are device-readable; the rest of *count is
 * writable. */
unsigned scsi_sg(const ScsiRequest *r, QVirtioSg sg[SCSI_SG_MAX], unsigned *count);
/* Adds it so framed; its token is r. */
int scsi_add(ScsiRequest *r);
/* Adds, kicks, waits. */
int scsi_run(ScsiRequest *r);
/* Does the same in any framing. */
int scsi_run_sg(ScsiRequest *r, const QVirtioSg *sg, unsigned out, unsigned in);

/* Return fields of the response. */
uint32_t scsi_sense_len(const ScsiRequest *r);
uint32_t scsi_residual(const ScsiRequest *r);
uint64_t scsi_id(const ScsiRequest *r);
/* Returns key and codes of the sense data; SCSI_SENSE_NONE when the status is GOOD or
 * there is no sense data. */
uint32_t scsi_sense(const ScsiRequest *r);

void scsi_put_lun(uint8_t lun[VIRTIO_SCSI_LUN_BYTES], ScsiLun at);

/* Runs TEST UNIT READY until the unit has no more to say about resets and changes. The
 * last answer is in *r. -REFUSED: it never ends. */
int scsi_settle(QVirtioDevice *d, ScsiLun at, ScsiRequest *r);

/* Writes the two fields a driver may; requests made from now on have those lengths. */
int scsi_set_sizes(QVirtioDevice *d, uint32_t sense_size, uint32_t cdb_size);

/* A request of the control queue. */
typedef struct ScsiControl {
    QVirtQueue *vq;
    /* NULL when the arena is full. */
    void *out;
    uint32_t out_bytes;
    uint8_t *in;
    uint32_t in_bytes;
    uint32_t used_len;
} ScsiControl;

/* Prepares a task management function; `id` matters to those that are about one task. */
ScsiControl scsi_tmf(QVirtioDevice *d, uint32_t subtype, ScsiLun at, uint64_t id);
/* Prepares VIRTIO_SCSI_T_AN_QUERY or _SUBSCRIBE. */
ScsiControl scsi_notify(QVirtioDevice *d, uint32_t type, ScsiLun at, uint32_t events);
int scsi_control_add(ScsiControl *c);
int scsi_control_run(ScsiControl *c);
/* Returns the response byte, which is the last that the device writes. */
uint8_t scsi_response(const ScsiControl *c);

/* Puts n buffers into the event queue and kicks it. */
int scsi_lend_events(QVirtioDevice *d, unsigned n);
/* The next event, in CPU order: 1, 0 when there is none, or an error. */
typedef struct ScsiEvent {
    uint32_t event, reason;
    ScsiLun at;
    /* Lun is in the format that names a target and a unit. */
    bool is_addressed;
} ScsiEvent;
int scsi_get_event(QVirtioDevice *d, ScsiEvent *event);

/* Returns true when every block's address fits the 32 bits of the commands of 10 and 12
 * bytes (SBC-3). Those commands reach the middle of a larger unit where its end is meant.
 */
static inline bool scsi_has_short_addresses(const ScsiUnit *u)
{
    return u->blocks <= UINT32_MAX;
}

/* Returns READ or WRITE of so many blocks: the command of 10 bytes, or that of 16 where
 * the unit's addresses need it. */
ScsiCdb scsi_cdb_read(const ScsiUnit *u, uint64_t lba, uint32_t blocks);
ScsiCdb scsi_cdb_write(const ScsiUnit *u, uint64_t lba, uint32_t blocks);

#endif
