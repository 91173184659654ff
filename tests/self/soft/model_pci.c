/* SPDX-License-Identifier: MIT */
/*
 * PCI functions in front of soft devices: which there are, configuration space
 * behind the kernel's accessor (with the extended part, as by an MCFG window),
 * the BARs behind its register windows, the line of each. No bridges.
 */
#include "tests/self/soft/model_pci.h"
#include "drivers/virtio/spec/echo.h"
#include "kernel/pci/access.h"

SOFT_FAULT(vendor_changes_with_driver_ok, "dev:4.1.2.1-1",
           "shows another vendor once a driver is ready");
SOFT_FAULT(common_cfg_goes_after_a_life, "dev:4.1.4.3.1-2",
           "hides the common configuration once it has lived");
SOFT_FAULT(doorbells_go_after_a_life, "dev:4.1.4.4.1-1",
           "hides the notification structure once it has lived");
SOFT_FAULT(isr_goes_after_a_life, "dev:4.1.4.5.1-1", "hides the ISR once it has lived");
SOFT_FAULT(vendor_data_counts_reads, "dev:4.1.4.8.1-3",
           "shows how often its vendor data was read");
SOFT_FAULT(vendor_data_stops_the_device, "dev:4.1.4.8.1-3",
           "stops serving when its vendor data is read");
SOFT_FAULT(window_drops_writes, "dev:4.1.4.9.1-2",
           "ignores writes by configuration access");
SOFT_FAULT(window_drops_zeroes, "dev:4.1.4.9.1-2",
           "ignores writes of 0 by configuration access");
SOFT_FAULT(window_reads_zeroes, "dev:4.1.4.9.1-3",
           "answers reads by configuration access with 0");
SOFT_FAULT(high_half_needs_the_low_one, "dev:4.1.3.2-1",
           "reads the upper half of a field right only behind the lower");
SOFT_FAULT(sr_iov_without_the_capability, "dev:6.2-9b",
           "offers SR_IOV on functions without the capability");

#define LINE_FIRST 16
#define LINES      2

static const PciKind kinds[] = {
    {.device_id = VIRTIO_ID_BLOCK,
     .slot = 1,
     .is_transitional = true,
     .msix_entries = 3,
     .multiplier = 4},
    {.device_id = VIRTIO_ID_BLOCK, .index = 1, .slot = 2, .msix_entries = 4},
    {.device_id = VIRTIO_ID_RNG,
     .slot = 3,
     .is_transitional = true,
     .multiplier = 2,
     .hides = FEATURES(VIRTIO_F_NOTIFICATION_DATA, VIRTIO_F_NOTIF_CONFIG_DATA)},
    {.device_id = ECHO_DEVICE_ID,
     .slot = 4,
     .has_sr_iov = true,
     .has_shm = true,
     .has_vendor_data = true,
     .msix_entries = 8,
     .multiplier = 0x1000,
     .adds = FEATURES(VIRTIO_F_SR_IOV)},
    {.device_id = VIRTIO_ID_NET,
     .slot = 5,
     .msix_entries = 5,
     .multiplier = 2,
     .hides = FEATURES(VIRTIO_F_NOTIFICATION_DATA)},
    {.device_id = VIRTIO_ID_NET,
     .index = 1,
     .slot = 6,
     .msix_entries = 2,
     .multiplier = 8},
    {.device_id = VIRTIO_ID_CONSOLE,
     .slot = 7,
     .is_transitional = true,
     .msix_entries = 16,
     .multiplier = 4},
};
#define FUNCTIONS (sizeof(kinds) / sizeof(kinds[0]))

static PciModel functions[FUNCTIONS];
static unsigned function_count;

/* At the first look at configuration space. */
static void make_functions(void)
{
    static const uint8_t sr_iov[] = {VIRTIO_F_SR_IOV, FEATURES_END};
    static const uint8_t later_fields[] = {
        VIRTIO_F_NOTIF_CONFIG_DATA, VIRTIO_F_RING_RESET, VIRTIO_F_ADMIN_VQ, FEATURES_END};
    static bool are_made;

    for (unsigned i = 0; i < FUNCTIONS && !are_made; i++) {
        PciModel *p = &functions[function_count];
        *p = (PciModel){.kind = &kinds[i]};
        p->door.device_id = kinds[i].device_id;
        p->door.index = kinds[i].index;
        p->door.hides = kinds[i].hides;
        p->door.adds = kinds[i].adds;
        p->door.tell = model_pci_tell;
        p->door.reset = model_pci_reset_all;
        p->door.hides_too =
            model_pci_common_bytes() < sizeof(struct virtio_pci_common_cfg) ? later_fields
                                                                            : NULL;
        if (!kinds[i].adds && soft_fault(sr_iov_without_the_capability)) {
            p->door.adds = sr_iov;
        }
        if (door_open(&p->door)) {
            model_pci_build(p);
            model_pci_reset(p);
            function_count++;
        }
    }
    are_made = true;
}

