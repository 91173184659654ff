/* SPDX-License-Identifier: MIT */
/*
 * What the file system tests share: a FUSE session, requests whose reply is expected, and
 * the folder that scripts/runner/shares.py fills. What the requests do is FUSE's to say,
 * and no clause of virtio: such assertions have none.
 */
#ifndef TESTS_FS_LIB_H
#define TESTS_FS_LIB_H

#include "drivers/virtio/device/fs.h"
#include "tests/harness/test.h"

#define FS_ROOM       4096
#define FS_DATA_BYTES 20000 /* of the file `data` */
#define FS_MANY       50    /* files in the folder `many` */

#define fs_request(dev, opcode, nodeid, ...) \
    fs_request_on(fs_request_queue(dev), opcode, nodeid, FS_ROOM, (FsArgs){__VA_ARGS__})

/* Runs the request: it succeeds, and the reply's body has this many bytes; FS_ANY: some.
 */
#define FS_ANY                     0xffffffffu
#define expect_served(t, r, bytes) fs_expect(t, EXPECT_AT(NULL, "reply"), r, 0, bytes)
/* It fails with this number; FS_ANY: with some. */
#define expect_failed(t, r, number) fs_expect(t, EXPECT_AT(NULL, "failure"), r, number, 0)
bool fs_expect(Test *t, const ExpectAt *at, FsRequest *r, uint32_t number,
               uint32_t bytes);
/* The same for a request that came back already. */
bool fs_expect_used(Test *t, const ExpectAt *at, FsRequest *r, uint32_t number,
                    uint32_t bytes);

/* FUSE_INIT: the session stands. */
bool fs_session(Test *t, QVirtioDevice *dev);
/* The node of this name in a folder. */
bool fs_lookup(Test *t, QVirtioDevice *dev, uint64_t folder, const char *name,
               struct fuse_entry_out *entry);
/* The session, and this entry of the root open for reading. */
bool fs_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t open_opcode,
                     uint64_t *node, uint64_t *fh);
FsRequest fs_read_request(QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
                          uint32_t count);
/* Reads as many as `wanted`; they are in *data. */
bool fs_read(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
             uint32_t count, uint32_t wanted, const void **data);
bool fs_create(Test *t, QVirtioDevice *dev, const char *name, uint64_t *node,
               uint64_t *fh);
bool fs_write(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
              const void *data, uint32_t count);
bool fs_unlink(Test *t, QVirtioDevice *dev, uint32_t opcode, const char *name);

/* The reason for a SKIP where nobody says that the folder is the runner's. */
const char *fs_why_unknown(QVirtioDevice *dev);

#endif
