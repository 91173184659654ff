/* SPDX-License-Identifier: MIT */
/*
 * Leaving the machine. When all has passed the only CPU stops, which ends the machine
 * as a shutdown does. Else it waits for nothing, the verdict in the wait's address: the
 * code that an operator of this architecture looks for, and that QEMU takes for a crashed
 * guest (-action panic=exit-failure makes that its exit status).
 */
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/exit.h"

#define ADDRESS_QUIESCED 0xfff /* of a wait that means: shut down in good order */

void arch_exit(int code)
{
    if (code == EXIT_PASSED) {
        cpu_signal_self(SIGP_STOP);
        psw_load(&(Psw){PSW_WAIT | PSW_64_BIT, ADDRESS_QUIESCED});
    }
    psw_load(&(Psw){PSW_WAIT | PSW_64_BIT, (uint64_t)code});
}

_Noreturn void arch_stop(void)
{
    for (;;) {
        psw_load(&(Psw){PSW_WAIT | PSW_64_BIT, ADDRESS_QUIESCED});
    }
}
