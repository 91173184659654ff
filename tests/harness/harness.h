/* SPDX-License-Identifier: MIT */
/*
 * Private to the harness: the plan, running a point, the record of what was proven, and
 * the lines that are printed.
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

/* ---- The plan: plan.c ---- */

/* Returns the nth device that has points: those that can be driven, then those that were
 * left out. Returns NULL past the end. */
QVirtioDevice *plan_device(unsigned n);
/* Finds the points that the words choose and returns how many they are. Called once, when
 * the devices have been found. */
unsigned plan_make(void);
/* Returns the point of this number, from 1 on, in plan order. */
Point plan_point(unsigned number);
/* Takes part=K/N: of the chosen points each Nth from the Kth on. Returns false when the
 * text is not of that form. */
bool plan_set_part(const char *text);
/* Each writes a name to `to`: the claim, as "ring/avail-index-wraps"; the place, as
 * "pci.blk.0:split", or "pci.blk.0" when ring is NULL; a point's id, which is both with
 * an
 * @ between. */
size_t test_format_claim(const VirtioTest *test, char *to, size_t bytes);
void device_format_place(const QVirtioDevice *dev, const QVirtioRing *ring, char *to,
                         size_t bytes);
void point_format_id(const Point *p, char *to, size_t bytes);

/* ---- The words only= and skip=: choice.c ---- */

/* Reads the words. */
void choice_init(void);
/* Returns false when no point of the test of this index can be chosen. */
bool choice_may_have(size_t test);
/* Sets the device that choice_has() is asked about from now on. */
void choice_look_at(const QVirtioDevice *dev);
/* Returns true when the words choose this point, of a test and a ring format by their
 * indices. */
bool choice_has(const Point *p, size_t test, unsigned ring);

/* ---- Running a point: plan.c, run.c, after.c ---- */

/* Returns NULL when the point can run on this machine, else the text of its SKIP, which
 * may be written to `to`. */
const char *point_why_not(const Point *p, char *to, size_t bytes);

typedef struct Totals {
    unsigned passed, failed, warned, skipped;
} Totals;

/* Runs one point `times` times and prints its lines; it passes when it did each time. */
void point_run(const Point *p, unsigned number, uint64_t times, Totals *totals);

/* Checks what must hold after every test: see after.c. */
void after_test(Test *t);
/* Remembers the kernel's text, which after_test() compares. */
void after_remember_text(void);

/* ---- Points that failed: standing.c ---- */

/* Remembers that the point failed, and what was seen. */
void standing_add(const QVirtioDevice *dev, const char *id, const char *seen);
/* Returns the id of a failed point of the device, one where the same was seen if there is
 * such a point, or NULL when no point of it has failed. `seen` may be NULL. */
const char *standing_find(const QVirtioDevice *dev, const char *seen);
/* Remembers whether the device served a plain ping when nothing had been done to it;
 * returns whether that is known; returns whether it did. */
void standing_set_baseline(const QVirtioDevice *dev, bool is_usable);
bool standing_has_baseline(const QVirtioDevice *dev);
bool standing_is_usable(const QVirtioDevice *dev);
/* Remembers that the device serves no request, or that it cannot even be reset. */
void standing_give_up(const QVirtioDevice *dev, bool is_stuck);
/* Returns what keeps a test from the device, or NULL. is_only_looked_at: the test sends
 * no request. */
const char *standing_given_up(const QVirtioDevice *dev, bool is_only_looked_at);

/* ---- The control experiment: control.c ---- */

/* Remembers that the device served a ping. */
void control_served(const QVirtioDevice *dev);
/* Makes a precondition of the failure of a test that sends pings where the device does
 * not serve a plain one. Called when the device is reset. */
void control_after(Test *t);

/* ---- The hand: hand.c ---- */

/* Returns true when somebody can act on this device. */
bool hand_listens(const QVirtioDevice *dev);
/* Asks for everything that was done for the test to be undone. */
void hand_restore(Test *t);

/* ---- Measuring: bench.c ---- */

/* Measures instead of testing. Returns false when there is no device to measure with. */
bool bench_run(void);

/* ---- Clauses: clause.c ---- */

/* What an assertion's basis is for one point. */
typedef enum {
    /* There is none: it is a precondition. */
    BASIS_OF_NOTHING,
    /* A clause of the catalogue, which binds the device of this point. */
    BASIS_OF_CLAUSE,
    /* Such a clause, on a legacy interface: the catalogue is about modern ones, but the
     * drafts that legacy devices follow say the like. */
    BASIS_OF_LEGACY,
    /* Another standard, or safety. */
    BASIS_OF_OTHER,
} BasisKind;

/* Returns what the basis is for this point. A clause binds what the catalogue says: split
 * or packed rings, one bus, modern or legacy interfaces; elsewhere an assertion of it is
 * a precondition. */
BasisKind basis_kind(const Test *t, const char *basis);
/* Returns true when the catalogue has the clause as a SHOULD. */
bool clause_is_should(const char *clause);
/* Records that a clause was asserted, and whether it held. The native program also needs
 * `at`, to tell the assertion. */
void clause_record(const ExpectAt *at, bool held);
/* Prints "# clauses dev:... dev:...", in lines that a serial log can hold: the clauses
 * that were asserted and have held until now. only_new leaves out those that were printed
 * before; it is for the moment before a test that the VMM may not survive. */
void clause_print_held(bool only_new);

/* ---- Lines: report.c ---- */

/* What kind of failure it is: the device's, a wait that ran out, or our own. */
typedef enum { OUTCOME_FAILED, OUTCOME_TIMEOUT, OUTCOME_ERROR } Outcome;

/* Forgets the failures of the last point. */
void report_reset(void);
/* Keeps the first failure of a point for its YAML block, and counts later ones. Sets
 * has_failed or has_warned. */
void report_failure(Test *t, const ExpectAt *at, Outcome outcome, const char *expected,
                    const char *seen);
/* Returns true when the failure of the point has a clause for its basis. */
bool report_blames_clause(void);
/* Makes a precondition of the failure of the point: the device was unusable before. */
void report_demote(Test *t);
/* Ends the point's failures: what is held against clauses is recorded, and a failed
 * precondition becomes a SKIP where the device has a failed point already. */
void report_settle(Test *t);
/* Prints the verdict of a point. */
void report_print(const Test *t, unsigned number);

#endif
