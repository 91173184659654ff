/* SPDX-License-Identifier: MIT */
/*
 * Lengths of channel commands (4.3.1.3): wrong lengths, with the length check and without
 * it, for each command whose data has one length. Each case begins with a reset device.
 */
#include "drivers/virtio/bus.h"
#include "tests/ccw/ccw_lib.h"

/* Calls test() for each command, with its payload, on a device that was just reset. */
static void each_command(Test *t, QVirtioDevice *dev,
                         void (*test)(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                                      const void *payload))
{
    const CcwKind *kind;

    for (unsigned n = 0; (kind = ccw_kind(dev, n)) != NULL; n++) {
        if (!require_ok(t, qvirtio_reset(dev))) {
            return;
        }
        test(t, dev, kind, ccw_payload(dev, kind));
    }
}

static int send(QVirtioDevice *dev, const CcwKind *kind, uint8_t flags,
                const void *payload, unsigned bytes)
{
    return qvirtio_ccw_command(qvirtio_ccw(dev), kind->command, flags, payload,
                               (uint16_t)bytes);
}

static void takes_its_length(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                             const void *payload)
{
    if (!expect_ok(t, "virtio 4.3.2", send(dev, kind, 0, payload, kind->bytes))) {
        test_note(t, "command %s", kind->name);
    }
    expect_eq(t, "SA22-7832 16", qvirtio_ccw(dev)->result.residual, 0);
}

VIRTIO_TEST(each_command_takes_its_own_length, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_command(t, dev, takes_its_length);
}

static void shows_wrong_length(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                               const void *payload)
{
    static const int differences[] = {-1, 1, 7};

    for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        send(dev, kind, 0, payload, (unsigned)(kind->bytes + differences[i]));
        uint8_t status = qvirtio_ccw(dev)->result.subchannel;
        if (!expect_ne(t, "dev:4.3.1.3-2", status, 0) ||
            !expect_eq(t, "dev:4.3.1.3-2", status & CSS_WRONG_LENGTH, CSS_WRONG_LENGTH)) {
            test_note(t, "command %s", kind->name);
        }
    }
}

/* "If a driver did not suppress length checks for a channel command, the device MUST
 * present a subchannel status as detailed in the architecture when the actual length did
 * not match the expected length". That status is "incorrect length". */
VIRTIO_TEST(wrong_length_shows_in_subchannel_status, .flags = TEST_RAW,
            .buses = BUS_CCW_BOTH)
{
    each_command(t, dev, shows_wrong_length);
}

static void needs_its_data(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                           const void *payload)
{
    for (unsigned bytes = 0; bytes < kind->bytes; bytes++) {
        int err = send(dev, kind, CCW_SUPPRESS_LENGTH, payload, bytes);
        if (!expect_fine(t, "dev:4.3.1.3-3", ccw_not_checked(dev, err))) {
            test_note(t, "command %s with %u bytes", kind->name, bytes);
        }
    }
}

/* "the device MUST present a check condition if the transmitted data does not contain
 * enough data to process the command". */
VIRTIO_TEST(too_little_data_is_a_check, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_command(t, dev, needs_its_data);
}

static void takes_more(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                       const void *payload)
{
    static const uint8_t more[] = {1, 3, 16};

    for (size_t i = 0; i < sizeof(more); i++) {
        int err = send(dev, kind, CCW_SUPPRESS_LENGTH, payload, kind->bytes + more[i]);
        if (!expect_ok(t, "dev:4.3.1.3-4", err)) {
            test_note(t, "command %s", kind->name);
        }
    }
}

/* "If the driver submitted a buffer that was too long, the device SHOULD accept the
 * command." */
VIRTIO_TEST(long_buffer_is_accepted, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_command(t, dev, takes_more);
}

static void counts_residue(Test *t, QVirtioDevice *dev, const CcwKind *kind,
                           const void *payload)
{
    expect_ok(t, "dev:4.3.1.3-4",
              send(dev, kind, CCW_SUPPRESS_LENGTH, payload, kind->bytes + 5u));
    if (!expect_eq(t, "SA22-7832 16", qvirtio_ccw(dev)->result.residual, 5)) {
        test_note(t, "command %s", kind->name);
    }
}

/* Principles of Operation, 16: the count of the subchannel status word "is the residual
 * count of the last-used CCW". */
VIRTIO_TEST(residual_count_is_what_is_left_over, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    each_command(t, dev, counts_residue);
}

/* Reads the configuration into a buffer that is longer than the configuration. Returns
 * the buffer, and sets *bytes to the size of the configuration. A failure is reported. */
static const uint8_t *read_long(Test *t, QVirtioDevice *dev, size_t *bytes)
{
    uint8_t *to = arena_lend(QVIRTIO_CCW_CONF_MAX, 8);

    require_ok(t, dev->bus->config_bytes(dev, bytes));
    memset(to, 0xa5, QVIRTIO_CCW_CONF_MAX);
    expect_ok(t, "dev:4.3.1.3-4",
              qvirtio_ccw_command(qvirtio_ccw(dev), CCW_CMD_READ_CONF,
                                  CCW_SUPPRESS_LENGTH, to, QVIRTIO_CCW_CONF_MAX));
    return to;
}

VIRTIO_TEST(configuration_ends_where_it_ends, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    size_t bytes = 0;
    const uint8_t *to = read_long(t, dev, &bytes);

    for (size_t i = bytes; i < QVIRTIO_CCW_CONF_MAX; i++) {
        if (!expect_eq(t, "virtio 4.3.2.5", to[i], 0xa5)) {
            return;
        }
    }
}

VIRTIO_TEST(residual_count_tells_the_length_of_the_configuration, .flags = TEST_RAW,
            .buses = BUS_CCW_BOTH)
{
    size_t bytes = 0;

    read_long(t, dev, &bytes);
    expect_eq(t, "SA22-7832 16", qvirtio_ccw(dev)->result.residual,
              QVIRTIO_CCW_CONF_MAX - bytes);
}
