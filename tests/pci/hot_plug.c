/* SPDX-License-Identifier: MIT */
/*
 * Devices that come and go while the machine runs: the specification says nothing special
 * of them, so all that is said of a device holds for one that came late, and one that
 * goes takes nothing with it. The subject works on meanwhile; the plugged device is no
 * part of the plan, and the slot is empty again behind each test.
 */
#include "drivers/virtio/bus.h"
#include "kernel/arch.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/pci/slot.h"
#include "tests/harness/hand.h"
#include "tests/pci/pci_lib.h"

#define SLOT_TIMEOUT_NS (2ull * 1000 * 1000 * 1000)
#define PINGS           8

static const char *why_no_slot(QVirtioDevice *dev)
{
    PciSlot slot;

    (void)dev;
    return pci_slot_find(&slot);
}

#define SLOT_TEST_OF(type)                                            \
    .device = type, .buses = BUS_PCI, .flags = TEST_HAND | TEST_PING, \
    .why_not = why_no_slot
#define SLOT_TEST SLOT_TEST_OF(VIRTIO_ID_RNG)

static bool is_full(void *slot)
{
    return pci_slot_is_full(slot);
}

static bool is_empty(void *slot)
{
    return !pci_slot_is_full(slot);
}

static bool wants_out(void *slot)
{
    return pci_slot_wants_out(slot);
}

static void note(const char *line)
{
    kprintf("# %s\n", line);
}

/* Lets the host put a device into the slot. Returns NULL when that fails, which is
 * reported, and the slot has no power. */
static QVirtioDevice *plug(Test *t, QVirtioDevice *dev, PciSlot *slot)
{
    const char *why = pci_slot_find(slot);
    if (!require_fine(t, why) || !hand_do(t, dev, "plug-device") ||
        !require_ok(t, qvirtio_wait(dev, "a device in the slot", is_full, slot,
                                    SLOT_TIMEOUT_NS))) {
        return NULL;
    }
    pci_slot_wants_out(slot);
    pci_slot_power(slot, true);
    PciFunction *f = pci_slot_function(slot);
    QVirtioDevice *late = f ? qvirtio_pci_plugged(f, note) : NULL;
    if (!require_that(t, late != NULL, "a virtio device in the slot",
                      f ? "none that can be used" : "nothing answers") ||
        !require_eq(t, late->device_id, dev->device_id)) {
        pci_slot_power(slot, false);
        return NULL;
    }
    return late;
}

/* The host wants it out. */
static bool is_wanted_out(Test *t, QVirtioDevice *dev, PciSlot *slot)
{
    return hand_do(t, dev, "unplug-device") &&
           require_ok(t, qvirtio_wait(dev, "the slot's button", wants_out, slot,
                                      SLOT_TIMEOUT_NS));
}

/* Out it goes, whatever it is at: configuration space has nobody any more. */
static bool take_out(Test *t, QVirtioDevice *dev, PciSlot *slot, QVirtioDevice *late)
{
    pci_slot_power(slot, false);
    bool is_gone = require_ok(
        t, qvirtio_wait(dev, "an empty slot", is_empty, slot, SLOT_TIMEOUT_NS));
    if (is_gone) {
        require_eq(t, pci_read32(qvirtio_pci(late)->function, PCI_VENDOR_ID), UINT32_MAX);
    }
    return is_gone;
}

/* What we know of one that is gone; that it is reset is nobody's to say. */
static void forget(QVirtioDevice *late)
{
    (void)qvirtio_reset(late);
}

static bool unplug(Test *t, QVirtioDevice *dev, PciSlot *slot, QVirtioDevice *late)
{
    bool is_wanted = is_wanted_out(t, dev, slot);
    bool is_gone = take_out(t, dev, slot, late);
    forget(late);
    return is_gone && is_wanted;
}

/* A life with pings: as many as were never sent before, each answered right. */
static bool expect_life(Test *t, QVirtioDevice *late)
{
    bool is_alive = test_start(t, late, NULL);
    for (uint32_t n = 1; is_alive && n <= 4; n++) {
        is_alive = expect_ping(t, SAFETY, late, n);
    }
    return is_alive;
}

/* Whatever it did, it goes. */
static bool live_and_go(Test *t, QVirtioDevice *dev, PciSlot *slot, QVirtioDevice *late)
{
    bool is_alive = expect_life(t, late);
    return unplug(t, dev, slot, late) && is_alive;
}

