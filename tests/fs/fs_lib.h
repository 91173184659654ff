/* SPDX-License-Identifier: MIT */
/*
 * What the file system tests share: a FUSE session, requests whose reply is expected, and
 * the names in the folder that scripts/runner/shares.py fills. FUSE says what the
 * requests do, and no clause of virtio does. Assertions about that have FUSE as basis.
 */
#ifndef TESTS_FS_LIB_H
#define TESTS_FS_LIB_H

#include "drivers/virtio/device/fs.h"
#include "tests/harness/test.h"

/* The room for a reply's body, in bytes. */
#define FS_ROOM       4096
#define FS_DATA_BYTES 20000 /* the size of the file `data` */
#define FS_MANY       50    /* the number of files in the folder `many` */

/* Makes a request for a request queue; the further arguments are FS_ARG(), FS_NAME() and
 * the like. */
#define fs_request(dev, opcode, nodeid, ...) \
    fs_request_on(fs_request_queue(dev), opcode, nodeid, FS_ROOM, (FsArgs){__VA_ARGS__})

/* Runs the request and expects success with a body of this many bytes; FS_ANY stands for
 * any number. */
#define FS_ANY 0xffffffffu
#define expect_served(t, basis, r, bytes) \
    fs_expect(t, EXPECT_AT(basis, "reply"), r, true, bytes)
#define require_served(t, r, bytes) expect_served(t, BASIS_NONE, r, bytes)
/* Runs the request and expects that it fails. No text says which errno it has. */
#define expect_failed(t, basis, r) \
    fs_expect(t, EXPECT_AT(basis, "failure"), r, false, FS_ANY)
bool fs_expect(Test *t, const ExpectAt *at, FsRequest *r, bool is_served, uint32_t bytes);
/* Expects the same of a request that has come back already. That the reply is framed as
 * FUSE says is judged in any case. */
bool fs_expect_used(Test *t, const ExpectAt *at, FsRequest *r, bool is_served,
                    uint32_t bytes);

/* Begins a session with FUSE_INIT. This function and those below return false when a step
 * fails, which is reported. */
bool fs_session_by(Test *t, const char *basis, QVirtioDevice *dev);
#define fs_session(t, dev) fs_session_by(t, BASIS_NONE, dev)
/* Returns what mappings of the DAX window must be aligned to in this session. */
uint64_t fs_map_alignment(void);
/* Returns true when the request was refused because the share is read-only; the test is
 * then a SKIP. */
bool fs_is_read_only(Test *t, const FsRequest *r);
/* Looks a name up in a folder. *entry then holds the node. */
bool fs_lookup(Test *t, QVirtioDevice *dev, uint64_t folder, const char *name,
               struct fuse_entry_out *entry);
/* Begins a session and opens this entry of the root for reading, with FUSE_OPEN or
 * FUSE_OPENDIR. */
bool fs_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t open_opcode,
                     uint64_t *node, uint64_t *fh);
/* Makes a FUSE_READ of `count` bytes. */
FsRequest fs_read_request(QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
                          uint32_t count);
/* Reads `count` bytes and expects that exactly `wanted` bytes come. *data then points at
 * them, in lent memory. */
bool fs_read(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
             uint32_t count, uint32_t wanted, const void **data);
/* Creates a file of this name in the root, open for reading and writing. It fails when
 * the name is taken: no file of the host is opened or cut. Where the share is read-only,
 * the test is a SKIP. */
bool fs_create(Test *t, QVirtioDevice *dev, const char *name, uint64_t *node,
               uint64_t *fh);
/* Writes to an open file and expects that all `count` bytes are taken. */
bool fs_write(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
              const void *data, uint32_t count);
/* Removes an entry of the root, with FUSE_UNLINK or FUSE_RMDIR. */
bool fs_unlink(Test *t, QVirtioDevice *dev, uint32_t opcode, const char *name);

/* Returns the text of a SKIP unless the truth says that the runner has filled the shared
 * folder. */
const char *fs_why_unknown(QVirtioDevice *dev);

#endif
