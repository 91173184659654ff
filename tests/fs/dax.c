/* SPDX-License-Identifier: MIT */
/*
 * The DAX window (5.11.6.4): the device maps files of the shared folder into its shared
 * memory.
 */
#include "drivers/virtio/bus.h"
#include "kernel/mem/page.h"
#include "tests/fs/fs_lib.h"

#define REGIONS 256

typedef struct Dax {
    uint64_t node, fh, bytes;
    const uint8_t *window;
} Dax;

static bool has_region(QVirtioDevice *dev, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    return dev->bus->shm_region(dev, id, at, bytes) == 0 && *bytes > 0;
}

static const char *why_no_region(QVirtioDevice *dev)
{
    dma_addr at;
    uint64_t bytes;
    for (unsigned id = 0; id < REGIONS; id++) {
        if (has_region(dev, id, &at, &bytes)) {
            return NULL;
        }
    }
    return "the device has no shared memory";
}

/* Returns the text of a SKIP when the window is missing or too small, or when it is
 * unknown what the shared folder holds; else NULL. */
static const char *why_no_window(QVirtioDevice *dev)
{
    dma_addr at = {0};
    uint64_t bytes = 0;
    if (!has_region(dev, VIRTIO_FS_SHMEM_DAX, &at, &bytes) || bytes < 4 * PAGE_BYTES ||
        !page_map_memory(at.raw, bytes)) {
        return "the device has no DAX window of 16 KiB";
    }
    return fs_why_unknown(dev);
}

static bool dax_open(Test *t, QVirtioDevice *dev, Dax *dax)
{
    dma_addr at = {0};
    if (!require_ok(t,
                    dev->bus->shm_region(dev, VIRTIO_FS_SHMEM_DAX, &at, &dax->bytes))) {
        return false;
    }
    dax->window = page_map_memory(at.raw, dax->bytes);
    if (!fs_session_open(t, dev, "data", FUSE_OPEN, &dax->node, &dax->fh)) {
        return false;
    }
    if (fs_map_alignment() > PAGE_BYTES) {
        test_skip(t, "mappings are aligned to %llu bytes, and the file is shorter",
                  (unsigned long long)fs_map_alignment());
    }
    return !t->is_skipped;
}

/* Maps `bytes` bytes of the file from offset `from` on, at offset `to` of the window.
 * Returns the errno in the answer, 0 for success, or FS_ANY when there is no answer,
 * which is reported. */
static uint32_t dax_map(Test *t, QVirtioDevice *dev, const Dax *dax, uint64_t from,
                        uint64_t to, uint64_t bytes)
{
    struct fuse_setupmapping_in in = {.fh = dax->fh,
                                      .foffset = from,
                                      .len = bytes,
                                      .flags = FUSE_SETUPMAPPING_FLAG_READ,
                                      .moffset = to};
    FsRequest r = fs_request(dev, FUSE_SETUPMAPPING, dax->node, FS_ARG(in));
    return require_ok(t, fs_run(&r)) ? (uint32_t)-r.in->error : FS_ANY;
}

/* Expects that the window shows at `to` what the file holds at `from`. */
static bool expect_window(Test *t, const Dax *dax, uint64_t from, uint64_t to,
                          uint64_t bytes)
{
    uint8_t *all = arena_lend(FS_DATA_BYTES, 8);
    if (!all) {
        return false;
    }
    pattern_fill(all, FS_DATA_BYTES, 0);
    return expect_same(t, "virtio 5.11.6.4", dax->window + to, all + from, bytes);
}

/* "If present, the DAX Window MUST be shared memory region ID 0." The specification
 * defines no other region for this device. */
VIRTIO_TEST(dax_window_is_the_first_region, .device = VIRTIO_ID_FS, .flags = TEST_RAW,
            .why_not = why_no_region)
{
    dma_addr at;
    uint64_t bytes = 0;
    expect_that(t, "dev:5.11.6.4.1-2", has_region(dev, VIRTIO_FS_SHMEM_DAX, &at, &bytes),
                "shared memory region 0", "another one alone");
}

