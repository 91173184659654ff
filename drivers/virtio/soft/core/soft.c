/* SPDX-License-Identifier: MIT */
/*
 * The bus `soft`: virtio devices in software, behind the same table as all others, for
 * the test of the tests. They are there only with the word soft, because they are no part
 * of a verdict on a VMM. Status (2.1), features (2.2), reset (2.4), config space (2.5)
 * and queues (2.6) are here; interrupts and the running of queues are in run.c. The bus
 * has no legacy twin.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/soft/core/admin.h"
#include "drivers/virtio/soft/core/run.h"
#include "drivers/virtio/spec/virtio_net.h"
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(refuses_a_legal_subset, "dev:2.2.2-2a",
           "clears FEATURES_OK when INDIRECT_DESC comes without EVENT_IDX");
SOFT_FAULT(takes_any_subset_and_fails, "dev:2.2.2-2b",
           "keeps FEATURES_OK for a set that it then cannot work with");
SOFT_FAULT(refuses_a_set_the_second_time, "dev:2.2.2-4",
           "clears FEATURES_OK for the set of the life before the last");
SOFT_FAULT(offers_less_in_its_next_life, "dev:2.2.2-4",
           "does not offer INDIRECT_DESC any more once it has had a life");
SOFT_FAULT(status_outlives_reset, "dev:2.4.1-1", "keeps ACKNOWLEDGE over a reset");
SOFT_FAULT(reset_forgets_a_queue, "dev:2.4.1-2",
           "goes on with requests that were in flight when it was reset");
SOFT_FAULT(config_comes_with_features_ok, "dev:2.5.2-1",
           "shows zeroes in config space until FEATURES_OK");
SOFT_FAULT(reset_queue_runs_on, "dev:2.6.1.1.1-1",
           "serves the old ring of a queue that was reset");
SOFT_FAULT(queue_reset_keeps_positions, "dev:2.6.1.1.1-2",
           "goes on at the old used index after a queue reset");
SOFT_FAULT(reset_queue_keeps_its_size, "dev:2.6.1.2.1-1",
           "takes a queue into use again with the size it had before");
SOFT_FAULT(kick_after_reset_is_served, "dev:2.4.1-2",
           "serves, in its next life, the queue that was kicked when it was reset");
SOFT_FAULT(reset_queue_has_half_its_limit, "dev:2.6.1.1.1-2",
           "shows half the size for a queue that was reset");

/* "Every driver and device supports either the Packed or the Split Virtqueue format, or
 * both." */
SOFT_MANNER(packed_rings_only, "2.6", "has packed rings only");
/* "A device MAY fail to operate further if VIRTIO_F_ACCESS_PLATFORM is not accepted", and
 * so on. */
SOFT_MANNER(rests_without_access_platform, "6.2",
            "serves nothing without ACCESS_PLATFORM, and sets FEATURES_OK");
SOFT_MANNER(rests_without_order_platform, "6.2",
            "serves nothing without ORDER_PLATFORM, and sets FEATURES_OK");
SOFT_MANNER(rests_without_version_1, "6.2",
            "serves nothing without VERSION_1, and sets FEATURES_OK");
/* "valid subset ... SHOULD accept". */
SOFT_MANNER_AGAINST(wants_event_idx, "2.2.2", "dev:2.2.2-2a",
                    "does not accept INDIRECT_DESC without EVENT_IDX");
/* Optional fields exist where their feature is offered (2.5.2: before FEATURES_OK) or
 * negotiated (5: "only exists if ... is set"). */
SOFT_MANNER(declined_fields_read_0, "2.5.2",
            "shows 0 for fields of features that were declined");
/* "The driver SHOULD consider a driver-initiated reset complete when it reads device
 * status as 0." */
SOFT_MANNER(reset_is_slow, "2.4.2", "shows 0 at the 40th read of its status");

SOFT_FAULT(changes_while_suspended, "dev:3.4.2-3",
           "shows another configuration while it is suspended");

