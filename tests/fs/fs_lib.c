/* SPDX-License-Identifier: MIT */
/*
 * FUSE sessions and replies for the tests of this folder: see fs_lib.h.
 */
#include "tests/fs/fs_lib.h"
#include "drivers/virtio/truths.h"

const char *fs_why_unknown(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "share") ? NULL
                                       : "it is unknown what the shared folder holds; "
                                         "pass know=9p.N.share=1 or fs.N.share=1";
}

bool fs_expect_used(Test *t, const ExpectAt *at, FsRequest *r, bool is_served,
                    uint32_t bytes)
{
    const char *basis = "FUSE fuse_out_header";
    uint32_t error = -r->in->error;
    uint32_t len = r->in->len;
    bool is_whole =
        expect_that(t, basis, len >= sizeof(*r->in) && len <= r->in_bytes,
                    "a length that fits the buffer", "%u", len) &&
        expect_used_len(t, r->used_len, len) &&
        expect_that(t, basis, r->in->unique == r->out->unique,
                    "the request's unique number", "another") &&
        expect_condition(t, at, is_served == !error, is_served ? "success" : "an errno",
                         "errno %u for opcode %u", error, r->out->opcode);
    uint32_t body = len - sizeof(*r->in);
    return is_whole &&
           expect_condition(t, at, bytes == FS_ANY || body == bytes,
                            "a body of its length", "%u bytes, not %u", body, bytes);
}

bool fs_expect(Test *t, const ExpectAt *at, FsRequest *r, bool is_served, uint32_t bytes)
{
    return expect_success(t, at, fs_run(r)) && fs_expect_used(t, at, r, is_served, bytes);
}

static uint64_t map_alignment;

uint64_t fs_map_alignment(void)
{
    return map_alignment;
}

bool fs_session_by(Test *t, const char *basis, QVirtioDevice *dev)
{
    struct fuse_init_in init = {FUSE_MAJOR, FUSE_MINOR, 65536, FUSE_MAP_ALIGNMENT};
    FsRequest r = fs_request(dev, FUSE_INIT, 0, FS_ARG(init));
    const struct fuse_init_out *out = r.body;
    if (!expect_served(t, basis, &r, FS_ANY) ||
        !expect_eq(t, basis, out->major, FUSE_MAJOR) ||
        !require_ge(t, out->max_write, FS_ROOM)) {
        return false;
    }
    map_alignment = out->flags & FUSE_MAP_ALIGNMENT ? 1ull << out->map_alignment % 64 : 1;
    return true;
}

bool fs_is_read_only(Test *t, const FsRequest *r)
{
    int number = -r->in->error;
    if (number == FUSE_EROFS || number == FUSE_EACCES || number == FUSE_EPERM) {
        test_skip(t, "the share takes no changes: errno %d", number);
    }
    return t->is_skipped;
}

bool fs_lookup(Test *t, QVirtioDevice *dev, uint64_t folder, const char *name,
               struct fuse_entry_out *entry)
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, folder, FS_NAME(name));
    if (!expect_served(t, "FUSE LOOKUP", &r, sizeof(*entry))) {
        return false;
    }
    memcpy(entry, r.body, sizeof(*entry));
    return expect_ne(t, "FUSE LOOKUP", entry->nodeid, 0);
}

bool fs_session_open(Test *t, QVirtioDevice *dev, const char *name, uint32_t open_opcode,
                     uint64_t *node, uint64_t *fh)
{
    struct fuse_open_in in = {FUSE_O_RDONLY, 0};
    struct fuse_entry_out entry;
    if (!fs_session(t, dev) || !fs_lookup(t, dev, FUSE_ROOT_ID, name, &entry)) {
        return false;
    }
    FsRequest r = fs_request(dev, open_opcode, entry.nodeid, FS_ARG(in));
    const struct fuse_open_out *out = r.body;
    if (!expect_served(t, "FUSE OPEN", &r, sizeof(*out))) {
        return false;
    }
    *node = entry.nodeid;
    *fh = out->fh;
    return true;
}

FsRequest fs_read_request(QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
                          uint32_t count)
{
    struct fuse_read_in in = {.fh = fh, .offset = off, .size = count};
    return fs_request_on(fs_request_queue(dev), FUSE_READ, node, count,
                         (FsArgs){FS_ARG(in)});
}

bool fs_read(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
             uint32_t count, uint32_t wanted, const void **data)
{
    FsRequest r = fs_read_request(dev, node, fh, off, count);
    *data = r.body;
    return expect_served(t, "FUSE READ", &r, wanted);
}

bool fs_create(Test *t, QVirtioDevice *dev, const char *name, uint64_t *node,
               uint64_t *fh)
{
    struct fuse_create_in in = {.flags = FUSE_O_RDWR | FUSE_O_CREAT | FUSE_O_EXCL,
                                .mode = FUSE_S_IFREG | 0644};
    FsRequest r = fs_request(dev, FUSE_CREATE, FUSE_ROOT_ID, FS_ARG(in), FS_NAME(name));
    const struct fuse_entry_out *entry = r.body;
    const struct fuse_open_out *open = (const void *)(entry + 1);
    if (!require_ok(t, fs_run(&r)) || fs_is_read_only(t, &r) ||
        !fs_expect_used(t, EXPECT_AT("FUSE CREATE", "reply"), &r, true,
                        sizeof(*entry) + sizeof(*open))) {
        return false;
    }
    *node = entry->nodeid;
    *fh = open->fh;
    return true;
}

bool fs_write(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh, uint64_t off,
              const void *data, uint32_t count)
{
    struct fuse_read_in in = {.fh = fh, .offset = off, .size = count};
    FsRequest r = fs_request(dev, FUSE_WRITE, node, FS_ARG(in), FS_DATA(data, count));
    const struct fuse_write_out *out = r.body;
    return expect_served(t, "FUSE WRITE", &r, sizeof(*out)) &&
           expect_eq(t, "FUSE WRITE", out->size, count);
}

bool fs_unlink(Test *t, QVirtioDevice *dev, uint32_t opcode, const char *name)
{
    FsRequest r = fs_request(dev, opcode, FUSE_ROOT_ID, FS_NAME(name));
    return expect_served(t, opcode == FUSE_RMDIR ? "FUSE RMDIR" : "FUSE UNLINK", &r, 0);
}
