/* SPDX-License-Identifier: MIT */
/*
 * Task management functions with commands in flight (5.6.6.2): resets and aborts complete
 * what they end, and "such effects MUST take place before the TMF itself is successfully
 * completed".
 */
#include "drivers/virtio/bus.h"
#include "tests/scsi/task_lib.h"

/* A unit that is reset forgets more than the tests' commands. */
#define UNORDERED .device = VIRTIO_ID_SCSI, .flags = TEST_WRITES

/* The function ends all that is in flight before it is complete itself. */
static bool ends_all(Test *t, QVirtioDevice *dev, const char *clause, uint32_t subtype,
                     uint8_t response, Flight *f)
{
    if (!task_launch(t, dev, f, FLIGHT_MOST)) {
        return false;
    }
    ScsiControl c = scsi_tmf(dev, subtype, f->unit->at, 0);
    int used = task_manage(t, dev, &c);
    return used >= 0 && task_is_done(t, &c) && expect_eq(t, clause, used, f->count) &&
           task_land(t, dev, f, VIRTIO_SCSI_S_OK, response);
}

/* SAM-5, 6.3.3: a unit says that it was reset to the first command that asks. */
static void expect_told(Test *t, QVirtioDevice *dev, const ScsiUnit *u)
{
    ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
    if (require_ok(t, scsi_run(&r))) {
        require_eq(t, scsi_sense(&r) >> 8, SCSI_SENSE_RESET >> 8);
    }
    if (require_ok(t, scsi_settle(dev, u->at, &r))) {
        require_good_answer(t, &r);
    }
}

/* "the device MUST complete all active commands on a logical unit or target (possibly
 * with a VIRTIO_SCSI_S_RESET response code)" */
VIRTIO_TEST(unit_reset_completes_its_commands, UNORDERED)
{
    Flight f;
    if (ends_all(t, dev, "dev:5.6.6.2-1", VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET,
                 VIRTIO_SCSI_S_RESET, &f)) {
        expect_told(t, dev, f.unit);
    }
}

VIRTIO_TEST(nexus_reset_completes_its_commands, UNORDERED)
{
    Flight f;
    if (ends_all(t, dev, "dev:5.6.6.2-1", VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET,
                 VIRTIO_SCSI_S_RESET, &f)) {
        expect_told(t, dev, f.unit);
    }
}

/* "Similarly, the device MUST complete the selected commands (possibly with a
 * VIRTIO_SCSI_S_ABORTED response code)" */
VIRTIO_TEST(abort_task_set_completes_its_commands, UNORDERED)
{
    Flight f;
    if (ends_all(t, dev, "dev:5.6.6.2-2", VIRTIO_SCSI_T_TMF_ABORT_TASK_SET,
                 VIRTIO_SCSI_S_ABORTED, &f)) {
        ScsiRequest r = scsi_read(dev, f.unit, 0, block_sectors(f.unit));
        require_good(t, &r);
    }
}

VIRTIO_TEST(clear_task_set_ends_its_commands, UNORDERED)
{
    Flight f;
    ends_all(t, dev, BASIS_NONE, VIRTIO_SCSI_T_TMF_CLEAR_TASK_SET, VIRTIO_SCSI_S_ABORTED,
             &f);
}

VIRTIO_TEST(abort_task_completes_the_one_it_names, UNORDERED)
{
    Flight f;
    if (!task_launch(t, dev, &f, 2)) {
        return;
    }
    ScsiControl c =
        scsi_tmf(dev, VIRTIO_SCSI_T_TMF_ABORT_TASK, f.unit->at, scsi_id(&f.r[1]));
    int used = task_manage(t, dev, &c);
    if (used < 0 || !task_is_done(t, &c)) {
        return;
    }
    expect_ne(t, "dev:5.6.6.2-2", f.r[1].resp->response, SCSI_UNWRITTEN);
    if (task_land(t, dev, &f, VIRTIO_SCSI_S_OK, VIRTIO_SCSI_S_ABORTED)) {
        expect_eq(t, RESPONSE_CLAUSE, f.r[0].resp->response, VIRTIO_SCSI_S_OK);
    }
}

/* A task that is there is found; it goes on undisturbed. */
static void query(Test *t, QVirtioDevice *dev, uint32_t subtype)
{
    Flight f;
    if (!task_launch(t, dev, &f, 1)) {
        return;
    }
    ScsiControl c = scsi_tmf(dev, subtype, f.unit->at, scsi_id(&f.r[0]));
    int used = task_manage(t, dev, &c);
    bool was_there = f.count == 1 && used == 0;
    if (used < 0 || !task_land(t, dev, &f, VIRTIO_SCSI_S_OK, VIRTIO_SCSI_S_OK)) {
        return;
    }
    if (scsi_response(&c) == VIRTIO_SCSI_S_FUNCTION_REJECTED) {
        test_skip(t, "the device answers VIRTIO_SCSI_S_FUNCTION_REJECTED");
    } else if (was_there) {
        require_eq(t, scsi_response(&c), VIRTIO_SCSI_S_FUNCTION_SUCCEEDED);
    } else {
        test_skip(t, "the command was done before it could be asked for");
    }
}

VIRTIO_TEST(task_in_flight_is_found, UNORDERED)
{
    query(t, dev, VIRTIO_SCSI_T_TMF_QUERY_TASK);
}

VIRTIO_TEST(task_set_in_flight_is_found, UNORDERED)
{
    query(t, dev, VIRTIO_SCSI_T_TMF_QUERY_TASK_SET);
}

/*
 * 5.6.6.1.1: "All commands must be completed before the virtio-scsi device is reset or
 * unplugged. The device MAY choose to abort them, or if it does not do so MUST pick the
 * VIRTIO_SCSI_S_FAILURE response." What has no response by then was never answered.
 */
VIRTIO_TEST(device_reset_aborts_or_fails_commands, UNORDERED)
{
    Flight f;
    if (!task_launch(t, dev, &f, FLIGHT_MOST) || !require_ok(t, dev->bus->reset(dev))) {
        return;
    }
    for (unsigned i = 0; i < FLIGHT_MOST; i++) {
        uint8_t response = f.r[i].resp->response;
        bool is_right =
            response == VIRTIO_SCSI_S_OK || response == VIRTIO_SCSI_S_ABORTED ||
            response == VIRTIO_SCSI_S_RESET || response == VIRTIO_SCSI_S_FAILURE;
        if (response != SCSI_UNWRITTEN) {
            expect_that(t, "dev:5.6.6.1.1-3b", is_right,
                        "a response OK, ABORTED, RESET or FAILURE", "%u", response);
        }
    }
    if (require_ok(t, qvirtio_stop(dev)) && test_start(t, dev, NULL)) {
        require_ping(t, dev, 1);
    }
}
