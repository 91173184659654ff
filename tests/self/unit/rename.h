/* SPDX-License-Identifier: MIT */
/*
 * Included first in all host builds of kernel code: the kernel's own string functions get
 * names of their own, so that the native C library keeps its own.
 */
#define memchr  kernel_memchr
#define memcmp  kernel_memcmp
#define memcpy  kernel_memcpy
#define memmove kernel_memmove
#define memset  kernel_memset
#define strchr  kernel_strchr
#define strcmp  kernel_strcmp
#define strlen  kernel_strlen
#define strncmp kernel_strncmp
#define strnlen kernel_strnlen
#define strstr  kernel_strstr
