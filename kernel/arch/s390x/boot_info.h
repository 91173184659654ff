/* SPDX-License-Identifier: MIT */
/* Asks the machine what it has, arch.h tells it. */
#ifndef KERNEL_ARCH_S390X_BOOT_INFO_H
#define KERNEL_ARCH_S390X_BOOT_INFO_H

void boot_info_read(void);

#endif
