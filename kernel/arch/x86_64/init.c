/* SPDX-License-Identifier: MIT */
/*
 * The architecture's part of the boot order. Exceptions work since the entry code; paging
 * as well.
 */
#include "apic.h"
#include "boot_info.h"
#include "calibrate.h"
#include "cpu.h"
#include "irq.h"
#include "kernel/arch.h"
#include "serial.h"

void arch_early_init(void)
{
    serial_init();
    boot_info_read();
}

void arch_init(void)
{
    pic_init();
    apic_init();
    clock_init();
    cpu_interrupts_on();
}
