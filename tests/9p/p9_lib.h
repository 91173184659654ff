/* SPDX-License-Identifier: MIT */
/*
 * What the 9P tests share: a session, requests whose reply is expected, and the names in
 * the folder that scripts/runner/shares.py fills. No clause of virtio says what a 9P
 * server answers. These tests ask only for what 9P2000.L demands of every server.
 */
#ifndef TESTS_9P_LIB_H
#define TESTS_9P_LIB_H

#include "drivers/virtio/device/p9.h"
#include "tests/harness/test.h"

#define P9_ROOT 0 /* the fid of the attached folder */
/* The room for a reply, in bytes. */
#define P9_ROOM       4096
#define P9_MSIZE      65536
#define P9_DATA_BYTES 20000 /* the size of the file `data` */
#define P9_MANY       50    /* the number of files in the folder `many` */

/* Makes a message of the session, with a tag that depends on its type. */
#define p9_ask(dev, type, ...) p9_request(dev, P9_ROOM, 100 + (type), type, __VA_ARGS__)
/* Makes a walk by one name; `to` becomes the fid of the entry. */
#define p9_ask_walk(dev, from, to, name) \
    p9_ask(dev, P9_TWALK, "ddws", (uint32_t)(from), (uint32_t)(to), 1u, name)

/* Runs the request and expects a reply of the request's type, with the request's tag, and
 * as long as its header says. */
#define expect_reply(t, r) p9_expect_reply(t, EXPECT_AT(BASIS_NONE, "reply"), r)
bool p9_expect_reply(Test *t, const ExpectAt *at, P9Request *r);
/* Expects the same of a request whose reply has come back already. */
#define expect_replied(t, r) p9_expect_replied(t, EXPECT_AT(BASIS_NONE, "reply"), r)
bool p9_expect_replied(Test *t, const ExpectAt *at, P9Request *r);
/* Runs the request and expects an Rlerror with this error number; 0 stands for any
 * number. */
#define expect_refusal(t, r, number) \
    p9_expect_refusal(t, EXPECT_AT(BASIS_NONE, "refusal"), r, number)
bool p9_expect_refusal(Test *t, const ExpectAt *at, P9Request *r, uint32_t number);
/* Expects that p9_scan() can take the reply apart by this format. */
#define expect_scan(t, r, ...)                                       \
    require_that(t, p9_scan(r, __VA_ARGS__), "a reply of that form", \
                 "it ends before its fields do")

/* Sends Tversion and Tattach. Then a session exists, and P9_ROOT is the fid of the shared
 * folder. This function and those below return false when a step fails, which is
 * reported. */
bool p9_session(Test *t, QVirtioDevice *dev);
/* Begins the session and walks to this entry of the folder, which gets fid 1. */
bool p9_session_at(Test *t, QVirtioDevice *dev, const char *name);
/* Does the same, and opens the entry. */
bool p9_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags);
/* Creates a file of this name, which is then open under the fid. It fails when the name
 * is taken: no file of the host is opened or cut. */
bool p9_create(Test *t, QVirtioDevice *dev, uint32_t fid, const char *name);
/* Removes the file, or with P9_DOTL_AT_REMOVE the folder, of this name. */
bool p9_unlink(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags);

/* Reads `count` bytes from an open fid. Returns true when exactly `wanted` bytes came;
 * *data then points at them, in lent memory. */
bool p9_read(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset, uint32_t count,
             uint32_t wanted, const uint8_t **data);
/* Writes to an open fid, and expects that all `count` bytes are taken. */
bool p9_write(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset,
              const void *data, uint32_t count);

/* Returns the text of a SKIP unless the truth says that the runner has filled the shared
 * folder. */
const char *p9_why_unknown(QVirtioDevice *dev);

#endif
