/* SPDX-License-Identifier: MIT */
/*
 * What the hand does to the software NICs: it takes the link down and up, sends a frame
 * to the guest, looks at a frame that the guest sends, and asks the driver to announce
 * itself.
 */
#include "drivers/virtio/soft/net/net.h"
#include "kernel/lib/string.h"

SOFT_FAULT(speed_moves, "dev:5.1.4.1-12",
           "shows another duplex when it asks for an announcement");

#define NICS 2

/* The first frame that was sent since the hand began to listen, or since it was last told
 * of a frame. */
static struct Capture {
    uint32_t bytes;
    uint8_t frame[SOFT_NET_FRAME_BYTES];
} captures[NICS];

void soft_net_captured(const SoftDevice *s, const uint8_t *frame, uint32_t bytes)
{
    struct Capture *c = &captures[s->dev.index];
    if (c->bytes == 0) {
        memcpy(c->frame, frame, bytes);
        c->bytes = bytes;
    }
}

static bool capture(const SoftDevice *s, char *value, size_t bytes)
{
    struct Capture *c = &captures[s->dev.index];
    if (2 * c->bytes < bytes) {
        hex_encode(value, c->frame, c->bytes);
    }
    c->bytes = 0;
    return true;
}

static bool inject(SoftDevice *s, const char *digits)
{
    static uint8_t frame[SOFT_NET_FRAME_BYTES];
    size_t bytes = hex_decode(digits, frame, sizeof(frame));
    if (bytes == 0 || bytes > sizeof(frame)) {
        return false;
    }
    soft_net_deliver(s, frame, (uint32_t)bytes);
    return true;
}

static void set_status(SoftDevice *s, uint16_t status)
{
    struct virtio_net_config *c = soft_net_config(s);
    if (status != virtio16_get(false, c->status)) {
        c->status = virtio16_of(false, status);
        soft_config_changed(s);
    }
}

static bool link(SoftDevice *s, bool is_up)
{
    SoftNet *n = s->data;
    n->is_link_down = !is_up;
    set_status(s, is_up ? VIRTIO_NET_S_LINK_UP : 0);
    return true;
}

static bool announce(SoftDevice *s)
{
    if (soft_fault(speed_moves)) {
        soft_net_config(s)->duplex ^= 1;
    }
    if (soft_negotiated(s, VIRTIO_NET_F_GUEST_ANNOUNCE)) {
        set_status(s, VIRTIO_NET_S_LINK_UP | VIRTIO_NET_S_ANNOUNCE);
    }
    return true;
}

bool soft_net_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes)
{
    if (strcmp(action, "inject") == 0) {
        return inject(s, args);
    }
    if (strcmp(action, "capture") == 0) {
        return capture(s, value, bytes);
    }
    if (strcmp(action, "listen") == 0) {
        captures[s->dev.index].bytes = 0;
        return true;
    }
    if (strcmp(action, "announce") == 0) {
        return announce(s);
    }
    bool is_restored = strcmp(action, "restore") == 0;
    return (is_restored || strcmp(action, "link") == 0) &&
           link(s, is_restored || strcmp(args, "on") == 0);
}
