/* SPDX-License-Identifier: MIT */
/*
 * What legacy interfaces and channel I/O do not have: queue reset (2.6.1), a generation
 * of the configuration (2.5.1), shared memory (2.10).
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/qvirtio.h"

int qvirtio_no_queue_reset(QVirtioDevice *d, uint16_t index)
{
    (void)d, (void)index;
    return -QVIRTIO_UNSUPPORTED;
}

int qvirtio_no_config_generation(QVirtioDevice *d, uint32_t *generation)
{
    (void)d, (void)generation;
    return -QVIRTIO_UNSUPPORTED;
}

int qvirtio_no_shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    (void)d, (void)id, (void)at, (void)bytes;
    return -QVIRTIO_UNSUPPORTED;
}
