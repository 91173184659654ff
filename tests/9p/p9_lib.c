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

static bool expect_header(Test *t, const ExpectAt *at, const P9Request *r, uint8_t type)
{
    uint16_t tag = r->out[5] | r->out[6] << 8;
    return expect_condition(t, at,
                            p9_size(r) >= P9_HEADER_BYTES && p9_size(r) <= r->in_bytes,
                            "a size that fits the buffer", "%u", p9_size(r)) &&
           expect_used_len(t, r->used_len, p9_size(r)) &&
           expect_condition(t, at, p9_type(r) == type, "the reply of its type",
                            "request %u, reply %u", r->out[4], p9_type(r)) &&
           expect_condition(t, at, p9_tag(r) == tag, "the request's tag", "%u for %u",
                            p9_tag(r), tag);
}

bool p9_expect_replied(Test *t, const ExpectAt *at, P9Request *r)
{
    return expect_header(t, at, r, r->out[4] + 1);
}

bool p9_expect_reply(Test *t, const ExpectAt *at, P9Request *r)
{
    return expect_success(t, at, p9_run(r)) && p9_expect_replied(t, at, r);
}

bool p9_expect_refusal(Test *t, const ExpectAt *at, P9Request *r, uint32_t number)
{
    uint32_t seen = 0;
    return expect_success(t, at, p9_run(r)) && expect_header(t, at, r, P9_TLERROR + 1) &&
           expect_condition(t, at, p9_scan(r, "d", &seen) && seen > 0, "an errno", "%u",
                            seen) &&
           expect_condition(t, at, number == 0 || seen == number, "that errno",
                            "%u, not %u", seen, number);
}

bool p9_session(Test *t, QVirtioDevice *dev)
{
    P9Request version =
        p9_request(dev, P9_ROOM, P9_NOTAG, P9_TVERSION, "ds", P9_MSIZE, "9P2000.L");
    P9Request attach = p9_ask(dev, P9_TATTACH, "ddssd", P9_ROOT, P9_NOFID, "root", "", 0);
    uint32_t msize = 0;
    P9Qid root = {0};
    return expect_reply(t, &version) && expect_scan(t, &version, "d", &msize) &&
           require_ge(t, msize, P9_DATA_BYTES) && expect_reply(t, &attach) &&
           expect_scan(t, &attach, "Q", &root) && require_eq(t, root.type, P9_QTDIR);
}

bool p9_session_at(Test *t, QVirtioDevice *dev, const char *name)
{
    P9Request walk = p9_ask_walk(dev, P9_ROOT, 1, name);
    return p9_session(t, dev) && expect_reply(t, &walk);
}

bool p9_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags)
{
    P9Request open = p9_ask(dev, P9_TLOPEN, "dd", 1, flags);
    return p9_session_at(t, dev, name) && expect_reply(t, &open);
}

bool p9_create(Test *t, QVirtioDevice *dev, uint32_t fid, const char *name)
{
    P9Request walk = p9_ask(dev, P9_TWALK, "ddw", P9_ROOT, fid, 0);
    P9Request create = p9_ask(dev, P9_TLCREATE, "dsddd", fid, name,
                              P9_O_RDWR | P9_O_CREAT | P9_O_EXCL, 0644, 0);
    return expect_reply(t, &walk) && expect_reply(t, &create);
}

bool p9_unlink(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags)
{
    P9Request unlink = p9_ask(dev, P9_TUNLINKAT, "dsd", P9_ROOT, name, flags);
    return expect_reply(t, &unlink);
}

bool p9_read(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset, uint32_t count,
             uint32_t wanted, const uint8_t **data)
{
    P9Request r = p9_request(dev, P9_HEADER_BYTES + 4 + count, 7, P9_TREAD, "dqd", fid,
                             offset, count);
    uint32_t seen = 0;
    *data = r.in + P9_HEADER_BYTES + 4;
    return expect_reply(t, &r) && expect_scan(t, &r, "d", &seen) &&
           require_eq(t, seen, wanted) &&
           require_eq(t, p9_size(&r), P9_HEADER_BYTES + 4 + wanted);
}

bool p9_write(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset,
              const void *data, uint32_t count)
{
    P9Request r = p9_ask(dev, P9_TWRITE, "dqD", fid, offset, count, data);
    uint32_t seen = 0;
    return expect_reply(t, &r) && expect_scan(t, &r, "d", &seen) &&
           require_eq(t, seen, count);
}
