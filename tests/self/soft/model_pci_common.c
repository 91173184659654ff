/* SPDX-License-Identifier: MIT */
/*
 * The common configuration structure and the doorbells of a modelled function (4.1.4.3,
 * 4.1.4.4). A field is read at any width, and written at its own.
 */
#include "drivers/virtio/spec/echo.h"
#include "tests/self/soft/model_pci.h"

SOFT_FAULT(feature_select_wraps, "dev:4.1.4.3.1-3",
           "looks at two bits of device_feature_select");
SOFT_FAULT(feature_window_stays_empty, "dev:4.1.4.3.1-3",
           "shows no features after a select past the last word, once");
SOFT_FAULT(one_select_for_both_windows, "dev:4.1.4.3.1-3",
           "moves the device's window with driver_feature_select");
SOFT_FAULT(driver_feature_reads_0, "dev:4.1.4.3.1-4",
           "does not show what the driver accepted");
SOFT_FAULT(generation_stands_still, "dev:4.1.4.3.1-6",
           "keeps its config_generation when the configuration changes");
SOFT_FAULT(first_reset_is_ignored, "dev:4.1.4.3.1-7",
           "wants 0 written twice when it is live");
SOFT_FAULT(status_comes_back, "dev:4.1.4.3.1-7",
           "shows ACKNOWLEDGE once it has shown the 0 of a reset");
SOFT_FAULT(reset_keeps_positions, "dev:4.1.4.3.1-7",
           "goes on at the old used index once queue_enable was read after a reset");
SOFT_FAULT(queue_enable_outlives_reset, "dev:4.1.4.3.1-8",
           "shows queues as enabled after a reset");
SOFT_FAULT(queue_reset_reads_1_after_reset, "dev:4.1.4.3.1-9",
           "shows queue_reset 1 after the device's reset");
SOFT_FAULT(queue_reset_reads_1_when_enabled, "dev:4.1.4.3.1-10",
           "shows queue_reset 1 for enabled queues");
SOFT_FAULT(queue_goes_on_after_its_reset, "dev:4.1.4.3.1-11",
           "goes on at the old used index after queue_reset");
SOFT_FAULT(reset_queue_takes_no_vector, "dev:4.1.5.1.2.1-8",
           "takes no vector for a queue that was reset");
SOFT_FAULT(old_ring_is_used_after_reset, "dev:4.1.4.3.1-12",
           "uses a buffer of the old ring when queue_reset reads 0");
SOFT_FAULT(new_ring_gets_old_buffers, "dev:4.1.4.3.1-12",
           "uses a buffer of the old ring in the new one");
SOFT_FAULT(queue_reset_is_never_over, "dev:4.1.4.3.1-13",
           "shows queue_reset 1 until the next reset");
SOFT_FAULT(queue_reset_comes_back, "dev:4.1.4.3.1-13",
           "shows queue_reset 0 once, then 1");
SOFT_FAULT(queue_reset_leaves_it_enabled, "dev:4.1.4.3.1-13",
           "shows queue_enable 1 after queue_reset");
SOFT_FAULT(absent_queue_has_a_size, "dev:4.1.4.3.1-14",
           "shows the size of the queue before where there is none");
SOFT_FAULT(queue_size_of_100, "dev:4.1.4.3.1-15", "offers a split queue of 100");
SOFT_FAULT(admin_queues_among_the_others, "dev:4.1.4.3.1-16a", "has admin queue 0");
SOFT_FAULT(admin_queues_past_the_last, "dev:4.1.4.3.1-16b", "has 0xffff admin queues");
SOFT_FAULT(upper_halves_are_lost, "dev:4.1.3.2-1",
           "ignores the upper halves of queue addresses");
/* "The device MAY present invalid bits written by the driver", and a driver that writes
 * them is at fault (2.2.1). */
SOFT_MANNER(driver_feature_mirrors, "4.1.4.3.1",
            "ignores bits that were not on offer, and shows them");
