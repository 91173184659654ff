/* SPDX-License-Identifier: MIT */
/*
 * Private to the two PCI buses, and to the tests of the pci suite, which look at
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
    /* Offset of the capability; 0: there is none. */
    uint8_t at;
    uint8_t cap_len, cfg_type, bar, id;
    /* 64 bits for shared memory, else 32. */
    uint64_t offset, length;
} QVirtioPciCap;

/* Where interrupts of one QVirtioIrq come from: an MSI-X entry, or a share in INTx. */
typedef struct QVirtioPciRoute {
    QVirtioIrq *irq;
    /* MSI-X: counted there; INTx: -1. */
    int cpu_vector;
    /* Sources routed here; 0: the route is free. */
    uint8_t users;
    /* INTx: ISR bits that count for it. */
    uint8_t causes;
} QVirtioPciRoute;

#define QVIRTIO_PCI_SOURCES  (QVIRTIO_MAX_QUEUES + 1) /* the config, then the queues */
#define QVIRTIO_PCI_NO_ROUTE 0xff

typedef struct QVirtioPci {
    QVirtioDevice dev;
    struct QVirtioPci *next;
    PciFunction *function;

    /* Modern: one window for each structure (4.1.4); bytes 0: none. */
    IoWindow common, notify, config;
    /* Of both interfaces. */
    IoWindow isr;
    QVirtioPciCap common_cap, notify_cap, isr_cap, config_cap;
    uint32_t notify_off_multiplier;
    /* Offset in notify, of enabled queues. */
    uint32_t notify_at[QVIRTIO_MAX_QUEUES];
    /* The index, or queue_notif_config_data. */
    uint16_t notify_value[QVIRTIO_MAX_QUEUES];

    /* BAR 0. */
    IoWindow legacy;

    PciMsix msix;
    /* NULL: it has MSI-X. */
    const char *why_no_msix;
    /* -1: none is known. */
    int intx_line;
    const char *why_no_intx;
    bool is_msix_on, is_intx_on;
    /* Interrupts of the line with nothing in the ISR: other functions', or false ones;
     * and how many of them had come when one last had something. Written by the handler.
     */
    uint32_t intx_empty, intx_empty_before;
    QVirtioPciRoute route[QVIRTIO_PCI_SOURCES];
    /* By source + 1; QVIRTIO_PCI_NO_ROUTE. */
    uint8_t route_of[QVIRTIO_PCI_SOURCES];
    /* The queue was reset since it was routed. */
    bool is_route_lost[QVIRTIO_PCI_SOURCES];
    /* No more than these of the arrays are in use. */
    int routes_used, sources_used;

    /* The one thing about routing in which the two interfaces differ: writes a source's
     * MSI-X vector, returns what the device then reads back. */
    uint16_t (*set_vector)(struct QVirtioPci *p, int source, uint16_t vector);
} QVirtioPci;

static inline QVirtioPci *qvirtio_pci(const QVirtioDevice *d)
{
    return d->bus_data;
}

/* ---- Finding devices: pci_find.c ---- */

typedef void QVirtioNote(const char *line);

bool qvirtio_pci_is_virtio(const PciFunction *f);
/* A device ID below 0x1040, which transitional and legacy devices have (4.1.2.3). */
bool qvirtio_pci_has_transitional_id(const PciFunction *f);

/* The next virtio capability of the walk; false at its end. */
bool qvirtio_pci_cap_next(const PciFunction *f, PciCapWalk *walk, QVirtioPciCap *cap);
void qvirtio_pci_caps_start(const PciFunction *f, PciCapWalk *walk);
/* Why a structure of this type cannot be used; NULL: it can. */
const char *qvirtio_pci_cap_fault(const PciFunction *f, const QVirtioPciCap *cap);
/* The bytes it points to. */
IoWindow qvirtio_pci_cap_window(PciFunction *f, const QVirtioPciCap *cap);

/* Calls found() for each virtio function that prepare() accepts for this bus. prepare()
 * sees a function once. */
void qvirtio_pci_foreach(const QVirtioBus *bus,
                         bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                         void (*found)(QVirtioDevice *d, void *data), void *data,
                         QVirtioNote *note);
/* The device of a function that came later, reset and with its features read, as the
 * modern bus sees it; NULL: it is none, or not usable. One at a time, and no part of the
 * machine's list of devices. */
QVirtioDevice *qvirtio_pci_plugged(PciFunction *f, QVirtioNote *note);
/* For a bus: the same with its prepare(). */
QVirtioDevice *qvirtio_pci_attach(const QVirtioBus *bus, PciFunction *f,
                                  bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                                  QVirtioNote *note);
/* One line about the function: "pci 00:03.0: text". */
void qvirtio_pci_note(const PciFunction *f, QVirtioNote *note, const char *text);

/* ---- Interrupts: pci_irq.c ---- */

/* Learns what the function can do. */
void qvirtio_pci_irq_init(QVirtioPci *p);
int qvirtio_pci_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void qvirtio_pci_irq_release(QVirtioDevice *d);
/* A queue reset forgets the queue's vector (2.6.1.1): noted, and written again. */
void qvirtio_pci_irq_lost(QVirtioPci *p, int source);
int qvirtio_pci_irq_restore(QVirtioPci *p, int source);
int qvirtio_pci_query_isr(QVirtioDevice *d, uint32_t *causes);

#endif
