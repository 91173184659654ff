/* SPDX-License-Identifier: MIT */
/*
 * Private to the software file system device: its DAX window (5.11.6.4). A mapping is a
 * copy of the file as it is then.
 */
#ifndef SOFT_FS_H
#define SOFT_FS_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/soft/core/tree.h"
#include "drivers/virtio/spec/virtio_fs.h"

void soft_fs_dax_reset(void);
bool soft_fs_dax_region(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes);
int soft_fs_dax_map(const SoftNode *node, const struct fuse_setupmapping_in *in);
int soft_fs_dax_unmap(uint64_t off, uint64_t bytes);
/* Used by faults: returns true when files cannot be read while one is mapped. */
bool soft_fs_dax_stops_reads(void);

#endif
