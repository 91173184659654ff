/* SPDX-License-Identifier: MIT */
/*
 * A console (5.3) in software with three ports. Two ports send back what they get. The
 * hand opens and closes the third one outside, and it can plug in one more port. A port
 * keeps a limited number of bytes that nobody has read yet; more bytes are lost.
 * Emergency writes come out at port 0.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_console.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(no_emergency_before_ok, "dev:5.3.5.1-1",
           "drops emergency writes on a device that is not set up");
SOFT_FAULT(emergency_high_byte, "dev:5.3.5.1-2", "sends the second byte of emerg_wr");
SOFT_FAULT(adds_a_port_twice, "dev:5.3.6.2.1-1",
           "announces port 0 once more behind the last");
SOFT_FAULT(control_messages_want_one_piece, "dev:2.7.4.1-1",
           "writes only the first descriptor of a control message");
SOFT_FAULT(short_control_buffer_counts_as_whole, "dev:2.7.8.2-2",
           "claims a whole message in a buffer that is too short");
SOFT_FAULT(emergency_wants_zeroes, "dev:5.3.5.1-2",
           "drops an emergency write whose upper bytes are not 0");
SOFT_FAULT(adds_a_port_too_many, "dev:5.3.6.2.1-1", "announces port max_nr_ports");

SOFT_FAULT(removes_a_stranger, "dev:5.3.6.2.1-2",
           "removes a port as well that never was");

#define PORTS 3
/* The max_nr_ports. The last port exists when it is plugged in. */
#define PORTS_MOST  (PORTS + 1)
#define HOST_PORT   2
#define PLUG_PORT   (PORTS_MOST - 1)
#define NAME_BYTES  24
#define QUEUES      (2 + 2 * PORTS_MOST)
#define FIFO_BYTES  32768
#define OUTBOX_MOST 32

/* Bytes on their way back to the driver: a ring that begins at `from`. */
typedef struct Fifo {
    uint32_t from, bytes;
    uint8_t *at;
} Fifo;

typedef struct Message {
    struct virtio_console_control control;
    char extra[NAME_BYTES];
    uint32_t extra_bytes;
} Message;

static Fifo fifos[PORTS];
/* What the guest sent to HOST_PORT and the hand has not read yet. */
static Fifo sent;
static bool is_host_open;
/* The name of PLUG_PORT; empty: it is not plugged in. */
static char plugged[NAME_BYTES];
/* Control messages that wait for a buffer. */
static Message outbox[OUTBOX_MOST];
static unsigned outbox_count;

static void init(SoftDevice *s)
{
    struct virtio_console_config *c = (struct virtio_console_config *)s->config;
    for (unsigned i = 0; i < PORTS; i++) {
        fifos[i].at = page_alloc(FIFO_BYTES / PAGE_BYTES);
    }
    sent.at = page_alloc(FIFO_BYTES / PAGE_BYTES);
    c->cols = virtio16_of(false, 80);
    c->rows = virtio16_of(false, 25);
    c->max_nr_ports = virtio32_of(false, PORTS_MOST);
}

/* Forgets what the ports hold when a life ends. What was written when there was no life
 * (5.3.4, emerg_wr) is for the next life. */
static void reset(SoftDevice *s)
{
    outbox_count = 0;
    for (unsigned i = 0; i < PORTS && s->had_life; i++) {
        fifos[i].from = fifos[i].bytes = 0;
    }
}

static void fifo_put(Fifo *f, const uint8_t *from, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes && f->bytes < FIFO_BYTES; i++) {
        f->at[(f->from + f->bytes++) % FIFO_BYTES] = from[i];
    }
}

static uint16_t receiveq(unsigned port)
{
    return port ? 2 * port + 2 : 0;
}

/* Returns the port of a data queue, or -1. */
static int port_of(uint16_t queue)
{
    int port = queue < 2 ? 0 : queue < 4 ? -1 : queue / 2 - 1;
    return port < PORTS ? port : -1;
}

/* Writes what there is to one buffer, as much as fits. */
static void fill_buffer(Fifo *f, SoftDevice *s, uint16_t queue,
                        const QVirtQueueElement *e)
{
    uint32_t done = 0;
    while (f->bytes && done < e->in_bytes) {
        uint32_t run = FIFO_BYTES - f->from < f->bytes ? FIFO_BYTES - f->from : f->bytes;
        uint32_t here = qvirtqueue_element_write(e, done, f->at + f->from, run);
        done += here;
        f->bytes -= here;
        f->from = (f->from + here) % FIFO_BYTES;
    }
    soft_push(s, queue, e, done);
}

