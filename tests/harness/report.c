/* SPDX-License-Identifier: MIT */
/*
 * The lines of one point: "ok", "not ok" with its YAML block, "# SKIP", "# TODO SHOULD".
 * Strings that hold anything a device may have chosen are quoted and escaped, so that a
 * reader's YAML parser never stumbles.
 */
#include "drivers/virtio/bus.h"
#include "kernel/lib/printf.h"
#include "tests/harness/harness.h"

#define TEXT_BYTES 160
#define SKIP_BYTES 320
#define ALSO_MOST  4
#define BLAME_MOST 32

static const char *const outcome_names[] = {[OUTCOME_FAILED] = "failed",
                                            [OUTCOME_TIMEOUT] = "timeout",
                                            [OUTCOME_ERROR] = "error"};

static struct Report {
    bool is_set;
    bool is_should;
    Outcome outcome;
    BasisKind kind;
    const char *basis, *file;
    const char *also[ALSO_MOST]; /* clauses of the failures after the first */
    int line;
    /* The failures that are held against clauses. */
    ExpectAt blames[BLAME_MOST];
    unsigned blame_count;
    unsigned failures;
    char expected[TEXT_BYTES], seen[TEXT_BYTES];
    char device[TEXT_BYTES];
    char skip_reason[SKIP_BYTES];
} report;

void report_reset(void)
{
    report.is_set = false;
    report.failures = report.blame_count = 0;
    memset(report.also, 0, sizeof(report.also));
    report.skip_reason[0] = '\0';
}

void test_skip(Test *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kvsnprintf(report.skip_reason, sizeof(report.skip_reason), format, args);
    va_end(args);
    t->is_skipped = true;
}

void test_note(Test *t, const char *format, ...)
{
    va_list args;
    (void)t;
    kprintf("# ");
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
    kprintf("\n");
}

/* "status 0x0f, queue 0: avail 17 used 17 size 256 free 256": now, while it still tells
 * something. */
static void describe_device(QVirtioDevice *dev, char *to, size_t bytes)
{
    uint8_t status = 0;
    if (dev->why_left_out) {
        ksnprintf(to, bytes, "left out: %s", dev->why_left_out);
        return;
    }
    int err = dev->bus->get_status(dev, &status);
    size_t n = err ? ksnprintf(to, bytes, "status unreadable")
                   : ksnprintf(to, bytes, "status 0x%02x", status);
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES && n + 2 < bytes; i++) {
        if (dev->vq[i] && (dev->vq[i]->avail_idx || dev->vq[i]->broken)) {
            n += ksnprintf(to + n, bytes - n, ", ");
            qvirtqueue_format(dev->vq[i], to + n, bytes - n);
            n += strlen(to + n);
        }
    }
}

/* Another clause that was found broken, each once. */
static void add_clause(const char *clause)
{
    for (unsigned i = 0; clause && i < ALSO_MOST; i++) {
        if (!report.also[i]) {
            report.also[i] = clause;
        }
        if (strcmp(report.also[i], clause) == 0) {
            return;
        }
    }
}

static void print_also(void)
{
    kprintf(report.also[0] ? "  also:" : "");
    for (unsigned i = 0; i < ALSO_MOST && report.also[i]; i++) {
        kprintf(" %s", report.also[i]);
    }
    kprintf(report.also[0] ? "\n" : "");
}

/* The first failure is the one that counts, but a broken MUST outranks a SHOULD. */
static bool is_outranked(const ExpectAt *at, BasisKind kind, bool is_should)
{
    if (report.is_set && (is_should || !report.is_should)) {
        add_clause(kind == BASIS_OF_CLAUSE ? at->basis : NULL);
        return true;
    }
    if (report.is_set) {
        add_clause(report.basis);
    }
    return false;
}

