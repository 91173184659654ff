/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the rules of 5.5.6: they send numbers of pages that do not exist,
 * that are no memory, or that the balloon does not have, and arrays that end inside a
 * number.
 */
#include "tests/balloon/balloon_lib.h"

#define NUMBERS_MOST 8

/* Sends the numbers to both queues. The device must survive and must not change our
 * memory. */
static void send_numbers(Test *t, QVirtioDevice *dev, const uint32_t *numbers,
                         uint32_t bytes)
{
    virtio32 *array = arena_lend(NUMBERS_MOST * sizeof(*array), 4);
    if (!require_ok(t, array ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    for (unsigned i = 0; i * sizeof(*array) < bytes; i++) {
        array[i] = virtio32_of(qvirtio_is_legacy(dev), numbers[i]);
    }
    for (uint16_t queue = 0; queue < 2; queue++) {
        QVirtioSg sg = {arena_map(array, bytes), bytes};
        require_ok(t, qvirtqueue_add(dev->vq[queue], &sg, 1, 0, array));
        qvirtqueue_kick(dev->vq[queue]);
    }
    expect_survives(t, dev);
}

/* The numbers stand for addresses above RAM, up to the highest that a number can
 * reach. */
VIRTIO_TEST(pages_that_do_not_exist_are_survived, .device = VIRTIO_ID_BALLOON,
            .violates = "5.5.6")
{
    static const uint32_t numbers[] = {0xffffffff, 0xfffffffe, 0x80000000, 0x40000000,
                                       0x0fffffff};
    send_numbers(t, dev, numbers, sizeof(numbers));
}

/* On a PC these are the registers of interrupt controllers, and firmware. */
VIRTIO_TEST(pages_that_are_no_memory_are_survived, .device = VIRTIO_ID_BALLOON,
            .violates = "5.5.6")
{
    static const uint32_t addresses[] = {0xfee00000, 0xfec00000, 0xfffff000};
    uint32_t numbers[sizeof(addresses) / sizeof(addresses[0])];
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        numbers[i] = addresses[i] / PAGE_BYTES;
    }
    send_numbers(t, dev, numbers, sizeof(numbers));
}

VIRTIO_TEST(half_a_number_is_survived, .device = VIRTIO_ID_BALLOON, .violates = "5.5.6")
{
    uint8_t *page = balloon_pages(t, 1, 1);
    if (page) {
        uint32_t number = (uintptr_t)page / PAGE_BYTES;
        send_numbers(t, dev, &number, 3);
        require_pages(t, page, 0, 1, 1);
    }
}

/* A driver may only deflate "a page it has previously given to the balloon". This page
 * was never given. */
VIRTIO_TEST(deflating_what_was_never_inflated_is_survived, .device = VIRTIO_ID_BALLOON,
            .violates = "5.5.6")
{
    uint8_t *page = balloon_pages(t, 1, 1);
    if (page) {
        require_ok(t, balloon_send(dev, VIRTIO_BALLOON_DEFLATEQ, page, 1, NULL));
        require_pages(t, page, 0, 1, 1);
        expect_survives(t, dev);
    }
}

/* The array of numbers is in a buffer that the device may write. */
VIRTIO_TEST(writable_array_is_survived, .device = VIRTIO_ID_BALLOON, .violates = "5.5.6")
{
    virtio32 *array = arena_lend(sizeof(*array), 4);
    if (!require_ok(t, array ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    QVirtioSg sg = {arena_map(array, sizeof(*array)), sizeof(*array)};
    require_ok(t, qvirtqueue_add(dev->vq[0], &sg, 0, 1, array));
    qvirtqueue_kick(dev->vq[0]);
    expect_survives(t, dev);
}
