/* SPDX-License-Identifier: MIT */
/*
 * Virtio over channel I/O (4.3), revisions 1 and 2. It has no queue reset and no shared
 * memory, which the specification leaves to the future, and no generation of the
 * configuration, which is always transmitted as a whole. Commands are sent by
 * ccw_command.c, devices are found by ccw_find.c, interrupts are in ccw_irq.c, and
 * revision 0 is in ccw_legacy.c.
 */
#include "drivers/virtio/bus/ccw.h"
#include "drivers/virtio/bus.h"
#include "kernel/arch/s390x/hypercall.h"
#include "kernel/lib/string.h"

/* 4.3.2.3: before revision 2 the driver only knows what it wrote, and that a write which
 * was rejected left the status as it was. */
int qvirtio_ccw_get_status(QVirtioDevice *d, uint8_t *status)
{
    QVirtioCcw *p = qvirtio_ccw(d);

    if (p->revision < VIRTIO_CCW_REV_STATUS) {
        *status = p->status;
        return 0;
    }
    return qvirtio_ccw_command(p, CCW_CMD_READ_STATUS, 0, status, sizeof(*status));
}

int qvirtio_ccw_set_status(QVirtioDevice *d, uint8_t status)
{
    QVirtioCcw *p = qvirtio_ccw(d);
    int err = qvirtio_ccw_command(p, CCW_CMD_WRITE_STATUS, 0, &status, sizeof(status));

    if (!err) {
        p->status = status;
        p->is_config_known = false;
    }
    return err;
}

static int reset(QVirtioDevice *d)
{
    return qvirtio_ccw_reset_as(qvirtio_ccw(d), qvirtio_ccw(d)->wanted);
}

int qvirtio_ccw_get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    struct virtio_feature_desc desc = {.index = (uint8_t)word};

    *bits = 0;
    if (word != desc.index) {
        return -QVIRTIO_UNSUPPORTED;
    }
    int err =
        qvirtio_ccw_command(qvirtio_ccw(d), CCW_CMD_READ_FEAT, 0, &desc, sizeof(desc));
    if (!err) {
        *bits = le32_get(desc.features);
    }
    return err;
}

int qvirtio_ccw_set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    struct virtio_feature_desc desc = {le32_of(bits), (uint8_t)word};

    if (word != desc.index) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    return qvirtio_ccw_command(qvirtio_ccw(d), CCW_CMD_WRITE_FEAT, 0, &desc,
                               sizeof(desc));
}

/* A queue that the device does not have is of size 0. */
int qvirtio_ccw_queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    struct vq_config_block block = {.index = be16_of(index)};
    int err = qvirtio_ccw_command(qvirtio_ccw(d), CCW_CMD_READ_VQ_CONF, 0, &block,
                                  sizeof(block));

    *size = err ? 0 : be16_get(block.max_queue_size);
    return err == -QVIRTIO_REFUSED || err == -QVIRTIO_PROGRAM_CHECK ? 0 : err;
}

static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    const struct vq_info_block block = {
        .desc = be64_of(vq->vring.desc_addr.raw),
        .index = be16_of(vq->index),
        .size = be16_of(vq->size),
        .driver = be64_of(vq->vring.avail_addr.raw),
        .device = be64_of(vq->vring.used_addr.raw),
    };
    return qvirtio_ccw_command(qvirtio_ccw(d), CCW_CMD_SET_VQ, 0, &block, sizeof(block));
}

int qvirtio_ccw_queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    (void)d, (void)index, (void)enabled;
    return -QVIRTIO_UNSUPPORTED;
}

/* 4.3.3.2: "the driver SHOULD use GPR4 to pass the host cookie received in GPR2 from the
 * previous notification". */
void qvirtio_ccw_notify(QVirtioDevice *d, const QVirtQueue *vq)
{
    QVirtioCcw *p = qvirtio_ccw(d);
    bool has_data = qvirtio_negotiated(d, VIRTIO_F_NOTIFICATION_DATA);
    uint32_t data = has_data ? (uint32_t)vq->next_place << 16 : 0;
    uint64_t *cookie = &p->cookie[vq->index % QVIRTIO_MAX_QUEUES];

    *cookie =
        hypercall(VIRTIO_CCW_DIAG_NOTIFY, p->subchannel.id, data | vq->index, *cookie);
}

static int transmit_config(QVirtioCcw *p, uint8_t command)
{
    int err = qvirtio_ccw_command(p, command, 0, p->config, p->config_bytes);

    p->is_config_known = !err;
    return err;
}

static bool is_in_config(const QVirtioCcw *p, size_t off, size_t width)
{
    return off <= p->config_bytes && width <= p->config_bytes - off;
}

int qvirtio_ccw_get_config(QVirtioDevice *d, size_t off, void *to, size_t width)
{
    QVirtioCcw *p = qvirtio_ccw(d);

    if (!is_in_config(p, off, width)) {
        return -QVIRTIO_RANGE;
    }
    int err = transmit_config(p, CCW_CMD_READ_CONF);
    memcpy(to, p->config + off, width);
    return err;
}

/*
 * "In both cases, the complete configuration space is transmitted": the other bytes go
 * out as they were read or written last. They are not read again, because what a device
 * shows may depend on all of what is written piece by piece: an input device that does
 * not know a selection (5.8.5) may show none.
 */
int qvirtio_ccw_set_config(QVirtioDevice *d, size_t off, const void *from, size_t width)
{
    QVirtioCcw *p = qvirtio_ccw(d);

    if (!is_in_config(p, off, width)) {
        return -QVIRTIO_RANGE;
    }
    int err = p->is_config_known ? 0 : transmit_config(p, CCW_CMD_READ_CONF);
    memcpy(p->config + off, from, width);
    return err ? err : transmit_config(p, CCW_CMD_WRITE_CONF);
}

int qvirtio_ccw_config_bytes(QVirtioDevice *d, size_t *bytes)
{
    *bytes = qvirtio_ccw(d)->config_bytes;
    return 0;
}

/* "These features are reserved for future use" (4.3.4). */
QVIRTIO_BUS(qvirtio_bus_ccw, .name = "ccw",
            .reserved = FEATURES(VIRTIO_F_RING_RESET, VIRTIO_F_ADMIN_VQ),
            .get_status = qvirtio_ccw_get_status, .set_status = qvirtio_ccw_set_status,
            .reset = reset, .get_features = qvirtio_ccw_get_features,
            .set_features = qvirtio_ccw_set_features, .queue_max = qvirtio_ccw_queue_max,
            .queue_enable = queue_enable, .queue_enabled = qvirtio_ccw_queue_enabled,
            .queue_reset = qvirtio_no_queue_reset, .notify = qvirtio_ccw_notify,
            .irq_bind = qvirtio_ccw_irq_bind, .irq_release = qvirtio_ccw_irq_release,
            .query_isr = qvirtio_ccw_query_isr, .get_config = qvirtio_ccw_get_config,
            .set_config = qvirtio_ccw_set_config,
            .config_bytes = qvirtio_ccw_config_bytes,
            .config_generation = qvirtio_no_config_generation,
            .shm_region = qvirtio_no_shm_region, .device_foreach = qvirtio_ccw_foreach);
