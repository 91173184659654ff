/* SPDX-License-Identifier: MIT */
/*
 * What the tests of virtio over channel I/O share (4.3.1.1, 4.3.2): a table of the
 * commands, their lengths, and payloads that a device accepts. See ccw_lib.h.
 */
#include "tests/ccw/ccw_lib.h"
#include "kernel/lib/printf.h"

static const CcwKind kinds[] = {
    {CCW_CMD_READ_FEAT, sizeof(struct virtio_feature_desc), 0, "READ_FEAT"},
    {CCW_CMD_WRITE_FEAT, sizeof(struct virtio_feature_desc), 0, "WRITE_FEAT"},
    {CCW_CMD_WRITE_STATUS, 1, 0, "WRITE_STATUS"},
    {CCW_CMD_READ_STATUS, 1, 2, "READ_STATUS"},
    {CCW_CMD_READ_VQ_CONF, sizeof(struct vq_config_block), 0, "READ_VQ_CONF"},
    {CCW_CMD_SET_VQ, sizeof(struct vq_info_block), 1, "SET_VQ"},
    {CCW_CMD_SET_IND, sizeof(be64), 0, "SET_IND"},
    {CCW_CMD_SET_CONF_IND, sizeof(be64), 0, "SET_CONF_IND"},
    {CCW_CMD_SET_IND_ADAPTER, sizeof(struct virtio_thinint_area), 1, "SET_IND_ADAPTER"},
};

const CcwKind *ccw_kind(QVirtioDevice *dev, unsigned n)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (qvirtio_ccw(dev)->revision >= kinds[i].first_revision && n-- == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Describes queue 0 with a ring of 2 entries in lent memory, a size that every device
 * allows. */
static void fill_queue(struct vq_info_block *block)
{
    block->desc = be64_of(arena_map(arena_lend(32, 16), 32).raw);
    block->driver = be64_of(arena_map(arena_lend(16, 2), 16).raw);
    block->device = be64_of(arena_map(arena_lend(32, 4), 32).raw);
    block->size = be16_of(2);
}

static be64 lend_indicators(void)
{
    return be64_of(arena_map(arena_lend(8, 8), 8).raw);
}

static void fill_adapter(struct virtio_thinint_area *area)
{
    area->summary_indicator = lend_indicators();
    area->indicator = lend_indicators();
    area->isc = QVIRTIO_CCW_ISC;
}

void *ccw_payload(QVirtioDevice *dev, const CcwKind *kind)
{
    uint8_t *at = arena_lend(CCW_PAYLOAD_MAX, 8);

    switch (kind->command) {
    case CCW_CMD_WRITE_STATUS:
        *at = VIRTIO_STATUS_ACKNOWLEDGE;
        break;
    case CCW_CMD_SET_VQ:
        fill_queue((struct vq_info_block *)at);
        break;
    case CCW_CMD_SET_IND:
    case CCW_CMD_SET_CONF_IND:
        *(be64 *)at = lend_indicators();
        break;
    case CCW_CMD_SET_IND_ADAPTER:
        fill_adapter((struct virtio_thinint_area *)at);
        break;
    default: /* zeroes stand for word 0 or queue 0, or are not read */
        break;
    }
    (void)dev;
    return at;
}

static const char *describe(QVirtioDevice *dev, int err)
{
    static char text[80];
    const CssResult *r = &qvirtio_ccw(dev)->result;

    ksnprintf(text, sizeof(text),
              "%s: device status 0x%02x, subchannel 0x%02x, sense 0x%02x",
              qvirtio_error_name(err), r->device, r->subchannel, r->sense[0]);
    return text;
}

const char *ccw_not_rejected(QVirtioDevice *dev, int err)
{
    return err == -QVIRTIO_REFUSED ? NULL : describe(dev, err);
}

const char *ccw_not_checked(QVirtioDevice *dev, int err)
{
    bool is_check = err == -QVIRTIO_REFUSED || err == -QVIRTIO_UNIT_CHECK ||
                    err == -QVIRTIO_PROGRAM_CHECK || err == -QVIRTIO_CHANNEL_CHECK;

    return is_check ? NULL : describe(dev, err);
}

int ccw_command(QVirtioDevice *dev, uint8_t command, const void *data, uint16_t count)
{
    return qvirtio_ccw_command(qvirtio_ccw(dev), command, 0, data, count);
}

int ccw_set_revision(QVirtioDevice *dev, uint16_t revision)
{
    const struct virtio_rev_info info = {be16_of(revision), be16_of(0)};

    return ccw_command(dev, CCW_CMD_SET_VIRTIO_REV, &info, sizeof(info));
}

bool ccw_forget_revision(Test *t, QVirtioDevice *dev)
{
    return require_ok(t, qvirtio_ccw_reenable(qvirtio_ccw(dev)));
}

bool ccw_start_as(Test *t, QVirtioDevice *dev, int revision)
{
    QVirtioCcw *p = qvirtio_ccw(dev);

    if (p->highest < revision) {
        test_skip(t, "the device does not take revision %d", revision);
        return false;
    }
    p->wanted = revision;
    bool is_up = test_start(t, dev, NULL);
    /* The next reset of the test chooses the highest revision again. */
    p->wanted = p->highest;
    return is_up && require_eq(t, p->revision, revision);
}

QVirtQueue *ccw_ping_queue(const QVirtioDevice *dev)
{
    return dev->vq[dev->driver->ping_queue];
}

static bool has_interrupted(void *arg)
{
    return qvirtqueue_irq_count(arg) > 0;
}

void ccw_expect_interrupt(Test *t, QVirtioDevice *dev)
{
    QVirtQueue *vq = ccw_ping_queue(dev);

    vq->irq.count = 0;
    if (require_ping(t, dev, 1)) {
        bool is_adapter = qvirtio_ccw(dev)->kind == CCW_ADAPTER;
        expect_ok(t, is_adapter ? "virtio 4.3.3.1.2" : "virtio 4.3.3.1.1",
                  qvirtio_wait(dev, "the queue's interrupt", has_interrupted, vq, 0));
    }
}

bool ccw_start_silent(Test *t, QVirtioDevice *dev)
{
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    return test_start(t, dev, NULL);
}
