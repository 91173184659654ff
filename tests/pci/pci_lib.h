/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the pci suite share: registers of the common configuration by field
 * name, capabilities one by one, and a bench on which a test itself decides which MSI-X
 * entry each source gets and counts what arrives there. Absence of an interrupt is proven
 * by order: a device that was reset sends none, so what has not come by then was never
 * sent.
 */
#ifndef PCI_LIB_H
#define PCI_LIB_H

#include "drivers/virtio/bus/pci.h"
#include "tests/harness/test.h"

#define BUS_PCI_BOTH (BUS_PCI | BUS_PCI_LEGACY)

/* ---- Registers (4.1.4.3), of the modern interface ---- */

#define COMMON_AT(field)          offsetof(struct virtio_pci_common_cfg, field)
#define COMMON_READ8(dev, field)  io_read8(&qvirtio_pci(dev)->common, COMMON_AT(field))
#define COMMON_READ16(dev, field) io_read16(&qvirtio_pci(dev)->common, COMMON_AT(field))
#define COMMON_READ32(dev, field) io_read32(&qvirtio_pci(dev)->common, COMMON_AT(field))
#define COMMON_WRITE8(dev, field, v) \
    io_write8(&qvirtio_pci(dev)->common, COMMON_AT(field), v)
#define COMMON_WRITE16(dev, field, v) \
    io_write16(&qvirtio_pci(dev)->common, COMMON_AT(field), v)
#define COMMON_WRITE32(dev, field, v) \
    io_write32(&qvirtio_pci(dev)->common, COMMON_AT(field), v)

/* Returns queue_size of the queue that this index selects. */
uint16_t pci_queue_size(QVirtioDevice *dev, uint16_t index);

/* ---- Capabilities ---- */

/* Gives the nth structure of this type in a place that a driver of today can map: "any
 * vendor-specific capability structure which has a reserved bar value" is ignored
 * (4.1.4.1), and a BAR without an address is not in use (4.1.4: "when I/O resources are
 * unavailable"). Returns false when there are not so many. */
bool pci_structure(const QVirtioDevice *dev, uint8_t cfg_type, unsigned nth,
                   QVirtioPciCap *cap);
/* Gives the nth virtio capability of this type, in the order of the list. Returns false
 * when there are not so many. */
bool pci_cap(const QVirtioDevice *dev, uint8_t cfg_type, unsigned nth,
             QVirtioPciCap *cap);
uint32_t pci_notify_multiplier(const QVirtioDevice *dev, const QVirtioPciCap *notify);

/* ---- Reasons for a SKIP ---- */

const char *pci_why_no_msix(QVirtioDevice *dev);
const char *pci_why_no_intx(QVirtioDevice *dev);
/* For .why_not: returns the text of a SKIP unless MSI-X has at least two entries. */
const char *pci_why_no_two_vectors(QVirtioDevice *dev);

/* ---- Starting by hand (TEST_RAW) ---- */

/* Features agreed (the test's .needs, the ring's, VERSION_1), no queue open. Returns
 * false when that fails, which is reported. */
bool pci_begin(Test *t, QVirtioDevice *dev);
/* Takes away what a driver of today must not accept: features that this specification
 * does not have (2.2.1), those whose companions are missing, and SR_IOV. */
void pci_keep_known(const QVirtioDevice *dev, QVirtioFeatures *f);
/* Returns how many queues the device has with the negotiated features; for a type without
 * a driver, how many there are in a row from 0. */
uint16_t pci_queue_count(QVirtioDevice *dev);
QVirtQueue *pci_ping_queue(const QVirtioDevice *dev);

/* Returns the nth field that this device's configuration has; NULL past the end. */
const QVirtioField *pci_field(const QVirtioDevice *dev, unsigned n);

/* ---- Interrupts ---- */

