/* SPDX-License-Identifier: MIT */
/*
 * Logical units in software (SPC-4, SBC-3): a disk in RAM that may be written, and one
 * that is read-only, which is also shown as a slow disk and as a CD. At boot they hold
 * the runner's pattern. The units know only the commands that tests and drivers use.
 */
#include "drivers/virtio/soft/scsi/scsi.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

/* SPC-4 and SBC-3 make few commands mandatory, and 5.6 none. */
SOFT_MANNER(scsi_knows_few_commands, "SPC-4 6",
            "knows no optional command but WRITE (10)");
SOFT_FAULT(datain_in_first_buffer, "dev:2.7.4.1-1",
           "leaves datain's buffers but the first as they were");
SOFT_FAULT(dataout_from_first_buffer, "dev:2.7.4.1-1",
           "takes zeroes for dataout behind its first buffer");

#define DISK_BYTES  (1024 * 512)
#define SHOWN_BYTES (64 * 512)
/* How many bytes the hand may add to a unit. */
#define GROWTH_BYTES (128 * 512)
#define SERIAL       "soft unit"
#define SERIAL_BYTES (sizeof(SERIAL) - 1)
#define PI_BYTES     8
#define ANSWER_BYTES 128

static SoftUnit units[SOFT_UNITS] = {
    {.target = 0, .lun = 0, .block_bytes = 512},
    {.target = 0, .lun = 1, .block_bytes = 512, .is_read_only = true},
    {.target = 2, .lun = 300, .block_bytes = 512, .is_read_only = true, .is_slow = true},
    {.target = 3, .type = SCSI_TYPE_CD, .block_bytes = 2048, .is_read_only = true},
    {.target = 1, .block_bytes = 512, .is_read_only = true, .is_absent = true},
};

static uint32_t first_bytes(const SoftUnit *u)
{
    return u == units ? DISK_BYTES : SHOWN_BYTES;
}

uint32_t soft_unit_bytes(const SoftUnit *u)
{
    return first_bytes(u) + GROWTH_BYTES;
}

void soft_units_resize(void)
{
    for (unsigned i = 0; i < SOFT_UNITS; i++) {
        units[i].blocks = first_bytes(&units[i]) / units[i].block_bytes;
    }
}

void soft_units_init(void)
{
    uint8_t *shown = page_alloc((SHOWN_BYTES + GROWTH_BYTES) / PAGE_BYTES);
    pattern_fill(shown, SHOWN_BYTES, 0);
    for (unsigned i = 1; i < SOFT_UNITS; i++) {
        units[i].disk = shown;
    }
    units[0].disk = page_alloc((DISK_BYTES + GROWTH_BYTES) / PAGE_BYTES);
    units[0].pi =
        page_alloc((DISK_BYTES + GROWTH_BYTES) / 512 * PI_BYTES / PAGE_BYTES + 1);
    pattern_fill(units[0].disk, DISK_BYTES, 0);
    soft_units_resize();
}

SoftUnit *soft_unit(unsigned i)
{
    return i < SOFT_UNITS ? &units[i] : NULL;
}

SoftUnit *soft_unit_at(uint8_t target, uint16_t lun)
{
    for (unsigned i = 0; i < SOFT_UNITS; i++) {
        if (units[i].target == target && units[i].lun == lun && !units[i].is_absent) {
            return &units[i];
        }
    }
    return NULL;
}

bool soft_target_exists(uint8_t target)
{
    for (unsigned i = 0; i < SOFT_UNITS; i++) {
        if (units[i].target == target && !units[i].is_absent) {
            return true;
        }
    }
    return false;
}

static void fail(SoftCommand *c, uint32_t sense)
{
    c->status = SCSI_CHECK_CONDITION;
    c->sense = sense;
}

/* Gives data to the driver: as much as there is, up to the allocation length of the
 * CDB. */