VIRTIO_TEST(plugged_device_works, SLOT_TEST)
{
    PciSlot slot;
    QVirtioDevice *late = plug(t, dev, &slot);
    if (!late) {
        return;
    }
    uint8_t status = 0xff;
    require_ok(t, late->bus->get_status(late, &status));
    expect_eq(t, "virtio 2.1", status, 0); /* "starts out as 0" */
    if (expect_life(t, late)) {
        require_ok(t, qvirtio_stop(late));
    }
    unplug(t, dev, &slot, late);
    expect_ping(t, SAFETY, dev, 5);
}

/* Nothing of the old device is left in the one that comes into its place. */
VIRTIO_TEST(plugged_device_is_new_each_time, SLOT_TEST)
{
    PciSlot slot;
    for (unsigned i = 0; i < 2; i++) {
        uint8_t status = 0xff;
        bool is_enabled = true;
        QVirtioDevice *late = plug(t, dev, &slot);
        if (!late) {
            return;
        }
        require_ok(t, late->bus->get_status(late, &status));
        expect_eq(t, "virtio 2.1", status, 0);
        require_ok(t, late->bus->queue_enabled(late, 0, &is_enabled));
        expect_that(t, "dev:4.1.4.3.1-8", !is_enabled, "queue 0 not enabled", "it is");
        if (!live_and_go(t, dev, &slot, late)) {
            return;
        }
    }
}

/* As many pings as fit the queue. */
static unsigned fill_queue(Test *t, QVirtioDevice *late, QVirtioPing *pings)
{
    QVirtQueue *vq = late->vq[late->driver->ping_queue];
    unsigned n = 0;
    while (n < PINGS && vq->num_free > 0 &&
           require_ok(t, late->driver->ping_make(late, n + 1, &pings[n])) &&
           require_ok(t, qvirtio_ping_add(&pings[n], 1, 1))) {
        n++;
    }
    qvirtqueue_kick(vq);
    return n;
}

/* It goes with requests in flight. What it still used is right, and from then on it
 * touches no memory (the harness looks at all of it); its neighbour serves as before. */
static void go_in_traffic(Test *t, QVirtioDevice *dev)
{
    QVirtioPing pings[PINGS] = {0};
    QVirtioUsed used;
    PciSlot slot;
    QVirtioDevice *late = plug(t, dev, &slot);
    if (!late) {
        return;
    }
    QVirtQueue *vq = NULL;
    if (test_start(t, late, NULL) && is_wanted_out(t, dev, &slot)) {
        vq = late->vq[late->driver->ping_queue];
        require_ge(t, fill_queue(t, late, pings), 1);
    }
    bool is_gone = take_out(t, dev, &slot, late);
    while (vq && is_gone && qvirtqueue_get(vq, &used) == 1) {
        require_fine(t, late->driver->ping_check(used.token, used.len));
    }
    forget(late);
    for (uint32_t n = 1; is_gone && n <= 4; n++) {
        expect_ping(t, SAFETY, dev, n);
    }
}

VIRTIO_TEST(plugged_device_may_go_in_traffic, SLOT_TEST)
{
    go_in_traffic(t, dev);
}

VIRTIO_TEST(plugged_disk_works, SLOT_TEST_OF(VIRTIO_ID_BLOCK))
{
    PciSlot slot;
    QVirtioDevice *late = plug(t, dev, &slot);
    if (late) {
        live_and_go(t, dev, &slot, late);
        expect_ping(t, SAFETY, dev, 5);
    }
}

VIRTIO_TEST(plugged_disk_may_go_in_traffic, SLOT_TEST_OF(VIRTIO_ID_BLOCK))
{
    go_in_traffic(t, dev);
}

/* What is written to where it was goes nowhere, and reading ends. */
VIRTIO_TEST(slot_without_its_device_is_silent, SLOT_TEST)
{
    PciSlot slot;
    QVirtioDevice *late = plug(t, dev, &slot);
    if (!late || !live_and_go(t, dev, &slot, late)) {
        return;
    }
    for (uint16_t at = 0; at < 0x40; at += 4) {
        require_eq(t, pci_read32(qvirtio_pci(late)->function, at), UINT32_MAX);
    }
    const IoWindow *common = &qvirtio_pci(late)->common;
    io_write8(common, COMMON_AT(device_status), VIRTIO_STATUS_ACKNOWLEDGE);
    uint8_t status = io_read8(common, COMMON_AT(device_status));
    require_that(t, status == 0 || status == 0xff, "no device's status", "0x%02x",
                 status);
    expect_ping(t, SAFETY, dev, 1);
}
