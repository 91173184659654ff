/* SPDX-License-Identifier: MIT */
/*
 * A device made of ring semantics only, which exists on the soft bus: the writable bytes
 * of a request become the readable ones, inverted. No features, no config space; its type
 * is a number that the specification gives to nobody, the last that PCI has an ID for.
 */
#ifndef ECHO_H
#define ECHO_H

#define ECHO_DEVICE_ID 63
#define ECHO_QUEUES    2

#endif
