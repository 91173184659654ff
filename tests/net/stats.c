/* SPDX-License-Identifier: MIT */
/*
 * Device statistics (5.1.9.5.11): the types that there are, replies with their headers,
 * counters that count; requests that are wrong.
 */
#include "tests/net/net_lib.h"

#define STATS  FEATURES(VIRTIO_NET_F_DEVICE_STATS, VIRTIO_NET_F_CTRL_VQ)
#define KNOWN  0x1000f000full
#define RESULT 256

typedef struct virtio_net_queue_stats Entry;

static NetCommand get(const Entry *entries, unsigned count, uint32_t result_bytes)
{
    return (NetCommand){.class = VIRTIO_NET_CTRL_STATS,
                        .command = VIRTIO_NET_CTRL_STATS_GET,
                        .data = entries,
                        .bytes = count * sizeof(*entries),
                        .result_bytes = result_bytes};
}

static Entry entry(uint16_t queue, uint64_t types)
{
    return (Entry){.vq_index = le16_of(queue), .types_bitmap = le64_of(types)};
}

static uint64_t counter(const uint8_t *reply, unsigned i)
{
    le64 value;
    memcpy(&value, reply + 8 + 8 * i, sizeof(value));
    return le64_get(value);
}

/* The types that the device has. Returns 0 when that fails, which is reported. */
static uint64_t supported(Test *t, QVirtioDevice *dev, const char *clause)
{
    NetCommand c = {.class = VIRTIO_NET_CTRL_STATS,
                    .command = VIRTIO_NET_CTRL_STATS_QUERY,
                    .data = "",
                    .result_bytes = 8};
    le64 types;
    if (!require_ok(t, net_ask(dev, &c)) || !require_eq(t, c.ack, VIRTIO_NET_OK)) {
        return 0;
    }
    memcpy(&types, c.result, sizeof(types));
    uint64_t seen = c.used == 9 ? le64_get(types) : 0;
    bool is_right = seen != 0 && (seen & ~KNOWN) == 0;
    return expect_that(t, clause, is_right, "types that are defined, at least one",
                       "%u bytes, 0x%llx", c.used, (unsigned long long)seen)
               ? seen
               : 0;
}

VIRTIO_TEST(stats_query_tells_the_types, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = STATS)
{
    supported(t, dev, "dev:5.1.9.5.11.12-1");
}

/* Every basic type, of one queue pair and the control queue: a reply is as long as it
 * says, and says what it is; nothing is written behind the last. */
VIRTIO_TEST(stats_replies_say_what_they_are, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = STATS)
{
    static const uint8_t type[] = {VIRTIO_NET_STATS_RX_BASIC, VIRTIO_NET_STATS_TX_BASIC,
                                   VIRTIO_NET_STATS_CVQ};
    static const uint8_t size[] = {VIRTIO_NET_STATS_BYTES_BASIC,
                                   VIRTIO_NET_STATS_BYTES_BASIC,
                                   VIRTIO_NET_STATS_BYTES_CVQ};
    uint64_t types = supported(t, dev, NULL);
    uint16_t control = dev->driver->queue_count(dev) - 1;
    uint32_t bytes = 0, at = 0;
    const uint16_t queue[] = {0, 1, control};
    Entry entries[3];
    unsigned count = 0, which[3];
    for (unsigned i = 0; i < 3; i++) {
        if (types >> type[i] & 1) {
            bytes += size[i];
            which[count] = i;
            entries[count++] = entry(queue[i], 1ull << type[i]);
        }
    }
    NetCommand c = get(entries, count, RESULT);
    if (!types || !require_ok(t, net_ask(dev, &c)) ||
        !require_eq(t, c.ack, VIRTIO_NET_OK)) {
        return;
    }
    for (unsigned i = 0; i < count; at += size[which[i++]]) {
        struct virtio_net_stats_reply_hdr h;
        memcpy(&h, c.result + at, sizeof(h));
        expect_eq(t, "dev:5.1.9.5.11.12-4", le16_get(h.size), size[which[i]]);
        expect_eq(t, "dev:5.1.9.5.11.12-5", h.type, type[which[i]]);
        expect_eq(t, "dev:5.1.9.5.11.12-5", le16_get(h.vq_index), queue[which[i]]);
    }
    expect_eq(t, "dev:5.1.9.5.11.12-6", c.used, 1 + bytes);
    for (; at < RESULT; at++) {
        if (!expect_eq(t, "dev:5.1.9.5.11.12-6", c.result[at], 0xff)) {
            return;
        }
    }
}

