/* SPDX-License-Identifier: MIT */
/*
 * Doors to soft devices: see door.h. Everything goes through the operations of the soft
 * bus's table, so that what its faults break is broken here too.
 */
#include "tests/self/soft/door.h"
#include "drivers/virtio/bus.h"
#include "kernel/lib/string.h"

/* 4.1.4.3.2: "the driver MUST wait for a read of device_status to return 0". Until then
 * the device goes on. */
SOFT_MANNER(reset_takes_40_reads, "2.4.2", "is reset when its status was read 40 times");
/* "The driver MUST use 8-bit wide accesses for 8-bit wide fields", and so on: what
 * another width gives is nobody's affair. */
SOFT_MANNER(natural_config_widths_only, "4.1.3.1",
            "answers with ones where a configuration field is read at another width");
/* 2.2.2: "this does not preclude devices written to a future version of this
 * specification from offering such feature bits". */
SOFT_MANNER(features_past_127, "2.2.2", "offers feature bit 130");

/* "The device MUST continue to present 1 in queue_reset as long as the queue reset is
 * ongoing." */
SOFT_MANNER(queue_reset_takes_20_reads, "2.6.1",
            "resets a queue when its reset was looked for 20 times");
/* "each field in the device configuration space can be changed by either the driver or
 * the device". */
SOFT_MANNER(config_changes_beside_requests, "3.2",
            "tells of a change of its configuration with every third used buffer");
/* "The driver MUST handle spurious notifications from the device." */
SOFT_MANNER(notifies_twice, "2.7.7.1", "sends each notification twice");

#define RESET_READS       40
#define QUEUE_RESET_READS 20

extern const QVirtioBus *const buses_begin[], *const buses_end[];

static Door *doors;

static void found(QVirtioDevice *d, void *data)
{
    (void)d, (void)data;
}

/* Soft devices are made when their bus is searched, which may be after the others. */
static void make_devices(void)
{
    for (const QVirtioBus *const *bus = buses_begin; bus < buses_end; bus++) {
        if (strcmp((*bus)->name, "soft") == 0) {
            (*bus)->device_foreach(*bus, found, NULL, NULL);
        }
    }
}

bool door_open(Door *d)
{
    static bool are_made;

    if (!are_made) {
        are_made = true;
        make_devices();
    }
    d->s = soft_find(d->device_id, d->index);
    d->next = doors;
    doors = d->s ? d : doors;
    return d->s != NULL;
}

static const QVirtioBus *bus_of(const Door *d)
{
    return d->s->dev.bus;
}

uint16_t door_queues(const Door *d)
{
    return soft_all_queues(d->s);
}

uint16_t door_ordinary(const Door *d)
{
    return soft_ordinary(d->s);
}

uint32_t door_features_past_127(uint32_t word)
{
    return word == 4 && soft_manner(features_past_127) ? 1u << 2 : 0;
}

static void clear_list(QVirtioFeatures *f, const uint8_t *bit)
{
    for (; bit && *bit != FEATURES_END; bit++) {
        qvirtio_features_clear(f, *bit);
    }
}

QVirtioFeatures door_offered(const Door *d)
{
    QVirtioFeatures f = d->s->offered;

    clear_list(&f, d->hides);
    clear_list(&f, d->hides_too);
    qvirtio_features_add_list(&f, d->adds);
    return f;
}

bool door_negotiated(const Door *d, unsigned bit)
{
    QVirtioFeatures offered = door_offered(d);

    return qvirtio_features_has(&d->accepted, bit) &&
           (!d->is_careless || qvirtio_features_has(&offered, bit));
}

/* What the door adds is not the device's affair. */
void door_accept(Door *d, uint32_t word, uint32_t bits)
{
    QVirtioFeatures mine = {0};

    if (word >= QVIRTIO_FEATURE_WORDS || d->s->status & VIRTIO_STATUS_FEATURES_OK) {
        return;
    }
    d->accepted.word[word] = bits;
    qvirtio_features_add_list(&mine, d->adds);
    if (d->is_careless) {
        bits &= door_offered(d).word[word];
    }
    bus_of(d)->set_features(&d->s->dev, word, bits & ~mine.word[word]);
}

