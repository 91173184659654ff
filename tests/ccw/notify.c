/* SPDX-License-Identifier: MIT */
/*
 * Notifications by DIAGNOSE 0x500 (4.3.3.2): GPR2 holds the subchannel, GPR3 the queue,
 * and GPR4 a cookie, which is only a hint.
 */
#include "kernel/arch/s390x/hypercall.h"
#include "tests/ccw/ccw_lib.h"

#define ANYTHING 0xa5a5a5a500000000ull

/* Puts one ping into the queue without notifying the device. */
static bool publish(Test *t, QVirtioDevice *dev, QVirtioPing *ping, uint32_t number)
{
    int err = dev->driver->ping_make(dev, number, ping);

    err = err ? err : qvirtio_ping_add(ping, 1, 1);
    qvirtqueue_publish(ccw_ping_queue(dev));
    return require_ok(t, err);
}

static uint64_t kick(QVirtioDevice *dev, uint64_t above, uint64_t cookie)
{
    return hypercall(VIRTIO_CCW_DIAG_NOTIFY, above | qvirtio_ccw(dev)->subchannel.id,
                     ccw_ping_queue(dev)->index, cookie);
}

static void expect_answer(Test *t, const char *clause, QVirtioPing *ping)
{
    QVirtioUsed used = {0};

    if (expect_ok(t, clause, qvirtqueue_wait(ping->vq, &used))) {
        require_fine(t, ping->dev->driver->ping_check(ping, used.len));
    }
}

#define require_answer(t, ping) expect_answer(t, BASIS_NONE, ping)

/* "The device MUST ignore bits 0-31 (counting from the left) of GPR2." */
VIRTIO_TEST(upper_half_of_gpr2_is_ignored, .flags = TEST_PING, .buses = BUS_CCW_BOTH)
{
    static const uint64_t above[] = {0, ANYTHING, 0xffffffff00000000ull, 1ull << 32};

    for (uint32_t n = 0; n < sizeof(above) / sizeof(above[0]); n++) {
        QVirtioPing ping = {0};
        if (!publish(t, dev, &ping, n + 1)) {
            return;
        }
        kick(dev, above[n], 0);
        expect_answer(t, "dev:4.3.3.2.1-1", &ping);
    }
}

/* Each notification passes the cookie that the one before has returned. */
VIRTIO_TEST(cookie_goes_round, .flags = TEST_PING, .buses = BUS_CCW_BOTH)
{
    uint64_t cookie = 0;

    for (uint32_t n = 1; n <= 8; n++) {
        QVirtioPing ping = {0};
        if (!publish(t, dev, &ping, n)) {
            return;
        }
        cookie = kick(dev, 0, cookie);
        expect_answer(t, "virtio 4.3.3.2", &ping);
    }
}

/* The cookie exists "to speed up the notification execution", so a wrong one may only
 * cost time. */
VIRTIO_TEST(wrong_cookie_costs_no_notification, .violates = "4.3.3.2.2",
            .flags = TEST_PING, .buses = BUS_CCW_BOTH)
{
    static const uint64_t wrong[] = {1, 0x7fffffff, ANYTHING, UINT64_MAX};

    for (uint32_t n = 0; n < sizeof(wrong) / sizeof(wrong[0]); n++) {
        QVirtioPing ping = {0};
        if (!publish(t, dev, &ping, n + 1)) {
            return;
        }
        kick(dev, 0, wrong[n]);
        expect_answer(t, "virtio 4.3.3.2", &ping);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(notification_of_no_queue, .violates = "4.3.3.2", .flags = TEST_PING,
            .buses = BUS_CCW_BOTH)
{
    static const uint64_t queues[] = {63, 64, 1023, 1024, 0xffff, 0xffffffff, UINT64_MAX};

    for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
        hypercall(VIRTIO_CCW_DIAG_NOTIFY, qvirtio_ccw(dev)->subchannel.id, queues[i], 0);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(notification_of_no_subchannel, .violates = "4.3.3.2", .flags = TEST_PING,
            .buses = BUS_CCW_BOTH)
{
    static const uint64_t ids[] = {0, 0x1ffff, 0x7ffff, 0xfe090000, 0xffffffff};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        hypercall(VIRTIO_CCW_DIAG_NOTIFY, ids[i], 0, 0);
    }
    expect_survives(t, dev);
}