SOFT_MANNER(natural_register_widths_only, "4.1.3.1",
            "answers with ones where a register is read at another width");
/* "The device specifies the maximum number of virtqueues supported here"; "A 0 means the
 * queue is unavailable." */
SOFT_MANNER(num_queues_is_a_maximum, "4.1.4.3",
            "has fewer queues than num_queues says, now that it is set up so");
/* "This field exists only if VIRTIO_F_RING_RESET has been negotiated", and so on. */
SOFT_MANNER(absent_fields_read_ones, "4.1.4.3",
            "answers with ones where a register does not exist in this life");
/* It "will change whenever there is a possibility", not only then. */
SOFT_MANNER(generation_moves_by_itself, "2.5",
            "changes config_generation at every sixteenth read");
SOFT_MANNER(admin_queues_follow_the_others, "4.1.4.3",
            "has its first administration virtqueue at num_queues");
SOFT_MANNER(queues_share_one_doorbell, "4.1.4.4",
            "has a queue_notify_off of 0 for every queue");

#define AT(field) offsetof(struct virtio_pci_common_cfg, field)

/* The administration virtqueues are far from the others. */
#define ADMIN_QUEUE 40

static const struct {
    uint8_t off, width;
} fields[] = {
    {AT(device_feature_select), 4}, {AT(device_feature), 4},
    {AT(driver_feature_select), 4}, {AT(driver_feature), 4},
    {AT(config_msix_vector), 2},    {AT(num_queues), 2},
    {AT(device_status), 1},         {AT(config_generation), 1},
    {AT(queue_select), 2},          {AT(queue_size), 2},
    {AT(queue_msix_vector), 2},     {AT(queue_enable), 2},
    {AT(queue_notify_off), 2},      {AT(queue_desc), 4},
    {AT(queue_desc) + 4, 4},        {AT(queue_driver), 4},
    {AT(queue_driver) + 4, 4},      {AT(queue_device), 4},
    {AT(queue_device) + 4, 4},      {AT(queue_notif_config_data), 2},
    {AT(queue_reset), 2},           {AT(admin_queue_index), 2},
    {AT(admin_queue_num), 2},
};

/* Faults that would leave no device alive are this function's only. */
static bool is_echo(const PciModel *p)
{
    return p->kind->device_id == ECHO_DEVICE_ID;
}

static uint16_t admin_queue(const PciModel *p)
{
    bool follows = door_queues(&p->door) > door_ordinary(&p->door) &&
                   soft_manner(admin_queues_follow_the_others);

    return follows ? door_ordinary(&p->door) : ADMIN_QUEUE;
}

/* Queues as the driver numbers them, and as the device does. */
static uint16_t index_of(const PciModel *p, uint16_t queue)
{
    uint16_t ordinary = door_ordinary(&p->door);
    return queue < ordinary ? queue : (uint16_t)(admin_queue(p) + queue - ordinary);
}

static uint16_t queue_at(const PciModel *p, uint32_t index)
{
    uint16_t queue = 0;
    while (queue < door_queues(&p->door) && index_of(p, queue) != index) {
        queue++;
    }
    return queue < door_queues(&p->door) ? queue : UINT16_MAX;
}

static uint32_t word_of(QVirtioFeatures f, uint32_t word)
{
    return word < QVIRTIO_FEATURE_WORDS ? f.word[word] : 0;
}

/* Doorbells stand in the opposite order of the queues. */
static uint16_t notify_off(const PciModel *p, uint32_t queue)
{
    return door_queues(&p->door) > 1 && soft_manner(queues_share_one_doorbell)
               ? 0
               : (uint16_t)(door_queues(&p->door) - 1u - queue);
}

/* The device's own word for a queue (2.9). */
static uint16_t notify_word(uint16_t queue)
{
    return (uint16_t)(0x4000 + 7 * queue);
}

static uint64_t *address_field(DoorQueue *q, size_t off)
{
    return off < AT(queue_driver)   ? &q->desc
           : off < AT(queue_device) ? &q->driver
                                    : &q->device;
}