static void deliver(SoftDevice *s, unsigned port)
{
    uint16_t queue = receiveq(port);
    const QVirtQueueElement *e;
    while (s->queue[queue].is_enabled && fifos[port].bytes &&
           (e = soft_pop(s, queue)) != NULL) {
        fill_buffer(&fifos[port], s, queue, e);
    }
}

static void transmit(SoftDevice *s, uint16_t queue, int port)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        Fifo *to = port == HOST_PORT ? &sent : &fifos[port < 0 ? 0 : port];
        bool is_lost = port < 0 || (port == HOST_PORT && !is_host_open);
        for (unsigned i = 0; !is_lost && i < e->out_num; i++) {
            fifo_put(to, e->sg[i].base, e->sg[i].len);
        }
        soft_push(s, queue, e, 0);
    }
    if (port >= 0) {
        deliver(s, port);
    }
}

static void send_waiting(SoftDevice *s)
{
    const uint16_t queue = VIRTIO_CONSOLE_CONTROL_RECEIVEQ;
    const uint32_t head = sizeof(struct virtio_console_control);
    const QVirtQueueElement *e;
    while (outbox_count && s->queue[queue].is_enabled && (e = soft_pop(s, queue))) {
        const Message *m = &outbox[0];
        bool is_cut = soft_fault(control_messages_want_one_piece) && e->in_num > 1;
        uint32_t first =
            is_cut && e->sg[e->out_num].len < head ? e->sg[e->out_num].len : head;
        uint32_t len = qvirtqueue_element_write(e, 0, &m->control, first);
        len += head - first;
        len += qvirtqueue_element_write(e, head, m->extra, m->extra_bytes);
        if (soft_fault(short_control_buffer_counts_as_whole) && len < head) {
            len = head;
        }
        soft_push(s, queue, e, len);
        memmove(outbox, outbox + 1, --outbox_count * sizeof(*outbox));
    }
}

static Message *say(uint32_t id, uint16_t event, uint16_t value)
{
    static Message nowhere;
    Message *m = outbox_count < OUTBOX_MOST ? &outbox[outbox_count++] : &nowhere;
    *m = (Message){
        .control =
            {
                .id = virtio32_of(false, id),
                .event = virtio16_of(false, event),
                .value = virtio16_of(false, value),
            },
    };
    return m;
}

/* Tells about a port that the driver has answered for: what it is, its name, and that it
 * is open. */
