/* SPDX-License-Identifier: MIT */
/*
 * What the tests of flow filters (5.1.9.6) share: rules that match the destination of
 * frames, and on which receive queue a frame then comes in. Frames go to the device's own
 * address (those that rules are about) or to all.
 */
#ifndef FLOW_LIB_H
#define FLOW_LIB_H

#include "drivers/virtio/spec/virtio_net_ff.h"
#include "tests/harness/admin.h"
#include "tests/net/steering.h"

/* A test of devices that may have flow filters, with several receive queues. That a
 * device has no administration virtqueue is said once, in the suite `admin`. */
#define FLOW_TEST(id, ...)                                                              \
    VIRTIO_TEST(                                                                        \
        id, .device = VIRTIO_ID_NET, .buses = ADMIN_BUSES, .flags = TEST_VARIANT,       \
        .needs = FEATURES(VIRTIO_F_ADMIN_VQ, VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ,     \
                          VIRTIO_NET_F_MAC),                                            \
        .wants = FEATURES(VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_RSS, VIRTIO_F_RING_RESET), \
        ##__VA_ARGS__)

#define FLOW_GROUP      VIRTIO_NET_RESOURCE_OBJ_FF_GROUP
#define FLOW_CLASSIFIER VIRTIO_NET_RESOURCE_OBJ_FF_CLASSIFIER
#define FLOW_RULE       VIRTIO_NET_RESOURCE_OBJ_FF_RULE
#define FLOW_DROP       VIRTIO_NET_FF_ACTION_DROP
#define FLOW_DIRECT     VIRTIO_NET_FF_ACTION_DIRECT_RX_VQ
#define FLOW_KEY_BYTES  14

typedef struct Flow {
    Test *t;
    QVirtioDevice *dev;
    NetBench b;
    NetQueues q;
    /* The device's. */
    struct virtio_net_ff_cap_data limits;
    /* Of its selector for Ethernet. */
    uint8_t eth_flags;
} Flow;

/* A rule of group and classifier 0, until something else is said. */
typedef struct FlowRule {
    uint32_t group, classifier;
    /* key_bytes 0 means as many as there are. */
    uint8_t priority, action, key_bytes;
    /* Of the receive queue. */
    uint16_t pair;
    /* It matches the broadcast address. */
    bool is_for_all;
} FlowRule;

/* Commands in use and capabilities set, nothing else. Returns false when the test is
 * over: it is skipped, or the failure is reported. */
bool flow_begin(Test *t, QVirtioDevice *dev, Flow *f);
/* Does the same with the classifier and group 0, of priority 1, and with queues to look
 * at. */
bool flow_open(Test *t, QVirtioDevice *dev, Flow *f);

/* Sends a command about an object. Returns its status. */
uint16_t flow_do(Flow *f, uint16_t opcode, uint16_t type, uint32_t id, const void *data,
                 uint32_t bytes);
uint16_t flow_create_group(Flow *f, uint32_t id, uint16_t priority);
uint16_t flow_create_classifier(Flow *f, uint32_t id, uint8_t flags);
uint16_t flow_create_rule(Flow *f, uint32_t id, const FlowRule *r);
uint16_t flow_destroy(Flow *f, uint16_t type, uint32_t id);
/* Create these objects. Each returns false when that fails, which is reported. */
bool flow_has_group(Flow *f, uint32_t id, uint16_t priority);
bool flow_has_rule(Flow *f, uint32_t id, FlowRule r);

/* Returns the pair on which a frame to the device, or to all, comes in. Returns -1 when
 * that fails, which is reported. */
int flow_pair(Flow *f, bool to_all, uint32_t bytes);
/* The same of a frame to the device that may be dropped: FLOW_NONE. */
#define FLOW_NONE (-2)
int flow_pair_if_any(Flow *f, uint32_t bytes);
/* Expects that a frame to `to` is dropped: it is nowhere when the next one, to all, is
 * there. */
bool flow_drops(Flow *f, const char *clause, const uint8_t to[6]);

/* The same as net_filters(), also where rules steer frames. */
bool flow_filters(Flow *f);

#endif
