/* SPDX-License-Identifier: MIT */
/*
 * The SCSI host device on the wire (5.6): feature bits, config space, and the requests of
 * its three kinds of queues. Names are the specification's. Fields of several bytes are
 * virtio16/32/64, because a legacy interface keeps them in the guest's own order. What is
 * in a CDB and in sense data belongs to SCSI itself: drivers/virtio/spec/scsi.h.
 */
#ifndef VIRTIO_SCSI_H
#define VIRTIO_SCSI_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.6.2 Virtqueues; request queues from the third on */
#define VIRTIO_SCSI_CONTROLQ 0
#define VIRTIO_SCSI_EVENTQ   1
#define VIRTIO_SCSI_REQUESTQ 2

/* 5.6.3 Feature bits */
#define VIRTIO_SCSI_F_INOUT   0
#define VIRTIO_SCSI_F_HOTPLUG 1
#define VIRTIO_SCSI_F_CHANGE  2
#define VIRTIO_SCSI_F_T10_PI  3

/* 5.6.4 Device configuration layout */
struct virtio_scsi_config {
    /* The number of request queues. */
    virtio32 num_queues;
    virtio32 seg_max;
    virtio32 max_sectors;
    virtio32 cmd_per_lun;
    virtio32 event_info_size;
    /* The driver may write this field and the next. */
    virtio32 sense_size;
    virtio32 cdb_size;
    virtio16 max_channel;
    virtio16 max_target;
    virtio32 max_lun;
};
_Static_assert(sizeof(struct virtio_scsi_config) == 36, "5.6.4");
_Static_assert(offsetof(struct virtio_scsi_config, max_lun) == 32, "5.6.4");

#define VIRTIO_SCSI_SENSE_DEFAULT 96
#define VIRTIO_SCSI_CDB_DEFAULT   32

/* Ways to write the field lun (5.6.6.1) */
#define VIRTIO_SCSI_LUN_BYTES 8

/* 5.6.6.1 Request queues: the device-readable part up to the CDB, whose length is
 * cdb_size; with VIRTIO_SCSI_F_T10_PI a virtio_scsi_pi follows, and pi_out; then dataout.
 */
struct virtio_scsi_req_cmd {
    uint8_t lun[VIRTIO_SCSI_LUN_BYTES];
    virtio64 id;
    uint8_t task_attr;
    uint8_t prio;
    uint8_t crn;
    uint8_t cdb[];
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_scsi_req_cmd) == 19, "5.6.6.1");

struct virtio_scsi_pi {
    virtio32 pi_bytesout;
    virtio32 pi_bytesin;
};
_Static_assert(sizeof(struct virtio_scsi_pi) == 8, "5.6.6.1");

/* The device-writable part up to the sense data, whose room is sense_size; pi_in and
 * datain follow. */
struct virtio_scsi_resp_cmd {
    virtio32 sense_len;
    virtio32 residual;
    virtio16 status_qualifier;
    uint8_t status;
    uint8_t response;
    uint8_t sense[];
};
_Static_assert(sizeof(struct virtio_scsi_resp_cmd) == 12, "5.6.6.1");

#define VIRTIO_SCSI_S_OK                 0
#define VIRTIO_SCSI_S_OVERRUN            1
#define VIRTIO_SCSI_S_ABORTED            2
#define VIRTIO_SCSI_S_BAD_TARGET         3
#define VIRTIO_SCSI_S_RESET              4
#define VIRTIO_SCSI_S_BUSY               5
#define VIRTIO_SCSI_S_TRANSPORT_FAILURE  6
#define VIRTIO_SCSI_S_TARGET_FAILURE     7
#define VIRTIO_SCSI_S_NEXUS_FAILURE      8
#define VIRTIO_SCSI_S_FAILURE            9
#define VIRTIO_SCSI_S_FUNCTION_COMPLETE  0
#define VIRTIO_SCSI_S_FUNCTION_SUCCEEDED 10
#define VIRTIO_SCSI_S_FUNCTION_REJECTED  11
#define VIRTIO_SCSI_S_INCORRECT_LUN      12

