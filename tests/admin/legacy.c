/* SPDX-License-Identifier: MIT */
/*
 * The legacy interface of a virtual function, which its owner offers by commands
 * (2.12.1.1). A driver can use the function by it, and it shows the same values as the
 * function's own interface.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/device/admin_legacy.h"
#include "drivers/virtio/spec/virtio_pci.h"
#include "tests/admin/admin_lib.h"

/* "A device MUST either support all of, or none of" them. */
ADMIN_TEST(legacy_commands_come_together)
{
    uint64_t list = admin_list(t, dev, SRIOV);

    if (list & ADMIN_LEGACY_BITS) {
        expect_eq(t, "dev:2.12.1.1.6-1", list & ADMIN_LEGACY_BITS, ADMIN_LEGACY_BITS);
    } else if (!t->has_failed && !t->is_skipped) {
        test_skip(t, "the device has no legacy commands for an SR-IOV group");
    }
}

/* "If the device supports the VIRTIO_ADMIN_CMD_LEGACY_NOTIFY_INFO command, the device
 * MUST also support all of" them; "the last struct virtio_pci_legacy_notify_info entry
 * MUST have flags of zero". The tests do not notify by the doorbells in BARs. */
ADMIN_TEST(legacy_doorbells_are_a_list)
{
    uint16_t opcode = VIRTIO_ADMIN_CMD_LEGACY_NOTIFY_INFO;
    struct virtio_admin_cmd_legacy_notify_info_result info = {0};
    AdminCommand c = {
        .opcode = opcode, .group = SRIOV, .member = 1, .result_bytes = sizeof(info)};

    if (!admin_uses_all(t, dev, SRIOV, ADMIN_BIT(opcode))) {
        return;
    }
    expect_eq(t, "dev:2.12.1.1.6-12", admin_list(t, dev, SRIOV) & ADMIN_LEGACY_BITS,
              ADMIN_LEGACY_BITS);
    if (admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        memcpy(&info, c.result, admin_result_bytes(&c));
        expect_eq(t, "dev:2.12.1.1.6-13",
                  info.entries[VIRTIO_ADMIN_CMD_NOTIFY_INFO_ENTRIES - 1].flags, 0);
    }
}

/* Opens the legacy interface of virtual function 1. Returns NULL when that fails, which
 * is reported, or when the test is skipped. */
static QVirtioDevice *open(Test *t, QVirtioDevice *dev)
{
    if (!qvirtio_sriov_member(dev, 1)) {
        test_skip(t, "no virtual function is enabled and driven here");
        return NULL;
    }
    if (!admin_uses_all(t, dev, SRIOV, ADMIN_LEGACY_BITS)) {
        return NULL;
    }
    QVirtioDevice *view = admin_legacy_open(dev, 1);
    require_that(t, view, "a legacy interface that can be reset", "none");
    return view;
}

/* "The command ... MUST have the same effect as writing into the virtio common
 * configuration structure through the legacy interface", and likewise for reading. */
ADMIN_TEST(legacy_status_is_read_as_written)
{
    QVirtioDevice *view = open(t, dev);
    static const uint8_t steps[] = {VIRTIO_STATUS_ACKNOWLEDGE,
                                    VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER, 0};
    uint8_t status;

    for (unsigned i = 0; view && i < 3; i++) {
        if (!require_ok(t, view->bus->set_status(view, steps[i])) ||
            !require_ok(t, view->bus->get_status(view, &status)) ||
            !expect_eq(t, "dev:2.12.1.1.6-6", status, steps[i])) {
            return;
        }
    }
}

/* Features, queues and kicks all go by commands; starting the driver reads and writes the
 * common configuration. */
ADMIN_TEST(legacy_driver_works)
{
    QVirtioDevice *view = open(t, dev);

    if (view && BYTEORDER_LE(16, 1) != 1) {
        test_skip(t, "commands are little-endian, and a legacy driver here is not");
        return;
    }
    if (!view || !expect_ok(t, "dev:2.12.1.1.6-5",
                            qvirtio_start(view, NULL, qvirtio_plain_ring(view)))) {
        return;
    }
    if (qvirtio_why_no_ping(view)) {
        test_skip(t, "the virtual function has no ping");
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        expect_ping(t, SAFETY, view, i);
    }
    require_ok(t, qvirtio_reset(view));
}

