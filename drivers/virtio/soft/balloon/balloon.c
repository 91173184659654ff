/* SPDX-License-Identifier: MIT */
/*
 * The memory balloon (5.5) in software. It clears the pages that it is given and those
 * that are reported, as a host does that takes their memory away. With PAGE_POISON it
 * writes the poison to reported pages instead. It skips the numbers of pages that the
 * arena has not lent.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_balloon.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

SOFT_FAULT(odd_statistics_are_taken, "dev:5.5.6.3.2-1",
           "takes the low bits of a tag that it does not know");
SOFT_FAULT(statistics_by_place, "dev:5.5.6.3.2-2",
           "takes the n-th entry of statistics for tag n");
SOFT_FAULT(hint_command_comes_again, "dev:5.5.6.5.2-2",
           "uses one command ID for every round of hints");
SOFT_FAULT(hinted_page_is_lost_later, "dev:5.5.6.5.2-5",
           "takes a hinted page away after DONE");
SOFT_FAULT(hinting_is_never_done, "dev:5.5.6.5.2-6", "ends a round with STOP");
SOFT_FAULT(stale_hints_are_taken, "dev:5.5.6.5.2-3",
           "takes hints after any command ID for those of the current one");
SOFT_FAULT(reports_lose_their_poison, "dev:5.5.6.7.2-2",
           "clears reported pages although they are poisoned");

#define QUEUES 5

/* Hints are taken in the current round only. `hinted` is the last page that was
 * hinted. */
static bool takes_hints;
static uint8_t *hinted;
static uint32_t last_round = VIRTIO_BALLOON_CMD_ID_DONE;

/* The guest's statistics as the device has them, and the buffer that it keeps. */
static QVirtQueueElement kept;
static bool has_kept;
static uint64_t stats[VIRTIO_BALLOON_S_NR];
/* A bit for each tag. */
static uint16_t stats_known;

static struct virtio_balloon_config *config_of(SoftDevice *s)
{
    return (struct virtio_balloon_config *)s->config;
}

/* Clears what the driver wrote. num_pages belongs to the host, so it stays. */
static void reset(SoftDevice *s)
{
    takes_hints = has_kept = false;
    hinted = NULL;
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

/* Clears whole pages. The host cannot take a part of a page. */
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
    if (takes_hints && e->in_num) {
        hinted = e->sg[e->out_num].base;
        discard(e, le32_of(0));
    }
}

static void lose_hinted(SoftDevice *s)
{
    bool is_done =
        le32_get(config_of(s)->free_page_hint_cmd_id) == VIRTIO_BALLOON_CMD_ID_DONE;
    if (hinted && is_done && soft_fault(hinted_page_is_lost_later)) {
        memset(hinted, 0, VIRTIO_BALLOON_PAGE_BYTES);
    }
}

/* 5.5.6.3.2: "the device MUST ignore entries with tag values that it does not recognize",
 * and take them "in any order". */
static void read_stats(const QVirtQueueElement *e)
{
    struct virtio_balloon_stat stat;
    stats_known = 0;
    for (uint32_t n = 0; qvirtqueue_element_read(e, n * sizeof(stat), &stat,
                                                 sizeof(stat)) == sizeof(stat);
         n++) {
        uint16_t tag = virtio16_get(false, stat.tag);
        tag &= soft_fault(odd_statistics_are_taken) ? 0xff : 0xffff;
        tag = soft_fault(statistics_by_place) ? n : tag;
        if (tag < VIRTIO_BALLOON_S_NR) {
            stats[tag] = virtio64_get(false, stat.val);
            stats_known |= 1u << tag;
        }
    }
}

/* Takes the buffer of statistics, and keeps it until newer ones are wanted. */
static void take_stats(SoftDevice *s)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, VIRTIO_BALLOON_STATSQ)) != NULL) {
        if (has_kept) { /* the driver may make only one available */
            soft_push(s, VIRTIO_BALLOON_STATSQ, &kept, 0);
        }
        kept = *e;
        has_kept = true;
        read_stats(&kept);
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    if (queue == VIRTIO_BALLOON_STATSQ) {
        take_stats(s);
        return;
    }
    lose_hinted(s);
    while ((e = soft_pop(s, queue)) != NULL) {
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

static void tell_stats(char *value, size_t bytes)
{
    size_t n = 0;
    for (unsigned i = 0; i < VIRTIO_BALLOON_S_NR; i++) {
        if (stats_known >> i & 1 && n < bytes) {
            n += ksnprintf(value + n, bytes - n, "%s%u=%llu", n ? " " : "", i,
                           (unsigned long long)stats[i]);
        }
    }
}

static void set_command(SoftDevice *s, uint32_t id)
{
    takes_hints = false;
    config_of(s)->free_page_hint_cmd_id = le32_of(id);
    soft_config_changed(s);
}

static bool switch_hints(SoftDevice *s, bool on)
{
    uint32_t end = soft_fault(hinting_is_never_done) ? VIRTIO_BALLOON_CMD_ID_STOP
                                                     : VIRTIO_BALLOON_CMD_ID_DONE;
    if (on && (!soft_fault(hint_command_comes_again) ||
               last_round == VIRTIO_BALLOON_CMD_ID_DONE)) {
        last_round++;
    }
    set_command(s, on ? last_round : end);
    return true;
}

static bool set_target(SoftDevice *s, uint64_t pages)
{
    config_of(s)->num_pages = le32_of(pages);
    soft_config_changed(s);
    return true;
}

static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    uint64_t pages;
    if (strcmp(action, "restore") == 0) {
        config_of(s)->num_pages = le32_of(0);
        config_of(s)->free_page_hint_cmd_id = le32_of(VIRTIO_BALLOON_CMD_ID_STOP);
        return true;
    }
    if (strcmp(action, "balloon") == 0) {
        return string_to_u64(args, &pages) && set_target(s, pages);
    }
    if (strcmp(action, "hints") == 0) {
        return switch_hints(s, strcmp(args, "on") == 0);
    }
    if (strcmp(action, "balloon-poll") == 0 && has_kept) {
        has_kept = false;
        soft_push(s, VIRTIO_BALLOON_STATSQ, &kept, 0);
        return true;
    }
    if (strcmp(action, "balloon-stats") == 0) {
        tell_stats(value, bytes);
        return true;
    }
    return false;
}

SOFT_MODEL(
    soft_balloon, .device_id = VIRTIO_ID_BALLOON, .count = 1, .queues = QUEUES,
    .features = FEATURES(VIRTIO_BALLOON_F_MUST_TELL_HOST, VIRTIO_BALLOON_F_STATS_VQ,
                         VIRTIO_BALLOON_F_DEFLATE_ON_OOM, VIRTIO_BALLOON_F_FREE_PAGE_HINT,
                         VIRTIO_BALLOON_F_PAGE_POISON, VIRTIO_BALLOON_F_PAGE_REPORTING),
    .config_bytes = sizeof(struct virtio_balloon_config), .reset = reset, .run = run,
    .write_config = write_config, .act = act);
