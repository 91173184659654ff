/* SPDX-License-Identifier: MIT */
/* Requests that are none, too short or too long (5.23.6.2). */
#include "tests/rtc/rtc_lib.h"

/* A request about clock 0 with room as given: its status. */
static bool expect_status(Test *t, QVirtioDevice *dev, const char *clause,
                          const RtcAsk *ask, uint32_t out, uint32_t in, uint8_t status)
{
    RtcAnswer a;
    return require_ok(t, rtc_ask_sized(dev, ask, out, in, &a, NULL)) &&
           expect_eq(t, clause, a.head.status, status);
}

static const RtcAsk cfg = {.type = VIRTIO_RTC_REQ_CFG};

VIRTIO_TEST(unknown_message_is_not_supported, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL,
            .violates = "5.23.6")
{
    static const uint16_t types[] = {0, 3, 0xfff, 0x1006, 0x2000, 0xffff};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const RtcAsk ask = {.type = types[i]};
        if (!rtc_fails(t, dev, "dev:5.23.6.2-4", &ask, VIRTIO_RTC_S_EOPNOTSUPP)) {
            return;
        }
    }
}

VIRTIO_TEST(request_in_too_small_a_buffer_is_invalid, .device = VIRTIO_ID_RTC,
            .violates = "5.23.6")
{
    const RtcAsk read = {.type = VIRTIO_RTC_REQ_READ};
    expect_status(t, dev, "dev:5.23.6.2-8", &read, 12, 16, VIRTIO_RTC_S_EINVAL);
    expect_status(t, dev, "dev:5.23.6.2-8", &cfg, 7, 16, VIRTIO_RTC_S_EINVAL);
}

VIRTIO_TEST(response_in_too_small_a_buffer_is_invalid, .device = VIRTIO_ID_RTC,
            .violates = "5.23.6.1")
{
    expect_status(t, dev, "dev:5.23.6.2-9", &cfg, 8, 15, VIRTIO_RTC_S_EINVAL);
    expect_status(t, dev, "dev:5.23.6.2-9", &cfg, 8, 1, VIRTIO_RTC_S_EINVAL);
}

/* "the device MUST NOT set the status field if the status field does not fit". */
VIRTIO_TEST(status_without_room_is_written_nowhere, .device = VIRTIO_ID_RTC,
            .violates = "5.23.6.1")
{
    uint8_t before[24];
    uint8_t *at = arena_lend(sizeof(before), 8);
    if (!require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    rtc_request(&cfg, at);
    memcpy(before, at, sizeof(before));
    QVirtioSg sg = {arena_map(at, 8), 8};
    require_ok(t, qvirtqueue_add(dev->vq[VIRTIO_RTC_REQUESTQ], &sg, 1, 0, at));
    qvirtqueue_kick(dev->vq[VIRTIO_RTC_REQUESTQ]);
    expect_survives(t, dev);
    expect_same(t, "dev:5.23.6.2-10", at, before, sizeof(before));
}

/* "If the device read-only buffer is bigger ... the device MUST ignore the additional
 * space." */
VIRTIO_TEST(more_room_for_the_request_is_ignored, .device = VIRTIO_ID_RTC,
            .rings = RINGS_ALL)
{
    expect_status(t, dev, "dev:5.23.6.2-12", &cfg, 64, 16, VIRTIO_RTC_S_OK);
}

VIRTIO_TEST(more_room_for_the_response_is_ignored, .device = VIRTIO_ID_RTC,
            .rings = RINGS_ALL)
{
    RtcAnswer a;
    uint32_t used = 0;
    const uint8_t *tail = (const uint8_t *)&a + sizeof(struct virtio_rtc_resp_cfg);
    if (require_ok(t, rtc_ask_sized(dev, &cfg, 8, 64, &a, &used)) &&
        expect_eq(t, "dev:5.23.6.2-13", a.head.status, VIRTIO_RTC_S_OK)) {
        expect_used_len(t, used, sizeof(struct virtio_rtc_resp_cfg));
        expect_eq(t, "dev:5.23.6.2-13", *tail, RTC_UNANSWERED);
    }
}
