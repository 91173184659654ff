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
 * A test says .flags = TEST_HOST, and is skipped where no host listens.
 */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include "tests/harness/test.h"

/*
 * Asks for "ACTION ARGUMENTS" on the device, as in host_do(t, dev, "resize %llu", n).
 * When it returns the host has acted; what the device makes of it may come later: wait
 * for it with qvirtio_wait(). False: the point is skipped or has failed, return.
 */
#define host_do(t, dev, ...) (host_ask(t, dev, __VA_ARGS__) != NULL)
/* The same, with the answer's value ("" when it has none); NULL where host_do says false.
 * Valid until the next request. */
#define host_ask(t, dev, ...) host_request(t, EXPECT_AT(NULL, "host"), dev, __VA_ARGS__)
const char *host_request(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Waits for a configuration change notification beyond the first `before`
 * (dev->config_irq.count): 0 or -TIMEOUT. Without an interrupt there is none to wait for.
 */
int host_await_news(QVirtioDevice *dev, uint32_t before);

/* Bytes as digits, for a request; up to HOST_BYTES_MOST, valid until the next call. An
 * answer's digits are read by hex_decode(). */
#define HOST_BYTES_MOST 1600
const char *host_hex(const void *bytes, size_t count);

#endif
