/* SPDX-License-Identifier: MIT */
/*
 * How a 9P session begins and ends, and which mount tag config space holds.
 */
#include "drivers/virtio/truths.h"
#include "tests/9p/p9_lib.h"

/* virtio 1.4 names the device, and nothing more. */
#define TAG "virtio_9p.h tag"

VIRTIO_TEST(mount_tag_is_as_told, .device = VIRTIO_ID_9P,
            .needs = FEATURES(VIRTIO_9P_MOUNT_TAG))
{
    const char *told = qvirtio_truth(dev, "mount_tag");
    uint64_t bytes = 0, byte = 0;
    if (!require_ok(t, qvirtio_config_read(dev, 0, 2, &bytes)) ||
        !expect_ne(t, TAG, bytes, 0)) {
        return;
    }
    for (uint64_t i = 0; i < bytes; i++) {
        if (!require_ok(t, qvirtio_config_read(dev, 2 + i, 1, &byte)) ||
            !expect_ne(t, TAG, byte, 0) || (told && !told[i]) ||
            (told && !expect_eq(t, TAG, byte, (uint8_t)told[i]))) {
            break;
        }
    }
    if (told) {
        expect_eq(t, TAG, bytes, strlen(told));
    }
}

VIRTIO_TEST(session_begins, .device = VIRTIO_ID_9P, .rings = RINGS_ALL)
{
    P9Request version =
        p9_request(dev, P9_ROOM, P9_NOTAG, P9_TVERSION, "ds", P9_MSIZE, "9P2000.L");
    P9Request attach = p9_ask(dev, P9_TATTACH, "ddssd", P9_ROOT, P9_NOFID, "root", "", 0);
    P9Qid root = {0};
    if (expect_reply(t, "9P2000 version", &version) &&
        expect_reply(t, "9P2000 attach", &attach) &&
        expect_scan(t, "9P2000 attach", &attach, "Q", &root)) {
        expect_eq(t, "9P2000 intro", root.type & P9_QTDIR, P9_QTDIR);
    }
}

VIRTIO_TEST(msize_is_at_most_what_was_asked_for, .device = VIRTIO_ID_9P)
{
    for (uint32_t asked = 1 << 14; asked <= 1 << 26; asked <<= 4) {
        P9Request r = p9_ask(dev, P9_TVERSION, "ds", asked, "9P2000.L");
        uint32_t msize = 0;
        if (!expect_reply(t, "9P2000 version", &r) ||
            !expect_scan(t, "9P2000 version", &r, "d", &msize)) {
            return;
        }
        expect_le(t, "9P2000 version", msize, asked);
        expect_ge(t, "9P2000 version", msize, P9_HEADER_BYTES);
    }
}

/* "it should respond with an Rversion message (not Rerror) with the version string the 7
 * characters unknown". Advice, so an Rlerror or a version that the server does speak will
 * do; the client's version must not. */
VIRTIO_TEST(unknown_version_is_not_agreed_to, .device = VIRTIO_ID_9P)
{
    P9Request r = p9_ask(dev, P9_TVERSION, "ds", P9_MSIZE, "8P1999");
    P9Text version = {0};
    if (!require_ok(t, p9_run(&r))) {
        return;
    }
    bool has_version =
        p9_type(&r) == P9_TVERSION + 1 && p9_scan(&r, "ds", NULL, &version);
    bool has_agreed =
        has_version && version.bytes == 6 && memcmp(version.at, "8P1999", 6) == 0;
    expect_that(t, "9P2000 version", !has_agreed, "a version that there is", "8P1999");
}

/* "all active fids are freed ('clunked') automatically". */
VIRTIO_TEST(version_ends_the_session, .device = VIRTIO_ID_9P)
{
    P9Request walk = p9_ask(dev, P9_TWALK, "ddw", P9_ROOT, 1, 0);
    P9Request attach = p9_ask(dev, P9_TATTACH, "ddssd", 1, P9_NOFID, "root", "", 0);
    if (p9_session(t, dev) && require_reply(t, &walk)) {
        require_ping(t, dev, 1);
        expect_reply(t, "9P2000 version", &attach);
    }
}

VIRTIO_TEST(fid_in_use_is_not_attached_again, .device = VIRTIO_ID_9P)
{
    P9Request r = p9_ask(dev, P9_TATTACH, "ddssd", P9_ROOT, P9_NOFID, "root", "", 0);
    if (p9_session(t, dev)) {
        expect_refusal(t, "9P2000 attach", &r);
    }
}
