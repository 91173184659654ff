/* SPDX-License-Identifier: MIT */
/*
 * Requests of the control queue with nothing in flight (5.6.6.2): each function is
 * answered, addresses are looked at, and asynchronous notifications are negotiated.
 */
#include "tests/scsi/scsi_lib.h"

/* Runs it; the response is the wanted one, or that there is no such function. */
static bool expect_managed(Test *t, ScsiControl *c, uint8_t wanted)
{
    if (!require_ok(t, scsi_control_run(c))) {
        return false;
    }
    uint8_t response = scsi_response(c);
    return require_that(t,
                        response == wanted || response == VIRTIO_SCSI_S_FUNCTION_REJECTED,
                        "the response of the function, or FUNCTION_REJECTED",
                        "response %u, not %u", response, wanted);
}

VIRTIO_TEST(functions_without_a_task_complete, .device = VIRTIO_ID_SCSI,
            .flags = TEST_WRITES, .rings = RINGS_ALL)
{
    static const uint8_t subtypes[] = {
        VIRTIO_SCSI_T_TMF_ABORT_TASK,      VIRTIO_SCSI_T_TMF_ABORT_TASK_SET,
        VIRTIO_SCSI_T_TMF_CLEAR_ACA,       VIRTIO_SCSI_T_TMF_CLEAR_TASK_SET,
        VIRTIO_SCSI_T_TMF_QUERY_TASK,      VIRTIO_SCSI_T_TMF_QUERY_TASK_SET,
        VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET, VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET,
    };
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < sizeof(subtypes); i++) {
        ScsiControl c = scsi_tmf(dev, subtypes[i], u->at, 0x123456789abcdefull);
        if (!expect_managed(t, &c, VIRTIO_SCSI_S_FUNCTION_COMPLETE)) {
            return;
        }
    }
}

VIRTIO_TEST(functions_for_a_missing_target_are_bad, .device = VIRTIO_ID_SCSI)
{
    ScsiLun at;
    if (scsi_free_target(t, dev, &at)) {
        ScsiControl c = scsi_tmf(dev, VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET, at, 0);
        expect_managed(t, &c, VIRTIO_SCSI_S_BAD_TARGET);
    }
}

VIRTIO_TEST(functions_for_a_missing_lun_are_incorrect, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiLun at = {.target = u->at.target, .lun = 250};
        ScsiControl c = scsi_tmf(dev, VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET, at, 0);
        expect_managed(t, &c, VIRTIO_SCSI_S_INCORRECT_LUN);
    }
}

/* A nexus is that of a target: "the single level LUN is ignored when the task management
 * function addresses a whole I_T nexus". */
VIRTIO_TEST(nexus_reset_ignores_the_lun, .device = VIRTIO_ID_SCSI, .flags = TEST_WRITES)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiLun at = {.target = u->at.target, .lun = 250};
        ScsiControl c = scsi_tmf(dev, VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET, at, 0);
        expect_managed(t, &c, VIRTIO_SCSI_S_FUNCTION_COMPLETE);
    }
}

VIRTIO_TEST(unit_reset_leaves_other_targets_alone, .device = VIRTIO_ID_SCSI,
            .flags = TEST_WRITES)
{
    const ScsiUnit *u = scsi_any_unit(t, dev), *other = NULL;
    const ScsiMap *map = scsi_map(dev);
    ScsiRequest r;
    for (unsigned i = 0; u && i < map->count; i++) {
        bool is_other =
            map->unit[i].at.target != u->at.target && map->unit[i].block_bytes;
        other = is_other ? &map->unit[i] : other;
    }
    if (u && !other) {
        test_skip(t, "no second target with a unit that can be read is there");
    }
    if (!other || !require_ok(t, scsi_settle(dev, other->at, &r))) {
        return;
    }
    ScsiControl c = scsi_tmf(dev, VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET, u->at, 0);
    if (expect_managed(t, &c, VIRTIO_SCSI_S_FUNCTION_COMPLETE)) {
        r = scsi_request(dev, other->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        require_good(t, &r);
    }
}

VIRTIO_TEST(unknown_function_is_rejected, .device = VIRTIO_ID_SCSI, .flags = TEST_WRITES,
            .violates = "5.6.6.2")
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiControl c = scsi_tmf(dev, 0x7fffffff, u->at, 0);
        if (require_ok(t, scsi_control_run(&c))) {
            require_eq(t, scsi_response(&c), VIRTIO_SCSI_S_FUNCTION_REJECTED);
        }
        expect_survives(t, dev);
    }
}

/* "the device responds by writing the events that it supports into event_actual": no
 * others than it was asked about. */
static void negotiate_events(Test *t, QVirtioDevice *dev, uint32_t type)
{
    static const uint32_t asked[] = {VIRTIO_SCSI_EVT_ASYNC_ALL,
                                     VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE, 0};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < sizeof(asked) / sizeof(*asked); i++) {
        ScsiControl c = scsi_notify(dev, type, u->at, asked[i]);
        const struct virtio_scsi_ctrl_an_resp *resp = (const void *)c.in;
        if (!require_ok(t, scsi_control_run(&c)) ||
            !require_eq(t, resp->response, VIRTIO_SCSI_S_OK)) {
            return;
        }
        uint32_t actual = virtio32_get(qvirtio_is_legacy(dev), resp->event_actual);
        require_eq(t, actual & ~asked[i], 0);
    }
}

VIRTIO_TEST(notification_query_answers_what_was_asked, .device = VIRTIO_ID_SCSI)
{
    negotiate_events(t, dev, VIRTIO_SCSI_T_AN_QUERY);
}

VIRTIO_TEST(notification_subscription_takes_what_was_asked, .device = VIRTIO_ID_SCSI)
{
    negotiate_events(t, dev, VIRTIO_SCSI_T_AN_SUBSCRIBE);
}
