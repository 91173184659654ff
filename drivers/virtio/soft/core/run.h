/* SPDX-License-Identifier: MIT */
/*
 * Private to the soft bus: what soft.c uses of run.c.
 */
#ifndef SOFT_RUN_H
#define SOFT_RUN_H

#include "drivers/virtio/soft/core/soft.h"

/* Operations of the bus table. */
void soft_poll(QVirtioDevice *d);
int soft_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void soft_irq_release(QVirtioDevice *d);
int soft_query_isr(QVirtioDevice *d, uint32_t *causes);

/* From here on the device runs whenever one is polled. */
void soft_adopt(SoftDevice *s);
/* The status that a written one leads to, with VIRTIO_F_SUSPEND (3.4.2). */
uint8_t soft_suspend_status(SoftDevice *s, uint8_t status);

#endif
