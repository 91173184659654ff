/* SPDX-License-Identifier: MIT */
/*
 * Alarms of the software RTC device (5.23.6.6). A reset forgets them. When the time of an
 * alarm has come, it is reported once, as soon as the driver has a buffer for it.
 */
#include "drivers/virtio/soft/rtc/rtc.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"

SOFT_FAULT(alarm_rings_early, "dev:5.23.6.5.2-13", "notifies before the alarm time");
SOFT_FAULT(alarm_time_outlives_reset, "dev:5.23.6.6.1-2",
           "keeps an alarm's time over a reset, and not that it was enabled");
SOFT_FAULT(alarm_is_enabled_after_reset, "dev:5.23.6.6.1-3",
           "keeps an alarm enabled over a reset, and not its time");
SOFT_FAULT(no_alarm_at_its_time, "dev:5.23.6.6.1-7",
           "does not notice when an alarm's time comes");
SOFT_FAULT(passed_alarm_set_is_silent, "dev:5.23.6.6.1-8",
           "expires no alarm that is set to a time that has passed");
SOFT_FAULT(passed_alarm_enabled_is_silent, "dev:5.23.6.6.1-9",
           "expires no alarm that is enabled after its time");
SOFT_FAULT(alarm_rings_twice, "dev:5.23.6.6.1-12", "notifies twice of one expiration");
SOFT_FAULT(disabled_alarm_rings, "dev:5.23.6.6.1-16",
           "notifies of an alarm that was disabled meanwhile");
SOFT_FAULT(alarms_without_the_feature, "dev:5.23.6.6.1-5",
           "serves alarm requests without ALARM");
SOFT_FAULT(no_alarm_is_invalid, "dev:5.23.6.6.2.2-1", "has EINVAL without ALARM");
SOFT_FAULT(alarm_of_another_clock_is_invalid, "dev:5.23.6.6.2.2-2",
           "has EINVAL for a clock without alarm");
SOFT_FAULT(alarm_time_is_read_wrong, "dev:5.23.6.6.2.2-3",
           "reads an alarm in microseconds");
SOFT_FAULT(alarm_enabled_is_read_wrong, "dev:5.23.6.6.2.2-4",
           "never shows that an alarm is enabled");
SOFT_FAULT(refuses_alarm_far_ahead, "dev:5.23.6.6.2.2-6",
           "refuses an alarm in a far century");
SOFT_FAULT(alarm_keeps_its_first_time, "dev:5.23.6.6.2.2-7",
           "sets an alarm's time once only");
SOFT_FAULT(set_alarm_enables_nothing, "dev:5.23.6.6.2.2-8",
           "does not enable an alarm that is set");
SOFT_FAULT(set_alarm_disables_nothing, "dev:5.23.6.6.2.2-9",
           "leaves an alarm enabled that is set to be disabled");
SOFT_FAULT(alarm_is_never_enabled, "dev:5.23.6.6.2.2-10", "ignores that it is enabled");
SOFT_FAULT(alarm_is_never_disabled, "dev:5.23.6.6.2.2-11", "ignores that it is disabled");
SOFT_FAULT(enabling_forgets_the_time, "dev:5.23.6.6.2.2-12",
           "clears an alarm's time when it is enabled");
SOFT_FAULT(alarm_of_a_clock_without, "dev:5.23.6.6.3.2-1",
           "names another clock when an alarm expires");
SOFT_FAULT(odd_alarm_flags_are_taken, "dev:5.23.6.2-7",
           "takes flags that nobody has defined");

typedef struct Alarm {
    uint64_t time;
    bool is_enabled;
    /* Its time has not come yet. */
    bool is_ahead;
    /* How many notifications have to be sent. */
    uint8_t notices;
} Alarm;

static Alarm alarms[SOFT_CLOCKS];

void soft_alarm_reset(void)
{
    for (unsigned i = 0; i < SOFT_CLOCKS; i++) {
        Alarm old = alarms[i];
        alarms[i] = (Alarm){
            .time = soft_fault(alarm_time_outlives_reset) ? old.time : 0,
            .is_enabled = soft_fault(alarm_is_enabled_after_reset) && old.is_enabled,
        };
    }
}

static void expire(Alarm *a)
{
    a->is_ahead = false;
    a->notices = soft_fault(alarm_rings_twice) ? 2 : 1;
}

/* Called when the time of an alarm was set, or the alarm was enabled or disabled. An
 * alarm whose time has passed expires at once. */
static void set(uint16_t clock, bool is_enabled, bool is_silent)
{
    Alarm *a = &alarms[clock];
    a->is_enabled = is_enabled;
    a->is_ahead = soft_clock_read(clock) < a->time;
    if (!is_enabled && !soft_fault(disabled_alarm_rings)) {
        a->notices = 0;
    }
    if (is_enabled && !a->is_ahead && !is_silent) {
        expire(a);
    }
}