static void introduce(uint32_t port)
{
    if (port == 0) {
        say(port, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
    } else {
        Message *m = say(port, VIRTIO_CONSOLE_PORT_NAME, 1);
        m->extra_bytes =
            port == PLUG_PORT
                ? ksnprintf(m->extra, sizeof(m->extra), "%s", plugged)
                : ksnprintf(m->extra, sizeof(m->extra), "qvirtio.port.%u", port);
    }
    if (port < HOST_PORT || (port == HOST_PORT && is_host_open)) {
        say(port, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
}

static bool is_there(uint32_t port)
{
    return port < PORTS || (port == PLUG_PORT && plugged[0]);
}

static void listen(SoftDevice *s)
{
    const uint16_t queue = VIRTIO_CONSOLE_CONTROL_TRANSMITQ;
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        struct virtio_console_control c;
        bool is_whole = qvirtqueue_element_read(e, 0, &c, sizeof(c)) == sizeof(c);
        uint32_t id = virtio32_get(false, c.id);
        uint16_t event = virtio16_get(false, c.event);
        bool is_good = is_whole && virtio16_get(false, c.value) == 1;
        bool asks = is_good && event == VIRTIO_CONSOLE_DEVICE_READY;
        for (uint32_t i = 0; asks && i < PORTS_MOST && is_there(i); i++) {
            say(i, VIRTIO_CONSOLE_DEVICE_ADD, 1);
            if (i + 1 == PORTS && soft_fault(adds_a_port_twice)) {
                say(0, VIRTIO_CONSOLE_DEVICE_ADD, 1);
            }
            if (i + 1 == PORTS && soft_fault(adds_a_port_too_many)) {
                say(PORTS_MOST, VIRTIO_CONSOLE_DEVICE_ADD, 1);
            }
        }
        if (is_good && event == VIRTIO_CONSOLE_PORT_READY && is_there(id)) {
            introduce(id);
        }
        soft_push(s, queue, e, 0);
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    bool is_multiport = soft_negotiated(s, VIRTIO_CONSOLE_F_MULTIPORT);
    int port = port_of(queue);
    if (queue == VIRTIO_CONSOLE_CONTROL_TRANSMITQ && is_multiport) {
        listen(s);
        send_waiting(s);
    } else if (queue == VIRTIO_CONSOLE_CONTROL_RECEIVEQ) {
        send_waiting(s);
    } else if (queue % 2) {
        transmit(s, queue, port);
    } else if (port >= 0) {
        deliver(s, port);
    }
}

/* 5.3.5.1: "The device MUST allow a write to emerg_wr, even on an unconfigured device"
 * and "SHOULD transmit the lower byte". */
static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    bool is_deaf = (soft_fault(no_emergency_before_ok) && !soft_is_live(s)) ||
                   (soft_fault(emergency_wants_zeroes) && ((const uint8_t *)from)[1]);
    if (off == offsetof(struct virtio_console_config, emerg_wr) && width == 4 &&
        !is_deaf) {
        fifo_put(&fifos[0], (const uint8_t *)from + soft_fault(emergency_high_byte), 1);
        soft_run_later(s, receiveq(0));
    }
    return false;
}

/* Sends a control message that the driver did not ask for. */
static void tell(SoftDevice *s, uint32_t id, uint16_t event, uint16_t value)
{
    if (soft_is_live(s) && soft_negotiated(s, VIRTIO_CONSOLE_F_MULTIPORT)) {
        say(id, event, value);
        send_waiting(s);
    }
}

static void set_open(SoftDevice *s, bool is_open)
{
    if (is_open != is_host_open) {
        is_host_open = is_open;
        sent.bytes = 0;
        tell(s, HOST_PORT, VIRTIO_CONSOLE_PORT_OPEN, is_open);
    }
}

static void unplug(SoftDevice *s)
{
    if (plugged[0]) {
        plugged[0] = 0;
        tell(s, PLUG_PORT, VIRTIO_CONSOLE_DEVICE_REMOVE, 1);
    }
    if (soft_fault(removes_a_stranger)) {
        tell(s, PORTS_MOST, VIRTIO_CONSOLE_DEVICE_REMOVE, 1);
    }
}

static void send_to_guest(SoftDevice *s, const char *digits)
{
    uint8_t bytes[256];
    size_t count = hex_decode(digits, bytes, sizeof(bytes));
    fifo_put(&fifos[HOST_PORT], bytes, count < sizeof(bytes) ? count : sizeof(bytes));
    deliver(s, HOST_PORT);
}

static void receive_from_guest(char *value, size_t bytes)
{
    uint32_t count = 0;
    for (; sent.bytes && 2 * count + 3 <= bytes; count++, sent.bytes--) {
        hex_encode(value + 2 * count, sent.at + sent.from, 1);
        sent.from = (sent.from + 1) % FIFO_BYTES;
    }
}

/* Arguments: the number of HOST_PORT or PLUG_PORT, and what belongs to the action. */
static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    const char *rest = strchr(args, ' ');
    bool is_plug = args[0] == '0' + PLUG_PORT;
    if (strcmp(action, "restore") == 0) {
        set_open(s, false);
        unplug(s);
    } else if (strcmp(action, "plug") == 0 && is_plug && rest) {
        string_copy(plugged, rest + 1, sizeof(plugged));
        tell(s, PLUG_PORT, VIRTIO_CONSOLE_DEVICE_ADD, 1);
    } else if (strcmp(action, "unplug") == 0 && is_plug) {
        unplug(s);
    } else if (strcmp(action, "open") == 0 || strcmp(action, "close") == 0) {
        set_open(s, action[0] == 'o');
    } else if (strcmp(action, "send") == 0 && rest && is_host_open) {
        send_to_guest(s, rest + 1);
    } else if (strcmp(action, "receive") == 0 && is_host_open) {
        receive_from_guest(value, bytes);
    } else {
        return false;
    }
    return true;
}

static const char *truth(const SoftDevice *s, const char *field)
{
    static const struct {
        const char *field, *value;
    } truths[] = {
        {"port.0.echo", "1"},
        {"port.1.echo", "1"},
        {"port.2.host", "1"},
        {"port.0.console", "1"},
        {"port.0.emergency", "1"},
        {"port.1.name", "qvirtio.port.1"},
        {"port.2.name", "qvirtio.port.2"},
    };
    (void)s;
    for (unsigned i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
        if (strcmp(truths[i].field, field) == 0) {
            return truths[i].value;
        }
    }
    return NULL;
}

SOFT_MODEL(soft_console, .device_id = VIRTIO_ID_CONSOLE, .len_is_content = 0x5555,
           .count = 1, .queues = QUEUES,
           .features = FEATURES(VIRTIO_CONSOLE_F_SIZE, VIRTIO_CONSOLE_F_MULTIPORT,
                                VIRTIO_CONSOLE_F_EMERG_WRITE),
           .config_bytes = sizeof(struct virtio_console_config), .init = init,
           .reset = reset, .run = run, .write_config = write_config, .act = act,
           .truth = truth);
