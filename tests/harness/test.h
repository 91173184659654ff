/* SPDX-License-Identifier: MIT */
/*
 * How to write a test. A test is one claim in the present tense. The harness multiplies
 * it by every device, bus and ring format that it applies to, and prints each as
 * suite/claim@bus.device.index[:ring]. The suite is the file's folder.
 *
 *     VIRTIO_TEST(read_only_refuses_write, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
 *                 .needs = FEATURES(VIRTIO_BLK_F_RO))
 *     {
 *         uint8_t status = blk_write_pattern(t, dev, 0, 1);
 *         expect_eq(t, "dev:5.2.6.2-3a", status, VIRTIO_BLK_S_IOERR);
 *     }
 *
 * Before the body runs, the device is reset and the arena is fresh. Unless the test says
 * TEST_RAW the device is started: VERSION_1, the format's features and .needs are
 * negotiated, all queues are open in the point's format, interrupts are routed, DRIVER_OK
 * is set, and pings work. After it the device is closed and reset, and memory that was
 * not lent is compared. A test has nothing to tear down.
 *
 * An assertion returns whether it held, so the reader sees where a test ends:
 * if (!require_ok(t, err)) { return; }. The second argument of expect_*() is its basis:
 * what makes it right. It is one of
 * - the id of a clause ("dev:2.7.8.2-1"), which is proven by an assertion that was
 *   executed and held;
 * - a standard that the device claims to speak, and its section ("SPC-4 6.6.2"); a
 *   sentence of virtio 1.4 outside its requirement boxes is "virtio 5.2.6". The names are
 *   in tests/standards.tsv;
 * - SAFETY: the device lives, keeps out of memory that it was not lent, and works after a
 *   reset.
 * What has no basis is no verdict on the device: require_*() asks for what a test needs
 * before it can judge. Where that does not hold because of a fault that another point has
 * reported already, the point is a SKIP that names that point.
 */
#ifndef HARNESS_TEST_H
#define HARNESS_TEST_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/scratch.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

typedef struct Test Test;

typedef enum {
    /* The device is only reset, not started. */
    TEST_RAW = 1,
    /* The test sends pings: it is skipped where the device has none. */
    TEST_PING = 2,
    /* The device is started with INTx in place of MSI-X. */
    TEST_IRQ_INTX = 4,
    /* The test writes to, sends by or shows on what is behind the device: it is skipped
     * unless scratch= names the device (drivers/virtio/scratch.h). */
    TEST_WRITES = 8,
    /* On a device whose requests go to somebody outside (QVirtioDriver.is_outward): this
     * test only reads, and runs without scratch= too. */
    TEST_READS = 16,
    /* The test asks the hand to act (hand.h): it is skipped where nobody acts. */
    TEST_HAND = 32,
    /* The test is in the plan only where the device offers what it needs. Elsewhere the
     * SKIP of one test of the suite speaks for all of this kind. */
    TEST_VARIANT = 64,
    /* The test looks at what is outside of the device (configuration space) and asks the
     * device for nothing: it also runs, alone, on devices that cannot be driven
     * (qvirtio_device_left_out). */
    TEST_OUTSIDE = 128,
} TestFlags;

/* The longest chain of which a test outside the suite `ring` may ask that it is served:
 * devices "MAY have a reasonable limit" (2.7.4.1), and the text names none. */
#define TEST_CHAIN_MOST 32

/* Masks of buses by kind; 0 means all of them. */
typedef enum {
    BUS_PCI = 1,
    BUS_PCI_LEGACY = 2,
    BUS_MMIO = 4,
    BUS_MMIO_LEGACY = 8,
    BUS_CCW = 16,
    BUS_CCW_LEGACY = 32,
    BUS_SOFT = 64,
    BUS_MODERN = BUS_PCI | BUS_MMIO | BUS_CCW | BUS_SOFT,
} TestBuses;

/* Masks of ring formats. 0: the test does not depend on the format, runs in plain split,
 * and its id names no format. */
typedef enum {
    RINGS_NONE = 0,
    /* Every split format; every packed one. */
    RINGS_SPLIT = 1,
    RINGS_PACKED = 2,
    /* These restrict the above: to formats with event index, without it, ... */
    RINGS_EVENT = 4,
    RINGS_NO_EVENT = 8,
    /* ... without indirect tables, with them, ... */
    RINGS_DIRECT = 16,
    RINGS_INDIRECT = 32,
    /* ... and to those with in-order use. */
    RINGS_IN_ORDER = 64,
    RINGS_ALL = RINGS_SPLIT | RINGS_PACKED,
} TestRings;

