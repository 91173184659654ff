/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of RTC devices (5.23): one request, valid or not, and buffers for
 * alarms.
 */
#ifndef QVIRTIO_DEVICE_RTC_H
#define QVIRTIO_DEVICE_RTC_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_rtc.h"

typedef union virtio_rtc_resp RtcAnswer;
typedef struct virtio_rtc_notif_alarm RtcNotice;

/* The fields of any request, whatever its layout is. */
typedef struct RtcAsk {
    uint16_t type, clock;
    /* The flags, or the hardware counter. */
    uint8_t byte;
    /* The time of an alarm. */
    uint64_t time;
} RtcAsk;

/* Responses are filled with this before a request. */
#define RTC_UNANSWERED 0x5a

/* Writes the request to `to`, which must have room for 24 bytes. */
void rtc_request(const RtcAsk *ask, void *to);
/* Sends the request with `out` readable and `in` writable bytes, at most 64 of each.
 * *answer is what was written; `used` may be NULL. */
int rtc_ask_sized(QVirtioDevice *d, const RtcAsk *ask, uint32_t out, uint32_t in,
                  RtcAnswer *answer, uint32_t *used);
/* Sends the request with the lengths of its type. */
int rtc_ask(QVirtioDevice *d, const RtcAsk *ask, RtcAnswer *answer);
/* Lends `count` buffers to the alarmq, and kicks. */
int rtc_stock(QVirtioDevice *d, unsigned count);
/* Reads the hardware counter of 5.23.6.1.3 that this CPU has, and gives its id. Returns
 * false when the CPU has none of them. */
bool rtc_counter(uint8_t *id, uint64_t *cycles);

#endif