static PciModel *function_at(uint8_t bus, uint8_t devfn)
{
    make_functions();
    for (unsigned i = 0; i < function_count; i++) {
        if (bus == 0 && devfn == functions[i].kind->slot << 3) {
            return &functions[i];
        }
    }
    return NULL;
}

/* ---- Configuration space ---- */

static bool is_in(uint16_t off, uint16_t from, unsigned bytes)
{
    return from && off >= from && off < from + bytes;
}

/* 4.1.4.9: what is read or written here is read or written in the BAR. */
static uint32_t cfg_data(PciModel *p, const Access *a)
{
    const uint8_t *cap = p->config + p->cfg_cap;
    Access through = {.is_write = a->is_write, .value = a->value};

    through.width = cap[12] | cap[13] << 8 | cap[14] << 16 | (unsigned)cap[15] << 24;
    through.off = cap[8] | cap[9] << 8 | cap[10] << 16 | (uint64_t)cap[11] << 24;
    bool is_aligned = through.width == 1 || through.width == 2 || through.width == 4;
    if (!is_aligned || through.off % through.width || cap[4] >= PCI_BARS) {
        return 0;
    }
    if (a->is_write ? soft_fault(window_drops_writes) ||
                          (soft_fault(window_drops_zeroes) && a->value == 0)
                    : soft_fault(window_reads_zeroes)) {
        return 0;
    }
    return model_pci_bar(p, cap[4], &through);
}

#define CFG_DATA offsetof(struct virtio_pci_cfg_cap, pci_cfg_data)

/* Faults that change bytes of configuration space, or what reading them does. */
static void spoil(PciModel *p, uint16_t off)
{
    const uint8_t type_at = offsetof(struct virtio_pci_cap, cfg_type);
    bool is_ready = door_status(&p->door) & VIRTIO_STATUS_DRIVER_OK;
    uint8_t hidden = soft_fault(common_cfg_goes_after_a_life) ? p->common_cap
                     : soft_fault(doorbells_go_after_a_life)  ? p->notify_cap
                     : soft_fault(isr_goes_after_a_life)      ? p->isr_cap
                                                              : 0;

    p->had_life |= is_ready;
    if (hidden && p->had_life) {
        p->config[hidden + type_at] = VIRTIO_PCI_CAP_VENDOR_CFG;
    }
    if (soft_fault(vendor_changes_with_driver_ok)) {
        config_put(p, PCI_VENDOR_ID, 2, VIRTIO_PCI_VENDOR ^ (is_ready ? 0x101 : 0));
    }
    if (is_in(off, p->vendor_cap, 12) && off == p->vendor_cap + 8) {
        p->config[off] += soft_fault(vendor_data_counts_reads);
        p->is_stopped |= soft_fault(vendor_data_stops_the_device);
    }
}

static uint32_t config_read(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width)
{
    PciModel *p = function_at(bus, devfn);
    uint32_t v = 0;

    if (!p || off + width > 4096) {
        return UINT32_MAX;
    }
    if (is_in(off, p->cfg_cap + CFG_DATA, 4)) {
        return cfg_data(p, &(Access){.width = width});
    }
    if (soft_fault_chosen) {
        spoil(p, off);
    }
    uint8_t *status = &p->config[PCI_STATUS];
    *status &= ~PCI_STATUS_INTERRUPT;
    *status |= model_pci_shows_intx(p) ? PCI_STATUS_INTERRUPT : 0;
    for (unsigned i = width; i-- > 0;) {
        v = v << 8 | (off + i < MODEL_CONFIG_BYTES ? p->config[off + i] : 0);
    }
    return v;
}

/* Which bits of a BAR's register the driver may change. */
static uint32_t bar_mask(const PciModel *p, unsigned bar)
{
    uint32_t bytes = model_pci_bar_bytes(p, bar);

    if (bytes) {
        return ~(bytes - 1);
    }
    if (bar == BAR_FAR_PORTS && model_pci_has_far_ports(p)) {
        return ~(FAR_PORT_BYTES - 1);
    }
    if (bar == BAR_SHM + 1 && p->kind->has_shm) {
        return ~(uint32_t)((SHM_BYTES >> 32) - 1);
    }
    return bar == BAR_REGISTERS + 1 ? ~0u : 0;
}

/* Which bits of a byte the driver may change. */
static uint8_t writable(const PciModel *p, uint16_t off)
{
    unsigned bar = (off - PCI_BASE_ADDRESS_0) / 4u;

    if (off >= PCI_BASE_ADDRESS_0 && bar < PCI_BARS) {
        return (uint8_t)(bar_mask(p, bar) >> (off % 4 * 8));
    }
    if (off == PCI_COMMAND || off == PCI_COMMAND + 1) {
        return off == PCI_COMMAND ? 7 : PCI_COMMAND_INTX_OFF >> 8;
    }
    if (p->msix_cap && off == p->msix_cap + 3) {
        return 0xc0;
    }
    bool is_cfg = is_in(off, p->cfg_cap + 4, 1) || is_in(off, p->cfg_cap + 8, 8);
    return is_cfg || off == PCI_INTERRUPT_LINE ? 0xff : 0;
}

