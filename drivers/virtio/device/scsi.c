/* SPDX-License-Identifier: MIT */
/*
 * The driver of the SCSI host device (5.6). Its ping is a command without data whose
 * answer is sense data; the command changes from number to number. Commands with datain
 * are no pings, because some devices take the first descriptor for the whole response,
 * whatever its length is, and 5.6.6.4 allows a legacy device to do so.
 */
#include "drivers/virtio/device/scsi_private.h"
#include "kernel/lib/string.h"

#define SIZE_MOST 4096

#define CONFIG(field)   offsetof(struct virtio_scsi_config, field)
#define CONFIG_BYTES(f) sizeof(((struct virtio_scsi_config *)NULL)->f)

static const QVirtioFeatureName feature_names[] = {
    {.bit = VIRTIO_SCSI_F_INOUT, .name = "INOUT"},
    {.bit = VIRTIO_SCSI_F_HOTPLUG, .name = "HOTPLUG"},
    {.bit = VIRTIO_SCSI_F_CHANGE, .name = "CHANGE"},
    {.bit = VIRTIO_SCSI_F_T10_PI, .name = "T10_PI"},
    {.name = NULL},
};

#define FIELD(path, ...)                                                                \
    {                                                                                   \
        .name = #path, .offset = CONFIG(path), .width = CONFIG_BYTES(path), .count = 1, \
        .feature = FEATURES_END, __VA_ARGS__                                            \
    }

static const QVirtioField fields[] = {
    FIELD(num_queues),
    FIELD(seg_max),
    FIELD(max_sectors),
    FIELD(cmd_per_lun),
    FIELD(event_info_size),
    FIELD(sense_size, .flags = QVIRTIO_FIELD_WRITABLE),
    FIELD(cdb_size, .flags = QVIRTIO_FIELD_WRITABLE),
    FIELD(max_channel),
    FIELD(max_target),
    FIELD(max_lun),
    {.name = NULL},
};

static uint16_t queue_count(QVirtioDevice *d)
{
    uint64_t n = 1;
    if (qvirtio_config_read(d, CONFIG(num_queues), 4, &n) || n == 0) {
        n = 1;
    }
    return VIRTIO_SCSI_REQUESTQ + (n < QVIRTIO_MAX_QUEUES - VIRTIO_SCSI_REQUESTQ
                                       ? n
                                       : QVIRTIO_MAX_QUEUES - VIRTIO_SCSI_REQUESTQ);
}

int scsi_set_sizes(QVirtioDevice *d, uint32_t sense_size, uint32_t cdb_size)
{
    int err = qvirtio_config_write(d, CONFIG(sense_size), 4, sense_size);
    err = err ? err : qvirtio_config_write(d, CONFIG(cdb_size), 4, cdb_size);
    if (!err) {
        scsi_state(d)->sense_size = sense_size;
        scsi_state(d)->cdb_size = cdb_size;
    }
    return err;
}

/* Reads the sizes as they are. A test judges a device whose sizes are not those of
 * 5.6.4.2. */
static int read_sizes(QVirtioDevice *d, ScsiState *s)
{
    uint64_t sense = 0, cdb = 0;
    int err = qvirtio_config_read(d, CONFIG(sense_size), 4, &sense);
    err = err ? err : qvirtio_config_read(d, CONFIG(cdb_size), 4, &cdb);
    s->sense_size = sense < SIZE_MOST ? sense : SIZE_MOST;
    s->cdb_size = cdb < SIZE_MOST ? cdb : SIZE_MOST;
    return err;
}

/* Returns the first disk, or the first unit when there is no disk, or NULL. */
static const ScsiUnit *choose_unit(const ScsiMap *map)
{
    for (unsigned i = 0; i < map->count; i++) {
        if (map->unit[i].type == SCSI_TYPE_DISK && map->unit[i].block_bytes) {
            return &map->unit[i];
        }
    }
    return map->count ? map->unit : NULL;
}

static int open(QVirtioDevice *d, const QVirtioRing *ring)
{
    (void)ring;
    ScsiState *s = arena_lend(sizeof(*s), 8);
    if (!s) {
        return -QVIRTIO_NO_MEMORY;
    }
    *s = (ScsiState){0};
    d->driver_data = s;
    int err = read_sizes(d, s);
    err = err ? err : scsi_find_units(d);
    s->unit = err ? NULL : choose_unit(s->map);
    if (s->unit) {
        ScsiRequest r;
        err = scsi_settle(d, s->unit->at, &r);
        s->ready_status = err ? 0 : r.resp->status;
        s->ready_sense = err ? 0 : scsi_sense(&r);
    }
    return err;
}

