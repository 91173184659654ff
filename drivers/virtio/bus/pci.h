/* SPDX-License-Identifier: MIT */
/*
 * Private to the two PCI buses, and to the tests of the suite pci, which look at
 * registers themselves: what is known of one function, its virtio capabilities as the
 * device presents them, and its interrupt routes.
 */
#ifndef QVIRTIO_BUS_PCI_H
#define QVIRTIO_BUS_PCI_H

#include "drivers/virtio/bus/window.h"
#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_pci.h"
#include "kernel/pci/pci.h"

/* One virtio capability (4.1.4), as found in configuration space. */
typedef struct QVirtioPciCap {
    /* The offset of the capability; 0 means that there is none. */
    uint8_t at;
    uint8_t cap_len, cfg_type, bar, id;
    /* Of 64 bits for shared memory, else of 32. */
    uint64_t offset, length;
} QVirtioPciCap;

/* Where interrupts of one QVirtioIrq come from: an MSI-X entry, or a share in INTx. */
typedef struct QVirtioPciRoute {
    QVirtioIrq *irq;
    /* The CPU vector that counts it, with MSI-X; -1 with INTx. */
    int cpu_vector;
    /* How many sources are routed here; 0 means that the route is free. */
    uint8_t users;
    /* The bits of the ISR that count for it, with INTx. */
    uint8_t causes;
} QVirtioPciRoute;

/* The config is the first source; the queues follow. */
#define QVIRTIO_PCI_SOURCES  (QVIRTIO_MAX_QUEUES + 1)
#define QVIRTIO_PCI_NO_ROUTE 0xff

typedef struct QVirtioPci {
    QVirtioDevice dev;
    struct QVirtioPci *next;
    PciFunction *function;

    /* The modern interface: one window for each structure (4.1.4). A window of 0 bytes
     * means that there is no such structure. */
    IoWindow common, notify, config;
    /* The ISR of either interface. */
    IoWindow isr;
    QVirtioPciCap common_cap, notify_cap, isr_cap, config_cap;
    uint32_t notify_off_multiplier;
    /* Where an enabled queue is notified, as an offset in the window notify. */
    uint32_t notify_at[QVIRTIO_MAX_QUEUES];
    /* What is written there: the queue's index, or its queue_notif_config_data. */
    uint16_t notify_value[QVIRTIO_MAX_QUEUES];

    /* The legacy interface: the registers in BAR 0. */
    IoWindow legacy;

    PciMsix msix;
    /* Why it has no MSI-X; NULL when it has. */
    const char *why_no_msix;
    /* Its interrupt line, and why none is known; then the line is -1. */
    int intx_line;
    const char *why_no_intx;
    bool is_msix_on, is_intx_on;
    /* How many interrupts of the line came with nothing in the ISR, because another
     * function sent them or they were false; and how many of them had come when one last
     * had something. The handler writes both. */
    uint32_t intx_empty, intx_empty_before;
    QVirtioPciRoute route[QVIRTIO_PCI_SOURCES];
    /* The route of a source, by source + 1, or QVIRTIO_PCI_NO_ROUTE. */
    uint8_t route_of[QVIRTIO_PCI_SOURCES];
    /* By source + 1: the queue was reset since it was routed. */
    bool is_route_lost[QVIRTIO_PCI_SOURCES];
    /* How many entries of these arrays are in use, at most. */
    int routes_used, sources_used;

    /* Writes the MSI-X vector of a source, and returns what the device then reads back.
     * This is the only thing about routing in which the two interfaces differ. */
    uint16_t (*set_vector)(struct QVirtioPci *p, int source, uint16_t vector);
} QVirtioPci;

static inline QVirtioPci *qvirtio_pci(const QVirtioDevice *d)
{
    return d->bus_data;
}

/* ---- Finding devices: pci_find.c ---- */

typedef void QVirtioNote(const char *line);

bool qvirtio_pci_is_virtio(const PciFunction *f);
/* Returns true for a device ID below 0x1040, as transitional and legacy devices have it
 * (4.1.2.3). */
bool qvirtio_pci_has_transitional_id(const PciFunction *f);

/* A walk over the virtio capabilities: start begins it, and next gives the next one. next
 * returns false at the end. */
bool qvirtio_pci_cap_next(const PciFunction *f, PciCapWalk *walk, QVirtioPciCap *cap);
void qvirtio_pci_caps_start(const PciFunction *f, PciCapWalk *walk);
/* Returns NULL when the structure that a capability describes can be used, else why not.
 */
const char *qvirtio_pci_cap_fault(const PciFunction *f, const QVirtioPciCap *cap);
/* Returns a window on the bytes that a capability points to. */
IoWindow qvirtio_pci_cap_window(PciFunction *f, const QVirtioPciCap *cap);

/* Calls found() for each virtio function that prepare() accepts for this bus. prepare()
 * sees each function once. */
void qvirtio_pci_foreach(const QVirtioBus *bus,
                         bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                         void (*found)(QVirtioDevice *d, void *data), void *data,
                         QVirtioNote *note);
/* Returns the device of a function that was plugged in later, reset and with its features
 * read, as the modern bus sees it. Returns NULL when it is no virtio device or not
 * usable. There is one at a time, and it does not join the machine's list of devices. */
QVirtioDevice *qvirtio_pci_plugged(PciFunction *f, QVirtioNote *note);
/* For a bus: does the same with the bus's own prepare(). */
QVirtioDevice *qvirtio_pci_attach(const QVirtioBus *bus, PciFunction *f,
                                  bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                                  QVirtioNote *note);
/* Gives note() one line about the function: "pci 00:03.0: text". */
void qvirtio_pci_note(const PciFunction *f, QVirtioNote *note, const char *text);

/* ---- Interrupts: pci_irq.c ---- */

/* Learns which kinds of interrupts the function has, and turns MSI-X off. */
void qvirtio_pci_irq_init(QVirtioPci *p);
int qvirtio_pci_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void qvirtio_pci_irq_release(QVirtioDevice *d);
/* A queue reset forgets the queue's vector (2.6.1.1): lost notes that, and restore writes
 * it again. restore returns -QVIRTIO_REFUSED when the device shows another vector. When
 * the device shows that the mapping failed, the queue is polled. */
void qvirtio_pci_irq_lost(QVirtioPci *p, int source);
int qvirtio_pci_irq_restore(QVirtioPci *p, int source);
int qvirtio_pci_query_isr(QVirtioDevice *d, uint32_t *causes);

#endif
