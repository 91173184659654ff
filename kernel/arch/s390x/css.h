/* SPDX-License-Identifier: MIT */
/*
 * The channel subsystem: subchannels are found, enabled and given channel programs of
 * format-1 CCWs, as the Principles of Operation have it (chapters 13 to 16). Wire
 * structures are in the CPU's own order. Left out: measurement, suspend and resume,
 * channel paths other than the first that works.
 */
#ifndef KERNEL_ARCH_S390X_CSS_H
#define KERNEL_ARCH_S390X_CSS_H

#include <stdbool.h>
#include <stdint.h>

/* Commands that every device has. */
#define CCW_CMD_NOOP     0x03
#define CCW_CMD_SENSE    0x04
#define CCW_CMD_TIC      0x08
#define CCW_CMD_SENSE_ID 0xe4

/* Channel command word, format 1. */
typedef struct Ccw {
    uint8_t command;
    uint8_t flags;
    uint16_t count;
    /* Below 2 GiB. */
    uint32_t address;
} __attribute__((aligned(8))) Ccw;

#define CCW_CHAIN           0x40 /* the next one follows */
#define CCW_SUPPRESS_LENGTH 0x20
#define CCW_SKIP            0x10 /* what is read is not stored */
#define CCW_INDIRECT        0x04 /* address is that of a list of addresses */

/* Device status and subchannel status, as they are presented. */
#define CSS_DEVICE_CHANNEL_END 0x08
#define CSS_DEVICE_END         0x04
#define CSS_DEVICE_UNIT_CHECK  0x02
#define CSS_WRONG_LENGTH       0x40
#define CSS_PROGRAM_CHECK      0x20

#define CSS_SENSE_BYTES          32
#define CSS_SENSE_COMMAND_REJECT 0x80 /* in byte 0 */

/* The isc of all subchannels. */
#define CSS_ISC 3

/* How a channel program ended: the first of these that is true. */
typedef enum {
    CSS_IS_DONE,
    /* START SUBCHANNEL says so. */
    CSS_IS_NOT_OPERATIONAL,
    /* It would not start. */
    CSS_IS_BUSY,
    /* It did not end; it was cleared. */
    CSS_IS_TIMEOUT,
    CSS_IS_PROGRAM_CHECK,
    /* Another bit of the subchannel status. */
    CSS_IS_CHANNEL_CHECK,
    /* Unit check with command reject. */
    CSS_IS_REJECTED,
    CSS_IS_UNIT_CHECK,
    CSS_IS_WRONG_LENGTH,
} CssOutcome;

typedef struct CssResult {
    CssOutcome outcome;
    /* Status. */
    uint8_t device, subchannel;
    /* Of the last command's count. */
    uint16_t residual;
    /* After a unit check. */
    uint8_t sense_bytes;
    uint8_t sense[CSS_SENSE_BYTES];
} CssResult;

typedef struct Subchannel {
    /* As the I/O instructions want it in GPR1. */
    uint32_t id;
    /* Number. */
    uint16_t device;
    bool is_enabled;
    /* Lists of indirect addresses are of format 2: 64 bits, 4 KiB each; else of format 1:
     * 31 bits, 2 KiB each. */
    bool has_idaw2;
    /* Runs in the interrupt handler whenever the device has presented status: alert says
     * that it did so unasked. */
    void (*on_status)(void *arg, bool alert);
    void *arg;
    /* Private to css.c. */
    struct Subchannel *next;
    volatile bool is_done;
    /* Written by the interrupt handler. */
    CssResult result;
} Subchannel;

/* Return the subchannel set and the number of an id. */
static inline unsigned css_set(uint32_t id)
{
    return id >> 17 & 3;
}

static inline unsigned css_number(uint32_t id)
{
    return id & 0xffff;
}

/* Calls found() for each subchannel with a device, of all subchannel sets, by number. */
void css_foreach(void (*found)(uint32_t id, uint16_t device, void *arg), void *arg);

/* Makes it known to the interrupt handler, for good. id, device, on_status and arg are
 * set. */
void css_attach(Subchannel *s);

/* Enables or disables the subchannel. Returns false when it is not operational, or stays
 * busy. */
bool css_enable(Subchannel *s, bool on);

/*
 * Runs a channel program to its end, and returns the outcome. Data of the commands may
 * be anywhere below 2 GiB.
 */
CssOutcome css_run(Subchannel *s, const Ccw *program, CssResult *result);

#endif
