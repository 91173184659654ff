/* SPDX-License-Identifier: MIT */
/*
 * Register windows on x86: ports by in and out, memory by one load or store of the width.
 * Uncached accesses and port accesses stay in program order with each other and with
 * ordinary stores; the compiler is held by volatile and by the barriers below.
 */
#include "kernel/io.h"
#include "cpu.h"
#include "kernel/barrier.h"
#include "kernel/panic.h"

static uint64_t at(const IoWindow *w, uint64_t off, unsigned width)
{
    if (off > w->bytes || width > w->bytes - off) {
        panic("access of %u bytes at offset 0x%llx of a window of 0x%llx", width,
              (unsigned long long)off, (unsigned long long)w->bytes);
    }
    return w->base + off;
}

#define DEFINE_ACCESS(bits)                                                \
    uint##bits##_t io_read##bits(const IoWindow *w, uint64_t off)          \
    {                                                                      \
        uint64_t where = at(w, off, bits / 8);                             \
        if (w->is_port) {                                                  \
            return port_read##bits((uint16_t)where);                       \
        }                                                                  \
        uint##bits##_t v = *(volatile uint##bits##_t *)(uintptr_t)where;   \
        barrier_acquire();                                                 \
        return v;                                                          \
    }                                                                      \
                                                                           \
    void io_write##bits(const IoWindow *w, uint64_t off, uint##bits##_t v) \
    {                                                                      \
        uint64_t where = at(w, off, bits / 8);                             \
        barrier_release();                                                 \
        if (w->is_port) {                                                  \
            port_write##bits((uint16_t)where, v);                          \
        } else {                                                           \
            *(volatile uint##bits##_t *)(uintptr_t)where = v;              \
        }                                                                  \
    }

DEFINE_ACCESS(8)
DEFINE_ACCESS(16)
DEFINE_ACCESS(32)

IoWindow io_subwindow(const IoWindow *w, uint64_t off, uint64_t bytes)
{
    if (off > w->bytes || bytes > w->bytes - off) {
        return (IoWindow){.is_port = w->is_port};
    }
    return (IoWindow){.is_port = w->is_port, .base = w->base + off, .bytes = bytes};
}
