/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the memory device (5.15.6): its requests, and the memory that
 * it manages. The caller judges the answers.
 */
#ifndef QVIRTIO_DEVICE_MEM_H
#define QVIRTIO_DEVICE_MEM_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_mem.h"

/* No device answers this. */
#define MEM_UNANSWERED 0xffff

/* Config space, in CPU order. All fields are bytes or addresses. */
typedef struct MemRegion {
    uint64_t block, addr, region, usable, plugged, requested;
} MemRegion;

/* Reads config space. Returns -QVIRTIO_RANGE when the block size is 0. */
int mem_read_region(QVirtioDevice *d, MemRegion *m);

typedef struct MemRequest {
    QVirtQueue *vq;
    /* The device reads it. NULL when the arena is full. */
    struct virtio_mem_req *req;
    /* With the surplus bytes. */
    uint32_t req_bytes;
    /* The device writes it. */
    struct virtio_mem_resp *resp;
    uint32_t used_len;
} MemRequest;

/* Makes a request and does not send it. `surplus` bytes follow the request in its
 * buffer. */
MemRequest mem_request(QVirtioDevice *d, uint16_t type, uint64_t addr, uint16_t blocks,
                       uint32_t surplus);
/* Adds the request, kicks, and waits until it is used. */
int mem_run(MemRequest *r);
/* 5.15.6: "The device MAY reject requests with VIRTIO_MEM_RESP_BUSY if the request can
 * currently not be processed." Sends the request until its answer is another, MEM_TRIES
 * times at most. Returns the last answer, MEM_UNANSWERED when *err is not 0. */
#define MEM_TRIES  20
#define MEM_TRY_MS 1
uint16_t mem_run_until_served(MemRequest *r, int *err);
/* Return the type of the response, and its state. The state is MEM_UNANSWERED unless the
 * type is VIRTIO_MEM_RESP_ACK. */
uint16_t mem_answer(const MemRequest *r);
uint16_t mem_answer_state(const MemRequest *r);

#endif
