/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput(): it
 * feeds bytes to one parser, and claims what must hold whatever the bytes are. It also
 * says what it must have reached at the end of a run: a target that stops at the first
 * check finds nothing, and tests/self/fuzz/run counts that as a failure.
 */
#ifndef TESTS_HOST_FUZZ_FUZZ_H
#define TESTS_HOST_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The claim says in the present tense what holds. */
#define FUZZ_CHECK(condition, claim)                \
    do {                                            \
        if (!(condition)) {                         \
            fuzz_fail((claim), __FILE__, __LINE__); \
        }                                           \
    } while (0)

_Noreturn void fuzz_fail(const char *claim, const char *file, int line);

/* A place that some input of every run comes to. */
typedef struct FuzzGoal {
    const char *what;
    bool is_reached;
} FuzzGoal;

#define FUZZ_REACHED(text)                                                \
    do {                                                                  \
        static FuzzGoal goal                                              \
            __attribute__((used, section("fuzz_goals"))) = {text, false}; \
        goal.is_reached = true;                                           \
    } while (0)

/* An input that is taken bit by bit; behind its end all is zero. */
typedef struct Fuzz {
    const uint8_t *at;
    size_t left;
} Fuzz;

uint8_t fuzz_u8(Fuzz *f);
uint16_t fuzz_u16(Fuzz *f);
uint32_t fuzz_u32(Fuzz *f);
uint64_t fuzz_u64(Fuzz *f);
/* Returns a number of 0 to n - 1. */
unsigned fuzz_below(Fuzz *f, unsigned n);
/* Copies what there is, at most `most` bytes; returns how many. */
size_t fuzz_take(Fuzz *f, void *to, size_t most);

/* Lines that the code under test has printed. */
extern unsigned fuzz_lines;

/*
 * Memory that page_map_device() finds at 0 and above; elsewhere all bytes are 0xff. Each
 * map is an allocation of its own, so that a byte beyond it is noticed; they live until
 * fuzz_unmap_all().
 */
extern const uint8_t *fuzz_memory;
extern size_t fuzz_memory_bytes;
void fuzz_unmap_all(void);

#endif
