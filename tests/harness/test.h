/* SPDX-License-Identifier: MIT */
/*
 * How to write a test. A test is one claim in the present tense; the harness multiplies
 * it by every device, bus and ring format it applies to and prints it as
 * suite/claim@bus.device.index[:ring]. The suite is the file's folder.
 *
 *     VIRTIO_TEST(read_only_refuses_write, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
 *                 .needs = FEATURES(VIRTIO_BLK_F_RO))
 *     {
 *         uint8_t status = blk_write_pattern(t, dev, 0, 1);
 *         expect_eq(t, "dev:5.2.6.2-3a", status, VIRTIO_BLK_S_IOERR);
 *     }
 *
 * Before run() the device is reset, the arena fresh and, unless TEST_RAW is given, the
 * device started: VERSION_1, the format's bits and .needs negotiated, all queues open in
 * the point's format, interrupts bound, DRIVER_OK set, the driver opened (t->dev's ping
 * works). After it the device is closed and reset, canaries and descriptor tables are
 * checked. Nothing to tear down.
 *
 * An assertion returns whether it held, so control flow stays in sight: if (!expect_ok(t,
 * NULL, err)) { return; }. The second argument is the catalogue id that it proves, or
 * NULL; only executed assertions count as proof.
 */
#ifndef HARNESS_TEST_H
#define HARNESS_TEST_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

typedef struct Test Test;

typedef enum {
    TEST_RAW = 1,      /* the device is only reset, not started */
    TEST_PING = 2,     /* uses the driver's ping: skipped where there is none */
    TEST_IRQ_INTX = 4, /* the device is started with INTx instead of MSI-X */
    TEST_WRITES = 8,   /* writes to a medium that outlives the VM: skipped under keep */
    TEST_VARIANT = 64, /* planned only where the device offers what it needs: another
                          test of the suite says SKIP for all of its kind */
    TEST_HAND = 32,    /* asks the host to act (host.h): skipped where none listens */
} TestFlags;

/* Masks of buses by kind; 0: all. */
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

/* Ring formats; 0: the test does not depend on the format and its id carries none (split
 * is used). */
typedef enum {
    RINGS_NONE = 0,
    RINGS_SPLIT = 1,     /* every split format */
    RINGS_PACKED = 2,    /* every packed format */
    RINGS_EVENT = 4,     /* restricts the above to formats with event index */
    RINGS_NO_EVENT = 8,  /* ... without */
    RINGS_DIRECT = 16,   /* ... without indirect tables */
    RINGS_INDIRECT = 32, /* ... with */
    RINGS_IN_ORDER = 64, /* ... to formats with in-order use */
    RINGS_ALL = RINGS_SPLIT | RINGS_PACKED,
} TestRings;

typedef struct VirtioTest {
    const char *name;
    const char *file;     /* the folder below tests/ is the suite */
    const char *violates; /* hostile: section of the driver rule that is broken; NULL:
                             keeps all */
    uint16_t device;      /* virtio type; 0: every device */
    uint8_t buses, rings, flags;
    const uint8_t *needs; /* FEATURES(...): must be offered, and are negotiated */
    const uint8_t *wants; /* FEATURES(...): negotiated where offered */
    const char *(*why_not)(
        QVirtioDevice *dev); /* reason for a SKIP, or NULL to run; dev is reset */
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
    const QVirtioRing *ring; /* format of this point; never NULL */
    Random random;           /* seeded by seed xor hash(id) */
    const char *id;
    /* Private to the harness from here on. */
    bool has_failed; /* a MUST or a clause-less expectation */
    bool has_warned; /* a SHOULD */
    bool is_skipped;
    uint32_t assertions;
    uint32_t hand_acts; /* of the host that are to be undone */
};

/* The rest of the test is not applicable, for the exact reason given; return after it.
 * Not after a failed expectation. */
