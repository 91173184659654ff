/* SPDX-License-Identifier: MIT */
/*
 * The SCSI host device (5.6) in software: requests, task management, notifications. Its
 * units are in unit.c. A read of a slow unit stays in flight for some rounds; all other
 * commands are done completely, in the order in which they came.
 */
#include "drivers/virtio/soft/scsi/scsi.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(scsi_channels, "dev:5.6.4-1", "has a channel beyond the first");
SOFT_FAULT(scsi_targets, "dev:5.6.4-2", "has more targets than the lun field can say");
SOFT_FAULT(scsi_luns, "dev:5.6.4-3", "has more LUNs than the lun field can say");
SOFT_FAULT(sense_size_outlives_reset, "dev:5.6.4.2-1", "keeps sense_size over a reset");
SOFT_FAULT(cdb_size_outlives_reset, "dev:5.6.4.2-1", "keeps cdb_size over a reset");
SOFT_FAULT(wants_whole_scsi_parts, "dev:2.7.4.1-1",
           "takes the first buffer of a direction for all that is before the data");
SOFT_FAULT(overrun_is_a_failure, "dev:5.6.6.1.1-2", "answers overruns with FAILURE");
SOFT_FAULT(inout_unasked, "dev:5.6.6.1.1-2",
           "takes data of both directions without INOUT");
SOFT_FAULT(aborts_the_whole_set, "dev:5.6.6.1.1-2",
           "gives commands that no ABORT TASK names the response ABORTED");
SOFT_FAULT(no_report_luns_unit, "dev:5.6.6.1-1",
           "has no REPORT LUNS well-known logical unit");
SOFT_FAULT(status_that_sam_lacks, "dev:5.6.6.1.1-1",
           "writes status 1 for CHECK CONDITION");
SOFT_FAULT(missing_target_fails, "dev:5.6.6.1.1-2",
           "answers for a missing target with FAILURE");
SOFT_FAULT(reset_says_busy, "dev:5.6.6.1.1-3b",
           "gives commands that a reset ends the response BUSY");
SOFT_FAULT(reset_before_its_commands, "dev:5.6.6.2-1",
           "completes a unit's reset before the unit's commands");
SOFT_FAULT(abort_before_its_commands, "dev:5.6.6.2-2",
           "completes an abort before the commands that it ends");

#define QUEUES      (VIRTIO_SCSI_REQUESTQ + 2)
#define FLIGHT_MOST 8
/* How many rounds a slow read takes. */
#define ROUNDS    4
#define SIZE_MOST 512

/* A command in flight. */
typedef struct Task {
    bool is_there;
    uint16_t queue;
    uint64_t id;
    unsigned rounds;
    SoftCommand c;
    /* What c.e points to. */
    QVirtQueueElement e;
} Task;

/* FLIGHT_MOST of them. */
static Task *tasks;

static struct virtio_scsi_config *config(SoftDevice *s)
{
    return (struct virtio_scsi_config *)s->config;
}

static void init(SoftDevice *s)
{
    *config(s) = (struct virtio_scsi_config){
        .num_queues = virtio32_of(false, QUEUES - VIRTIO_SCSI_REQUESTQ),
        .seg_max = virtio32_of(false, qvirtqueue_chain_max() - 2),
        .max_sectors = virtio32_of(false, 1024),
        .cmd_per_lun = virtio32_of(false, QVIRTQUEUE_CHAIN_MAX),
        .event_info_size = virtio32_of(false, sizeof(struct virtio_scsi_event)),
        .sense_size = virtio32_of(false, VIRTIO_SCSI_SENSE_DEFAULT),
        .cdb_size = virtio32_of(false, VIRTIO_SCSI_CDB_DEFAULT),
        .max_channel = virtio16_of(false, soft_fault(scsi_channels)),
        .max_target = virtio16_of(false, soft_fault(scsi_targets) ? 256 : 255),
        .max_lun = virtio32_of(false, soft_fault(scsi_luns) ? 16384 : 16383),
    };
    tasks = page_alloc((FLIGHT_MOST * sizeof(*tasks) + PAGE_BYTES - 1) / PAGE_BYTES);
    soft_units_init();
}

