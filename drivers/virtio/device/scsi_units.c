/* SPDX-License-Identifier: MIT */
/*
 * Finds the logical units behind a SCSI host device. When the device is started for the
 * first time, every target is asked for its LUNs, and each unit is asked what it is
 * (SPC-4, SBC-3).
 */
#include "drivers/virtio/device/scsi_private.h"
#include "kernel/lib/string.h"

#define MAPS_MAX    12
#define BATCH       32
#define LUNS_BYTES  (8 + 8 * SCSI_UNITS_MAX)
#define BLOCK_MOST  65536u
#define TARGETS_MAX 256

static ScsiMap maps[MAPS_MAX];

const ScsiMap *scsi_map(const QVirtioDevice *d)
{
    return scsi_state(d)->map;
}

const ScsiUnit *scsi_find_unit(const QVirtioDevice *d, uint8_t type, bool is_read_only)
{
    const ScsiMap *map = scsi_map(d);
    for (unsigned i = 0; i < map->count; i++) {
        const ScsiUnit *u = &map->unit[i];
        if (u->type == type && u->is_read_only == is_read_only && u->block_bytes) {
            return u;
        }
    }
    return NULL;
}

ScsiCdb scsi_cdb_read(const ScsiUnit *u, uint64_t lba, uint32_t blocks)
{
    return scsi_has_short_addresses(u) ? SCSI_CDB_10(SCSI_READ_10, lba, blocks)
                                       : SCSI_CDB_16(SCSI_READ_16, 0, lba, blocks);
}

ScsiCdb scsi_cdb_write(const ScsiUnit *u, uint64_t lba, uint32_t blocks)
{
    return scsi_has_short_addresses(u) ? SCSI_CDB_10(SCSI_WRITE_10, lba, blocks)
                                       : SCSI_CDB_16(SCSI_WRITE_16, 0, lba, blocks);
}

static bool is_good(const ScsiRequest *r)
{
    return r->resp->response == VIRTIO_SCSI_S_OK && r->resp->status == SCSI_GOOD;
}

/* SBC-3 5.16: READ CAPACITY(10) returns 0xffffffff when the address of the last block
 * does not fit. READ CAPACITY(16) returns it then. The size of a unit that does not
 * answer that command is unknown, so nothing on that unit is read or written. */
static int read_long_capacity(QVirtioDevice *d, ScsiUnit *u)
{
    ScsiRequest r =
        scsi_request(d, u->at,
                     SCSI_CDB_16(SCSI_SERVICE_IN_16, SCSI_SAI_READ_CAPACITY_16, 0,
                                 SCSI_CAPACITY_16_BYTES),
                     0, SCSI_CAPACITY_16_BYTES);
    int err = scsi_run(&r);
    u->block_bytes = 0;
    if (!err && is_good(&r)) {
        u->blocks = scsi_get_be64(r.in) + 1;
        u->block_bytes = scsi_get_be32(r.in + 8);
    }
    return err;
}

static int read_capacity(QVirtioDevice *d, ScsiUnit *u)
{
    ScsiRequest r = scsi_request(d, u->at, SCSI_CDB(SCSI_READ_CAPACITY_10), 0,
                                 SCSI_CAPACITY_10_BYTES);
    int err = scsi_run(&r);
    if (err || !is_good(&r)) {
        return err;
    }
    u->block_bytes = scsi_get_be32(r.in + 4);
    u->blocks = (uint64_t)scsi_get_be32(r.in) + 1;
    if (scsi_get_be32(r.in) == UINT32_MAX) {
        err = read_long_capacity(d, u);
    }
    if (u->block_bytes > BLOCK_MOST || u->block_bytes % 512) {
        u->block_bytes = 0; /* tests cannot read or write such blocks */
    }
    return err;
}

/* Learns whether the unit is read-only: a CD always is, and a disk says it in the header
 * of its mode parameters. */
static int read_protection(QVirtioDevice *d, ScsiUnit *u)
{
    enum { BYTES = 252 };
    ScsiRequest r =
        scsi_request(d, u->at, SCSI_CDB(SCSI_MODE_SENSE_6, 8, 0x3f, 0, BYTES), 0, BYTES);
    int err = scsi_run(&r);
    u->is_read_only =
        u->type != SCSI_TYPE_DISK || !r.cmd || !is_good(&r) || r.in[2] & SCSI_MODE_WP;
    return err;
}

