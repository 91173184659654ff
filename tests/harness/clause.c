/* SPDX-License-Identifier: MIT */
/*
 * The record of proofs: which clauses had an assertion executed, and whether every one of
 * them held. The list of clauses that are a SHOULD comes from the catalogue
 * (tests/clauses.tsv) at build time.
 */
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include "tests/harness/harness.h"

#define MAX_CLAUSES 1024
#define LINE_BYTES  110
#define CLAUSE \
    "dev"      \
    ":"

extern const char clauses_should[], clauses_should_end[];

static struct {
    const char *id;
    bool has_failed, is_told;
} record[MAX_CLAUSES];
static unsigned count;

static bool is_clause(const char *basis)
{
    return strncmp(basis, CLAUSE, strlen(CLAUSE)) == 0;
}

static bool binds(const Test *t, const char *section)
{
    if (strncmp(section, "2.7.", 4) == 0) {
        return !t->ring->is_packed;
    }
    if (strncmp(section, "2.8.", 4) == 0) {
        return t->ring->is_packed;
    }
    if (strncmp(section, "4.1.", 4) == 0) {
        return test_bus_of(t->dev) == BUS_PCI;
    }
    if (strncmp(section, "4.2.", 4) == 0) {
        return test_bus_of(t->dev) == BUS_MMIO;
    }
    return strncmp(section, "4.3.", 4) != 0 || test_bus_of(t->dev) == BUS_CCW;
}

BasisKind basis_kind(const Test *t, const char *basis)
{
    if (!basis || !*basis) {
        return BASIS_OF_NOTHING;
    }
    if (!is_clause(basis)) {
        return BASIS_OF_OTHER;
    }
    if (qvirtio_is_legacy(t->dev)) {
        return BASIS_OF_LEGACY;
    }
    return binds(t, basis + strlen(CLAUSE)) ? BASIS_OF_CLAUSE : BASIS_OF_NOTHING;
}

bool clause_is_should(const char *clause)
{
    if (!is_clause(clause)) {
        return false;
    }
    size_t length = strlen(clause);
    for (const char *at = clauses_should; at < clauses_should_end;) {
        const char *end = strchr(at, '\n');
        if ((size_t)(end - at) == length && memcmp(at, clause, length) == 0) {
            return true;
        }
        at = end + 1;
    }
    return false;
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
