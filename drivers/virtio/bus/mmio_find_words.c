/* SPDX-License-Identifier: MIT */
/*
 * MMIO devices that the command line names, one in each word virtio_mmio.device=, as
 * Linux has them. mmio_word.c reads one word.
 */
#include "drivers/virtio/bus/mmio.h"
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"

bool qvirtio_mmio_find_words(QVirtioNote *note)
{
    size_t at = 0;
    const char *word;
    QVirtioMmioSlot slot;

    while ((word = cmdline_next("virtio_mmio.device", &at)) != NULL) {
        const char *fault = qvirtio_mmio_word(word, &slot);
        if (fault) {
            char line[160];
            ksnprintf(line, sizeof(line), "virtio_mmio.device=%.64s ignored: %s", word,
                      fault);
            note(line);
            continue;
        }
        qvirtio_mmio_look_at(&slot, note);
    }
    return at > 0 && cmdline_has("virtio_mmio.device");
}
