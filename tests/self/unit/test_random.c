/* SPDX-License-Identifier: MIT */
/* kernel/lib/random.c: published vectors, bounds, and the pattern. */
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

static void matches_published_vectors(void)
{
    /* The stream of seed 1234567, as published with other implementations' tests. */
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u,
                                        9817491932198370423u, 4593380528125082431u,
                                        16408922859458223821u};
    Random r = {1234567};
    bool is_same = true;
    for (unsigned i = 0; i < 5; i++) {
        is_same &= random_next(&r) == expected[i];
    }
    CHECK(is_same, "splitmix64 gives the published stream");
    CHECK_EQ(splitmix64(1234567), expected[0],
             "the pure step is the first of the stream");
    CHECK_EQ(hash_string(""), 0xcbf29ce484222325u, "FNV-1a of nothing");
    CHECK_EQ(hash_string("a"), 0xaf63dc4c8601ec8cu, "FNV-1a of one letter");
    CHECK_EQ(hash_string("foobar"), 0x85944171f73967e8u, "FNV-1a of a word");
}

static void keeps_bounds(void)
{
    Random r = {1};
    bool is_below = true;
    unsigned seen = 0;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t value = random_below(&r, 7);
        is_below &= value < 7;
        seen |= 1u << value;
    }
    CHECK(is_below, "random_below stays below its bound");
    CHECK_EQ(seen, 0x7f, "and reaches every value");
    CHECK_EQ(random_below(&r, 1), 0, "a bound of 1 leaves 0");
}

static void fills_and_checks_patterns(void)
{
    uint8_t data[40];
    bool finds = true;
    uint64_t word;
    pattern_fill(data, sizeof(data), 99);
    memcpy(&word, data + 8, 8);
    CHECK_EQ(word, splitmix64(100), "word w is splitmix64(seed + w)");
    for (size_t bytes = 0; bytes <= sizeof(data); bytes++) {
        memset(data, 0, sizeof(data));
        pattern_fill(data, bytes, 5);
        finds &= bytes == sizeof(data) || data[bytes] == 0;
        finds &= pattern_mismatch(data, bytes, 5) == bytes;
        for (size_t at = 0; at < bytes; at++) {
            data[at] ^= 0x80;
            finds &= pattern_mismatch(data, bytes, 5) == at;
            data[at] ^= 0x80;
        }
    }
    CHECK(finds, "pattern_mismatch names every changed byte at every length");
    CHECK_EQ(pattern_mismatch(data, sizeof(data), 6), 0, "another seed, another pattern");
}

int main(void)
{
    matches_published_vectors();
    keeps_bounds();
    fills_and_checks_patterns();
    return check_done();
}
