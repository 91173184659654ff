/* SPDX-License-Identifier: MIT */
/*
 * Finding subchannels: STORE SUBCHANNEL for one number after the other, in each
 * subchannel set, until it says that there are no more. Sets other than 0 exist once a
 * channel subsystem call has turned them on.
 */
#include "css.h"
#include "css_wire.h"
#include "kernel/mem/page.h"

#define SETS      4
#define NUMBERS   0x10000u
#define ID_ONE    0x10000u /* a bit that every id has */
#define SET_SHIFT 17

/* Set domain attributes, one of the channel subsystem calls. */
typedef struct ChscSda {
    uint16_t bytes, code;
    uint16_t format, operation;
    uint32_t reserved[254];
    uint16_t answer_bytes, answer_code;
} ChscSda;
_Static_assert(__builtin_offsetof(ChscSda, answer_bytes) == 0x400, "request of 1 KiB");

#define CHSC_SDA          0x0031
#define CHSC_SDA_ALL_SETS 0x0002
#define CHSC_ANSWER_DONE  0x0001

static bool turn_on_sets(void)
{
    ChscSda *sda = page_alloc(1);
    unsigned cc;

    *sda = (ChscSda){.bytes = 0x400, .code = CHSC_SDA, .operation = CHSC_SDA_ALL_SETS};
    __asm__ volatile(".insn rre,0xb25f0000,%1,0\n\tipm %0\n\tsrl %0,28"
                     : "=d"(cc)
                     : "a"(sda)
                     : "memory", "cc");
    return cc == 0 && sda->answer_code == CHSC_ANSWER_DONE;
}

void css_foreach(void (*found)(uint32_t id, uint16_t device, void *arg), void *arg)
{
    unsigned sets = turn_on_sets() ? SETS : 1;
    Schib schib;

    for (uint32_t set = 0; set < sets; set++) {
        for (uint32_t number = 0; number < NUMBERS; number++) {
            uint32_t id = ID_ONE | set << SET_SHIFT | number;
            if (store_subchannel(id, &schib) != 0) {
                break;
            }
            if (schib.flags & PMCW_VALID && !(schib.characteristics & PMCW_TYPE)) {
                found(id, schib.device, arg);
            }
        }
    }
}
