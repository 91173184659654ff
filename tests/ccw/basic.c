/* SPDX-License-Identifier: MIT */
/*
 * A virtio device "acts like a normal channel device" (4.3.1): it has the commands that
 * every channel device has, it obeys chaining, and it rejects commands that it does not
 * know.
 */
#include "drivers/virtio/bus.h"
#include "tests/ccw/ccw_lib.h"

#define SENSE_ID_BYTES 256

VIRTIO_TEST(sense_id_names_the_device, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    uint8_t *id = arena_lend(SENSE_ID_BYTES, 1), *none = arena_lend(SENSE_ID_BYTES, 1);

    memset(id, 0xa5, SENSE_ID_BYTES);
    if (expect_ok(t, "virtio 4.3.1",
                  ccw_command(dev, CCW_CMD_SENSE_ID, id, SENSE_ID_BYTES))) {
        expect_eq(t, "virtio 4.3.1", id[0], 0xff);
        expect_eq(t, "virtio 4.3.1", id[1] << 8 | id[2], VIRTIO_CCW_CU_TYPE);
        expect_eq(t, "virtio 4.3.1", id[3], dev->device_id);
        expect_same(t, "virtio 4.3.1", id + 4, none, SENSE_ID_BYTES - 4);
    }
}

VIRTIO_TEST(no_operation_does_nothing, .flags = TEST_PING, .buses = BUS_CCW_BOTH)
{
    uint8_t status = 0, after = 0;

    require_ok(t, dev->bus->get_status(dev, &status));
    expect_ok(t, "virtio 4.3.1", ccw_command(dev, CCW_CMD_NOOP, NULL, 0));
    require_ok(t, dev->bus->get_status(dev, &after));
    expect_eq(t, "SA22-7204 NO-OPERATION", after, status);
    expect_ping(t, SAFETY, dev, 1);
}

/* The device answers to BASIC SENSE (4.3.1), also behind a command that it rejected. */
VIRTIO_TEST(sense_can_be_taken, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    uint8_t sense[CSS_SENSE_BYTES];

    for (unsigned i = 0; i < 2; i++) {
        expect_fine(t, "dev:4.3.1.3-1",
                    ccw_not_rejected(dev, ccw_command(dev, 0xf1, NULL, 0)));
        expect_ok(t, "virtio 4.3.1",
                  ccw_command(dev, CCW_CMD_SENSE, sense, sizeof(sense)));
    }
}

/* "A device MUST post a unit check with command reject for any command it does not
 * support." */
VIRTIO_TEST(unknown_command_is_rejected, .flags = TEST_PING, .buses = BUS_CCW_BOTH)
{
    static const uint8_t commands[] = {0x01, 0x02, 0x07, 0x15, 0x23, 0x41, 0x42,
                                       0x63, 0x82, 0x93, 0xa6, 0xf1, 0xff};
    uint8_t *data = arena_lend(CCW_PAYLOAD_MAX, 8);
    uint32_t number = 1;

    for (size_t i = 0; i < sizeof(commands); i++) {
        int err = ccw_command(dev, commands[i], data, CCW_PAYLOAD_MAX);
        if (!expect_fine(t, "dev:4.3.1.3-1", ccw_not_rejected(dev, err))) {
            test_note(t, "command 0x%02x", commands[i]);
        }
        expect_eq(t, "dev:4.3.1.3-1",
                  qvirtio_ccw(dev)->result.device & CSS_DEVICE_UNIT_CHECK,
                  CSS_DEVICE_UNIT_CHECK);
    }
    expect_ping(t, SAFETY, dev, number);
}

static int run(QVirtioDevice *dev, const Ccw *program)
{
    QVirtioCcw *p = qvirtio_ccw(dev);

    return css_run(&p->subchannel, program, &p->result);
}

/* One channel program reads the feature words 0 and 1, with a transfer in channel between
 * them. */
VIRTIO_TEST(chained_commands_run_in_order, .flags = TEST_RAW, .buses = BUS_CCW)
{
    struct virtio_feature_desc *desc = arena_lend(2 * sizeof(*desc), 8);
    Ccw *program = arena_lend(4 * sizeof(*program), 8);
    uint32_t at = (uint32_t)(uintptr_t)desc;

    desc[1].index = 1;
    program[0] = (Ccw){CCW_CMD_READ_FEAT, CCW_CHAIN, sizeof(*desc), at};
    program[1] = (Ccw){CCW_CMD_TIC, 0, 0, (uint32_t)(uintptr_t)&program[3]};
    program[2] = (Ccw){CCW_CMD_VDEV_RESET, CCW_CHAIN, 1, at};
    program[3] = (Ccw){CCW_CMD_READ_FEAT, 0, sizeof(*desc), at + sizeof(*desc)};
    expect_eq(t, "SA22-7832 15", run(dev, program), CSS_IS_DONE);
    expect_eq(t, "SA22-7832 15", le32_get(desc[0].features), dev->offered.word[0]);
    expect_eq(t, "SA22-7832 15", le32_get(desc[1].features), dev->offered.word[1]);
}

VIRTIO_TEST(chain_ends_at_a_rejected_command, .flags = TEST_RAW, .buses = BUS_CCW_BOTH)
{
    struct virtio_feature_desc *desc = arena_lend(sizeof(*desc), 8);
    Ccw *program = arena_lend(2 * sizeof(*program), 8);
    uint32_t at = (uint32_t)(uintptr_t)desc;

    desc->features = le32_of(0xa5a5a5a5);
    program[0] = (Ccw){0xf1, CCW_CHAIN | CCW_SUPPRESS_LENGTH, sizeof(*desc), at};
    program[1] = (Ccw){CCW_CMD_READ_FEAT, 0, sizeof(*desc), at};
    expect_eq(t, "dev:4.3.1.3-1", run(dev, program), CSS_IS_REJECTED);
    expect_eq(t, "SA22-7832 15", le32_get(desc->features), 0xa5a5a5a5);
}

VIRTIO_TEST(disabled_subchannel_takes_no_command, .flags = TEST_RAW,
            .buses = BUS_CCW_BOTH)
{
    QVirtioCcw *p = qvirtio_ccw(dev);

    /* Whoever resets the device enables it again. */
    p->revision = QVIRTIO_CCW_NONE;
    if (require_eq(t, css_enable(&p->subchannel, false), true)) {
        expect_eq(t, "SA22-7832 14",
                  ccw_command(dev, CCW_CMD_NOOP, NULL, 0) == -QVIRTIO_NOT_OPERATIONAL,
                  true);
    }
}
