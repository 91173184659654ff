/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the console (5.3) share: reasons for a SKIP, ports brought up to
 * where an echo can be trusted, chains laid out over memory. know= says what the host's
 * end is like: console.N.port.P.echo (it sends back what it gets), .name, .console (a
 * text console), .emergency (it shows emergency writes). What is not told is not judged.
 */
#ifndef CONSOLE_LIB_H
#define CONSOLE_LIB_H

#include "drivers/virtio/device/console.h"
#include "tests/harness/test.h"

/* For .why_not. */
const char *console_why_no_echo(QVirtioDevice *dev);
const char *console_why_no_two_echoes(QVirtioDevice *dev);

/* console.N.port.P.key, or NULL; valid until the next call. */
const char *console_know(const QVirtioDevice *dev, uint32_t port, const char *key);
/* The n-th port that know= says echoes, n from 0; UINT32_MAX: there is none. */
uint32_t console_echo_port(const QVirtioDevice *dev, unsigned n);

/* The port whose other end is the host's to open and close; UINT32_MAX: there is none. */
uint32_t console_host_port(const QVirtioDevice *dev);

/* Does know= tell anything of this port? Then it is there. */
bool console_port_is_told(const QVirtioDevice *dev, uint32_t port);
/* Waits for a control message; NULL: it did not come, and that is reported. */
const VConsoleMessage *console_expect_message(Test *t, QVirtioDevice *dev, uint32_t port,
                                              uint16_t event);

/* Lent memory filled with pattern_fill(seed). Returns NULL when that fails, which is
 * reported. */
uint8_t *console_lend(Test *t, size_t bytes, uint64_t seed);
/* Opens the port (MULTIPORT) and drops what is still under way. Returns false when that
 * fails, which is reported. */
bool console_ready(Test *t, QVirtioDevice *dev, uint32_t port);
/* Sends pattern_fill(seed) and expects the same back. */
bool console_expect_echo(Test *t, QVirtioDevice *dev, uint32_t port, uint32_t bytes,
                         uint64_t seed);

/* A device that is at DRIVER_OK with MULTIPORT, its control queues still empty. */
bool console_start_silent(Test *t, QVirtioDevice *dev);

/* Pieces of one chain, laid backwards in memory with a guard byte around each. */
enum { PIECES_MAX = 64, PIECES_BYTES_MAX = 2048 };
typedef struct Pieces {
    unsigned count;
    /* Of all pieces. */
    uint32_t bytes;
    /* And of the guards. */
    uint32_t memory_bytes;
    /* Offset in memory. */
    uint16_t start[PIECES_MAX];
    /* Of each piece, in the chain's order. */
    uint16_t length[PIECES_MAX];
    /* Lent. */
    uint8_t *memory;
    QVirtioSg sg[PIECES_MAX];
} Pieces;
bool pieces_lay(Test *t, Pieces *p, const uint16_t *lengths, unsigned count,
                uint64_t seed);
/* Copies bytes between a flat buffer and the pieces, in the chain's order. */
void pieces_write(const Pieces *p, const uint8_t *from, uint32_t bytes);
void pieces_read(const Pieces *p, uint8_t *to, uint32_t bytes);

#endif