/* The kinds of pings. */
typedef enum { PING_READY, PING_OPCODE, PING_RANGE, PING_TARGET, PING_KINDS } PingKind;

static PingKind kind_of(const ScsiState *s, uint32_t number)
{
    PingKind kind = number % PING_KINDS;
    /* The unit is a disk that has no block of the address 0xffffffff. */
    bool is_disk = s->unit && s->unit->type == SCSI_TYPE_DISK && s->unit->block_bytes &&
                   scsi_has_short_addresses(s->unit);
    if (kind == PING_RANGE && !is_disk) {
        kind = PING_OPCODE;
    }
    if (kind == PING_TARGET && s->map->free_target < 0) {
        kind = PING_READY;
    }
    return s->unit ? kind : PING_TARGET;
}

static ScsiCdb cdb_of(PingKind kind)
{
    switch (kind) {
    case PING_OPCODE:
        return SCSI_CDB(SCSI_UNASSIGNED);
    case PING_RANGE:
        return SCSI_CDB_10(SCSI_READ_10, 0xffffffff, 0);
    default:
        return SCSI_CDB(SCSI_TEST_UNIT_READY);
    }
}

static int make(QVirtioDevice *d, PingKind kind, uint32_t number, QVirtioPing *ping)
{
    const ScsiState *s = scsi_state(d);
    ScsiLun nowhere = {.target = s->map->free_target};
    ScsiRequest r =
        scsi_request(d, kind == PING_TARGET ? nowhere : s->unit->at, cdb_of(kind), 0, 0);
    if (!r.cmd) {
        return -QVIRTIO_NO_MEMORY;
    }
    *ping = (QVirtioPing){
        .dev = d,
        .vq = r.vq,
        .number = number,
        .out = r.cmd,
        .out_bytes = r.cmd_bytes,
        .in = r.resp,
        .in_bytes = r.resp_bytes,
        .used_min = qvirtio_is_legacy(d) ? 0 : sizeof(*r.resp),
        .used_max = r.resp_bytes,
    };
    return 0;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    return make(d, kind_of(scsi_state(d), number), number, ping);
}

/* A command to a target that does not exist is the cheapest one, because no unit is
 * asked. */
static int wind_make(QVirtioDevice *d, QVirtioPing *ping)
{
    return make(d, scsi_state(d)->map->free_target < 0 ? PING_READY : PING_TARGET, 0,
                ping);
}

/* Returns NULL when the answer has this status and sense data. Where a life began without
 * open(), the first commands report the reset instead. */
static const char *check_answer(const ScsiRequest *r, uint8_t status, uint32_t sense)
{
    uint32_t room = r->resp_bytes - sizeof(*r->resp);
    bool is_told = r->resp->status == SCSI_CHECK_CONDITION &&
                   scsi_sense(r) >> 8 == SCSI_SENSE_RESET >> 8;
    if (r->resp->response != VIRTIO_SCSI_S_OK) {
        return "response is not VIRTIO_SCSI_S_OK";
    }
    if (is_told && scsi_sense_len(r) <= room) {
        return NULL;
    }
    if (r->resp->status != status) {
        return "status is not that of this command";
    }
    if (status != SCSI_GOOD && scsi_sense_len(r) > room) {
        return "sense_len is more than sense_size";
    }
    return scsi_sense(r) == sense ? NULL : "sense data is not that of this command";
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const ScsiState *s = scsi_state(ping->dev);
    ScsiRequest r = {.vq = ping->vq, .resp = ping->in, .resp_bytes = ping->in_bytes};
    (void)used_len;
    switch (kind_of(s, ping->number)) {
    case PING_OPCODE:
        return check_answer(&r, SCSI_CHECK_CONDITION, SCSI_SENSE_OPCODE);
    case PING_RANGE:
        return check_answer(&r, SCSI_CHECK_CONDITION, SCSI_SENSE_LBA_RANGE);
    case PING_TARGET:
        return r.resp->response == VIRTIO_SCSI_S_BAD_TARGET
                   ? NULL
                   : "response is not VIRTIO_SCSI_S_BAD_TARGET";
    default:
        return check_answer(&r, s->ready_status, s->ready_sense);
    }
}

QVIRTIO_DRIVER(driver_scsi, .device_id = VIRTIO_ID_SCSI, .name = "scsi",
               .features = feature_names, .fields = fields,
               .config_bytes = sizeof(struct virtio_scsi_config),
               .ping_queue = VIRTIO_SCSI_REQUESTQ, .queue_count = queue_count,
               .open = open, .ping_make = ping_make, .ping_check = ping_check,
               .wind_make = wind_make);
