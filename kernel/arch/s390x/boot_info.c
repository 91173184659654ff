/* SPDX-License-Identifier: MIT */
/*
 * What the loader left, and what the machine has: the command line stands in the image
 * itself, where a Linux kernel has its own (boot/s390x/entry.S); the size of memory is
 * told by the service call. Memory is one range from 0.
 */
#include "boot_info.h"
#include "kernel/arch.h"
#include "kernel/panic.h"
#include "sclp.h"

#define MEBIBYTE (1ull << 20)

typedef struct ReadInfo {
    SccbHeader header;
    uint16_t increments; /* of memory; 0: increments_long has it */
    uint8_t increment;   /* mebibytes; 0: increment_long */
    uint8_t unused[100 - 11];
    uint32_t increment_long;
    uint64_t increments_long;
} __attribute__((packed)) ReadInfo;
_Static_assert(sizeof(ReadInfo) == 112, "read SCP info");

extern const char cmdline_area[];

static uint64_t ram_bytes;

void boot_info_read(void)
{
    ReadInfo *info = sclp_block(SCCB_BYTES);
    if (!sclp_call(SCLP_READ_INFO) || info->header.response != SCLP_READ_DONE) {
        panic("the machine does not tell its memory: response 0x%x",
              info->header.response);
    }
    uint64_t increments = info->increments ? info->increments : info->increments_long;
    uint64_t increment = info->increment ? info->increment : info->increment_long;
    ram_bytes = increments * increment * MEBIBYTE;
}

bool arch_ram_range(unsigned n, uint64_t *from, uint64_t *to)
{
    *from = 0;
    *to = ram_bytes;
    return n == 0;
}

const char *arch_cmdline(bool *is_path_first)
{
    *is_path_first = false;
    return cmdline_area;
}

const char *arch_boot_protocol(void)
{
    return "ipl";
}
