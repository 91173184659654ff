/* SPDX-License-Identifier: MIT */
/*
 * For who implements a bus, and for who does something to a device that only an
 * operation of its bus can say: the table of operations. An operation is a thing that
 * the specification names, never a register. It contains no policy: negotiation,
 * adding a status bit and the generation loop of the config space are written once
 * above all buses (life.c, config.c).
 *
 * Operations return 0 or a negative QVirtioError and print nothing. A bus that has no
 * such thing returns -QVIRTIO_UNSUPPORTED; a member may be NULL only where its comment
 * says so.
 */
#ifndef QVIRTIO_BUS_H
#define QVIRTIO_BUS_H

#include "drivers/virtio/qvirtio.h"

struct QVirtioBus {
    /* As in ids: "pci", "pci-legacy", "mmio" ... */
    const char *name;
    /* It is a legacy interface (7.4): it uses the guest's byte order, has no FEATURES_OK,
     * and is told only where a queue begins. */
    bool is_legacy;
    /* Its devices are in this kernel, and so is all that is behind them. */
    bool is_software;
    /* FEATURES(...) that a driver must not accept on this bus, because they are reserved
     * there; NULL means none. */
    const uint8_t *reserved;

    /* ---- Status (2.1) ---- */
    int (*get_status)(QVirtioDevice *d, uint8_t *status);
    /* Writes the byte as given; nothing is or-ed in. */
    int (*set_status)(QVirtioDevice *d, uint8_t status);
    /* Asks for a reset, and returns when the device says that it is complete; else
     * -QVIRTIO_TIMEOUT (2.4). */
    int (*reset)(QVirtioDevice *d);

    /* ---- Features, by words of 32 bits (2.2) ---- */
    /* A word that the bus cannot carry reads as 0. Writing bits to such a word returns
     * -QVIRTIO_UNSUPPORTED. */
    int (*get_features)(QVirtioDevice *d, uint32_t word, uint32_t *bits);
    int (*set_features)(QVirtioDevice *d, uint32_t word, uint32_t bits);

    /* ---- Queues (2.6) ---- */
    /* Gives how many entries the queue may have. A size of 0 means that there is no such
     * queue. */
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
    /* Gives NumVFs of the SR-IOV group that the device owns (2.12); it is 0 while VF
     * Enable is clear. NULL: the bus has no such thing. */
    int (*sriov_vfs)(QVirtioDevice *d, uint16_t *vfs);
    /* Returns a virtual function of the group, counted from 1, as a device of its own, or
     * NULL when it is not driven here. May be NULL. */
    QVirtioDevice *(*sriov_member)(QVirtioDevice *d, uint16_t vf);
    /* Kicks: tells the device to look at the queue. With VIRTIO_F_NOTIFICATION_DATA the
     * device is also told vq->next_place (2.9). */
    void (*notify)(QVirtioDevice *d, const QVirtQueue *vq);

    /* ---- Interrupts ---- */
    /* Routes a source to irq; irq NULL routes it to nothing. Two sources may have the
     * same irq. Returns -QVIRTIO_REFUSED when the device did not take the route. */
    int (*irq_bind)(QVirtioDevice *d, int source, QVirtioIrq *irq);
    /* Takes every route down. qvirtio_reset() calls it; the operation reset leaves the
     * routes alone. */
    void (*irq_release)(QVirtioDevice *d);
    /* Reads why the device interrupts (QVIRTIO_CAUSE_...). On PCI reading clears the
     * causes and lowers INTx. On MMIO they stay until they are acknowledged, which only
     * the interrupt handler of that bus does; so acknowledging is no operation of this
     * table. */
    int (*query_isr)(QVirtioDevice *d, uint32_t *causes);

    /* ---- Config space (2.5) ---- */
    /* Read and write one field at its natural width of 1, 2, 4 or 8 bytes; the bytes are
     * as on the wire. A field of 8 bytes is two accesses where the bus has no wider ones.
     */
    int (*get_config)(QVirtioDevice *d, size_t off, void *to, size_t width);
    int (*set_config)(QVirtioDevice *d, size_t off, const void *from, size_t width);
    /* Gives how many bytes of config space the bus can reach; 0 when there is none. */
    int (*config_bytes)(QVirtioDevice *d, size_t *bytes);
    int (*config_generation)(QVirtioDevice *d, uint32_t *generation);

    /* ---- Shared memory regions (2.10) ---- */
    /* Gives the address and length of region `id`. */
    int (*shm_region)(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

    /* ---- Software devices ---- */
    /* Runs the software devices; called between the looks of every wait. NULL: devices
     * run by themselves. */
    void (*poll)(QVirtioDevice *d);
    /* Returns the truth about a field, as the word know= would tell it of a real device.
     * The text stays valid until the next call. NULL: the word know= tells. */
    const char *(*truth)(const QVirtioDevice *d, const char *field);
    /* Acts in place of the hand (tests/harness/hand.h), and writes the answer's value.
     * The action "restore" undoes all that was done. Returns -QVIRTIO_UNSUPPORTED for an
     * action that it does not have. NULL: the hand is asked. */
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

/* For the tables of buses that have no such thing. Each returns -QVIRTIO_UNSUPPORTED. */
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
 * For buses on which writing 0 to the status requests the reset, and reading 0 says
 * that it is complete (4.1.4.3.2, 4.2.2.2). `what` is the wait's name, a literal.
 */
int qvirtio_reset_by_status(QVirtioDevice *d, const char *what);

#endif