/* ---- Requests ---- */

/* Writes the header, and sense data that is filled up with zeroes. All other bytes before
 * datain were written, or are zero. Returns how many bytes count as written. */
static uint32_t write_answer(const SoftCommand *c)
{
    static const uint8_t zeroes[SIZE_MOST];
    uint32_t head = sizeof(struct virtio_scsi_resp_cmd);
    uint32_t room = c->pi_in_at - head, total = c->out_bytes + c->in_bytes;
    uint8_t sense[SCSI_SENSE_BYTES] = {0x70, 0, c->sense >> 16,      0, 0,
                                       0,    0, SCSI_SENSE_BYTES - 8};
    sense[12] = SCSI_SENSE_ASC(c->sense);
    sense[13] = c->sense;
    uint32_t bytes = c->status == SCSI_GOOD ? 0 : sizeof(sense);
    bytes = bytes < room ? bytes : room;
    bool is_odd = soft_fault(status_that_sam_lacks) && c->status != SCSI_GOOD;
    struct virtio_scsi_resp_cmd resp = {
        .sense_len = virtio32_of(false, bytes),
        .residual = virtio32_of(false, total - c->moved),
        .status = is_odd ? 1 : c->status,
        .response = c->response,
    };
    if (c->response != VIRTIO_SCSI_S_OK || c->cdb[0] == SCSI_TEST_UNIT_READY) {
        resp.residual = virtio32_of(false, 0);
    }
    qvirtqueue_element_write(c->e, 0, &resp, head);
    qvirtqueue_element_write(c->e, head, zeroes, room < SIZE_MOST ? room : SIZE_MOST);
    qvirtqueue_element_write(c->e, head, sense, bytes);
    return head + room + c->pi_in_bytes + c->in_moved;
}

/* Finds where everything is in the buffers. Returns false when they hold no request of
 * this size. */
static bool lay_out(SoftDevice *s, const QVirtQueueElement *e, SoftCommand *c)
{
    uint32_t cdb_size = virtio32_get(false, config(s)->cdb_size);
    uint32_t sense_size = virtio32_get(false, config(s)->sense_size);
    struct virtio_scsi_pi pi = {0};
    *c = (SoftCommand){.e = e};
    if (soft_fault(wants_whole_scsi_parts) && e->in_num) {
        bool is_whole =
            e->sg[0].len == sizeof(struct virtio_scsi_req_cmd) + cdb_size &&
            e->sg[e->out_num].len == sizeof(struct virtio_scsi_resp_cmd) + sense_size;
        c->response = is_whole ? VIRTIO_SCSI_S_OK : VIRTIO_SCSI_S_FAILURE;
    }
    c->pi_out_at = sizeof(struct virtio_scsi_req_cmd) + cdb_size;
    c->pi_in_at = sizeof(struct virtio_scsi_resp_cmd) + sense_size;
    if (soft_negotiated(s, VIRTIO_SCSI_F_T10_PI)) {
        qvirtqueue_element_read(e, c->pi_out_at, &pi, sizeof(pi));
        c->pi_out_at += sizeof(pi);
    }
    c->pi_out_bytes = virtio32_get(false, pi.pi_bytesout);
    c->pi_in_bytes = virtio32_get(false, pi.pi_bytesin);
    if (e->out_bytes < c->pi_out_at || e->in_bytes < c->pi_in_at ||
        c->pi_out_bytes > e->out_bytes - c->pi_out_at ||
        c->pi_in_bytes > e->in_bytes - c->pi_in_at) {
        return false;
    }
    c->out_at = c->pi_out_at + c->pi_out_bytes;
    c->out_bytes = e->out_bytes - c->out_at;
    c->in_at = c->pi_in_at + c->pi_in_bytes;
    c->in_bytes = e->in_bytes - c->in_at;
    qvirtqueue_element_read(e, sizeof(struct virtio_scsi_req_cmd), c->cdb,
                            cdb_size < sizeof(c->cdb) ? cdb_size : sizeof(c->cdb));
    return true;
}

