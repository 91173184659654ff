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
    const char *name; /* as in test ids: "pci", "pci-legacy", "mmio" ... */
    bool is_legacy;   /* guest-endian, no FEATURES_OK, page-frame queues (7.4, "legacy
                         interface") */

    const uint8_t *reserved; /* FEATURES(...) that nobody is to accept on this bus; NULL:
                                none */

    /* Status (2.1). set_status writes the byte as given; nothing is OR-ed in. */
    int (*get_status)(QVirtioDevice *d, uint8_t *status);
    int (*set_status)(QVirtioDevice *d, uint8_t status);
    /* Requests a reset and returns when the device says that it is complete, or
     * -QVIRTIO_TIMEOUT (2.4). */
    int (*reset)(QVirtioDevice *d);

    /* Features by word of 32 bits (2.2); a word the bus cannot carry: reads 0, writing
     * nonzero is -UNSUPPORTED. */
    int (*get_features)(QVirtioDevice *d, uint32_t word, uint32_t *bits);
    int (*set_features)(QVirtioDevice *d, uint32_t word, uint32_t bits);

    /* Queues (2.6). queue_max: 0 means that the queue does not exist. */
    int (*queue_max)(QVirtioDevice *d, uint16_t index, uint16_t *size);
    /* Tells the device size and areas, binds vq->irq if it is bound, and enables the
     * queue. */
    int (*queue_enable)(QVirtioDevice *d, const QVirtQueue *vq);
    int (*queue_enabled)(QVirtioDevice *d, uint16_t index, bool *enabled);
    /* Resets one queue (2.6.1) and returns when that is complete. */
    int (*queue_reset)(QVirtioDevice *d, uint16_t index);
    /* Administration virtqueues (2.13) of a device that accepted VIRTIO_F_ADMIN_VQ: the
     * index of the first, and how many. NULL: the bus has no such thing. */
    int (*admin_queues)(QVirtioDevice *d, uint16_t *first, uint16_t *count);
    /* The SR-IOV group that the device owns (2.12): NumVFs, 0 while VF Enable is clear,
     * and a virtual function of it by its number, from 1, as a device of its own; NULL:
     * it is not driven here. Either may be NULL. */
    int (*sriov_vfs)(QVirtioDevice *d, uint16_t *vfs);
    QVirtioDevice *(*sriov_member)(QVirtioDevice *d, uint16_t vf);
    /* A kick: tells the device to look at the queue. data: see VIRTIO_F_NOTIFICATION_DATA
     * (2.9); else the index. */
    void (*notify)(QVirtioDevice *d, const QVirtQueue *vq);

    /*
     * Interrupts. irq_bind routes a source to irq (or to nothing: irq NULL); two sources
     * may be given the same irq. It reads the binding back: -REFUSED when the device did
     * not take it.
     */
    int (*irq_bind)(QVirtioDevice *d, int source, QVirtioIrq *irq);
    /* Takes every route down; reset does not. */
    void (*irq_release)(QVirtioDevice *d);
    /* Reads the causes. On PCI reading clears them and lowers INTx; on MMIO they stay
     * until the bus's interrupt handler has acknowledged them. */
    int (*query_isr)(QVirtioDevice *d, uint32_t *causes);

    /* Config space (2.5), at the field's natural width: 1, 2, 4 or 8 bytes (8 is two
     * accesses where the bus says so). Bytes as on the wire. */
    int (*get_config)(QVirtioDevice *d, size_t off, void *to, size_t width);
    int (*set_config)(QVirtioDevice *d, size_t off, const void *from, size_t width);
    /* How many bytes of config space the bus can reach; 0 when there is none. */
    int (*config_bytes)(QVirtioDevice *d, size_t *bytes);
    int (*config_generation)(QVirtioDevice *d,
                             uint32_t *generation); /* -UNSUPPORTED: the bus has none */

    /* Shared memory regions (2.10). */
    int (*shm_region)(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

    /* Called between looks of every wait on this device; may be NULL. The soft device
     * runs here. */
    void (*poll)(QVirtioDevice *d);

    /* Truths about its devices that the bus has itself, in place of the word know=; NULL:
     * only the host has them. Valid until the next call. */
    const char *(*truth)(const QVirtioDevice *d, const char *field);

    /* Does to its device what a host would do, in place of one: see tests/harness/hand.h.
     * The answer's value is a text. -UNSUPPORTED: it has no such action. NULL: only a
     * host can. "restore": undoes all that was done. */
    int (*hand)(QVirtioDevice *d, const char *action, const char *args, char *value,
                size_t bytes);

    /*
     * Finds the bus's devices, in a stable order, and calls found() once for each.
     * device_id 0: all. note() gets one line for each thing found that is not usable (a
     * bad capability, an unknown version); the search goes on.
     */
    void (*device_foreach)(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           void (*note)(const char *line));
};

/* Of a bus that has no such thing: -UNSUPPORTED. */
int qvirtio_no_queue_reset(QVirtioDevice *d, uint16_t index);
int qvirtio_no_config_generation(QVirtioDevice *d, uint32_t *generation);
int qvirtio_no_shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes);

/* A bus puts a pointer to its table in section .buses with this: nobody keeps a list of
 * buses. */
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
