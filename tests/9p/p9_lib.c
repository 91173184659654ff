/* SPDX-License-Identifier: MIT */
/*
 * Sessions and replies of 9P for the tests of this folder: see p9_lib.h.
 */
#include "tests/9p/p9_lib.h"
#include "drivers/virtio/truths.h"

const char *p9_why_unknown(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "share") ? NULL
                                       : "it is unknown what the shared folder holds; "
                                         "pass know=9p.N.share=1 or fs.N.share=1";
}

/* What the server has agreed to in the Tversion of this session. */
static uint32_t session_msize;

/* "The type, size and tag of each message": what follows it is not looked at. */
static bool expect_header(Test *t, const P9Request *r)
{
    uint16_t tag = r->out[5] | r->out[6] << 8;
    const char *basis = "9P2000 intro";
    return expect_that(t, basis,
                       p9_size(r) >= P9_HEADER_BYTES && p9_size(r) <= r->in_bytes,
                       "a size that fits the buffer", "%u", p9_size(r)) &&
           expect_used_len(t, r->used_len, p9_size(r)) &&
           expect_that(t, basis, p9_tag(r) == tag, "the request's tag", "%u for %u",
                       p9_tag(r), tag) &&
           /* "The type [...] will either be one greater than the type of the
            * corresponding T-message or Rerror". */
           expect_that(t, basis,
                       p9_type(r) == r->out[4] + 1 || p9_type(r) == P9_TLERROR + 1,
                       "the reply of its type, or Rlerror", "request %u, reply %u",
                       r->out[4], p9_type(r));
}

/* Returns the number of an Rlerror, else 0. */
static uint32_t error_of(const P9Request *r)
{
    uint32_t number = 0;
    return p9_type(r) == P9_TLERROR + 1 && p9_scan(r, "d", &number) ? number : 0;
}

bool p9_expect_replied(Test *t, const ExpectAt *at, P9Request *r)
{
    return expect_header(t, r) &&
           expect_condition(t, at, p9_type(r) == r->out[4] + 1, "success",
                            "errno %u for message type %u", error_of(r), r->out[4]);
}

bool p9_expect_reply(Test *t, const ExpectAt *at, P9Request *r)
{
    return expect_success(t, at, p9_run(r)) && p9_expect_replied(t, at, r);
}

bool p9_expect_refusal(Test *t, const ExpectAt *at, P9Request *r)
{
    return expect_success(t, at, p9_run(r)) && expect_header(t, r) &&
           expect_condition(t, at, error_of(r) > 0, "Rlerror with an errno",
                            "message type %u, errno %u", p9_type(r), error_of(r));
}

bool p9_session(Test *t, QVirtioDevice *dev)
{
    P9Request version =
        p9_request(dev, P9_ROOM, P9_NOTAG, P9_TVERSION, "ds", P9_MSIZE, "9P2000.L");
    P9Request attach = p9_ask(dev, P9_TATTACH, "ddssd", P9_ROOT, P9_NOFID, "root", "", 0);
    P9Qid root = {0};
    return require_reply(t, &version) &&
           expect_scan(t, "9P2000 version", &version, "d", &session_msize) &&
           require_ge(t, session_msize, P9_DATA_HEADER_BYTES + 1) &&
           require_reply(t, &attach) &&
           expect_scan(t, "9P2000 attach", &attach, "Q", &root) &&
           require_eq(t, root.type & P9_QTDIR, P9_QTDIR);
}

bool p9_session_at(Test *t, QVirtioDevice *dev, const char *name)
{
    P9Request walk = p9_ask_walk(dev, P9_ROOT, 1, name);
    return p9_session(t, dev) && require_reply(t, &walk);
}

bool p9_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags)
{
    P9Request open = p9_ask(dev, P9_TLOPEN, "dd", 1, flags);
    return p9_session_at(t, dev, name) && require_reply(t, &open);
}

bool p9_create(Test *t, QVirtioDevice *dev, uint32_t fid, const char *name)
{
    P9Request walk = p9_ask(dev, P9_TWALK, "ddw", P9_ROOT, fid, 0);
    P9Request create = p9_ask(dev, P9_TLCREATE, "dsddd", fid, name,
                              P9_O_RDWR | P9_O_CREAT | P9_O_EXCL, 0644, 0);
    if (!require_reply(t, &walk) || !require_ok(t, p9_run(&create))) {
        return false;
    }
    if (p9_is_read_only(t, &create)) {
        return false;
    }
    return p9_expect_replied(t, EXPECT_AT("9P2000.L lcreate", "reply"), &create);
}

bool p9_is_read_only(Test *t, const P9Request *r)
{
    uint32_t number = error_of(r);
    if (number == P9_EROFS || number == P9_EACCES || number == P9_EPERM) {
        test_skip(t, "the share takes no changes: errno %u", number);
    }
    return t->is_skipped;
}

bool p9_unlink(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags)
{
    P9Request unlink = p9_ask(dev, P9_TUNLINKAT, "dsd", P9_ROOT, name, flags);
    return expect_reply(t, "9P2000.L unlinkat", &unlink);
}

/* Returns how much of `bytes` one message may carry. */
static uint32_t share_of(uint32_t bytes)
{
    uint32_t most = session_msize - P9_DATA_HEADER_BYTES;
    return bytes < most ? bytes : most;
}

/* Reads once. Returns how many bytes came, which may be fewer than were asked for, or -1
 * when that fails, which is reported. */
static int64_t read_once(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset,
                         uint8_t *to, uint32_t count)
{
    P9Request r = p9_request(dev, P9_HEADER_BYTES + 4 + count, 7, P9_TREAD, "dqd", fid,
                             offset, count);
    uint32_t seen = 0;
    if (!expect_reply(t, "9P2000 read", &r) ||
        !expect_scan(t, "9P2000 read", &r, "d", &seen) ||
        !expect_le(t, "9P2000 read", seen, count) ||
        !expect_eq(t, "9P2000 read", p9_size(&r), P9_HEADER_BYTES + 4 + seen)) {
        return -1;
    }
    memcpy(to, r.in + P9_HEADER_BYTES + 4, seen);
    return seen;
}

bool p9_read(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset, uint32_t count,
             uint32_t wanted, const uint8_t **data)
{
    uint8_t *all = arena_lend(count, 8);
    uint32_t have = 0;
    int64_t got = 1;
    *data = all;
    if (!require_ok(t, all ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    while (got > 0 && have < count) {
        got = read_once(t, dev, fid, offset + have, all + have, share_of(count - have));
        have += got > 0 ? got : 0;
    }
    return got >= 0 && expect_eq(t, "9P2000 read", have, wanted);
}

bool p9_write(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset,
              const void *data, uint32_t count)
{
    uint32_t done = 0, seen = 0;
    while (done < count) {
        uint32_t bytes = share_of(count - done);
        P9Request r = p9_ask(dev, P9_TWRITE, "dqD", fid, offset + done, bytes,
                             (const uint8_t *)data + done);
        if (!expect_reply(t, "9P2000 write", &r) ||
            !expect_scan(t, "9P2000 write", &r, "d", &seen) ||
            !expect_le(t, "9P2000 write", seen, bytes) ||
            !expect_ge(t, "9P2000 write", seen, 1)) {
            return false;
        }
        done += seen;
    }
    return true;
}
