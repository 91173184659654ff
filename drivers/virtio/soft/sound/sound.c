/* SPDX-License-Identifier: MIT */
/*
 * A sound device (5.14) in software: what it tells of jacks, streams, channel maps and
 * controls, and its two controls, a volume and a selection of the source. Streams are in
 * stream.c.
 */
#include "drivers/virtio/soft/sound/sound.h"
#include "kernel/lib/string.h"

SOFT_FAULT(jack_has_odd_features, "dev:5.14.6.4.1.1-1",
           "sets a jack's feature that nobody has defined");
SOFT_FAULT(jack_padding_is_ones, "dev:5.14.6.4.1.1-2", "fills a jack's padding");
SOFT_FAULT(map_has_odd_direction, "dev:5.14.6.9.1.1-1",
           "has a third direction for a channel map");
SOFT_FAULT(map_has_too_many_channels, "dev:5.14.6.9.1.1-2", "has 19 channels in a map");
SOFT_FAULT(control_has_odd_role, "dev:5.14.6.10.1.1-1",
           "has a role that nobody has defined");
SOFT_FAULT(control_has_odd_type, "dev:5.14.6.10.1.1-1",
           "has a type of value that nobody has defined");
SOFT_FAULT(control_has_odd_access, "dev:5.14.6.10.1.1-1",
           "has a right of access that nobody has defined");
SOFT_FAULT(control_has_no_values, "dev:5.14.6.10.1.1-2", "has a control of 0 values");
SOFT_FAULT(control_has_too_many_values, "dev:5.14.6.10.1.1-2",
           "has a control of 129 integers");
SOFT_FAULT(control_has_no_name, "dev:5.14.6.10.1.1-3", "has a control without a name");
SOFT_FAULT(choice_has_no_name, "dev:5.14.6.10.1.1-3", "has a choice without a name");
SOFT_FAULT(controls_have_one_name, "dev:5.14.6.10.1.1-4",
           "has the same name and index for two controls");
SOFT_FAULT(short_metadata_fails, "dev:5.14.6.10.3.1-1",
           "refuses to read metadata in part");
SOFT_FAULT(control_news_of_no_kind, "dev:5.14.6.10.4.1-1",
           "tells of a control's change by a bit that nobody has defined");

SOFT_MANNER(sound_has_no_jacks, "5.14.4", "has no jacks");
SOFT_MANNER(sound_has_no_maps, "5.14.4", "has no channel maps");
SOFT_MANNER(sound_has_no_controls, "5.14.3", "does not offer CTLS");
SOFT_MANNER(sound_only_plays, "5.14.4", "has a single stream, to play");
SOFT_MANNER(sound_breaks_at_unknown_codes, "2.1.2", "needs a reset after them");

#define JACKS    1
#define MAPS     2
#define CONTROLS 2
#define CHOICES  2
#define TLV_LEN  8

static le32 values[CONTROLS];

static unsigned jack_count(void)
{
    return soft_manner(sound_has_no_jacks) ? 0 : JACKS;
}

static unsigned stream_count(void)
{
    return soft_manner(sound_only_plays) ? 1 : SOFT_STREAMS;
}

static unsigned map_count(void)
{
    return soft_manner(sound_has_no_maps) ? 0 : MAPS;
}

static void init(SoftDevice *s)
{
    if (soft_manner(sound_has_no_controls)) {
        qvirtio_features_clear(&s->offered, VIRTIO_SND_F_CTLS);
    }
    *(struct virtio_snd_config *)s->config =
        (struct virtio_snd_config){le32_of(jack_count()), le32_of(stream_count()),
                                   le32_of(map_count()), le32_of(CONTROLS)};
}

static void reset(SoftDevice *s)
{
    (void)s;
    memset(values, 0, sizeof(values));
    soft_stream_reset();
}

typedef union Item {
    struct virtio_snd_jack_info jack;
    struct virtio_snd_pcm_info stream;
    struct virtio_snd_chmap_info map;
    struct virtio_snd_ctl_info control;
} Item;

static void show_jack(Item *to)
{
    to->jack.features = le32_of(soft_fault(jack_has_odd_features) ? 1u << 7 : 0);
    to->jack.connected = 1;
    to->jack.padding[6] = soft_fault(jack_padding_is_ones) ? 0xff : 0;
}

static void show_map(uint32_t id, Item *to)
{
    to->map.direction = soft_fault(map_has_odd_direction) ? 2 : (uint8_t)id;
    to->map.channels =
        soft_fault(map_has_too_many_channels) ? VIRTIO_SND_CHMAP_MAX_SIZE + 1 : 2;
    to->map.positions[0] = 3;
    to->map.positions[1] = 4;
}

