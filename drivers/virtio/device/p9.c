/* SPDX-License-Identifier: MIT */
/*
 * The driver of the 9P transport. Its ping is Tversion, which carries another msize and
 * another tag each time. It ends the session before it, so pings do not depend on each
 * other.
 */
#include "drivers/virtio/device/p9.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/string.h"

#define VERSION     "9P2000.L"
#define REPLY_BYTES (P9_HEADER_BYTES + 4 + 2 + 8)
/* QEMU warns of bad performance below this. */
#define MSIZE_LEAST   16384u
#define MSIZE_NUMBERS 4096

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_9P_MOUNT_TAG, .name = "MOUNT_TAG"},
    {.name = NULL},
};

/* The tag after it is as long as tag_len says, so it is no field here; tests/9p reads
 * it. */
static const QVirtioField fields[] = {
    {.name = "tag_len", .width = 2, .count = 1, .feature = VIRTIO_9P_MOUNT_TAG},
    {.name = NULL},
};

static uint16_t queue_count(QVirtioDevice *d)
{
    (void)d;
    return 1;
}

static uint32_t msize_of(uint32_t number)
{
    return MSIZE_LEAST + number % MSIZE_NUMBERS;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    P9Request r = p9_request(d, REPLY_BYTES, number % P9_NOTAG, P9_TVERSION, "ds",
                             msize_of(number), VERSION);
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[0],
        .number = number,
        .out = r.out,
        .out_bytes = r.out_bytes,
        .in = r.in,
        .in_bytes = REPLY_BYTES,
        .used_min = REPLY_BYTES,
        .used_max = REPLY_BYTES,
    };
    return r.out ? 0 : -QVIRTIO_NO_MEMORY;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    P9Request r = {.in = ping->in, .in_bytes = REPLY_BYTES, .used_len = used_len};
    uint32_t msize = 0;
    P9Text version = {0};
    if (p9_type(&r) != P9_TVERSION + 1) {
        return "the answer is no Rversion";
    }
    if (p9_tag(&r) != ping->number % P9_NOTAG) {
        return "the answer has another tag";
    }
    if (p9_size(&r) != REPLY_BYTES || !p9_scan(&r, "ds", &msize, &version)) {
        return "the answer has not the length of an Rversion";
    }
    if (msize == 0 || msize > msize_of(ping->number)) {
        return "the answer's msize is not one that was asked for";
    }
    return version.bytes == strlen(VERSION) &&
                   memcmp(version.at, VERSION, version.bytes) == 0
               ? NULL
               : "the answer has not the version that was asked for";
}

QVIRTIO_DRIVER(p9, .device_id = VIRTIO_ID_9P, .name = "9p", .features = features,
               .fields = fields, .config_bytes = sizeof(struct virtio_9p_config),
               .queue_count = queue_count, .ping_make = ping_make,
               .ping_check = ping_check);
