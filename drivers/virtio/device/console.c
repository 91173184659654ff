/* SPDX-License-Identifier: MIT */
/*
 * The driver of the console device (5.3): its tables and its ping. The ping sends 64
 * tagged bytes to port 0, which every console has. Where know= says that they are sent
 * back, the same bytes must come back; else a ping only has to be used. The data of the
 * ports is in console_port.c, the control queues are in console_control.c.
 */
#include "drivers/virtio/device/console.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/scratch.h"
#include "kernel/clock.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

/* One ping as it is sent, and as it comes back somewhere in a stream of bytes. */
typedef struct Frame {
    uint64_t mark;
    uint32_t life, number;
    uint8_t data[48];
} Frame;
_Static_assert(sizeof(Frame) == 64, "no padding");

#define FRAME_MARK 0x676e695076636f6eull
#define SEEN_MAX   512
/* When so many bytes of earlier lives are still on their way, the buffers outside the
 * guest may be full, and bytes may be lost. */
#define FULL_BYTES 16384
/* Probes are frames that are no pings. Their numbers count down from this. */
#define PROBE_LAST UINT32_MAX
/* How long to wait for an echo before a probe is sent. A host schedules its processes
 * faster than this, so only a lost echo takes longer. */
#define ECHO_PATIENCE (100 * NS_PER_MS)

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_CONSOLE_F_SIZE, .name = "SIZE"},
    {.bit = VIRTIO_CONSOLE_F_MULTIPORT, .name = "MULTIPORT"},
    {.bit = VIRTIO_CONSOLE_F_EMERG_WRITE, .name = "EMERG_WRITE"},
    {.name = NULL},
};

#define FIELD(f, feature_bit, how)                                           \
    {                                                                        \
        .name = #f, .feature = feature_bit, .flags = how,                    \
        .offset = offsetof(struct virtio_console_config, f),                 \
        .width = sizeof(((struct virtio_console_config *)0)->f), .count = 1, \
    }

static const QVirtioField fields[] = {
    FIELD(cols, VIRTIO_CONSOLE_F_SIZE, QVIRTIO_FIELD_VOLATILE),
    FIELD(rows, VIRTIO_CONSOLE_F_SIZE, QVIRTIO_FIELD_VOLATILE),
    FIELD(max_nr_ports, VIRTIO_CONSOLE_F_MULTIPORT, QVIRTIO_FIELD_CONST),
    FIELD(emerg_wr, VIRTIO_CONSOLE_F_EMERG_WRITE,
          QVIRTIO_FIELD_WRITABLE | QVIRTIO_FIELD_WRITE_ONLY),
    {.name = NULL},
};

static void fill_frame(Frame *f, uint32_t life, uint32_t number)
{
    *f = (Frame){.mark = FRAME_MARK, .life = life, .number = number};
    pattern_fill(f->data, sizeof(f->data), (uint64_t)life << 32 | number);
}

/* 5.3.2: the control queues exist only with MULTIPORT, the queues of port 0 always. */
static uint16_t console_queue_count(QVirtioDevice *d)
{
    bool multiport = qvirtio_negotiated(d, VIRTIO_CONSOLE_F_MULTIPORT);
    return multiport ? 2 + 2 * vconsole_ports(d) : 2;
}

/* Returns true when what port 0 gets is sent back. know= is read once for each device,
 * because reading it in every life takes time. */
static bool port_0_echoes(const QVirtioDevice *d)
{
    enum { MOST = 16 };
    static const QVirtioDevice *asked[MOST];
    static bool echoes[MOST];

    for (unsigned i = 0; i < MOST; i++) {
        if (!asked[i]) {
            asked[i] = d;
            echoes[i] = vconsole_echoes(d, 0);
        }
        if (asked[i] == d) {
            return echoes[i];
        }
    }
    return vconsole_echoes(d, 0);
}

int vconsole_create(QVirtioDevice *d)
{
    static uint32_t lives;
    VConsole *c = arena_lend(sizeof(*c), 16);

    if (!c) {
        return -QVIRTIO_NO_MEMORY;
    }
    c->life = ++lives;
    c->has_echo = port_0_echoes(d);
    c->input = arena_lend(CONSOLE_RECEIVE_BYTES, 16);
    c->partial = arena_lend(CONSOLE_RECEIVE_BYTES + sizeof(Frame), 16);
    c->seen = arena_lend(SEEN_MAX * sizeof(uint32_t), 16);
    if (!c->input || !c->partial || !c->seen) {
        return -QVIRTIO_NO_MEMORY;
    }
    d->driver_data = c;
    /* With INTx an interrupt of the receiveq looks like one that a test counts. So the
     * receiveq is polled. */
    if (d->vq[0] && d->vq[0]->irq.vector == VIRTIO_MSI_NO_VECTOR) {
        qvirtqueue_irq_disable(d->vq[0]);
    }
    return 0;
}

