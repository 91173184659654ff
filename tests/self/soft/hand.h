/* SPDX-License-Identifier: MIT */
/*
 * The host of the machine that a host process is: what its serial line carries out and
 * in.
 */
#ifndef HAND_H
#define HAND_H

#include <stddef.h>

void hand_hear(const char *bytes, size_t count);
size_t hand_say(char *bytes, size_t most);

#endif
