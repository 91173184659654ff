/* SPDX-License-Identifier: MIT */
/*
 * The rate of the time stamp counter, from whoever knows it, in this order: the
 * hypervisor's CPUID leaf 0x40000010; KVM's clock page, whose scale is the rate; CPUID
 * leaf 0x15. These cost nothing. Else it is measured, a millisecond at a time until two
 * measurements agree (a host that takes the CPU away for longer than the counter's lap
 * spoils one), against a counter of known rate: the PIT's channel 0 (in mode 2, read by
 * latching: unlike channel 2 it needs no port 0x61, which microvm has not), the ACPI PM
 * timer, or the local APIC's timer, which QEMU and KVM run at 1 GHz. The RTC is not used:
 * its seconds would cost one.
 */
#include "calibrate.h"
#include "apic.h"
#include "cpu.h"
#include "kernel/acpi/acpi.h"
#include "kernel/arch.h"
#include "kernel/barrier.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"

#define HYPERVISOR_LEAVES     0x40000000u
#define HYPERVISOR_LEAVES_END 0x40000400u
#define LEAF_KVM_FEATURES     1
#define LEAF_FREQUENCIES      0x10
#define KVM_CLOCKSOURCE2      (1u << 3)
#define MSR_KVM_SYSTEM_TIME   0x4b564d01u
#define PVCLOCK_ENABLE        1u
#define PVCLOCK_LOOKS         10000

#define MEASURE_NS           NS_PER_MS
#define MEASUREMENTS_MAX     20
#define READS_WITHOUT_CHANGE 2000
#define SAMPLES              4

/* What KVM writes at the address that MSR_KVM_SYSTEM_TIME was told. */
struct pvclock_vcpu_time_info {
    uint32_t version; /* odd while it is being written */
    uint32_t pad0;
    uint64_t tsc_timestamp, system_time;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags, pad[2];
};
_Static_assert(sizeof(struct pvclock_vcpu_time_info) == 32, "KVM's clock page");

/* A counter of known rate; read() counts upwards, modulo mask + 1. */
typedef struct Reference {
    const char *name;
    uint64_t hz;
    uint32_t mask;
    bool (*start)(void);
    uint32_t (*read)(void);
} Reference;

typedef struct Sample {
    uint64_t tsc, width; /* the middle of the reading, and how long it took */
    uint32_t count;
} Sample;

/* The first of the hypervisor's leaves with this signature, or 0. */
static uint32_t find_hypervisor(const char *signature, uint32_t *last)
{
    for (uint32_t leaf = HYPERVISOR_LEAVES; leaf < HYPERVISOR_LEAVES_END; leaf += 0x100) {
        Cpuid c = cpuid(leaf);
        uint32_t name[3] = {c.ebx, c.ecx, c.edx};
        if (memcmp(name, signature, sizeof(name)) == 0) {
            *last = c.eax;
            return leaf;
        }
        if (c.eax < HYPERVISOR_LEAVES) {
            return 0; /* no hypervisor leaves at all */
        }
    }
    return 0;
}

/* Lets KVM fill the clock page once, and takes the rate from its scale: ns = (ticks <<
 * shift) * mul >> 32. */
static uint64_t rate_from_pvclock(void)
{
    static volatile struct pvclock_vcpu_time_info page __attribute__((aligned(64)));
    msr_write(MSR_KVM_SYSTEM_TIME, (uintptr_t)&page | PVCLOCK_ENABLE);
    for (unsigned i = 0; i < PVCLOCK_LOOKS && (page.version == 0 || page.version & 1);
         i++) {
        arch_cpu_relax();
    }
    uint32_t mul = page.tsc_to_system_mul;
    int shift = page.tsc_shift;
    msr_write(MSR_KVM_SYSTEM_TIME, 0); /* nobody writes to our memory from here on */
    if (mul == 0 || shift < -31 || shift > 31) {
        return 0;
    }
    uint64_t hz = (NS_PER_S << 32) / mul;
    return shift < 0 ? hz << -shift : hz >> shift;
}

static uint64_t rate_from_hypervisor(const char **source)
{
    uint32_t last;
    uint32_t kvm = find_hypervisor("KVMKVMKVM\0\0\0", &last);
    if (kvm && last >= kvm + LEAF_FREQUENCIES) {
        *source = "hypervisor leaf 0x10";
        uint64_t khz = cpuid(kvm + LEAF_FREQUENCIES).eax;
        if (khz) {
            return khz * 1000;
        }
    }
    if (kvm && (cpuid(kvm + LEAF_KVM_FEATURES).eax & KVM_CLOCKSOURCE2)) {
        *source = "pvclock";
        return rate_from_pvclock();
    }
    return 0;
}