/* Finds the unit that a command is for. Returns false when the target does not exist. */
static bool address(const uint8_t lun[VIRTIO_SCSI_LUN_BYTES], SoftCommand *c)
{
    c->target = lun[1];
    if (lun[0] == 0xc1 && lun[1] == 1 && !soft_fault(no_report_luns_unit)) {
        c->target = -1;
        return true;
    }
    c->unit = soft_unit_at(lun[1], scsi_get_be16(lun + 2) & 0x3fff);
    return lun[0] == 1 && soft_target_exists(lun[1]);
}

/* Keeps a command for later. Returns false when there is no room; then it is done at
 * once. */
static bool keep(uint16_t queue, const SoftCommand *c, uint64_t id)
{
    for (unsigned i = 0; i < FLIGHT_MOST; i++) {
        Task *task = &tasks[i];
        if (!task->is_there) {
            task->is_there = true;
            task->queue = queue;
            task->id = id;
            task->rounds = ROUNDS;
            task->c = *c;
            task->e = *c->e;
            task->c.e = &task->e;
            return true;
        }
    }
    return false;
}

static void serve(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e)
{
    struct virtio_scsi_req_cmd head;
    SoftCommand c;
    if (!lay_out(s, e, &c)) {
        soft_needs_reset(s); /* no room for an answer */
        return;
    }
    qvirtqueue_element_read(e, 0, &head, sizeof(head));
    bool may_both = soft_negotiated(s, VIRTIO_SCSI_F_INOUT) || soft_fault(inout_unasked);
    if (c.out_bytes && c.in_bytes && !may_both) {
        c.response = VIRTIO_SCSI_S_FAILURE;
    } else if (c.response != VIRTIO_SCSI_S_OK) {
        /* the fault wants_whole_scsi_parts has refused it */
    } else if (!address(head.lun, &c)) {
        c.response = soft_fault(missing_target_fails) ? VIRTIO_SCSI_S_FAILURE
                                                      : VIRTIO_SCSI_S_BAD_TARGET;
    } else if (soft_unit_is_busy(&c) && keep(queue, &c, virtio64_get(false, head.id))) {
        soft_run_later(s, queue);
        return;
    } else {
        soft_unit_run(&c);
    }
    if (soft_fault(overrun_is_a_failure) && c.response == VIRTIO_SCSI_S_OVERRUN) {
        c.response = VIRTIO_SCSI_S_FAILURE;
    }
    soft_push(s, queue, e, write_answer(&c));
}

/* Ends a kept command, with its own result or with this response. */
static void finish(SoftDevice *s, Task *task, uint8_t response)
{
    task->is_there = false;
    if (response == VIRTIO_SCSI_S_OK) {
        soft_unit_run(&task->c);
    } else {
        task->c.response = response;
    }
    soft_push(s, task->queue, &task->e, write_answer(&task->c));
}

static void go_on(SoftDevice *s)
{
    for (unsigned i = 0; i < FLIGHT_MOST; i++) {
        Task *task = &tasks[i];
        if (task->is_there && task->rounds-- == 0) {
            finish(s, task, VIRTIO_SCSI_S_OK);
        } else if (task->is_there) {
            soft_run_later(s, task->queue);
        }
    }
}

/* ---- The control queue ---- */

typedef enum { TASK_OF_ID, TASK_OF_UNIT, TASK_OF_TARGET } TaskScope;

static bool is_selected(const Task *task, TaskScope scope, const SoftCommand *c,
                        uint64_t id)
{
    const SoftUnit *u = task->c.unit;
    return task->is_there &&
           (scope == TASK_OF_TARGET ? u->target == c->target : u == c->unit) &&
           (scope != TASK_OF_ID || task->id == id);
}

