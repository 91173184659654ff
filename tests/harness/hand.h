/* SPDX-License-Identifier: MIT */
/*
 * The host's hand: some requirements need somebody outside to act (resize the disk, take
 * the link away, put a frame on the wire). The guest asks on the serial line and waits:
 *
 *     # host 7 resize blk.0 65536        action, device, arguments
 *     host 7 ok [value]                  done
 *     host 7 no REASON                   nothing was done: the point is skipped
 *     host 7 failed REASON               half done: the point fails, as an error
 *
 * Whoever answers (with the word host: scripts/runner/host.py) undoes all of it when the
 * point is over. Devices on a bus that acts itself (soft) ask nobody.
 *
 * A test says .flags = TEST_HAND, and is skipped where no host listens.
 */
#ifndef HARNESS_HAND_H
#define HARNESS_HAND_H

#include "tests/harness/test.h"

/*
 * Asks for "ACTION ARGUMENTS" on the device, as in hand_do(t, dev, "resize %llu", n).
 * When it returns the host has acted; what the device makes of it may come later: wait
 * for it with qvirtio_wait(). False: the point is skipped or has failed, return.
 */
#define hand_do(t, dev, ...) (hand_ask(t, dev, __VA_ARGS__) != NULL)
/* The same, with the answer's value ("" when it has none); NULL where hand_do says false.
 * Valid until the next request. */
#define hand_ask(t, dev, ...) hand_request(t, EXPECT_AT(NULL, "host"), dev, __VA_ARGS__)
const char *hand_request(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Waits for a configuration change notification beyond the first `before`
 * (dev->config_irq.count): 0 or -TIMEOUT. Without an interrupt there is none to wait for.
 */
int hand_await_news(QVirtioDevice *dev, uint32_t before);

/* Bytes as digits, for a request; up to HAND_BYTES_MOST, valid until the next call. An
 * answer's digits are read by hex_decode(). */
#define HAND_BYTES_MOST 1600
const char *hand_hex(const void *bytes, size_t count);

#endif
