/* SPDX-License-Identifier: MIT */
/*
 * A 16550A at COM1, 115200 8N1, FIFOs on, polled. Every port access may be a trip to the
 * VMM, so output goes in FIFO loads by one string instruction, and one look at the line
 * status follows each: it says that the load has left, which makes room for the next one.
 * A VMM hands over as many bytes at once as the trigger level says: 14.
 * A missing UART, or one that never drains, costs no run.
 */
#include "serial.h"
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/clock.h"

#define COM1 0x3f8

enum {
    UART_DATA = COM1,
    UART_IER = COM1 + 1,
    UART_FCR = COM1 + 2,
    UART_LCR = COM1 + 3,
    UART_MCR = COM1 + 4,
    UART_LSR = COM1 + 5,
    UART_DIVISOR_LOW = COM1,
    UART_DIVISOR_HIGH = COM1 + 1,
};

#define LCR_8N1           0x03
#define LCR_DIVISOR       0x80
#define FCR_ENABLE_CLEAR  0xc7
#define MCR_DTR_RTS       0x03
#define LSR_RECEIVED      0x01
#define LSR_ALL_SENT      0x40
#define LSR_NO_DEVICE     0xff
#define FIFO_BYTES        16
#define POLLS_BEFORE_TIME 1000
#define POLLS_MOST        2000000 /* while there is no clock */
#define STUCK_NS          (30 * NS_PER_S)

static bool is_present;

void serial_init(void)
{
    is_present = port_read8(UART_LSR) != LSR_NO_DEVICE;
    if (!is_present) {
        return;
    }
    port_write8(UART_IER, 0);
    port_write8(UART_LCR, LCR_DIVISOR | LCR_8N1);
    port_write8(UART_DIVISOR_LOW, 1);
    port_write8(UART_DIVISOR_HIGH, 0);
    port_write8(UART_LCR, LCR_8N1);
    port_write8(UART_FCR, FCR_ENABLE_CLEAR);
    port_write8(UART_MCR, MCR_DTR_RTS);
}

/*
 * Waits until everything has left. A host that does not read (a pager, a full pipe) is
 * waited for; one that has not read for half a minute is given up.
 */
static bool wait_until_sent(void)
{
    uint64_t start = clock_ns();
    for (unsigned i = 0; i < POLLS_MOST || start > 0; i++) {
        if (port_read8(UART_LSR) & LSR_ALL_SENT) {
            return true;
        }
        arch_cpu_relax();
        if (start > 0 && i > POLLS_BEFORE_TIME && clock_ns() - start > STUCK_NS) {
            break;
        }
    }
    return false;
}

void arch_console_write(const char *bytes, size_t count)
{
    while (count > 0 && is_present) {
        size_t load = count < FIFO_BYTES ? count : FIFO_BYTES;
        port_write_bytes(UART_DATA, bytes, load);
        bytes += load;
        count -= load;
        is_present = wait_until_sent();
    }
}

size_t arch_console_read(char *bytes, size_t most)
{
    size_t count = 0;
    while (is_present && count < most && (port_read8(UART_LSR) & LSR_RECEIVED)) {
        bytes[count++] = (char)port_read8(UART_DATA);
    }
    return count;
}