static bool find_task(TaskScope scope, const SoftCommand *c, uint64_t id)
{
    for (unsigned i = 0; i < FLIGHT_MOST; i++) {
        if (is_selected(&tasks[i], scope, c, id)) {
            return true;
        }
    }
    return false;
}

/* 5.6.6.2: "Such effects MUST take place before the TMF itself is successfully
 * completed". */
static void end_tasks(SoftDevice *s, TaskScope scope, const SoftCommand *c, uint64_t id,
                      uint8_t response)
{
    bool is_reset = response == VIRTIO_SCSI_S_RESET;
    bool is_late = is_reset ? soft_fault(reset_before_its_commands)
                            : soft_fault(abort_before_its_commands);
    for (unsigned i = 0; i < FLIGHT_MOST; i++) {
        if (is_selected(&tasks[i], scope, c, id) && !is_late) {
            finish(s, &tasks[i], response);
        }
    }
    for (unsigned i = 0; i < SOFT_UNITS && is_reset; i++) {
        SoftUnit *u = soft_unit(i);
        if (scope == TASK_OF_TARGET ? u->target == c->target : u == c->unit) {
            u->attention = SCSI_SENSE_RESET;
        }
    }
}

static uint8_t manage(SoftDevice *s, const struct virtio_scsi_ctrl_tmf *tmf)
{
    SoftCommand c = {0};
    uint64_t id = virtio64_get(false, tmf->id);
    uint32_t subtype = virtio32_get(false, tmf->subtype);
    bool is_query = subtype == VIRTIO_SCSI_T_TMF_QUERY_TASK ||
                    subtype == VIRTIO_SCSI_T_TMF_QUERY_TASK_SET;
    bool is_one = subtype == VIRTIO_SCSI_T_TMF_QUERY_TASK ||
                  subtype == VIRTIO_SCSI_T_TMF_ABORT_TASK;
    bool ends_all = !is_query && soft_fault(aborts_the_whole_set);
    TaskScope scope = is_one && !ends_all ? TASK_OF_ID : TASK_OF_UNIT;

    if (subtype > VIRTIO_SCSI_T_TMF_QUERY_TASK_SET ||
        subtype == VIRTIO_SCSI_T_TMF_CLEAR_ACA) {
        return VIRTIO_SCSI_S_FUNCTION_REJECTED;
    }
    if (!address(tmf->lun, &c)) {
        return VIRTIO_SCSI_S_BAD_TARGET;
    }
    if (subtype == VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET) {
        end_tasks(s, TASK_OF_TARGET, &c, id, VIRTIO_SCSI_S_RESET);
        return VIRTIO_SCSI_S_FUNCTION_COMPLETE;
    }
    if (!c.unit) {
        return VIRTIO_SCSI_S_INCORRECT_LUN;
    }
    if (is_query) {
        return find_task(scope, &c, id) ? VIRTIO_SCSI_S_FUNCTION_SUCCEEDED
                                        : VIRTIO_SCSI_S_FUNCTION_COMPLETE;
    }
    end_tasks(s, scope, &c, id,
              subtype == VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET ? VIRTIO_SCSI_S_RESET
                                                              : VIRTIO_SCSI_S_ABORTED);
    return VIRTIO_SCSI_S_FUNCTION_COMPLETE;
}

/* Answers a control request. Returns how many bytes were written, or -1 when the request
 * is not complete. */
