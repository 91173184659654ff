/* SPDX-License-Identifier: MIT */
/*
 * Indicators in the test's own memory (4.3.2.6), which nobody clears behind its back, and
 * the interrupts that came for them: of the subchannel, or of an adapter in an
 * interruption subclass of its own.
 */
#ifndef CCW_OWN_INDICATORS_H
#define CCW_OWN_INDICATORS_H

#include "tests/ccw/ccw_lib.h"

#define OWN_ISC        5
#define OWN_AREA_BYTES 32

typedef struct OwnIndicators {
    QVirtioDevice *dev;
    /* Classic. */
    be64 *queues, *config;
    /* Adapter. */
    uint8_t *summary;
    /* OWN_AREA_BYTES. */
    uint8_t *area;
    uint64_t bit_nr;
    uint8_t isc;
    /* At the last own_forget() */
    uint32_t alerts, adapter_interrupts;
    /* Alerts since then, before the last ping. */
    uint32_t taken;
} OwnIndicators;

/*
 * Starts the device with indicators of one kind, all clear once it is up. What the area
 * of adapter indicators holds before is the caller's. Returns false when that fails,
 * which is reported.
 */
bool own_start_classic(Test *t, QVirtioDevice *dev, OwnIndicators *own);
bool own_start_adapter(Test *t, QVirtioDevice *dev, OwnIndicators *own, uint64_t bit_nr,
                       uint8_t isc);
/* Adapter interrupts of the subclass are nobody's again: at the end of each test. */
void own_stop(OwnIndicators *own);

/* Interrupts since then are counted; indicators are cleared, the summary too. */
void own_forget(OwnIndicators *own);
uint32_t own_alerts(const OwnIndicators *own);
uint32_t own_adapter_interrupts(const OwnIndicators *own);

/* One ping goes through and its notification arrives as an interrupt. Returns false when
 * that fails, which is reported. */
bool own_ping(Test *t, OwnIndicators *own, uint32_t number);

/* The indicator of the ping queue. */
uint64_t own_classic_bit(const OwnIndicators *own);
bool own_has_adapter_bit(const OwnIndicators *own, uint64_t bit_nr);

#endif
