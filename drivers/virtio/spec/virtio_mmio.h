/* SPDX-License-Identifier: MIT */
/*
 * Virtio over MMIO on the wire (4.2.2, 4.2.4): the offsets of the control registers,
 * which have 32 bits each. R, W and RW say how the driver may access a register. Names
 * are the specification's, in capitals.
 */
#ifndef VIRTIO_MMIO_H
#define VIRTIO_MMIO_H

#define VIRTIO_MMIO_MAGIC_VALUE         0x000 /* R: "virt" */
#define VIRTIO_MMIO_VERSION             0x004 /* R */
#define VIRTIO_MMIO_DEVICE_ID           0x008 /* R: 0 is an empty slot */
#define VIRTIO_MMIO_VENDOR_ID           0x00c /* R */
#define VIRTIO_MMIO_DEVICE_FEATURES     0x010 /* R */
#define VIRTIO_MMIO_DEVICE_FEATURES_SEL 0x014 /* W */
#define VIRTIO_MMIO_DRIVER_FEATURES     0x020 /* W */
#define VIRTIO_MMIO_DRIVER_FEATURES_SEL 0x024 /* W */
#define VIRTIO_MMIO_QUEUE_SEL           0x030 /* W */
#define VIRTIO_MMIO_QUEUE_SIZE_MAX      0x034 /* R */
#define VIRTIO_MMIO_QUEUE_SIZE          0x038 /* W */
#define VIRTIO_MMIO_QUEUE_READY         0x044 /* RW */
#define VIRTIO_MMIO_QUEUE_NOTIFY        0x050 /* W */
#define VIRTIO_MMIO_INTERRUPT_STATUS    0x060 /* R */
#define VIRTIO_MMIO_INTERRUPT_ACK       0x064 /* W */
#define VIRTIO_MMIO_STATUS              0x070 /* RW */
#define VIRTIO_MMIO_QUEUE_DESC_LOW      0x080 /* W */
#define VIRTIO_MMIO_QUEUE_DESC_HIGH     0x084 /* W */
#define VIRTIO_MMIO_QUEUE_DRIVER_LOW    0x090 /* W */
#define VIRTIO_MMIO_QUEUE_DRIVER_HIGH   0x094 /* W */
#define VIRTIO_MMIO_QUEUE_DEVICE_LOW    0x0a0 /* W */
#define VIRTIO_MMIO_QUEUE_DEVICE_HIGH   0x0a4 /* W */
#define VIRTIO_MMIO_SHM_SEL             0x0ac /* W */
#define VIRTIO_MMIO_SHM_LEN_LOW         0x0b0 /* R */
#define VIRTIO_MMIO_SHM_LEN_HIGH        0x0b4 /* R */
#define VIRTIO_MMIO_SHM_BASE_LOW        0x0b8 /* R */
#define VIRTIO_MMIO_SHM_BASE_HIGH       0x0bc /* R */
#define VIRTIO_MMIO_QUEUE_RESET         0x0c0 /* RW */
#define VIRTIO_MMIO_CONFIG_GENERATION   0x0fc /* R */
#define VIRTIO_MMIO_CONFIG              0x100 /* RW: the device's configuration */

/* 4.2.4 Legacy interface: the registers that it has in addition, or instead. */
#define VIRTIO_MMIO_LEGACY_GUEST_PAGE_SIZE 0x028 /* W */
#define VIRTIO_MMIO_LEGACY_QUEUE_ALIGN     0x03c /* W */
#define VIRTIO_MMIO_LEGACY_QUEUE_PFN       0x040 /* RW: in guest pages; 0: not in use */

#define VIRTIO_MMIO_MAGIC          0x74726976
#define VIRTIO_MMIO_VERSION_MODERN 2
#define VIRTIO_MMIO_VERSION_LEGACY 1

/* 4.2.2: InterruptStatus and InterruptACK */
#define VIRTIO_MMIO_INTERRUPT_QUEUE  1
#define VIRTIO_MMIO_INTERRUPT_CONFIG 2
#define VIRTIO_MMIO_INTERRUPTS       3

#endif
