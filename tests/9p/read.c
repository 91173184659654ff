/* SPDX-License-Identifier: MIT */
/*
 * Reads what the shared folder holds: contents of files, sizes and types, links, lists of
 * names.
 */
#include "tests/9p/p9_lib.h"

static bool expect_content(Test *t, QVirtioDevice *dev, uint64_t offset, uint32_t count)
{
    uint32_t left = offset < P9_DATA_BYTES ? P9_DATA_BYTES - offset : 0;
    uint32_t wanted = count < left ? count : left;
    uint8_t *all = arena_lend(P9_DATA_BYTES, 8);
    const uint8_t *data;
    if (!all || !p9_read(t, dev, 1, offset, count, wanted, &data)) {
        return false;
    }
    pattern_fill(all, P9_DATA_BYTES, 0);
    return wanted == 0 || expect_same(t, "9P2000 read", data, all + offset, wanted);
}

VIRTIO_TEST(file_holds_what_the_host_put_in, .device = VIRTIO_ID_9P, .rings = RINGS_ALL,
            .why_not = p9_why_unknown)
{
    if (p9_session_open(t, dev, "data", P9_O_RDONLY)) {
        expect_content(t, dev, 0, P9_DATA_BYTES);
    }
}

VIRTIO_TEST(read_begins_at_its_offset, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    if (!p9_session_open(t, dev, "data", P9_O_RDONLY)) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        expect_content(t, dev, random_below(&t->random, P9_DATA_BYTES), 1 + i * 333);
    }
}

VIRTIO_TEST(read_ends_with_the_file, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    if (p9_session_open(t, dev, "data", P9_O_RDONLY)) {
        expect_content(t, dev, P9_DATA_BYTES - 5, 100);
        expect_content(t, dev, P9_DATA_BYTES, 100);
        expect_content(t, dev, 1ull << 40, 100);
    }
}

VIRTIO_TEST(fid_that_is_not_open_is_not_read, .device = VIRTIO_ID_9P,
            .why_not = p9_why_unknown)
{
    P9Request read = p9_ask(dev, P9_TREAD, "dqd", 1, 0ull, 16);
    if (p9_session_at(t, dev, "data")) {
        expect_refusal(t, "9P2000 read", &read);
    }
}

static void expect_attributes(Test *t, QVirtioDevice *dev, const char *name,
                              uint32_t kind, uint8_t qid_type, uint64_t bytes)
{
    P9Request r = p9_ask(dev, P9_TGETATTR, "dq", 1, P9_GETATTR_BASIC);
    P9Qid qid;
    uint32_t mode;
    uint64_t size;
    if (p9_session_at(t, dev, name) && expect_reply(t, "9P2000.L getattr", &r) &&
        expect_scan(t, "9P2000.L getattr", &r, "qQdddqqq", NULL, &qid, &mode, NULL, NULL,
                    NULL, NULL, &size)) {
        expect_eq(t, "9P2000.L getattr", mode & P9_S_IFMT, kind);
        expect_eq(t, "9P2000 intro", qid.type, qid_type);
        if (bytes) {
            expect_eq(t, "9P2000.L getattr", size, bytes);
        }
    }
}

VIRTIO_TEST(attributes_tell_kind_and_size, .device = VIRTIO_ID_9P,
            .why_not = p9_why_unknown)
{
    expect_attributes(t, dev, "data", P9_S_IFREG, P9_QTFILE, P9_DATA_BYTES);
    expect_attributes(t, dev, "many", P9_S_IFDIR, P9_QTDIR, 0);
    expect_attributes(t, dev, "link", P9_S_IFLNK, P9_QTSYMLINK, 4);
}

VIRTIO_TEST(link_is_read_and_not_followed, .device = VIRTIO_ID_9P,
            .why_not = p9_why_unknown)
{
    P9Request r = p9_ask(dev, P9_TREADLINK, "d", 1);
    P9Text target = {0};
    if (p9_session_at(t, dev, "link") && expect_reply(t, "9P2000.L readlink", &r) &&
        expect_scan(t, "9P2000.L readlink", &r, "s", &target) &&
        expect_eq(t, "9P2000.L readlink", target.bytes, 4)) {
        expect_same(t, "9P2000.L readlink", target.at, "data", 4);
    }
}

/* Returns the number that a name of two digits stands for, and -1 for any other name. */
static int number_of(P9Text name)
{
    if (name.bytes != 2 || name.at[0] < '0' || name.at[0] > '9' || name.at[1] < '0' ||
        name.at[1] > '9') {
        return -1;
    }
    return (name.at[0] - '0') * 10 + name.at[1] - '0';
}

/* Sends one Treaddir from *offset on, and moves *offset behind the last entry. Sets the
 * bits of the names in *seen. Returns the number of entries, or -1 when that fails, which
 * is reported. */
static int list_some(Test *t, QVirtioDevice *dev, uint32_t room, uint64_t *offset,
                     uint64_t *seen)
{
    P9Request r = p9_ask(dev, P9_TREADDIR, "dqd", 1, *offset, room);
    uint32_t at = P9_HEADER_BYTES, bytes = 0;
    int entries = 0;
    if (!expect_reply(t, "9P2000.L readdir", &r) ||
        !expect_that(t, "9P2000.L readdir", p9_scan_at(&r, &at, "d", &bytes), "a count",
                     "none") ||
        !expect_le(t, "9P2000.L readdir", bytes, room) ||
        !expect_eq(t, "9P2000.L readdir", p9_size(&r), P9_HEADER_BYTES + 4 + bytes)) {
        return -1;
    }
    for (P9Text name; at < p9_size(&r); entries++) {
        if (!expect_that(t, "9P2000.L readdir",
                         p9_scan_at(&r, &at, "Qqbs", NULL, offset, NULL, &name),
                         "whole entries", "the reply's end")) {
            return -1;
        }
        int n = number_of(name);
        if (n >= 0 &&
            !expect_that(t, "9P2000.L readdir", n < P9_MANY && !(*seen >> n & 1),
                         "each name once", "%d again, or unknown", n)) {
            return -1;
        }
        *seen |= n >= 0 ? 1ull << n : 0;
    }
    return entries;
}

static void expect_list(Test *t, QVirtioDevice *dev, uint32_t room)
{
    uint64_t offset = 0, seen = 0;
    int entries = 1;
    if (!p9_session_open(t, dev, "many", P9_O_RDONLY)) {
        return;
    }
    for (unsigned i = 0; i <= P9_MANY + 2 && entries > 0; i++) {
        entries = list_some(t, dev, room, &offset, &seen);
    }
    if (entries >= 0) {
        expect_eq(t, "9P2000.L readdir", seen, (1ull << P9_MANY) - 1);
    }
}

VIRTIO_TEST(every_name_is_listed_once, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    expect_list(t, dev, P9_ROOM - 11);
}

/* The reply has room for about six entries, so that the list takes several requests. */
VIRTIO_TEST(list_goes_on_at_an_offset, .device = VIRTIO_ID_9P, .why_not = p9_why_unknown)
{
    expect_list(t, dev, 160);
}
