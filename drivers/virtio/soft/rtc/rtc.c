/* SPDX-License-Identifier: MIT */
/*
 * An RTC device (5.23) in software: its requests, by their type and length. Clocks are in
 * clock.c, alarms in alarm.c.
 */
#include "drivers/virtio/soft/rtc/rtc.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

SOFT_FAULT(hides_alarm, "dev:5.23.3.1-1", "has alarms and does not offer ALARM");
SOFT_FAULT(success_is_1, "dev:5.23.6.2-1", "has status 1 for a clock that was read");
SOFT_FAULT(unknown_clock_is_read, "dev:5.23.6.2-2",
           "succeeds in reading a clock that there is not");
SOFT_FAULT(unknown_type_is_invalid, "dev:5.23.6.2-4",
           "has EINVAL for a type of message that nobody knows");
SOFT_FAULT(unknown_clock_is_invalid, "dev:5.23.6.2-6", "has EINVAL for an unknown clock");
SOFT_FAULT(short_request_is_an_error, "dev:5.23.6.2-8", "has EIO for a short request");
SOFT_FAULT(short_response_is_an_error, "dev:5.23.6.2-9", "has EIO for a short response");
SOFT_FAULT(status_goes_where_none_fits, "dev:5.23.6.2-10",
           "writes the status over the request when there is no other place");
SOFT_FAULT(refuses_a_long_request, "dev:5.23.6.2-12",
           "refuses a request with more space");
SOFT_FAULT(refuses_a_long_response, "dev:5.23.6.2-13",
           "refuses a response with more space");
SOFT_FAULT(fills_a_long_response, "dev:5.23.6.2-13",
           "clears the additional space of a response");
SOFT_FAULT(reserved_bytes_are_ones, "dev:5.23.6.2-14",
           "fills reserved bytes of a reading");
SOFT_FAULT(flags_beyond_the_features, "dev:5.23.6.2-15",
           "tells of alarms although ALARM was not negotiated");
SOFT_FAULT(capabilities_change, "dev:5.23.6.2-16",
           "has another type for a clock every time it is asked");
SOFT_FAULT(capabilities_change_with_reset, "dev:5.23.6.2-17",
           "smears another way after each reset");
SOFT_FAULT(every_clock_smears, "dev:5.23.6.4.2-21", "has a smearing for TAI");
SOFT_FAULT(smears_by_no_variant, "dev:5.23.6.4.2-22",
           "smears by a variant that nobody has defined");
SOFT_FAULT(cross_is_promised, "dev:5.23.6.4.2-23",
           "promises cross-timestamps that it refuses");
SOFT_FAULT(reads_are_used_out_of_order, "dev:5.23.6.5.2-3",
           "uses the second of two reads first");
SOFT_FAULT(no_clock_has_an_alarm, "dev:5.23.6.6.1-4",
           "accepts ALARM, and no clock has one");
SOFT_FAULT(hides_an_alarm, "dev:5.23.6.6.1-6", "does not tell that a clock has an alarm");

static unsigned lives, asked;

static void init(SoftDevice *s)
{
    if (soft_fault(hides_alarm)) {
        qvirtio_features_clear(&s->offered, VIRTIO_RTC_F_ALARM);
    }
}

static void reset(SoftDevice *s)
{
    (void)s;
    lives++;
    asked = 0;
    soft_clock_reset();
    soft_alarm_reset();
}

static uint8_t smearing(const SoftClock *c)
{
    bool is_smeared = c->type == VIRTIO_RTC_CLOCK_UTC_SMEARED;
    if (is_smeared && soft_fault(smears_by_no_variant)) {
        return 0x33;
    }
    if (is_smeared && soft_fault(capabilities_change_with_reset)) {
        return lives % 2;
    }
    return soft_fault(every_clock_smears) ? VIRTIO_RTC_SMEAR_UTC_SLS : c->smearing;
}

