/* SPDX-License-Identifier: MIT */
/*
 * A device with nothing but a ring, which exists on the bus `soft` only: the writable
 * bytes of a request become the readable ones, inverted. It has no features and no config
 * space. The specification gives its type's number to nobody; it is the last that PCI has
 * an ID for.
 */
#ifndef ECHO_H
#define ECHO_H

#define ECHO_DEVICE_ID 63
#define ECHO_QUEUES    2

#endif
