/* SPDX-License-Identifier: MIT */
/*
 * A virtual function that its owner has stopped (2.12.1.4). It accepts kicks and answers
 * reads, but it does not access memory and sends no interrupt. When it is resumed, it
 * goes on where it was. A later command of the owner must complete before a test judges
 * that the function did nothing.
 */
#include "drivers/virtio/bus.h"
#include "tests/admin/parts_lib.h"

/* Begins with a function that works, so that only the stop can be the cause of what
 * follows. Returns false when the test is over. */
static bool start(Test *t, QVirtioDevice *dev, Parts *p)
{
    if (!parts_begin(t, dev, p)) {
        return false;
    }
    if (qvirtio_why_no_ping(p->member)) {
        test_skip(t, "the virtual function has no ping");
        return false;
    }
    return require_ok(t, qvirtio_start(p->member, NULL, t->ring)) &&
           require_ping(t, p->member, 0);
}

/* Sends the owner another command, and returns whether it ended well. */
static bool passes(Parts *p)
{
    AdminCommand c = {.result_bytes = 8};
    return admin_ends(p->t, p->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK);
}

/* "the device MUST not access any virtqueue memory or any memory referred by the
 * virtqueue"; "the device MUST accept driver notifications". */
ADMIN_TEST(stopped_device_waits_with_requests, .rings = RINGS_ALL)
{
    Parts p;
    QVirtioPing ping = {0};
    QVirtioUsed used;

    if (!start(t, dev, &p) || !parts_stopped(&p) ||
        !require_ok(t, p.member->driver->ping_make(p.member, 1, &ping)) ||
        !require_ok(t, qvirtio_ping_add(&ping, 1, 1))) {
        return;
    }
    uint8_t *before = arena_lend(ping.in_bytes + 1, 1);
    uint32_t irqs = qvirtqueue_irq_count(ping.vq);
    memcpy(before, ping.in, ping.in_bytes);
    qvirtqueue_kick(ping.vq);
    if (!passes(&p)) {
        return;
    }
    bool has_used = qvirtqueue_has_used(ping.vq);
    expect_that(t, "dev:2.12.1.4.4.1-15", !has_used, "no used buffer", "one");
    expect_same(t, "dev:2.12.1.4.4.1-15", ping.in, before, ping.in_bytes);
    expect_that(t, "dev:2.12.1.4.4.1-8", !has_used, "no write to memory", "a used entry");
    expect_eq(t, "dev:2.12.1.4.4.1-16", qvirtqueue_irq_count(ping.vq), irqs);
    if (require_eq(t, parts_mode(&p, PARTS_RESUME), VIRTIO_ADMIN_STATUS_OK) &&
        expect_ok(t, "dev:2.12.1.4.4.1-11a", qvirtqueue_wait(ping.vq, &used))) {
        require_fine(t, p.member->driver->ping_check(&ping, used.len));
    }
}

/* "the device MUST respond with valid values for PCI read requests". */
ADMIN_TEST(stopped_device_answers_reads)
{
    Parts p;
    uint8_t before = 0, status = 0;

    if (start(t, dev, &p) &&
        require_ok(t, p.member->bus->get_status(p.member, &before)) &&
        parts_stopped(&p) &&
        require_ok(t, p.member->bus->get_status(p.member, &status))) {
        expect_eq(t, "dev:2.12.1.4.4.1-12", status, before);
        parts_end(&p);
    }
}

/* "if the device is already stopped before, the device MUST complete the command
 * successfully". */
ADMIN_TEST(stopped_device_can_be_stopped)
{
    Parts p;

    if (parts_begin(t, dev, &p) && parts_stopped(&p)) {
        expect_eq(t, "dev:2.12.1.4.4.1-20", parts_mode(&p, PARTS_STOP),
                  VIRTIO_ADMIN_STATUS_OK);
        require_eq(t, parts_mode(&p, PARTS_RESUME), VIRTIO_ADMIN_STATUS_OK);
    }
}

ADMIN_TEST(running_device_can_be_resumed)
{
    Parts p;

    if (start(t, dev, &p)) {
        expect_eq(t, "dev:2.12.1.4.4.1-21", parts_mode(&p, PARTS_RESUME),
                  VIRTIO_ADMIN_STATUS_OK);
        expect_ping(t, SAFETY, p.member, 1);
    }
}

ADMIN_TEST(resumed_device_works)
{
    Parts p;

    if (start(t, dev, &p) && parts_stopped(&p) &&
        require_eq(t, parts_mode(&p, PARTS_RESUME), VIRTIO_ADMIN_STATUS_OK)) {
        /* "the device resumes its operation." */
        expect_ping(t, "virtio 2.12.1.4", p.member, 1);
    }
}

/* "the member device MUST respond to the commands ... after the device reset completes in
 * the device, if the device reset is in progress": the test begins a reset and does not
 * wait for its end. */
ADMIN_TEST(device_can_be_stopped_in_its_reset)
{
    Parts p;

    if (start(t, dev, &p) && require_ok(t, p.member->bus->set_status(p.member, 0))) {
        expect_eq(t, "dev:2.12.1.4.4.1-18", parts_mode(&p, PARTS_STOP),
                  VIRTIO_ADMIN_STATUS_OK);
        require_eq(t, parts_mode(&p, PARTS_RESUME), VIRTIO_ADMIN_STATUS_OK);
    }
}
