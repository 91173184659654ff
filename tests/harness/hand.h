/* SPDX-License-Identifier: MIT */
/*
 * The hand: some requirements need somebody outside to act (resize the disk, take the
 * link away, put a frame on the wire). The kernel asks on the serial line and waits:
 *
 *     # host 7 resize blk.0 65536        action, device, arguments
 *     host 7 ok [value]                  it is done
 *     host 7 no REASON                   nothing was done: the point is skipped
 *     host 7 failed REASON               it is half done: the point fails, as an error
 *
 * Whoever answers (scripts/runner/hand.py, under the word host) undoes all of it when the
 * point is over. A software device acts itself, and nobody is asked.
 *
 * A test says .flags = TEST_HAND, and is skipped where nobody acts.
 */
#ifndef HARNESS_HAND_H
#define HARNESS_HAND_H

#include "tests/harness/test.h"

/*
 * Asks for an action on the device, as in hand_do(t, dev, "resize %llu", n). When it
 * returns true the action is done; what the device makes of it may come later, so a test
 * waits for it with qvirtio_wait(). It returns false when the point is skipped or has
 * failed: the test is over.
 */
#define hand_do(t, dev, ...) (hand_ask(t, dev, __VA_ARGS__) != NULL)
/* Asks in the same way, and returns the answer's value, "" when it has none, or NULL when
 * the test is over. The text stays valid until the next request. */
#define hand_ask(t, dev, ...) \
    hand_request(t, EXPECT_AT(BASIS_NONE, "host"), dev, __VA_ARGS__)
const char *hand_request(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Waits until more than `before` configuration change notifications have come
 * (dev->config_irq.count). Returns 0 or -QVIRTIO_TIMEOUT. Where no interrupt is routed it
 * returns 0 at once. */
int hand_await_news(QVirtioDevice *dev, uint32_t before);

/* Returns bytes as hexadecimal digits for a request, at most HAND_BYTES_MOST of them. The
 * text stays valid until the next call. hex_decode() reads the digits of an answer. */
#define HAND_BYTES_MOST 1600
const char *hand_hex(const void *bytes, size_t count);

#endif
