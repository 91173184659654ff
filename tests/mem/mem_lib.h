/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the memory device (5.15) share. Blocks are numbered from the start of
 * the region. Each life begins with nothing plugged (the driver's open), so tests count
 * from there; what is not theirs to know (how much the host lets them plug) is asked of
 * config space, and too little of it is a SKIP.
 */
#ifndef MEM_LIB_H
#define MEM_LIB_H

#include "drivers/virtio/device/mem.h"
#include "tests/harness/test.h"

/* For .why_not: returns the text of a SKIP when fewer blocks are usable and requested
 * than a test is about to plug. */
const char *mem_why_not_one(QVirtioDevice *dev);
const char *mem_why_not_four(QVirtioDevice *dev);

/* Reads config space. Returns false when that fails, which is reported. */
bool mem_region(Test *t, QVirtioDevice *dev, MemRegion *m);
/* Returns plugged_size, in blocks. */
uint64_t mem_plugged(Test *t, QVirtioDevice *dev);

/* Sends one request, again while it is answered BUSY. Returns the response's type, or
 * MEM_UNANSWERED when there is none, which is reported. A device that goes on to be BUSY,
 * and changes nothing, makes the test a SKIP. */
uint16_t mem_ask_at(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t addr,
                    uint16_t blocks);
/* Does the same for blocks by number. */
uint16_t mem_ask(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first,
                 uint16_t blocks);
/* Sends a request that there is no reason to refuse. Where the device has one all the
 * same (NACK), and changes nothing, the test is a SKIP. */
uint16_t mem_change(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first,
                    uint16_t blocks);
#define mem_plug(t, dev, first, blocks) \
    mem_change(t, dev, VIRTIO_MEM_REQ_PLUG, first, blocks)
#define mem_unplug(t, dev, first, blocks) \
    mem_change(t, dev, VIRTIO_MEM_REQ_UNPLUG, first, blocks)
/* Sends a PLUG beyond what is requested, once: it is to be refused. */
uint16_t mem_plug_too_much(Test *t, QVirtioDevice *dev, uint64_t first, uint16_t blocks);
#define mem_unplug_all(t, dev) mem_ask(t, dev, VIRTIO_MEM_REQ_UNPLUG_ALL, 0, 0)
/* Returns the state of the blocks; MEM_UNANSWERED unless the answer is an ACK. */
uint16_t mem_state(Test *t, QVirtioDevice *dev, uint64_t first, uint16_t blocks);

/* Sends the request with other bytes behind it, and with its padding (and what the type
 * gives no meaning to) not zero. Returns what it is answered. */
uint16_t mem_ask_with_surplus(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first);
uint16_t mem_ask_with_padding(Test *t, QVirtioDevice *dev, uint16_t type, uint64_t first);

/* Requests of this type for no blocks, for addresses between blocks, and for blocks that
 * are not all usable, are answered ERROR, and plug or unplug nothing. */
void mem_expect_bad_ranges_refused(Test *t, const char *clause, QVirtioDevice *dev,
                                   uint16_t type);

/* Returns where the CPU finds `bytes` of a block. Returns NULL when it finds them
 * nowhere; the test is then skipped. */
void *mem_at(Test *t, QVirtioDevice *dev, uint64_t block, uint64_t bytes);

#endif
