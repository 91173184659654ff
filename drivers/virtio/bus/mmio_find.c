/* SPDX-License-Identifier: MIT */
/*
 * Where MMIO devices are (4.2.1: "the guest OS will need to know"). There is one file for
 * each method of finding them. mmio_find_acpi.c and mmio_find_words.c are both asked.
 * mmio_find_scan.c is asked when neither of them has a source and there is no PCI. The
 * places that they name are looked at here. What cannot be used is told once, and the
 * search goes on.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/bus/mmio.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/pci/pci.h"

#define SLOTS_MOST 128

/* The devices, in the order of addresses. */
static QVirtioMmio *known;
static unsigned slots_seen;
static bool is_searched;

static void tell(QVirtioNote *note, uint64_t base, const char *text, uint32_t value)
{
    char line[96];

    ksnprintf(line, sizeof(line), "mmio 0x%llx: %s 0x%x", (unsigned long long)base, text,
              value);
    note(line);
}

/* Some devices take every DeviceFeaturesSel but 0 for 1, so their words 2 and 3 repeat
 * word 1. No device of version 2 has an empty word 1, so words that repeat it are not
 * words of their own. */
static uint32_t count_feature_words(QVirtioDevice *d)
{
    uint32_t word[QVIRTIO_FEATURE_WORDS];

    for (uint32_t i = 0; i < QVIRTIO_FEATURE_WORDS; i++) {
        qvirtio_mmio_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, i);
        word[i] = qvirtio_mmio_read(d, VIRTIO_MMIO_DEVICE_FEATURES);
    }
    return word[1] && word[2] == word[1] && word[3] == word[1] ? 2
                                                               : QVIRTIO_FEATURE_WORDS;
}

static void insert(QVirtioMmio *p)
{
    QVirtioMmio **at = &known;

    while (*at && (*at)->slot.base < p->slot.base) {
        at = &(*at)->next;
    }
    p->next = *at;
    *at = p;
}

static void make(const QVirtioMmioSlot *slot, const IoWindow *registers, uint32_t version,
                 uint32_t id)
{
    _Static_assert(sizeof(QVirtioMmio) <= PAGE_BYTES, "one page holds a device");
    QVirtioMmio *p = page_alloc(1);

    p->slot = *slot;
    p->version = version;
    p->registers = *registers;
    p->config = io_subwindow(registers, VIRTIO_MMIO_CONFIG,
                             registers->bytes - VIRTIO_MMIO_CONFIG);
    p->dev.device_id = (uint16_t)id;
    p->dev.bus_data = p;
    ksnprintf(p->dev.where, sizeof(p->dev.where), "0x%llx irq %d",
              (unsigned long long)slot->base, slot->line);
    if (slot->line < 0) {
        ksnprintf(p->dev.where, sizeof(p->dev.where), "0x%llx irq ?",
                  (unsigned long long)slot->base);
    }
    p->feature_words =
        version == VIRTIO_MMIO_VERSION_LEGACY ? 1 : count_feature_words(&p->dev);
    insert(p);
}

static bool is_known(uint64_t base)
{
    const QVirtioMmio *p = known;

    while (p && p->slot.base != base) {
        p = p->next;
    }
    return p != NULL;
}

/* 4.2.3.1.1: MagicValue and Version first, then DeviceID; "if its value is zero (0x0)
 * MUST abort initialization and MUST NOT access any other register". */
void qvirtio_mmio_look_at(const QVirtioMmioSlot *slot, QVirtioNote *note)
{
    uint64_t last = slot->base + slot->bytes - 1;

    if (page_is_ram(slot->base, slot->base + 1) || page_is_ram(last, last + 1)) {
        tell(note, slot->base, "no device there, but RAM, up to", (uint32_t)last);
        return;
    }
    if (is_known(slot->base) || slots_seen++ >= SLOTS_MOST) {
        return;
    }
    uintptr_t at = (uintptr_t)page_map_device(slot->base, slot->bytes);
    IoWindow w = {.base = at, .bytes = slot->bytes};
    uint32_t magic = io_read32(&w, VIRTIO_MMIO_MAGIC_VALUE);
    if (magic != VIRTIO_MMIO_MAGIC) {
        tell(note, slot->base, "no virtio device there: MagicValue is", magic);
        return;
    }
    uint32_t version = io_read32(&w, VIRTIO_MMIO_VERSION);
    if (version != VIRTIO_MMIO_VERSION_MODERN && version != VIRTIO_MMIO_VERSION_LEGACY) {
        tell(note, slot->base, "not usable: Version is", version);
        return;
    }
    uint32_t id = io_read32(&w, VIRTIO_MMIO_DEVICE_ID);
    if (id == 0) {
        /* A place that a scan found may be empty; this one was named. */
        if (slot->number < 0) {
            tell(note, slot->base, "an empty slot: DeviceID is", id);
        }
        return;
    }
    if (id > 0xffff) {
        tell(note, slot->base, "not usable: DeviceID is", id);
        return;
    }
    make(slot, &w, version, id);
}

static void search(QVirtioNote *note)
{
    bool has_dsdt = qvirtio_mmio_find_acpi(note),
         has_words = qvirtio_mmio_find_words(note);

    pci_init();
    if (!has_dsdt && !has_words && strcmp(pci_access_name(), "none") == 0) {
        qvirtio_mmio_find_scan(note);
    }
}

static int index_of(const QVirtioMmio *p)
{
    int index = 0;

    for (const QVirtioMmio *other = known; other != p; other = other->next) {
        index += other->dev.device_id == p->dev.device_id && other->version == p->version;
    }
    return index;
}

void qvirtio_mmio_foreach(const QVirtioBus *bus, uint32_t version,
                          void (*found)(QVirtioDevice *d, void *data), void *data,
                          QVirtioNote *note)
{
    if (!is_searched) {
        is_searched = true;
        search(note);
    }
    for (QVirtioMmio *p = known; p; p = p->next) {
        if (p->version == version) {
            p->dev.bus = bus;
            p->dev.index = index_of(p);
            found(&p->dev, data);
        }
    }
}
