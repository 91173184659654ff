/* SPDX-License-Identifier: MIT */
/*
 * An input device (5.8) in software that is a keyboard, a mouse and a tablet in one. What
 * the hand does to it is an update of several events, which is sent completely or dropped
 * completely.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_input.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

SOFT_FAULT(shows_what_was_selected_before, "dev:5.8.5.2-1",
           "leaves size as it was for what it does not know");
SOFT_FAULT(status_counts_as_written, "dev:2.7.8.2-2",
           "uses a status event for as many bytes as it read");
SOFT_FAULT(drops_the_end_of_an_update, "dev:5.8.6.2-2",
           "sends as many events as there are buffers, and drops the others");
SOFT_FAULT(drops_the_report_of_an_update, "dev:5.8.6.2-3",
           "sends an update without EV_SYN when it has no buffer for that");

/* "A device MUST set the size field to zero if it doesn't support a given select". */
SOFT_MANNER(input_has_no_names, "5.8.5.2", "has no name, serial number and ids");
SOFT_MANNER(input_has_no_leds, "5.8.5.2", "has no LEDs");
SOFT_MANNER(input_has_no_axes, "5.8.5.2", "has no absolute axes");
SOFT_MANNER(input_is_a_keyboard, "5.8.5.2", "has keys, and nothing else");
/* Events are those of the Linux input layer, where keyboards send scan codes as well. */
SOFT_MANNER(input_sends_scan_codes, "5.8.6", "sends MSC_SCAN before each key");
SOFT_MANNER(input_echoes_leds, "5.8.6", "returns each LED event as an event");
SOFT_MANNER(input_axis_is_a_point, "5.8.4", "has an axis of a single place");

#define NAME        "soft input"
#define SERIAL      "soft-0"
#define AXIS_MOST   0x7fff
#define EVENTS_MOST 8
#define EV_MSC      4
#define MSC_SCAN    4

static struct virtio_input_config *config_of(SoftDevice *s)
{
    return (struct virtio_input_config *)s->config;
}

static uint8_t put(struct virtio_input_config *c, const void *from, uint8_t bytes)
{
    memcpy(&c->u, from, bytes);
    return bytes;
}

/* Shows the supported codes of one type. */
static uint8_t event_bits(struct virtio_input_config *c, uint8_t type)
{
    static const uint8_t pointer[] = {1 << REL_X | 1 << REL_Y};
    static const uint8_t leds[] = {(1 << LED_COUNT) - 1};
    static const uint8_t keys[] = {0, 0, 0, 1 << KEY_A % 8, 0, 0, 1 << KEY_B % 8};
    _Static_assert(KEY_A / 8 == 3 && KEY_B / 8 == 6, "their places in the bitmap");
    if ((type == EV_LED && soft_manner(input_has_no_leds)) ||
        (type == EV_ABS && soft_manner(input_has_no_axes)) ||
        (type != EV_KEY && soft_manner(input_is_a_keyboard))) {
        return 0;
    }
    switch (type) {
    case EV_KEY:
        return put(c, keys, sizeof(keys));
    case EV_REL:
    case EV_ABS:
        return put(c, pointer, sizeof(pointer));
    case EV_LED:
        return put(c, leds, sizeof(leds));
    default:
        return 0;
    }
}

static uint8_t show(struct virtio_input_config *c)
{
    const struct virtio_input_devids ids = {le16_of(6), le16_of(1), le16_of(2),
                                            le16_of(3)};
    struct virtio_input_absinfo axis = {.max = le32_of(AXIS_MOST)};
    const uint8_t subsel = c->subsel;

    if (soft_manner(input_axis_is_a_point)) {
        axis.max = le32_of(0);
    }
    if (c->select <= VIRTIO_INPUT_CFG_ID_DEVIDS && soft_manner(input_has_no_names)) {
        return 0;
    }
    if (c->select == VIRTIO_INPUT_CFG_ABS_INFO &&
        (soft_manner(input_has_no_axes) || soft_manner(input_is_a_keyboard))) {
        return 0;
    }
    switch (c->select) {
    case VIRTIO_INPUT_CFG_ID_NAME:
        return subsel ? 0 : put(c, NAME, sizeof(NAME) - 1);
    case VIRTIO_INPUT_CFG_ID_SERIAL:
        return subsel ? 0 : put(c, SERIAL, sizeof(SERIAL) - 1);
    case VIRTIO_INPUT_CFG_ID_DEVIDS:
        return subsel ? 0 : put(c, &ids, sizeof(ids));
    case VIRTIO_INPUT_CFG_EV_BITS:
        return event_bits(c, subsel);
    case VIRTIO_INPUT_CFG_ABS_INFO:
        return subsel > ABS_Y ? 0 : put(c, &axis, sizeof(axis));
    default:
        return 0;
    }
}

