/* SPDX-License-Identifier: MIT */
/*
 * The memory balloon (5.5) in software: it clears the pages that it is given and those
 * that are reported, as a host does that takes their memory away. With PAGE_POISON
 * reported pages are poisoned instead. Numbers of pages that nobody lends are passed
 * over.
 */
#include "drivers/virtio/bus/soft.h"
#include "drivers/virtio/spec/virtio_balloon.h"
#include "kernel/page.h"
#include "kernel/string.h"

SOFT_FAULT(stale_hints_are_taken, "dev:5.5.6.5.2-3",
           "takes hints after any command ID for those of the current one");
SOFT_FAULT(reports_lose_their_poison, "dev:5.5.6.7.2-2",
           "clears reported pages although they are poisoned");

#define QUEUES 5

/* The command of the round that is on, and whether hints belong to it. */
static bool takes_hints;

static struct virtio_balloon_config *config_of(SoftDevice *s)
{
    return (struct virtio_balloon_config *)s->config;
}

/* num_pages is the host's; what the driver wrote ends with its life. */
static void reset(SoftDevice *s)
{
    takes_hints = false;
    config_of(s)->actual = le32_of(0);
    config_of(s)->poison_val = le32_of(0);
}

static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    (void)from;
    return (off == offsetof(struct virtio_balloon_config, actual) && width == 4) ||
           (off == offsetof(struct virtio_balloon_config, poison_val) && width == 4 &&
            soft_negotiated(s, VIRTIO_BALLOON_F_PAGE_POISON));
}

static void fill_words(uint8_t *at, uint32_t bytes, le32 word)
{
    for (uint32_t i = 0; i + sizeof(word) <= bytes; i += sizeof(word)) {
        memcpy(at + i, &word, sizeof(word));
    }
}

static void inflate(const QVirtQueueElement *e)
{
    virtio32 number;
    for (uint32_t off = 0;
         qvirtqueue_element_read(e, off, &number, sizeof(number)) == sizeof(number);
         off += sizeof(number)) {
        uint64_t page = virtio32_get(false, number);
        dma_addr at = {page * VIRTIO_BALLOON_PAGE_BYTES};
        uint8_t *lent = arena_unmap(at, VIRTIO_BALLOON_PAGE_BYTES);
        if (lent) {
            memset(lent, 0, VIRTIO_BALLOON_PAGE_BYTES);
        }
    }
}

/* Pages lose their content, whole ones: a part of a page is not the host's to take. */
static void discard(const QVirtQueueElement *e, le32 word)
{
    for (unsigned i = e->out_num; i < e->out_num + e->in_num; i++) {
        uintptr_t at = (uintptr_t)e->sg[i].base;
        if ((at | e->sg[i].len) % VIRTIO_BALLOON_PAGE_BYTES == 0) {
            fill_words(e->sg[i].base, e->sg[i].len, word);
        }
    }
}

static void report(SoftDevice *s, const QVirtQueueElement *e)
{
    bool keeps = soft_negotiated(s, VIRTIO_BALLOON_F_PAGE_POISON) &&
                 !soft_fault(reports_lose_their_poison);
    discard(e, keeps ? config_of(s)->poison_val : le32_of(0));
}

/* 5.5.6.5.2: "The device MUST ignore pages that are provided with a command ID that does
 * not match the current value in free_page_hint_cmd_id." */
static void hint(SoftDevice *s, const QVirtQueueElement *e)
{
    virtio32 command;
    if (qvirtqueue_element_read(e, 0, &command, sizeof(command)) == sizeof(command)) {
        uint32_t id = virtio32_get(false, command);
        uint32_t current = le32_get(config_of(s)->free_page_hint_cmd_id);
        takes_hints = id > VIRTIO_BALLOON_CMD_ID_DONE &&
                      (id == current || soft_fault(stale_hints_are_taken));
    }
    if (takes_hints) {
        discard(e, le32_of(0));
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while (queue != VIRTIO_BALLOON_STATSQ && (e = soft_pop(s, queue)) != NULL) {
        switch (queue) {
        case VIRTIO_BALLOON_INFLATEQ:
            inflate(e);
            break;
        case VIRTIO_BALLOON_FREE_PAGE_VQ:
            hint(s, e);
            break;
        case VIRTIO_BALLOON_REPORTING_VQ:
            report(s, e);
            break;
        default:
            break;
        }
        soft_push(s, queue, e, 0);
    }
}

SOFT_MODEL(
    soft_balloon, .device_id = VIRTIO_ID_BALLOON, .count = 1, .queues = QUEUES,
    .features = FEATURES(VIRTIO_BALLOON_F_MUST_TELL_HOST, VIRTIO_BALLOON_F_STATS_VQ,
                         VIRTIO_BALLOON_F_DEFLATE_ON_OOM, VIRTIO_BALLOON_F_FREE_PAGE_HINT,
                         VIRTIO_BALLOON_F_PAGE_POISON, VIRTIO_BALLOON_F_PAGE_REPORTING),
    .config_bytes = sizeof(struct virtio_balloon_config), .reset = reset, .run = run,
    .write_config = write_config);
