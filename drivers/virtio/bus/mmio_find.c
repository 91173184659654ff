/* SPDX-License-Identifier: MIT */
/*
 * Where MMIO devices are (4.2.1: "the guest OS will need to know"): devices LNRO0005 of
 * the DSDT and the words virtio_mmio.device=, both. Where there is no DSDT, no such word
 * and no PCI: a scan of the 24 slots from 0xfeb00000 that QEMU's microvm has, which is a
 * machine of this kind; elsewhere reading there could have effects.
 *
 * Whatever cannot be used is told once, and the search goes on.
 */
#include "drivers/virtio/bus/mmio.h"

#include "kernel/acpi.h"
#include "kernel/acpi_aml.h"
#include "kernel/cmdline.h"
#include "kernel/page.h"
#include "kernel/pci.h"
#include "kernel/printf.h"
#include "kernel/string.h"

#define ACPI_ID "LNRO0005"

#define SCAN_FROM  0xfeb00000u
#define SCAN_BYTES 0x200u
#define SCAN_SLOTS 24
#define BYTES_MOST (1u << 20)
#define HEADER_AML 36u
#define SLOTS_MOST 128

static QVirtioMmio *known; /* by address */
static unsigned slots_seen;
static bool is_searched;

static void tell(QVirtioNote *note, uint64_t base, const char *text, uint32_t value)
{
    char line[96];

    ksnprintf(line, sizeof(line), "mmio 0x%llx: %s 0x%x", (unsigned long long)base, text,
              value);
    note(line);
}

/* Some devices ignore all but the lowest bit of DeviceFeaturesSel: words that mirror
 * word 1, in which no device of version 2 has nothing, are not words of their own. */
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
static void look_at(const QVirtioMmioSlot *slot, QVirtioNote *note)
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
        if (slot->number < 0) { /* somebody said that there is a device */
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

/* False: there is no DSDT. */
static bool search_acpi(QVirtioNote *note)
{
    size_t bytes, at = 0;
    const uint8_t *dsdt = acpi_dsdt(&bytes);
    AcpiDevice a;

    if (!dsdt) {
        return false;
    }
    while (acpi_aml_device(dsdt + HEADER_AML, bytes - HEADER_AML, ACPI_ID, &at, &a)) {
        if (a.fault || a.bytes < VIRTIO_MMIO_CONFIG || a.bytes > BYTES_MOST ||
            a.base % 4) {
            char line[96];
            ksnprintf(line, sizeof(line), "mmio: ACPI device %s not usable: %s", a.name,
                      a.fault ? a.fault : "its memory is no place for a device");
            note(line);
            continue;
        }
        IrqWiring wiring = a.is_edge ? (a.is_active_low ? IRQ_EDGE_LOW : IRQ_EDGE_HIGH)
                                     : (a.is_active_low ? IRQ_LEVEL_LOW : IRQ_LEVEL_HIGH);
        QVirtioMmioSlot slot = {a.base, a.bytes, a.irq, wiring, -1};
        look_at(&slot, note);
    }
    return true;
}

/* False: there is no such word. */
static bool search_words(QVirtioNote *note)
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
        look_at(&slot, note);
    }
    return at > 0 && cmdline_has("virtio_mmio.device");
}

static void scan(QVirtioNote *note)
{
    QVirtioMmioSlot slot = {.bytes = SCAN_BYTES, .line = -1, .wiring = IRQ_LEVEL_HIGH};
    uintptr_t at = (uintptr_t)page_map_device(SCAN_FROM, SCAN_BYTES * SCAN_SLOTS);

    for (int i = 0; i < SCAN_SLOTS; i++) {
        IoWindow w = {.base = at + SCAN_BYTES * (unsigned)i, .bytes = SCAN_BYTES};
        slot.base = SCAN_FROM + SCAN_BYTES * (unsigned)i;
        slot.number = i;
        /* Nobody said that there is anything: what is not a device is no news. */
        if (io_read32(&w, VIRTIO_MMIO_MAGIC_VALUE) == VIRTIO_MMIO_MAGIC) {
            look_at(&slot, note);
        }
    }
}

static void search(QVirtioNote *note)
{
    bool has_dsdt = search_acpi(note), has_words = search_words(note);

    pci_init();
    if (!has_dsdt && !has_words && strcmp(pci_access_name(), "none") == 0) {
        scan(note);
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