/* A buffer that is too small is filled as far as it goes. */
VIRTIO_TEST(stats_fit_into_a_short_buffer, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = STATS)
{
    uint64_t types = supported(t, dev, NULL);
    Entry e = entry(0, types & 1);
    NetCommand c = get(&e, 1, 20);
    if (types && require_ok(t, net_ask(dev, &c))) {
        require_le(t, c.ack, VIRTIO_NET_ERR);
        require_le(t, c.used, 21);
    }
}

VIRTIO_TEST(stats_count_received_packets, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = STATS, .why_not = net_why_no_partner)
{
    NetBench b;
    Entry e = entry(0, 1ull << VIRTIO_NET_STATS_RX_BASIC);
    NetCommand before = get(&e, 1, VIRTIO_NET_STATS_BYTES_BASIC), after = before;
    if (!net_bench(&b, t, dev, 4) || !require_ok(t, net_ask(dev, &before))) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        NetFrame f = net_frame(&b, net_broadcast, 100);
        if (!net_is_received(&b, &f)) {
            return;
        }
    }
    if (require_ok(t, net_ask(dev, &after)) && require_eq(t, after.ack, VIRTIO_NET_OK)) {
        require_eq(t, counter(after.result, 1) - counter(before.result, 1), 3);
        require_ge(t, counter(after.result, 2) - counter(before.result, 2), 300);
    }
}

/* "command_num: the number of commands received ... including the current command". */
VIRTIO_TEST(stats_count_commands, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = STATS)
{
    uint16_t control = dev->driver->queue_count(dev) - 1;
    Entry e = entry(control, 1ull << VIRTIO_NET_STATS_CVQ);
    NetCommand before = get(&e, 1, VIRTIO_NET_STATS_BYTES_CVQ), after = before;
    NetCommand wrong = {.class = 0x7f, .data = ""};
    if (require_ok(t, net_ask(dev, &before)) && require_ok(t, net_ask(dev, &wrong)) &&
        require_ok(t, net_ask(dev, &after)) && require_eq(t, after.ack, VIRTIO_NET_OK)) {
        require_eq(t, counter(after.result, 0) - counter(before.result, 0), 2);
        require_eq(t, counter(after.result, 1) - counter(before.result, 1), 1);
    }
}

/* A request of these entries is answered with ERR. */
static void expect_refused(Test *t, QVirtioDevice *dev, const char *clause,
                           const Entry *entries, unsigned count)
{
    NetCommand c = get(entries, count, RESULT);
    if (require_ok(t, net_ask(dev, &c))) {
        expect_eq(t, clause, c.ack, VIRTIO_NET_ERR);
    }
}

/* "vq_index exceeds the queue range", "types_bitmap contains unknown types", "not valid
 * for the specified virtqueue": the whole command fails. */
VIRTIO_TEST(wrong_stats_requests_are_refused, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .violates = "5.1.9.5.11.13", .needs = STATS)
{
    uint16_t beyond = dev->driver->queue_count(dev);
    const Entry wrong[] = {
        entry(beyond, 1ull << VIRTIO_NET_STATS_RX_BASIC),
        entry(0xffff, 1ull << VIRTIO_NET_STATS_RX_BASIC),
        entry(0, 1ull << 63),
        entry(1, 1ull << VIRTIO_NET_STATS_RX_BASIC),
        entry(0, 1ull << VIRTIO_NET_STATS_CVQ),
    };
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        expect_refused(t, dev, "dev:5.1.9.5.11.12-2", &wrong[i], 1);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(one_wrong_stats_entry_fails_all, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .violates = "5.1.9.5.11.13", .needs = STATS)
{
    const Entry entries[] = {entry(0, 1ull << VIRTIO_NET_STATS_RX_BASIC),
                             entry(0, 1ull << 63)};
    expect_refused(t, dev, "dev:5.1.9.5.11.12-3", entries, 2);
    expect_survives(t, dev);
}
