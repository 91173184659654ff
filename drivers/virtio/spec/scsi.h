/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the SCSI host device use of SCSI: operation codes, statuses, sense
 * data (SAM-5, SPC-4, SBC-3). CDBs are big-endian. A ScsiCdb is made in one expression,
 * as in SCSI_CDB_10(SCSI_READ_10, lba, blocks).
 */
#ifndef SPEC_SCSI_H
#define SPEC_SCSI_H

#include <stdint.h>

#define SCSI_TEST_UNIT_READY  0x00
#define SCSI_REQUEST_SENSE    0x03
#define SCSI_READ_6           0x08
#define SCSI_INQUIRY          0x12
#define SCSI_MODE_SENSE_6     0x1a
#define SCSI_UNASSIGNED       0x1f /* no command of any device type */
#define SCSI_READ_CAPACITY_10 0x25
#define SCSI_READ_10          0x28
#define SCSI_WRITE_10         0x2a
#define SCSI_VERIFY_10        0x2f
#define SCSI_SYNC_CACHE_10    0x35
#define SCSI_UNMAP            0x42
#define SCSI_XDWRITEREAD_10   0x53
#define SCSI_MODE_SENSE_10    0x5a
#define SCSI_READ_16          0x88
#define SCSI_WRITE_16         0x8a
#define SCSI_WRITE_SAME_16    0x93
#define SCSI_SERVICE_IN_16    0x9e
#define SCSI_REPORT_LUNS      0xa0
#define SCSI_READ_12          0xa8
#define SCSI_WRITE_12         0xaa

#define SCSI_SAI_READ_CAPACITY_16 0x10 /* service action, in byte 1 */

/* SAM-5, 5.3.1 */
#define SCSI_GOOD                 0x00
#define SCSI_CHECK_CONDITION      0x02
#define SCSI_CONDITION_MET        0x04
#define SCSI_BUSY                 0x08
#define SCSI_RESERVATION_CONFLICT 0x18
#define SCSI_TASK_SET_FULL        0x28
#define SCSI_ACA_ACTIVE           0x30
#define SCSI_TASK_ABORTED         0x40

/* INQUIRY, byte 0 */
#define SCSI_TYPE_DISK 0x00
#define SCSI_TYPE_CD   0x05
#define SCSI_NO_UNIT   0x7f /* qualifier 3, type 1f: no unit is, or can be, here */

#define SCSI_INQUIRY_BYTES     36
#define SCSI_CAPACITY_10_BYTES 8
#define SCSI_CAPACITY_16_BYTES 32
#define SCSI_SENSE_BYTES       18 /* of the fixed format, without more */
#define SCSI_MODE_WP           0x80

/* Vital product data */
#define SCSI_VPD_PAGES  0x00
#define SCSI_VPD_SERIAL 0x80
#define SCSI_VPD_ID     0x83

/* What sense data says: key << 16 | additional code << 8 | the code's qualifier. */
#define SCSI_SENSE_KEY(sense)       ((sense) >> 16)
#define SCSI_SENSE_ASC(sense)       ((sense) >> 8 & 0xff)
#define SCSI_KEY_NO_SENSE           0x0
#define SCSI_KEY_ILLEGAL            0x5
#define SCSI_KEY_UNIT_ATTENTION     0x6
#define SCSI_SENSE_NONE             0x000000
#define SCSI_SENSE_NOT_READY_MEDIUM 0x023a00
#define SCSI_SENSE_OPCODE           0x052000
#define SCSI_SENSE_LBA_RANGE        0x052100
#define SCSI_SENSE_FIELD            0x052400
#define SCSI_SENSE_NO_LUN           0x052500
#define SCSI_SENSE_RESET            0x062900
#define SCSI_SENSE_CAPACITY_CHANGED 0x062a09
#define SCSI_SENSE_LUNS_CHANGED     0x063f0e
#define SCSI_SENSE_WRITE_PROTECTED  0x072700

typedef struct ScsiCdb {
    uint8_t bytes[16];
} ScsiCdb;

/* Numbers of 1, 2 and 4 bytes, for initializers. */
#define SCSI_B(n, shift) ((uint8_t)((uint64_t)(n) >> (shift)))
#define SCSI_BE16(n)     SCSI_B(n, 8), SCSI_B(n, 0)
#define SCSI_BE32(n)     SCSI_B(n, 24), SCSI_B(n, 16), SCSI_BE16(n)
#define SCSI_BE64(n)     SCSI_BE32((uint64_t)(n) >> 32), SCSI_BE32(n)

#define SCSI_CDB(...) ((ScsiCdb){{__VA_ARGS__}})
/* A CDB of 6 bytes: the operation code, the allocation length in byte 4 (byte 3 is its
 * high half for INQUIRY), and two more bytes. */
#define SCSI_CDB_6(op, b1, b2, bytes) SCSI_CDB(op, b1, b2, SCSI_BE16(bytes))
#define SCSI_CDB_10(op, lba, blocks)  SCSI_CDB(op, 0, SCSI_BE32(lba), 0, SCSI_BE16(blocks))
#define SCSI_CDB_12(op, lba, blocks)  SCSI_CDB(op, 0, SCSI_BE32(lba), SCSI_BE32(blocks))
#define SCSI_CDB_16(op, b1, lba, blocks) \
    SCSI_CDB(op, b1, SCSI_BE64(lba), SCSI_BE32(blocks))
#define SCSI_CDB_REPORT_LUNS(kind, bytes) \
    SCSI_CDB(SCSI_REPORT_LUNS, 0, kind, 0, 0, 0, SCSI_BE32(bytes))

static inline uint16_t scsi_get_be16(const uint8_t *at)
{
    return at[0] << 8 | at[1];
}

static inline uint32_t scsi_get_be32(const uint8_t *at)
{
    return (uint32_t)scsi_get_be16(at) << 16 | scsi_get_be16(at + 2);
}

static inline uint64_t scsi_get_be64(const uint8_t *at)
{
    return (uint64_t)scsi_get_be32(at) << 32 | scsi_get_be32(at + 4);
}

/* Returns the key and codes of sense data in either format (SPC-4, 4.5); NONE when it is
 * too short. */
static inline uint32_t scsi_sense_of(const uint8_t *sense, uint32_t bytes)
{
    uint8_t format = bytes ? sense[0] & 0x7f : 0;
    if (format == 0x70 && bytes >= 14) {
        return (sense[2] & 0xfu) << 16 | sense[12] << 8 | sense[13];
    }
    if (format == 0x72 && bytes >= 4) {
        return (sense[1] & 0xfu) << 16 | sense[2] << 8 | sense[3];
    }
    return SCSI_SENSE_NONE;
}

#endif