static uint16_t size_of(const PciModel *p, const DoorQueue *q)
{
    bool is_split = !door_negotiated(&p->door, VIRTIO_F_RING_PACKED);
    bool is_odd = soft_fault(queue_size_of_100) && is_split && is_echo(p) &&
                  p->door.queue_select == 1 && q->size == QVIRTQUEUE_CHAIN_MAX;

    return is_odd ? 100 : q->size;
}

/* What a fault remembers of a queue, a bit each. */
static uint32_t bit_of(const PciModel *p)
{
    return 1u << p->door.queue_select % 32;
}

static bool shows_enabled(PciModel *p)
{
    bool was_enabled = p->were_enabled & bit_of(p);

    return door_is_enabled(&p->door) ||
           (soft_fault(queue_enable_outlives_reset) && was_enabled &&
            door_status(&p->door) == 0) ||
           (soft_fault(queue_reset_leaves_it_enabled) && p->were_reset & bit_of(p));
}

static void finish_queue_reset(PciModel *p)
{
    uint16_t source = p->door.queue_select + 1;

    door_reset_queue(&p->door);
    p->old_vector[source] = p->vector[source] + 1;
    model_pci_map(p, p->door.queue_select, VIRTIO_MSI_NO_VECTOR);
    p->were_reset |= bit_of(p);
    p->resets_seen = 0;
}

static bool is_being_reset(PciModel *p)
{
    if (p->queue_reset_reads && --p->queue_reset_reads == 0) {
        finish_queue_reset(p);
    }
    return p->queue_reset_reads;
}

/* A reset is done at once, unless its manner is another, and a queue that is enabled is
 * not being reset. */
static bool shows_reset(PciModel *p)
{
    if (p->queue_being_reset == p->door.queue_select && is_being_reset(p)) {
        return true;
    }
    bool is_enabled = door_is_enabled(&p->door), was_reset = p->were_reset & bit_of(p);

    if (was_reset && soft_fault(queue_reset_comes_back)) {
        p->resets_seen++;
    }
    return (soft_fault(queue_reset_reads_1_after_reset) && !is_enabled && !was_reset) ||
           (soft_fault(queue_reset_reads_1_when_enabled) && is_enabled) ||
           (soft_fault(queue_reset_is_never_over) && was_reset) || p->resets_seen > 1;
}

static uint32_t read_queue(PciModel *p, size_t off)
{
    Door *d = &p->door;
    DoorQueue *q = door_queue(d);

    if (!q) {
        return off == AT(queue_msix_vector) ? VIRTIO_MSI_NO_VECTOR
               : soft_fault(absent_queue_has_a_size) && off == AT(queue_size)
                   ? QVIRTQUEUE_CHAIN_MAX
                   : 0;
    }
    switch (off) {
    case AT(queue_size):
        return size_of(p, q);
    case AT(queue_msix_vector):
        return model_pci_vector(p, d->queue_select);
    case AT(queue_enable):
        p->is_looked_at |= door_status(d) == 0;
        return shows_enabled(p);
    case AT(queue_notify_off):
        return notify_off(p, d->queue_select);
    case AT(queue_notif_config_data):
        return notify_word(d->queue_select);
    case AT(queue_reset):
        return shows_reset(p);
    default:
        return (uint32_t)(*address_field(q, off) >> (off % 8 * 8));
    }
}

/* Any word, also those that no feature has a number in. */
static uint32_t device_window(PciModel *p)
{
    Door *d = &p->door;
    uint32_t word = soft_fault(feature_select_wraps)          ? d->device_select % 4
                    : soft_fault(one_select_for_both_windows) ? p->last_select
                                                              : d->device_select;
    bool was_past = p->was_past;

    p->was_past = soft_fault(feature_window_stays_empty) && word >= QVIRTIO_FEATURE_WORDS;
    return was_past ? 0 : word_of(door_offered(d), word) | door_features_past_127(word);
}

