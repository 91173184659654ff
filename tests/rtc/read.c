/* SPDX-License-Identifier: MIT */
/* Readings (5.23.6.5): that there are some, in nanoseconds, in the order of requests. */
#include "tests/rtc/rtc_lib.h"

#define PAUSE_NS (2 * NS_PER_MS)

VIRTIO_TEST(every_clock_is_read, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL)
{
    uint16_t count = 0;
    RtcAnswer a;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < count; i++) {
        const RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ, .clock = i};
        if (!require_ok(t, rtc_ask(dev, &ask, &a)) ||
            !expect_eq(t, "dev:5.23.6.5.2-5", a.head.status, VIRTIO_RTC_S_OK)) {
            return;
        }
    }
}

/* "After DRIVER_OK has been set, the device SHOULD continuously support reading of all
 * clocks." */
VIRTIO_TEST(clocks_are_read_again_and_again, .device = VIRTIO_ID_RTC)
{
    uint16_t count = 0;
    RtcAnswer a;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < 16 * count; i++) {
        const RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ, .clock = i % count};
        if (!require_ok(t, rtc_ask(dev, &ask, &a)) ||
            !expect_eq(t, "dev:5.23.6.5.2-1", a.head.status, VIRTIO_RTC_S_OK)) {
            return;
        }
    }
}

VIRTIO_TEST(monotonic_clock_never_goes_back, .device = VIRTIO_ID_RTC)
{
    uint16_t clock;
    uint64_t last = 0, now;
    if (!rtc_find(t, dev, VIRTIO_RTC_CLOCK_MONOTONIC, &clock)) {
        return;
    }
    for (unsigned i = 0; i < 16 && rtc_reads(t, dev, clock, &now); i++) {
        if (!expect_ge(t, "dev:5.23.6.5.2-4", now, last)) {
            return;
        }
        last = now;
    }
}

/* Two readings around a pause that is measured here: the second was taken after it, and
 * counts nanoseconds. Both clocks may be off by half. */
VIRTIO_TEST(readings_count_nanoseconds, .device = VIRTIO_ID_RTC)
{
    uint16_t clock;
    uint64_t first, second;
    if (!rtc_find(t, dev, VIRTIO_RTC_CLOCK_MONOTONIC, &clock)) {
        return;
    }
    uint64_t outer = clock_ns();
    if (!rtc_reads(t, dev, clock, &first)) {
        return;
    }
    uint64_t inner = clock_ns();
    rtc_pass(dev, PAUSE_NS);
    inner = clock_ns() - inner;
    if (rtc_reads(t, dev, clock, &second)) {
        outer = clock_ns() - outer;
        expect_ge(t, "dev:5.23.6.5.2-7", second - first, inner / 2);
        expect_le(t, "dev:5.23.6.5.2-6", second - first, outer * 2);
    }
}

/* "an epoch at a time instant before or during device reset": so it shows at least the
 * time since. */
VIRTIO_TEST(monotonic_clock_began_before_reset, .device = VIRTIO_ID_RTC)
{
    uint16_t clock;
    uint64_t now, since = clock_ns();
    if (rtc_find(t, dev, VIRTIO_RTC_CLOCK_MONOTONIC, &clock)) {
        rtc_pass(dev, PAUSE_NS);
        since = clock_ns() - since;
        if (rtc_reads(t, dev, clock, &now)) {
            expect_ge(t, "dev:5.23.6.4.2-20", now, since / 2);
        }
    }
}

enum { READS = 4 };

/* Several reads of one clock at once: used in their order, and read in it, which only a
 * clock shows that never goes back. */
VIRTIO_TEST(reads_in_flight_keep_their_order, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL)
{
    struct virtio_rtc_resp_read *a = arena_lend(READS * sizeof(*a), 8);
    uint8_t *request = arena_lend(sizeof(struct virtio_rtc_req_set_alarm), 8);
    RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ};
    QVirtQueue *vq = dev->vq[VIRTIO_RTC_REQUESTQ];
    uint16_t count = 0;
    uint64_t last = 0;
    if (!require_that(t, a && request, "memory", "none")) {
        return;
    }
    if (!rtc_count(t, dev, &count)) {
        return;
    }
    if (count == 0) {
        test_skip(t, "the device has no clock");
        return;
    }
    bool rises = rtc_has(t, dev, VIRTIO_RTC_CLOCK_MONOTONIC, &ask.clock);
    if (t->has_failed) {
        return;
    }
    ask.clock = rises ? ask.clock : 0;
    rtc_request(&ask, request);
    for (unsigned i = 0; i < READS; i++) {
        QVirtioSg sg[] = {{arena_map(request, 16), 16},
                          {arena_map(&a[i], sizeof(a[i])), sizeof(a[i])}};
        require_ok(t, qvirtqueue_add(vq, sg, 1, 1, &a[i]));
    }
    qvirtqueue_kick(vq);
    for (unsigned i = 0; i < READS && !t->has_failed; i++) {
        QVirtioUsed used;
        if (require_ok(t, qvirtqueue_wait(vq, &used)) &&
            expect_that(t, "dev:5.23.6.5.2-3", used.token == &a[i],
                        "reads used in their order", "another one for %u", i)) {
            require_eq(t, a[i].head.status, VIRTIO_RTC_S_OK);
            uint64_t now = le64_get(a[i].clock_reading);
            if (rises) {
                expect_ge(t, "dev:5.23.6.5.2-2a", now, last);
            }
            last = now;
        }
    }
}