static uint64_t rate_from_cpu(const char **source)
{
    *source = "cpuid leaf 0x15";
    if (cpuid(0).eax < 0x15) {
        return 0;
    }
    Cpuid c = cpuid(0x15);
    return c.eax && c.ebx && c.ecx ? (uint64_t)c.ecx * c.ebx / c.eax : 0;
}

enum { PIT_CHANNEL_0 = 0x40, PIT_CONTROL = 0x43, PIT_HZ = 1193182 };

static bool pit_start(void)
{
    port_write8(PIT_CONTROL, 0x34); /* channel 0, low byte then high, mode 2 */
    port_write8(PIT_CHANNEL_0, 0);
    port_write8(PIT_CHANNEL_0, 0); /* 65536 */
    return true;
}

static uint32_t pit_read(void)
{
    port_write8(PIT_CONTROL, 0x00); /* latch channel 0 */
    uint32_t low = port_read8(PIT_CHANNEL_0);
    uint32_t high = port_read8(PIT_CHANNEL_0);
    return 0 - (high << 8 | low); /* it counts down */
}

static uint16_t pm_timer_port;

static bool pm_timer_start(void)
{
    enum { FADT_PM_TIMER = 76 };
    size_t bytes;
    const uint8_t *fadt = acpi_find_table("FACP", 0, &bytes);
    if (!fadt || bytes < FADT_PM_TIMER + 4) {
        return false;
    }
    memcpy(&pm_timer_port, fadt + FADT_PM_TIMER, sizeof(pm_timer_port));
    return pm_timer_port != 0;
}

static uint32_t pm_timer_read(void)
{
    return port_read32(pm_timer_port);
}

static bool apic_timer_start_all(void)
{
    apic_timer_start(UINT32_MAX);
    return true;
}

static uint32_t apic_timer_read(void)
{
    return 0 - apic_timer_left();
}

static const Reference references[] = {
    {"pit", PIT_HZ, 0xffff, pit_start, pit_read},
    {"acpi pm timer", 3579545, 0xffffff, pm_timer_start, pm_timer_read},
    {"local apic at 1 GHz", APIC_TIMER_HZ, UINT32_MAX, apic_timer_start_all,
     apic_timer_read},
};

/* The reading that took least of a few: the host may take the CPU away in the middle of
 * one. */
static Sample take_sample(const Reference *ref)
{
    Sample best = {.width = UINT64_MAX};
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t before = tsc_read();
        uint32_t count = ref->read();
        uint64_t width = tsc_read() - before;
        if (width < best.width) {
            best = (Sample){.tsc = before + width / 2, .width = width, .count = count};
        }
    }
    return best;
}

/* Ticks per second against a reference; 0 when the reference does not count. */
static uint64_t measure(const Reference *ref)
{
    if (!ref->start()) {
        return 0;
    }
    uint32_t enough = (uint32_t)(ref->hz * MEASURE_NS / NS_PER_S);
    Sample first = take_sample(ref);
    uint32_t last = first.count;
    unsigned unchanged = 0;
    for (;;) {
        uint32_t count = ref->read();
        if (((count - first.count) & ref->mask) >= enough) {
            break;
        }
        unchanged = count == last ? unchanged + 1 : 0;
        last = count;
        if (unchanged == READS_WITHOUT_CHANGE) {
            return 0;
        }
    }
    Sample second = take_sample(ref);
    uint32_t counted = (second.count - first.count) & ref->mask;
    return (second.tsc - first.tsc) * ref->hz / counted;
}

/* The rate on which two measurements in a row agree within half a percent; 0 when the
 * reference does not count. */
static uint64_t measure_until_agreed(const Reference *ref)
{
    uint64_t before = measure(ref), hz = before;
    for (unsigned i = 1; i < MEASUREMENTS_MAX && before; i++) {
        hz = measure(ref);
        uint64_t apart = hz > before ? hz - before : before - hz;
        if (apart <= hz / 200) {
            break;
        }
        before = hz;
    }
    return hz;
}

uint64_t calibrate_tsc(const char **source)
{
    uint64_t hz = rate_from_hypervisor(source);
    if (!hz) {
        hz = rate_from_cpu(source);
    }
    for (size_t i = 0; !hz && i < sizeof(references) / sizeof(references[0]); i++) {
        *source = references[i].name;
        hz = measure_until_agreed(&references[i]);
    }
    if (!hz) {
        *source = "nothing, 1 GHz assumed";
        hz = NS_PER_S;
    }
    return hz;
}
