/* SPDX-License-Identifier: MIT */
/*
 * RTC devices (5.23) for tests: one question, asked well or not, and buffers for alarms.
 */
#ifndef QVIRTIO_DEVICE_RTC_H
#define QVIRTIO_DEVICE_RTC_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_rtc.h"

typedef union virtio_rtc_resp RtcAnswer;
typedef struct virtio_rtc_notif_alarm RtcNotice;

/* What is asked, whatever its layout. */
typedef struct RtcAsk {
    uint16_t type, clock;
    /* Flags, or the hardware counter. */
    uint8_t byte;
    uint64_t time;
} RtcAsk;

/* A request that fits no response is filled with this. */
#define RTC_UNANSWERED 0x5a

/* Writes the request to 24 bytes. */
void rtc_request(const RtcAsk *ask, void *to);
/* Asks with so many readable and writable bytes; *answer is what was written. */
int rtc_ask_sized(QVirtioDevice *d, const RtcAsk *ask, uint32_t out, uint32_t in,
                  RtcAnswer *answer, uint32_t *used);
int rtc_ask(QVirtioDevice *d, const RtcAsk *ask, RtcAnswer *answer);
/* Lends `count` buffers to the alarmq. */
int rtc_stock(QVirtioDevice *d, unsigned count);
/* Reads the hardware counter of 5.23.6.1.3 that this CPU has. Returns false when it has
 * none of them. */
bool rtc_counter(uint8_t *id, uint64_t *cycles);

#endif
