/* SPDX-License-Identifier: MIT */
/*
 * What the 9P tests share: a session, requests whose reply is expected, and the folder
 * that scripts/runner/shares.py fills. No clause of virtio binds what a 9P server
 * answers: what is asked here is what 9P2000.L says that all servers do.
 */
#ifndef TESTS_9P_LIB_H
#define TESTS_9P_LIB_H

#include "drivers/virtio/device/p9.h"
#include "tests/harness/test.h"

#define P9_ROOT       0 /* fid of the attached folder */
#define P9_ROOM       4096
#define P9_MSIZE      65536
#define P9_DATA_BYTES 20000 /* of the file `data` */
#define P9_MANY       50    /* files in the folder `many` */

/* A message of the session, with a tag of its own. */
#define p9_ask(dev, type, ...) p9_request(dev, P9_ROOM, 100 + (type), type, __VA_ARGS__)
#define p9_ask_walk(dev, from, to, name) \
    p9_ask(dev, P9_TWALK, "ddws", (uint32_t)(from), (uint32_t)(to), 1u, name)

/* Runs the request; the reply is of its type, with its tag, and as long as it says. */
#define expect_reply(t, r) p9_expect_reply(t, EXPECT_AT(NULL, "reply"), r)
bool p9_expect_reply(Test *t, const ExpectAt *at, P9Request *r);
/* The same for a request that came back already. */
#define expect_replied(t, r) p9_expect_replied(t, EXPECT_AT(NULL, "reply"), r)
bool p9_expect_replied(Test *t, const ExpectAt *at, P9Request *r);
/* Runs the request; the reply is an Rlerror with this number, 0: any. */
#define expect_refusal(t, r, number) \
    p9_expect_refusal(t, EXPECT_AT(NULL, "refusal"), r, number)
bool p9_expect_refusal(Test *t, const ExpectAt *at, P9Request *r, uint32_t number);
#define expect_scan(t, r, ...)                                            \
    expect_that(t, NULL, p9_scan(r, __VA_ARGS__), "a reply of that form", \
                "it ends before its fields do")

/* Tversion and Tattach: the session stands, P9_ROOT is the shared folder. */
bool p9_session(Test *t, QVirtioDevice *dev);
/* The session, and fid 1 is this entry of the folder. */
bool p9_session_at(Test *t, QVirtioDevice *dev, const char *name);
/* The same, and opened. */
bool p9_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags);
/* Fid becomes a new open file of this name. */
bool p9_create(Test *t, QVirtioDevice *dev, uint32_t fid, const char *name);
bool p9_unlink(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags);

/* The bytes read from an open fid: true when `wanted` came, which are then in *data. */
bool p9_read(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset, uint32_t count,
             uint32_t wanted, const uint8_t **data);
bool p9_write(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset,
              const void *data, uint32_t count);

/* The reason for a SKIP where nobody says that the folder is the runner's. */
const char *p9_why_unknown(QVirtioDevice *dev);

#endif
