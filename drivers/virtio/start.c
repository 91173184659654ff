/* SPDX-License-Identifier: MIT */
/*
 * Starting a device for work, in the order of 3.1.1: negotiate what is wanted, open every
 * queue in one ring format, bind interrupts, set DRIVER_OK, then let the driver prepare
 * its pings. The ping itself is here too.
 */
#include "drivers/virtio/admin_queues.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"

#define PING_PIECES_MAX 1024

QVirtioFeatures qvirtio_baseline(const QVirtioDevice *d)
{
    QVirtioFeatures set = {0};
    if (qvirtio_is_legacy(d)) {
        qvirtio_features_set(&set, VIRTIO_F_ANY_LAYOUT);
        return qvirtio_features_and(&set, &d->offered);
    }
    /* We can accept both: our addresses are physical ones, and our barriers are those
     * that platforms with real devices need. */
    qvirtio_features_add_list(
        &set, FEATURES(VIRTIO_F_ACCESS_PLATFORM, VIRTIO_F_ORDER_PLATFORM));
    qvirtio_features_add_list(&set, d->driver ? d->driver->accepts : NULL);
    if (d->formats == QVIRTIO_FORMATS_PACKED_ONLY) {
        qvirtio_features_set(&set, VIRTIO_F_RING_PACKED);
    }
    set = qvirtio_features_and(&set, &d->offered);
    qvirtio_features_set(&set, VIRTIO_F_VERSION_1);
    return set;
}

/* Gives what to accept: the baseline, the format's bits and the wanted ones. Returns
 * -QVIRTIO_UNSUPPORTED when one of them is not on offer. */
static int choose_features(QVirtioDevice *d, const QVirtioFeatures *wanted,
                           const QVirtioRing *ring, QVirtioFeatures *chosen)
{
    *chosen = qvirtio_baseline(d);
    for (unsigned i = 0; wanted && i < QVIRTIO_FEATURE_WORDS; i++) {
        chosen->word[i] |= wanted->word[i];
    }
    qvirtio_features_add_list(chosen, ring->features);
    return qvirtio_features_within(chosen, &d->offered) ? 0 : -QVIRTIO_UNSUPPORTED;
}

/* Returns how many queues the device has: for a type without a driver, as many as the bus
 * says. */
static uint16_t count_queues(QVirtioDevice *d)
{
    uint16_t n = 0, max = 0;
    if (d->driver) {
        return d->driver->queue_count(d);
    }
    while (n < QVIRTIO_MAX_QUEUES && d->bus->queue_max(d, n, &max) == 0 && max > 0) {
        n++;
    }
    return n;
}

static bool has_queue(QVirtioDevice *d, uint16_t index)
{
    return !d->driver || !d->driver->has_queue || d->driver->has_queue(d, index);
}

int qvirtio_open_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size, int but)
{
    uint16_t queues = count_queues(d);
    int err = 0;
    for (uint16_t i = 0; i < queues && !err; i++) {
        QVirtQueue *vq;
        err = i == but || !has_queue(d, i) ? 0 : qvirtqueue_open(d, i, size, ring, &vq);
    }
    return err ? err : qvirtio_open_admin_queues(d, ring, size);
}

int qvirtio_start_queues(QVirtioDevice *d, const QVirtioFeatures *wanted,
                         const QVirtioRing *ring, uint16_t queue_size)
{
    QVirtioFeatures chosen;
    qvirtio_is_packed_only(d);
    int err = choose_features(d, wanted, ring, &chosen);
    if (!err) {
        err = qvirtio_begin(d);
    }
    if (!err) {
        err = qvirtio_negotiate(d, &chosen);
    }
    return err ? err : qvirtio_open_queues(d, ring, queue_size, -1);
}

int qvirtio_start_finish(QVirtioDevice *d, const QVirtioRing *ring)
{
    int err = qvirtio_config_irq_open(d);
    /* Where the configuration gets no interrupt, its changes are seen by reading. */
    if (err == -QVIRTIO_UNSUPPORTED || err == -QVIRTIO_RANGE) {
        err = 0;
    }
    if (!err) {
        err = qvirtio_driver_ok(d);
    }
    if (!err && d->driver && d->driver->open) {
        err = d->driver->open(d, ring);
    }
    return err;
}

