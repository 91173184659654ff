/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the console (5.3) share: texts of SKIPs, ports prepared so that their
 * echo can be trusted, and chains whose pieces lie apart in memory. The truth says what
 * is at the other end of a port: console.N.port.P.echo (the other end sends back what it
 * gets), .name, .console (the port is a text console), .emergency (the other end shows
 * emergency writes), .host (the hand opens and closes the other end). Tests do not judge
 * what the truth does not say.
 */
#ifndef CONSOLE_LIB_H
#define CONSOLE_LIB_H

#include "drivers/virtio/device/console.h"
#include "tests/harness/test.h"

/* For .why_not: return the text of a SKIP unless port 0 echoes, or unless two ports
 * echo. */
const char *console_why_no_echo(QVirtioDevice *dev);
const char *console_why_no_two_echoes(QVirtioDevice *dev);

/* Returns the truth console.N.port.P.key, or NULL. The text is valid until the next
 * call. */
const char *console_truth(const QVirtioDevice *dev, uint32_t port, const char *key);
/* Returns the n-th port that echoes by the truth, counted from 0; UINT32_MAX: there is
 * none. */
uint32_t console_echo_port(const QVirtioDevice *dev, unsigned n);

/* Returns the port whose other end the hand opens and closes; UINT32_MAX: there is
 * none. */
uint32_t console_hand_port(const QVirtioDevice *dev);

/* Returns whether the truth says anything of this port. Then the port exists. */
bool console_port_is_told(const QVirtioDevice *dev, uint32_t port);
/* Waits for a control message. Returns NULL when it does not come, which is reported. */
const VConsoleMessage *console_expect_message(Test *t, QVirtioDevice *dev, uint32_t port,
                                              uint16_t event);

/* Lends memory and fills it with pattern_fill(seed). Returns NULL when that fails, which
 * is reported. */
uint8_t *console_lend(Test *t, size_t bytes, uint64_t seed);
/* Opens the port where MULTIPORT is negotiated, and drops bytes that are still under way.
 * Returns false when that fails, which is reported. */
bool console_ready(Test *t, QVirtioDevice *dev, uint32_t port);
/* Sends the bytes of pattern_fill(seed) and expects the same bytes back. Returns false
 * when that fails, which is reported. */
bool console_expect_echo(Test *t, QVirtioDevice *dev, uint32_t port, uint32_t bytes,
                         uint64_t seed);

/* Starts a device that was reset, with MULTIPORT, up to DRIVER_OK; its control queues are
 * still empty. Returns false when that fails, which is reported. */
bool console_start_silent(Test *t, QVirtioDevice *dev);

/* The pieces of one chain. They lie backwards in memory, with a guard byte around
 * each. */
enum { PIECES_MAX = TEST_CHAIN_MOST, PIECES_BYTES_MAX = 2048 };
typedef struct Pieces {
    unsigned count;
    /* The number of bytes in all pieces. */
    uint32_t bytes;
    /* The same with the guard bytes. */
    uint32_t memory_bytes;
    /* Where each piece begins in memory, in the chain's order. */
    uint16_t start[PIECES_MAX];
    /* The length of each piece, in the chain's order. */
    uint16_t length[PIECES_MAX];
    /* The memory, which is lent. */
    uint8_t *memory;
    QVirtioSg sg[PIECES_MAX];
} Pieces;
/* Lends the memory, fills it with pattern_fill(seed), and lays out pieces of these
 * lengths. Returns false when that fails, which is reported. */
bool pieces_lay(Test *t, Pieces *p, const uint16_t *lengths, unsigned count,
                uint64_t seed);
/* Copy bytes between a flat buffer and the pieces, in the chain's order. */
void pieces_write(const Pieces *p, const uint8_t *from, uint32_t bytes);
void pieces_read(const Pieces *p, uint8_t *to, uint32_t bytes);

#endif