#define RESET_READS 40

static SoftDevice *soft_of(QVirtioDevice *d)
{
    return d->bus_data;
}

static int get_status(QVirtioDevice *d, uint8_t *status)
{
    SoftDevice *s = soft_of(d);
    *status = soft_admin_status(s);
    if (s->reset_reads) {
        s->reset_reads--;
        *status = s->reset_status;
    }
    return 0;
}

static bool is_reset(void *arg)
{
    uint8_t status;
    SoftDevice *s = soft_of(arg);

    get_status(arg, &status);
    return s->reset_reads == 0;
}

/* For the faults reset_forgets_a_queue and kick_after_reset_is_served: remembers a queue
 * that has something to do. */
static void remember_queue(SoftDevice *s)
{
    if (!s->had_life ||
        !(soft_fault(reset_forgets_a_queue) || soft_fault(kick_after_reset_is_served))) {
        return;
    }
    s->ghost = (SoftQueue){0};
    for (uint16_t i = 0; i < soft_all_queues(s); i++) {
        bool is_first = s->queue[i].is_enabled && !s->ghost.is_enabled;
        if (s->queue[i].has_kick ||
            (is_first && soft_fault(kick_after_reset_is_served))) {
            s->ghost = s->queue[i];
            s->ghost_index = i;
        }
    }
}

static void reset_now(SoftDevice *s)
{
    if (s->status && soft_manner(reset_is_slow)) {
        s->reset_status = s->status;
        s->reset_reads = RESET_READS;
    }
    s->had_life = s->status != 0;
    s->status = soft_fault(status_outlives_reset) ? VIRTIO_STATUS_ACKNOWLEDGE : 0;
    s->isr = 0;
    s->is_unfit = false;
    s->has_config_news = false;
    s->idle_runs = 0;
    s->owes_one = false;
    qvirtqueue_forget_late();
    remember_queue(s);
    memset(&s->accepted, 0, sizeof(s->accepted));
    memset(s->queue, 0, sizeof(s->queue));
    s->config_irq = NULL;
    s->is_modelled = s->is_stopped = s->is_legacy = false;
    soft_admin_reset(s);
    if (s->model->reset) {
        s->model->reset(s);
    }
}

static int reset(QVirtioDevice *d)
{
    SoftDevice *s = soft_of(d);

    reset_now(s);
    return s->reset_reads == 0
               ? 0
               : qvirtio_wait(d, "the software device to be reset", is_reset, d, 0);
}

/* 2.2.2: a set is acceptable when each feature comes with what it requires, and all are
 * on offer. A modern device need not work without VERSION_1 (6.2). */
static bool is_acceptable(const SoftDevice *s)
{
    QVirtioFeatures closed = s->accepted;
    qvirtio_features_close(s->dev.driver, &closed);
    if ((!s->is_legacy && !soft_negotiated(s, VIRTIO_F_RING_PACKED) &&
         soft_manner(packed_rings_only)) ||
        (soft_negotiated(s, VIRTIO_F_INDIRECT_DESC) &&
         !soft_negotiated(s, VIRTIO_F_EVENT_IDX) && !s->is_legacy &&
         soft_manner(wants_event_idx))) {
        return false;
    }
    return (soft_negotiated(s, VIRTIO_F_VERSION_1) ||
            soft_manner(rests_without_version_1)) &&
           qvirtio_features_within(&s->accepted, &s->offered) && soft_supports_all(s) &&
           qvirtio_features_equal(&closed, &s->accepted) &&
           (!s->model->accepts || s->model->accepts(s));
}

/* 6.2: features without which a device may rest. */
static bool rests(const SoftDevice *s)
{
    if (s->is_legacy) {
        return false;
    }
    return (!soft_negotiated(s, VIRTIO_F_ACCESS_PLATFORM) &&
            soft_manner(rests_without_access_platform)) ||
           (!soft_negotiated(s, VIRTIO_F_ORDER_PLATFORM) &&
            soft_manner(rests_without_order_platform)) ||
           (!soft_negotiated(s, VIRTIO_F_VERSION_1) &&
            soft_manner(rests_without_version_1));
}

