/* SPDX-License-Identifier: MIT */
/*
 * The guest makes files and folders. The tests read them back, and the runner checks one
 * of the files when the VM is gone.
 */
#include "tests/9p/p9_lib.h"
#include "tests/harness/name.h"

#define BYTES 3000

/* Creates a file, whose name is then in `name`, and writes a pattern that is read back.
 */
static bool write_pattern(Test *t, QVirtioDevice *dev, char *name, uint64_t seed)
{
    uint8_t *data = arena_lend(BYTES, 8);
    const uint8_t *seen;
    test_random_name(t, name);
    if (!data || !p9_session(t, dev) || !p9_create(t, dev, 1, name)) {
        return false;
    }
    pattern_fill(data, BYTES, seed);
    return p9_write(t, dev, 1, 0, data, BYTES) &&
           p9_read(t, dev, 1, 0, BYTES + 1, BYTES, &seen) &&
           expect_same(t, "9P2000 write", seen, data, BYTES);
}

VIRTIO_TEST(file_that_is_written_is_read_back, .device = VIRTIO_ID_9P,
            .flags = TEST_WRITES, .rings = RINGS_ALL)
{
    char name[TEST_NAME_BYTES];
    if (write_pattern(t, dev, name, random_next(&t->random))) {
        p9_unlink(t, dev, name, 0);
    }
}

VIRTIO_TEST(host_sees_what_is_written, .device = VIRTIO_ID_9P, .flags = TEST_WRITES,
            .why_not = p9_why_unknown)
{
    uint64_t seed = random_next(&t->random);
    char name[TEST_NAME_BYTES];
    if (write_pattern(t, dev, name, seed)) {
        test_announce_file(dev, name, BYTES, seed);
    }
}

VIRTIO_TEST(write_behind_the_end_leaves_zeroes, .device = VIRTIO_ID_9P,
            .flags = TEST_WRITES)
{
    static const uint8_t wanted[8] = {0, 0, 0, 0, 0, 'e', 'n', 'd'};
    const uint8_t *seen;
    char name[TEST_NAME_BYTES];
    test_random_name(t, name);
    if (!p9_session(t, dev) || !p9_create(t, dev, 1, name)) {
        return;
    }
    if (p9_write(t, dev, 1, 5, "end", 3) && p9_read(t, dev, 1, 0, 64, 8, &seen)) {
        expect_same(t, "9P2000 write", seen, wanted, 8);
    }
    p9_unlink(t, dev, name, 0);
}

VIRTIO_TEST(size_can_be_set, .device = VIRTIO_ID_9P, .flags = TEST_WRITES)
{
    P9Request set = p9_ask(dev, P9_TSETATTR, "dddddqqqqq", 1, P9_SETATTR_SIZE, 0, 0, 0,
                           2ull, 0ull, 0ull, 0ull, 0ull);
    const uint8_t *seen;
    char name[TEST_NAME_BYTES];
    test_random_name(t, name);
    if (!p9_session(t, dev) || !p9_create(t, dev, 1, name)) {
        return;
    }
    if (p9_write(t, dev, 1, 0, "end", 3) && expect_reply(t, "9P2000.L setattr", &set) &&
        p9_read(t, dev, 1, 0, 64, 2, &seen)) {
        expect_same(t, "9P2000.L setattr", seen, "en", 2);
    }
    p9_unlink(t, dev, name, 0);
}

VIRTIO_TEST(removed_file_is_gone, .device = VIRTIO_ID_9P, .flags = TEST_WRITES)
{
    char name[TEST_NAME_BYTES];
    test_random_name(t, name);
    P9Request remove = p9_ask(dev, P9_TREMOVE, "d", 1);
    P9Request walk = p9_ask_walk(dev, P9_ROOT, 2, name);
    if (p9_session(t, dev) && p9_create(t, dev, 1, name) &&
        expect_reply(t, "9P2000 remove", &remove)) {
        expect_refusal(t, "9P2000 remove", &walk);
    }
}

VIRTIO_TEST(folder_is_made_and_removed, .device = VIRTIO_ID_9P, .flags = TEST_WRITES)
{
    char name[TEST_NAME_BYTES];
    test_random_name(t, name);
    P9Request make = p9_ask(dev, P9_TMKDIR, "dsdd", P9_ROOT, name, 0755, 0);
    P9Request again = p9_ask(dev, P9_TMKDIR, "dsdd", P9_ROOT, name, 0755, 0);
    P9Request walk = p9_ask_walk(dev, P9_ROOT, 2, name);
    P9Qid qid;
    const char *basis = "9P2000.L mkdir";
    if (p9_session(t, dev) && require_ok(t, p9_run(&make)) &&
        !p9_is_read_only(t, &make) &&
        p9_expect_replied(t, EXPECT_AT(basis, "reply"), &make) &&
        expect_scan(t, basis, &make, "Q", &qid)) {
        expect_eq(t, basis, qid.type & P9_QTDIR, P9_QTDIR);
        expect_refusal(t, basis, &again);
        p9_unlink(t, dev, name, P9_DOTL_AT_REMOVE);
        expect_refusal(t, "9P2000.L unlinkat", &walk);
    }
}

VIRTIO_TEST(folder_with_files_stays, .device = VIRTIO_ID_9P, .flags = TEST_WRITES,
            .why_not = p9_why_unknown)
{
    P9Request remove =
        p9_ask(dev, P9_TUNLINKAT, "dsd", P9_ROOT, "many", P9_DOTL_AT_REMOVE);
    if (p9_session_at(t, dev, "many")) {
        expect_refusal(t, "9P2000.L unlinkat", &remove);
    }
}

VIRTIO_TEST(renamed_file_keeps_its_content, .device = VIRTIO_ID_9P, .flags = TEST_WRITES)
{
    char name[TEST_NAME_BYTES], renamed[TEST_NAME_BYTES];
    test_random_name(t, name);
    test_random_name(t, renamed);
    P9Request rename = p9_ask(dev, P9_TRENAMEAT, "dsds", P9_ROOT, name, P9_ROOT, renamed);
    P9Request old = p9_ask_walk(dev, P9_ROOT, 2, name);
    P9Request new = p9_ask_walk(dev, P9_ROOT, 3, renamed);
    P9Request open = p9_ask(dev, P9_TLOPEN, "dd", 3, P9_O_RDONLY);
    const uint8_t *seen;
    if (p9_session(t, dev) && p9_create(t, dev, 1, name) &&
        p9_write(t, dev, 1, 0, "kept", 4) &&
        expect_reply(t, "9P2000.L renameat", &rename)) {
        expect_refusal(t, "9P2000.L renameat", &old);
        if (expect_reply(t, "9P2000.L renameat", &new) && require_reply(t, &open) &&
            p9_read(t, dev, 3, 0, 64, 4, &seen)) {
            expect_same(t, "9P2000.L renameat", seen, "kept", 4);
        }
        p9_unlink(t, dev, renamed, 0);
    }
}

/* This test runs also without scratch=, because nothing is written. */
VIRTIO_TEST(file_open_for_reading_is_not_written, .device = VIRTIO_ID_9P,
            .why_not = p9_why_unknown)
{
    P9Request write = p9_ask(dev, P9_TWRITE, "dqD", 1, 0ull, 1, "x");
    if (p9_session_open(t, dev, "empty", P9_O_RDONLY)) {
        expect_refusal(t, "9P2000 write", &write);
    }
}
