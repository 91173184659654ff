/* SPDX-License-Identifier: MIT */
/*
 * For the tests of virtio over MMIO (4.2), which read and write registers themselves:
 * polling for InterruptStatus, and queues by their index.
 */
#ifndef MMIO_LIB_H
#define MMIO_LIB_H

#include "drivers/virtio/bus/mmio.h"
#include "tests/harness/test.h"

#define BUS_MMIO_BOTH (BUS_MMIO | BUS_MMIO_LEGACY)

/* The direction that a register may be used in (4.2.2). */
typedef enum { MMIO_READ = 1, MMIO_WRITE = 2, MMIO_BOTH = 3 } MmioDirection;

typedef struct MmioRegister {
    uint16_t at;
    uint8_t direction;
} MmioRegister;

/* Gives the nth control register. Returns false past the end. */
bool mmio_register(unsigned n, MmioRegister *r);

/* Returns how many queues the device has now; of a type without a driver those in a row
 * from 0 that have a size. */
uint16_t mmio_queue_count(QVirtioDevice *dev);
QVirtQueue *mmio_ping_queue(const QVirtioDevice *dev);
/* Read and write a register of one queue. */
uint32_t mmio_queue_read(QVirtioDevice *dev, uint16_t index, uint32_t at);
void mmio_queue_write(QVirtioDevice *dev, uint16_t index, uint32_t at, uint32_t value);

/* Starts the device without interrupts: InterruptStatus is left to the test. */
bool mmio_start_polled(Test *t, QVirtioDevice *dev);
/* Waits until InterruptStatus has one of these bits, VIRTIO_MMIO_INTERRUPT_*. */
int mmio_wait_status(QVirtioDevice *dev, uint32_t bits);
/* Sends one ping and leaves its used buffer notification pending: InterruptStatus shows
 * it, and it is not acknowledged. Returns false when that fails, which is reported. */
bool mmio_ping_pending(Test *t, QVirtioDevice *dev, uint32_t number);

#endif