static void give(SoftCommand *c, const void *from, uint32_t bytes, uint32_t allocated)
{
    if (allocated > c->in_bytes) {
        c->response = VIRTIO_SCSI_S_OVERRUN;
        return;
    }
    bytes = bytes < allocated ? bytes : allocated;
    if (soft_fault(datain_in_first_buffer) && c->e->in_num > 2) {
        bytes = bytes < c->e->sg[c->e->out_num + 1].len ? bytes
                                                        : c->e->sg[c->e->out_num + 1].len;
    }
    c->in_moved = qvirtqueue_element_write(c->e, c->in_at, from, bytes);
    c->moved = c->in_moved;
}

/* Reads address and length of a CDB, as its group has them (SPC-4, 4.2.5.1). */
static void decode(const uint8_t *cdb, uint64_t *lba, uint32_t *blocks)
{
    switch (cdb[0] >> 5) {
    case 0:
        *lba = (cdb[1] & 0x1fu) << 16 | scsi_get_be16(cdb + 2);
        *blocks = cdb[4] ? cdb[4] : 256;
        break;
    case 4:
        *lba = scsi_get_be64(cdb + 2);
        *blocks = scsi_get_be32(cdb + 10);
        break;
    case 5:
        *lba = scsi_get_be32(cdb + 2);
        *blocks = scsi_get_be32(cdb + 6);
        break;
    default:
        *lba = scsi_get_be32(cdb + 2);
        *blocks = scsi_get_be16(cdb + 7);
    }
}

/* Finds the blocks of a transfer. Returns false when the command has its answer
 * already. */
static bool begin_transfer(SoftCommand *c, uint64_t *lba, uint32_t *blocks)
{
    const SoftUnit *u = c->unit;
    decode(c->cdb, lba, blocks);
    if (*lba > u->blocks || *blocks > u->blocks - *lba) {
        fail(c, SCSI_SENSE_LBA_RANGE);
        return false;
    }
    return true;
}

static void read_blocks(SoftCommand *c)
{
    const SoftUnit *u = c->unit;
    uint64_t lba;
    uint32_t blocks;
    if (!begin_transfer(c, &lba, &blocks)) {
        return;
    }
    give(c, u->disk + lba * u->block_bytes, blocks * u->block_bytes,
         blocks * u->block_bytes);
    if (u->pi && c->response == VIRTIO_SCSI_S_OK && c->pi_in_bytes <= blocks * PI_BYTES) {
        qvirtqueue_element_write(c->e, c->pi_in_at, u->pi + lba * PI_BYTES,
                                 c->pi_in_bytes);
    }
}

static void write_blocks(SoftCommand *c, bool is_same)
{
    SoftUnit *u = c->unit;
    uint64_t lba;
    uint32_t blocks;
    if (u->is_read_only) {
        fail(c, SCSI_SENSE_WRITE_PROTECTED);
        return;
    }
    if (!begin_transfer(c, &lba, &blocks)) {
        return;
    }
    uint32_t bytes = (is_same ? 1 : blocks) * u->block_bytes;
    if (bytes > c->out_bytes) {
        c->response = VIRTIO_SCSI_S_OVERRUN;
        return;
    }
    uint8_t *to = u->disk + lba * u->block_bytes;
    c->moved = qvirtqueue_element_read(c->e, c->out_at, to, bytes);
    if (soft_fault(dataout_from_first_buffer) && c->e->out_num > 2) {
        memset(to + c->e->sg[1].len, 0, bytes - c->e->sg[1].len);
    }
    for (uint32_t i = 1; is_same && i < blocks; i++) {
        memcpy(to + i * u->block_bytes, to, u->block_bytes);
    }
    if (u->pi && c->pi_out_bytes <= blocks * PI_BYTES) {
        qvirtqueue_element_read(c->e, c->pi_out_at, u->pi + lba * PI_BYTES,
                                c->pi_out_bytes);
    }
}

