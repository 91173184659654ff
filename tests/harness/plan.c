/* SPDX-License-Identifier: MIT */
/*
 * The plan: every test on every device it applies to, in every ring format it asks for. A
 * pure function of the words and the devices, so that the same words give the same
 * numbers and from= can go on in it.
 *
 * What a test is not about (another device type, another bus, a format its mask leaves
 * out) is not in the plan; what the machine lacks (a feature, a partner) is, and is
 * skipped with the reason.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/printf.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"
#include "tests/harness/harness.h"

extern const VirtioTest *const tests_begin[], *const tests_end[];

static const struct {
    const char *name;
    uint8_t mask;
} bus_masks[] = {
    {"pci", BUS_PCI},   {"pci-legacy", BUS_PCI_LEGACY},   {"mmio", BUS_MMIO},
    {"ccw", BUS_CCW},   {"mmio-legacy", BUS_MMIO_LEGACY}, {"ccw-legacy", BUS_CCW_LEGACY},
    {"soft", BUS_SOFT},
};

uint8_t test_bus_of(const QVirtioDevice *dev)
{
    for (size_t i = 0; i < sizeof(bus_masks) / sizeof(bus_masks[0]); i++) {
        if (strcmp(bus_masks[i].name, dev->bus->name) == 0) {
            return bus_masks[i].mask;
        }
    }
    return 0;
}

/* Thousands of ids are made before anything runs: copied, not printed. */
static size_t append(char *to, size_t n, size_t bytes, const char *from, size_t length)
{
    length = length < bytes - 1 - n ? length : bytes - 1 - n;
    memcpy(to + n, from, length);
    to[n + length] = '\0';
    return n + length;
}

static size_t append_text(char *to, size_t n, size_t bytes, const char *from)
{
    return append(to, n, bytes, from, strlen(from));
}

/* "tests/ring/wrap.c" -> "ring/" */
static size_t append_suite(char *to, size_t bytes, const char *file)
{
    const char *suite = strstr(file, "tests/");
    suite = suite ? suite + strlen("tests/") : file;
    size_t length = 0;
    while (suite[length] && suite[length] != '/' && suite[length] != '.') {
        length++;
    }
    return append_text(to, append(to, 0, bytes, suite, length), bytes, "/");
}

size_t test_format_claim(const VirtioTest *test, char *to, size_t bytes)
{
    size_t claim = append_suite(to, bytes, test->file);
    size_t n = append_text(to, claim, bytes, test->name);

    for (char *c = to + claim; c < to + n; c++) {
        *c = *c == '_' ? '-' : *c;
    }
    return n;
}

static size_t append_place(const QVirtioDevice *dev, const QVirtioRing *ring, char *to,
                           size_t n, size_t bytes)
{
    n = append_text(to, n, bytes, dev->name);
    if (ring) {
        n = append_text(to, n, bytes, ":");
        n = append_text(to, n, bytes, ring->name);
    }
    return n;
}

void device_format_place(const QVirtioDevice *dev, const QVirtioRing *ring, char *to,
                         size_t bytes)
{
    append_place(dev, ring, to, 0, bytes);
}

void point_format_id(const Point *p, char *to, size_t bytes)
{
    size_t n = test_format_claim(p->test, to, bytes);

    n = append_text(to, n, bytes, "@");
    append_place(p->dev, p->test->rings ? p->ring : NULL, to, n, bytes);
}

/* The first bit of the list that is not on offer, or reserved on this bus; or
 * FEATURES_END. */
static uint8_t missing_feature(const QVirtioDevice *dev, const uint8_t *list)
{
    for (; list && *list != FEATURES_END; list++) {
        if (!qvirtio_offers(dev, *list) || qvirtio_reserves(dev, *list)) {
            return *list;
        }
    }
    return FEATURES_END;
}

static bool ring_applies(const VirtioTest *test, const QVirtioDevice *dev,
                         const QVirtioRing *ring)
{
    uint8_t mask = test->rings;
    if (!mask) {
        return true;
    }
    if (ring->is_packed && qvirtio_is_legacy(dev)) {
        return false; /* legacy interfaces only know split rings (6.3) */
    }
    /* One SKIP says that a format is missing, not one for each of its variants. */
    if (ring->is_variant && !(mask & RINGS_IN_ORDER) &&
        missing_feature(dev, ring->features) != FEATURES_END) {
        return false;
    }
    return mask & (ring->is_packed ? RINGS_PACKED : RINGS_SPLIT) &&
           !(mask & RINGS_EVENT && !ring->uses_event) &&
           !(mask & RINGS_NO_EVENT && ring->uses_event) &&
           !(mask & RINGS_IN_ORDER && !ring->is_in_order) &&
           !(mask & RINGS_DIRECT && ring->uses_indirect) &&
           !(mask & RINGS_INDIRECT && !ring->uses_indirect);
}

/* The plan, a few bytes a point: thousands of them are found once, in the order in which
 * they run. */
typedef struct Entry {
    uint16_t test;
    uint8_t device, ring;
} Entry;

#define ENTRIES_A_PAGE (PAGE_BYTES / sizeof(Entry))
#define PLAN_PAGES     64
#define RANKS          7

static Entry *entries[PLAN_PAGES];
static unsigned entry_count;

/* part=K/N. */
static uint64_t part = 1, parts = 1;

bool plan_set_part(const char *text)
{
    char first[24];
    const char *slash = strchr(text, '/');
    if (!slash || !string_copy(first, text, sizeof(first))) {
        return false;
    }
    first[slash - text] = '\0';
    return string_to_u64(first, &part) && string_to_u64(slash + 1, &parts) && part >= 1 &&
           part <= parts;
}