static void tell(Door *d, int source)
{
    d->tell(d, source);
    if (soft_manner(notifies_twice)) {
        d->tell(d, source);
    }
    if (source >= 0 && ++d->buffers_told % 3 == 0 &&
        soft_manner(config_changes_beside_requests)) {
        d->changes_told++;
        d->tell(d, QVIRTIO_IRQ_CONFIG);
    }
}

/* What was used or has changed since this was asked last. */
static void tell_all(Door *d)
{
    for (int i = 0; i <= door_queues(d); i++) {
        if (d->told[i] != d->irq[i].count) {
            d->told[i] = d->irq[i].count;
            tell(d, i - 1);
        }
    }
}

static void remember(Door *d)
{
    for (uint16_t i = 0; soft_fault_chosen && i < SOFT_QUEUES; i++) {
        if (d->s->queue[i].is_enabled) {
            d->old[i] = d->s->queue[i];
        }
    }
}

uint16_t door_size_max(const Door *d)
{
    uint16_t size = 0;

    bus_of(d)->queue_max(&d->s->dev, d->queue_select, &size);
    return size;
}

/* The device is this door's from now on. */
static void reset(Door *d, bool is_legacy)
{
    d->reset_reads = 0;
    d->s->is_legacy = false;
    remember(d);
    bus_of(d)->set_status(&d->s->dev, 0);
    d->s->is_modelled = true;
    d->device_select = d->driver_select = 0;
    d->queue_select = 0;
    memset(&d->accepted, 0, sizeof(d->accepted));
    for (uint16_t i = 0; i < SOFT_QUEUES; i++) {
        d->queue[i] = (DoorQueue){0};
    }
    for (int i = 0; i <= door_queues(d); i++) {
        d->told[i] = d->irq[i].count;
        bus_of(d)->irq_bind(&d->s->dev, i - 1, &d->irq[i]);
    }
    d->s->is_legacy = is_legacy;
    d->reset(d);
}

static void ask_for_reset(Door *d, bool is_legacy)
{
    bool is_idle = door_status(d) == 0;

    if (!is_idle && soft_manner(reset_takes_40_reads)) {
        d->reset_reads = d->reset_reads ? d->reset_reads : RESET_READS;
        d->is_reset_legacy = is_legacy;
    } else {
        reset(d, is_legacy);
    }
}

void door_count_status_read(Door *d)
{
    if (d->reset_reads && --d->reset_reads == 0) {
        reset(d, d->is_reset_legacy);
    }
}

uint8_t door_status(const Door *d)
{
    uint8_t status = 0;

    bus_of(d)->get_status(&d->s->dev, &status);
    return status;
}

void door_set_status(Door *d, uint8_t status)
{
    QVirtioFeatures offered = door_offered(d);

    if (status == 0) {
        ask_for_reset(d, false);
    }
    if (status == 0 || d->reset_reads) {
        return;
    }
    if (!d->is_careless && !qvirtio_features_within(&d->accepted, &offered) &&
        !(d->s->status & VIRTIO_STATUS_FEATURES_OK)) {
        status &= ~VIRTIO_STATUS_FEATURES_OK;
    }
    bus_of(d)->set_status(&d->s->dev, status);
    tell_all(d); /* a device that suspends has told all before it shows it (3.4.2) */
}

uint8_t door_legacy_status(const Door *d)
{
    return door_status(d) & ~(VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_SUSPEND);
}

/* FEATURES_OK goes with DRIVER_OK: until then the driver may write features. */
void door_set_legacy_status(Door *d, uint8_t status)
{
    if (status == 0) {
        ask_for_reset(d, true);
    }
    if (status == 0 || d->reset_reads) {
        return;
    }
    status &= ~(VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_SUSPEND);
    if (status & VIRTIO_STATUS_DRIVER_OK && !(d->s->status & VIRTIO_STATUS_FEATURES_OK)) {
        d->s->accepted.word[0] &= d->s->offered.word[0];
        qvirtio_features_set(&d->s->accepted, VIRTIO_F_VERSION_1);
        bus_of(d)->set_status(&d->s->dev, VIRTIO_STATUS_FEATURES_OK | d->s->status);
    }
    status |= d->s->status & VIRTIO_STATUS_FEATURES_OK;
    bus_of(d)->set_status(&d->s->dev, status);
}

DoorQueue *door_queue(Door *d)
{
    if (d->queue_select >= soft_queue_count(d->s)) {
        return NULL;
    }
    DoorQueue *q = &d->queue[d->queue_select];
    if (!q->has_size) {
        q->size = door_size_max(d);
    }
    return q;
}

