/* SPDX-License-Identifier: MIT */
/*
 * The notification structure (4.1.4.4): every one a device presents is aligned, long
 * enough for each queue's doorbell, and rings.
 */
#include "tests/pci/pci_lib.h"

static bool is_power_of_two(uint32_t v)
{
    return v != 0 && (v & (v - 1)) == 0;
}

static const char *why_not_plain(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_F_NOTIFICATION_DATA)
               ? "VIRTIO_F_NOTIFICATION_DATA is offered: other bounds hold"
               : NULL;
}

/* "For devices not offering VIRTIO_F_NOTIFICATION_DATA: The cap.offset MUST be 2-byte
 * aligned. The device MUST either present notify_off_multiplier as an even power of 2, or
 * present notify_off_multiplier as 0." */
VIRTIO_TEST(doorbells_are_aligned, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = why_not_plain)
{
    QVirtioPciCap cap;

    for (unsigned n = 0; pci_structure(dev, VIRTIO_PCI_CAP_NOTIFY_CFG, n, &cap); n++) {
        uint32_t multiplier = pci_notify_multiplier(dev, &cap);

        expect_eq(t, "dev:4.1.4.4.1-2", cap.offset % 2, 0);
        expect_that(t, "dev:4.1.4.4.1-3",
                    multiplier == 0 || (is_power_of_two(multiplier) && multiplier >= 2),
                    "0 or an even power of two", "%u", multiplier);
    }
}

/* "For devices offering VIRTIO_F_NOTIFICATION_DATA: ... a number that is a power of 2
 * that is also a multiple 4, or ... 0. The cap.offset MUST be 4-byte aligned." */
VIRTIO_TEST(doorbells_with_data_are_aligned, .flags = TEST_RAW, .buses = BUS_PCI,
            .needs = FEATURES(VIRTIO_F_NOTIFICATION_DATA))
{
    QVirtioPciCap cap;

    for (unsigned n = 0; pci_structure(dev, VIRTIO_PCI_CAP_NOTIFY_CFG, n, &cap); n++) {
        uint32_t multiplier = pci_notify_multiplier(dev, &cap);

        expect_eq(t, "dev:4.1.4.4.1-7", cap.offset % 4, 0);
        expect_that(t, "dev:4.1.4.4.1-6",
                    multiplier == 0 || (is_power_of_two(multiplier) && multiplier >= 4),
                    "0 or a power of two from 4", "%u", multiplier);
    }
}

/* The clauses for a doorbell of 2 bytes, and of 4. */
typedef struct DoorbellClauses {
    uint32_t bytes;
    const char *least, *all_queues, *formula;
} DoorbellClauses;

/* "cap.length >= queue_notify_off * notify_off_multiplier + bytes" for each queue that
 * there is. */
static void expect_covered(Test *t, QVirtioDevice *dev, const DoorbellClauses *c)
{
    uint16_t queues = COMMON_READ16(dev, num_queues);
    QVirtioPciCap cap;

    for (unsigned n = 0; pci_structure(dev, VIRTIO_PCI_CAP_NOTIFY_CFG, n, &cap); n++) {
        uint64_t multiplier = pci_notify_multiplier(dev, &cap), last = 0;

        expect_ge(t, c->least, cap.length, c->bytes);
        for (uint16_t i = 0; i < queues; i++) {
            if (pci_queue_size(dev, i) == 0) {
                continue;
            }
            uint64_t at = COMMON_READ16(dev, queue_notify_off) * multiplier;
            last = at > last ? at : last;
            expect_ge(t, c->formula, cap.length, at + c->bytes);
        }
        expect_ge(t, c->all_queues, cap.length, last + c->bytes);
    }
}

/* "large enough to support queue notification offsets for all supported queues in all
 * possible configurations": as it is after reset, with VERSION_1 alone, and with all that
 * is offered and known here. */
static void expect_covered_always(Test *t, QVirtioDevice *dev, const DoorbellClauses *c)
{
    QVirtioFeatures all = dev->offered;

    expect_covered(t, dev, c);
    if (!pci_begin(t, dev)) {
        return;
    }
    expect_covered(t, dev, c);
    pci_keep_known(dev, &all);
    /* It may refuse the set (2.2.2: "SHOULD accept any valid subset"). */
    if (require_ok(t, qvirtio_begin(dev)) && qvirtio_negotiate(dev, &all) == 0) {
        expect_covered(t, dev, c);
    }
}

VIRTIO_TEST(every_queue_has_its_doorbell_inside, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = why_not_plain)
{
    static const DoorbellClauses clauses = {2, "dev:4.1.4.4.1-4a", "dev:4.1.4.4.1-4b",
                                            "dev:4.1.4.4.1-5"};
    expect_covered_always(t, dev, &clauses);
}

VIRTIO_TEST(every_queue_has_its_doorbell_with_data_inside, .flags = TEST_RAW,
            .buses = BUS_PCI, .needs = FEATURES(VIRTIO_F_NOTIFICATION_DATA))
{
    static const DoorbellClauses clauses = {4, "dev:4.1.4.4.1-8a", "dev:4.1.4.4.1-8b",
                                            "dev:4.1.4.4.1-9"};
    expect_covered_always(t, dev, &clauses);
}

/* From now on kicks of all open queues go by this structure; false: one has no place in
 * it. */
static bool kick_by(Test *t, QVirtioDevice *dev, const QVirtioPciCap *cap)
{
    QVirtioPci *p = qvirtio_pci(dev);
    uint32_t multiplier = pci_notify_multiplier(dev, cap);

    p->notify = qvirtio_pci_cap_window(p->function, cap);
    for (uint16_t i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (!dev->vq[i]) {
            continue;
        }
        COMMON_WRITE16(dev, queue_select, i);
        p->notify_at[i] = COMMON_READ16(dev, queue_notify_off) * multiplier;
        if (!expect_ge(t, "virtio 4.1.4.4", p->notify.bytes, p->notify_at[i] + 2u)) {
            return false;
        }
    }
    return true;
}

/* "The device MAY offer more than one structure of any type" (4.1.4), and each is the
 * real thing: pings kicked through it are answered. A busy device may find one request
 * or two without a kick. */
VIRTIO_TEST(every_notification_structure_rings, .flags = TEST_PING, .buses = BUS_PCI)
{
    bool is_fine = true;
    QVirtioPciCap cap;

    for (unsigned n = 0;
         is_fine && pci_structure(dev, VIRTIO_PCI_CAP_NOTIFY_CFG, n, &cap); n++) {
        is_fine = kick_by(t, dev, &cap);
        for (unsigned i = 1; i <= 16 && is_fine; i++) {
            is_fine = expect_ping(t, "virtio 4.1.4", dev, 16 * n + i);
        }
    }
    kick_by(t, dev, &qvirtio_pci(dev)->notify_cap); /* as ever */
}
