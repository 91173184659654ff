/* SPDX-License-Identifier: MIT */
/* Asking an input device what it is (5.8.4): see input_lib.h. */
#include "tests/input/input_lib.h"

bool input_ask(Test *t, QVirtioDevice *dev, uint8_t select, uint8_t subsel,
               InputInfo *info)
{
    return require_ok(t, input_query(dev, select, subsel, info)) &&
           expect_le(t, "virtio 5.8.4", info->size, VIRTIO_INPUT_UNION_BYTES);
}

bool input_has_event(QVirtioDevice *dev, uint8_t type, uint16_t code)
{
    InputInfo info;
    return input_query(dev, VIRTIO_INPUT_CFG_EV_BITS, type, &info) == 0 &&
           input_has_bit(&info, code);
}