/* Returns true when FEATURES_OK holds, with the faults about that. */
static bool takes_features(SoftDevice *s)
{
    bool is_again = qvirtio_features_equal(&s->accepted, &s->taken[1]) &&
                    !qvirtio_features_equal(&s->accepted, &s->taken[0]);
    s->taken[1] = s->taken[0];
    s->taken[0] = s->accepted;
    if (soft_fault(refuses_a_set_the_second_time) && is_again) {
        return false;
    }
    if (soft_fault(refuses_a_legal_subset) &&
        soft_negotiated(s, VIRTIO_F_INDIRECT_DESC) &&
        !soft_negotiated(s, VIRTIO_F_EVENT_IDX)) {
        return false;
    }
    bool is_fine = is_acceptable(s);
    s->is_unfit = !is_fine || rests(s);
    return is_fine || soft_fault(takes_any_subset_and_fails);
}

static int set_status(QVirtioDevice *d, uint8_t status)
{
    SoftDevice *s = soft_of(d);
    uint8_t own = s->status & VIRTIO_STATUS_NEEDS_RESET;

    if (status == 0) {
        reset_now(s);
        return 0;
    }
    status = (status & ~VIRTIO_STATUS_NEEDS_RESET) | own;
    bool is_new = status & ~s->status & VIRTIO_STATUS_FEATURES_OK;
    if (is_new && !takes_features(s)) {
        status &= ~VIRTIO_STATUS_FEATURES_OK;
    } else if (is_new && s->model->negotiated) {
        s->model->negotiated(s);
    }
    s->status = soft_suspend_status(s, status);
    return 0;
}

static int get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    const SoftDevice *s = soft_of(d);
    *bits = word < QVIRTIO_FEATURE_WORDS ? s->offered.word[word] : 0;
    if (soft_fault(offers_less_in_its_next_life) && word == 0 && s->taken[0].word[0]) {
        *bits &= ~(1u << VIRTIO_F_INDIRECT_DESC);
    }
    return 0;
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    SoftDevice *s = soft_of(d);
    if (word >= QVIRTIO_FEATURE_WORDS) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    /* 3.1.1: after FEATURES_OK no feature is accepted any more. */
    if (!(s->status & VIRTIO_STATUS_FEATURES_OK)) {
        s->accepted.word[word] = bits;
    }
    return 0;
}

static int queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    const SoftDevice *s = soft_of(d);
    *size = index < soft_queue_count(s) ? soft_queue_most(s, index) : 0;
    if (*size && soft_fault(reset_queue_has_half_its_limit) && s->queue[index].old_size) {
        *size /= 2;
    }
    return 0;
}

/* The device takes the size and the three addresses, which are all that it is told. The
 * rest of vq is the driver's. */
static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    SoftDevice *s = soft_of(d);
    if (vq->index >= soft_queue_count(s) || vq->size > soft_queue_most(s, vq->index)) {
        return -QVIRTIO_RANGE;
    }
    SoftQueue *q = &s->queue[vq->index];
    q->side.format = soft_negotiated(s, VIRTIO_F_RING_PACKED) ? &qvirtqueue_side_packed
                                                              : &qvirtqueue_side_split;
    q->side.size = vq->size;
    q->side.desc_addr = vq->vring.desc_addr;
    q->side.driver_addr = vq->vring.avail_addr;
    q->side.device_addr = vq->vring.used_addr;
    q->side.uses_indirect = soft_negotiated(s, VIRTIO_F_INDIRECT_DESC);
    q->side.uses_event = soft_negotiated(s, VIRTIO_F_EVENT_IDX);
    q->side.dma = soft_negotiated(s, VIRTIO_F_ACCESS_PLATFORM) ? soft_dma(s) : NULL;
    qvirtqueue_side_start(&q->side);
    if (soft_fault(reset_queue_keeps_its_size) && q->old_size) {
        q->side.size = q->old_size;
    }
    if (soft_fault(queue_reset_keeps_positions)) {
        q->side.next_used = q->old_used;
    }
    q->is_enabled = true;
    q->has_kick = false;
    return 0;
}