typedef struct VirtioTest {
    const char *name;
    /* The folder below tests/ is the suite. */
    const char *file;
    /* Of a hostile test: the section of the rule for drivers that it breaks. NULL: the
     * test keeps all rules. */
    const char *violates;
    /* The device type; 0 means every device. */
    uint16_t device;
    /* TestBuses, TestRings and TestFlags. */
    uint8_t buses, rings, flags;
    /* FEATURES(...) that must be offered, and are negotiated. */
    const uint8_t *needs;
    /* FEATURES(...) that are negotiated where they are offered. */
    const uint8_t *wants;
    /* Returns NULL when the test can run, else the text of its SKIP. The device is reset
     * when this is asked. May be NULL. */
    const char *(*why_not)(QVirtioDevice *dev);
    void (*run)(Test *t, QVirtioDevice *dev);
} VirtioTest;

/* The suite is part of a test's symbol, so that two suites may make the same claim: the
 * makefile defines TEST_SUITE, the name of the file's folder. */
#define VIRTIO_TEST(id, ...)           VIRTIO_TEST_OF(TEST_SUITE, id, __VA_ARGS__)
#define VIRTIO_TEST_OF(suite, id, ...) VIRTIO_TEST_AS(suite##_##id, id, __VA_ARGS__)
#define VIRTIO_TEST_AS(symbol, id, ...)                                        \
    static void id(Test *t, QVirtioDevice *dev);                               \
    extern const VirtioTest virtio_test_##symbol;                              \
    const VirtioTest virtio_test_##symbol = {                                  \
        .name = #id, .file = __FILE__, .run = id, __VA_ARGS__};                \
    static const VirtioTest *const virtio_test_at_##symbol                     \
        __attribute__((used, section(".tests." #id))) = &virtio_test_##symbol; \
    static void id(Test *t, QVirtioDevice *dev)

/* The running point. */
struct Test {
    const VirtioTest *test;
    QVirtioDevice *dev;
    /* The point's ring format; never NULL. */
    const QVirtioRing *ring;
    /* Seeded by the seed xor the id's hash. */
    Random random;
    const char *id;

    /* ---- Private to the harness ---- */
    /* An assertion that is no SHOULD did not hold. */
    bool has_failed;
    /* A SHOULD did not hold. */
    bool has_warned;
    bool is_skipped;
    uint32_t assertions;
    /* Actions of the hand that are to be undone. */
    uint32_t hand_acts;
};

/* Ends the test with a SKIP for the exact reason given; the caller returns behind it. Not
 * for use behind a failed assertion. */
void test_skip(Test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints a "# ..." line for the reader of a failure. Not for the progress of every run: a
 * line costs time. */
void test_note(Test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Starts the device in a TEST_RAW test with these features, the test's .needs and .wants,
 * in the point's format. Returns false when that fails, which is reported. */
bool test_start(Test *t, QVirtioDevice *dev, const uint8_t *features);

/* Where an assertion stands and what it says. The macros below make it; it is constant.
 */
typedef struct ExpectText {
    const char *file;
    /* The source text of what was seen. */
    const char *what;
    /* Of a comparison: the source text of what was expected. */
    const char *expected;
    int line;
    /* Of a comparison: '=' equal, '!' other, '<' at most, '>' at least. */
    char relation;
} ExpectText;

typedef struct ExpectAt {
    const ExpectText *text;
    /* What makes the assertion right, as said at the head of this file, or BASIS_NONE. It
     * may be chosen at run time. */
    const char *basis;
} ExpectAt;

/* The basis of what a device owes whatever its driver does. */
#define SAFETY "safety"
/* No basis: for the require_*() of a suite's own assertions, and where a clause binds
 * only some devices of a test. */
#define BASIS_NONE ((const char *)"")
/* Refuses NULL at build time. */
#define BASIS(basis) _Generic((basis), char * : (basis), const char * : (basis))

#define EXPECT_TEXT(sign, what, expected)                                          \
    ({                                                                             \
        static const ExpectText expect_text = {__FILE__, what, expected, __LINE__, \
                                               sign};                              \
        &expect_text;                                                              \
    })
#define EXPECT_AT(basis, what) \
    (&(const ExpectAt){EXPECT_TEXT(0, what, NULL), BASIS(basis)})
#define EXPECT_COMPARE(t, basis, sign, seen, expected)                                   \
    expect_compare(t,                                                                    \
                   &(const ExpectAt){EXPECT_TEXT(sign, #seen, #expected), BASIS(basis)}, \
                   (uint64_t)(seen), (uint64_t)(expected))

/* Compare what was seen, always first, with what was expected: equal, other, at most, at
 * least. Both are unsigned 64-bit values. */
#define expect_eq(t, basis, seen, expected) EXPECT_COMPARE(t, basis, '=', seen, expected)
#define expect_ne(t, basis, seen, expected) EXPECT_COMPARE(t, basis, '!', seen, expected)
#define expect_le(t, basis, seen, most)     EXPECT_COMPARE(t, basis, '<', seen, most)
#define expect_ge(t, basis, seen, least)    EXPECT_COMPARE(t, basis, '>', seen, least)
#define require_eq(t, seen, expected)       expect_eq(t, BASIS_NONE, seen, expected)
#define require_ne(t, seen, expected)       expect_ne(t, BASIS_NONE, seen, expected)
#define require_le(t, seen, most)           expect_le(t, BASIS_NONE, seen, most)
#define require_ge(t, seen, least)          expect_ge(t, BASIS_NONE, seen, least)
bool expect_compare(Test *t, const ExpectAt *at, uint64_t seen, uint64_t expected);

/* A condition, with what was expected in words, and a format and values of what was seen.
 */
#define expect_that(t, basis, condition, expected, ...) \
    expect_condition(t, EXPECT_AT(basis, NULL), condition, expected, __VA_ARGS__)
#define require_that(t, condition, expected, ...) \
    expect_that(t, BASIS_NONE, condition, expected, __VA_ARGS__)
bool expect_condition(Test *t, const ExpectAt *at, bool condition, const char *expected,
                      const char *seen_format, ...) __attribute__((format(printf, 5, 6)));

/* Compares bytes; a failure names the first offset that differs. */
#define expect_same(t, basis, seen, expected, bytes) \
    expect_bytes(t, EXPECT_AT(basis, #seen), seen, expected, bytes, #expected)
#define require_same(t, seen, expected, bytes) \
    expect_same(t, BASIS_NONE, seen, expected, bytes)
bool expect_bytes(Test *t, const ExpectAt *at, const void *seen, const void *expected,
                  size_t bytes, const char *expected_text);

/* A call returned 0. -QVIRTIO_TIMEOUT makes the outcome "timeout" and names the wait;
 * -QVIRTIO_NO_MEMORY, -NO_SPACE and -RANGE make it "error": they are our own mistakes. */
#define expect_ok(t, basis, err) expect_success(t, EXPECT_AT(basis, #err), err)
#define require_ok(t, err)       expect_ok(t, BASIS_NONE, err)
bool expect_success(Test *t, const ExpectAt *at, int err);

/* A used length counts bytes that were written, so it is `most` at the most: 2.7.8.2 and
 * 2.8.4. It may be less ("len is permitted to be an underestimate"), and over a legacy
 * interface it says nothing. */
#define expect_used_len(t, len, most) \
    expect_used_len_at(t, EXPECT_TEXT('<', #len, #most), len, most)
bool expect_used_len_at(Test *t, const ExpectText *text, uint32_t len, uint32_t most);

/* For checks that return NULL when all is right, else what is wrong (ping_check). */
#define expect_fine(t, basis, wrong) expect_no_fault(t, EXPECT_AT(basis, #wrong), wrong)
#define require_fine(t, wrong)       expect_fine(t, BASIS_NONE, wrong)
bool expect_no_fault(Test *t, const ExpectAt *at, const char *wrong);

/* Sends one ping, which must come back with the right answer: the proof that the device
 * works. With a basis, a ping that fails is held against that basis only where the device
 * serves a ping when nothing is done to it (see suspect.c). */
#define expect_ping(t, basis, dev, number) \
    expect_ping_at(t, EXPECT_AT(basis, "ping"), dev, number)
#define require_ping(t, dev, number) expect_ping(t, BASIS_NONE, dev, number)
bool expect_ping_at(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t number);

/*
 * For hostile tests: gives the device time to look at what was done, resets it, starts it
 * again, and sends a ping. Memory that was not lent is compared after each test anyway.
 */
#define expect_survives(t, dev) \
    expect_survival(t, EXPECT_AT(SAFETY, "device after reset"), dev)
bool expect_survival(Test *t, const ExpectAt *at, QVirtioDevice *dev);

/* Returns the BUS_* of the device. */
uint8_t test_bus_of(const QVirtioDevice *dev);

/* What makes one claim right on each bus; NULL where nothing of that bus says it, which
 * `otherwise` stands for then. The channel I/O of both kinds of devices is one. */
typedef struct BusBases {
    const char *pci, *pci_legacy, *mmio, *mmio_legacy, *ccw, *otherwise;
} BusBases;
/* Returns the one for the bus of the device. */
const char *test_basis_on(const QVirtioDevice *dev, const BusBases *bases);
/* Returns what makes it right that bytes up to the used length were written: 2.7.8.2 on
 * split rings, 2.8.4 on packed ones. */
const char *test_written_basis(const Test *t);

/*
 * Tells the runner what it must find in the image when the VM is gone: sectors that hold
 * words splitmix64(seed + sector * 64 + w). Prints "# wrote blk.0 sector S count N seed
 * 0x..".
 */
void test_announce_write(const QVirtioDevice *dev, uint64_t sector, uint64_t count,
                         uint64_t seed);
/* The same for a file of a shared folder, whose word w is splitmix64(seed + w). Prints
 * "# wrote 9p.0 file NAME bytes N seed 0x..". */
void test_announce_file(const QVirtioDevice *dev, const char *name, uint64_t bytes,
                        uint64_t seed);
/* The same for the disk at a target and LUN of a SCSI host. */
void test_announce_unit_write(const QVirtioDevice *dev, unsigned target, unsigned lun,
                              uint64_t sector, uint64_t count, uint64_t seed);

#endif
