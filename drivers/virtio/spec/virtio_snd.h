/* SPDX-License-Identifier: MIT */
/*
 * Sound devices on the wire (5.14): config space, control requests with what they return,
 * I/O messages and events. Structures have no padding except named fields (1.6). There is
 * no legacy interface. Jack remapping and shared memory are left out.
 */
#ifndef VIRTIO_SND_H
#define VIRTIO_SND_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 5.14.2 Virtqueues */
#define VIRTIO_SND_CONTROLQ 0
#define VIRTIO_SND_EVENTQ   1
#define VIRTIO_SND_TXQ      2
#define VIRTIO_SND_RXQ      3
#define VIRTIO_SND_QUEUES   4

/* 5.14.3 Feature Bits */
#define VIRTIO_SND_F_CTLS 0

/* 5.14.4 Device Configuration Layout */
struct virtio_snd_config {
    le32 jacks;
    le32 streams;
    le32 chmaps;
    le32 controls;
};
_Static_assert(sizeof(struct virtio_snd_config) == 16, "5.14.4");

/* 5.14.6 Device Operation */
enum {
    VIRTIO_SND_R_JACK_INFO = 1,
    VIRTIO_SND_R_PCM_INFO = 0x0100,
    VIRTIO_SND_R_PCM_SET_PARAMS,
    VIRTIO_SND_R_PCM_PREPARE,
    VIRTIO_SND_R_PCM_RELEASE,
    VIRTIO_SND_R_PCM_START,
    VIRTIO_SND_R_PCM_STOP,
    VIRTIO_SND_R_CHMAP_INFO = 0x0200,
    VIRTIO_SND_R_CTL_INFO = 0x0300,
    VIRTIO_SND_R_CTL_ENUM_ITEMS,
    VIRTIO_SND_R_CTL_READ,
    VIRTIO_SND_R_CTL_WRITE,
    VIRTIO_SND_R_CTL_TLV_READ,
    VIRTIO_SND_EVT_CTL_NOTIFY = 0x1200,
    VIRTIO_SND_S_OK = 0x8000,
    VIRTIO_SND_S_BAD_MSG,
    VIRTIO_SND_S_NOT_SUPP,
    VIRTIO_SND_S_IO_ERR,
};

enum { VIRTIO_SND_D_OUTPUT = 0, VIRTIO_SND_D_INPUT };

struct virtio_snd_hdr {
    le32 code;
};

struct virtio_snd_query_info {
    le32 code;
    le32 start_id;
    le32 count;
    le32 size;
};

/* 5.14.6.4 */
struct virtio_snd_jack_info {
    le32 hda_fn_nid;
    le32 features;
    le32 hda_reg_defconf;
    le32 hda_reg_caps;
    uint8_t connected;
    uint8_t padding[7];
};
_Static_assert(sizeof(struct virtio_snd_jack_info) == 24, "5.14.6.4.1");

#define VIRTIO_SND_JACK_F_COUNT 1 /* bits 0 to here are defined; so with all COUNTs */

/* 5.14.6.6 */
#define VIRTIO_SND_PCM_F_COUNT     5
#define VIRTIO_SND_PCM_FMT_COUNT   25
#define VIRTIO_SND_PCM_RATE_COUNT  16
#define VIRTIO_SND_PCM_FMT_U8      4
#define VIRTIO_SND_PCM_FMT_S16     5
#define VIRTIO_SND_PCM_RATE_8000   1
#define VIRTIO_SND_PCM_RATE_48000  7
#define VIRTIO_SND_PCM_RATE_384000 13

struct virtio_snd_pcm_info {
    le32 hda_fn_nid;
    le32 features;
    le64 formats;
    le64 rates;
    uint8_t direction;
    uint8_t channels_min;
    uint8_t channels_max;
    uint8_t padding[5];
};
_Static_assert(sizeof(struct virtio_snd_pcm_info) == 32, "5.14.6.6.2");

struct virtio_snd_pcm_hdr {
    le32 code;
    le32 stream_id;
};

struct virtio_snd_pcm_set_params {
    struct virtio_snd_pcm_hdr hdr;
    le32 buffer_bytes;
    le32 period_bytes;
    le32 features;
    uint8_t channels;
    uint8_t format;
    uint8_t rate;
    uint8_t padding;
};
_Static_assert(sizeof(struct virtio_snd_pcm_set_params) == 24, "5.14.6.6.3");

/* 5.14.6.8 */
struct virtio_snd_pcm_xfer {
    le32 stream_id;
};

struct virtio_snd_pcm_status {
    le32 status;
    le32 latency_bytes;
};

/* 5.14.6.9 */
#define VIRTIO_SND_CHMAP_MAX_SIZE 18

struct virtio_snd_chmap_info {
    le32 hda_fn_nid;
    uint8_t direction;
    uint8_t channels;
    uint8_t positions[VIRTIO_SND_CHMAP_MAX_SIZE];
};
_Static_assert(sizeof(struct virtio_snd_chmap_info) == 24, "5.14.6.9");

/* 5.14.6.10 */
#define VIRTIO_SND_CTL_ROLE_COUNT   4 /* of role >> 1; the lowest bit is the direction */
#define VIRTIO_SND_CTL_ROLE_VOLUME  1
#define VIRTIO_SND_CTL_ACCESS_COUNT 7

enum {
    VIRTIO_SND_CTL_TYPE_BOOLEAN = 0,
    VIRTIO_SND_CTL_TYPE_INTEGER,
    VIRTIO_SND_CTL_TYPE_INTEGER64,
    VIRTIO_SND_CTL_TYPE_ENUMERATED,
    VIRTIO_SND_CTL_TYPE_BYTES,
    VIRTIO_SND_CTL_TYPE_IEC958,
    VIRTIO_SND_CTL_TYPE_COUNT,
};

enum {
    VIRTIO_SND_CTL_ACCESS_READ = 0,
    VIRTIO_SND_CTL_ACCESS_WRITE,
    VIRTIO_SND_CTL_ACCESS_VOLATILE,
    VIRTIO_SND_CTL_ACCESS_INACTIVE,
    VIRTIO_SND_CTL_ACCESS_TLV_READ,
};

struct __attribute__((packed)) virtio_snd_ctl_info {
    le32 hda_fn_nid;
    le32 role;
    le32 type;
    le32 access;
    le32 count;
    le32 index;
    uint8_t name[44];
    union {
        struct {
            le32 min, max, step;
        } integer;
        struct {
            le32 items;
        } enumerated;
        uint8_t bytes[24];
    } value;
};
_Static_assert(sizeof(struct virtio_snd_ctl_info) == 92, "5.14.6.10.1");

struct virtio_snd_ctl_hdr {
    le32 code;
    le32 control_id;
};

struct virtio_snd_ctl_enum_item {
    uint8_t item[64];
};

struct virtio_snd_ctl_tlv {
    le32 type;
    le32 length;
};

#define VIRTIO_SND_CTL_EVT_MASK_COUNT 3

struct virtio_snd_ctl_event {
    le32 code;
    le16 control_id;
    le16 mask;
};

#endif
