/* SPDX-License-Identifier: MIT */
/*
 * Service calls, one at a time. The interrupt is waited for with only external interrupts
 * open, so a call works from anywhere: with interrupts off, and out of a fault's report.
 */
#include "sclp.h"
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/barrier.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"

#define STUCK_NS        (30 * NS_PER_S) /* a host that has not read for so long never will */
#define PARAMETER_SCCB  0xfffffff8u
#define PARAMETER_EVENT 0x3u

enum { STARTED = 0, BUSY = 2 };

static uint8_t block[SCCB_BYTES] __attribute__((aligned(4096)));
static bool is_done, has_event; /* written by sclp_interrupt() */

void sclp_init(void)
{
    CPU_CONTROL_ON(0, CR0_SERVICE_SIGNAL);
}

void sclp_interrupt(uint32_t parameter)
{
    if ((parameter & PARAMETER_SCCB) == (uint32_t)(uintptr_t)block) {
        is_done = true;
    }
    if (parameter & PARAMETER_EVENT) {
        has_event = true;
    }
}

bool sclp_has_event(void)
{
    return READ_ONCE(has_event);
}

void sclp_forget_event(void)
{
    has_event = false;
}

void *sclp_block(uint16_t bytes)
{
    memset(block, 0, bytes);
    ((SccbHeader *)block)->length = bytes;
    return block;
}

static unsigned service_call(uint32_t command)
{
    unsigned cc;
    __asm__ volatile(".insn rre, 0xb2200000, %1, %2\n   ipm %0\n   srl %0, 28"
                     : "=&d"(cc)
                     : "d"(command), "a"(block)
                     : "cc", "memory");
    return cc;
}

static bool wait_until_done(uint32_t command)
{
    uint64_t start = clock_ns();
    unsigned cc = service_call(command);
    while (cc == STARTED ? !READ_ONCE(is_done) : cc == BUSY) {
        if (clock_ns() - start > STUCK_NS) {
            return false;
        }
        arch_cpu_relax();
        cc = cc == BUSY ? service_call(command) : cc;
    }
    return cc == STARTED;
}

bool sclp_call(uint32_t command)
{
    is_done = false;
    uint8_t before = CPU_SYSTEM_ON(SYSTEM_EXTERN);
    bool worked = wait_until_done(command);
    if (!(before & SYSTEM_EXTERN)) {
        CPU_SYSTEM_OFF(SYSTEM_EXTERN);
    }
    return worked;
}