void report_failure(Test *t, const ExpectAt *at, Outcome outcome, const char *expected,
                    const char *seen)
{
    BasisKind kind =
        outcome == OUTCOME_ERROR ? BASIS_OF_NOTHING : basis_kind(t, at->basis);
    bool is_should = kind != BASIS_OF_NOTHING && clause_is_should(at->basis);

    report.failures++;
    if (is_should) {
        t->has_warned = true;
    } else {
        t->has_failed = true;
    }
    if (kind == BASIS_OF_CLAUSE && report.blame_count < BLAME_MOST) {
        report.blames[report.blame_count++] = *at;
    }
    if (is_outranked(at, kind, is_should)) {
        return;
    }
    report.is_set = true;
    report.is_should = is_should;
    report.outcome = outcome;
    report.kind = kind;
    report.basis = at->basis;
    report.file = at->text->file;
    report.line = at->text->line;
    string_copy(report.expected, expected, sizeof(report.expected));
    string_copy(report.seen, seen, sizeof(report.seen));
    describe_device(t->dev, report.device, sizeof(report.device));
}

bool report_blames_clause(void)
{
    return report.is_set && report.kind == BASIS_OF_CLAUSE;
}

void report_demote(Test *t)
{
    report.kind = BASIS_OF_NOTHING;
    report.is_should = false;
    report.blame_count = 0;
    memset(report.also, 0, sizeof(report.also));
    t->has_failed = true;
}

/* A failed precondition is no failure where the device has one already. */
static void settle_precondition(Test *t)
{
    const char *see = standing_find(t->dev, report.seen);
    if (see) {
        t->has_failed = false;
        test_skip(t, "blocked: %s, see %s", report.seen, see);
    }
}

void report_settle(Test *t)
{
    for (unsigned i = 0; i < report.blame_count; i++) {
        clause_record(&report.blames[i], false);
    }
    if (!t->has_failed || report.outcome == OUTCOME_ERROR) {
        return;
    }
    if (report.kind == BASIS_OF_NOTHING) {
        settle_precondition(t);
    }
    if (t->has_failed) {
        standing_add(t->dev, t->id, report.seen);
    }
}

static void print_escaped(const char *text, bool is_quoted)
{
    for (; *text; text++) {
        unsigned char c = *text;
        if (is_quoted && (c == '"' || c == '\\')) {
            kprintf("\\%c", c);
        } else if (c < 0x20 || c > 0x7e) {
            kprintf("\\x%02x", c);
        } else {
            kprintf("%c", c);
        }
    }
}

static void print_quoted(const char *key, const char *text)
{
    kprintf("  %s: \"", key);
    print_escaped(text, true);
    kprintf("\"\n");
}

static void print_ring_line(const char *text)
{
    kprintf("    - \"%s\"\n", text);
}

static void print_basis(void)
{
    switch (report.kind) {
    case BASIS_OF_NOTHING:
        kprintf("  basis: precondition\n");
        break;
    case BASIS_OF_CLAUSE:
        kprintf("  basis: %s\n  clause: %s\n  level: %s\n", report.basis, report.basis,
                report.is_should ? "SHOULD" : "MUST");
        break;
    case BASIS_OF_LEGACY:
        kprintf("  basis: virtio 0.9.5 (%s)\n", report.basis);
        break;
    case BASIS_OF_OTHER:
        kprintf("  basis: %s\n", report.basis);
        break;
    }
}

static void print_yaml(const Test *t)
{
    kprintf("  ---\n  outcome: %s\n", outcome_names[report.outcome]);
    print_basis();
    kprintf("  at: %s:%d\n", report.file, report.line);
    print_quoted("expected", report.expected);
    print_quoted("seen", report.seen);
    print_quoted("device", report.device);
    if (t->test->violates) {
        kprintf("  violates: \"%s\"\n", t->test->violates);
    }
    if (report.failures > 1) {
        kprintf("  more: %u further expectations failed\n", report.failures - 1);
    }
    print_also();
    kprintf("  ring:\n");
    qvring_trace_each(print_ring_line);
    kprintf("  ...\n");
}

void report_print(const Test *t, unsigned number)
{
    if (t->has_failed) {
        kprintf("not ok %u - %s\n", number, t->id);
        print_yaml(t);
    } else if (t->has_warned) {
        kprintf("not ok %u - %s # TODO SHOULD %s\n", number, t->id, report.basis);
        print_yaml(t);
    } else if (t->is_skipped) {
        kprintf("ok %u - %s # SKIP ", number, t->id);
        print_escaped(report.skip_reason, false);
        kprintf("\n");
    } else {
        kprintf("ok %u - %s\n", number, t->id);
    }
}