/* task_attr */
#define VIRTIO_SCSI_S_SIMPLE  0
#define VIRTIO_SCSI_S_ORDERED 1
#define VIRTIO_SCSI_S_HEAD    2
#define VIRTIO_SCSI_S_ACA     3

/* 5.6.6.2 controlq: the type says what else is in the request. */
#define VIRTIO_SCSI_T_TMF          0
#define VIRTIO_SCSI_T_AN_QUERY     1
#define VIRTIO_SCSI_T_AN_SUBSCRIBE 2

#define VIRTIO_SCSI_T_TMF_ABORT_TASK         0
#define VIRTIO_SCSI_T_TMF_ABORT_TASK_SET     1
#define VIRTIO_SCSI_T_TMF_CLEAR_ACA          2
#define VIRTIO_SCSI_T_TMF_CLEAR_TASK_SET     3
#define VIRTIO_SCSI_T_TMF_I_T_NEXUS_RESET    4
#define VIRTIO_SCSI_T_TMF_LOGICAL_UNIT_RESET 5
#define VIRTIO_SCSI_T_TMF_QUERY_TASK         6
#define VIRTIO_SCSI_T_TMF_QUERY_TASK_SET     7

/* What the device reads of struct virtio_scsi_ctrl_tmf. A response byte is the answer. */
struct virtio_scsi_ctrl_tmf {
    virtio32 type;
    virtio32 subtype;
    uint8_t lun[VIRTIO_SCSI_LUN_BYTES];
    virtio64 id;
};
_Static_assert(sizeof(struct virtio_scsi_ctrl_tmf) == 24, "5.6.6.2");

/* The two parts of struct virtio_scsi_ctrl_an. */
struct virtio_scsi_ctrl_an {
    virtio32 type;
    uint8_t lun[VIRTIO_SCSI_LUN_BYTES];
    virtio32 event_requested;
};
_Static_assert(sizeof(struct virtio_scsi_ctrl_an) == 16, "5.6.6.2");

struct virtio_scsi_ctrl_an_resp {
    virtio32 event_actual;
    uint8_t response;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_scsi_ctrl_an_resp) == 5, "5.6.6.2");

#define VIRTIO_SCSI_EVT_ASYNC_OPERATIONAL_CHANGE 2
#define VIRTIO_SCSI_EVT_ASYNC_POWER_MGMT         4
#define VIRTIO_SCSI_EVT_ASYNC_EXTERNAL_REQUEST   8
#define VIRTIO_SCSI_EVT_ASYNC_MEDIA_CHANGE       16
#define VIRTIO_SCSI_EVT_ASYNC_MULTI_HOST         32
#define VIRTIO_SCSI_EVT_ASYNC_DEVICE_BUSY        64
#define VIRTIO_SCSI_EVT_ASYNC_ALL                0x7e

/* 5.6.6.3 eventq */
struct virtio_scsi_event {
    virtio32 event;
    uint8_t lun[VIRTIO_SCSI_LUN_BYTES];
    virtio32 reason;
};
_Static_assert(sizeof(struct virtio_scsi_event) == 16, "5.6.6.3");

#define VIRTIO_SCSI_T_EVENTS_MISSED   0x80000000u
#define VIRTIO_SCSI_T_NO_EVENT        0
#define VIRTIO_SCSI_T_TRANSPORT_RESET 1
#define VIRTIO_SCSI_T_ASYNC_NOTIFY    2
#define VIRTIO_SCSI_T_PARAM_CHANGE    3

#define VIRTIO_SCSI_EVT_RESET_HARD    0
#define VIRTIO_SCSI_EVT_RESET_RESCAN  1
#define VIRTIO_SCSI_EVT_RESET_REMOVED 2

#endif
