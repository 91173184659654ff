/* SPDX-License-Identifier: MIT */
/*
 * kernel/pci/caps.c, pci/msix.c and the reading of virtio capabilities in bus/pci_find.c,
 * over configuration spaces of any bytes. The first bytes of an input are the BARs, which
 * the kernel has sized and placed itself; the rest is the configuration space.
 */
#include "drivers/virtio/bus/pci.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "tests/self/fuzz/fuzz.h"

#define CAPS_MOST 48

static uint8_t config[256];
static PciFunction function;
static unsigned reads, visits, found_count;
static uint8_t seen[CAPS_MOST];

static uint32_t config_read(uint16_t off, unsigned width)
{
    uint32_t v = 0;
    FUZZ_CHECK(off % width == 0 && off + width <= sizeof(config),
               "configuration space is read where it is, aligned");
    memcpy(&v, config + off, width);
    reads++;
    return v;
}

uint8_t pci_read8(const PciFunction *f, uint16_t off)
{
    (void)f;
    return (uint8_t)config_read(off, 1);
}

uint16_t pci_read16(const PciFunction *f, uint16_t off)
{
    (void)f;
    return (uint16_t)config_read(off, 2);
}

uint32_t pci_read32(const PciFunction *f, uint16_t off)
{
    (void)f;
    return config_read(off, 4);
}

/* Windows are numbers here; nobody reads through them. */
IoWindow pci_bar_window(PciFunction *f, unsigned bar)
{
    FUZZ_CHECK(bar <= 7, "a BAR's number has three bits");
    return bar < PCI_BARS
               ? (IoWindow){.base = f->bar[bar].address,
                            .bytes = f->bar[bar].address ? f->bar[bar].bytes : 0}
               : (IoWindow){.bytes = 0};
}

IoWindow io_subwindow(const IoWindow *w, uint64_t off, uint64_t bytes)
{
    if (off > w->bytes || bytes > w->bytes - off) {
        return (IoWindow){.bytes = 0};
    }
    return (IoWindow){.base = w->base + off, .bytes = bytes};
}

/* What the finding of devices calls beside. */
void pci_init(void)
{
}

PciFunction *pci_function(unsigned n)
{
    return n == 0 ? &function : NULL;
}

void pci_enable(const PciFunction *f)
{
    (void)f;
}

int qvirtio_device_adopt(QVirtioDevice *d)
{
    (void)d;
    return 0;
}

void pci_write16(const PciFunction *f, uint16_t off, uint16_t v)
{
    (void)f, (void)off, (void)v;
}

void qvirtio_pci_irq_init(QVirtioPci *p)
{
    (void)p;
}

void *page_alloc(unsigned count)
{
    static uint8_t page[PAGE_BYTES] __attribute__((aligned(16)));
    FUZZ_CHECK(count == 1, "a device takes a page");
    return memset(page, 0, sizeof(page));
}

void irq_message(int cpu_vector, uint64_t *address, uint32_t *data)
{
    (void)cpu_vector;
    *address = *data = 0;
}

uint32_t io_read32(const IoWindow *w, uint64_t off)
{
    FUZZ_CHECK(off % 4 == 0 && off <= w->bytes && w->bytes - off >= 4,
               "a register is read within its window");
    return 0;
}

void io_write32(const IoWindow *w, uint64_t off, uint32_t v)
{
    (void)v;
    io_read32(w, off);
}

static uint8_t read_byte(const void *arg, uint16_t off)
{
    return pci_read8(arg, off);
}

/* Sizes and places as the kernel gives them: a power of two, and a multiple of it below
 * 2^52; or none. */
static void take_bars(Fuzz *f)
{
    memset(&function, 0, sizeof(function));
    function.vendor = VIRTIO_PCI_VENDOR;
    function.device = VIRTIO_PCI_DEVICE_FIRST + fuzz_below(f, 0x80);
    for (unsigned i = 0; i < PCI_BARS; i++) {
        unsigned shape = fuzz_u8(f);
        function.bar[i].bytes = shape & 1 ? 1ull << (4 + shape / 2 % 40) : 0;
        function.bar[i].address = function.bar[i].bytes * (fuzz_u8(f) % 4);
    }
}

