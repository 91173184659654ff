/* SPDX-License-Identifier: MIT */
/*
 * qvring_need_event() (2.7.10.1): moving an index from old to new passes the event, for
 * every 16-bit event, wraps included. The reference counts the entries one by one.
 */
#include "drivers/virtio/qvirtqueue.h"
#include "tests/self/unit/check.h"

/* Does one of the steps old -> old + 1 -> ... -> new leave from `event`? */
static bool passes(uint16_t event, uint16_t new_idx, uint16_t old_idx)
{
    for (uint16_t at = old_idx; at != new_idx; at++) {
        if (at == event) {
            return true;
        }
    }
    return false;
}

/* Every event for moves of a few lengths from a few places, the end of the range among
 * them. */
static unsigned wrong_for(uint16_t old_idx, uint16_t moves)
{
    unsigned wrong = 0;
    uint16_t new_idx = old_idx + moves;
    for (unsigned event = 0; event <= UINT16_MAX; event++) {
        wrong +=
            qvring_need_event(event, new_idx, old_idx) != passes(event, new_idx, old_idx);
    }
    return wrong;
}

static void every_event(void)
{
    static const uint16_t starts[] = {0, 1, 255, 0x7fff, 0x8000, 0xff00, 0xfffe, 0xffff};
    static const uint16_t moves[] = {0, 1, 2, 255, 256, 257, 0x7fff, 0x8000};
    unsigned wrong = 0;
    for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        for (unsigned j = 0; j < sizeof(moves) / sizeof(moves[0]); j++) {
            /* The reference walks; long walks for all events are for two starts. */
            if (moves[j] < 0x7fff || i > 5) {
                wrong += wrong_for(starts[i], moves[j]);
            }
        }
    }
    CHECK_EQ(wrong, 0, "every event is judged as a walk over the entries judges it");
}

static void every_start(void)
{
    unsigned wrong = 0;
    for (unsigned old_idx = 0; old_idx <= UINT16_MAX; old_idx++) {
        uint16_t event = old_idx;
        wrong += !qvring_need_event(event, old_idx + 1, old_idx);
        wrong += qvring_need_event(event + 1, old_idx + 1, old_idx);
        wrong += qvring_need_event(event - 1, old_idx + 1, old_idx);
        wrong += qvring_need_event(event, old_idx, old_idx);
        wrong += !qvring_need_event(event + 255, old_idx + 256, old_idx);
        wrong += qvring_need_event(event + 256, old_idx + 256, old_idx);
    }
    CHECK_EQ(wrong, 0, "the boundaries hold at every index, 65535 and 0 included");
}

static void examples(void)
{
    CHECK(qvring_need_event(0, 1, 0), "the first entry passes event 0");
    CHECK(!qvring_need_event(1, 1, 0), "an event not reached yet is not passed");
    CHECK(qvring_need_event(0xffff, 0, 0xffff), "the step over the wrap passes 65535");
    CHECK(!qvring_need_event(5, 7, 7), "no move passes nothing");
}

int main(void)
{
    examples();
    every_event();
    every_start();
    return check_done();
}
