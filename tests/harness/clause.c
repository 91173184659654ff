/* SPDX-License-Identifier: MIT */
/*
 * The record of proofs: which clauses had an assertion executed, and whether every one of
 * them held. What is known of a clause, its level and what it binds, comes from the
 * catalogue (tests/clauses.tsv) at build time, as one sorted table.
 */
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include "tests/harness/harness.h"

#define MAX_CLAUSES 1024
#define LINE_BYTES  110
#define CLAUSE \
    "dev"      \
    ":"

/* A line of the table that scripts/catalogue makes; an id ends with blanks. */
typedef struct {
    char id[24], blank, level, blank2, applies[2], blank3, origin, end;
} ClauseRow;
_Static_assert(sizeof(ClauseRow) == 32, "scripts/runner/catalogue.py: table()");

/* What a clause binds; nothing of these: everything but legacy interfaces. */
enum {
    APPLIES_SPLIT = 1,
    APPLIES_PACKED = 2,
    APPLIES_PCI = 4,
    APPLIES_MMIO = 8,
    APPLIES_CCW = 16,
    APPLIES_LEGACY = 32,
    APPLIES_MODERN = 64, /* too, where it binds legacy ones */
};
#define APPLIES_RINGS (APPLIES_SPLIT | APPLIES_PACKED)
#define APPLIES_BUSES (APPLIES_PCI | APPLIES_MMIO | APPLIES_CCW)

extern const ClauseRow clauses_table[], clauses_table_end[];

static struct {
    const char *id;
    bool has_failed, is_told;
} record[MAX_CLAUSES];
static unsigned count;

static bool is_clause(const char *basis)
{
    return strncmp(basis, CLAUSE, strlen(CLAUSE)) == 0;
}

/* Orders a clause and the blank-padded id of a row. */
static int compare_id(const char *clause, const ClauseRow *row)
{
    for (size_t i = 0; i < sizeof(row->id); i++) {
        char c = *clause ? *clause++ : ' ';
        if (c != row->id[i]) {
            return c < row->id[i] ? -1 : 1;
        }
    }
    return *clause ? 1 : 0;
}

static const ClauseRow *search(const char *clause)
{
    const ClauseRow *from = clauses_table, *to = clauses_table_end;
    while (from < to) {
        const ClauseRow *middle = from + (to - from) / 2;
        int order = compare_id(clause, middle);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

/* The clause's row, or NULL for what is no clause. The row last found for a literal's
 * address is remembered. */
static const ClauseRow *find_row(const char *basis)
{
    static struct {
        const char *basis;
        const ClauseRow *row;
    } found[256];

    if (!is_clause(basis)) {
        return NULL;
    }
    unsigned slot = (uintptr_t)basis % 256;
    if (found[slot].basis != basis || compare_id(basis, found[slot].row) != 0) {
        const ClauseRow *row = search(basis);
        assert(row); /* scripts/catalogue check looks for each before the build ends */
        found[slot].basis = basis;
        found[slot].row = row;
    }
    return found[slot].row;
}

static unsigned digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static unsigned applies(const ClauseRow *row)
{
    return digit(row->applies[0]) << 4 | digit(row->applies[1]);
}

/* What of the mask this point is. */
static unsigned point_is(const Test *t)
{
    unsigned bus = test_bus_of(t->dev);

    return (t->ring->is_packed ? APPLIES_PACKED : APPLIES_SPLIT) |
           (bus & (BUS_PCI | BUS_PCI_LEGACY) ? APPLIES_PCI : 0) |
           (bus & (BUS_MMIO | BUS_MMIO_LEGACY) ? APPLIES_MMIO : 0) |
           (bus & (BUS_CCW | BUS_CCW_LEGACY) ? APPLIES_CCW : 0);
}

static bool binds(const Test *t, const ClauseRow *row)
{
    unsigned bound = applies(row), is = point_is(t);

    return (!(bound & APPLIES_RINGS) || (bound & is & APPLIES_RINGS)) &&
           (!(bound & APPLIES_BUSES) || (bound & is & APPLIES_BUSES));
}

BasisKind basis_kind(const Test *t, const char *basis)
{
    if (!basis || !*basis) {
        return BASIS_OF_NOTHING;
    }
    const ClauseRow *row = find_row(basis);
    if (!row) {
        return BASIS_OF_OTHER;
    }
    bool is_legacy = qvirtio_is_legacy(t->dev);
    if (is_legacy && !(applies(row) & APPLIES_LEGACY)) {
        return BASIS_OF_LEGACY;
    }
    bool is_about =
        is_legacy || !(applies(row) & APPLIES_LEGACY) || (applies(row) & APPLIES_MODERN);
    return is_about && binds(t, row) ? BASIS_OF_CLAUSE : BASIS_OF_NOTHING;
}

const char *test_basis_on(const QVirtioDevice *dev, const BusBases *bases)
{
    const struct {
        uint8_t buses;
        const char *basis;
    } each[] = {
        {BUS_PCI, bases->pci},
        {BUS_PCI_LEGACY, bases->pci_legacy},
        {BUS_MMIO, bases->mmio},
        {BUS_MMIO_LEGACY, bases->mmio_legacy},
        {BUS_CCW | BUS_CCW_LEGACY, bases->ccw},
    };
    for (unsigned i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        if (each[i].buses & test_bus_of(dev) && each[i].basis) {
            return each[i].basis;
        }
    }
    return bases->otherwise;
}

const char *test_written_basis(const Test *t)
{
    return t->ring->is_packed ? "virtio 2.8.4" : "dev:2.7.8.2-2";
}

bool clause_is_should(const char *clause)
{
    const ClauseRow *row = find_row(clause);
    return row && row->level == 'S';
}

/*
 * Where a clause's record is, or count. Most assertions of a run repeat one of a few
 * literals, so the last record found for a literal's address is remembered.
 */
static unsigned find(const char *clause)
{
    static uint16_t found_at[1024];
    uint16_t *hint = &found_at[(uintptr_t)clause % 1024];

    if (*hint < count && record[*hint].id == clause) {
        return *hint;
    }
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(record[i].id, clause) == 0) {
            record[i].id = clause;
            return *hint = i;
        }
    }
    return count;
}

void clause_record(const ExpectAt *at, bool held)
{
    unsigned i = find(at->basis);
    if (i == count) {
        assert(count < MAX_CLAUSES);
        record[count++].id = at->basis;
    }
    record[i].has_failed |= !held;
}

void clause_print_held(bool only_new)
{
    size_t column = 0;
    for (unsigned i = 0; i < count; i++) {
        if (record[i].has_failed || (only_new && record[i].is_told)) {
            continue;
        }
        record[i].is_told = true;
        if (column == 0 || column + strlen(record[i].id) > LINE_BYTES) {
            kprintf("%s# clauses", column ? "\n" : "");
            column = 9;
        }
        kprintf(" %s", record[i].id);
        column += strlen(record[i].id) + 1;
    }
    kprintf("%s", column ? "\n" : "");
}