/* 6.7: a list of dwords behind the header, each at most once. */
static void check_walk(void)
{
    PciCapWalk walk;
    uint8_t at;

    visits = 0;
    pci_cap_walk_start(&walk, read_byte, &function);
    while ((at = pci_cap_walk_next(&walk)) != 0) {
        FUZZ_CHECK(at >= 0x40 && at % 4 == 0, "a capability is behind the header");
        for (unsigned i = 0; i < visits; i++) {
            FUZZ_CHECK(seen[i] != at, "none is visited twice");
        }
        FUZZ_CHECK(visits < CAPS_MOST, "no more are visited than fit");
        seen[visits++] = at;
    }
    FUZZ_CHECK(pci_cap_walk_next(&walk) == 0, "a walk that is over stays over");
    if (walk.fault) {
        FUZZ_REACHED("a list that loops or leads into the header");
    }
    if (visits > 3 && !walk.fault) {
        FUZZ_REACHED("a list of four that ends");
    }
}

static bool has_id(uint8_t id)
{
    for (unsigned i = 0; i < visits; i++) {
        if (config[seen[i]] == id) {
            return true;
        }
    }
    return false;
}

static void check_virtio_cap(const QVirtioPciCap *cap)
{
    const PciBar *bar = &function.bar[cap->bar % PCI_BARS];
    FUZZ_CHECK(cap->bar < PCI_BARS && bar->bytes > 0, "its BAR is there");
    FUZZ_CHECK(cap->length > 0 && cap->offset + cap->length <= bar->bytes &&
                   cap->offset + cap->length > cap->offset,
               "its structure is inside its BAR");
    FUZZ_CHECK(cap->cap_len >= 16 && cap->at + cap->cap_len <= 256,
               "it is inside configuration space");
    FUZZ_CHECK(qvirtio_pci_cap_window(&function, cap).bytes == cap->length,
               "its window is as long as it");
    FUZZ_REACHED("a capability that can be used");
    if (cap->cfg_type == VIRTIO_PCI_CAP_COMMON_CFG) {
        FUZZ_CHECK(cap->length >= 56, "the common structure has all of its first fields");
        FUZZ_REACHED("a common structure");
    }
    if (cap->cfg_type == VIRTIO_PCI_CAP_SHARED_MEMORY_CFG && cap->length > UINT32_MAX) {
        FUZZ_REACHED("shared memory of more than 4 GiB");
    }
}

static void check_virtio_caps(void)
{
    QVirtioPciCap cap;
    PciCapWalk walk;
    unsigned count = 0;

    qvirtio_pci_caps_start(&function, &walk);
    while (qvirtio_pci_cap_next(&function, &walk, &cap)) {
        FUZZ_CHECK(++count <= visits && config[cap.at] == PCI_CAP_ID_VENDOR,
                   "only vendor capabilities are virtio's");
        if (!qvirtio_pci_cap_fault(&function, &cap)) {
            check_virtio_cap(&cap);
        }
    }
}

static void check_msix(void)
{
    PciMsix msix;
    const char *why_not = NULL;

    if (!pci_msix_init(&function, &msix, &why_not)) {
        FUZZ_CHECK(why_not != NULL, "a function without MSI-X says why");
        FUZZ_CHECK(msix.cap || !has_id(PCI_CAP_ID_MSIX), "its capability is found");
        return;
    }
    FUZZ_CHECK(msix.entries >= 1 && msix.entries <= 2048,
               "a table has 1 to 2048 entries");
    pci_msix_route(&msix, msix.entries - 1, 33);
    pci_msix_mask(&msix, msix.entries - 1, true);
    pci_msix_is_pending(&msix, msix.entries - 1);
    FUZZ_REACHED("an MSI-X table");
}

static bool accept(QVirtioPci *p, QVirtioNote *note)
{
    qvirtio_pci_note(p->function, note, "seen");
    return false;
}

static void count_found(QVirtioDevice *d, void *data)
{
    (void)d, (void)data;
    found_count++;
}

static void note(const char *line)
{
    FUZZ_CHECK(strlen(line) < 128, "a note is one line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    Fuzz f = {data, bytes};
    take_bars(&f);
    memset(config, 0, sizeof(config));
    fuzz_take(&f, config, sizeof(config));
    reads = found_count = 0;
    check_walk();
    FUZZ_CHECK(reads <= 2 + CAPS_MOST, "a walk reads a byte a step");
    FUZZ_CHECK(!pci_find_cap(&function, PCI_CAP_ID_MSIX) == !has_id(PCI_CAP_ID_MSIX),
               "a capability is found by its id");
    check_virtio_caps();
    check_msix();
    qvirtio_pci_foreach(NULL, accept, count_found, NULL, note);
    FUZZ_CHECK(found_count == 0, "what is refused is not found");
    return 0;
}