static int control(SoftDevice *s, const QVirtQueueElement *e)
{
    struct virtio_scsi_ctrl_tmf tmf;
    struct virtio_scsi_ctrl_an an;
    qvirtqueue_element_read(e, 0, &an, sizeof(an));
    bool is_tmf = virtio32_get(false, an.type) == VIRTIO_SCSI_T_TMF;
    if (e->out_bytes < (is_tmf ? sizeof(tmf) : sizeof(an)) ||
        e->in_bytes < (is_tmf ? 1 : sizeof(struct virtio_scsi_ctrl_an_resp))) {
        return -1;
    }
    if (is_tmf) {
        qvirtqueue_element_read(e, 0, &tmf, sizeof(tmf));
        uint8_t response = manage(s, &tmf);
        return qvirtqueue_element_write(e, 0, &response, 1);
    }
    uint32_t events = virtio32_get(false, an.event_requested);
    bool is_known = virtio32_get(false, an.type) <= VIRTIO_SCSI_T_AN_SUBSCRIBE;
    struct virtio_scsi_ctrl_an_resp resp = {
        .event_actual = virtio32_of(false, events & VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE),
        .response = is_known ? VIRTIO_SCSI_S_OK : VIRTIO_SCSI_S_FAILURE,
    };
    return qvirtqueue_element_write(e, 0, &resp, sizeof(resp));
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    if (queue == VIRTIO_SCSI_EVENTQ) {
        soft_scsi_tell_lost(s); /* the buffers are for events */
        return;
    }
    if (queue >= VIRTIO_SCSI_REQUESTQ) {
        go_on(s);
    }
    while (soft_is_live(s) && (e = soft_pop(s, queue)) != NULL) {
        int len = 0;
        if (queue >= VIRTIO_SCSI_REQUESTQ) {
            serve(s, queue, e);
        } else if ((len = control(s, e)) >= 0) {
            soft_push(s, queue, e, len);
        } else {
            soft_needs_reset(s);
        }
    }
}

/* 5.6.4.2, 5.6.6.1.1: commands in flight are aborted. Their queues do not exist any
 * more. */
static void reset(SoftDevice *s)
{
    for (unsigned i = 0; i < FLIGHT_MOST; i++) {
        Task *task = &tasks[i];
        if (task->is_there) {
            task->c.response =
                soft_fault(reset_says_busy) ? VIRTIO_SCSI_S_BUSY : VIRTIO_SCSI_S_RESET;
            write_answer(&task->c);
            task->is_there = false;
        }
    }
    for (unsigned i = 0; i < SOFT_UNITS; i++) {
        soft_unit(i)->attention = SCSI_SENSE_RESET;
    }
    soft_scsi_forget_events();
    if (!soft_fault(sense_size_outlives_reset)) {
        config(s)->sense_size = virtio32_of(false, VIRTIO_SCSI_SENSE_DEFAULT);
    }
    if (!soft_fault(cdb_size_outlives_reset)) {
        config(s)->cdb_size = virtio32_of(false, VIRTIO_SCSI_CDB_DEFAULT);
    }
}

/* Refuses sizes that no request could have. */
static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    (void)s;
    virtio32 size;
    bool is_size = off == offsetof(struct virtio_scsi_config, sense_size) ||
                   off == offsetof(struct virtio_scsi_config, cdb_size);
    if (!is_size || width != sizeof(size)) {
        return false;
    }
    memcpy(&size, from, sizeof(size));
    return virtio32_get(false, size) <= SIZE_MOST;
}

static const char *truth(const SoftDevice *s, const char *field)
{
    static const struct {
        const char *field, *value;
    } truths[] = {
        {"num_queues", "2"},   {"0.0.sectors", "1024"}, {"0.0.serial", "soft unit"},
        {"0.1.sectors", "64"}, {"0.1.readonly", "1"},   {"3.0.sectors", "64"},
        {"3.0.readonly", "1"}, {"2.300.slow", "1"},
    };
    (void)s;
    for (unsigned i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
        if (strcmp(truths[i].field, field) == 0) {
            return truths[i].value;
        }
    }
    return NULL;
}

SOFT_MODEL(soft_scsi, .device_id = VIRTIO_ID_SCSI, .count = 1, .queues = QUEUES,
           .features = FEATURES(VIRTIO_SCSI_F_INOUT, VIRTIO_SCSI_F_HOTPLUG,
                                VIRTIO_SCSI_F_CHANGE, VIRTIO_SCSI_F_T10_PI),
           .config_bytes = sizeof(struct virtio_scsi_config), .init = init,
           .reset = reset, .run = run, .write_config = write_config, .act = soft_scsi_act,
           .truth = truth);
