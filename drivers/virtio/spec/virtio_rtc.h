/* SPDX-License-Identifier: MIT */
/*
 * RTC devices on the wire (5.23): requests, responses and notifications. There is no
 * config space and no legacy interface. Requests about one clock have the same layout,
 * except for SET_ALARM. One byte of this layout is the hardware counter or the flags.
 */
#ifndef VIRTIO_RTC_H
#define VIRTIO_RTC_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 5.23.2 Virtqueues */
#define VIRTIO_RTC_REQUESTQ 0
#define VIRTIO_RTC_ALARMQ   1

/* 5.23.3 Feature bits */
#define VIRTIO_RTC_F_ALARM 0

/* 5.23.6 Device Operation */
struct virtio_rtc_req_head {
    le16 msg_type;
    uint8_t reserved[6];
};

struct virtio_rtc_resp_head {
    uint8_t status;
    uint8_t reserved[7];
};
_Static_assert(sizeof(struct virtio_rtc_resp_head) == 8, "5.23.6");

#define VIRTIO_RTC_S_OK         0
#define VIRTIO_RTC_S_EOPNOTSUPP 2
#define VIRTIO_RTC_S_ENODEV     3
#define VIRTIO_RTC_S_EINVAL     4
#define VIRTIO_RTC_S_EIO        5

#define VIRTIO_RTC_REQ_READ              0x0001
#define VIRTIO_RTC_REQ_READ_CROSS        0x0002
#define VIRTIO_RTC_REQ_CFG               0x1000
#define VIRTIO_RTC_REQ_CLOCK_CAP         0x1001
#define VIRTIO_RTC_REQ_CROSS_CAP         0x1002
#define VIRTIO_RTC_REQ_READ_ALARM        0x1003
#define VIRTIO_RTC_REQ_SET_ALARM         0x1004
#define VIRTIO_RTC_REQ_SET_ALARM_ENABLED 0x1005
#define VIRTIO_RTC_NOTIF_ALARM           0x2000

/* 5.23.6.1 Common Definitions */
#define VIRTIO_RTC_CLOCK_UTC               0
#define VIRTIO_RTC_CLOCK_TAI               1
#define VIRTIO_RTC_CLOCK_MONOTONIC         2
#define VIRTIO_RTC_CLOCK_UTC_SMEARED       3
#define VIRTIO_RTC_CLOCK_UTC_MAYBE_SMEARED 4

#define VIRTIO_RTC_SMEAR_UNSPECIFIED 0
#define VIRTIO_RTC_SMEAR_NOON_LINEAR 1
#define VIRTIO_RTC_SMEAR_UTC_SLS     2
#define VIRTIO_RTC_SMEAR_OWN         0xf0 /* from here on an implementation's own */

#define VIRTIO_RTC_COUNTER_ARM_VCT 0
#define VIRTIO_RTC_COUNTER_X86_TSC 1
#define VIRTIO_RTC_COUNTER_INVALID 0xff

/* 5.23.6.4 Control Requests, 5.23.6.5 Read Requests, 5.23.6.6 Alarm Operation. The
 * request CFG is the head alone. */
struct virtio_rtc_req_clock {
    struct virtio_rtc_req_head head;
    le16 clock_id;
    /* The hardware counter of CROSS_CAP and READ_CROSS; the flags of SET_ALARM_ENABLED.
     */
    uint8_t hw_counter;
    uint8_t reserved[5];
};
_Static_assert(sizeof(struct virtio_rtc_req_clock) == 16, "5.23.6.4");

struct virtio_rtc_req_set_alarm {
    struct virtio_rtc_req_head head;
    le64 alarm_time;
    le16 clock_id;
    uint8_t flags;
    uint8_t reserved[5];
};
_Static_assert(sizeof(struct virtio_rtc_req_set_alarm) == 24, "5.23.6.6.2");

struct virtio_rtc_resp_cfg {
    struct virtio_rtc_resp_head head;
    le16 num_clocks;
    uint8_t reserved[6];
};

#define VIRTIO_RTC_FLAG_ALARM_CAP (1 << 0)

struct virtio_rtc_resp_clock_cap {
    struct virtio_rtc_resp_head head;
    uint8_t type;
    uint8_t leap_second_smearing;
    uint8_t flags;
    uint8_t reserved[5];
};

#define VIRTIO_RTC_FLAG_CROSS_CAP (1 << 0)

struct virtio_rtc_resp_cross_cap {
    struct virtio_rtc_resp_head head;
    uint8_t flags;
    uint8_t reserved[7];
};

struct virtio_rtc_resp_read {
    struct virtio_rtc_resp_head head;
    le64 clock_reading;
};

struct virtio_rtc_resp_read_cross {
    struct virtio_rtc_resp_head head;
    le64 clock_reading;
    le64 counter_cycles;
};

#define VIRTIO_RTC_FLAG_ALARM_ENABLED (1 << 0)

struct virtio_rtc_resp_read_alarm {
    struct virtio_rtc_resp_head head;
    le64 alarm_time;
    uint8_t flags;
    uint8_t reserved[7];
};

/* Any response. */
union virtio_rtc_resp {
    struct virtio_rtc_resp_head head;
    struct virtio_rtc_resp_cfg cfg;
    struct virtio_rtc_resp_clock_cap clock_cap;
    struct virtio_rtc_resp_cross_cap cross_cap;
    struct virtio_rtc_resp_read read;
    struct virtio_rtc_resp_read_cross read_cross;
    struct virtio_rtc_resp_read_alarm read_alarm;
};
_Static_assert(sizeof(union virtio_rtc_resp) == 24, "5.23.6");

struct virtio_rtc_notif_alarm {
    le16 msg_type;
    uint8_t head_reserved[6];
    le16 clock_id;
    uint8_t reserved[6];
};
_Static_assert(sizeof(struct virtio_rtc_notif_alarm) == 16, "5.23.6.6.3");

/* Gives the length of a type's request and of its response. A type that the specification
 * does not have is as long as READ. */
static inline uint32_t virtio_rtc_req_bytes(uint16_t type)
{
    return type == VIRTIO_RTC_REQ_CFG         ? sizeof(struct virtio_rtc_req_head)
           : type == VIRTIO_RTC_REQ_SET_ALARM ? sizeof(struct virtio_rtc_req_set_alarm)
                                              : sizeof(struct virtio_rtc_req_clock);
}

static inline uint32_t virtio_rtc_resp_bytes(uint16_t type)
{
    switch (type) {
    case VIRTIO_RTC_REQ_SET_ALARM:
    case VIRTIO_RTC_REQ_SET_ALARM_ENABLED:
        return sizeof(struct virtio_rtc_resp_head);
    case VIRTIO_RTC_REQ_READ_CROSS:
    case VIRTIO_RTC_REQ_READ_ALARM:
        return sizeof(struct virtio_rtc_resp_read_cross);
    default:
        return sizeof(struct virtio_rtc_resp_read);
    }
}

#endif
