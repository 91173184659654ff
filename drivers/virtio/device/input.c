/* SPDX-License-Identifier: MIT */
/*
 * The driver of input devices (5.8): tables, queries of config space, and the ping. The
 * ping is a status event that the device has a use for; only its use is checked. Most
 * drivers do not look at the used length, so some devices put the size of the event
 * there. The ring accepts that here; tests/input judges it.
 */
#include "drivers/virtio/device/input.h"
#include "drivers/virtio/bus.h"

#define CONFIG(field) offsetof(struct virtio_input_config, field)

#define FIELD(f, elements, how)                                                 \
    {                                                                           \
        .name = #f, .feature = FEATURES_END, .flags = how, .offset = CONFIG(f), \
        .width = 1, .count = elements,                                          \
    }

/* The content of the union and its size depend on what was selected last. */
static const QVirtioField fields[] = {
    FIELD(select, 1, QVIRTIO_FIELD_WRITABLE | QVIRTIO_FIELD_VOLATILE),
    FIELD(subsel, 1, QVIRTIO_FIELD_WRITABLE | QVIRTIO_FIELD_VOLATILE),
    FIELD(size, 1, QVIRTIO_FIELD_VOLATILE),
    {.name = NULL},
};

static uint16_t status_types[] = {EV_SYN, EV_LED};

int input_select(QVirtioDevice *d, uint8_t select, uint8_t subsel, bool subsel_first)
{
    size_t first = subsel_first ? CONFIG(subsel) : CONFIG(select);
    size_t second = subsel_first ? CONFIG(select) : CONFIG(subsel);
    int err = qvirtio_config_write(d, first, 1, subsel_first ? subsel : select);
    return err ? err : qvirtio_config_write(d, second, 1, subsel_first ? select : subsel);
}

int input_size(QVirtioDevice *d, uint8_t *size)
{
    uint64_t v = 0;
    int err = qvirtio_config_read(d, CONFIG(size), 1, &v);
    *size = (uint8_t)v;
    return err;
}

static uint8_t element_width(uint8_t select)
{
    return select == VIRTIO_INPUT_CFG_ID_DEVIDS  ? 2
           : select == VIRTIO_INPUT_CFG_ABS_INFO ? 4
                                                 : 1;
}

int input_query(QVirtioDevice *d, uint8_t select, uint8_t subsel, InputInfo *info)
{
    uint8_t width = element_width(select);
    int err = input_select(d, select, subsel, false);
    err = err ? err : input_size(d, &info->size);
    for (size_t at = 0; !err && at + width <= info->size && at < sizeof(info->u);
         at += width) {
        err = d->bus->get_config(d, CONFIG(u) + at, info->u + at, width);
    }
    return err;
}

/* Also learns whether the device has LEDs, once in each life. That is before DRIVER_OK,
 * when the device does not report a written selector as a change. */
static uint16_t queue_count(QVirtioDevice *d)
{
    InputInfo leds;
    if (!d->driver_data) {
        int err = input_query(d, VIRTIO_INPUT_CFG_EV_BITS, EV_LED, &leds);
        d->driver_data = &status_types[!err && leds.size];
    }
    return 2;
}

static struct virtio_input_event *lend_event(uint16_t type, uint16_t code, uint32_t value)
{
    struct virtio_input_event *e = arena_lend(sizeof(*e), 8);
    if (e) {
        *e = (struct virtio_input_event){le16_of(type), le16_of(code), le32_of(value)};
    }
    return e;
}

struct virtio_input_event *input_status_add(QVirtioDevice *d, uint16_t type,
                                            uint16_t code, uint32_t value)
{
    struct virtio_input_event *e = lend_event(type, code, value);
    if (!e) {
        return NULL;
    }
    QVirtioSg sg = {arena_map(e, sizeof(*e)), sizeof(*e)};
    int err = qvirtqueue_add(d->vq[VIRTIO_INPUT_STATUSQ], &sg, 1, 0, e);
    return err ? NULL : e;
}

int input_stock(QVirtioDevice *d, unsigned count)
{
    QVirtQueue *vq = d->vq[VIRTIO_INPUT_EVENTQ];
    int err = 0;
    for (unsigned i = 0; i < count && !err; i++) {
        struct virtio_input_event *e = lend_event(0xffff, 0xffff, 0xffffffff);
        if (!e) {
            return -QVIRTIO_NO_MEMORY;
        }
        QVirtioSg sg = {arena_map(e, sizeof(*e)), sizeof(*e)};
        err = qvirtqueue_add(vq, &sg, 0, 1, e);
    }
    qvirtqueue_kick(vq);
    return err;
}

uint16_t input_status_type(const QVirtioDevice *d)
{
    return d->driver_data ? *(const uint16_t *)d->driver_data : EV_SYN;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    uint16_t type = input_status_type(d);
    struct virtio_input_event *e =
        type == EV_LED ? lend_event(type, number % LED_COUNT, number / LED_COUNT % 2)
                       : lend_event(type, SYN_REPORT, 0);
    if (!e) {
        return -QVIRTIO_NO_MEMORY;
    }
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_INPUT_STATUSQ],
        .number = number,
        .out = e,
        .out_bytes = sizeof(*e),
        .used_max = sizeof(*e), /* QEMU counts what it read */
        .is_blind = true,
    };
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    (void)ping, (void)used_len;
    return NULL;
}

static int wind_make(QVirtioDevice *d, QVirtioPing *ping)
{
    return ping_make(d, 0, ping);
}

QVIRTIO_DRIVER(driver_input, .device_id = VIRTIO_ID_INPUT, .name = "input",
               .features = (const QVirtioFeatureName[]){{.name = NULL}}, .fields = fields,
               .config_bytes = sizeof(struct virtio_input_config),
               .ping_queue = VIRTIO_INPUT_STATUSQ, .queue_count = queue_count,
               .ping_make = ping_make, .ping_check = ping_check, .wind_make = wind_make);