static int queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    *enabled = index < SOFT_QUEUES && soft_of(d)->queue[index].is_enabled;
    return 0;
}

/* 2.6.1: the queue forgets everything except where its interrupts go. */
static int queue_reset(QVirtioDevice *d, uint16_t index)
{
    SoftDevice *s = soft_of(d);
    if (!soft_negotiated(s, VIRTIO_F_RING_RESET)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    if (index >= soft_all_queues(s)) {
        return -QVIRTIO_RANGE;
    }
    SoftQueue *q = &s->queue[index];
    if (soft_fault(reset_queue_runs_on)) {
        s->ghost = *q;
        s->ghost_index = index;
    }
    *q = (SoftQueue){
        .irq = q->irq, .old_size = q->side.size, .old_used = q->side.next_used};
    if (s->model->queue_reset) {
        s->model->queue_reset(s, index);
    }
    return 0;
}

static void notify(QVirtioDevice *d, const QVirtQueue *vq)
{
    SoftDevice *s = soft_of(d);
    if (vq->index == s->ghost_index && !s->queue[vq->index].is_enabled &&
        (soft_fault(reset_queue_runs_on) || soft_fault(kick_after_reset_is_served))) {
        s->ghost.has_kick = s->ghost.is_enabled;
    }
    soft_run_later(s, vq->index);
    if (vq->index < SOFT_QUEUES) {
        s->queue[vq->index].was_notified = true;
    }
    soft_admin_kicked(s, vq->index);
}

static int admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count)
{
    const SoftDevice *s = soft_of(d);
    *first = soft_ordinary(s);
    *count = s->model->admin_queues;
    return 0;
}

/* A field of a NIC that is there for any of three features (5.1.4). */
static bool is_of_steering(const SoftDevice *s, uint8_t feature)
{
    return s->dev.device_id == VIRTIO_ID_NET &&
           (feature == VIRTIO_NET_F_MQ || feature == VIRTIO_NET_F_RSS) &&
           (soft_negotiated(s, VIRTIO_NET_F_MQ) || soft_negotiated(s, VIRTIO_NET_F_RSS) ||
            soft_negotiated(s, VIRTIO_NET_F_HASH_REPORT));
}

/* With a manner: the field at this place is one of a feature that was declined. */
static bool is_declined(const SoftDevice *s, size_t off)
{
    const QVirtioField *f = s->dev.driver ? s->dev.driver->fields : NULL;

    if (!(s->status & VIRTIO_STATUS_FEATURES_OK)) {
        return false;
    }
    for (; f && f->name; f++) {
        if (off >= f->offset && off < f->offset + (size_t)f->width * f->count) {
            return f->feature != FEATURES_END && !soft_negotiated(s, f->feature) &&
                   !is_of_steering(s, f->feature) && soft_manner(declined_fields_read_0);
        }
    }
    return false;
}

static int get_config(QVirtioDevice *d, size_t off, void *to, size_t width)
{
    const SoftDevice *s = soft_of(d);
    if (off > s->model->config_bytes || width > s->model->config_bytes - off) {
        return -QVIRTIO_RANGE;
    }
    if (soft_fault(config_comes_with_features_ok) &&
        !(s->status & VIRTIO_STATUS_FEATURES_OK)) {
        memset(to, 0, width);
        return 0;
    }
    memcpy(to, s->config + off, width);
    if (is_declined(s, off)) {
        memset(to, 0, width);
    }
    return 0;
}

static int set_config(QVirtioDevice *d, size_t off, const void *from, size_t width)
{
    SoftDevice *s = soft_of(d);
    if (off > s->model->config_bytes || width > s->model->config_bytes - off) {
        return -QVIRTIO_RANGE;
    }
    if (s->model->write_config && s->model->write_config(s, off, from, width)) {
        memcpy(s->config + off, from, width);
    }
    return 0;
}

