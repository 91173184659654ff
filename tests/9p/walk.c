/* SPDX-License-Identifier: MIT */
/*
 * Names and fids: walks that find every name, walks that do not, and walks that try to
 * leave the shared folder.
 */
#include "tests/9p/p9_lib.h"

static bool walk_qids(Test *t, P9Request *r, unsigned count, P9Qid *qids)
{
    uint16_t seen = 0;
    uint32_t at = P9_HEADER_BYTES;
    if (!expect_reply(t, "9P2000 walk", r) ||
        !expect_that(t, "9P2000 walk", p9_scan_at(r, &at, "w", &seen), "a count",
                     "none") ||
        !expect_eq(t, "9P2000 walk", seen, count)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!expect_that(t, "9P2000 walk", p9_scan_at(r, &at, "Q", &qids[i]), "a qid",
                         "the reply's end")) {
            return false;
        }
    }
    return true;
}

static bool same_qid(Test *t, const P9Qid *a, const P9Qid *b)
{
    return expect_eq(t, "9P2000 intro", a->type, b->type) &&
           expect_eq(t, "9P2000 intro", a->path, b->path);
}

VIRTIO_TEST(walk_gives_a_qid_a_name, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    P9Request r = p9_ask(dev, P9_TWALK, "ddwss", P9_ROOT, 1, 2, "many", "07");
    P9Request attr = p9_ask(dev, P9_TGETATTR, "dq", 1, P9_GETATTR_BASIC);
    P9Qid qids[2], qid;
    if (p9_session(t, dev) && walk_qids(t, &r, 2, qids)) {
        expect_eq(t, "9P2000 intro", qids[0].type, P9_QTDIR);
        expect_eq(t, "9P2000 intro", qids[1].type, P9_QTFILE);
        if (require_reply(t, &attr) &&
            expect_scan(t, "9P2000.L getattr", &attr, "qQ", NULL, &qid)) {
            same_qid(t, &qid, &qids[1]);
        }
    }
}

VIRTIO_TEST(walk_of_no_name_copies_the_fid, .device = VIRTIO_ID_9P)
{
    P9Request walk = p9_ask(dev, P9_TWALK, "ddw", P9_ROOT, 1, 0);
    P9Request clunk = p9_ask(dev, P9_TCLUNK, "d", P9_ROOT);
    P9Request attr = p9_ask(dev, P9_TGETATTR, "dq", 1, P9_GETATTR_BASIC);
    if (p9_session(t, dev) && walk_qids(t, &walk, 0, NULL) &&
        expect_reply(t, "9P2000 clunk", &clunk)) {
        expect_reply(t, "9P2000 walk", &attr);
    }
}

VIRTIO_TEST(missing_name_is_refused, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    P9Request walk = p9_ask_walk(dev, P9_ROOT, 1, "nothing");
    P9Request reuse = p9_ask_walk(dev, P9_ROOT, 1, "data");
    if (p9_session(t, dev) && expect_refusal(t, "9P2000 walk", &walk)) {
        expect_reply(t, "9P2000 walk", &reuse);
    }
}

/* The device finds the first name and not the second. The reply then says how far the
 * walk came, and no fid is made. */
VIRTIO_TEST(walk_stops_where_a_name_is_missing, .device = VIRTIO_ID_9P,
            .why_not = p9_why_unknown)
{
    P9Request walk = p9_ask(dev, P9_TWALK, "ddwss", P9_ROOT, 1, 2, "many", "nothing");
    P9Request reuse = p9_ask_walk(dev, P9_ROOT, 1, "data");
    P9Qid qid;
    if (p9_session(t, dev) && walk_qids(t, &walk, 1, &qid)) {
        expect_eq(t, "9P2000 intro", qid.type, P9_QTDIR);
        expect_reply(t, "9P2000 walk", &reuse);
    }
}

/* "A walk of the name .. in the root directory of a server is equivalent to a walk with
 * no name elements." */
VIRTIO_TEST(walk_does_not_leave_the_folder, .device = VIRTIO_ID_9P)
{
    P9Request up = p9_ask(dev, P9_TWALK, "ddwsss", P9_ROOT, 1, 3, "..", "..", "..");
    P9Request attr = p9_ask(dev, P9_TGETATTR, "dq", P9_ROOT, P9_GETATTR_BASIC);
    P9Qid qids[3], root;
    if (p9_session(t, dev) && require_reply(t, &attr) &&
        expect_scan(t, "9P2000.L getattr", &attr, "qQ", NULL, &root) &&
        walk_qids(t, &up, 3, qids)) {
        same_qid(t, &qids[2], &root);
    }
}

VIRTIO_TEST(name_with_a_slash_is_refused, .device = VIRTIO_ID_9P,
            .why_not = p9_why_unknown)
{
    P9Request inside = p9_ask_walk(dev, P9_ROOT, 1, "many/07");
    P9Request outside = p9_ask_walk(dev, P9_ROOT, 2, "../..");
    if (p9_session(t, dev)) {
        expect_refusal(t, "9P2000 walk", &inside);
        expect_refusal(t, "9P2000 walk", &outside);
    }
}

/* "Once a fid has been clunked, the same fid can be reused in a new walk". */
VIRTIO_TEST(clunked_fid_is_free, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    P9Request clunk = p9_ask(dev, P9_TCLUNK, "d", 1);
    P9Request reuse = p9_ask_walk(dev, P9_ROOT, 1, "empty");
    if (p9_session_at(t, dev, "data") && expect_reply(t, "9P2000 clunk", &clunk)) {
        expect_reply(t, "9P2000 clunk", &reuse);
    }
}
