/* SPDX-License-Identifier: MIT */
/*
 * Which ring formats a device has (2.6). One that has packed rings only offers
 * RING_PACKED and does not accept any set of features without it; nothing else tells.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"

static int try_features(QVirtioDevice *d, bool is_packed)
{
    QVirtioFeatures set = qvirtio_baseline(d);

    if (is_packed) {
        qvirtio_features_set(&set, VIRTIO_F_RING_PACKED);
    } else {
        qvirtio_features_clear(&set, VIRTIO_F_RING_PACKED);
    }
    int err = qvirtio_begin(d);
    return err ? err : qvirtio_negotiate(d, &set);
}

bool qvirtio_is_packed_only(QVirtioDevice *d)
{
    if (qvirtio_is_legacy(d) || !qvirtio_offers(d, VIRTIO_F_RING_PACKED) ||
        !qvirtio_offers(d, VIRTIO_F_VERSION_1)) {
        return false;
    }
    if (d->formats == QVIRTIO_FORMATS_UNKNOWN) {
        bool is_only =
            try_features(d, false) == -QVIRTIO_NOT_ACCEPTED && try_features(d, true) == 0;
        d->formats = is_only ? QVIRTIO_FORMATS_PACKED_ONLY : QVIRTIO_FORMATS_SPLIT;
        qvirtio_reset(d);
    }
    return d->formats == QVIRTIO_FORMATS_PACKED_ONLY;
}

const QVirtioRing *qvirtio_plain_ring(QVirtioDevice *d)
{
    bool is_packed = qvirtio_is_packed_only(d);
    const QVirtioRing *ring;

    for (unsigned i = 0; (ring = qvirtio_ring(i)) != NULL; i++) {
        QVirtioFeatures needs = {0};
        qvirtio_features_add_list(&needs, ring->features);
        if (ring->is_packed == is_packed &&
            qvirtio_features_within(&needs, &d->offered)) {
            return ring;
        }
    }
    return qvirtio_ring(0);
}
