/* SPDX-License-Identifier: MIT */
/*
 * The control blocks of channel I/O and the instructions that take them, for css.c and
 * css_find.c: Principles of Operation, chapters 14 to 16. Each instruction returns its
 * condition code.
 */
#ifndef KERNEL_ARCH_S390X_CSS_WIRE_H
#define KERNEL_ARCH_S390X_CSS_WIRE_H

#include <stdint.h>

/* Subchannel status word. */
typedef struct Scsw {
    uint16_t flags;
    uint16_t control;
    uint32_t ccw_address;
    uint8_t device, subchannel;
    uint16_t count;
} Scsw;

#define SCSW_DEFERRED_CC 0x0300 /* flags */
#define SCSW_ECW_VALID   0x0002
#define SCSW_FUNCTIONS   0x7000 /* control: what was asked for; 0: nothing was */
#define SCSW_CLEAR       0x1000

/* Subchannel information block, with the path management control word in front. */
typedef struct Schib {
    uint32_t parameter;
    uint16_t flags;
    uint16_t device;
    uint8_t logical_paths, not_operational, last_path, installed_paths;
    uint16_t measurement_index;
    uint8_t operational_paths, available_paths;
    uint8_t path_id[8];
    uint32_t characteristics;
    Scsw scsw;
    uint8_t model_dependent[12];
} Schib;
_Static_assert(sizeof(Schib) == 52, "subchannel information block");

#define PMCW_ISC_SHIFT     11
#define PMCW_ISC           0x3800
#define PMCW_ENABLED       0x0080
#define PMCW_VALID         0x0001
#define PMCW_TYPE          0x00e00000u /* characteristics; 0: an I/O subchannel */
#define PMCW_SENSE_AT_ONCE 0x00000001u

/* Interruption response block. */
typedef struct Irb {
    Scsw scsw;
    uint32_t log;
    uint32_t report;
    uint32_t extended[3];
    /* Sense bytes, where the report says so. */
    uint8_t control[32];
    uint32_t measurement[8];
} Irb;
_Static_assert(sizeof(Irb) == 96, "interruption response block");

#define IRB_REPORT_SENSE       0x01000000u
#define IRB_REPORT_SENSE_COUNT 0x003f0000u

/* Operation request block. */
typedef struct Orb {
    uint32_t parameter;
    uint16_t flags;
    uint8_t paths, more_flags;
    uint32_t program;
} Orb;
_Static_assert(sizeof(Orb) == 12, "operation request block");

#define ORB_FORMAT_1 0x0080
#define ORB_IDAW_2   0x0002

/* op: an S-format instruction with the subchannel in GPR1 and a block in memory. */
#define CSS_INSTRUCTION(name, op, Block)                   \
    static inline unsigned name(uint32_t id, Block *block) \
    {                                                      \
        register uint64_t r1 __asm__("1") = id;            \
        unsigned cc;                                       \
        __asm__ volatile(op " %1\n\tipm %0\n\tsrl %0,28"   \
                         : "=d"(cc), "+Q"(*block)          \
                         : "d"(r1)                         \
                         : "memory", "cc");                \
        return cc;                                         \
    }

CSS_INSTRUCTION(store_subchannel, "stsch", Schib)
CSS_INSTRUCTION(modify_subchannel, "msch", Schib)
CSS_INSTRUCTION(start_subchannel, "ssch", Orb)
CSS_INSTRUCTION(test_subchannel, "tsch", Irb)

static inline unsigned clear_subchannel(uint32_t id)
{
    register uint64_t r1 __asm__("1") = id;
    unsigned cc;

    __asm__ volatile("csch\n\tipm %0\n\tsrl %0,28" : "=d"(cc) : "d"(r1) : "memory", "cc");
    return cc;
}

#endif