static uint8_t shown_status(PciModel *p)
{
    door_count_status_read(&p->door);
    uint8_t status = door_status(&p->door);

    if (status) {
        p->zeroes_seen = 0;
    } else if (soft_fault(status_comes_back) && p->zeroes_seen++) {
        return VIRTIO_STATUS_ACKNOWLEDGE;
    }
    return status;
}

static uint8_t shown_generation(PciModel *p)
{
    if (soft_fault(generation_stands_still)) {
        return 1;
    }
    bool moves = soft_manner(generation_moves_by_itself);
    return (uint8_t)(door_generation(&p->door) +
                     (moves ? p->generation_reads++ / 16 : 0));
}

/* Returns false for a register that the features of this life do not have. */
static bool exists(const PciModel *p, size_t off)
{
    const Door *d = &p->door;

    return off == AT(queue_notif_config_data)
               ? door_negotiated(d, VIRTIO_F_NOTIF_CONFIG_DATA)
           : off == AT(queue_reset) ? door_negotiated(d, VIRTIO_F_RING_RESET)
           : off == AT(admin_queue_index) || off == AT(admin_queue_num)
               ? door_negotiated(d, VIRTIO_F_ADMIN_VQ)
               : true;
}

static uint32_t read_field(PciModel *p, size_t off)
{
    Door *d = &p->door;

    if (!exists(p, off) && soft_manner(absent_fields_read_ones)) {
        return UINT32_MAX;
    }
    switch (off) {
    case AT(device_feature_select):
        return d->device_select;
    case AT(device_feature):
        return device_window(p);
    case AT(driver_feature_select):
        return d->driver_select;
    case AT(driver_feature):
        return soft_fault(driver_feature_reads_0)
                   ? 0
                   : word_of(d->accepted, d->driver_select);
    case AT(config_msix_vector):
        return model_pci_vector(p, QVIRTIO_IRQ_CONFIG);
    case AT(num_queues):
        return door_ordinary(d) + (soft_manner(num_queues_is_a_maximum) ? 3 : 0);
    case AT(device_status):
        return shown_status(p);
    case AT(config_generation):
        return shown_generation(p);
    case AT(queue_select):
        return p->selected;
    case AT(admin_queue_index):
        return soft_fault(admin_queues_among_the_others) ? 0 : admin_queue(p);
    case AT(admin_queue_num):
        return soft_fault(admin_queues_past_the_last) ? 0xffff
                                                      : door_queues(d) - door_ordinary(d);
    default:
        return read_queue(p, off);
    }
}

static void enable(PciModel *p)
{
    Door *d = &p->door;
    bool goes_on = soft_fault(queue_goes_on_after_its_reset) && p->were_reset & bit_of(p);

    if (soft_fault(queue_size_of_100)) {
        door_queue(d)->size = size_of(p, door_queue(d));
    }
    door_enable(d);
    p->were_enabled |= bit_of(p);
    if (goes_on || (soft_fault(reset_keeps_positions) && is_echo(p) && p->is_looked_at)) {
        door_go_on(d);
    }
    p->is_looked_at = false;
    if (p->were_reset & bit_of(p)) {
        door_use_late(d, soft_fault(old_ring_is_used_after_reset),
                      soft_fault(new_ring_gets_old_buffers));
    }
    p->were_reset &= ~bit_of(p);
    p->resets_seen = 0;
}

static void reset_queue(PciModel *p)
{
    p->queue_being_reset = p->door.queue_select;
    p->queue_reset_reads = door_queue_reset_reads();
    if (p->queue_reset_reads == 0) {
        finish_queue_reset(p);
    }
}

/* The whole function, by 0 in device_status. */
static void reset(PciModel *p)
{
    bool is_live = door_status(&p->door) & VIRTIO_STATUS_DRIVER_OK;

    if (soft_fault(first_reset_is_ignored) && is_echo(p) && is_live &&
        !p->was_reset_asked) {
        p->was_reset_asked = true;
        return;
    }
    p->was_reset_asked = false;
    door_set_status(&p->door, 0);
}

