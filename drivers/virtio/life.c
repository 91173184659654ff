/* SPDX-License-Identifier: MIT */
/*
 * A device's life (3.1.1), written once above all buses: reset, status bits that are only
 * ever added, and feature negotiation, which reads FEATURES_OK back. Legacy interfaces
 * have no FEATURES_OK (3.1.2); everything else is the same for them.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/qvirtqueue.h"
#include "kernel/lib/string.h"

static const char *const error_names[] = {
    "ok",
    [QVIRTIO_UNSUPPORTED] = "not supported by this bus or device",
    [QVIRTIO_REFUSED] = "refused by the device",
    [QVIRTIO_TIMEOUT] = "a wait ran out",
    [QVIRTIO_NEEDS_RESET] = "the device asks for a reset (DEVICE_NEEDS_RESET)",
    [QVIRTIO_BROKEN] = "the device broke the ring",
    [QVIRTIO_NO_SPACE] = "no free descriptors",
    [QVIRTIO_NO_MEMORY] = "the test's memory is used up",
    [QVIRTIO_RANGE] = "out of range",
    [QVIRTIO_UNIT_CHECK] = "unit check",
    [QVIRTIO_PROGRAM_CHECK] = "channel program check",
    [QVIRTIO_WRONG_LENGTH] = "incorrect length",
    [QVIRTIO_CHANNEL_CHECK] = "channel check",
    [QVIRTIO_NOT_OPERATIONAL] = "not operational",
    [QVIRTIO_NOT_ACCEPTED] = "FEATURES_OK reads back clear",
    [QVIRTIO_NO_QUEUE] = "the device shows a queue of size 0",
    [QVIRTIO_TOO_LONG] = "more descriptors than the device's queue has entries",
};

const char *qvirtio_error_name(int err)
{
    unsigned n = err < 0 ? -err : err;
    return n < sizeof(error_names) / sizeof(error_names[0]) ? error_names[n]
                                                            : "unknown error";
}

bool qvirtio_is_legacy(const QVirtioDevice *d)
{
    return d->bus->is_legacy;
}

int qvirtio_reset(QVirtioDevice *d)
{
    int err = d->bus->reset(d);

    d->bus->irq_release(d);
    memset(&d->negotiated, 0, sizeof(d->negotiated));
    memset(d->vq, 0, sizeof(d->vq));
    memset(&d->config_irq, 0, sizeof(d->config_irq));
    d->is_negotiated = false;
    d->is_awake = false;
    d->driver_data = NULL;
    return err;
}

int qvirtio_add_status(QVirtioDevice *d, uint8_t bits)
{
    uint8_t status;
    int err = d->bus->get_status(d, &status);
    return err ? err : d->bus->set_status(d, status | bits);
}

bool qvirtio_has_status(QVirtioDevice *d, uint8_t bits)
{
    uint8_t status;
    return d->bus->get_status(d, &status) == 0 && (status & bits) == bits;
}

int qvirtio_begin(QVirtioDevice *d)
{
    int err = qvirtio_reset(d);
    d->is_awake = true;
    if (!err) {
        err = qvirtio_add_status(d, VIRTIO_STATUS_ACKNOWLEDGE);
    }
    return err ? err : qvirtio_add_status(d, VIRTIO_STATUS_DRIVER);
}

int qvirtio_read_features(QVirtioDevice *d, QVirtioFeatures *offered)
{
    int err = 0;
    for (uint32_t i = 0; i < QVIRTIO_FEATURE_WORDS && !err; i++) {
        err = d->bus->get_features(d, i, &offered->word[i]);
    }
    return err;
}

int qvirtio_negotiate(QVirtioDevice *d, const QVirtioFeatures *wanted)
{
    for (uint32_t i = 0; i < QVIRTIO_FEATURE_WORDS; i++) {
        /* A word of zeros beyond what the device offers need not be written: it is zero
         * since the reset. */
        if (i > 1 && !wanted->word[i] && !d->offered.word[i]) {
            continue;
        }
        int err = d->bus->set_features(d, i, wanted->word[i]);
        /* A bus that cannot carry the upper words accepts that none of their bits is set.
         */
        if (err && (err != -QVIRTIO_UNSUPPORTED || wanted->word[i])) {
            return err;
        }
    }
    if (!qvirtio_is_legacy(d)) {
        int err = qvirtio_add_status(d, VIRTIO_STATUS_FEATURES_OK);
        if (err) {
            return err;
        }
        if (!qvirtio_has_status(d, VIRTIO_STATUS_FEATURES_OK)) {
            d->refused = *wanted;
            return -QVIRTIO_NOT_ACCEPTED;
        }
    }
    d->negotiated = *wanted;
    d->is_negotiated = true;
    return 0;
}

int qvirtio_driver_ok(QVirtioDevice *d)
{
    return qvirtio_add_status(d, VIRTIO_STATUS_DRIVER_OK);
}

bool qvirtio_negotiated(const QVirtioDevice *d, unsigned bit)
{
    return qvirtio_features_has(&d->negotiated, bit);
}

bool qvirtio_offers(const QVirtioDevice *d, unsigned bit)
{
    return qvirtio_features_has(&d->offered, bit);
}

int qvirtio_config_irq_open(QVirtioDevice *d)
{
    if (d->irq_mode == QVIRTIO_IRQ_NONE) {
        return 0;
    }
    return d->bus->irq_bind(d, QVIRTIO_IRQ_CONFIG, &d->config_irq);
}

static void poll_device(void *arg)
{
    QVirtioDevice *d = arg;
    d->bus->poll(d);
}

static bool needs_reset(void *arg)
{
    return qvirtio_has_status(arg, VIRTIO_STATUS_NEEDS_RESET);
}

int qvirtio_wait_served(QVirtioDevice *d, const char *what, bool (*is_done)(void *arg),
                        void *arg)
{
    Wait wait = {
        .what = what,
        .is_done = is_done,
        .arg = arg,
        .poll = d->bus->poll ? poll_device : NULL,
        .is_hopeless = qvirtio_is_legacy(d) ? NULL : needs_reset,
        .poll_arg = d,
    };
    if (wait_for(&wait)) {
        return 0;
    }
    return wait.is_hopeless && needs_reset(d) ? -QVIRTIO_NEEDS_RESET : -QVIRTIO_TIMEOUT;
}

int qvirtio_wait(QVirtioDevice *d, const char *what, bool (*is_done)(void *arg),
                 void *arg, uint64_t timeout_ns)
{
    Wait wait = {
        .what = what,
        .is_done = is_done,
        .arg = arg,
        .poll = d->bus->poll ? poll_device : NULL,
        .poll_arg = d,
        .timeout_ns = timeout_ns,
    };
    return wait_for(&wait) ? 0 : -QVIRTIO_TIMEOUT;
}

void qvirtio_poll(QVirtioDevice *d)
{
    if (d->bus->poll) {
        d->bus->poll(d);
    }
}

static bool status_is_zero(void *arg)
{
    QVirtioDevice *d = arg;
    uint8_t status;
    return d->bus->get_status(d, &status) == 0 && status == 0;
}

int qvirtio_reset_by_status(QVirtioDevice *d, const char *what)
{
    int err = d->bus->set_status(d, 0);
    return err ? err : qvirtio_wait(d, what, status_is_zero, d, 0);
}