int qvirtio_start(QVirtioDevice *d, const QVirtioFeatures *wanted,
                  const QVirtioRing *ring)
{
    int err = qvirtio_start_queues(d, wanted, ring, 0);
    return err ? err : qvirtio_start_finish(d, ring);
}

int qvirtio_stop(QVirtioDevice *d)
{
    if (d->driver && d->driver->close) {
        d->driver->close(d);
    }
    return qvirtio_reset(d);
}

/* Cuts the bytes at `at` into pieces whose lengths differ by one byte at most. */
static void cut(QVirtioSg *sg, const void *at, uint32_t bytes, unsigned pieces)
{
    uint32_t start = 0;
    for (unsigned i = 0; i < pieces; i++) {
        uint32_t end = (uint64_t)bytes * (i + 1) / pieces;
        sg[i].addr = arena_map((const char *)at + start, end - start);
        sg[i].len = end - start;
        start = end;
    }
}

unsigned qvirtio_ping_in_parts(const QVirtioPing *ping, unsigned in_pieces)
{
    bool has_tail = ping->in_tail > 0, has_body = ping->in_bytes > ping->in_tail;

    if (!has_tail || !has_body) {
        return ping->in_bytes ? in_pieces : 0;
    }
    return in_pieces > 1 ? in_pieces : 2;
}

int qvirtio_ping_cut(const QVirtioPing *ping, unsigned out_pieces, unsigned in_pieces,
                     QVirtioSg *sg, unsigned most)
{
    unsigned out = ping->out_bytes ? out_pieces : 0;
    unsigned in = qvirtio_ping_in_parts(ping, in_pieces);
    uint32_t body = ping->in_bytes - ping->in_tail;
    unsigned of_tail = ping->in_tail > 0, of_body = in - of_tail;

    if (out + in > most || out > ping->out_bytes || of_body > body) {
        return -QVIRTIO_RANGE;
    }
    cut(sg, ping->out, ping->out_bytes, out);
    cut(sg + out, ping->in, body, of_body);
    cut(sg + out + of_body, (char *)ping->in + body, ping->in_tail, of_tail);
    return 0;
}

int qvirtio_ping_add(QVirtioPing *ping, unsigned out_pieces, unsigned in_pieces)
{
    static QVirtioSg sg[PING_PIECES_MAX];
    unsigned out = ping->out_bytes ? out_pieces : 0;
    int err = qvirtio_ping_cut(ping, out_pieces, in_pieces, sg, PING_PIECES_MAX);

    return err ? err
               : qvirtqueue_add(ping->vq, sg, out, qvirtio_ping_in_parts(ping, in_pieces),
                                ping);
}

const char *qvirtio_ping_len_fault(const QVirtioPing *ping, uint32_t used_len)
{
    return ping->is_len_content && used_len < ping->used_min
               ? "the used length says that the answer is too short"
               : NULL;
}

const char *qvirtio_why_no_ping(QVirtioDevice *d)
{
    if (!d->driver) {
        return "no driver for this device type";
    }
    return d->driver->why_no_ping ? d->driver->why_no_ping(d) : NULL;
}

int qvirtio_ping(QVirtioDevice *d, uint32_t number, const char **why)
{
    QVirtioPing ping = {0};
    QVirtioUsed used;

    *why = NULL;
    int err = d->driver->ping_make(d, number, &ping);
    if (!err) {
        err = qvirtio_ping_add(&ping, 1, 1);
    }
    if (!err) {
        qvirtqueue_kick(ping.vq);
        err = qvirtqueue_wait(ping.vq, &used);
    }
    if (!err) {
        *why = qvirtio_ping_len_fault(&ping, used.len);
    }
    if (!err && !*why) {
        *why = d->driver->ping_check(&ping, used.len);
    }
    return err;
}

int qvirtio_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                 uint32_t entries)
{
    QVirtioDevice *d = vq->dev;
    int (*prepare)(QVirtioDevice *, bool) = d->driver ? d->driver->wind : NULL;

    int err = prepare && !vq->broken ? prepare(d, true) : 0;
    if (!err) {
        err = qvirtqueue_wind(vq, sg, out, in, entries);
    }
    return !err && prepare ? prepare(d, false) : err;
}
