/* SPDX-License-Identifier: MIT */
/* Events (5.14.6.10.4): what changed of a control is told by bits that are defined. */
#include "tests/harness/hand.h"
#include "tests/sound/sound_lib.h"

VIRTIO_TEST(control_change_is_told, .device = VIRTIO_ID_SOUND, .flags = TEST_HAND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS), .rings = RINGS_ALL)
{
    struct virtio_snd_ctl_event *event = arena_lend(sizeof(*event), 4);
    QVirtQueue *vq = dev->vq[VIRTIO_SND_EVENTQ];
    QVirtioUsed used;
    if (!require_ok(t, event ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    QVirtioSg sg = {arena_map(event, sizeof(*event)), sizeof(*event)};
    require_ok(t, qvirtqueue_add(vq, &sg, 0, 1, event));
    qvirtqueue_kick(vq);
    if (hand_do(t, dev, "control-change") && require_ok(t, qvirtqueue_wait(vq, &used))) {
        expect_used_len(t, used.claimed, sizeof(*event));
        expect_eq(t, "virtio 5.14.6.10.4", le32_get(event->code),
                  VIRTIO_SND_EVT_CTL_NOTIFY);
        expect_eq(t, "dev:5.14.6.10.4.1-1",
                  le16_get(event->mask) >> VIRTIO_SND_CTL_EVT_MASK_COUNT, 0);
        expect_that(t, "virtio 5.14.6.10.4",
                    le16_get(event->control_id) < SOUND_COUNT(dev, controls),
                    "a control that there is", "%u", le16_get(event->control_id));
    }
}
