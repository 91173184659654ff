/* SPDX-License-Identifier: MIT */
/*
 * Virtio over PCI on the wire (4.1): identification, the vendor-specific capabilities,
 * the common configuration structure, and the registers of the legacy interface
 * (4.1.4.10). Names are the specification's; it gives none to the legacy registers.
 */
#ifndef VIRTIO_PCI_H
#define VIRTIO_PCI_H

#include "kernel/lib/byteorder.h"
#include <stddef.h>
#include <stdint.h>

/* 4.1.2 PCI Device Discovery */
#define VIRTIO_PCI_VENDOR           0x1af4
#define VIRTIO_PCI_DEVICE_FIRST     0x1000
#define VIRTIO_PCI_DEVICE_LAST      0x107f
#define VIRTIO_PCI_DEVICE_MODERN    0x1040 /* plus the virtio device id */
#define VIRTIO_PCI_SUBSYSTEM_MODERN 0x40   /* non-transitional: at least this */
#define VIRTIO_PCI_REVISION_MODERN  1      /* non-transitional: at least this */

/* 4.1.4 Virtio Structure PCI Capabilities: cfg_type */
#define VIRTIO_PCI_CAP_COMMON_CFG        1
#define VIRTIO_PCI_CAP_NOTIFY_CFG        2
#define VIRTIO_PCI_CAP_ISR_CFG           3
#define VIRTIO_PCI_CAP_DEVICE_CFG        4
#define VIRTIO_PCI_CAP_PCI_CFG           5
#define VIRTIO_PCI_CAP_SHARED_MEMORY_CFG 8
#define VIRTIO_PCI_CAP_VENDOR_CFG        9

struct virtio_pci_cap {
    uint8_t cap_vndr;
    uint8_t cap_next;
    uint8_t cap_len;
    uint8_t cfg_type;
    uint8_t bar;
    uint8_t id;
    uint8_t padding[2];
    le32 offset;
    le32 length;
};
_Static_assert(sizeof(struct virtio_pci_cap) == 16, "4.1.4");

struct virtio_pci_cap64 {
    struct virtio_pci_cap cap;
    le32 offset_hi;
    le32 length_hi;
};
_Static_assert(sizeof(struct virtio_pci_cap64) == 24, "4.1.4");

struct virtio_pci_notify_cap {
    struct virtio_pci_cap cap;
    le32 notify_off_multiplier;
};
_Static_assert(sizeof(struct virtio_pci_notify_cap) == 20, "4.1.4.4");

struct virtio_pci_vndr_data {
    uint8_t cap_vndr;
    uint8_t cap_next;
    uint8_t cap_len;
    uint8_t cfg_type;
    le16 vendor_id;
};
_Static_assert(sizeof(struct virtio_pci_vndr_data) == 6, "4.1.4.8");

struct virtio_pci_cfg_cap {
    struct virtio_pci_cap cap;
    uint8_t pci_cfg_data[4];
};
_Static_assert(sizeof(struct virtio_pci_cfg_cap) == 20, "4.1.4.9");

/* 4.1.4.3 Common configuration structure layout. Beside each field stands who writes it.
 */
struct virtio_pci_common_cfg {
    le32 device_feature_select;   /* driver */
    le32 device_feature;          /* device */
    le32 driver_feature_select;   /* driver */
    le32 driver_feature;          /* driver */
    le16 config_msix_vector;      /* driver; the device may put NO_VECTOR instead */
    le16 num_queues;              /* device */
    uint8_t device_status;        /* both */
    uint8_t config_generation;    /* device */
    le16 queue_select;            /* driver */
    le16 queue_size;              /* both */
    le16 queue_msix_vector;       /* driver; the device may put NO_VECTOR instead */
    le16 queue_enable;            /* both */
    le16 queue_notify_off;        /* device */
    le64 queue_desc;              /* driver */
    le64 queue_driver;            /* driver */
    le64 queue_device;            /* driver */
    le16 queue_notif_config_data; /* device */
    le16 queue_reset;             /* both */
    le16 admin_queue_index;       /* device */
    le16 admin_queue_num;         /* device */
};
_Static_assert(sizeof(struct virtio_pci_common_cfg) == 64, "4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, queue_desc) == 32, "4.1.4.3");

/* Every device has the fields up to queue_device; the others came with later features. */
#define VIRTIO_PCI_COMMON_BYTES \
    offsetof(struct virtio_pci_common_cfg, queue_notif_config_data)

/* 4.1.4.5 ISR status */
#define VIRTIO_PCI_ISR_QUEUE  1
#define VIRTIO_PCI_ISR_CONFIG 2

/* 4.1.4.10 Legacy interface: registers in the I/O ports of BAR 0. */
#define VIRTIO_PCI_LEGACY_DEVICE_FEATURES 0
#define VIRTIO_PCI_LEGACY_DRIVER_FEATURES 4
#define VIRTIO_PCI_LEGACY_QUEUE_ADDRESS   8 /* in pages of 4096 bytes */
#define VIRTIO_PCI_LEGACY_QUEUE_SIZE      12
#define VIRTIO_PCI_LEGACY_QUEUE_SELECT    14
#define VIRTIO_PCI_LEGACY_QUEUE_NOTIFY    16
#define VIRTIO_PCI_LEGACY_DEVICE_STATUS   18
#define VIRTIO_PCI_LEGACY_ISR_STATUS      19
#define VIRTIO_PCI_LEGACY_CONFIG_VECTOR   20 /* only while MSI-X is enabled */
#define VIRTIO_PCI_LEGACY_QUEUE_VECTOR    22
#define VIRTIO_PCI_LEGACY_CONFIG          20 /* device configuration ... */
#define VIRTIO_PCI_LEGACY_CONFIG_MSIX     24 /* ... and while MSI-X is enabled */
#define VIRTIO_PCI_LEGACY_PAGE_SHIFT      12

#endif
