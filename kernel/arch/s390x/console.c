/* SPDX-License-Identifier: MIT */
/*
 * The ASCII console of the service call's event facility (QEMU's sclpconsole): bytes as
 * they are in both directions, up to a page of them at once.
 */
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "sclp.h"

#define EVENT_ASCII      0x1a
#define EVENT_MASK_ASCII (1u << (32 - EVENT_ASCII))
#define MASK_BYTES       4
#define DATA_BYTES       4064u /* of one write: less than what is left of a block */

typedef struct EventMask {
    SccbHeader header;
    uint16_t reserved, mask_bytes;
    uint32_t we_receive, we_send, they_receive, they_send;
} EventMask;

typedef struct Event {
    SccbHeader header;
    uint16_t length; /* from here on */
    uint8_t type, flags;
    uint16_t reserved;
    char data[];
} Event;
_Static_assert(sizeof(Event) == 14, "SCCB with one event buffer");
#define EVENT_HEADER_BYTES (sizeof(Event) - sizeof(SccbHeader))

static bool can_write, can_read;

void console_init(void)
{
    EventMask *mask = sclp_block(sizeof(EventMask));
    mask->mask_bytes = MASK_BYTES;
    mask->we_receive = mask->we_send = EVENT_MASK_ASCII;
    if (sclp_call(SCLP_WRITE_EVENT_MASK) && mask->header.response == SCLP_DONE) {
        can_write = mask->they_receive & EVENT_MASK_ASCII;
        can_read = mask->they_send & EVENT_MASK_ASCII;
    }
}

void arch_console_write(const char *bytes, size_t count)
{
    while (count > 0 && can_write) {
        size_t load = count < DATA_BYTES ? count : DATA_BYTES;
        Event *event = sclp_block((uint16_t)(sizeof(Event) + load));
        event->length = (uint16_t)(EVENT_HEADER_BYTES + load);
        event->type = EVENT_ASCII;
        memcpy(event->data, bytes, load);
        can_write = sclp_call(SCLP_WRITE_EVENT);
        bytes += load;
        count -= load;
    }
}

/* What one read gave and the caller had no room for. */
static char kept[SCCB_BYTES];
static size_t kept_from, kept_to;

/* The event's first byte says that text follows. */
static void read_event(void)
{
    Event *event = sclp_block(SCCB_BYTES);
    sclp_forget_event(); /* first: the call's own interrupt tells of what is left */
    if (!sclp_call(SCLP_READ_EVENT) || event->header.response != SCLP_DONE ||
        event->type != EVENT_ASCII || event->length <= EVENT_HEADER_BYTES ||
        event->length > SCCB_BYTES - sizeof(SccbHeader)) {
        return;
    }
    kept_from = 0;
    kept_to = event->length - EVENT_HEADER_BYTES - 1;
    memcpy(kept, event->data + 1, kept_to);
}

size_t arch_console_read(char *bytes, size_t most)
{
    if (kept_from == kept_to && can_read && sclp_has_event()) {
        read_event();
    }
    size_t count = kept_to - kept_from < most ? kept_to - kept_from : most;
    memcpy(bytes, kept + kept_from, count);
    kept_from += count;
    return count;
}