/* 5.23.6.2: a device sets no flag that is "not allowed according to the negotiated
 * features". */
static uint8_t clock_cap(SoftDevice *s, uint16_t id, SoftRtcAnswer *a)
{
    const SoftClock *c = soft_clock(id);
    bool is_on = soft_negotiated(s, VIRTIO_RTC_F_ALARM) ||
                 soft_fault(flags_beyond_the_features) || soft_fault(hides_alarm);
    bool is_told = is_on && c->has_alarm && !soft_fault(no_clock_has_an_alarm) &&
                   !(soft_fault(hides_an_alarm) && id == 0);
    a->clock_cap.type = soft_fault(capabilities_change) && asked++ % 2 ? 0xf0 : c->type;
    a->clock_cap.leap_second_smearing = smearing(c);
    a->clock_cap.flags = is_told ? VIRTIO_RTC_FLAG_ALARM_CAP : 0;
    return VIRTIO_RTC_S_OK;
}

static uint8_t cross_cap(const SoftRtcRequest *ask, SoftRtcAnswer *a)
{
    SoftRtcAnswer probe;
    uint8_t status = soft_clock_cross(ask->clock, ask->byte, &probe);
    if (ask->byte > VIRTIO_RTC_COUNTER_X86_TSC) {
        return status;
    }
    a->cross_cap.flags = status == VIRTIO_RTC_S_OK || soft_fault(cross_is_promised)
                             ? VIRTIO_RTC_FLAG_CROSS_CAP
                             : 0;
    return VIRTIO_RTC_S_OK;
}

static uint8_t read_clock(uint16_t id, SoftRtcAnswer *a)
{
    uint8_t status = soft_clock_answer(id, a);
    if (soft_fault(reserved_bytes_are_ones)) {
        a->head.reserved[3] = 0xff;
    }
    return soft_fault(success_is_1) ? 1 : status;
}

static uint8_t no_clock(const SoftRtcRequest *ask)
{
    if (ask->type == VIRTIO_RTC_REQ_READ && soft_fault(unknown_clock_is_read)) {
        return VIRTIO_RTC_S_OK;
    }
    return soft_fault(unknown_clock_is_invalid) ? VIRTIO_RTC_S_EINVAL
                                                : VIRTIO_RTC_S_ENODEV;
}

static uint8_t answer(SoftDevice *s, const SoftRtcRequest *ask, SoftRtcAnswer *a)
{
    if (ask->type == VIRTIO_RTC_REQ_CFG) {
        a->cfg.num_clocks = le16_of(soft_clock_count());
        return VIRTIO_RTC_S_OK;
    }
    if (!soft_clock(ask->clock)) {
        return no_clock(ask);
    }
    switch (ask->type) {
    case VIRTIO_RTC_REQ_READ:
        return read_clock(ask->clock, a);
    case VIRTIO_RTC_REQ_READ_CROSS:
        return soft_clock_cross(ask->clock, ask->byte, a);
    case VIRTIO_RTC_REQ_CLOCK_CAP:
        return clock_cap(s, ask->clock, a);
    case VIRTIO_RTC_REQ_CROSS_CAP:
        return cross_cap(ask, a);
    default:
        return soft_alarm_answer(s, ask, a);
    }
}

static bool is_known(uint16_t type)
{
    return type == VIRTIO_RTC_REQ_READ || type == VIRTIO_RTC_REQ_READ_CROSS ||
           (type >= VIRTIO_RTC_REQ_CFG && type <= VIRTIO_RTC_REQ_SET_ALARM_ENABLED);
}