void test_skip(Test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A "# ..." line: for what a reader of a failure will want. Not for progress of every
 * run: lines cost time. */
void test_note(Test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Start and stop the device by hand in a TEST_RAW test, with the point's ring: needs and
 * wants are added. False: reported. */
bool test_start(Test *t, QVirtioDevice *dev, const uint8_t *features);

/*
 * Where an assertion stands and what it says, made by the macros. The text is constant;
 * the clause may be chosen at run time (NULL on a legacy interface, for instance).
 */
typedef struct ExpectText {
    const char *file;
    const char *what;     /* source text of what was seen */
    const char *expected; /* of a comparison: source text of what was expected */
    int line;
    char relation; /* of a comparison: '=' '!' '<' (at most) '>' (at least) */
} ExpectText;

typedef struct ExpectAt {
    const ExpectText *text;
    const char *clause; /* catalogue id or NULL */
} ExpectAt;

#define EXPECT_TEXT(sign, what, expected)                                          \
    ({                                                                             \
        static const ExpectText expect_text = {__FILE__, what, expected, __LINE__, \
                                               sign};                              \
        &expect_text;                                                              \
    })
#define EXPECT_AT(clause, what) (&(const ExpectAt){EXPECT_TEXT(0, what, NULL), clause})
#define EXPECT_COMPARE(t, clause, sign, seen, expected)                               \
    expect_compare(t, &(const ExpectAt){EXPECT_TEXT(sign, #seen, #expected), clause}, \
                   (uint64_t)(seen), (uint64_t)(expected))

/* seen == expected; and the other relations: seen is always first. Unsigned 64-bit. */
#define expect_eq(t, clause, seen, expected) \
    EXPECT_COMPARE(t, clause, '=', seen, expected)
#define expect_ne(t, clause, seen, expected) \
    EXPECT_COMPARE(t, clause, '!', seen, expected)
#define expect_le(t, clause, seen, most)  EXPECT_COMPARE(t, clause, '<', seen, most)
#define expect_ge(t, clause, seen, least) EXPECT_COMPARE(t, clause, '>', seen, least)
bool expect_compare(Test *t, const ExpectAt *at, uint64_t seen, uint64_t expected);

/* A condition, with what was expected in words and a printf of what was seen. */
#define expect_that(t, clause, condition, expected, ...) \
    expect_condition(t, EXPECT_AT(clause, NULL), condition, expected, __VA_ARGS__)
bool expect_condition(Test *t, const ExpectAt *at, bool condition, const char *expected,
                      const char *seen_format, ...) __attribute__((format(printf, 5, 6)));

/* Equal bytes; a failure names the first offset that differs. */
#define expect_same(t, clause, seen, expected, bytes) \
    expect_bytes(t, EXPECT_AT(clause, #seen), seen, expected, bytes, #expected)
bool expect_bytes(Test *t, const ExpectAt *at, const void *seen, const void *expected,
                  size_t bytes, const char *expected_text);

/* err is 0. -QVIRTIO_TIMEOUT makes the outcome "timeout" and names the wait, -NO_MEMORY
 * and -RANGE make it "error". */
#define expect_ok(t, clause, err) expect_success(t, EXPECT_AT(clause, #err), err)
bool expect_success(Test *t, const ExpectAt *at, int err);

/* NULL means fine: for checks that return what is wrong (ping_check). */
#define expect_fine(t, clause, wrong) expect_no_fault(t, EXPECT_AT(clause, #wrong), wrong)
bool expect_no_fault(Test *t, const ExpectAt *at, const char *wrong);

/* One ping goes through: submit, used length within its bounds, answer right. The proof
 * that the device works. */
#define expect_ping(t, clause, dev, number) \
    expect_ping_at(t, EXPECT_AT(clause, "ping"), dev, number)
bool expect_ping_at(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t number);

/*
 * For hostile tests: bounded quiet, reset, start again, ping passes. Canaries and kernel
 * text are checked by the harness after the test anyway.
 */
#define expect_survives(t, dev) \
    expect_survival(t, EXPECT_AT(NULL, "device after reset"), dev)
bool expect_survival(Test *t, const ExpectAt *at, QVirtioDevice *dev);

/* Which BUS_* the device is on. */
uint8_t test_bus_of(const QVirtioDevice *dev);

/*
 * What the runner checks in the image after the VM is gone: sectors now hold the pattern
 * words splitmix64(seed + sector * 64 + w). Prints
 * "# wrote blk.0 sector S count N seed 0x..".
 */
void test_announce_write(const QVirtioDevice *dev, uint64_t sector, uint64_t count,
                         uint64_t seed);
/* And in a shared folder: word w of the file is splitmix64(seed + w). Prints
 * "# wrote 9p.0 file NAME bytes N seed 0x..". */
void test_announce_file(const QVirtioDevice *dev, const char *name, uint64_t bytes,
                        uint64_t seed);
/* The same of the disk at a target and lun of a SCSI host. */
void test_announce_unit_write(const QVirtioDevice *dev, unsigned target, unsigned lun,
                              uint64_t sector, uint64_t count, uint64_t seed);

#endif