/* 5.8.5.2: "A device MUST set the size field to zero if it doesn't support a given select
 * and subsel combination." */
static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    struct virtio_input_config *c = config_of(s);
    if (off >= offsetof(struct virtio_input_config, size) || width != 1) {
        return false;
    }
    s->config[off] = *(const uint8_t *)from;
    memset(&c->u, 0, sizeof(c->u));
    uint8_t size = show(c);
    if (size || !soft_fault(shows_what_was_selected_before)) {
        c->size = size;
    }
    return false;
}

/* Returns how many buffers the driver has lent for events, without taking them. */
static uint16_t buffers(SoftDevice *s)
{
    QVirtQueueSide probe = s->queue[VIRTIO_INPUT_EVENTQ].side;
    static QVirtQueueElement e;
    uint16_t n = 0;
    while (n < EVENTS_MOST && qvirtqueue_pop(&probe, &e) == 1) {
        n++;
    }
    return n;
}

typedef struct Update {
    struct virtio_input_event event[EVENTS_MOST];
    uint16_t count;
} Update;

static void add_event(Update *u, uint16_t type, uint16_t code, uint32_t value)
{
    u->event[u->count++] =
        (struct virtio_input_event){le16_of(type), le16_of(code), le32_of(value)};
}

static void send_update(SoftDevice *s, Update *u)
{
    const uint16_t queue = VIRTIO_INPUT_EVENTQ;
    bool is_open = soft_is_live(s) && s->queue[queue].is_enabled;
    uint16_t room = is_open ? buffers(s) : 0;
    bool is_cut = soft_fault(drops_the_end_of_an_update) ||
                  (soft_fault(drops_the_report_of_an_update) && room + 1 == u->count);

    if (room < u->count && !is_cut) {
        return;
    }
    for (uint16_t i = 0; i < u->count && i < room; i++) {
        const QVirtQueueElement *e = soft_pop(s, queue);
        if (e) {
            soft_push(s, queue, e,
                      qvirtqueue_element_write(e, 0, &u->event[i], sizeof(u->event[i])));
        }
    }
}

/* Used by the manner input_echoes_leds. */
static void echo(SoftDevice *s, const QVirtQueueElement *status)
{
    Update u = {.count = 0};
    struct virtio_input_event e;
    if (soft_manner(input_echoes_leds) &&
        qvirtqueue_element_read(status, 0, &e, sizeof(e)) == sizeof(e)) {
        u.event[u.count++] = e;
        add_event(&u, EV_SYN, SYN_REPORT, 0);
        send_update(s, &u);
    }
}

/* Takes status events. Buffers for events wait until the hand does something. */
static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while (queue == VIRTIO_INPUT_STATUSQ && (e = soft_pop(s, queue)) != NULL) {
        soft_push(s, queue, e, soft_fault(status_counts_as_written) ? e->out_bytes : 0);
        echo(s, e);
    }
}

/* Returns the number after the first `skip` blanks. */
static uint32_t argument(const char *args, unsigned skip)
{
    uint32_t v = 0;
    for (; *args && skip; args++) {
        skip -= *args == ' ';
    }
    for (; *args >= '0' && *args <= '9'; args++) {
        v = v * 10 + (uint32_t)(*args - '0');
    }
    return v;
}

static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    Update u = {.count = 0};
    uint32_t first = argument(args, 0), second = argument(args, 1);

    (void)value, (void)bytes;
    if (strcmp(action, "key") == 0) {
        if (soft_manner(input_sends_scan_codes)) {
            add_event(&u, EV_MSC, MSC_SCAN, first);
        }
        add_event(&u, EV_KEY, (uint16_t)first, strstr(args, " down") != NULL);
    } else if (strcmp(action, "move") == 0 || strcmp(action, "point") == 0) {
        uint16_t type = action[0] == 'm' ? EV_REL : EV_ABS;
        add_event(&u, type, REL_X, first);
        add_event(&u, type, REL_Y, second);
    } else {
        return strcmp(action, "restore") == 0;
    }
    add_event(&u, EV_SYN, SYN_REPORT, 0);
    send_update(s, &u);
    return true;
}

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    return strcmp(field, "serial") == 0 && !soft_manner(input_has_no_names) ? SERIAL
                                                                            : NULL;
}

SOFT_MODEL(soft_input, .device_id = VIRTIO_ID_INPUT, .count = 1, .queues = 2,
           .config_bytes = sizeof(struct virtio_input_config), .run = run,
           .write_config = write_config, .act = act, .truth = truth);
