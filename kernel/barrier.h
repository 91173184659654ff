/* SPDX-License-Identifier: MIT */
/*
 * Barriers against a device that is another thread of the host. Use names the partner at
 * each place.
 */
#ifndef KERNEL_BARRIER_H
#define KERNEL_BARRIER_H

/* Orders everything, also a store before a later load (event index, suppression flags).
 */
static inline void barrier_full(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Loads before it stay before loads and stores after it. */
static inline void barrier_acquire(void)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

/* Loads and stores before it stay before stores after it. */
static inline void barrier_release(void)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Memory that somebody else writes or reads is touched through these: one access, of this
 * width. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#endif
