/* SPDX-License-Identifier: MIT */
/*
 * The architecture's part of the boot order. Faults are reported since the entry code.
 */
#include "boot_info.h"
#include "clock.h"
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/irq/irq.h"
#include "paging.h"
#include "sclp.h"

void arch_early_init(void)
{
    paging_init();
    clock_init();
    sclp_init();
    console_init();
    boot_info_read();
}

void arch_init(void)
{
    irq_restore(true);
}
