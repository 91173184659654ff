/* SPDX-License-Identifier: MIT */
/*
 * What the 9P tests share: a session, requests whose reply is expected, and the names in
 * the folder that scripts/runner/shares.py fills. No clause of virtio says what a 9P
 * server answers. These tests ask only for what 9P2000 and 9P2000.L demand of every
 * server.
 */
#ifndef TESTS_9P_LIB_H
#define TESTS_9P_LIB_H

#include "drivers/virtio/device/p9.h"
#include "tests/harness/test.h"

#define P9_ROOT 0 /* the fid of the attached folder */
/* The room for a reply, in bytes. */
#define P9_ROOM  4096
#define P9_MSIZE 65536
/* What a read or a write of data needs beside the data at most (P9_IOHDRSZ of Linux). */
#define P9_DATA_HEADER_BYTES 24
#define P9_DATA_BYTES        20000 /* the size of the file `data` */
#define P9_MANY              50    /* the number of files in the folder `many` */

/* Makes a message of the session, with a tag that depends on its type. */
#define p9_ask(dev, type, ...) p9_request(dev, P9_ROOM, 100 + (type), type, __VA_ARGS__)
/* Makes a walk by one name; `to` becomes the fid of the entry. */
#define p9_ask_walk(dev, from, to, name) \
    p9_ask(dev, P9_TWALK, "ddws", (uint32_t)(from), (uint32_t)(to), 1u, name)

/* Runs the request and expects a reply of the request's type. That it is framed as
 * 9P2000 says (intro: size, type, the request's tag) is judged in any case. */
#define expect_reply(t, basis, r) p9_expect_reply(t, EXPECT_AT(basis, "reply"), r)
#define require_reply(t, r)       expect_reply(t, BASIS_NONE, r)
bool p9_expect_reply(Test *t, const ExpectAt *at, P9Request *r);
/* Expects the same of a request whose reply has come back already. */
#define expect_replied(t, basis, r) p9_expect_replied(t, EXPECT_AT(basis, "reply"), r)
bool p9_expect_replied(Test *t, const ExpectAt *at, P9Request *r);
/* Runs the request and expects an Rlerror. No text says which number it has. */
#define expect_refusal(t, basis, r) p9_expect_refusal(t, EXPECT_AT(basis, "refusal"), r)
bool p9_expect_refusal(Test *t, const ExpectAt *at, P9Request *r);
/* Expects that p9_scan() can take the reply apart by this format. */
#define expect_scan(t, basis, r, ...)                                      \
    expect_that(t, basis, p9_scan(r, __VA_ARGS__), "a reply of that form", \
                "it ends before its fields do")

/* Sends Tversion and Tattach. Then a session exists, P9_ROOT is the fid of the shared
 * folder, and reads and writes keep to its msize. This function and those below return
 * false when a step fails, which is reported. */
bool p9_session(Test *t, QVirtioDevice *dev);
/* Begins the session and walks to this entry of the folder, which gets fid 1. */
bool p9_session_at(Test *t, QVirtioDevice *dev, const char *name);
/* Does the same, and opens the entry. */
bool p9_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags);
/* Creates a file of this name, which is then open under the fid. It fails when the name
 * is taken: no file of the host is opened or cut. Where the share is read-only, the test
 * is a SKIP. */
bool p9_create(Test *t, QVirtioDevice *dev, uint32_t fid, const char *name);
/* Returns true when the request was refused because the share is read-only; the test is
 * then a SKIP. */
bool p9_is_read_only(Test *t, const P9Request *r);
/* Removes the file, or with P9_DOTL_AT_REMOVE the folder, of this name. */
bool p9_unlink(Test *t, QVirtioDevice *dev, const char *name, uint32_t flags);

/* Reads `count` bytes from an open fid, in as many reads as the server makes of them.
 * Returns true when exactly `wanted` bytes came; *data then points at them. */
bool p9_read(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset, uint32_t count,
             uint32_t wanted, const uint8_t **data);
/* Writes to an open fid, in as many writes as the server makes of it. */
bool p9_write(Test *t, QVirtioDevice *dev, uint32_t fid, uint64_t offset,
              const void *data, uint32_t count);

/* Returns the text of a SKIP unless the truth says that the runner has filled the shared
 * folder. */
const char *p9_why_unknown(QVirtioDevice *dev);

#endif
