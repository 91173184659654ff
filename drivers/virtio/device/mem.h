/* SPDX-License-Identifier: MIT */
/*
 * Requests of the memory device (5.15.6), for tests, and the memory that it manages.
 * Blocks are numbered from the region's start. Judging the answer is the caller's.
 */
#ifndef QVIRTIO_DEVICE_MEM_H
#define QVIRTIO_DEVICE_MEM_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_mem.h"

/* No device answers this. */
#define MEM_UNANSWERED 0xffff

/* Config space, in bytes. */
typedef struct MemRegion {
    uint64_t block, addr, region, usable, plugged, requested;
} MemRegion;

int mem_read_region(QVirtioDevice *d, MemRegion *m);

typedef struct MemRequest {
    QVirtQueue *vq;
    /* Device-readable; NULL when the arena is full. */
    struct virtio_mem_req *req;
    /* Surplus ones included. */
    uint32_t req_bytes;
    /* Device-writable. */
    struct virtio_mem_resp *resp;
    uint32_t used_len;
} MemRequest;

/* Prepares a request, which is not sent yet. Surplus bytes follow the request in its
 * buffer. */
MemRequest mem_request(QVirtioDevice *d, uint16_t type, uint64_t addr, uint16_t blocks,
                       uint32_t surplus);
int mem_run(MemRequest *r);
/* Return the response's type, and its state, which is MEM_UNANSWERED unless the type is
 * an ACK. */
uint16_t mem_answer(const MemRequest *r);
uint16_t mem_answer_state(const MemRequest *r);

#endif
