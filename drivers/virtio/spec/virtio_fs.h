/* SPDX-License-Identifier: MIT */
/*
 * The file system device on the wire (5.11): the feature bit, config space, and those
 * messages of the FUSE protocol (version 7.31, which 5.11 refers to) that are sent here.
 * The driver chooses FUSE's byte order by its FUSE_INIT (5.11.6.1); here it is the
 * guest's own.
 */
#ifndef VIRTIO_FS_H
#define VIRTIO_FS_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.11.3 Feature bits */
#define VIRTIO_FS_F_NOTIFICATION 0

/* 5.11.2 Virtqueues; requests are on 1 and up where there are no notifications */
#define VIRTIO_FS_HIPRIO       0
#define VIRTIO_FS_NOTIFICATION 1
#define VIRTIO_FS_TAG_BYTES    36

/* 5.11.4 Device configuration layout */
struct virtio_fs_config {
    uint8_t tag[VIRTIO_FS_TAG_BYTES];
    le32 num_request_queues;
    le32 notify_buf_size;
};
_Static_assert(sizeof(struct virtio_fs_config) == 44, "5.11.4");

/* 5.11.6.4 */
#define VIRTIO_FS_SHMEM_DAX 0

#define FUSE_MAJOR   7
#define FUSE_MINOR   31
#define FUSE_ROOT_ID 1

#define FUSE_LOOKUP     1
#define FUSE_FORGET     2
#define FUSE_GETATTR    3
#define FUSE_SETATTR    4
#define FUSE_READLINK   5
#define FUSE_MKDIR      9
#define FUSE_UNLINK     10
#define FUSE_RMDIR      11
#define FUSE_OPEN       14
#define FUSE_READ       15
#define FUSE_WRITE      16
#define FUSE_RELEASE    18
#define FUSE_INIT       26
#define FUSE_OPENDIR    27
#define FUSE_READDIR    28
#define FUSE_RELEASEDIR 29
#define FUSE_CREATE     35

#define FUSE_SETUPMAPPING  48
#define FUSE_REMOVEMAPPING 49

/* A flag of FUSE_INIT: map_alignment is valid, the logarithm of what mappings must be
 * aligned to. */
#define FUSE_MAP_ALIGNMENT (1u << 26)

#define FUSE_SETUPMAPPING_FLAG_READ 2u

#define FUSE_NOTIFY_INVAL_ENTRY 3

#define FUSE_FATTR_SIZE 8u

/* Linux's numbers. */
#define FUSE_O_RDONLY  0u
#define FUSE_O_RDWR    2u
#define FUSE_O_CREAT   0100u
#define FUSE_O_EXCL    0200u
#define FUSE_EPERM     1
#define FUSE_ENOENT    2
#define FUSE_EIO       5
#define FUSE_EBADF     9
#define FUSE_EACCES    13
#define FUSE_EEXIST    17
#define FUSE_EINVAL    22
#define FUSE_EROFS     30
#define FUSE_ENOSYS    38
#define FUSE_ENOTEMPTY 39
#define FUSE_S_IFMT    0170000u
#define FUSE_S_IFDIR   0040000u
#define FUSE_S_IFREG   0100000u
#define FUSE_S_IFLNK   0120000u

struct fuse_in_header {
    uint32_t len, opcode;
    uint64_t unique, nodeid;
    uint32_t uid, gid, pid, padding;
};
_Static_assert(sizeof(struct fuse_in_header) == 40, "FUSE");

struct fuse_out_header {
    uint32_t len;
    int32_t error;
    uint64_t unique;
};
_Static_assert(sizeof(struct fuse_out_header) == 16, "FUSE");

struct fuse_init_in {
    uint32_t major, minor, max_readahead, flags;
};

struct fuse_init_out {
    uint32_t major, minor, max_readahead, flags;
    uint16_t max_background, congestion_threshold;
    uint32_t max_write, time_gran;
    uint16_t max_pages, map_alignment;
    uint32_t unused[8];
};
_Static_assert(sizeof(struct fuse_init_out) == 64, "FUSE");

struct fuse_attr {
    uint64_t ino, size, blocks, atime, mtime, ctime;
    uint32_t atimensec, mtimensec, ctimensec, mode, nlink, uid, gid, rdev, blksize, flags;
};
_Static_assert(sizeof(struct fuse_attr) == 88, "FUSE");

struct fuse_entry_out {
    uint64_t nodeid, generation, entry_valid, attr_valid;
    uint32_t entry_valid_nsec, attr_valid_nsec;
    struct fuse_attr attr;
};
_Static_assert(sizeof(struct fuse_entry_out) == 128, "FUSE");

struct fuse_getattr_in {
    uint32_t getattr_flags, dummy;
    uint64_t fh;
};

struct fuse_attr_out {
    uint64_t attr_valid;
    uint32_t attr_valid_nsec, dummy;
    struct fuse_attr attr;
};
_Static_assert(sizeof(struct fuse_attr_out) == 104, "FUSE");

struct fuse_setattr_in {
    uint32_t valid, padding;
    uint64_t fh, size, lock_owner, atime, mtime, ctime;
    uint32_t atimensec, mtimensec, ctimensec, mode, unused4, uid, gid, unused5;
};
_Static_assert(sizeof(struct fuse_setattr_in) == 88, "FUSE");

struct fuse_open_in {
    uint32_t flags, open_flags;
};

struct fuse_open_out {
    uint64_t fh;
    uint32_t open_flags, padding;
};

struct fuse_create_in {
    uint32_t flags, mode, umask, open_flags;
};

struct fuse_mkdir_in {
    uint32_t mode, umask;
};

/* Of FUSE_READ and FUSE_READDIR; FUSE_WRITE has the same fields. */
struct fuse_read_in {
    uint64_t fh, offset;
    uint32_t size, read_flags;
    uint64_t lock_owner;
    uint32_t flags, padding;
};
_Static_assert(sizeof(struct fuse_read_in) == 40, "FUSE");

struct fuse_write_out {
    uint32_t size, padding;
};

struct fuse_release_in {
    uint64_t fh;
    uint32_t flags, release_flags;
    uint64_t lock_owner;
};

struct fuse_setupmapping_in {
    uint64_t fh, foffset, len, flags, moffset;
};

/* A uint32_t says how many of these follow it. */
struct fuse_removemapping_one {
    uint64_t moffset, len;
};

struct fuse_forget_in {
    uint64_t nlookup;
};

/* A name of namelen bytes follows, and zeroes up to a multiple of 8. */
struct fuse_dirent {
    uint64_t ino, off;
    uint32_t namelen, type;
};
_Static_assert(sizeof(struct fuse_dirent) == 24, "FUSE");

/* A name of namelen bytes and its terminator follow. */
struct fuse_notify_inval_entry_out {
    uint64_t parent;
    uint32_t namelen, flags;
};

#endif
