/* SPDX-License-Identifier: MIT */
/*
 * The DAX window of fs.h. Each mapping is copied to whole pages of the window.
 */
#include "drivers/virtio/soft/fs/fs.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(dax_window_is_region_1, "dev:5.11.6.4.1-2",
           "has its DAX window in shared memory region 1");
SOFT_FAULT(no_reads_beside_dax, "dev:5.11.6.4.1-3",
           "fails FUSE_READ while a file is mapped");
SOFT_FAULT(overlaps_are_refused, "dev:5.11.6.4.1-4",
           "refuses a mapping that overlaps another");
SOFT_FAULT(maps_past_the_window, "dev:5.11.6.4.1-5",
           "accepts a mapping that ends behind the window");

#define WINDOW_PAGES 4
#define WINDOW_BYTES (WINDOW_PAGES * PAGE_BYTES)

static uint8_t *window;
static bool is_mapped[WINDOW_PAGES];

void soft_fs_dax_reset(void)
{
    if (!window) {
        window = page_alloc(WINDOW_PAGES);
    }
    memset(is_mapped, 0, sizeof(is_mapped));
}

bool soft_fs_dax_region(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    (void)s;
    at->raw = (uintptr_t)window;
    *bytes = WINDOW_BYTES;
    return id == (soft_fault(dax_window_is_region_1) ? 1 : VIRTIO_FS_SHMEM_DAX);
}

static bool is_whole_pages(uint64_t off, uint64_t bytes)
{
    return off % PAGE_BYTES == 0 && bytes % PAGE_BYTES == 0 && bytes > 0;
}

static bool is_inside(uint64_t off, uint64_t bytes)
{
    return off <= WINDOW_BYTES && bytes <= WINDOW_BYTES - off;
}

int soft_fs_dax_map(const SoftNode *node, const struct fuse_setupmapping_in *in)
{
    if (!is_whole_pages(in->moffset, in->len) || in->foffset % PAGE_BYTES) {
        return FUSE_EINVAL;
    }
    if (!is_inside(in->moffset, in->len)) {
        return soft_fault(maps_past_the_window) ? 0 : FUSE_EINVAL;
    }
    for (uint64_t at = 0; at < in->len; at += PAGE_BYTES) {
        bool *page = &is_mapped[(in->moffset + at) / PAGE_BYTES];
        uint8_t *to = window + in->moffset + at;
        const uint8_t *data;
        if (*page && soft_fault(overlaps_are_refused)) {
            return FUSE_EINVAL;
        }
        *page = true;
        uint32_t bytes = soft_tree_read(node, in->foffset + at, PAGE_BYTES, &data);
        memcpy(to, data, bytes);
        memset(to + bytes, 0, PAGE_BYTES - bytes);
    }
    return 0;
}

int soft_fs_dax_unmap(uint64_t off, uint64_t bytes)
{
    if (!is_whole_pages(off, bytes) || !is_inside(off, bytes)) {
        return FUSE_EINVAL;
    }
    memset(is_mapped + off / PAGE_BYTES, 0, bytes / PAGE_BYTES);
    return 0;
}

bool soft_fs_dax_stops_reads(void)
{
    return soft_fault(no_reads_beside_dax) && memchr(is_mapped, true, sizeof(is_mapped));
}
