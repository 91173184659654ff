/* SPDX-License-Identifier: MIT */
/*
 * Private to the software file system device: its DAX window (5.11.6.4). A mapping is a
 * copy of the file, made when it is mapped.
 */
#ifndef SOFT_FS_H
#define SOFT_FS_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/soft/core/tree.h"
#include "drivers/virtio/spec/virtio_fs.h"

void soft_fs_dax_reset(void);
/* Gives the shared memory region of the window. Returns false when `id` is another
 * one. */
bool soft_fs_dax_region(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes);
/* Map pages of a file, and unmap pages of the window. They return 0 or a FUSE error. */
int soft_fs_dax_map(const SoftNode *node, const struct fuse_setupmapping_in *in);
int soft_fs_dax_unmap(uint64_t off, uint64_t bytes);
/* Used by a fault. Returns true when files cannot be read because one is mapped. */
bool soft_fs_dax_stops_reads(void);

#endif
