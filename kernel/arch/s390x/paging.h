/* SPDX-License-Identifier: MIT */
/* Address translation: the first thing that is set up, paging.c. */
#ifndef KERNEL_ARCH_S390X_PAGING_H
#define KERNEL_ARCH_S390X_PAGING_H

void paging_init(void);

#endif