static uint8_t set_alarm(const SoftRtcRequest *ask)
{
    Alarm *a = &alarms[ask->clock];
    bool on = ask->byte & VIRTIO_RTC_FLAG_ALARM_ENABLED;
    if (soft_fault(refuses_alarm_far_ahead) && ask->time > UINT64_MAX / 2) {
        return VIRTIO_RTC_S_EINVAL;
    }
    if (!soft_fault(alarm_keeps_its_first_time) || a->time == 0) {
        a->time = ask->time;
    }
    on = (on && !soft_fault(set_alarm_enables_nothing)) ||
         (a->is_enabled && soft_fault(set_alarm_disables_nothing));
    set(ask->clock, on, soft_fault(passed_alarm_set_is_silent));
    return VIRTIO_RTC_S_OK;
}

static uint8_t enable_alarm(const SoftRtcRequest *ask)
{
    bool on = ask->byte & VIRTIO_RTC_FLAG_ALARM_ENABLED;
    if (on ? soft_fault(alarm_is_never_enabled) : soft_fault(alarm_is_never_disabled)) {
        return VIRTIO_RTC_S_OK;
    }
    if (soft_fault(enabling_forgets_the_time)) {
        alarms[ask->clock].time = 0;
    }
    set(ask->clock, on, soft_fault(passed_alarm_enabled_is_silent));
    return VIRTIO_RTC_S_OK;
}

static uint8_t read_alarm(uint16_t clock, SoftRtcAnswer *answer)
{
    const Alarm *a = &alarms[clock];
    uint64_t time = soft_fault(alarm_time_is_read_wrong) ? a->time / 1000 : a->time;
    answer->read_alarm.alarm_time = le64_of(time);
    answer->read_alarm.flags = a->is_enabled && !soft_fault(alarm_enabled_is_read_wrong)
                                   ? VIRTIO_RTC_FLAG_ALARM_ENABLED
                                   : 0;
    return VIRTIO_RTC_S_OK;
}

uint8_t soft_alarm_answer(SoftDevice *s, const SoftRtcRequest *ask, SoftRtcAnswer *a)
{
    bool is_on = soft_negotiated(s, VIRTIO_RTC_F_ALARM);
    if (!is_on && !soft_fault(alarms_without_the_feature)) {
        return soft_fault(no_alarm_is_invalid) ? VIRTIO_RTC_S_EINVAL
                                               : VIRTIO_RTC_S_ENODEV;
    }
    if (!soft_clock(ask->clock)->has_alarm) {
        return soft_fault(alarm_of_another_clock_is_invalid) ? VIRTIO_RTC_S_EINVAL
                                                             : VIRTIO_RTC_S_ENODEV;
    }
    if (ask->type == VIRTIO_RTC_REQ_READ_ALARM) {
        return read_alarm(ask->clock, a);
    }
    if (ask->byte & ~VIRTIO_RTC_FLAG_ALARM_ENABLED &&
        !soft_fault(odd_alarm_flags_are_taken)) {
        return VIRTIO_RTC_S_EINVAL;
    }
    return ask->type == VIRTIO_RTC_REQ_SET_ALARM ? set_alarm(ask) : enable_alarm(ask);
}

static void notify(SoftDevice *s, uint16_t clock)
{
    const struct virtio_rtc_notif_alarm notice = {
        .msg_type = le16_of(VIRTIO_RTC_NOTIF_ALARM),
        .clock_id = le16_of(soft_fault(alarm_of_a_clock_without) ? 1 : clock)};
    const QVirtQueueElement *e;
    while (alarms[clock].notices && (e = soft_pop(s, VIRTIO_RTC_ALARMQ)) != NULL) {
        alarms[clock].notices--;
        soft_push(s, VIRTIO_RTC_ALARMQ, e,
                  qvirtqueue_element_write(e, 0, &notice, sizeof(notice)));
    }
}

void soft_alarm_run(SoftDevice *s)
{
    const uint64_t early = soft_fault(alarm_rings_early) ? NS_PER_S : 0;
    if (!s->queue[VIRTIO_RTC_ALARMQ].is_enabled) {
        return;
    }
    for (uint16_t i = 0; i < SOFT_CLOCKS; i++) {
        Alarm *a = &alarms[i];
        if (a->is_enabled && a->is_ahead && !soft_fault(no_alarm_at_its_time) &&
            soft_clock_read(i) + early >= a->time) {
            expire(a);
        }
        notify(s, i);
        if (a->is_enabled && a->is_ahead) {
            soft_run_later(s, VIRTIO_RTC_ALARMQ);
        }
    }
}
