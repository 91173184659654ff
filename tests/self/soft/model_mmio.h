/* SPDX-License-Identifier: MIT */
/*
 * Private to model_mmio*.c: one slot, and the registers in which the two versions differ.
 */
#ifndef MODEL_MMIO_H
#define MODEL_MMIO_H

#include "drivers/virtio/spec/virtio_mmio.h"
#include "tests/self/soft/model.h"

typedef struct MmioModel {
    /* First: a door's slot. */
    Door door;
    uint8_t version;
    bool is_there;
    /* InterruptStatus. */
    uint32_t interrupts;
    uint32_t shm_select;
    /* Of version 1. */
    uint32_t page_bytes, align;
    /* Of faulty devices: queues that were ready or reset, and what was seen since. */
    uint32_t were_ready, were_reset, are_hidden, resets_seen;
    /* The reset of this queue is done when QueueReset was read so often. */
    unsigned queue_reset_reads;
    uint16_t queue_being_reset;
} MmioModel;

void model_mmio_update_line(const MmioModel *m);
/* Resets what a slot has of its own. */
void model_mmio_reset(Door *d);

uint32_t model_mmio_read_modern(MmioModel *m, uint32_t at);
void model_mmio_write_modern(MmioModel *m, uint32_t at, uint32_t v);
uint32_t model_mmio_read_legacy(MmioModel *m, uint32_t at);
void model_mmio_write_legacy(MmioModel *m, uint32_t at, uint32_t v);

#endif
