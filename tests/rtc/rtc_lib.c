/* SPDX-License-Identifier: MIT */
/* Questions to an RTC device (5.23.6.2): see rtc_lib.h. */
#include "tests/rtc/rtc_lib.h"

/* "The device MUST set reserved fields in a device-writable buffer to zero." */
static bool expect_reserved(Test *t, uint16_t type, const RtcAnswer *a)
{
    static const uint8_t zeroes[8];
    const uint8_t *bytes = (const uint8_t *)a;
    uint32_t end = virtio_rtc_resp_bytes(type), from = end;
    switch (type) {
    case VIRTIO_RTC_REQ_CFG:
        from = offsetof(struct virtio_rtc_resp_cfg, reserved);
        break;
    case VIRTIO_RTC_REQ_CLOCK_CAP:
        from = offsetof(struct virtio_rtc_resp_clock_cap, reserved);
        break;
    case VIRTIO_RTC_REQ_CROSS_CAP:
        from = offsetof(struct virtio_rtc_resp_cross_cap, reserved);
        break;
    case VIRTIO_RTC_REQ_READ_ALARM:
        from = offsetof(struct virtio_rtc_resp_read_alarm, reserved);
        break;
    default:
        break;
    }
    bool is_zero = memcmp(a->head.reserved, zeroes, sizeof(a->head.reserved)) == 0 &&
                   memcmp(bytes + from, zeroes, end - from) == 0;
    return expect_that(t, "dev:5.23.6.2-14", is_zero, "zeroes where it is reserved",
                       "other bytes in the answer to 0x%04x", type);
}

bool rtc_gets(Test *t, QVirtioDevice *dev, const RtcAsk *ask, RtcAnswer *answer)
{
    return require_ok(t, rtc_ask(dev, ask, answer)) &&
           expect_eq(t, "dev:5.23.6.2-1", answer->head.status, VIRTIO_RTC_S_OK) &&
           expect_reserved(t, ask->type, answer);
}

bool rtc_fails(Test *t, QVirtioDevice *dev, const char *clause, const RtcAsk *ask,
               uint8_t status)
{
    RtcAnswer answer;
    return require_ok(t, rtc_ask(dev, ask, &answer)) &&
           expect_ne(t, "dev:5.23.6.2-2", answer.head.status, VIRTIO_RTC_S_OK) &&
           expect_eq(t, clause, answer.head.status, status);
}

bool rtc_count(Test *t, QVirtioDevice *dev, uint16_t *count)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_CFG};
    RtcAnswer answer;
    if (!rtc_gets(t, dev, &ask, &answer)) {
        return false;
    }
    uint16_t all = le16_get(answer.cfg.num_clocks);
    *count = all < RTC_CLOCKS_MOST ? all : RTC_CLOCKS_MOST;
    return true;
}

bool rtc_cap(Test *t, QVirtioDevice *dev, uint16_t clock,
             struct virtio_rtc_resp_clock_cap *cap)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_CLOCK_CAP, .clock = clock};
    RtcAnswer answer = {0};
    bool is_fine = rtc_gets(t, dev, &ask, &answer);
    *cap = answer.clock_cap;
    return is_fine;
}

bool rtc_has(Test *t, QVirtioDevice *dev, uint8_t type, uint16_t *clock)
{
    uint16_t count = 0;
    struct virtio_rtc_resp_clock_cap cap;
    rtc_count(t, dev, &count);
    for (*clock = 0; *clock < count && rtc_cap(t, dev, *clock, &cap); ++*clock) {
        if (cap.type == type) {
            return true;
        }
    }
    return false;
}

bool rtc_find(Test *t, QVirtioDevice *dev, uint8_t type, uint16_t *clock)
{
    bool has = rtc_has(t, dev, type, clock);
    if (!has && !t->has_failed) {
        test_skip(t, "the device has no clock of type %u", type);
    }
    return has;
}

bool rtc_find_alarm(Test *t, QVirtioDevice *dev, uint16_t *clock)
{
    uint16_t count = 0;
    struct virtio_rtc_resp_clock_cap cap;
    if (!rtc_count(t, dev, &count)) {
        return false;
    }
    for (*clock = 0; *clock < count; ++*clock) {
        if (!rtc_cap(t, dev, *clock, &cap)) {
            return false;
        }
        if (cap.flags & VIRTIO_RTC_FLAG_ALARM_CAP) {
            return true;
        }
    }
    return expect_that(t, "dev:5.23.6.6.1-4", false, "a clock with an alarm",
                       "none among %u, and ALARM is negotiated", count);
}

bool rtc_reads(Test *t, QVirtioDevice *dev, uint16_t clock, uint64_t *reading)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ, .clock = clock};
    RtcAnswer answer = {0};
    bool is_fine = rtc_gets(t, dev, &ask, &answer);
    *reading = le64_get(answer.read.clock_reading);
    return is_fine;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void rtc_pass(QVirtioDevice *dev, uint64_t ns)
{
    qvirtio_wait(dev, "time that passes", never, NULL, ns);
    wait_forget();
}