/* Returns the next field behind `f` that the device has, one that drivers may write or
 * one that they may not; NULL at the end. Begins with the first field when `f` is
 * NULL. */
static const QVirtioField *next_field(QVirtioDevice *d, const QVirtioField *f,
                                      bool writes)
{
    f = f ? f + 1 : d->driver->fields;
    while (f->name && !((f->feature == FEATURES_END || qvirtio_offers(d, f->feature)) &&
                        f->flags == (writes ? QVIRTIO_FIELD_WRITABLE : 0))) {
        f++;
    }
    return f->name ? f : NULL;
}

/* "the device MUST decode and encode (respectively) the value of the data using the
 * little-endian format": the modern interface shows the same bytes of the same fields. */
ADMIN_TEST(legacy_config_is_the_devices)
{
    QVirtioDevice *view = open(t, dev);

    if (view && !view->driver) {
        test_skip(t, "the fields of this device type are not known");
        return;
    }
    for (const QVirtioField *f = NULL; view && (f = next_field(view, f, false));) {
        uint8_t here[8] = {0}, there[8] = {0};
        QVirtioDevice *m = view->bus_data;
        int err = view->bus->get_config(view, f->offset, here, f->width);
        if (!require_ok(t, err) ||
            !require_ok(t, m->bus->get_config(m, f->offset, there, f->width))) {
            return;
        }
        expect_same(t, "dev:2.12.1.1.6-8", here, there, f->width);
        if (f->width > 1) {
            expect_same(t, "dev:2.12.1.1.6-2", here, there, f->width);
        }
    }
}

ADMIN_TEST(legacy_config_is_read_as_written)
{
    QVirtioDevice *view = open(t, dev);
    const QVirtioField *f = view && view->driver ? next_field(view, NULL, true) : NULL;

    if (view && (!f || f->width != 1)) {
        test_skip(t, "the virtual function has no byte that a driver may write");
        return;
    }
    for (uint8_t value = 0; view && value < 2; value++) {
        uint8_t seen = 0xff;
        if (!require_ok(t, view->bus->set_config(view, f->offset, &value, 1)) ||
            !require_ok(t, view->bus->get_config(view, f->offset, &seen, 1)) ||
            !expect_eq(t, "dev:2.12.1.1.6-7", seen, value)) {
            return;
        }
    }
}

/* "the device MUST fail the command when the value of the offset and the length of the
 * data do not refer to a single field or are not completely within the virtio common
 * configuration". */
ADMIN_TEST(legacy_access_of_two_fields_fails, .violates = "2.12.1.1.7")
{
    static const struct {
        uint8_t off, bytes;
    } wrong[] = {{VIRTIO_PCI_LEGACY_DEVICE_FEATURES, 8},
                 {VIRTIO_PCI_LEGACY_QUEUE_SIZE, 4},
                 {VIRTIO_PCI_LEGACY_DEVICE_FEATURES + 3, 2}};

    for (unsigned i = 0; open(t, dev) && i < 3 && !t->has_failed; i++) {
        uint8_t data[8];
        int status = admin_legacy_access(dev, 1, VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ,
                                         wrong[i].off, data, wrong[i].bytes);
        expect_that(t, "dev:2.12.1.1.6-3", status > 0, "an error status", "%d", status);
    }
}

ADMIN_TEST(legacy_access_behind_the_config_fails, .violates = "2.12.1.1.7")
{
    QVirtioDevice *view = open(t, dev);
    uint8_t data[8];
    size_t bytes = 0;

    if (!view || !require_ok(t, view->bus->config_bytes(view, &bytes))) {
        return;
    }
    if (bytes > UINT8_MAX) {
        test_skip(t, "no offset of a command is behind the configuration");
    } else {
        int status = admin_legacy_access(dev, 1, VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_READ,
                                         (uint32_t)bytes, data, 8);
        expect_that(t, "dev:2.12.1.1.6-4", status > 0, "an error status", "%d", status);
    }
}
