/* SPDX-License-Identifier: MIT */
/*
 * The last ring operations of all queues: what a reader of a failed test wants to see
 * first. Recording one is a few stores, so it is always on.
 */
#include "drivers/virtio/qvirtqueue.h"
#include "kernel/lib/printf.h"

#define TRACE_ENTRIES 16

typedef struct TraceEntry {
    /* The device's name, which stays valid. */
    const char *device;
    uint16_t queue;
    uint8_t kind;
    uint32_t a, b;
} TraceEntry;

static TraceEntry entries[TRACE_ENTRIES];
/* How many operations were recorded since the last reset. */
static unsigned count;

static const char *const formats[] = {
    [QVRING_TRACE_ADD] = "add head %u, %u descriptors",
    [QVRING_TRACE_PUBLISH] = "publish avail idx %u",
    [QVRING_TRACE_KICK] = "kick at avail idx %u",
    [QVRING_TRACE_NO_KICK] = "no kick needed at avail idx %u",
    [QVRING_TRACE_USED] = "used id %u len %u",
    [QVRING_TRACE_BROKEN] = "broken at used idx %u",
    [QVRING_TRACE_IRQ_OFF] = "interrupts off at used idx %u",
    [QVRING_TRACE_IRQ_ON] = "interrupts on at used idx %u, after %u more",
    [QVRING_TRACE_FORGE] = "forge at %u value 0x%x",
};

void qvring_trace(const QVirtQueue *vq, QVRingTraceKind kind, uint32_t a, uint32_t b)
{
    TraceEntry *e = &entries[count++ % TRACE_ENTRIES];
    e->device = vq->dev->name;
    e->queue = vq->index;
    e->kind = kind;
    e->a = a;
    e->b = b;
}

void qvring_trace_reset(void)
{
    count = 0;
}

void qvring_trace_each(void (*line)(const char *text))
{
    char text[112], what[64];
    for (unsigned i = count > TRACE_ENTRIES ? count - TRACE_ENTRIES : 0; i < count; i++) {
        const TraceEntry *e = &entries[i % TRACE_ENTRIES];
        ksnprintf(what, sizeof(what), formats[e->kind], e->a, e->b);
        ksnprintf(text, sizeof(text), "%s queue %u: %s", e->device, e->queue, what);
        line(text);
    }
}