static void config_write(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width,
                         uint32_t v)
{
    PciModel *p = function_at(bus, devfn);

    if (!p) {
        return;
    }
    if (is_in(off, p->cfg_cap + CFG_DATA, 4)) {
        cfg_data(p, &(Access){.width = width, .is_write = true, .value = v});
        model_interrupts();
        return;
    }
    for (unsigned i = 0; i < width && off + i < MODEL_CONFIG_BYTES; i++) {
        uint8_t mask = writable(p, (uint16_t)(off + i));
        p->config[off + i] = (p->config[off + i] & ~mask) | (v >> (8 * i) & mask);
    }
    model_pci_irq_changed(p);
    model_interrupts();
}

/* The name says that extended capabilities can be reached. */
static const PciAccess access_model = {"mcfg", config_read, config_write};

const PciAccess *arch_pci_ports(void)
{
    return &access_model;
}

bool arch_pci_window(uint64_t *base)
{
    (void)base;
    return false;
}

/* Slots share lines, so that there are neighbours on each. */
int arch_pci_route(const PciFunction *root, unsigned pin, const char **why_not)
{
    (void)why_not;
    return LINE_FIRST + (int)((root->slot + pin) % LINES);
}

/* ---- BARs ---- */

static uint64_t bar_address(const PciModel *p, unsigned bar)
{
    uint64_t low = config16(p, (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar)) |
                   (uint64_t)config16(p, (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar + 2))
                       << 16;
    uint64_t high =
        low & 4 ? config16(p, (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar + 4)) |
                      (uint64_t)config16(p, (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar + 6))
                          << 16
                : 0;
    return high << 32 | (low & (low & 1 ? ~3ull : ~0xfull));
}

/* A structure of the registers' BAR: moves the access into it. */
static bool enters(const Access *a, Access *inside, uint64_t from, uint64_t bytes)
{
    *inside = *a;
    inside->off -= from;
    return a->off >= from && a->off + a->width <= from + bytes;
}

static uint32_t device_config(PciModel *p, const Access *a)
{
    Access at = *a;
    bool is_upper = a->off % 8 == 4 && a->width == 4 && !a->is_write;

    if (soft_fault(high_half_needs_the_low_one) && is_upper &&
        p->last_config_off + 4 != a->off) {
        at.off -= 4;
    }
    p->last_config_off = a->off;
    return door_config(&p->door, &at, true);
}

/* Returns true when the access is to a structure of this type, and moves it there. */
static bool is_at(const PciModel *p, unsigned bar, const Access *a, uint8_t cfg_type,
                  uint64_t bytes, Access *inside)
{
    PciPlace place = model_pci_place(p, cfg_type);

    return bar == place.bar && enters(a, inside, place.off, bytes);
}

static uint32_t isr(PciModel *p, const Access *a)
{
    return a->is_write || a->off ? 0 : model_pci_isr(p);
}

static uint32_t ports(PciModel *p, const Access *a)
{
    Access in;

    if (enters(a, &in, PORT_NOTIFY, 4)) {
        if (a->is_write) {
            model_pci_doorbell(p, &in, 0);
        }
        return 0;
    }
    return model_pci_legacy(p, a);
}

uint32_t model_pci_bar(PciModel *p, unsigned bar, const Access *a)
{
    Access in;

    if (is_at(p, bar, a, VIRTIO_PCI_CAP_COMMON_CFG, model_pci_common_bytes(), &in)) {
        return model_pci_common(p, &in);
    }
    if (is_at(p, bar, a, VIRTIO_PCI_CAP_ISR_CFG, 1, &in)) {
        return isr(p, &in);
    }
    if (is_at(p, bar, a, VIRTIO_PCI_CAP_DEVICE_CFG, p->door.s->model->config_bytes,
              &in)) {
        return device_config(p, &in);
    }
    if (is_at(p, bar, a, VIRTIO_PCI_CAP_NOTIFY_CFG, REGISTER_BYTES, &in)) {
        if (a->is_write) {
            model_pci_doorbell(p, &in, model_pci_multiplier(p));
        }
        return 0;
    }
    if (bar == BAR_PORTS && p->kind->is_transitional) {
        return ports(p, a);
    }
    return bar == BAR_MSIX && model_pci_vectors(p) ? model_pci_msix(p, a) : 0;
}

bool model_pci_registers(bool is_port, uint64_t at, const Access *a, uint32_t *value)
{
    uint16_t decode = is_port ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

    for (PciModel *p = functions; p < functions + function_count; p++) {
        for (unsigned bar = 0; bar <= BAR_REGISTERS; bar++) {
            uint64_t bytes = model_pci_bar_bytes(p, bar), from = bar_address(p, bar);
            Access in = *a;

            in.off = at - from;
            if (bytes && from && at >= from && in.off + a->width <= bytes &&
                is_port == (bar == BAR_PORTS) && config16(p, PCI_COMMAND) & decode) {
                *value = model_pci_bar(p, bar, &in);
                return true;
            }
        }
    }
    return false;
}