static void show_control(uint32_t id, Item *to)
{
    static const char *const names[CONTROLS] = {"Volume", "Source"};
    const char *name = names[soft_fault(controls_have_one_name) ? 0 : id];
    uint32_t access =
        1u << VIRTIO_SND_CTL_ACCESS_READ | 1u << VIRTIO_SND_CTL_ACCESS_WRITE;
    uint32_t role = id ? 0 : VIRTIO_SND_CTL_ROLE_VOLUME << 1;
    uint32_t type = id ? VIRTIO_SND_CTL_TYPE_ENUMERATED : VIRTIO_SND_CTL_TYPE_INTEGER;
    access |= id ? 0 : 1u << VIRTIO_SND_CTL_ACCESS_TLV_READ;
    access |= soft_fault(control_has_odd_access) ? 1u << 20 : 0;
    to->control.role = le32_of(soft_fault(control_has_odd_role) ? 99 : role);
    to->control.type = le32_of(soft_fault(control_has_odd_type) ? 99 : type);
    to->control.access = le32_of(access);
    to->control.count = le32_of(soft_fault(control_has_no_values)         ? 0
                                : soft_fault(control_has_too_many_values) ? 129
                                                                          : 1);
    if (!soft_fault(control_has_no_name)) {
        memcpy(to->control.name, name, strlen(name));
    }
    if (id) {
        to->control.value.enumerated.items = le32_of(CHOICES);
    } else {
        to->control.value.integer.max = le32_of(100);
        to->control.value.integer.step = le32_of(1);
    }
}

/* Returns how many items the code can ask for, or 0 when it asks for none. */
static uint32_t item_count(const SoftDevice *s, uint32_t code, uint32_t *bytes)
{
    switch (code) {
    case VIRTIO_SND_R_JACK_INFO:
        *bytes = sizeof(struct virtio_snd_jack_info);
        return jack_count();
    case VIRTIO_SND_R_PCM_INFO:
        *bytes = sizeof(struct virtio_snd_pcm_info);
        return stream_count();
    case VIRTIO_SND_R_CHMAP_INFO:
        *bytes = sizeof(struct virtio_snd_chmap_info);
        return map_count();
    case VIRTIO_SND_R_CTL_INFO:
        *bytes = sizeof(struct virtio_snd_ctl_info);
        return soft_negotiated(s, VIRTIO_SND_F_CTLS) ? CONTROLS : 0;
    default:
        return 0;
    }
}

static void show(uint32_t code, uint32_t id, Item *to)
{
    *to = (Item){0};
    switch (code) {
    case VIRTIO_SND_R_JACK_INFO:
        show_jack(to);
        break;
    case VIRTIO_SND_R_PCM_INFO:
        to->stream = soft_stream_info(id);
        break;
    case VIRTIO_SND_R_CHMAP_INFO:
        show_map(id, to);
        break;
    default:
        show_control(id, to);
    }
}

/* Answers a query. *wrote is how many bytes were written after the status. */
static uint32_t query(const SoftDevice *s, const QVirtQueueElement *e, uint32_t *wrote)
{
    struct virtio_snd_query_info q;
    Item item;
    uint32_t bytes = 0;
    if (qvirtqueue_element_read(e, 0, &q, sizeof(q)) < sizeof(q)) {
        return VIRTIO_SND_S_BAD_MSG;
    }
    uint32_t first = le32_get(q.start_id), count = le32_get(q.count);
    uint32_t all = item_count(s, le32_get(q.code), &bytes);
    if (first > all || count > all - first || le32_get(q.size) < bytes ||
        e->in_bytes <
            sizeof(struct virtio_snd_hdr) + (uint64_t)count * le32_get(q.size)) {
        return VIRTIO_SND_S_BAD_MSG;
    }
    for (uint32_t i = 0; i < count; i++) {
        show(le32_get(q.code), first + i, &item);
        *wrote = (i + 1) * le32_get(q.size);
        qvirtqueue_element_write(e, sizeof(struct virtio_snd_hdr) + i * le32_get(q.size),
                                 &item, bytes);
    }
    return VIRTIO_SND_S_OK;
}

static uint32_t write_in(const QVirtQueueElement *e, const void *from, uint32_t bytes,
                         uint32_t *wrote)
{
    *wrote = qvirtqueue_element_write(e, sizeof(struct virtio_snd_hdr), from, bytes);
    return VIRTIO_SND_S_OK;
}

static uint32_t list_choices(const QVirtQueueElement *e, uint32_t *wrote)
{
    struct virtio_snd_ctl_enum_item items[CHOICES] = {{"Line"}, {"Microphone"}};
    if (soft_fault(choice_has_no_name)) {
        items[1].item[0] = '\0';
    }
    return write_in(e, items, sizeof(items), wrote);
}

/* 5.14.6.10.3.1: "if there is not enough space in the value field, the device SHOULD
 * write as much as it can". */
static uint32_t read_metadata(const QVirtQueueElement *e, uint32_t *wrote)
{
    const struct {
        struct virtio_snd_ctl_tlv head;
        le32 range[TLV_LEN / sizeof(le32)];
    } tlv = {{le32_of(1), le32_of(TLV_LEN)}, {le32_of(0), le32_of(100)}};
    bool is_short = e->in_bytes < sizeof(struct virtio_snd_hdr) + sizeof(tlv);
    return is_short && soft_fault(short_metadata_fails)
               ? (uint32_t)VIRTIO_SND_S_IO_ERR
               : write_in(e, &tlv, sizeof(tlv), wrote);
}