/* 5.23.6.2: checks the lengths first, then reads and answers the request. */
static uint8_t take(SoftDevice *s, const QVirtQueueElement *e, SoftRtcAnswer *a)
{
    struct virtio_rtc_req_set_alarm set = {0};
    qvirtqueue_element_read(e, 0, &set, sizeof(set));
    SoftRtcRequest ask = {.type = le16_get(set.head.msg_type)};
    uint32_t out = virtio_rtc_req_bytes(ask.type), in = virtio_rtc_resp_bytes(ask.type);
    if (e->out_bytes < sizeof(set.head) || (is_known(ask.type) && e->out_bytes < out)) {
        return soft_fault(short_request_is_an_error) ? VIRTIO_RTC_S_EIO
                                                     : VIRTIO_RTC_S_EINVAL;
    }
    if (!is_known(ask.type)) {
        return soft_fault(unknown_type_is_invalid) ? VIRTIO_RTC_S_EINVAL
                                                   : VIRTIO_RTC_S_EOPNOTSUPP;
    }
    if (e->in_bytes < in) {
        return soft_fault(short_response_is_an_error) ? VIRTIO_RTC_S_EIO
                                                      : VIRTIO_RTC_S_EINVAL;
    }
    if ((e->out_bytes > out && soft_fault(refuses_a_long_request)) ||
        (e->in_bytes > in && soft_fault(refuses_a_long_response))) {
        return VIRTIO_RTC_S_EINVAL;
    }
    if (ask.type != VIRTIO_RTC_REQ_SET_ALARM) {
        memcpy(&set.clock_id, &set.alarm_time, sizeof(set.alarm_time));
    }
    ask.clock = le16_get(set.clock_id);
    ask.byte = set.flags;
    ask.time = le64_get(set.alarm_time);
    return answer(s, &ask, a);
}

static uint32_t serve(SoftDevice *s, const QVirtQueueElement *e)
{
    SoftRtcAnswer a = {0};
    le16 type = {0};
    a.head.status = take(s, e, &a);
    qvirtqueue_element_read(e, 0, &type, sizeof(type));
    uint32_t in = a.head.status == VIRTIO_RTC_S_OK ? virtio_rtc_resp_bytes(le16_get(type))
                                                   : sizeof(a.head);
    if (e->in_bytes == 0 && soft_fault(status_goes_where_none_fits)) {
        e->sg[0].base[0] ^= 0xff;
    }
    uint32_t len = qvirtqueue_element_write(e, 0, &a, in);
    if (soft_fault(fills_a_long_response) && e->in_bytes > in) {
        qvirtqueue_element_write(e, in, &(uint8_t){0}, 1);
    }
    return len;
}

/* Used by the fault reads_are_used_out_of_order: of two requests the second one is used
 * first. */
static void swap_two(SoftDevice *s, const QVirtQueueElement *e, uint32_t len)
{
    static QVirtQueueElement first;
    first = *e;
    e = soft_pop(s, VIRTIO_RTC_REQUESTQ);
    if (e) {
        soft_push(s, VIRTIO_RTC_REQUESTQ, e, serve(s, e));
    }
    soft_push(s, VIRTIO_RTC_REQUESTQ, &first, len);
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while (queue == VIRTIO_RTC_REQUESTQ && (e = soft_pop(s, queue)) != NULL) {
        uint32_t len = serve(s, e);
        if (soft_fault(reads_are_used_out_of_order)) {
            swap_two(s, e, len);
        } else {
            soft_push(s, queue, e, len);
        }
    }
    soft_alarm_run(s);
}

/* Tells the hand the correct time: "time utc" or "time tai". */
static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    (void)s;
    if (strcmp(action, "time") == 0) {
        bool is_tai = strcmp(args, "tai") == 0;
        ksnprintf(value, bytes, "%llu", (unsigned long long)soft_host_seconds(is_tai));
        return true;
    }
    return strcmp(action, "restore") == 0;
}

SOFT_MODEL(soft_rtc, .device_id = VIRTIO_ID_RTC, .count = 1, .queues = 2,
           .features = FEATURES(VIRTIO_RTC_F_ALARM), .init = init, .reset = reset,
           .run = run, .act = act);
