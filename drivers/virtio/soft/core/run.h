/* SPDX-License-Identifier: MIT */
/*
 * Private to the bus `soft`: what soft.c uses of run.c.
 */
#ifndef SOFT_RUN_H
#define SOFT_RUN_H

#include "drivers/virtio/soft/core/soft.h"

/* These are operations of the bus table. */
void soft_poll(QVirtioDevice *d);
int soft_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq);
void soft_irq_release(QVirtioDevice *d);
int soft_query_isr(QVirtioDevice *d, uint32_t *causes);

/* From this call on the device runs whenever one is polled. */
void soft_adopt(SoftDevice *s);
/* Returns false where the device offered, by a fault, what it cannot do, and the driver
 * accepted it. */
bool soft_supports_all(const SoftDevice *s);
/* Between these two calls a queue runs. The second shows what was held back of what
 * soft_use() was given meanwhile. soft_use() hands a request back. */
void soft_use_begin(SoftDevice *s, uint16_t queue);
void soft_use_end(SoftDevice *s);
void soft_use(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e, uint32_t len);
/* Returns the status that follows when the driver writes one, with VIRTIO_F_SUSPEND
 * (3.4.2). */
uint8_t soft_suspend_status(SoftDevice *s, uint8_t status);

#endif
