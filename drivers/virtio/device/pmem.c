/* SPDX-License-Identifier: MIT */
/*
 * The driver of the persistent memory device (5.19): its tables, its range, and its ping,
 * a FLUSH that must succeed. Only tests/pmem writes to its memory.
 */
#include "drivers/virtio/device/pmem.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_PMEM_F_SHMEM_REGION, .name = "SHMEM_REGION"},
    {.name = NULL},
};

#define FIELD(f)                                                                 \
    {                                                                            \
        .name = #f, .feature = FEATURES_END, .flags = QVIRTIO_FIELD_CONST,       \
        .offset = offsetof(struct virtio_pmem_config, f), .width = 8, .count = 1 \
    }

static const QVirtioField fields[] = {
    FIELD(start),
    FIELD(size),
    {.name = NULL},
};

int pmem_range(QVirtioDevice *d, PmemRange *range)
{
    if (qvirtio_negotiated(d, VIRTIO_PMEM_F_SHMEM_REGION)) {
        dma_addr at = {0};
        int err = d->bus->shm_region(d, VIRTIO_PMEM_SHMEM_ID, &at, &range->bytes);
        range->start = at.raw;
        return err;
    }
    int err = qvirtio_config_read(d, offsetof(struct virtio_pmem_config, start), 8,
                                  &range->start);
    return err ? err
               : qvirtio_config_read(d, offsetof(struct virtio_pmem_config, size), 8,
                                     &range->bytes);
}

static int make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    struct virtio_pmem_req *req = arena_lend(sizeof(*req), 4);
    struct virtio_pmem_resp *resp = arena_lend(sizeof(*resp), 4);
    if (!req || !resp) {
        return -QVIRTIO_NO_MEMORY;
    }
    req->type = le32_of(VIRTIO_PMEM_REQ_TYPE_FLUSH);
    resp->ret = le32_of(PMEM_UNANSWERED);
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[0],
        .number = number,
        .out = req,
        .out_bytes = sizeof(*req),
        .in = resp,
        .in_bytes = sizeof(*resp),
        .used_min = sizeof(*resp),
        .used_max = sizeof(*resp),
    };
    return 0;
}

static uint32_t answer(const QVirtioPing *ping)
{
    return le32_get(((const struct virtio_pmem_resp *)ping->in)->ret);
}

int pmem_flush(QVirtioDevice *d, uint32_t *ret)
{
    QVirtioPing ping;
    int err = make(d, 0, &ping);
    if (err) {
        return err;
    }
    QVirtioSg sg[2] = {
        {arena_map(ping.out, ping.out_bytes), ping.out_bytes},
        {arena_map(ping.in, ping.in_bytes), ping.in_bytes},
    };
    err = qvirtqueue_submit(ping.vq, sg, 1, 1, NULL);
    *ret = answer(&ping);
    return err;
}

static uint16_t pmem_queue_count(QVirtioDevice *d)
{
    (void)d;
    return 1;
}

static const char *pmem_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    (void)used_len;
    return answer(ping) == PMEM_DONE ? NULL : "FLUSH does not return 0";
}

QVIRTIO_DRIVER(pmem, .device_id = VIRTIO_ID_PMEM, .name = "pmem", .features = features,
               .fields = fields, .config_bytes = sizeof(struct virtio_pmem_config),
               .queue_count = pmem_queue_count, .ping_make = make,
               .ping_check = pmem_ping_check);
