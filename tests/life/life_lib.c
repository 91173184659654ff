/* SPDX-License-Identifier: MIT */
/*
 * Lives, pings in bulk, and pictures of the memory a device may write: see life_lib.h.
 */
#include "tests/life/life_lib.h"
#include "drivers/virtio/ring/packed.h"

const char *life_why_mute(QVirtioDevice *dev)
{
    return dev->is_mute ? "the status of this device cannot be read" : NULL;
}

bool life_accepts(Test *t, QVirtioDevice *dev, const QVirtioFeatures *set)
{
    char names[160] = "";
    int err = qvirtio_begin(dev);
    if (!require_ok(t, err)) {
        return false;
    }
    err = qvirtio_negotiate(dev, set);
    if (err == -QVIRTIO_NOT_ACCEPTED) {
        qvirtio_features_format(dev, set, names, sizeof(names));
    } else if (!require_ok(t, err)) {
        return false;
    }
    return expect_that(t, "dev:2.2.2-2a", err == 0,
                       "FEATURES_OK holds for a legal subset of what is offered",
                       "FEATURES_OK reads back clear after%s", names);
}

int life_start_exactly(Test *t, QVirtioDevice *dev, const QVirtioFeatures *features)
{
    QVirtioFeatures set = *features;
    qvirtio_features_add_list(&set, t->ring->features);
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &set);
    err = err ? err : qvirtio_open_queues(dev, t->ring, 0, -1);
    return err ? err : qvirtio_start_finish(dev, t->ring);
}

/* What a device can be to blame for, once it has set FEATURES_OK. */
static bool is_of_device(int err)
{
    return err == -QVIRTIO_TIMEOUT || err == -QVIRTIO_NEEDS_RESET ||
           err == -QVIRTIO_BROKEN || err == -QVIRTIO_REFUSED || err == -QVIRTIO_NO_QUEUE;
}

bool life_serves(Test *t, QVirtioDevice *dev, const QVirtioFeatures *set, uint32_t number)
{
    const char *why = NULL;
    char names[96] = "";

    int err = life_start_exactly(t, dev, set);
    bool is_refused = err == -QVIRTIO_NOT_ACCEPTED;
    if (!err) {
        err = qvirtio_ping(dev, number, &why);
    }
    if (err && !is_refused && !is_of_device(err)) {
        return require_ok(t, err);
    }
    if ((err && !is_refused) || why) {
        qvirtio_features_format(dev, set, names, sizeof(names));
    }
    /* 2.2.2: what a device does not accept "it MUST fail to set the FEATURES_OK". */
    return expect_that(t, "dev:2.2.2-2b", is_refused || (!err && !why),
                       "FEATURES_OK clear, or a device that works with those features",
                       "%s with%s", why ? why : qvirtio_error_name(err), names);
}

bool life_end(Test *t, QVirtioDevice *dev)
{
    ArenaDamage d;
    if (!require_ok(t, qvirtio_stop(dev))) {
        return false;
    }
    bool is_whole = arena_check(&d);
    if (!expect_that(t, SAFETY, is_whole, "memory outside lent buffers is unchanged",
                     "0x%02x became 0x%02x, offset %lld of a buffer of %zu bytes",
                     d.expected, d.seen, (long long)d.offset, d.buffer_bytes)) {
        return false;
    }
    arena_reset();
    return true;
}

bool life_make_pings(Test *t, QVirtioDevice *dev, QVirtioPing *pings, uint32_t first,
                     unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        pings[i] = (QVirtioPing){0};
        if (!require_ok(t, dev->driver->ping_make(dev, first + i, &pings[i]))) {
            return false;
        }
    }
    return true;
}

unsigned life_add_pings(Test *t, QVirtioDevice *dev, QVirtioPing *pings, unsigned n)
{
    QVirtQueue *vq = dev->vq[dev->driver->ping_queue];
    unsigned added = 0;
    for (; added < n; added++) {
        pings[added].vq = vq;
        int err = qvirtio_ping_add(&pings[added], 1, 1);
        if (err == -QVIRTIO_NO_SPACE) {
            break;
        }
        if (!require_ok(t, err)) {
            return 0;
        }
    }
    qvirtqueue_publish(vq);
    return added;
}

bool life_take_pings(Test *t, const char *basis, QVirtQueue *vq, unsigned n)
{
    QVirtioUsed used;
    for (unsigned i = 0; i < n; i++) {
        if (!expect_ok(t, basis, qvirtqueue_wait(vq, &used))) {
            return false;
        }
        QVirtioPing *ping = used.token;
        if (!require_fine(t, qvirtio_ping_len_fault(ping, used.len)) ||
            !expect_fine(t, basis, ping->dev->driver->ping_check(ping, used.len))) {
            return false;
        }
    }
    return true;
}

static bool take_part(LifePicture *picture, const void *at, size_t bytes)
{
    void *copy = bytes ? arena_lend(bytes, 8) : NULL;
    if (!copy) {
        return bytes == 0;
    }
    memcpy(copy, at, bytes);
    picture->part[picture->parts].at = at;
    picture->part[picture->parts].copy = copy;
    picture->part[picture->parts++].bytes = bytes;
    return true;
}

static bool take_used_ring(LifePicture *picture, const QVirtQueue *vq, bool with_wishes)
{
    const QVRingUsed *used = vq->vring.used;
    if (vq->ring->is_packed) {
        const QVRingPacked *p = qvring_packed(vq);
        return take_part(picture, p->desc, virtq_packed_desc_bytes(vq->size)) &&
               (!with_wishes || take_part(picture, p->device, sizeof(*p->device)));
    }
    if (with_wishes) {
        return take_part(picture, used, virtq_used_bytes(vq->size));
    }
    const char *end = (const char *)&used->ring[vq->size];
    return take_part(picture, &used->idx, end - (const char *)&used->idx);
}

bool life_picture(Test *t, LifePicture *picture, const QVirtQueue *vq,
                  const QVirtioPing *pings, unsigned n, bool with_wishes)
{
    picture->parts = 0;
    bool is_taken = take_used_ring(picture, vq, with_wishes);
    for (unsigned i = 0; i < n && is_taken; i++) {
        is_taken = take_part(picture, pings[i].in, pings[i].in_bytes);
    }
    return require_ok(t, is_taken ? 0 : -QVIRTIO_NO_MEMORY);
}

int life_picture_changed(const LifePicture *picture)
{
    for (unsigned i = 0; i < picture->parts; i++) {
        if (memcmp(picture->part[i].at, picture->part[i].copy, picture->part[i].bytes)) {
            return i;
        }
    }
    return -1;
}
