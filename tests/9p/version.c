/* SPDX-License-Identifier: MIT */
/*
 * How a 9P session begins and ends, and which mount tag config space holds.
 */
#include "drivers/virtio/truths.h"
#include "tests/9p/p9_lib.h"

VIRTIO_TEST(mount_tag_is_as_told, .device = VIRTIO_ID_9P,
            .needs = FEATURES(VIRTIO_9P_MOUNT_TAG))
{
    const char *told = qvirtio_truth(dev, "mount_tag");
    uint64_t bytes = 0, byte = 0;
    if (!require_ok(t, qvirtio_config_read(dev, 0, 2, &bytes)) ||
        !require_ne(t, bytes, 0)) {
        return;
    }
    for (uint64_t i = 0; i < bytes; i++) {
        if (!require_ok(t, qvirtio_config_read(dev, 2 + i, 1, &byte)) ||
            !require_ne(t, byte, 0) || (told && !told[i]) ||
            (told && !require_eq(t, byte, (uint8_t)told[i]))) {
            break;
        }
    }
    if (told) {
        require_eq(t, bytes, strlen(told));
    }
}

VIRTIO_TEST(session_begins, .device = VIRTIO_ID_9P, .rings = RINGS_ALL)
{
    p9_session(t, dev);
}

VIRTIO_TEST(msize_is_at_most_what_was_asked_for, .device = VIRTIO_ID_9P)
{
    for (uint32_t asked = 1 << 14; asked <= 1 << 26; asked <<= 4) {
        P9Request r = p9_ask(dev, P9_TVERSION, "ds", asked, "9P2000.L");
        uint32_t msize = 0;
        if (!expect_reply(t, &r) || !expect_scan(t, &r, "d", &msize)) {
            return;
        }
        require_le(t, msize, asked);
        require_ge(t, msize, P9_HEADER_BYTES);
    }
}

VIRTIO_TEST(unknown_version_is_called_unknown, .device = VIRTIO_ID_9P)
{
    P9Request r = p9_ask(dev, P9_TVERSION, "ds", P9_MSIZE, "8P1999");
    P9Text version = {0};
    if (expect_reply(t, &r) && expect_scan(t, &r, "ds", NULL, &version)) {
        require_eq(t, version.bytes, 7);
        require_same(t, version.at, "unknown", 7);
    }
}

/* No message fits into a msize of 8 bytes. */
VIRTIO_TEST(tiny_msize_is_refused, .device = VIRTIO_ID_9P)
{
    P9Request r = p9_ask(dev, P9_TVERSION, "ds", 8, "9P2000.L");
    if (p9_session(t, dev)) {
        expect_refusal(t, &r, 0);
        require_ping(t, dev, 1);
    }
}

VIRTIO_TEST(version_ends_the_session, .device = VIRTIO_ID_9P)
{
    P9Request walk = p9_ask(dev, P9_TWALK, "ddw", P9_ROOT, 1, 0);
    P9Request attr = p9_ask(dev, P9_TGETATTR, "dq", 1, P9_GETATTR_BASIC);
    P9Request again = p9_ask(dev, P9_TGETATTR, "dq", 1, P9_GETATTR_BASIC);
    if (p9_session(t, dev) && expect_reply(t, &walk) && expect_reply(t, &attr)) {
        require_ping(t, dev, 1);
        expect_refusal(t, &again, 0);
    }
}

/* Fids end with the life of the device in which they were attached. */
VIRTIO_TEST(reset_ends_the_session, .device = VIRTIO_ID_9P)
{
    if (!p9_session(t, dev) || !require_ok(t, qvirtio_stop(dev)) ||
        !test_start(t, dev, NULL)) {
        return;
    }
    P9Request r = p9_ask(dev, P9_TGETATTR, "dq", P9_ROOT, P9_GETATTR_BASIC);
    if (require_ok(t, p9_run(&r))) {
        require_ne(t, p9_type(&r), P9_TGETATTR + 1);
    }
}

VIRTIO_TEST(fid_in_use_is_not_attached_again, .device = VIRTIO_ID_9P)
{
    P9Request r = p9_ask(dev, P9_TATTACH, "ddssd", P9_ROOT, P9_NOFID, "root", "", 0);
    if (p9_session(t, dev)) {
        expect_refusal(t, &r, 0);
    }
}

VIRTIO_TEST(unknown_message_is_refused, .device = VIRTIO_ID_9P)
{
    P9Request r = p9_ask(dev, 250, "d", 0);
    P9Request reply = p9_ask(dev, P9_TLERROR, "d", 5);
    if (p9_session(t, dev)) {
        expect_refusal(t, &r, P9_EOPNOTSUPP);
        expect_refusal(t, &reply, 0);
    }
}