VIRTIO_TEST(mapped_file_is_seen_in_the_window, .device = VIRTIO_ID_FS,
            .why_not = why_no_window)
{
    Dax dax;
    if (dax_open(t, dev, &dax) &&
        require_eq(t, dax_map(t, dev, &dax, PAGE_BYTES, 0, 2 * PAGE_BYTES), 0)) {
        expect_window(t, &dax, PAGE_BYTES, 0, 2 * PAGE_BYTES);
    }
}

/* "The device MUST support FUSE_READ and FUSE_WRITE requests regardless of whether the
 * DAX Window is being used or not." */
VIRTIO_TEST(reads_go_on_beside_the_window, .device = VIRTIO_ID_FS,
            .why_not = why_no_window)
{
    Dax dax;
    if (!dax_open(t, dev, &dax) ||
        !require_eq(t, dax_map(t, dev, &dax, 0, 0, PAGE_BYTES), 0)) {
        return;
    }
    FsRequest r = fs_read_request(dev, dax.node, dax.fh, 0, 512);
    if (require_ok(t, fs_run(&r)) && expect_eq(t, "dev:5.11.6.4.1-3", -r.in->error, 0)) {
        require_same(t, r.body, dax.window, 512);
    }
}

/* "The device MUST allow mappings that completely or partially overlap existing mappings
 * within the DAX window": the new mapping must replace only what it covers. */
VIRTIO_TEST(overlapping_mappings_are_accepted, .device = VIRTIO_ID_FS,
            .why_not = why_no_window)
{
    Dax dax;
    if (dax_open(t, dev, &dax) &&
        require_eq(t, dax_map(t, dev, &dax, 0, 0, 3 * PAGE_BYTES), 0) &&
        expect_eq(t, "dev:5.11.6.4.1-4", dax_map(t, dev, &dax, 0, PAGE_BYTES, PAGE_BYTES),
                  0)) {
        expect_window(t, &dax, 0, 0, PAGE_BYTES);
        expect_window(t, &dax, 0, PAGE_BYTES, PAGE_BYTES);
        expect_window(t, &dax, 2 * PAGE_BYTES, 2 * PAGE_BYTES, PAGE_BYTES);
    }
}

VIRTIO_TEST(place_of_a_removed_mapping_is_free, .device = VIRTIO_ID_FS,
            .why_not = why_no_window)
{
    struct {
        uint32_t count;
        struct fuse_removemapping_one one;
    } __attribute__((packed)) in = {1, {0, PAGE_BYTES}};
    Dax dax;
    if (!dax_open(t, dev, &dax) ||
        !require_eq(t, dax_map(t, dev, &dax, 0, 0, PAGE_BYTES), 0)) {
        return;
    }
    FsRequest r = fs_request(dev, FUSE_REMOVEMAPPING, dax.node, FS_ARG(in));
    if (expect_served(t, "virtio 5.11.6.4", &r, 0) &&
        expect_eq(t, "virtio 5.11.6.4", dax_map(t, dev, &dax, PAGE_BYTES, 0, PAGE_BYTES),
                  0)) {
        expect_window(t, &dax, PAGE_BYTES, 0, PAGE_BYTES);
    }
}

/* "The device MUST reject mappings that would go beyond the end of the DAX window." */
VIRTIO_TEST(mapping_past_the_window_is_refused, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.4", .why_not = why_no_window)
{
    Dax dax;
    if (dax_open(t, dev, &dax)) {
        uint64_t last = dax.bytes - PAGE_BYTES;
        expect_ne(t, "dev:5.11.6.4.1-5", dax_map(t, dev, &dax, 0, last, 2 * PAGE_BYTES),
                  0);
        expect_ne(t, "dev:5.11.6.4.1-5", dax_map(t, dev, &dax, 0, dax.bytes, PAGE_BYTES),
                  0);
        expect_ne(t, "dev:5.11.6.4.1-5",
                  dax_map(t, dev, &dax, 0, 0 - (uint64_t)PAGE_BYTES, PAGE_BYTES), 0);
    }
}
