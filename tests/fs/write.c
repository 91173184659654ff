/* SPDX-License-Identifier: MIT */
/*
 * The guest makes files and folders. The tests read them back, and the runner checks one
 * of the files when the VM is gone.
 */
#include "tests/fs/fs_lib.h"
#include "tests/harness/name.h"

#define BYTES 3000

/* Creates a file, whose name is then in `name`, and writes a pattern that is read back.
 */
static bool write_pattern(Test *t, QVirtioDevice *dev, char *name, uint64_t seed)
{
    uint8_t *data = arena_lend(BYTES, 8);
    const void *seen;
    uint64_t node, fh;
    test_random_name(t, name);
    if (!data || !fs_session(t, dev) || !fs_create(t, dev, name, &node, &fh)) {
        return false;
    }
    pattern_fill(data, BYTES, seed);
    return fs_write(t, dev, node, fh, 0, data, BYTES) &&
           fs_read(t, dev, node, fh, 0, BYTES + 1, BYTES, &seen) &&
           expect_same(t, "FUSE WRITE", seen, data, BYTES);
}

VIRTIO_TEST(written_file_is_read_back, .device = VIRTIO_ID_FS, .flags = TEST_WRITES,
            .rings = RINGS_ALL)
{
    char name[TEST_NAME_BYTES];
    if (write_pattern(t, dev, name, random_next(&t->random))) {
        fs_unlink(t, dev, FUSE_UNLINK, name);
    }
}

VIRTIO_TEST(host_finds_what_is_written, .device = VIRTIO_ID_FS, .flags = TEST_WRITES,
            .why_not = fs_why_unknown)
{
    uint64_t seed = random_next(&t->random);
    char name[TEST_NAME_BYTES];
    if (write_pattern(t, dev, name, seed)) {
        test_announce_file(dev, name, BYTES, seed);
    }
}

VIRTIO_TEST(file_can_be_resized, .device = VIRTIO_ID_FS, .flags = TEST_WRITES)
{
    uint64_t node, fh;
    const void *seen;
    struct fuse_setattr_in in = {.valid = FUSE_FATTR_SIZE, .size = 5};
    char name[TEST_NAME_BYTES];
    test_random_name(t, name);
    if (!fs_session(t, dev) || !fs_create(t, dev, name, &node, &fh)) {
        return;
    }
    FsRequest set = fs_request(dev, FUSE_SETATTR, node, FS_ARG(in));
    if (fs_write(t, dev, node, fh, 0, "end", 3) &&
        expect_served(t, "FUSE SETATTR", &set, sizeof(struct fuse_attr_out)) &&
        fs_read(t, dev, node, fh, 0, 64, 5, &seen)) {
        expect_same(t, "FUSE SETATTR", seen, "end\0\0", 5);
    }
    fs_unlink(t, dev, FUSE_UNLINK, name);
}

VIRTIO_TEST(unlinked_file_is_gone, .device = VIRTIO_ID_FS, .flags = TEST_WRITES)
{
    char name[TEST_NAME_BYTES];
    uint64_t node, fh;
    test_random_name(t, name);
    FsRequest look = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME(name));
    const struct fuse_entry_out *left = look.body;
    if (fs_session(t, dev) && fs_create(t, dev, name, &node, &fh) &&
        fs_unlink(t, dev, FUSE_UNLINK, name)) {
        if (require_ok(t, fs_run(&look))) {
            expect_that(t, "FUSE UNLINK", look.in->error || left->nodeid == 0,
                        "an errno, or node 0", "the file");
        }
    }
}

VIRTIO_TEST(folder_comes_and_goes, .device = VIRTIO_ID_FS, .flags = TEST_WRITES)
{
    struct fuse_mkdir_in in = {.mode = 0755};
    char name[TEST_NAME_BYTES];
    test_random_name(t, name);
    FsRequest make = fs_request(dev, FUSE_MKDIR, FUSE_ROOT_ID, FS_ARG(in), FS_NAME(name));
    FsRequest again =
        fs_request(dev, FUSE_MKDIR, FUSE_ROOT_ID, FS_ARG(in), FS_NAME(name));
    const struct fuse_entry_out *entry = make.body;
    if (fs_session(t, dev) && require_ok(t, fs_run(&make)) &&
        !fs_is_read_only(t, &make) &&
        fs_expect_used(t, EXPECT_AT("FUSE MKDIR", "reply"), &make, true,
                       sizeof(*entry))) {
        expect_eq(t, "FUSE MKDIR", entry->attr.mode & FUSE_S_IFMT, FUSE_S_IFDIR);
        expect_failed(t, "FUSE MKDIR", &again);
        fs_unlink(t, dev, FUSE_RMDIR, name);
    }
}

VIRTIO_TEST(full_folder_stays, .device = VIRTIO_ID_FS, .flags = TEST_WRITES,
            .why_not = fs_why_unknown)
{
    FsRequest r = fs_request(dev, FUSE_RMDIR, FUSE_ROOT_ID, FS_NAME("many"));
    struct fuse_entry_out many;
    if (fs_session(t, dev) && fs_lookup(t, dev, FUSE_ROOT_ID, "many", &many)) {
        expect_failed(t, "FUSE RMDIR", &r);
    }
}
