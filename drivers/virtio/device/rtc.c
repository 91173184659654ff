/* SPDX-License-Identifier: MIT */
/*
 * The driver of RTC devices (5.23): requests, and the ping. The ping asks how many clocks
 * there are (CFG). It must succeed, and its reserved bytes must be zero.
 */
#include "drivers/virtio/device/rtc.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"

/* The most bytes that tests of bad lengths send. */
#define REQUEST_MOST 64

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_RTC_F_ALARM, .name = "ALARM"},
    {.name = NULL},
};

void rtc_request(const RtcAsk *ask, void *to)
{
    struct virtio_rtc_req_set_alarm set = {
        .head = {.msg_type = le16_of(ask->type)},
        .alarm_time = le64_of(ask->time),
        .clock_id = le16_of(ask->clock),
        .flags = ask->byte,
    };
    if (ask->type != VIRTIO_RTC_REQ_SET_ALARM) {
        memmove(&set.alarm_time, &set.clock_id, sizeof(set.alarm_time));
    }
    memcpy(to, &set, sizeof(set));
}

int rtc_ask_sized(QVirtioDevice *d, const RtcAsk *ask, uint32_t out, uint32_t in,
                  RtcAnswer *answer, uint32_t *used)
{
    uint8_t *readable = arena_lend(REQUEST_MOST, 8);
    uint8_t *writable = arena_lend(REQUEST_MOST, 8);
    if (!readable || !writable) {
        return -QVIRTIO_NO_MEMORY;
    }
    rtc_request(ask, readable);
    memset(writable, RTC_UNANSWERED, REQUEST_MOST);
    QVirtioSg sg[] = {{arena_map(readable, out), out}, {arena_map(writable, in), in}};
    int err = qvirtqueue_submit(d->vq[VIRTIO_RTC_REQUESTQ], sg, 1, in > 0, used);
    memcpy(answer, writable, sizeof(*answer));
    return err;
}

int rtc_ask(QVirtioDevice *d, const RtcAsk *ask, RtcAnswer *answer)
{
    return rtc_ask_sized(d, ask, virtio_rtc_req_bytes(ask->type),
                         virtio_rtc_resp_bytes(ask->type), answer, NULL);
}

int rtc_stock(QVirtioDevice *d, unsigned count)
{
    QVirtQueue *vq = d->vq[VIRTIO_RTC_ALARMQ];
    int err = 0;
    for (unsigned i = 0; i < count && !err; i++) {
        RtcNotice *n = arena_lend(sizeof(*n), 8);
        if (!n) {
            return -QVIRTIO_NO_MEMORY;
        }
        QVirtioSg sg = {arena_map(n, sizeof(*n)), sizeof(*n)};
        err = qvirtqueue_add(vq, &sg, 0, 1, n);
    }
    qvirtqueue_kick(vq);
    return err;
}

bool rtc_counter(uint8_t *id, uint64_t *cycles)
{
    bool is_tsc = arch_cycle_counter(cycles) == ARCH_COUNTER_X86_TSC;
    *id = is_tsc ? VIRTIO_RTC_COUNTER_X86_TSC : VIRTIO_RTC_COUNTER_INVALID;
    return is_tsc;
}

/* 5.23.2: "The alarmq exists only if VIRTIO_RTC_F_ALARM has been negotiated." */
static uint16_t queue_count(QVirtioDevice *d)
{
    return qvirtio_negotiated(d, VIRTIO_RTC_F_ALARM) ? 2 : 1;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_CFG};
    RtcAnswer *answer = arena_lend(sizeof(*answer), 8);
    void *request = arena_lend(sizeof(struct virtio_rtc_req_set_alarm), 8);
    if (!answer || !request) {
        return -QVIRTIO_NO_MEMORY;
    }
    rtc_request(&ask, request);
    memset(answer, RTC_UNANSWERED, sizeof(*answer));
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_RTC_REQUESTQ],
        .number = number,
        .out = request,
        .out_bytes = virtio_rtc_req_bytes(ask.type),
        .in = answer,
        .in_bytes = sizeof(struct virtio_rtc_resp_cfg),
        .used_min = sizeof(struct virtio_rtc_resp_cfg),
        .used_max = sizeof(struct virtio_rtc_resp_cfg),
    };
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    static const uint8_t zeroes[6];
    const struct virtio_rtc_resp_cfg *cfg = ping->in;
    (void)used_len;
    return cfg->head.status != VIRTIO_RTC_S_OK ? "CFG does not succeed"
           : memcmp(cfg->reserved, zeroes, sizeof(zeroes)) != 0
               ? "reserved bytes are not zero"
               : NULL;
}

QVIRTIO_DRIVER(driver_rtc, .device_id = VIRTIO_ID_RTC, .name = "rtc",
               .features = features, .fields = (const QVirtioField[]){{.name = NULL}},
               .ping_queue = VIRTIO_RTC_REQUESTQ, .queue_count = queue_count,
               .ping_make = ping_make, .ping_check = ping_check);
