/* SPDX-License-Identifier: MIT */
/*
 * The program: checks the words, finds the devices, prints the plan, runs it, and prints
 * the verdict. docs/PROTOCOL.md explains each line that is printed here.
 */
#include "kernel/main.h"
#include "drivers/virtio/truths.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include "tests/harness/harness.h"

/* know=: each item is a truth. The value given last is one of several. */
static bool check_know(const char *value, char *why, size_t bytes)
{
    const char *item = qvirtio_truth_fault();
    (void)value;
    if (item) {
        ksnprintf(why, bytes, "know=: '%s' is not device.index.field=value", item);
    }
    return !item;
}

static bool check_part(const char *value, char *why, size_t bytes)
{
    bool is_part = plan_set_part(value);
    if (!is_part) {
        ksnprintf(why, bytes, "part=%s is not K/N with K from 1 to N", value);
    }
    return is_part;
}

CMDLINE_WORDS(harness_words, CMDLINE_WORD("only", CMDLINE_TEXT),
              CMDLINE_WORD("skip", CMDLINE_TEXT), CMDLINE_WORD("from", CMDLINE_COUNT),
              CMDLINE_WORD("part", CMDLINE_TEXT, .check = check_part),
              CMDLINE_WORD("list", CMDLINE_FLAG), CMDLINE_WORD("hostile", CMDLINE_NUMBER),
              CMDLINE_WORD("know", CMDLINE_TEXT, .check = check_know),
              CMDLINE_WORD("seed", CMDLINE_NUMBER),
              CMDLINE_WORD("timeout_ms", CMDLINE_COUNT),
              CMDLINE_WORD("repeat", CMDLINE_COUNT), CMDLINE_WORD("stop", CMDLINE_FLAG),
              CMDLINE_WORD("host", CMDLINE_FLAG), CMDLINE_WORD("panic", CMDLINE_TEXT),
              CMDLINE_WORD("bench", CMDLINE_FLAG),
              CMDLINE_WORD("virtio_mmio.device", CMDLINE_ANY));

extern const CmdlineWord *const words_begin[], *const words_end[];

static void print_note(const char *text)
{
    kprintf("# %s\n", text);
}

static void note_ignored(const char *word)
{
    kprintf("# ignored: %s\n", word);
}

/* The last line of a run that could not be one. */
static ExitCode bail_out(const char *reason, ExitCode code)
{
    kprintf("Bail out! %s\n", reason);
    return code;
}

static void print_device(QVirtioDevice *d, void *arg)
{
    char features[512];
    (void)arg;
    qvirtio_features_format(d, &d->offered, features, sizeof(features));
    kprintf("# %s %s %s, features%s\n", d->name, d->where,
            qvirtio_is_legacy(d) ? "legacy" : "modern", features);
}

static void list_plan(unsigned points)
{
    char id[POINT_ID_BYTES];

    for (unsigned number = 1; number <= points; number++) {
        Point p = plan_point(number);
        point_format_id(&p, id, sizeof(id));
        kprintf("# plan %u %s\n", number, id);
    }
    kprintf("1..0 # SKIP list\n");
}

static ExitCode run_plan(unsigned points)
{
    Totals totals = {0};
    uint64_t from = cmdline_get_u64("from", 1);
    uint64_t times = cmdline_get_u64("repeat", 1);

    kprintf("1..%u\n", points);
    if (from > points) {
        return bail_out("from= is past the end of the plan", EXIT_NOTHING);
    }
    for (unsigned number = (unsigned)from; number <= points; number++) {
        Point p = plan_point(number);
        point_run(&p, number, times, &totals);
    }
    clause_print_held(false);
    kprintf("# qvirtio: %u passed, %u failed, %u warned, %u skipped\n", totals.passed,
            totals.failed, totals.warned, totals.skipped);
    return totals.failed ? EXIT_FAILED : EXIT_PASSED;
}

static ExitCode fault_on_purpose(const char *kind)
{
    char reason[320];
    panic_on_purpose(kind);
    ksnprintf(reason, sizeof(reason), "panic=%s is unknown; known: %s", kind,
              panic_kinds());
    return bail_out(reason, EXIT_NOTHING);
}

#define WHY_BYTES 32768 /* the names of all faults of software devices fit */

int main(void)
{
    static char why[WHY_BYTES];

    kprintf("TAP version 13\n# qvirtio %s %s, virtio 1.4, seed 0x%llx\n", QVIRTIO_VERSION,
            ARCH_NAME, (unsigned long long)cmdline_get_u64("seed", QVIRTIO_DEFAULT_SEED));
    kprintf("# boot %s, clock %s %llu kHz\n", arch_boot_protocol(), clock_source(),
            (unsigned long long)clock_hz() / 1000);
    if (!cmdline_check(words_begin, words_end, note_ignored, why, sizeof(why))) {
        return bail_out(why, EXIT_NOTHING);
    }
    wait_set_timeout_ns(cmdline_get_u64("timeout_ms", QVIRTIO_DEFAULT_TIMEOUT_MS) *
                        NS_PER_MS);
    if (cmdline_get("panic")) {
        return fault_on_purpose(cmdline_get("panic"));
    }
    arena_reset();
    qvirtio_devices_init(print_note);
    if (!plan_device(0)) {
        return bail_out("no virtio device found", EXIT_NOTHING);
    }
    qvirtio_device_foreach(0, print_device, NULL);
    const char *item = qvirtio_scratch_fault();
    if (item) {
        ksnprintf(why, sizeof(why), "scratch=: there is no device '%s'", item);
        return bail_out(why, EXIT_NOTHING);
    }
    if (cmdline_has("bench")) {
        return bench_run() ? EXIT_PASSED
                           : bail_out("no block device to measure with", EXIT_NOTHING);
    }
    unsigned points = plan_make();
    if (points == 0) {
        return bail_out("no test matches", EXIT_NOTHING);
    }
    if (cmdline_has("list")) {
        list_plan(points);
        return EXIT_PASSED;
    }
    after_remember_text();
    return run_plan(points);
}
