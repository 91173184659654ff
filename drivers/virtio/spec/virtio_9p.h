/* SPDX-License-Identifier: MIT */
/*
 * The 9P transport on the wire. virtio reserves its type (5) and says nothing more, so
 * the feature and config space are as in the headers of Linux and QEMU. Messages are
 * those of 9P2000.L, little-endian on every interface; only their numbers are here.
 */
#ifndef VIRTIO_9P_H
#define VIRTIO_9P_H

#include "drivers/virtio/qvirtio_types.h"

#define VIRTIO_9P_MOUNT_TAG 0

struct virtio_9p_config {
    virtio16 tag_len;
    uint8_t tag[]; /* not terminated */
};
_Static_assert(sizeof(struct virtio_9p_config) == 2, "tag_len");

/* size[4] type[1] tag[2]; a reply's type is one more than its request's. */
#define P9_HEADER_BYTES 7
#define P9_NOTAG        0xffff
#define P9_NOFID        0xffffffffu
#define P9_QID_BYTES    13 /* type[1] version[4] path[8] */

#define P9_TLERROR   6 /* replies only: P9_TLERROR + 1 */
#define P9_TSTATFS   8
#define P9_TLOPEN    12
#define P9_TLCREATE  14
#define P9_TREADLINK 22
#define P9_TGETATTR  24
#define P9_TSETATTR  26
#define P9_TREADDIR  40
#define P9_TMKDIR    72
#define P9_TRENAMEAT 74
#define P9_TUNLINKAT 76
#define P9_TVERSION  100
#define P9_TATTACH   104
#define P9_TFLUSH    108
#define P9_TWALK     110
#define P9_TREAD     116
#define P9_TWRITE    118
#define P9_TCLUNK    120
#define P9_TREMOVE   122

#define P9_QTDIR     0x80
#define P9_QTSYMLINK 0x02
#define P9_QTFILE    0x00

#define P9_GETATTR_BASIC  0x7ffull
#define P9_SETATTR_SIZE   8u
#define P9_DOTL_AT_REMOVE 0x200u /* of Tunlinkat: a folder */

/* Linux's numbers, which 9P2000.L and FUSE have in common. */
#define P9_O_RDONLY   0
#define P9_O_WRONLY   1
#define P9_O_RDWR     2
#define P9_O_CREAT    0100
#define P9_O_EXCL     0200
#define P9_EPERM      1
#define P9_ENOENT     2
#define P9_EIO        5
#define P9_EACCES     13
#define P9_EEXIST     17
#define P9_ENOTDIR    20
#define P9_EISDIR     21
#define P9_EINVAL     22
#define P9_EROFS      30
#define P9_ENOTEMPTY  39
#define P9_EOPNOTSUPP 95
#define P9_S_IFMT     0170000u
#define P9_S_IFDIR    0040000u
#define P9_S_IFREG    0100000u
#define P9_S_IFLNK    0120000u

#endif
