/* SPDX-License-Identifier: MIT */
/* drivers/virtio/bus/mmio_word.c: SIZE@BASE:IRQ[:ID], and what is none. */
#include "drivers/virtio/bus/mmio.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

static void test_sound(void)
{
    QVirtioMmioSlot s;

    CHECK(!qvirtio_mmio_word("512@0xfeb00e00:12", &s), "QEMU's words are read");
    CHECK_EQ(s.bytes, 512, "the size");
    CHECK_EQ(s.base, 0xfeb00e00, "the base");
    CHECK_EQ(s.line, 12, "the line");
    CHECK_EQ(s.wiring, IRQ_LEVEL_HIGH, "which is level and active high");
    CHECK(!qvirtio_mmio_word("4K@0xd0000000:5", &s) && s.bytes == 4096, "K is 1024");
    CHECK(!qvirtio_mmio_word("0x1000@3489660928:5:7", &s), "an ID is read over");
    CHECK_EQ(s.base, 3489660928, "numbers may be decimal");
}

static void test_faults(void)
{
    static const char *const bad[] = {
        "",
        "512",
        "512@",
        "@0xd0000000:5",
        "512@0x0",
        "512@zz:5",
        "512@0x200:",
        "512@0x200:x",
        "512@0x2:5",
        "16@0x200:5",
        "512@0x200:5:",
        "512@0x200:5:x",
        "2M@0x200:5",
        "512Q@0x200:5",
        "4KK@0x200:5",
        "512@0x200:256",
        "512@0xffffffffffffff00:5",
        "18446744073709551616@0x200:5",
        "4K",
        "17179869184G@0x200:5",
    };
    QVirtioMmioSlot s;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(qvirtio_mmio_word(bad[i], &s) != NULL, bad[i]);
    }
}

int main(void)
{
    test_sound();
    test_faults();
    return check_done();
}
