/* SPDX-License-Identifier: MIT */
/*
 * Which points the words only=, skip= and hostile= choose. An id is a claim, an @, and a
 * device with a ring format; each half is matched against the lists once, not once a
 * point: thousands of points have hundreds of claims, and where an instruction takes a
 * microsecond to look at each point by itself would take seconds.
 */
#include "kernel/cmdline.h"
#include "kernel/lib/glob.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"
#include "tests/harness/harness.h"

/* Places of a device: itself, for tests of no ring format, then with each format. */
#define PLACES_MOST 32

extern const VirtioTest *const tests_begin[], *const tests_end[];

/* A word's list of globs; of the masks each bit is an item (kernel/lib/glob.h). */
typedef struct Globs {
    const char *list; /* NULL: the word is not there */
    uint32_t undivided;
    uint32_t *heads;             /* by test */
    uint32_t tails[PLACES_MOST]; /* by place, of the device at hand */
} Globs;

static Globs only, skip;
static bool has_hostile;

static void globs_init(Globs *g, const char *word)
{
    size_t count = tests_end - tests_begin;

    g->list = cmdline_get(word);
    if (!g->list) {
        return;
    }
    g->undivided = glob_list_undivided(g->list);
    g->heads = page_alloc((count * sizeof(*g->heads) + PAGE_BYTES - 1) / PAGE_BYTES);
    for (size_t i = 0; i < count; i++) {
        char claim[POINT_ID_BYTES];
        test_format_claim(tests_begin[i], claim, sizeof(claim));
        g->heads[i] = glob_list_heads(g->list, claim);
    }
}

void choice_init(void)
{
    globs_init(&only, "only");
    globs_init(&skip, "skip");
    has_hostile = cmdline_get_u64("hostile", 1) != 0;
}

static void globs_look_at(Globs *g, const QVirtioDevice *dev)
{
    const QVirtioRing *ring = NULL;

    for (unsigned place = 0; g->list && (place == 0 || ring); place++) {
        char tail[POINT_ID_BYTES];
        assert(place < PLACES_MOST);
        device_format_place(dev, ring, tail, sizeof(tail));
        g->tails[place] = glob_list_tails(g->list, tail);
        ring = qvirtio_ring(place);
    }
}

void choice_look_at(const QVirtioDevice *dev)
{
    globs_look_at(&only, dev);
    globs_look_at(&skip, dev);
}

bool choice_may_have(size_t test)
{
    return (has_hostile || !tests_begin[test]->violates) &&
           (!only.list || only.heads[test]);
}

static bool globs_have(const Globs *g, size_t test, unsigned place, const Point *p)
{
    uint32_t items = g->heads[test] & g->tails[place];
    char id[POINT_ID_BYTES];

    if (!(items & g->undivided)) {
        return items;
    }
    point_format_id(p, id, sizeof(id));
    return glob_list_match(g->list, id);
}

bool choice_has(const Point *p, size_t test, unsigned ring)
{
    unsigned place = p->test->rings ? ring + 1 : 0;

    return (!only.list || globs_have(&only, test, place, p)) &&
           !(skip.list && globs_have(&skip, test, place, p));
}
