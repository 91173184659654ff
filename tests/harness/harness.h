/* SPDX-License-Identifier: MIT */
/*
 * Private to the harness: the plan, running one point, the record of proofs, and the
 * lines that are printed.
 */
#ifndef HARNESS_HARNESS_H
#define HARNESS_HARNESS_H

#include "tests/harness/test.h"

#define POINT_ID_BYTES             128
#define QVIRTIO_DEFAULT_SEED       0x9e3779b97f4a7c15ull
#define QVIRTIO_DEFAULT_TIMEOUT_MS 2000

/* One line of the plan: a test on a device in a ring format. */
typedef struct Point {
    const VirtioTest *test;
    QVirtioDevice *dev;
    const QVirtioRing *ring;
} Point;

/*
 * plan.c: finds the points that the words choose, in plan order, and returns how many
 * there are; plan_point() gives them by their numbers, from 1 on. Once, after the
 * devices.
 */
unsigned plan_make(void);
Point plan_point(unsigned number);
/* part=K/N: only each Nth of the chosen points, from the Kth on. False: that is no such
 * text. */
bool plan_set_part(const char *text);
/* "ring/avail-index-wraps"; "pci.blk.0:split", without a ring format "pci.blk.0"; and a
 * point's id, which is both with an @ between. */
size_t test_format_claim(const VirtioTest *test, char *to, size_t bytes);
void device_format_place(const QVirtioDevice *dev, const QVirtioRing *ring, char *to,
                         size_t bytes);
void point_format_id(const Point *p, char *to, size_t bytes);

/*
 * choice.c: which points the words choose. Of a test, by its index: whether any may be
 * chosen. Of a device, which is looked at first: whether this point is, of that test and
 * that ring format.
 */
void choice_init(void);
bool choice_may_have(size_t test);
void choice_look_at(const QVirtioDevice *dev);
bool choice_has(const Point *p, size_t test, unsigned ring);

/* Why this point cannot run on this machine, or NULL. What is told to the reader after #
 * SKIP. */
const char *point_why_not(const Point *p, char *to, size_t bytes);

/* run.c: runs one point `times` times and prints its lines; it passes when it did each
 * time. */
typedef struct Totals {
    unsigned passed, failed, warned, skipped;
} Totals;
void point_run(const Point *p, unsigned number, uint64_t times, Totals *totals);

/* after.c: what is true after every test. */
void after_test(Test *t);
void after_remember_text(void);

/* host.c: whether somebody can act on this device; undoing what was done for a test. */
bool hand_listens(const QVirtioDevice *dev);
void hand_restore(Test *t);

/* bench.c: measures in place of the plan. False: there is no device to measure with. */
bool bench_run(void);

/*
 * clause.c. A clause applies where its section is about this point: the catalogue binds
 * the modern interface, 2.7 is about split rings and 2.8 about packed ones, 4.1 to 4.3
 * about one bus each. Elsewhere the assertion still judges, but proves no clause.
 */
bool clause_applies(const Test *t, const char *clause);
bool clause_is_should(const char *clause);
/* The clause of an assertion that was executed; which one it was is for the host's build.
 */
void clause_record(const ExpectAt *at, bool held);
/*
 * "# clauses dev:... dev:..." in lines that a serial log can hold: what was executed and
 * held until now. only_new: what was not told yet, before a test that may be the VMM's
 * last; a clause that fails later is named by that failure.
 */
void clause_print_held(bool only_new);

/* report.c */
typedef enum { OUTCOME_FAILED, OUTCOME_TIMEOUT, OUTCOME_ERROR } Outcome;
/* The first failure of a test is kept for its YAML block; later ones are counted. */
void report_reset(void);
void report_failure(Test *t, const ExpectAt *at, Outcome outcome, const char *expected,
                    const char *seen);
void report_print(const Test *t, unsigned number);

#endif