/* SBC-3, 5.50: gives back the difference to the old data, and writes the new data. */
static void exchange_block(SoftCommand *c)
{
    uint8_t old[512], new[512];
    const SoftUnit *u = c->unit;
    uint64_t lba;
    uint32_t blocks;
    if (!begin_transfer(c, &lba, &blocks)) {
        return;
    }
    if (blocks != 1 || u->block_bytes != sizeof(old) || c->in_bytes < sizeof(old)) {
        fail(c, SCSI_SENSE_FIELD);
        return;
    }
    memcpy(old, u->disk + lba * sizeof(old), sizeof(old));
    write_blocks(c, false);
    memcpy(new, u->disk + lba * sizeof(new), sizeof(new));
    for (unsigned i = 0; i < sizeof(old); i++) {
        old[i] ^= new[i];
    }
    if (c->response == VIRTIO_SCSI_S_OK && c->status == SCSI_GOOD) {
        c->in_moved = qvirtqueue_element_write(c->e, c->in_at, old, sizeof(old));
        c->moved += c->in_moved;
    }
}

static void inquire_page(SoftCommand *c)
{
    uint8_t answer[ANSWER_BYTES] = {c->unit->type, c->cdb[2]};
    uint8_t *page = answer + 4, bytes;
    switch (c->cdb[2]) {
    case SCSI_VPD_PAGES:
        memcpy(page, (const uint8_t[]){SCSI_VPD_PAGES, SCSI_VPD_SERIAL, SCSI_VPD_ID}, 3);
        bytes = 3;
        break;
    case SCSI_VPD_SERIAL:
        memcpy(page, SERIAL, SERIAL_BYTES);
        bytes = SERIAL_BYTES;
        break;
    case SCSI_VPD_ID:
        page[0] = 2; /* ASCII */
        page[3] = SERIAL_BYTES;
        memcpy(page + 4, SERIAL, SERIAL_BYTES);
        bytes = 4 + SERIAL_BYTES;
        break;
    default:
        fail(c, SCSI_SENSE_FIELD);
        return;
    }
    answer[3] = bytes;
    give(c, answer, 4 + bytes, scsi_get_be16(c->cdb + 3));
}

static void inquire(SoftCommand *c)
{
    uint8_t answer[SCSI_INQUIRY_BYTES] = {SCSI_NO_UNIT, 0, 5, 0x12,
                                          SCSI_INQUIRY_BYTES - 5};
    if (c->unit && c->cdb[1] & 1) {
        inquire_page(c);
        return;
    }
    if (c->cdb[2]) {
        fail(c, SCSI_SENSE_FIELD);
        return;
    }
    answer[0] = c->unit ? c->unit->type : SCSI_NO_UNIT;
    memcpy(answer + 8, "qvirtio soft scsi unit 0.1 ", 27);
    give(c, answer, sizeof(answer), scsi_get_be16(c->cdb + 3));
}

static void report_luns(SoftCommand *c)
{
    uint8_t answer[8 + 8 * SOFT_UNITS] = {0};
    uint32_t at = 8;
    for (unsigned i = 0; i < SOFT_UNITS; i++) {
        if ((c->target < 0 || units[i].target == c->target) && !units[i].is_absent) {
            answer[at] = units[i].lun > 0xff ? 0x40 | units[i].lun >> 8 : 0;
            answer[at + 1] = units[i].lun;
            at += 8;
        }
    }
    answer[3] = at - 8;
    give(c, answer, at, scsi_get_be32(c->cdb + 6));
}

static void sense_mode(SoftCommand *c)
{
    bool is_10 = c->cdb[0] == SCSI_MODE_SENSE_10;
    uint32_t header = is_10 ? 8 : 4, bytes = header + 20;
    uint8_t answer[8 + 20] = {0};
    answer[is_10 ? 1 : 0] = bytes - (is_10 ? 2 : 1);
    answer[is_10 ? 3 : 2] = c->unit->is_read_only ? SCSI_MODE_WP : 0;
    answer[header] = 8; /* the caching mode page */
    answer[header + 1] = 18;
    give(c, answer, bytes, is_10 ? scsi_get_be16(c->cdb + 7) : c->cdb[4]);
}