static void add_entry(Entry entry)
{
    unsigned page = entry_count / ENTRIES_A_PAGE;

    assert(page < PLAN_PAGES);
    if (!entries[page]) {
        entries[page] = page_alloc(1);
    }
    entries[page][entry_count++ % ENTRIES_A_PAGE] = entry;
}

/* The points of a test on a device; *chosen counts those of all parts. Where any ring
 * format will do there is one, in the plainest. */
static void add_test(uint16_t test, Point *p, uint8_t device, unsigned *chosen)
{
    const QVirtioRing *plain = p->test->rings ? NULL : qvirtio_plain_ring(p->dev);

    for (unsigned r = 0; (p->ring = qvirtio_ring(r)) != NULL; r++) {
        if ((!plain || p->ring == plain) && ring_applies(p->test, p->dev, p->ring) &&
            choice_has(p, test, r) && (*chosen)++ % parts == part - 1) {
            add_entry((Entry){test, device, (uint8_t)r});
        }
    }
}

QVirtioDevice *plan_device(unsigned n)
{
    unsigned driven = 0;

    while (driven <= n && qvirtio_device(driven)) {
        driven++;
    }
    return driven > n ? qvirtio_device(n) : qvirtio_device_left_out(n - driven);
}

static bool is_planned(const Point *p)
{
    if (p->dev->why_left_out && !(p->test->flags & TEST_OUTSIDE)) {
        return false;
    }
    return !(p->test->flags & TEST_VARIANT) ||
           missing_feature(p->dev, p->test->needs) == FEATURES_END;
}

/* What other claims rest on comes first, so that the first failure of a device is nearest
 * to its cause. */
static unsigned rank(const VirtioTest *test)
{
    static const char *const first[] = {"life/", "bus/",  "config/",
                                        "pci/",  "mmio/", "ccw/"};
    char suite[64];
    append_suite(suite, sizeof(suite), test->file);
    unsigned i = 0;
    while (i < RANKS - 1 && strcmp(first[i], suite) != 0) {
        i++;
    }
    return i;
}

/* The points of a device, in the order in which they run. */
static void add_device(Point *p, uint8_t device, unsigned *chosen)
{
    uint8_t bus = test_bus_of(p->dev);
    size_t count = tests_end - tests_begin;

    for (unsigned r = 0; r < RANKS; r++) {
        for (size_t i = 0; i < count; i++) {
            p->test = tests_begin[i];
            if (choice_may_have(i) &&
                (!p->test->device || p->test->device == p->dev->device_id) &&
                (!p->test->buses || p->test->buses & bus) && rank(p->test) == r &&
                is_planned(p)) {
                add_test((uint16_t)i, p, device, chosen);
            }
        }
    }
}

unsigned plan_make(void)
{
    unsigned chosen = 0;
    Point p;

    assert(tests_end - tests_begin <= UINT16_MAX);
    choice_init();
    for (unsigned d = 0; (p.dev = plan_device(d)) != NULL; d++) {
        assert(d <= UINT8_MAX);
        choice_look_at(p.dev);
        add_device(&p, (uint8_t)d, &chosen);
    }
    return entry_count;
}

Point plan_point(unsigned number)
{
    assert(number >= 1 && number <= entry_count);
    const Entry *e =
        &entries[(number - 1) / ENTRIES_A_PAGE][(number - 1) % ENTRIES_A_PAGE];
    return (Point){.test = tests_begin[e->test],
                   .dev = plan_device(e->device),
                   .ring = qvirtio_ring(e->ring)};
}

static const char *why_no_feature(const QVirtioDevice *dev, uint8_t bit, char *to,
                                  size_t bytes)
{
    const char *name = qvirtio_feature_name(dev, bit);
    if (qvirtio_reserves(dev, bit)) {
        ksnprintf(to, bytes, "VIRTIO_F_%s is reserved on this bus", name ? name : "?");
    } else if (bit >= VIRTIO_F_RESERVED_FIRST && bit <= VIRTIO_F_RESERVED_LAST) {
        ksnprintf(to, bytes, "VIRTIO_F_%s not offered", name ? name : "?");
    } else {
        ksnprintf(to, bytes, "feature %s (bit %u) not offered", name ? name : "?", bit);
    }
    return to;
}

/* Does the test do more than read? Of a type whose requests are seen outside each does,
 * unless it says that it does not; what suites for every device send is the driver's
 * ping, which says so itself. */
static bool is_written_to(const Point *p)
{
    const QVirtioDriver *driver = p->dev->driver;
    bool is_outward = driver && driver->is_outward && p->test->device;

    return p->test->flags & TEST_WRITES || (is_outward && !(p->test->flags & TEST_READS));
}

const char *point_why_not(const Point *p, char *to, size_t bytes)
{
    if (!p->ring->is_packed && qvirtio_is_packed_only(p->dev)) {
        return "the device has packed virtqueues only (it accepts no features without "
               "RING_PACKED)";
    }
    uint8_t bit = missing_feature(p->dev, p->ring->features);
    if (bit == FEATURES_END) {
        bit = missing_feature(p->dev, p->test->needs);
    }
    if (bit != FEATURES_END) {
        return why_no_feature(p->dev, bit, to, bytes);
    }
    if (is_written_to(p) && !qvirtio_is_scratch(p->dev)) {
        return qvirtio_why_not_scratch(p->dev);
    }
    if (p->test->flags & TEST_HAND && !hand_listens(p->dev)) {
        return "nobody acts when asked; pass host and answer on the serial line "
               "(run-tests does)";
    }
    if (p->test->flags & TEST_PING) {
        const char *why = qvirtio_why_no_ping(p->dev);
        if (why) {
            return why;
        }
    }
    return p->test->why_not ? p->test->why_not(p->dev) : NULL;
}
