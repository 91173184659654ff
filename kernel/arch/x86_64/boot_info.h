/* SPDX-License-Identifier: MIT */
/*
 * Reads the loader's boot information, first thing after entry; arch.h has the functions
 * that tell what it said.
 */
#ifndef KERNEL_ARCH_X86_64_BOOT_INFO_H
#define KERNEL_ARCH_X86_64_BOOT_INFO_H

void boot_info_read(void);

#endif
