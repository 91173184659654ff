/* SPDX-License-Identifier: MIT */
/*
 * Virtio over channel I/O, revision 0 (4.3.2.1.3, 4.3.2.2.2, 4.3.2.6.4). A queue is one
 * block of memory at an address; there are features 0 to 31, no FEATURES_OK, and classic
 * indicators. The device configuration is in the guest's own byte order.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/bus/ccw.h"
#include "drivers/virtio/ring/legacy_queue.h"

static int reset(QVirtioDevice *d)
{
    return qvirtio_ccw_reset_as(qvirtio_ccw(d), VIRTIO_CCW_REV_LEGACY);
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    if (word) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    return qvirtio_ccw_set_features(d, word, bits);
}

static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    uint32_t page;
    const struct vq_info_block_legacy block = {
        .queue = be64_of(vq->vring.desc_addr.raw),
        .align = be32_of(VIRTQ_LEGACY_ALIGN),
        .index = be16_of(vq->index),
        .size = be16_of(vq->size),
    };

    if (!legacy_queue_page(&vq->vring, &page)) {
        return -QVIRTIO_RANGE;
    }
    return qvirtio_ccw_command(qvirtio_ccw(d), CCW_CMD_SET_VQ, 0, &block, sizeof(block));
}

QVIRTIO_BUS(qvirtio_bus_ccw_legacy, .name = "ccw-legacy", .is_legacy = true,
            .get_status = qvirtio_ccw_get_status, .set_status = qvirtio_ccw_set_status,
            .reset = reset, .get_features = qvirtio_ccw_get_features,
            .set_features = set_features, .queue_max = qvirtio_ccw_queue_max,
            .queue_enable = queue_enable, .queue_enabled = qvirtio_ccw_queue_enabled,
            .queue_reset = qvirtio_no_queue_reset, .notify = qvirtio_ccw_notify,
            .irq_bind = qvirtio_ccw_irq_bind, .irq_release = qvirtio_ccw_irq_release,
            .query_isr = qvirtio_ccw_query_isr, .get_config = qvirtio_ccw_get_config,
            .set_config = qvirtio_ccw_set_config,
            .config_bytes = qvirtio_ccw_config_bytes,
            .config_generation = qvirtio_no_config_generation,
            .shm_region = qvirtio_no_shm_region, .device_foreach = qvirtio_ccw_foreach);