bool door_is_enabled(const Door *d)
{
    bool is_enabled = false;

    bus_of(d)->queue_enabled(&d->s->dev, d->queue_select, &is_enabled);
    return is_enabled;
}

void door_enable(Door *d)
{
    const DoorQueue *q = door_queue(d);

    if (!q || q->size == 0 || door_is_enabled(d)) {
        return;
    }
    QVirtQueue vq = {.index = d->queue_select, .size = q->size};
    vq.vring.desc_addr.raw = q->desc;
    vq.vring.avail_addr.raw = q->driver;
    vq.vring.used_addr.raw = q->device;
    bus_of(d)->queue_enable(&d->s->dev, &vq);
}

void door_disable(Door *d)
{
    if (door_queue(d)) {
        d->s->queue[d->queue_select].is_enabled = false;
        d->s->queue[d->queue_select].has_kick = false;
    }
}

void door_go_on(Door *d)
{
    d->s->queue[d->queue_select].side.next_used = d->old[d->queue_select].side.next_used;
}

void door_use_late(Door *d, bool in_old, bool in_new)
{
    QVirtQueueSide *side = in_old   ? &d->old[d->queue_select].side
                           : in_new ? &d->s->queue[d->queue_select].side
                                    : NULL;
    if (side && side->format->map(side) == 0) {
        qvirtqueue_flush(side, 1);
    }
}

unsigned door_queue_reset_reads(void)
{
    return soft_manner(queue_reset_takes_20_reads) ? QUEUE_RESET_READS : 0;
}

void door_reset_queue(Door *d)
{
    remember(d);
    if (door_queue(d) && bus_of(d)->queue_reset(&d->s->dev, d->queue_select) == 0) {
        *door_queue(d) = (DoorQueue){0};
    }
}

/* 2.7.2: descriptors, the available ring behind them, the used ring at the next multiple
 * of the alignment. */
void door_legacy_page(Door *d, uint64_t address, uint32_t align)
{
    DoorQueue *q = door_queue(d);

    if (!q) {
        return;
    }
    door_disable(d);
    q->desc = address;
    q->driver = address + virtq_desc_bytes(q->size);
    q->device = (q->driver + virtq_avail_bytes(q->size) + align - 1) & ~(align - 1ull);
    if (address) {
        door_enable(d);
    }
}

void door_kick(Door *d, uint32_t queue)
{
    if (queue < door_queues(d)) {
        QVirtQueue vq = {.index = (uint16_t)queue};
        bus_of(d)->notify(&d->s->dev, &vq);
    }
}

/* Returns false when the access is to a part of a field that has another width. */
static bool is_natural(const Door *d, const Access *a)
{
    const QVirtioDriver *driver = qvirtio_driver_find(d->device_id);
    const QVirtioField *f = driver ? driver->fields : NULL;

    for (; f && f->name; f++) {
        unsigned width = f->width < 4 ? f->width : 4;
        uint64_t end = f->offset + f->width * (f->count ? f->count : 1u);

        if (a->off < end && a->off + a->width > f->offset) {
            return a->width == width && (a->off - f->offset) % width == 0;
        }
    }
    return true;
}

/* Byte by byte, so that an access that leaves the structure half-way ends there. */
uint32_t door_config(Door *d, const Access *a, bool is_modern)
{
    uint8_t bytes[4] = {0};

    if (is_modern && !is_natural(d, a) && soft_manner(natural_config_widths_only)) {
        return UINT32_MAX;
    }
    if (a->is_write) {
        memcpy(bytes, &a->value, sizeof(bytes));
        bus_of(d)->set_config(&d->s->dev, a->off, bytes, a->width);
        return 0;
    }
    for (unsigned i = 0; i < a->width; i++) {
        bus_of(d)->get_config(&d->s->dev, a->off + i, &bytes[i], 1);
    }
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

uint32_t door_generation(const Door *d)
{
    uint32_t generation = 0;

    bus_of(d)->config_generation(&d->s->dev, &generation);
    return generation + d->changes_told;
}

void doors_run(void)
{
    if (doors) {
        bus_of(doors)->poll(&doors->s->dev);
    }
    for (Door *d = doors; d; d = d->next) {
        tell_all(d);
    }
}
