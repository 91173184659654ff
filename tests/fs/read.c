/* SPDX-License-Identifier: MIT */
/*
 * Reads what the shared folder holds (FUSE_LOOKUP, OPEN, READ, READLINK, READDIR).
 */
#include "tests/fs/fs_lib.h"

/* DT_UNKNOWN and DT_REG. A server need not know types. */
#define TYPE_UNKNOWN 0
#define TYPE_FILE    8

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool expect_content(Test *t, QVirtioDevice *dev, uint64_t node, uint64_t fh,
                           uint64_t off, uint32_t count)
{
    uint32_t left = off < FS_DATA_BYTES ? FS_DATA_BYTES - off : 0;
    uint32_t wanted = count < left ? count : left;
    uint8_t *all = arena_lend(FS_DATA_BYTES, 8);
    const void *data;
    if (!all || !fs_read(t, dev, node, fh, off, count, wanted, &data)) {
        return false;
    }
    pattern_fill(all, FS_DATA_BYTES, 0);
    return wanted == 0 || expect_same(t, "FUSE READ", data, all + off, wanted);
}

/* 5.11.6.4.1: "The device MUST support FUSE_READ and FUSE_WRITE requests regardless of
 * whether the DAX Window is being used or not." */
VIRTIO_TEST(file_reads_as_the_host_put_it_in, .device = VIRTIO_ID_FS, .rings = RINGS_ALL,
            .why_not = fs_why_unknown)
{
    uint64_t node, fh;
    if (fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh)) {
        expect_content(t, dev, node, fh, 0, FS_DATA_BYTES);
    }
}

VIRTIO_TEST(read_begins_and_ends_where_it_must, .device = VIRTIO_ID_FS,
            .why_not = fs_why_unknown)
{
    uint64_t node, fh;
    if (!fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh)) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        uint64_t off = random_below(&t->random, FS_DATA_BYTES);
        expect_content(t, dev, node, fh, off, 1 + i * 333);
    }
    expect_content(t, dev, node, fh, FS_DATA_BYTES - 5, 100);
    expect_content(t, dev, node, fh, FS_DATA_BYTES, 100);
}

/* A node of number 0 says what ENOENT says. */
static void expect_missing(Test *t, FsRequest *r)
{
    const struct fuse_entry_out *entry = r->body;
    if (require_ok(t, fs_run(r))) {
        expect_that(t, "FUSE LOOKUP", r->in->error || entry->nodeid == 0,
                    "an errno, or node 0", "an entry");
    }
}

VIRTIO_TEST(missing_entry_is_refused, .device = VIRTIO_ID_FS, .why_not = fs_why_unknown)
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("nothing"));
    FsRequest up = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("../.."));
    if (fs_session(t, dev)) {
        expect_missing(t, &r);
        expect_missing(t, &up);
    }
}

static void expect_entry(Test *t, QVirtioDevice *dev, const char *name, uint32_t kind,
                         uint64_t size)
{
    struct fuse_entry_out entry;
    if (fs_lookup(t, dev, FUSE_ROOT_ID, name, &entry)) {
        expect_eq(t, "FUSE LOOKUP", entry.attr.mode & FUSE_S_IFMT, kind);
        if (size) {
            expect_eq(t, "FUSE LOOKUP", entry.attr.size, size);
        }
    }
}

VIRTIO_TEST(lookup_tells_kind_and_size, .device = VIRTIO_ID_FS, .why_not = fs_why_unknown)
{
    if (fs_session(t, dev)) {
        expect_entry(t, dev, "data", FUSE_S_IFREG, FS_DATA_BYTES);
        expect_entry(t, dev, "many", FUSE_S_IFDIR, 0);
        expect_entry(t, dev, "link", FUSE_S_IFLNK, 4);
    }
}

VIRTIO_TEST(link_is_not_followed, .device = VIRTIO_ID_FS, .why_not = fs_why_unknown)
{
    struct fuse_entry_out entry;
    if (fs_session(t, dev) && fs_lookup(t, dev, FUSE_ROOT_ID, "link", &entry)) {
        FsRequest r = fs_request(dev, FUSE_READLINK, entry.nodeid, .arg = NULL);
        if (expect_served(t, "FUSE READLINK", &r, 4)) {
            expect_same(t, "FUSE READLINK", r.body, "data", 4);
        }
    }
}

/* Notes in *seen the files that one FUSE_READDIR lists, and in *off where the next one
 * continues. Returns the number of entries, or -1 when that fails, which is reported. */
static int note_names(Test *t, const FsRequest *r, uint64_t *off, uint64_t *seen)
{
    uint32_t bytes = r->in->len - sizeof(*r->in), at = 0;
    int entries = 0;
    for (struct fuse_dirent e; at < bytes; entries++) {
        const char *name = (const char *)r->body + at + sizeof(e);
        memcpy(&e, name - sizeof(e), sizeof(e));
        at += (sizeof(e) + e.namelen + 7) / 8 * 8;
        if (!expect_le(t, "FUSE READDIR", at, bytes)) {
            return -1;
        }
        *off = e.off;
        if (e.namelen != 2 || (e.type != TYPE_FILE && e.type != TYPE_UNKNOWN) ||
            !is_digit(name[0]) || !is_digit(name[1])) {
            continue;
        }
        unsigned n = (name[0] - '0') * 10 + name[1] - '0';
        if (!expect_that(t, "FUSE READDIR", n < FS_MANY && !(*seen >> n & 1),
                         "each name once", "%u again, or unknown", n)) {
            return -1;
        }
        *seen |= 1ull << n;
    }
    return entries;
}

/* The reply has room for only a few entries, so that the list takes several requests. */
VIRTIO_TEST(every_entry_is_listed_once, .device = VIRTIO_ID_FS, .why_not = fs_why_unknown)
{
    uint64_t node, fh, off = 0, seen = 0;
    int entries = 1;
    if (!fs_session_open(t, dev, "many", FUSE_OPENDIR, &node, &fh)) {
        return;
    }
    for (unsigned i = 0; i <= FS_MANY + 2 && entries > 0; i++) {
        struct fuse_read_in in = {.fh = fh, .offset = off, .size = 200};
        FsRequest r = fs_request(dev, FUSE_READDIR, node, FS_ARG(in));
        entries = expect_served(t, "FUSE READDIR", &r, FS_ANY)
                      ? note_names(t, &r, &off, &seen)
                      : -1;
    }
    if (entries >= 0) {
        expect_eq(t, "FUSE READDIR", seen, (1ull << FS_MANY) - 1);
    }
}
