/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU device on the wire (5.13): feature bits, config space, requests, properties
 * of endpoints and fault reports. Names are the specification's. There is no legacy
 * interface: everything is little-endian.
 */
#ifndef VIRTIO_IOMMU_H
#define VIRTIO_IOMMU_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.13.2 Virtqueues */
#define VIRTIO_IOMMU_REQUESTQ 0
#define VIRTIO_IOMMU_EVENTQ   1

/* 5.13.3 Feature bits */
#define VIRTIO_IOMMU_F_INPUT_RANGE   0
#define VIRTIO_IOMMU_F_DOMAIN_RANGE  1
#define VIRTIO_IOMMU_F_MAP_UNMAP     2
#define VIRTIO_IOMMU_F_BYPASS        3
#define VIRTIO_IOMMU_F_PROBE         4
#define VIRTIO_IOMMU_F_MMIO          5
#define VIRTIO_IOMMU_F_BYPASS_CONFIG 6

/* 5.13.4 Device configuration layout */
struct virtio_iommu_config {
    le64 page_size_mask;
    struct {
        le64 start, end;
    } input_range;
    struct {
        le32 start, end;
    } domain_range;
    le32 probe_size;
    uint8_t bypass;
    uint8_t reserved[3];
};
_Static_assert(sizeof(struct virtio_iommu_config) == 40, "5.13.4");

/* 5.13.6 Device operations: what each request begins and ends with */
struct virtio_iommu_req_head {
    uint8_t type;
    uint8_t reserved[3];
};

struct virtio_iommu_req_tail {
    uint8_t status;
    uint8_t reserved[3];
};

#define VIRTIO_IOMMU_T_ATTACH 1
#define VIRTIO_IOMMU_T_DETACH 2
#define VIRTIO_IOMMU_T_MAP    3
#define VIRTIO_IOMMU_T_UNMAP  4
#define VIRTIO_IOMMU_T_PROBE  5

#define VIRTIO_IOMMU_S_OK     0
#define VIRTIO_IOMMU_S_IOERR  1
#define VIRTIO_IOMMU_S_UNSUPP 2
#define VIRTIO_IOMMU_S_DEVERR 3
#define VIRTIO_IOMMU_S_INVAL  4
#define VIRTIO_IOMMU_S_RANGE  5
#define VIRTIO_IOMMU_S_NOENT  6
#define VIRTIO_IOMMU_S_FAULT  7
#define VIRTIO_IOMMU_S_NOMEM  8

#define VIRTIO_IOMMU_ATTACH_F_BYPASS 1u

/* What the device reads of each request. The device answers with the tail, behind the
 * properties of a PROBE. */
struct virtio_iommu_req_attach {
    struct virtio_iommu_req_head head;
    le32 domain, endpoint, flags;
    uint8_t reserved[4];
};
_Static_assert(sizeof(struct virtio_iommu_req_attach) == 20, "5.13.6.3");

struct virtio_iommu_req_detach {
    struct virtio_iommu_req_head head;
    le32 domain, endpoint;
    uint8_t reserved[8];
};
_Static_assert(sizeof(struct virtio_iommu_req_detach) == 20, "5.13.6.4");

#define VIRTIO_IOMMU_MAP_F_READ  1u
#define VIRTIO_IOMMU_MAP_F_WRITE 2u
#define VIRTIO_IOMMU_MAP_F_MMIO  4u

struct virtio_iommu_req_map {
    struct virtio_iommu_req_head head;
    le32 domain;
    le64 virt_start, virt_end, phys_start;
    le32 flags;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_iommu_req_map) == 36, "5.13.6.5");

struct virtio_iommu_req_unmap {
    struct virtio_iommu_req_head head;
    le32 domain;
    le64 virt_start, virt_end;
    uint8_t reserved[4];
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_iommu_req_unmap) == 28, "5.13.6.6");

struct virtio_iommu_req_probe {
    struct virtio_iommu_req_head head;
    le32 endpoint;
    uint8_t reserved[64];
};
_Static_assert(sizeof(struct virtio_iommu_req_probe) == 72, "5.13.6.7");

/* The type has 12 bits, the rest is reserved. */
struct virtio_iommu_probe_property {
    le16 type;
    le16 length;
};

#define VIRTIO_IOMMU_PROBE_T_MASK     0xfffu
#define VIRTIO_IOMMU_PROBE_T_RESV_MEM 1

struct virtio_iommu_probe_resv_mem {
    struct virtio_iommu_probe_property head;
    uint8_t subtype;
    uint8_t reserved[3];
    le64 start, end;
};
_Static_assert(sizeof(struct virtio_iommu_probe_resv_mem) == 24, "5.13.6.8.1");

#define VIRTIO_IOMMU_RESV_MEM_T_RESERVED 0
#define VIRTIO_IOMMU_RESV_MEM_T_MSI      1

/* 5.13.6.9 Fault reporting */
struct virtio_iommu_fault {
    uint8_t reason;
    uint8_t reserved[3];
    le32 flags;
    le32 endpoint;
    le32 reserved1;
    le64 address;
};
_Static_assert(sizeof(struct virtio_iommu_fault) == 24, "5.13.6.9");

#define VIRTIO_IOMMU_FAULT_R_UNKNOWN 0
#define VIRTIO_IOMMU_FAULT_R_DOMAIN  1
#define VIRTIO_IOMMU_FAULT_R_MAPPING 2

#define VIRTIO_IOMMU_FAULT_F_READ    (1u << 0)
#define VIRTIO_IOMMU_FAULT_F_WRITE   (1u << 1)
#define VIRTIO_IOMMU_FAULT_F_ADDRESS (1u << 8)

#endif