static void read_capacity(SoftCommand *c)
{
    const SoftUnit *u = c->unit;
    uint32_t last = u->blocks - 1, bytes = u->block_bytes;
    const uint8_t small[SCSI_CAPACITY_10_BYTES] = {SCSI_BE32(last), SCSI_BE32(bytes)};
    const uint8_t large[SCSI_CAPACITY_16_BYTES] = {SCSI_BE64(last), SCSI_BE32(bytes)};
    if (c->cdb[0] == SCSI_READ_CAPACITY_10) {
        give(c, small, sizeof(small), sizeof(small));
    } else if ((c->cdb[1] & 0x1f) == SCSI_SAI_READ_CAPACITY_16) {
        give(c, large, sizeof(large), scsi_get_be32(c->cdb + 10));
    } else {
        fail(c, SCSI_SENSE_FIELD);
    }
}

static void request_sense(SoftCommand *c)
{
    uint8_t answer[SCSI_SENSE_BYTES] = {0x70, 0, 0, 0, 0, 0, 0, SCSI_SENSE_BYTES - 8};
    give(c, answer, sizeof(answer), c->cdb[4]);
}

/* The commands of a small target, such as crosvm has. */
static bool is_common(uint8_t opcode)
{
    switch (opcode) {
    case SCSI_TEST_UNIT_READY:
    case SCSI_READ_CAPACITY_10:
    case SCSI_READ_10:
    case SCSI_WRITE_10:
    case SCSI_SYNC_CACHE_10:
    case SCSI_MODE_SENSE_6:
        return true;
    default:
        return false;
    }
}

static void run_here(SoftCommand *c)
{
    if (!is_common(c->cdb[0]) && soft_manner(scsi_knows_few_commands)) {
        fail(c, SCSI_SENSE_OPCODE);
        return;
    }
    switch (c->cdb[0]) {
    case SCSI_TEST_UNIT_READY:
    case SCSI_SYNC_CACHE_10:
        break;
    case SCSI_REQUEST_SENSE:
        request_sense(c);
        break;
    case SCSI_READ_6:
    case SCSI_READ_10:
    case SCSI_READ_12:
    case SCSI_READ_16:
        read_blocks(c);
        break;
    case SCSI_WRITE_10:
    case SCSI_WRITE_12:
    case SCSI_WRITE_16:
    case SCSI_WRITE_SAME_16:
        write_blocks(c, c->cdb[0] == SCSI_WRITE_SAME_16);
        break;
    case SCSI_XDWRITEREAD_10:
        exchange_block(c);
        break;
    case SCSI_MODE_SENSE_6:
    case SCSI_MODE_SENSE_10:
        sense_mode(c);
        break;
    case SCSI_READ_CAPACITY_10:
    case SCSI_SERVICE_IN_16:
        read_capacity(c);
        break;
    default:
        fail(c, SCSI_SENSE_OPCODE);
    }
}

/* SAM-5, 5.14: INQUIRY and REPORT LUNS are done also when a unit attention waits. */
void soft_unit_run(SoftCommand *c)
{
    if (c->cdb[0] == SCSI_INQUIRY && c->target >= 0) {
        inquire(c);
    } else if (c->cdb[0] == SCSI_REPORT_LUNS) {
        report_luns(c);
    } else if (!c->unit) {
        fail(c, SCSI_SENSE_NO_LUN);
    } else if (c->unit->attention) {
        fail(c, c->unit->attention);
        c->unit->attention = 0;
    } else {
        run_here(c);
    }
}

bool soft_unit_is_busy(const SoftCommand *c)
{
    return c->unit && c->unit->is_slow && !c->unit->attention &&
           c->cdb[0] == SCSI_READ_10;
}
