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
#include "kernel/cmdline.h"
#include "kernel/glob.h"
#include "kernel/page.h"
#include "kernel/printf.h"
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

/* "ring/avail-index-wraps" */
static size_t format_claim(const VirtioTest *test, char *to, size_t bytes)
{
    size_t claim = append_suite(to, bytes, test->file);
    size_t n = append_text(to, claim, bytes, test->name);

    for (char *c = to + claim; c < to + n; c++) {
        *c = *c == '_' ? '-' : *c;
    }
    return n;
}

void point_format_id(const Point *p, char *to, size_t bytes)
{
    size_t n = format_claim(p->test, to, bytes);

    n = append_text(to, n, bytes, "@");
    n = append_text(to, n, bytes, p->dev->name);
    if (p->test->rings) {
        n = append_text(to, n, bytes, ":");
        append_text(to, n, bytes, p->ring->name);
    }
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
                         const QVirtioRing *ring, unsigned number)
{
    uint8_t mask = test->rings;
    if (!mask) {
        return number == 0; /* any format will do: once, in the plainest */
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

/* The words that choose, looked up once for a walk over the plan. */
typedef struct Choice {
    const char *only, *skip;
    bool has_hostile;
} Choice;

/*
 * Tests that the words rule out by their claim alone, on whatever device: found out once.
 * To look at each of their points would take seconds where an instruction takes a
 * microsecond.
 */
static const bool *ruled_out(const Choice *choice)
{
    static bool *is_out;
    size_t count = tests_end - tests_begin;

    if (is_out) {
        return is_out;
    }
    is_out = page_alloc((count + PAGE_BYTES - 1) / PAGE_BYTES);
    for (size_t i = 0; i < count; i++) {
        char claim[POINT_ID_BYTES];
        format_claim(tests_begin[i], claim, sizeof(claim));
        is_out[i] = (tests_begin[i]->violates && !choice->has_hostile) ||
                    (choice->only && !glob_list_may_begin(choice->only, claim));
    }
    return is_out;
}

static bool is_chosen(const Choice *choice, const Point *p)
{
    char id[POINT_ID_BYTES];

    if (!choice->only && !choice->skip) {
        return true;
    }
    point_format_id(p, id, sizeof(id));
    return (!choice->only || glob_list_match(choice->only, id)) &&
           !(choice->skip && glob_list_match(choice->skip, id));
}

unsigned plan_each(bool (*visit)(const Point *p, unsigned number, void *arg), void *arg)
{
    const Choice choice = {cmdline_get("only"), cmdline_get("skip"),
                           cmdline_get_u64("hostile", 1) != 0};
    const bool *is_out = ruled_out(&choice);
    unsigned number = 0;
    Point p;
    for (unsigned d = 0; (p.dev = qvirtio_device(d)) != NULL; d++) {
        uint8_t bus = test_bus_of(p.dev);
        if (choice.only && !glob_list_may_go_on(choice.only, p.dev->name)) {
            continue;
        }
        for (const VirtioTest *const *at = tests_begin; at < tests_end; at++) {
            p.test = *at;
            if (is_out[at - tests_begin] ||
                (p.test->device && p.test->device != p.dev->device_id) ||
                (p.test->buses && !(p.test->buses & bus)) ||
                (p.test->flags & TEST_VARIANT &&
                 missing_feature(p.dev, p.test->needs) != FEATURES_END)) {
                continue;
            }
            for (unsigned r = 0; (p.ring = qvirtio_ring(r)) != NULL; r++) {
                if (ring_applies(p.test, p.dev, p.ring, r) && is_chosen(&choice, &p) &&
                    !visit(&p, ++number, arg)) {
                    return number;
                }
            }
        }
    }
    return number;
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

const char *point_why_not(const Point *p, char *to, size_t bytes)
{
    uint8_t bit = missing_feature(p->dev, p->ring->features);
    if (bit == FEATURES_END) {
        bit = missing_feature(p->dev, p->test->needs);
    }
    if (bit != FEATURES_END) {
        return why_no_feature(p->dev, bit, to, bytes);
    }
    if (p->test->flags & TEST_WRITES && !qvirtio_may_write_media()) {
        return "the word keep forbids writing to the medium";
    }
    if (p->test->flags & TEST_HOST && !host_listens(p->dev)) {
        return "no host listens";
    }
    if (p->test->flags & TEST_PING) {
        if (!p->dev->driver) {
            return "no driver for this device type";
        }
        const char *why =
            p->dev->driver->why_no_ping ? p->dev->driver->why_no_ping(p->dev) : NULL;
        if (why) {
            return why;
        }
    }
    return p->test->why_not ? p->test->why_not(p->dev) : NULL;
}
