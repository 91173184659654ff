/* SPDX-License-Identifier: MIT */
/*
 * Emergency write (5.3.4, 5.3.5.1): the driver writes a character to emerg_wr of a device
 * that is not set up. Where the truth says that the other end of port 0 shows such
 * characters and echoes, the tests look for each of them. Elsewhere they can only judge
 * that the device is not harmed.
 */
#include "drivers/virtio/bus.h"
#include "tests/console/console_lib.h"

#define EMERG_WRITE FEATURES(VIRTIO_CONSOLE_F_EMERG_WRITE)

enum { COUNT = 8, EMERG_AT = offsetof(struct virtio_console_config, emerg_wr) };

static const char *why_not_seen(QVirtioDevice *dev)
{
    return !console_truth(dev, 0, "emergency")
               ? "it is unknown whether emergency writes show; pass "
                 "know=console.N.port.0.emergency=1"
               : console_why_no_echo(dev);
}

/* Chooses characters that no earlier test can have left under way; none is 0. */
static void choose(Test *t, uint8_t *text)
{
    for (unsigned i = 0; i < COUNT; i++) {
        text[i] = 1 + random_below(&t->random, 255);
    }
}

static bool write_text(Test *t, QVirtioDevice *dev, const uint8_t *text, uint32_t above)
{
    for (unsigned i = 0; i < COUNT; i++) {
        if (!require_ok(t, qvirtio_config_write(dev, EMERG_AT, 4, above | text[i]))) {
            return false;
        }
    }
    return true;
}

static bool has_come(Test *t, const char *clause, QVirtioDevice *dev, uint8_t *came)
{
    return expect_ok(t, clause, vconsole_receive_all(dev, 0, came, COUNT));
}

/* "The device MUST allow a write to emerg_wr, even on an unconfigured device." */
VIRTIO_TEST(emergency_write_works_on_a_reset_device, .device = VIRTIO_ID_CONSOLE,
            .needs = EMERG_WRITE, .why_not = why_not_seen)
{
    uint8_t text[COUNT], *came;

    choose(t, text);
    if (console_ready(t, dev, 0) && require_ok(t, qvirtio_stop(dev)) &&
        write_text(t, dev, text, 0) && test_start(t, dev, NULL) &&
        (came = console_lend(t, COUNT, 0)) != NULL &&
        has_come(t, "dev:5.3.5.1-1", dev, came)) {
        expect_same(t, "dev:5.3.5.1-1", came, text, COUNT);
    }
}

/* "SHOULD transmit the lower byte written to emerg_wr" */
VIRTIO_TEST(emergency_write_sends_the_lower_byte, .device = VIRTIO_ID_CONSOLE,
            .needs = EMERG_WRITE, .why_not = why_not_seen)
{
    uint8_t text[COUNT], *came = console_lend(t, COUNT, 0);

    choose(t, text);
    if (came && console_ready(t, dev, 0) && write_text(t, dev, text, 0x41424300) &&
        has_come(t, "dev:5.3.5.1-2", dev, came)) {
        expect_same(t, "dev:5.3.5.1-2", came, text, COUNT);
    }
}

/* 5.3.4: "without initializing virtio queues, or even acknowledging the feature". */
VIRTIO_TEST(emergency_write_leaves_a_reset_device_reset, .device = VIRTIO_ID_CONSOLE,
            .needs = EMERG_WRITE, .flags = TEST_RAW)
{
    uint8_t text[COUNT], status = 0xff;

    choose(t, text);
    if (write_text(t, dev, text, 0) &&
        require_ok(t, dev->bus->get_status(dev, &status))) {
        require_eq(t, status, 0);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(emergency_write_goes_well_with_traffic, .device = VIRTIO_ID_CONSOLE,
            .needs = EMERG_WRITE, .rings = RINGS_ALL)
{
    uint8_t text[COUNT];

    choose(t, text);
    require_ping(t, dev, 1);
    if (write_text(t, dev, text, 0)) {
        require_ping(t, dev, 2);
        require_that(t, !qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET),
                     "a device that works", "NEEDS_RESET");
    }
}

/* The driver writes one character at a time, with a width of one byte. Writes to the
 * bytes beside the character must not send it again. */
VIRTIO_TEST(write_beside_emerg_wr_sends_nothing, .device = VIRTIO_ID_CONSOLE,
            .needs = EMERG_WRITE, .why_not = why_not_seen, .violates = "5.3.4")
{
    uint8_t text[COUNT], *came = console_lend(t, COUNT, 0);

    choose(t, text);
    if (!came || !console_ready(t, dev, 0)) {
        return;
    }
    /* The driver must not write to cols and rows, and a write to them must have no
     * effect. */
    require_ok(t, qvirtio_config_write(dev, 0, 4, 0x41414141));
    if (write_text(t, dev, text, 0) && has_come(t, BASIS_NONE, dev, came)) {
        require_same(t, came, text, COUNT);
    }
    expect_survives(t, dev);
}
