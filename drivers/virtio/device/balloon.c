/* SPDX-License-Identifier: MIT */
/*
 * The driver of the memory balloon (5.5): its tables, its requests and its ping. A guest
 * that inflates the balloon cannot see what the device does with the pages. So the ping
 * inflates it by pages that nothing else uses, and only its use is checked. Tests that
 * judge pages are in tests/balloon.
 */
#include "drivers/virtio/device/balloon.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/mem/page.h"

/* A ping has so many page numbers that it can be cut into many pieces. */
#define PING_PAGES 16

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_BALLOON_F_MUST_TELL_HOST, .name = "MUST_TELL_HOST"},
    {.bit = VIRTIO_BALLOON_F_STATS_VQ, .name = "STATS_VQ"},
    {.bit = VIRTIO_BALLOON_F_DEFLATE_ON_OOM, .name = "DEFLATE_ON_OOM"},
    {.bit = VIRTIO_BALLOON_F_FREE_PAGE_HINT, .name = "FREE_PAGE_HINT"},
    {.bit = VIRTIO_BALLOON_F_PAGE_POISON, .name = "PAGE_POISON"},
    {.bit = VIRTIO_BALLOON_F_PAGE_REPORTING, .name = "PAGE_REPORTING"},
    {.name = NULL},
};

#define FIELD(f, feature_bit, how)                                                  \
    {                                                                               \
        .name = #f, .feature = feature_bit, .flags = how,                           \
        .offset = offsetof(struct virtio_balloon_config, f), .width = 4, .count = 1 \
    }

static const QVirtioField fields[] = {
    FIELD(num_pages, FEATURES_END, QVIRTIO_FIELD_VOLATILE),
    FIELD(actual, FEATURES_END, QVIRTIO_FIELD_WRITABLE),
    FIELD(free_page_hint_cmd_id, VIRTIO_BALLOON_F_FREE_PAGE_HINT, QVIRTIO_FIELD_VOLATILE),
    FIELD(poison_val, VIRTIO_BALLOON_F_PAGE_POISON, QVIRTIO_FIELD_WRITABLE),
    {.name = NULL},
};

/* 5.5.2: "statsq only exists if VIRTIO_BALLOON_F_STATS_VQ is set", and so on. */
static bool balloon_has_queue(QVirtioDevice *d, uint16_t index)
{
    static const uint8_t feature_of[] = {
        [VIRTIO_BALLOON_STATSQ] = VIRTIO_BALLOON_F_STATS_VQ,
        [VIRTIO_BALLOON_FREE_PAGE_VQ] = VIRTIO_BALLOON_F_FREE_PAGE_HINT,
        [VIRTIO_BALLOON_REPORTING_VQ] = VIRTIO_BALLOON_F_PAGE_REPORTING,
    };
    return index < VIRTIO_BALLOON_STATSQ || qvirtio_negotiated(d, feature_of[index]);
}

static uint16_t balloon_queue_count(QVirtioDevice *d)
{
    uint16_t n = VIRTIO_BALLOON_REPORTING_VQ + 1;
    while (!balloon_has_queue(d, n - 1)) {
        n--;
    }
    return n;
}

/* 5.5.6: a page number is the address "divided by 4096". */
void balloon_numbers(const QVirtioDevice *d, virtio32 *to, const void *pages,
                     unsigned count)
{
    uintptr_t first = (uintptr_t)pages / VIRTIO_BALLOON_PAGE_BYTES;
    for (unsigned i = 0; i < count; i++) {
        to[i] = virtio32_of(qvirtio_is_legacy(d), first + i);
    }
}

int balloon_send(QVirtioDevice *d, uint16_t queue, const void *pages, unsigned count,
                 uint32_t *used_len)
{
    uint32_t bytes = count * sizeof(virtio32);
    virtio32 *numbers = arena_lend(bytes, 4);
    if (!numbers) {
        return -QVIRTIO_NO_MEMORY;
    }
    balloon_numbers(d, numbers, pages, count);
    QVirtioSg sg = {arena_map(numbers, bytes), bytes};
    return qvirtqueue_submit(d->vq[queue], &sg, 1, 0, used_len);
}

/* 5.5.4: config space is read "according to the little-endian format", also through the
 * legacy interface. */
int balloon_config_read(QVirtioDevice *d, size_t off, uint32_t *value)
{
    le32 raw = {0};
    int err = d->bus->get_config(d, off, &raw, sizeof(raw));
    *value = le32_get(raw);
    return err;
}

int balloon_config_write(QVirtioDevice *d, size_t off, uint32_t value)
{
    le32 raw = le32_of(value);
    return d->bus->set_config(d, off, &raw, sizeof(raw));
}

static const void *ping_pages(void)
{
    static void *pages;
    if (!pages) {
        pages = page_alloc(PING_PAGES);
    }
    return pages;
}

/* QEMU handles free page hints in a thread that raises the interrupt line without the
 * lock for lines, so the line may stay raised for ever. Nobody needs this interrupt, so
 * it is disabled. */
static int balloon_open(QVirtioDevice *d, const QVirtioRing *ring)
{
    (void)ring;
    if (d->vq[VIRTIO_BALLOON_FREE_PAGE_VQ]) {
        qvirtqueue_irq_disable(d->vq[VIRTIO_BALLOON_FREE_PAGE_VQ]);
    }
    return 0;
}

static int balloon_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    virtio32 *numbers = arena_lend(PING_PAGES * sizeof(*numbers), 4);
    if (!numbers) {
        return -QVIRTIO_NO_MEMORY;
    }
    d->driver_data = numbers; /* balloon_close() sees that the balloon grew */
    balloon_numbers(d, numbers, ping_pages(), PING_PAGES);
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_BALLOON_INFLATEQ],
        .number = number,
        .out = numbers,
        .out_bytes = PING_PAGES * sizeof(*numbers),
        .is_blind = true,
        /* 5.5.6.2.1: "Historically, some devices put the total descriptor length there".
         */
        .used_max = qvirtio_is_legacy(d) ? PING_PAGES * sizeof(*numbers) : 0,
    };
    return 0;
}

static const char *balloon_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    (void)ping, (void)used_len;
    return NULL;
}

/* 5.5.6.1: "The driver MUST update actual after changing the number of pages in the
 * balloon". It is enough to do so once after many pings. */
static void balloon_close(QVirtioDevice *d)
{
    if (d->driver_data) {
        balloon_config_write(d, offsetof(struct virtio_balloon_config, actual),
                             PING_PAGES);
    }
}

QVIRTIO_DRIVER(balloon, .device_id = VIRTIO_ID_BALLOON, .name = "balloon",
               .features = features, .fields = fields,
               .config_bytes = sizeof(struct virtio_balloon_config),
               .accepts = FEATURES(VIRTIO_BALLOON_F_MUST_TELL_HOST),
               .ping_queue = VIRTIO_BALLOON_INFLATEQ, .queue_count = balloon_queue_count,
               .has_queue = balloon_has_queue, .open = balloon_open,
               .close = balloon_close, .ping_make = balloon_ping_make,
               .ping_check = balloon_ping_check);
