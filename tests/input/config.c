/* SPDX-License-Identifier: MIT */
/*
 * What an input device says it is (5.8.4, 5.8.5): name, ids, event types and axes, by
 * selecting one piece of information after the other.
 */
#include "drivers/virtio/truths.h"
#include "tests/input/input_lib.h"

#define CLAUSE "dev:5.8.5.2-1"

/* Something is shown, so that what an unknown selection shows is its own. */
static bool select_name(Test *t, QVirtioDevice *dev, InputInfo *name)
{
    return input_ask(t, dev, VIRTIO_INPUT_CFG_ID_NAME, 0, name);
}

static bool expect_nothing(Test *t, QVirtioDevice *dev, uint8_t select, uint8_t subsel)
{
    InputInfo name;
    uint8_t size = 0xff;
    return select_name(t, dev, &name) &&
           require_ok(t, input_select(dev, select, subsel, false)) &&
           require_ok(t, input_size(dev, &size)) &&
           expect_that(t, CLAUSE, size == 0, "size 0", "%u for select 0x%02x subsel %u",
                       size, select, subsel);
}

VIRTIO_TEST(unknown_select_shows_nothing, .device = VIRTIO_ID_INPUT)
{
    static const uint8_t unknown[] = {0x00, 0x04, 0x0f, 0x13, 0x20, 0x80, 0xff};
    for (unsigned i = 0; i < sizeof(unknown); i++) {
        if (!expect_nothing(t, dev, unknown[i], 0) ||
            !expect_nothing(t, dev, unknown[i], 1)) {
            return;
        }
    }
}

/* Types and axes beyond those that evdev has. */
VIRTIO_TEST(unknown_subsel_shows_nothing, .device = VIRTIO_ID_INPUT)
{
    static const uint8_t beyond[] = {EV_MAX + 1, 0x80, 0xff};
    for (unsigned i = 0; i < sizeof(beyond); i++) {
        expect_nothing(t, dev, VIRTIO_INPUT_CFG_EV_BITS, beyond[i]);
    }
    expect_nothing(t, dev, VIRTIO_INPUT_CFG_ABS_INFO, ABS_MAX + 1);
    expect_nothing(t, dev, VIRTIO_INPUT_CFG_ABS_INFO, 0xff);
}

VIRTIO_TEST(axes_without_events_show_nothing, .device = VIRTIO_ID_INPUT)
{
    InputInfo axes;
    if (input_ask(t, dev, VIRTIO_INPUT_CFG_EV_BITS, EV_ABS, &axes)) {
        for (uint8_t axis = 0; axis < 8; axis++) {
            if (!input_has_bit(&axes, axis)) {
                expect_nothing(t, dev, VIRTIO_INPUT_CFG_ABS_INFO, axis);
            }
        }
    }
}

/* "Strings do not include a NUL terminator." */
VIRTIO_TEST(name_has_no_terminator, .device = VIRTIO_ID_INPUT)
{
    InputInfo name;
    if (select_name(t, dev, &name) && name.size == 0) {
        test_skip(t, "the device has no name");
    } else if (!t->has_failed) {
        expect_that(t, "virtio 5.8.4", memchr(name.u, 0, name.size) == NULL, "no NUL",
                    "a NUL among %u bytes", name.size);
    }
}

VIRTIO_TEST(serial_is_what_was_told, .device = VIRTIO_ID_INPUT)
{
    InputInfo serial;
    const char *told = qvirtio_truth(dev, "serial");
    if (!told) {
        test_skip(t, "the serial number is unknown; pass know=input.N.serial=TEXT");
    } else if (input_ask(t, dev, VIRTIO_INPUT_CFG_ID_SERIAL, 0, &serial) &&
               expect_eq(t, "virtio 5.8.4", serial.size, strlen(told))) {
        expect_same(t, "virtio 5.8.4", serial.u, told, strlen(told));
    }
}

VIRTIO_TEST(ids_are_all_there_or_none, .device = VIRTIO_ID_INPUT)
{
    InputInfo ids;
    if (input_ask(t, dev, VIRTIO_INPUT_CFG_ID_DEVIDS, 0, &ids) && ids.size) {
        expect_eq(t, "virtio 5.8.4", ids.size, sizeof(struct virtio_input_devids));
    }
}

/* "Information about the axis will be returned in u.abs." */
VIRTIO_TEST(axes_have_information, .device = VIRTIO_ID_INPUT)
{
    InputInfo axes, info;
    if (!input_ask(t, dev, VIRTIO_INPUT_CFG_EV_BITS, EV_ABS, &axes)) {
        return;
    }
    if (axes.size == 0) {
        test_skip(t, "the device has no absolute axes");
        return;
    }
    for (unsigned axis = 0; axis < 8u * axes.size && axis <= ABS_MAX; axis++) {
        if (input_has_bit(&axes, axis) &&
            input_ask(t, dev, VIRTIO_INPUT_CFG_ABS_INFO, (uint8_t)axis, &info)) {
            expect_eq(t, "virtio 5.8.4", info.size, sizeof(struct virtio_input_absinfo));
        }
    }
}

/* "A driver MUST set both select and subsel ..., in any order." */
VIRTIO_TEST(select_and_subsel_come_in_any_order, .device = VIRTIO_ID_INPUT)
{
    for (uint8_t type = EV_KEY; type <= EV_LED; type++) {
        InputInfo info;
        uint8_t size = 0xff;
        if (!input_ask(t, dev, VIRTIO_INPUT_CFG_EV_BITS, type, &info) ||
            !require_ok(t, input_select(dev, VIRTIO_INPUT_CFG_UNSET, 0, false)) ||
            !require_ok(t, input_select(dev, VIRTIO_INPUT_CFG_EV_BITS, type, true)) ||
            !require_ok(t, input_size(dev, &size)) ||
            !expect_eq(t, "virtio 5.8.5.1", size, info.size)) {
            return;
        }
    }
}

/* "A driver MUST NOT write to configuration fields other than select and subsel." */
VIRTIO_TEST(writes_to_other_fields_do_no_harm, .device = VIRTIO_ID_INPUT,
            .violates = "5.8.5.1")
{
    const size_t size_at = offsetof(struct virtio_input_config, size);
    const size_t name_at = offsetof(struct virtio_input_config, u);
    InputInfo before;
    if (!select_name(t, dev, &before)) {
        return;
    }
    require_ok(t, qvirtio_config_write(dev, size_at, 1, 0xff));
    require_ok(t, qvirtio_config_write(dev, name_at, 1, '~'));
    expect_survives(t, dev);
}
