/* SPDX-License-Identifier: MIT */
/*
 * What the tests of input devices (5.8) share.
 */
#ifndef INPUT_LIB_H
#define INPUT_LIB_H

#include "drivers/virtio/device/input.h"
#include "tests/harness/test.h"

/* Asks config space and judges what holds for every answer: it fits the union. */
bool input_ask(Test *t, QVirtioDevice *dev, uint8_t select, uint8_t subsel,
               InputInfo *info);
/* Does the device have that event? False also when it cannot be asked, for why_not. */
bool input_has_event(QVirtioDevice *dev, uint8_t type, uint16_t code);

#endif