static uint32_t control(const SoftDevice *s, uint32_t code, const QVirtQueueElement *e,
                        uint32_t *wrote)
{
    struct virtio_snd_ctl_hdr hdr;
    if (!soft_negotiated(s, VIRTIO_SND_F_CTLS)) {
        return VIRTIO_SND_S_NOT_SUPP;
    }
    if (qvirtqueue_element_read(e, 0, &hdr, sizeof(hdr)) < sizeof(hdr) ||
        le32_get(hdr.control_id) >= CONTROLS) {
        return VIRTIO_SND_S_BAD_MSG;
    }
    uint32_t id = le32_get(hdr.control_id);
    switch (code) {
    case VIRTIO_SND_R_CTL_READ:
        return write_in(e, &values[id], sizeof(values[id]), wrote);
    case VIRTIO_SND_R_CTL_WRITE:
        qvirtqueue_element_read(e, sizeof(hdr), &values[id], sizeof(values[id]));
        return VIRTIO_SND_S_OK;
    case VIRTIO_SND_R_CTL_ENUM_ITEMS:
        return id ? list_choices(e, wrote) : (uint32_t)VIRTIO_SND_S_NOT_SUPP;
    default:
        return id ? (uint32_t)VIRTIO_SND_S_NOT_SUPP : read_metadata(e, wrote);
    }
}

static uint32_t request(SoftDevice *s, const QVirtQueueElement *e, uint32_t *wrote)
{
    struct virtio_snd_hdr hdr;
    if (qvirtqueue_element_read(e, 0, &hdr, sizeof(hdr)) < sizeof(hdr)) {
        return VIRTIO_SND_S_BAD_MSG;
    }
    uint32_t code = le32_get(hdr.code);
    if (code == VIRTIO_SND_R_JACK_INFO || code == VIRTIO_SND_R_PCM_INFO ||
        code == VIRTIO_SND_R_CHMAP_INFO || code == VIRTIO_SND_R_CTL_INFO) {
        return query(s, e, wrote);
    }
    if (code >= VIRTIO_SND_R_PCM_SET_PARAMS && code <= VIRTIO_SND_R_PCM_STOP) {
        return soft_stream_request(s, code, e);
    }
    if (code >= VIRTIO_SND_R_CTL_ENUM_ITEMS && code <= VIRTIO_SND_R_CTL_TLV_READ) {
        return control(s, code, e, wrote);
    }
    return VIRTIO_SND_S_NOT_SUPP;
}

static void run(SoftDevice *s, uint16_t queue)
{
    static QVirtQueueElement e;
    const QVirtQueueElement *next;
    if (queue == VIRTIO_SND_TXQ || queue == VIRTIO_SND_RXQ) {
        soft_stream_run(s, queue);
        return;
    }
    while (queue == VIRTIO_SND_CONTROLQ && (next = soft_pop(s, queue)) != NULL) {
        uint32_t wrote = 0;
        e = *next;
        /* I/O messages that came before the request are taken first. */
        for (uint16_t q = VIRTIO_SND_TXQ; q <= VIRTIO_SND_RXQ; q++) {
            if (s->queue[q].is_enabled) {
                soft_stream_run(s, q);
            }
        }
        const struct virtio_snd_hdr status = {le32_of(request(s, &e, &wrote))};
        if (le32_get(status.code) == VIRTIO_SND_S_NOT_SUPP &&
            soft_manner(sound_breaks_at_unknown_codes)) {
            soft_needs_reset(s);
            return;
        }
        wrote += qvirtqueue_element_write(&e, 0, &status, sizeof(status));
        soft_push(s, queue, &e, wrote);
    }
}

/* Does what the hand is asked to do: it listens to a stream, or moves the volume
 * ("control-change"). */
static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    const struct virtio_snd_ctl_event event = {
        .code = le32_of(VIRTIO_SND_EVT_CTL_NOTIFY),
        .mask = le16_of(soft_fault(control_news_of_no_kind) ? 1u << 9 : 1)};
    const QVirtQueueElement *e;
    (void)args;
    if (strcmp(action, "control-change") != 0) {
        return soft_stream_act(action, value, bytes) || strcmp(action, "restore") == 0;
    }
    values[0] = le32_of(50);
    if (soft_is_live(s) && s->queue[VIRTIO_SND_EVENTQ].is_enabled &&
        (e = soft_pop(s, VIRTIO_SND_EVENTQ)) != NULL) {
        soft_push(s, VIRTIO_SND_EVENTQ, e,
                  qvirtqueue_element_write(e, 0, &event, sizeof(event)));
    }
    return true;
}

SOFT_MODEL(soft_sound, .device_id = VIRTIO_ID_SOUND,
           .len_is_content = 1 << VIRTIO_SND_RXQ, .count = 1, .queues = VIRTIO_SND_QUEUES,
           .features = FEATURES(VIRTIO_SND_F_CTLS),
           .config_bytes = sizeof(struct virtio_snd_config), .init = init, .reset = reset,
           .run = run, .act = act);