static int add_unit(QVirtioDevice *d, ScsiMap *map, ScsiLun at)
{
    ScsiUnit u = {.at = at};
    ScsiRequest r;
    int err = scsi_settle(d, at, &r);
    if (!err) {
        r = scsi_request(d, at, SCSI_CDB_6(SCSI_INQUIRY, 0, 0, SCSI_INQUIRY_BYTES), 0,
                         SCSI_INQUIRY_BYTES);
        err = scsi_run(&r);
    }
    if (err || !is_good(&r) || r.in[0] & 0xe0 || map->count == SCSI_UNITS_MAX) {
        return err; /* no unit is connected there */
    }
    u.type = r.in[0];
    if (u.type == SCSI_TYPE_DISK || u.type == SCSI_TYPE_CD) {
        err = read_capacity(d, &u);
        err = err ? err : read_protection(d, &u);
    }
    map->unit[map->count++] = u;
    return err;
}

static int add_target(QVirtioDevice *d, ScsiMap *map, uint8_t target)
{
    ScsiLun at = {.target = target};
    ScsiRequest r =
        scsi_request(d, at, SCSI_CDB_REPORT_LUNS(0, LUNS_BYTES), 0, LUNS_BYTES);
    int err = scsi_run(&r);
    if (err || !is_good(&r)) {
        return err ? err : add_unit(d, map, at);
    }
    uint32_t listed = scsi_get_be32(r.in);
    uint32_t room = LUNS_BYTES - 8, bytes = listed < room ? listed : room;
    for (uint32_t i = 8; i + 8 <= bytes + 8 && !err; i += 8) {
        at.lun = scsi_get_be16(r.in + i) & 0x3fff;
        err = add_unit(d, map, at);
    }
    return err;
}

/* Sends TEST UNIT READY to `count` targets at once, and writes their responses to
 * response[first] and the following ones. */
static int probe(QVirtioDevice *d, unsigned first, unsigned count, uint8_t *response)
{
    ScsiRequest r[BATCH];
    int err = 0;
    unsigned added = 0;
    for (; added < count && !err; added++) {
        ScsiLun at = {.target = first + added};
        r[added] = scsi_request(d, at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        err = scsi_add(&r[added]);
    }
    if (added) {
        qvirtqueue_kick(d->vq[VIRTIO_SCSI_REQUESTQ]);
    }
    for (unsigned i = 0; i < added && !err; i++) {
        QVirtioUsed used;
        err = qvirtqueue_wait(d->vq[VIRTIO_SCSI_REQUESTQ], &used);
    }
    for (unsigned i = 0; i < added && !err; i++) {
        response[first + i] = r[i].resp->response;
    }
    return err;
}

/* Returns a target that does not exist, or -1. Where a device does not answer BAD_TARGET,
 * a target that answers FAILURE is taken; tests report that. */
static int find_free(const uint8_t *response, unsigned count)
{
    const uint8_t *at = memchr(response, VIRTIO_SCSI_S_BAD_TARGET, count);
    if (!at) {
        at = memchr(response, VIRTIO_SCSI_S_FAILURE, count);
    }
    return at ? at - response : -1;
}

static int fill_map(QVirtioDevice *d, ScsiMap *map)
{
    uint8_t response[TARGETS_MAX];
    uint64_t last = 0;
    unsigned batch = d->vq[VIRTIO_SCSI_REQUESTQ]->size / 2;
    batch = batch < BATCH ? batch : BATCH;
    batch = batch ? batch : 1;
    int err =
        qvirtio_config_read(d, offsetof(struct virtio_scsi_config, max_target), 2, &last);
    unsigned count = last < TARGETS_MAX ? last + 1 : TARGETS_MAX;
    for (unsigned i = 0; i < count && !err; i += batch) {
        err = probe(d, i, count - i < batch ? count - i : batch, response);
    }
    for (unsigned i = 0; i < count && !err; i++) {
        if (response[i] == VIRTIO_SCSI_S_OK) {
            err = add_target(d, map, i);
        }
    }
    map->free_target = find_free(response, count);
    return err;
}

int scsi_find_units(QVirtioDevice *d)
{
    for (unsigned i = 0; i < MAPS_MAX; i++) {
        if (maps[i].dev == d) {
            scsi_state(d)->map = &maps[i];
            return 0;
        }
        if (!maps[i].dev) {
            ScsiMap map = {.dev = d};
            int err = fill_map(d, &map);
            if (!err) {
                maps[i] = map;
                scsi_state(d)->map = &maps[i];
            }
            return err;
        }
    }
    return -QVIRTIO_NO_MEMORY;
}
