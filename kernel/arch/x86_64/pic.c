/* SPDX-License-Identifier: MIT */
/*
 * The pair of 8259A interrupt controllers: moved away from the CPU's exceptions, all
 * masked, input by input unmasked for lines that are attached there. 16 inputs, the
 * second chip on input 2 of the first.
 */
#include "apic.h"
#include "cpu.h"
#include "irq.h"

enum {
    PIC1_COMMAND = 0x20,
    PIC1_DATA = 0x21,
    PIC2_COMMAND = 0xa0,
    PIC2_DATA = 0xa1,
    PIC_ELCR = 0x4d0, /* edge or level: two bytes, one bit an input */
};

#define ICW1_INIT_ICW4 0x11
#define ICW4_8086      0x01
#define OCW2_EOI       0x20
#define OCW3_READ_ISR  0x0b
#define CASCADE_INPUT  2

static uint16_t masked_inputs = 0xffff;
static bool is_present;

static void write_masks(void)
{
    port_write8(PIC1_DATA, (uint8_t)masked_inputs);
    port_write8(PIC2_DATA, (uint8_t)(masked_inputs >> 8));
}

void pic_init(void)
{
    port_write8(PIC1_COMMAND, ICW1_INIT_ICW4);
    port_write8(PIC1_DATA, VECTOR_8259);
    port_write8(PIC1_DATA, 1 << CASCADE_INPUT);
    port_write8(PIC1_DATA, ICW4_8086);
    port_write8(PIC2_COMMAND, ICW1_INIT_ICW4);
    port_write8(PIC2_DATA, VECTOR_8259 + 8);
    port_write8(PIC2_DATA, CASCADE_INPUT);
    port_write8(PIC2_DATA, ICW4_8086);
    port_write8(PIC2_DATA, 0xff);
    port_write8(PIC1_DATA, 0xfe); /* a pattern that an empty bus does not answer */
    is_present = port_read8(PIC1_DATA) == 0xfe;
    write_masks();
}

bool pic_is_present(void)
{
    return is_present;
}

void pic_set_masked(unsigned input, bool masked)
{
    uint16_t bit = (uint16_t)(1u << input);
    masked_inputs = masked ? masked_inputs | bit : masked_inputs & ~bit;
    if ((masked_inputs & 0xff00) != 0xff00) {
        masked_inputs &= (uint16_t) ~(1u << CASCADE_INPUT);
    }
    write_masks();
}

void pic_set_level(unsigned input, bool level)
{
    uint16_t port = (uint16_t)(PIC_ELCR + input / 8);
    uint8_t bit = (uint8_t)(1u << input % 8);
    uint8_t levels = port_read8(port);
    port_write8(port, level ? levels | bit : levels & (uint8_t)~bit);
}

bool pic_is_real(unsigned input)
{
    if (input != 7 && input != 15) {
        return true;
    }
    uint16_t port = input < 8 ? PIC1_COMMAND : PIC2_COMMAND;
    port_write8(port, OCW3_READ_ISR);
    if (port_read8(port) & 0x80) {
        return true;
    }
    if (input == 15) {
        port_write8(PIC1_COMMAND, OCW2_EOI); /* the cascade input was real */
    }
    return false;
}

void pic_eoi(unsigned input)
{
    if (input >= 8) {
        port_write8(PIC2_COMMAND, OCW2_EOI);
    }
    port_write8(PIC1_COMMAND, OCW2_EOI);
}
