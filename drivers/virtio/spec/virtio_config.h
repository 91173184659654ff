/* SPDX-License-Identifier: MIT */
/*
 * Numbers of virtio 1.4 that belong to no single device or bus: status bits (2.1),
 * reserved feature bits (6), device types (5). Names are the specification's.
 */
#ifndef VIRTIO_CONFIG_H
#define VIRTIO_CONFIG_H

/* 2.1 Device Status Field */
#define VIRTIO_STATUS_ACKNOWLEDGE 1
#define VIRTIO_STATUS_DRIVER      2
#define VIRTIO_STATUS_DRIVER_OK   4
#define VIRTIO_STATUS_FEATURES_OK 8
#define VIRTIO_STATUS_SUSPEND     16
#define VIRTIO_STATUS_NEEDS_RESET 64
#define VIRTIO_STATUS_FAILED      128

/* 2.2 Feature Bits: 0-23 and 50-127 belong to the device type, 24-49 are reserved for
 * rings and negotiation. */
#define VIRTIO_F_NOTIFY_ON_EMPTY   24 /* legacy, 6.3 */
#define VIRTIO_F_ANY_LAYOUT        27 /* legacy, 6.3 */
#define VIRTIO_F_INDIRECT_DESC     28
#define VIRTIO_F_EVENT_IDX         29
#define VIRTIO_F_UNUSED            30 /* legacy: QEMU's "bad feature", must not be accepted */
#define VIRTIO_F_VERSION_1         32
#define VIRTIO_F_ACCESS_PLATFORM   33
#define VIRTIO_F_RING_PACKED       34
#define VIRTIO_F_IN_ORDER          35
#define VIRTIO_F_ORDER_PLATFORM    36
#define VIRTIO_F_SR_IOV            37
#define VIRTIO_F_NOTIFICATION_DATA 38
#define VIRTIO_F_NOTIF_CONFIG_DATA 39
#define VIRTIO_F_RING_RESET        40
#define VIRTIO_F_ADMIN_VQ          41
#define VIRTIO_F_SUSPEND           43

#define VIRTIO_F_RESERVED_FIRST 24
#define VIRTIO_F_RESERVED_LAST  49

/* 5 Device Types */
#define VIRTIO_ID_NET     1
#define VIRTIO_ID_BLOCK   2
#define VIRTIO_ID_CONSOLE 3
#define VIRTIO_ID_RNG     4
#define VIRTIO_ID_BALLOON 5
#define VIRTIO_ID_SCSI    8
#define VIRTIO_ID_9P      9
#define VIRTIO_ID_GPU     16
#define VIRTIO_ID_INPUT   18
#define VIRTIO_ID_VSOCK   19
#define VIRTIO_ID_CRYPTO  20
#define VIRTIO_ID_IOMMU   23
#define VIRTIO_ID_MEM     24
#define VIRTIO_ID_SOUND   25
#define VIRTIO_ID_FS      26
#define VIRTIO_ID_PMEM    27
#define VIRTIO_ID_RTC     17

/* 4.1.4.3, 4.1.5.1.2 */
#define VIRTIO_MSI_NO_VECTOR 0xffff

#endif
