/* SPDX-License-Identifier: MIT */
/*
 * Reads the word that names an MMIO device: virtio_mmio.device=SIZE@BASE:IRQ[:ID], as
 * Linux documents it. The line is taken to be level and active high, as QEMU and
 * Firecracker drive it on a PC. The ID is read and not used.
 */
#include "drivers/virtio/bus/mmio.h"

#include "kernel/lib/string.h"

#define ADDRESS_LIMIT (1ull << 52)
#define SLOT_MOST     (1ull << 20)

/* Takes a number and the character that ends it. Returns the text behind that, or NULL.
 */
static const char *take_number(const char *text, const char *ends, uint64_t *value,
                               char *end)
{
    char digits[24];
    size_t n = 0;

    while (text[n] && !strchr(ends, text[n])) {
        if (n + 1 == sizeof(digits)) {
            return NULL;
        }
        digits[n] = text[n];
        n++;
    }
    digits[n] = '\0';
    *end = text[n];
    return string_to_u64(digits, value) ? text + n + (text[n] != '\0') : NULL;
}

/* Takes SIZE: a K, M or G may stand between the number and the @. */
static const char *take_size(const char *text, uint64_t *bytes)
{
    static const char units[] = "KMG";
    char end;

    text = take_number(text, "@KMGkmg", bytes, &end);
    if (!text || end == '@' || end == '\0') {
        return text && end == '@' ? text : NULL;
    }
    const char *unit = strchr(units, end & ~0x20);
    unsigned shift = 10 * (unsigned)(unit - units + 1);
    if (*bytes > SLOT_MOST || *text != '@') {
        return NULL;
    }
    *bytes <<= shift;
    return text + 1;
}

const char *qvirtio_mmio_word(const char *text, QVirtioMmioSlot *slot)
{
    uint64_t line, id;
    char end;

    *slot = (QVirtioMmioSlot){.wiring = IRQ_LEVEL_HIGH, .number = -1};
    text = take_size(text, &slot->bytes);
    if (!text) {
        return "no SIZE@ at its start";
    }
    text = take_number(text, ":", &slot->base, &end);
    if (!text || end != ':') {
        return "no BASE: behind the size";
    }
    text = take_number(text, ":", &line, &end);
    if (!text || line >= IRQ_LINE_LIMIT) {
        return "no interrupt behind the base";
    }
    if (end == ':' && (!take_number(text, "", &id, &end) || end != '\0')) {
        return "the ID is not a number";
    }
    if (slot->bytes < VIRTIO_MMIO_CONFIG || slot->bytes > SLOT_MOST) {
        return "the size is impossible";
    }
    if (slot->base % 4 || slot->base >= ADDRESS_LIMIT - slot->bytes) {
        return "the base is impossible";
    }
    slot->line = (int)line;
    return NULL;
}