void model_pci_reset_all(Door *d)
{
    PciModel *p = (PciModel *)d;

    model_pci_reset(p);
    p->were_reset = p->resets_seen = p->zeroes_seen = p->queue_reset_reads = 0;
    p->selected = 0;
}

static void write_queue(PciModel *p, size_t off, uint32_t v)
{
    Door *d = &p->door;
    DoorQueue *q = door_queue(d);

    if (!q) {
        return;
    }
    switch (off) {
    case AT(queue_size):
        if (v <= door_size_max(d)) {
            q->size = (uint16_t)v;
            q->has_size = true;
        }
        break;
    case AT(queue_msix_vector):
        if (!(soft_fault(reset_queue_takes_no_vector) && p->were_reset & bit_of(p))) {
            model_pci_map(p, d->queue_select, (uint16_t)v);
        }
        break;
    case AT(queue_enable):
        if (v == 1) {
            enable(p);
        }
        break;
    case AT(queue_reset):
        if (v == 1 && door_negotiated(d, VIRTIO_F_RING_RESET)) {
            reset_queue(p);
        }
        break;
    case AT(queue_desc)... AT(queue_device) + 4: {
        uint64_t *address = address_field(q, off);
        unsigned shift = off % 8 * 8;
        v = shift && soft_fault(upper_halves_are_lost) ? 0 : v;
        *address = (*address & ~(0xffffffffull << shift)) | (uint64_t)v << shift;
        break;
    }
    default:
        break; /* the device's own */
    }
}

static void write_field(PciModel *p, size_t off, uint32_t v)
{
    Door *d = &p->door;

    switch (off) {
    case AT(device_feature_select):
        d->device_select = p->last_select = v;
        break;
    case AT(driver_feature_select):
        d->driver_select = p->last_select = v;
        break;
    case AT(driver_feature):
        d->is_careless = soft_manner(driver_feature_mirrors);
        door_accept(d, d->driver_select, v);
        break;
    case AT(config_msix_vector):
        model_pci_map(p, QVIRTIO_IRQ_CONFIG, (uint16_t)v);
        break;
    case AT(device_status):
        if ((uint8_t)v == 0) {
            reset(p);
        } else {
            door_set_status(d, (uint8_t)v);
        }
        break;
    case AT(queue_select):
        p->selected = (uint16_t)v;
        d->queue_select = queue_at(p, p->selected);
        break;
    default:
        write_queue(p, off, v);
        break;
    }
}

uint32_t model_pci_common(PciModel *p, const Access *a)
{
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t off = fields[i].off, width = fields[i].width;

        if (a->off < off || a->off >= off + width) {
            continue;
        }
        bool is_natural = a->off == off && a->width == width;
        if (!a->is_write) {
            return !is_natural && soft_manner(natural_register_widths_only)
                       ? UINT32_MAX
                       : read_field(p, off) >> (8 * (a->off - off));
        }
        if (is_natural) {
            write_field(p, off, a->value);
        }
    }
    return 0;
}

/* 4.1.5.2: which queue is told by the address where each has its own, and by the value;
 * they agree, or the kick is nobody's. */
void model_pci_doorbell(PciModel *p, const Access *a, uint32_t multiplier)
{
    Door *d = &p->door;
    bool has_data = door_negotiated(d, VIRTIO_F_NOTIFICATION_DATA);
    bool has_words = door_negotiated(d, VIRTIO_F_NOTIF_CONFIG_DATA);

    if (a->width != (has_data ? 4 : 2) || p->is_stopped) {
        return;
    }
    for (uint16_t i = 0; i < door_queues(d); i++) {
        if ((uint16_t)a->value == (has_words ? notify_word(i) : index_of(p, i)) &&
            a->off == notify_off(p, i) * (uint64_t)multiplier) {
            door_kick(d, i);
        }
    }
}
