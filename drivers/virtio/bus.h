/* SPDX-License-Identifier: MIT */
/*
 * For who implements a bus, or does something to a device that only a bus operation can
 * say: the table of operations. An operation is a thing that the specification names,
 * never a register, and contains no policy: negotiation, adding a status bit and the
 * config generation loop are written once above all buses (life.c, config.c).
 *
 * Operations return 0 or a negative QVirtioError and print nothing. A bus that has no
 * such thing returns -QVIRTIO_UNSUPPORTED.
 */
#ifndef QVIRTIO_BUS_H
#define QVIRTIO_BUS_H

#include "drivers/virtio/qvirtio.h"

struct QVirtioBus {
    /* As in ids: "pci", "pci-legacy", "mmio" ... */
    const char *name;
    /* It is a legacy interface (7.4): in the guest's byte order, without FEATURES_OK,
     * with queues told by page numbers. */
    bool is_legacy;
    /* FEATURES(...) that nobody is to accept on this bus; NULL: none. */
    const uint8_t *reserved;

    /* ---- Status (2.1) ---- */
    int (*get_status)(QVirtioDevice *d, uint8_t *status);
    /* Writes the byte as given; nothing is or-ed in. */
    int (*set_status)(QVirtioDevice *d, uint8_t status);
    /* Asks for a reset, and returns when the device says that it is complete; else
     * -QVIRTIO_TIMEOUT (2.4). */
    int (*reset)(QVirtioDevice *d);

    /* ---- Features, by words of 32 bits (2.2) ---- */
    /* A word that the bus cannot carry reads as 0; to write bits to it is
     * -QVIRTIO_UNSUPPORTED. */
    int (*get_features)(QVirtioDevice *d, uint32_t word, uint32_t *bits);
    int (*set_features)(QVirtioDevice *d, uint32_t word, uint32_t bits);

    /* ---- Queues (2.6) ---- */
    /* A size of 0 means that there is no such queue. */
    int (*queue_max)(QVirtioDevice *d, uint16_t index, uint16_t *size);
    /* Tells the device the queue's size and areas, routes vq->irq if that is bound, and
     * enables the queue. */
    int (*queue_enable)(QVirtioDevice *d, const QVirtQueue *vq);
    int (*queue_enabled)(QVirtioDevice *d, uint16_t index, bool *enabled);
    /* Resets one queue (2.6.1), and returns when that is complete. */
    int (*queue_reset)(QVirtioDevice *d, uint16_t index);
    /* Gives the index of the first administration virtqueue (2.13), and how many there
     * are, of a device that accepted VIRTIO_F_ADMIN_VQ. NULL: the bus has no such thing.
     */
    int (*admin_queues)(QVirtioDevice *d, uint16_t *first, uint16_t *count);
    /* Gives NumVFs of the SR-IOV group that the device owns (2.12); 0 while VF Enable is
     * clear. NULL: the bus has no such thing. */
    int (*sriov_vfs)(QVirtioDevice *d, uint16_t *vfs);
    /* Returns a virtual function of the group, from 1, as a device of its own; NULL: it
     * is not driven here. May be NULL. */
    QVirtioDevice *(*sriov_member)(QVirtioDevice *d, uint16_t vf);
    /* Kicks: tells the device to look at the queue. With VIRTIO_F_NOTIFICATION_DATA the
     * device is told vq->next_place (2.9), else the queue's index. */
    void (*notify)(QVirtioDevice *d, const QVirtQueue *vq);

    /* ---- Interrupts ---- */
    /* Routes a source to irq; irq NULL: to nothing. Two sources may have the same irq.
     * Returns -QVIRTIO_REFUSED when the device did not take the route. */
    int (*irq_bind)(QVirtioDevice *d, int source, QVirtioIrq *irq);
    /* Takes every route down; reset does not. */
    void (*irq_release)(QVirtioDevice *d);
    /* Reads the causes. On PCI reading clears them and lowers INTx; on MMIO they stay
     * until the bus's interrupt handler has acknowledged them. */
    int (*query_isr)(QVirtioDevice *d, uint32_t *causes);

    /* ---- Config space (2.5) ---- */
    /* One field at its natural width of 1, 2, 4 or 8 bytes, as on the wire. A field of 8
     * bytes is two accesses where the bus has no wider ones. */
    int (*get_config)(QVirtioDevice *d, size_t off, void *to, size_t width);
    int (*set_config)(QVirtioDevice *d, size_t off, const void *from, size_t width);
    /* How many bytes of config space the bus can reach; 0 when there are none. */
    int (*config_bytes)(QVirtioDevice *d, size_t *bytes);
    int (*config_generation)(QVirtioDevice *d, uint32_t *generation);

    /* ---- Shared memory regions (2.10) ---- */
    int (*shm_region)(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

    /* ---- Software devices ---- */
    /* Runs the device; called between the looks of every wait. NULL: it runs by itself.
     */
    void (*poll)(QVirtioDevice *d);
    /* Returns what know= would tell of a real device. NULL: the word know= tells. The
     * text stays valid until the next call. */
    const char *(*truth)(const QVirtioDevice *d, const char *field);
    /* Acts in place of the hand (tests/harness/hand.h), and writes the answer's value.
     * Returns -QVIRTIO_UNSUPPORTED for an action that it does not have. "restore" undoes
     * all that was done. NULL: the hand is asked. */
    int (*hand)(QVirtioDevice *d, const char *action, const char *args, char *value,
                size_t bytes);

    /*
     * Finds the bus's devices in an order that is always the same, and calls found() once
     * for each. note() gets one line for each thing that is not usable (a bad capability,
     * an unknown version); the search goes on.
     */
    void (*device_foreach)(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           void (*note)(const char *line));
};

/* For buses that have no such thing: they return -QVIRTIO_UNSUPPORTED. */
int qvirtio_no_queue_reset(QVirtioDevice *d, uint16_t index);
int qvirtio_no_config_generation(QVirtioDevice *d, uint32_t *generation);
int qvirtio_no_shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

/* Defines a bus, and puts a pointer to its table into section .buses: nobody keeps a list
 * of buses. */
#define QVIRTIO_BUS(id, ...)                    \
    static const QVirtioBus id = {__VA_ARGS__}; \
    static const QVirtioBus *const id##_at      \
        __attribute__((used, section(".buses." #id))) = &id

/*
 * For buses on which a write of 0 to the status requests the reset, and a read of 0 says
 * that it is complete (4.1.4.3.2, 4.2.2.2). what: the wait's name, a literal.
 */
int qvirtio_reset_by_status(QVirtioDevice *d, const char *what);

#endif
