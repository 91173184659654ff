/* SPDX-License-Identifier: MIT */
/*
 * The one wait. Nothing in the tree waits in any other way: every wait has a deadline, a
 * name for what it waits for, halts the CPU between looks (any interrupt ends the halt,
 * and a timer bounds it), runs the poll hook (the software device lives there), and
 * prints a "# still waiting for" line before two seconds of silence.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Wait {
    /* What is awaited, as "queue 0: a used buffer". It is named when the wait runs out.
     */
    const char *what;
    /* Looked at with interrupts off, so no wake-up is lost. */
    bool (*is_done)(void *arg);
    void *arg;
    /* Both may be NULL. poll runs before each look. is_hopeless is asked before each
     * halt, and ends the wait when it returns true. */
    void (*poll)(void *arg);
    bool (*is_hopeless)(void *arg);
    /* Given to both. */
    void *poll_arg;
    /* The bound of this wait; 0 means wait_timeout_ns(). */
    uint64_t timeout_ns;
} Wait;

/* Waits. Returns true when it was done in time, and before it was hopeless. */
bool wait_for(const Wait *wait);

/* Returns the bound of one wait, which timeout_ms= sets. */
uint64_t wait_timeout_ns(void);
void wait_set_timeout_ns(uint64_t ns);

/* Returns what the last wait that was not done waited for; NULL when none did since
 * wait_forget(). */
const char *wait_last_timeout(void);
void wait_forget(void);

#endif