/* Waits until the ping queue has had more than `before` interrupts. */
int pci_wait_interrupt(QVirtioDevice *dev, uint32_t before);
/* Returns true when the function says that it raises INTx (PCI Local Bus 3.0, 6.2.3:
 * Interrupt Status). */
bool pci_pulls_intx(const QVirtioDevice *dev);
int pci_wait_intx(QVirtioDevice *dev);
/* Masks the machine's line, then a ping whose interrupt is held back by that: at return
 * it is raised, and the ISR says why. The used buffer alone says neither. The line stays
 * masked. Returns false when that fails, which is reported. */
bool pci_ping_behind_mask(Test *t, QVirtioDevice *dev, uint32_t number);
/* Reads the ISR until it is 0, as it must be at the latest once each used buffer of the
 * ping queue has been told of; the sum of the bits seen. Whatever else was on its way
 * sets it again, but cannot do so for ever. */
#define pci_drain_isr(t, clause, dev) \
    pci_drain_isr_at(t, EXPECT_AT(clause, "ISR status"), dev)
uint8_t pci_drain_isr_at(Test *t, const ExpectAt *at, QVirtioDevice *dev);

#define PCI_BENCH_ENTRIES 8

/* MSI-X entries 0 to entries - 1, each with a CPU vector that only counts. */
typedef struct PciBench {
    QVirtioDevice *dev;
    unsigned entries;
    int cpu_vector[PCI_BENCH_ENTRIES];
    /* What an earlier life has left behind: interrupts that came when the entries were
     * opened, and pending bits that stayed. */
    uint32_t came_before[PCI_BENCH_ENTRIES];
    bool was_pending[PCI_BENCH_ENTRIES];
} PciBench;

/* Takes MSI-X from the bus and turns it on: all entries open, at most `most`. The device
 * is begun (pci_begin). Returns false when that fails, which is reported. */
bool pci_bench_open(Test *t, QVirtioDevice *dev, PciBench *b, unsigned most);
/* Maps a source to a vector. Returns the vector that is then read back. */
uint16_t pci_bench_map(const PciBench *b, int source, uint16_t vector);
/* Does the same for a test that needs the mapping. Returns false when there is none: the
 * mapping failed, which it may (4.1.5.1.2), and the test is skipped; or another vector
 * reads back, which is reported. */
bool pci_bench_maps(Test *t, const PciBench *b, int source, uint16_t vector);
/* Opens all queues: the ping queue on entry `ping`, the others and the config on `rest`
 * (VIRTIO_MSI_NO_VECTOR: on none). Then DRIVER_OK and the driver's part, which may
 * interrupt, also later. _start does both. */
bool pci_bench_start_queues(Test *t, PciBench *b, uint16_t ping, uint16_t rest);
bool pci_bench_start_finish(Test *t, PciBench *b);
bool pci_bench_start(Test *t, PciBench *b, uint16_t ping, uint16_t rest);
/* Return how many interrupts have come at the entry, and whether one is pending there;
 * what an earlier life has left does not count. */
uint32_t pci_bench_count(const PciBench *b, unsigned entry);
bool pci_bench_is_pending(const PciBench *b, unsigned entry);
/* Waits until more than `before` interrupts have come at the entry. */
#define pci_bench_after(t, clause, b, entry, before) \
    pci_bench_after_at(t, EXPECT_AT(clause, "interrupt"), b, entry, before)
bool pci_bench_after_at(Test *t, const ExpectAt *at, PciBench *b, unsigned entry,
                        uint32_t before);
/* Waits for an entry's pending bit. */
#define pci_bench_pending(t, clause, b, entry) \
    pci_bench_pending_at(t, EXPECT_AT(clause, "pending bit"), b, entry)
bool pci_bench_pending_at(Test *t, const ExpectAt *at, PciBench *b, unsigned entry);
/* Resets the device: all that it sent has come. Counts stay until _close, which always
 * must follow. */
void pci_bench_settle(PciBench *b);
void pci_bench_close(PciBench *b);

#endif
