/* SPDX-License-Identifier: MIT */
/*
 * What software devices offer (2.2): all ring features that the device side has. Faults
 * that are only one bit too many or too few are here too.
 */
#include "drivers/virtio/soft/core/run.h"
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_blk.h"
#include "drivers/virtio/spec/virtio_net.h"

SOFT_FAULT(offers_vlan_filter_without_queue, "dev:2.2.2-1",
           "offers CTRL_VLAN and not the CTRL_VQ that it requires");
SOFT_FAULT(offers_an_undefined_bit, "dev:2.2.2-3",
           "offers bit 45, and does not know what it stands for");
SOFT_FAULT(offers_notify_on_empty, "dev:2.2.2-3",
           "offers bit 24, which is for transitional devices");
SOFT_FAULT(hides_version_1, "dev:6.2-1", "does not offer VERSION_1");
SOFT_FAULT(hides_access_platform, "dev:6.2-3",
           "does not offer ACCESS_PLATFORM behind an IOMMU");
SOFT_FAULT(offers_sr_iov, "dev:6.2-9b", "offers SR_IOV without the capability");
SOFT_FAULT(never_flushes, "dev:5.2.5.2-1a", "offers neither FLUSH nor CONFIG_WCE");
SOFT_FAULT(cache_mode_without_flush, "dev:5.2.5.2-1b", "offers CONFIG_WCE without FLUSH");
SOFT_FAULT(extra_modes_without_queue, "dev:5.1.4.1-14",
           "offers CTRL_RX_EXTRA without CTRL_VQ");

SOFT_FAULT(hash_report_without_queue, "dev:5.1.4.1-13",
           "offers HASH_REPORT without CTRL_VQ");

/* "this does not preclude devices written to a future version of this specification from
 * offering such feature bits". */
SOFT_MANNER(features_of_tomorrow, "2.2.2", "offers bits 44 and 101");
/* Each device-independent feature but VERSION_1 is optional. */
SOFT_MANNER(plain_split_rings_only, "6", "offers no device-independent feature but two");

#define VIRTIO_F_UNDEFINED 45
/* The features of a NIC that need its control queue, except for some of them. */
#define COMMANDED                                                                   \
    VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_CTRL_MAC_ADDR,         \
        VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_MQ, VIRTIO_NET_F_RSS,             \
        VIRTIO_NET_F_RSS_CONTEXT, VIRTIO_NET_F_HASH_TUNNEL, VIRTIO_NET_F_NOTF_COAL, \
        VIRTIO_NET_F_VQ_NOTF_COAL

static const struct {
    const SoftFault *fault;
    /* 0 means every type. */
    uint16_t device_id;
    /* Bits that are not offered. */
    const uint8_t *less;
    /* Bits that are offered. */
    const uint8_t *more;
} changes[] = {
    {&soft_fault_offers_vlan_filter_without_queue, VIRTIO_ID_NET,
     FEATURES(COMMANDED, VIRTIO_NET_F_CTRL_RX_EXTRA, VIRTIO_NET_F_HASH_REPORT), NULL},
    {&soft_fault_extra_modes_without_queue, VIRTIO_ID_NET,
     FEATURES(COMMANDED, VIRTIO_NET_F_CTRL_VLAN, VIRTIO_NET_F_HASH_REPORT), NULL},
    {&soft_fault_hash_report_without_queue, VIRTIO_ID_NET,
     FEATURES(COMMANDED, VIRTIO_NET_F_CTRL_VLAN, VIRTIO_NET_F_CTRL_RX_EXTRA), NULL},
    {&soft_fault_never_flushes, VIRTIO_ID_BLOCK,
     FEATURES(VIRTIO_BLK_F_FLUSH, VIRTIO_BLK_F_CONFIG_WCE), NULL},
    {&soft_fault_cache_mode_without_flush, VIRTIO_ID_BLOCK, FEATURES(VIRTIO_BLK_F_FLUSH),
     NULL},
    {&soft_fault_hides_version_1, 0, FEATURES(VIRTIO_F_VERSION_1), NULL},
    {&soft_fault_hides_access_platform, 0, FEATURES(VIRTIO_F_ACCESS_PLATFORM), NULL},
    {&soft_fault_offers_an_undefined_bit, 0, NULL, FEATURES(VIRTIO_F_UNDEFINED)},
    {&soft_fault_offers_notify_on_empty, 0, NULL, FEATURES(VIRTIO_F_NOTIFY_ON_EMPTY)},
    {&soft_fault_offers_sr_iov, 0, NULL, FEATURES(VIRTIO_F_SR_IOV)},
};

bool soft_supports_all(const SoftDevice *s)
{
    return !(soft_negotiated(s, VIRTIO_F_UNDEFINED) &&
             soft_fault(offers_an_undefined_bit));
}

void soft_offer(SoftDevice *s)
{
    qvirtio_features_add_list(
        &s->offered,
        FEATURES(VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX, VIRTIO_F_VERSION_1,
                 VIRTIO_F_ACCESS_PLATFORM, VIRTIO_F_ORDER_PLATFORM, VIRTIO_F_RING_RESET,
                 VIRTIO_F_RING_PACKED, VIRTIO_F_IN_ORDER, VIRTIO_F_NOTIFICATION_DATA,
                 VIRTIO_F_NOTIF_CONFIG_DATA, VIRTIO_F_SUSPEND));
    if (soft_manner(features_of_tomorrow)) {
        qvirtio_features_add_list(&s->offered, FEATURES(44, 101));
    }
    if (soft_manner(plain_split_rings_only)) {
        s->offered.word[0] &= 0x00ffffff;
        s->offered.word[1] &= 0xfffc0400;
        qvirtio_features_add_list(&s->offered,
                                  FEATURES(VIRTIO_F_VERSION_1, VIRTIO_F_ACCESS_PLATFORM));
    }
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        uint16_t id = changes[i].device_id;
        if (changes[i].fault != soft_fault_chosen || (id && id != s->dev.device_id)) {
            continue;
        }
        qvirtio_features_add_list(&s->offered, changes[i].more);
        for (const uint8_t *bit = changes[i].less; bit && *bit != FEATURES_END; bit++) {
            qvirtio_features_clear(&s->offered, *bit);
        }
    }
}
