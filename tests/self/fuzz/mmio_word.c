/* SPDX-License-Identifier: MIT */
/* drivers/virtio/bus/mmio_word.c: virtio_mmio.device=SIZE@BASE:IRQ[:ID] of any text. */
#include "drivers/virtio/bus/mmio.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "tests/self/fuzz/fuzz.h"

/* The size as it stands there, without an end to what a number can hold. */
static unsigned __int128 written_size(const char *at)
{
    bool is_hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
    unsigned __int128 v = 0;
    for (at += is_hex ? 2 : 0; *at && !strchr("@KMGkmg", *at); at++) {
        unsigned letter = (unsigned)(*at | 0x20) - 'a';
        v = v * (is_hex ? 16 : 10) + (letter < 6 ? letter + 10 : (unsigned)(*at - '0'));
    }
    const char *units = "@KMG", *unit = strchr(units, *at == '@' ? '@' : *at & ~0x20);
    return v << 10 * (unit - units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    Fuzz f = {data, bytes};
    char text[256] = "", plain[80];
    QVirtioMmioSlot slot, again;

    fuzz_take(&f, text, sizeof(text) - 1);
    const char *fault = qvirtio_mmio_word(text, &slot);
    if (fault) {
        FUZZ_CHECK(*fault && strlen(fault) < 64, "a fault is told");
        return 0;
    }
    FUZZ_REACHED("a word that is sound");
    FUZZ_CHECK(slot.bytes >= VIRTIO_MMIO_CONFIG && slot.bytes <= 1u << 20,
               "a slot holds the registers, and is not huge");
    FUZZ_CHECK(written_size(text) == slot.bytes, "its size is the one that is told");
    FUZZ_CHECK(slot.base % 4 == 0 && slot.base + slot.bytes < 1ull << 52,
               "it is where it can be mapped");
    FUZZ_CHECK(slot.line >= 0 && slot.line < IRQ_LINE_LIMIT,
               "its line is one of the machine's");
    FUZZ_CHECK(slot.number == -1, "it was told, not scanned");
    ksnprintf(plain, sizeof(plain), "0x%llx@0x%llx:%d:0", (unsigned long long)slot.bytes,
              (unsigned long long)slot.base, slot.line);
    FUZZ_CHECK(!qvirtio_mmio_word(plain, &again) && again.bytes == slot.bytes &&
                   again.base == slot.base && again.line == slot.line,
               "the same in plain numbers is the same slot");
    if (strchr(text, 'K')) {
        FUZZ_REACHED("a size in K");
    }
    return 0;
}