static int console_open(QVirtioDevice *d, const QVirtioRing *ring)
{
    int err = vconsole_create(d);

    (void)ring;
    if (err || !qvirtio_negotiated(d, VIRTIO_CONSOLE_F_MULTIPORT)) {
        return err;
    }
    err = vconsole_control_stock(d);
    if (!err) {
        /* 5.3.6.2.2: "The driver MUST send a VIRTIO_CONSOLE_DEVICE_READY message". */
        err = vconsole_control_send(d, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
    }
    return !err && vconsole_of(d)->has_echo ? vconsole_port_open(d, 0) : err;
}

/*
 * The host may drop bytes of a console when they come too fast, as those of 65,536
 * requests in a row do. So what is still on its way is received before the next test
 * begins.
 */
static void console_close(QVirtioDevice *d)
{
    VConsole *c = vconsole_of(d);
    if (c && c->has_echo && d->vq[1] && d->vq[1]->wound && !d->vq[1]->broken &&
        qvirtio_queue_empty(d->vq[1])) {
        vconsole_drain(d, 0);
    }
}

static int console_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    VConsole *c = vconsole_of(d);
    Frame *f = arena_lend(sizeof(*f), 8);
    if (!f) {
        return -QVIRTIO_NO_MEMORY;
    }
    fill_frame(f, c ? c->life : 0, number);
    ping->dev = d;
    ping->vq = d->vq[vconsole_transmitq(0)];
    ping->number = number;
    ping->is_blind = !c || !c->has_echo;
    ping->out = f;
    ping->out_bytes = sizeof(*f);
    /* 5.3.6.3: historically some legacy devices put the length of the descriptor
     * there. */
    ping->used_max = qvirtio_is_legacy(d) ? sizeof(*f) : 0;
    return 0;
}

/*
 * Takes whole frames out of the bytes that came, and remembers those of this life.
 * Everything else is dropped: frames of earlier lives, and bytes of tests that send their
 * own.
 */
static void sort_frames(VConsole *c)
{
    uint32_t at = 0;
    while (c->partial_bytes - at >= sizeof(Frame)) {
        Frame f, expected;
        memcpy(&f.mark, c->partial + at, sizeof(f.mark));
        if (f.mark != FRAME_MARK) {
            at++;
            c->dropped_bytes++;
            continue;
        }
        memcpy(&f, c->partial + at, sizeof(f));
        fill_frame(&expected, f.life, f.number);
        if (memcmp(&f, &expected, sizeof(f)) != 0) {
            at++;
            c->dropped_bytes++;
            continue;
        }
        at += sizeof(f);
        if (f.life == c->life) {
            c->seen[c->seen_count++ % SEEN_MAX] = f.number;
        } else {
            c->dropped_bytes += sizeof(f);
        }
    }
    c->partial_bytes -= at;
    memmove(c->partial, c->partial + at, c->partial_bytes);
}

/* Takes a frame out of those that were seen. Returns false when it was not seen. */
static bool take_seen(VConsole *c, uint32_t number)
{
    uint32_t kept = c->seen_count < SEEN_MAX ? c->seen_count : SEEN_MAX;
    for (uint32_t i = 0; i < kept; i++) {
        if (c->seen[i] == number) {
            c->seen[i] = c->seen[kept - 1];
            c->seen_count = kept - 1;
            return true;
        }
    }
    return false;
}

/* Sends a probe: a frame that is no ping. All that was sent before it must come back
 * before it does. */
static int send_probe(QVirtioDevice *d, uint32_t number)
{
    Frame *f = arena_lend(sizeof(*f), 8);
    QVirtQueue *vq = d->vq[vconsole_transmitq(0)];
    if (!f || vq->broken || !qvirtio_queue_empty(vq)) {
        return -QVIRTIO_REFUSED;
    }
    fill_frame(f, vconsole_of(d)->life, number);
    return vconsole_send(d, 0, f, sizeof(*f));
}

static int take_in(QVirtioDevice *d, uint64_t timeout_ns)
{
    VConsole *c = vconsole_of(d);
    int came = vconsole_receive_within(d, 0, c->input, CONSOLE_RECEIVE_BYTES, timeout_ns);
    if (came > 0) {
        memcpy(c->partial + c->partial_bytes, c->input, came);
        c->partial_bytes += came;
        sort_frames(c);
    }
    return came < 0 ? came : 0;
}

/* Waits for the echo of a ping. When it does not come, a probe is sent: when the probe
 * comes back first, the echo is lost. */
static const char *await_echo(QVirtioDevice *d, uint32_t number)
{
    VConsole *c = vconsole_of(d);
    uint32_t probe = PROBE_LAST - c->probe_count;
    bool has_probed = false;

    while (!take_seen(c, number)) {
        if (has_probed && take_seen(c, probe)) {
            return c->dropped_bytes >= FULL_BYTES
                       ? NULL
                       : "the host's end did not get the bytes that were sent";
        }
        int err = take_in(d, has_probed ? 0 : ECHO_PATIENCE);
        if (err == -QVIRTIO_TIMEOUT && !has_probed) {
            has_probed = true;
            c->probe_count++;
            wait_forget();
            err = send_probe(d, probe);
            /* While other requests are in flight no probe can be sent. Then the wait goes
             * on. */
            err = err == -QVIRTIO_REFUSED ? 0 : err;
        }
        if (err) {
            return "the host's echo did not come back";
        }
    }
    return NULL;
}

static const char *console_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    QVirtioDevice *d = ping->dev;
    VConsole *c = vconsole_of(d);
    bool can_receive = false;

    (void)used_len;
    if (!c || !c->has_echo || ping->vq->wound || !d->vq[0] ||
        take_seen(c, ping->number)) {
        return NULL;
    }
    /* A test of single queues may have reset the receiveq or left it disabled. */
    if (d->bus->queue_enabled(d, 0, &can_receive) || !can_receive) {
        return NULL;
    }
    return await_echo(d, ping->number);
}

/* A ping sends bytes to a console that belongs to somebody. */
static const char *console_why_no_ping(QVirtioDevice *d)
{
    return qvirtio_why_not_scratch(d);
}

QVIRTIO_DRIVER(console, .is_outward = true, .device_id = VIRTIO_ID_CONSOLE,
               .name = "console", .features = features, .fields = fields,
               .config_bytes = sizeof(struct virtio_console_config), .ping_queue = 1,
               .queue_count = console_queue_count, .why_no_ping = console_why_no_ping,
               .open = console_open, .close = console_close,
               .ping_make = console_ping_make, .ping_check = console_ping_check);
