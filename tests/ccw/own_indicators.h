/* SPDX-License-Identifier: MIT */
/*
 * Indicators in the test's own memory (4.3.2.6). No handler of the bus clears them. The
 * interrupts that come for them are counted: those of the subchannel, or those of an
 * adapter in an interruption subclass of its own.
 */
#ifndef CCW_OWN_INDICATORS_H
#define CCW_OWN_INDICATORS_H

#include "tests/ccw/ccw_lib.h"

/* The interruption subclass of these tests, and the size of the area with adapter
 * indicators. */
#define OWN_ISC        5
#define OWN_AREA_BYTES 32

typedef struct OwnIndicators {
    QVirtioDevice *dev;
    /* Classic indicators. */
    be64 *queues, *config;
    /* The summary indicator of the adapter. */
    uint8_t *summary;
    /* The adapter indicators: OWN_AREA_BYTES bytes, in which the queues begin at bit
     * bit_nr. */
    uint8_t *area;
    uint64_t bit_nr;
    /* The interruption subclass of the adapter; 0: the indicators are classic. */
    uint8_t isc;
    /* How many there were at the last own_forget(). */
    uint32_t alerts, adapter_interrupts;
    /* How many alerts came since then and before the last ping. */
    uint32_t taken;
} OwnIndicators;

/*
 * Starts the device with indicators of one kind, which are all clear afterwards. Adapter
 * indicators begin at bit bit_nr of the area; bytes before that bit are not cleared.
 * Returns false when that fails, which is reported.
 */
bool own_start_classic(Test *t, QVirtioDevice *dev, OwnIndicators *own);
bool own_start_adapter(Test *t, QVirtioDevice *dev, OwnIndicators *own, uint64_t bit_nr,
                       uint8_t isc);
/* Stops the device and gives the interruption subclass back. Each test must call this at
 * its end. */
void own_stop(OwnIndicators *own);

/* Clears all indicators, also the summary, and begins to count interrupts from 0
 * again. */
void own_forget(OwnIndicators *own);
/* Return how many interrupts came since the last own_forget(). */
uint32_t own_alerts(const OwnIndicators *own);
uint32_t own_adapter_interrupts(const OwnIndicators *own);

/* Sends one ping and waits for the interrupt of its notification. Returns false when that
 * fails, which is reported. */
bool own_ping(Test *t, OwnIndicators *own, uint32_t number);

/* Returns the bit of the ping queue in classic indicators. */
uint64_t own_classic_bit(const OwnIndicators *own);
/* Returns whether this bit of the adapter indicators is set; bits count from the left. */
bool own_has_adapter_bit(const OwnIndicators *own, uint64_t bit_nr);

#endif
