/* SPDX-License-Identifier: MIT */
/*
 * Events that the host makes (5.8.6): they come in order, an update at a time with its
 * EV_SYN at the end, and where buffers are short, whole or not at all (5.8.6.2).
 */
#include "tests/harness/hand.h"
#include "tests/input/input_lib.h"

typedef struct virtio_input_event Event;

/* Events beside those that the host was asked for: scan codes of a real keyboard. */
#define EV_MSC 4
/* So many buffers are lent for them. */
#define SPARE 2

static Event take(Test *t, QVirtioDevice *dev)
{
    QVirtioUsed used;
    Event e = {le16_of(0xffff), le16_of(0xffff), le32_of(0)};
    while (require_ok(t, qvirtqueue_wait(dev->vq[VIRTIO_INPUT_EVENTQ], &used)) &&
           expect_used_len(t, used.claimed, sizeof(Event))) {
        e = *(const Event *)used.token;
        if (le16_get(e.type) != EV_MSC) {
            break;
        }
    }
    return e;
}

static bool expect_event(Test *t, QVirtioDevice *dev, uint16_t type, uint16_t code,
                         uint32_t value)
{
    Event e = take(t, dev);
    return expect_that(t, "virtio 5.8.6",
                       le16_get(e.type) == type && le16_get(e.code) == code &&
                           le32_get(e.value) == value,
                       "the event that the host made", "type %u code %u value %d",
                       le16_get(e.type), le16_get(e.code), (int32_t)le32_get(e.value));
}

static bool expect_report(Test *t, QVirtioDevice *dev)
{
    return expect_event(t, dev, EV_SYN, SYN_REPORT, 0);
}

static const char *has_no_keys(QVirtioDevice *dev)
{
    bool has = input_has_event(dev, EV_KEY, KEY_A) && input_has_event(dev, EV_KEY, KEY_B);
    return has ? NULL : "the device is no keyboard";
}

static const char *has_no_motion(QVirtioDevice *dev)
{
    return input_has_event(dev, EV_REL, REL_X) ? NULL : "the device is no mouse";
}

static const char *has_no_place(QVirtioDevice *dev)
{
    return input_has_event(dev, EV_ABS, ABS_X) ? NULL : "the device is no tablet";
}

VIRTIO_TEST(keys_come_in_order, .device = VIRTIO_ID_INPUT, .flags = TEST_HAND,
            .rings = RINGS_ALL, .why_not = has_no_keys)
{
    static const struct {
        uint8_t code, value;
    } keys[] = {{KEY_A, 1}, {KEY_B, 1}, {KEY_A, 0}, {KEY_B, 0}};
    require_ok(t, input_stock(dev, 16));
    for (unsigned i = 0; i < 4; i++) {
        if (!hand_do(t, dev, "key %u %s", keys[i].code, keys[i].value ? "down" : "up")) {
            return;
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        if (!expect_event(t, dev, EV_KEY, keys[i].code, keys[i].value) ||
            !expect_report(t, dev)) {
            return;
        }
    }
}

VIRTIO_TEST(motion_is_one_update, .device = VIRTIO_ID_INPUT, .flags = TEST_HAND,
            .why_not = has_no_motion)
{
    require_ok(t, input_stock(dev, 8));
    if (hand_do(t, dev, "move 5 9")) {
        expect_event(t, dev, EV_REL, REL_X, 5);
        expect_event(t, dev, EV_REL, REL_Y, 9);
        expect_report(t, dev);
    }
}

VIRTIO_TEST(place_is_one_update, .device = VIRTIO_ID_INPUT, .flags = TEST_HAND,
            .why_not = has_no_place)
{
    require_ok(t, input_stock(dev, 8));
    if (hand_do(t, dev, "point 1000 32767")) {
        expect_event(t, dev, EV_ABS, ABS_X, 1000);
        expect_event(t, dev, EV_ABS, ABS_Y, 32767);
        expect_report(t, dev);
    }
}

/*
 * One buffer less than the update has events. It comes later, or never; what comes before
 * the next update, which has enough, is all that there will be of it.
 */
static unsigned take_short_update(Test *t, QVirtioDevice *dev, unsigned buffers,
                                  Event *to)
{
    unsigned n = 0, most = 2 * buffers + 2;
    require_ok(t, input_stock(dev, buffers));
    if (!hand_do(t, dev, "key %u down", KEY_A)) {
        return 0;
    }
    require_ok(t, input_stock(dev, most + SPARE));
    if (!hand_do(t, dev, "key %u down", KEY_B)) {
        return 0;
    }
    while (n < most && !t->has_failed) {
        to[n] = take(t, dev);
        if (le16_get(to[n].type) == EV_KEY && le16_get(to[n].code) == KEY_B) {
            break;
        }
        n++;
    }
    return n;
}

/* "It SHOULD NOT drop individual input events if they are part of a sequence forming one
 * input device update ... SHOULD either buffer or drop the entire sequence." */
VIRTIO_TEST(update_without_buffers_comes_whole_or_not_at_all, .device = VIRTIO_ID_INPUT,
            .flags = TEST_HAND, .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .why_not = has_no_keys)
{
    Event e[8] = {0};
    unsigned n = take_short_update(t, dev, 1, e);
    if (t->is_skipped || t->has_failed) {
        return;
    }
    bool is_whole = n == 2 && le16_get(e[0].code) == KEY_A;
    expect_that(t, "dev:5.8.6.2-2", n == 0 || is_whole,
                "both events of the update or none", "%u of them", n);
    expect_that(t, "dev:5.8.6.2-3", n == 0 || le16_get(e[n - 1].type) == EV_SYN,
                "EV_SYN at the end of what comes", "none");
    expect_report(t, dev);
}

/* Nothing is lost for good: with buffers again, updates come as ever. */
VIRTIO_TEST(updates_come_again_when_there_are_buffers, .device = VIRTIO_ID_INPUT,
            .flags = TEST_HAND, .why_not = has_no_keys)
{
    Event e[4] = {0};
    if (take_short_update(t, dev, 0, e) || t->has_failed || t->is_skipped) {
        test_note(t, "the device keeps updates until there are buffers");
        return;
    }
    expect_report(t, dev);
    require_ok(t, input_stock(dev, 4));
    if (hand_do(t, dev, "key %u up", KEY_B)) {
        expect_event(t, dev, EV_KEY, KEY_B, 0);
        expect_report(t, dev);
    }
}