static int config_bytes(QVirtioDevice *d, size_t *bytes)
{
    *bytes = soft_of(d)->model->config_bytes;
    return 0;
}

static int config_generation(QVirtioDevice *d, uint32_t *generation)
{
    *generation = soft_of(d)->generation;
    return 0;
}

static int shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    const SoftDevice *s = soft_of(d);
    bool has_it = s->model->shm_region && s->model->shm_region(s, id, at, bytes);
    return has_it ? 0 : -QVIRTIO_UNSUPPORTED;
}

static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    value[0] = '\0';
    return s->model->act && s->model->act(s, action, args, value, bytes);
}

/* 3.4.2: a suspended device "MUST NOT ... modify any fields in its Configuration Space":
 * what the hand changes shows when the device is resumed. */
static int hand(QVirtioDevice *d, const char *action, const char *args, char *value,
                size_t bytes)
{
    SoftDevice *s = soft_of(d);
    uint8_t before[SOFT_CONFIG_BYTES];
    bool is_hidden =
        s->status & VIRTIO_STATUS_SUSPEND && !soft_fault(changes_while_suspended);

    memcpy(before, s->config, sizeof(before));
    bool is_done = act(s, action, args, value, bytes);
    memcpy(s->config_news, s->config, sizeof(before));
    if (is_hidden) {
        memcpy(s->config, before, sizeof(before));
    }
    return is_done ? 0 : -QVIRTIO_UNSUPPORTED;
}

static const char *truth(const QVirtioDevice *d, const char *field)
{
    const SoftDevice *s = d->bus_data;
    return s->model->truth ? s->model->truth(s, field) : NULL;
}

/* Makes a device, once: devices are kept. */
static SoftDevice *make(const QVirtioBus *bus, const SoftModel *model, int index)
{
    SoftDevice *s = page_alloc((sizeof(*s) + PAGE_BYTES - 1) / PAGE_BYTES);

    s->model = model;
    s->dev.bus = bus;
    s->dev.bus_data = s;
    s->dev.device_id = model->device_id;
    s->dev.index = index;
    qvirtio_features_add_list(&s->offered, model->features);
    if (model->init) {
        model->init(s);
    }
    if (model->admin && index == 0) {
        soft_admin_init(s);
    }
    soft_offer(s);
    ksnprintf(s->dev.where, sizeof(s->dev.where), "soft:%u.%d", model->device_id, index);
    soft_adopt(s);
    return s;
}

extern const SoftModel *const softs_begin[], *const softs_end[];

static void device_foreach(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           void (*note)(const char *line))
{
    (void)note;
    for (const SoftModel *const *model = softs_begin;
         cmdline_has("soft") && model < softs_end; model++) {
        for (int i = 0; i < (*model)->count; i++) {
            SoftDevice *s = soft_find((*model)->device_id, i);
            found(s ? &s->dev : &make(bus, *model, i)->dev, data);
        }
    }
}

QVIRTIO_BUS(qvirtio_bus_soft, .name = "soft", .is_software = true,
            .get_status = get_status, .set_status = set_status, .reset = reset,
            .get_features = get_features, .set_features = set_features,
            .queue_max = queue_max, .queue_enable = queue_enable,
            .queue_enabled = queue_enabled, .queue_reset = queue_reset,
            .admin_queues = admin_queues, .sriov_vfs = soft_sriov_vfs,
            .sriov_member = soft_sriov_member, .notify = notify,
            .irq_bind = soft_irq_bind, .irq_release = soft_irq_release,
            .query_isr = soft_query_isr, .get_config = get_config,
            .set_config = set_config, .config_bytes = config_bytes,
            .config_generation = config_generation, .shm_region = shm_region,
            .poll = soft_poll, .hand = hand, .truth = truth,
            .device_foreach = device_foreach);
