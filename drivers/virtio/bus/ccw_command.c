/* SPDX-License-Identifier: MIT */
/*
 * Channel commands to a virtio device, one in each channel program, and the choice of a
 * revision (4.3.1.3, 4.3.2.1). The channel checks lengths, unless the caller suppresses
 * that.
 */
#include "drivers/virtio/bus/ccw.h"

static int error_of(CssOutcome outcome)
{
    switch (outcome) {
    case CSS_IS_DONE:
        return 0;
    case CSS_IS_REJECTED:
        return -QVIRTIO_REFUSED;
    case CSS_IS_UNIT_CHECK:
        return -QVIRTIO_UNIT_CHECK;
    case CSS_IS_PROGRAM_CHECK:
        return -QVIRTIO_PROGRAM_CHECK;
    case CSS_IS_WRONG_LENGTH:
        return -QVIRTIO_WRONG_LENGTH;
    case CSS_IS_TIMEOUT:
        return -QVIRTIO_TIMEOUT;
    case CSS_IS_NOT_OPERATIONAL:
        return -QVIRTIO_NOT_OPERATIONAL;
    default:
        return -QVIRTIO_CHANNEL_CHECK;
    }
}

int qvirtio_ccw_command(QVirtioCcw *p, uint8_t command, uint8_t flags, const void *data,
                        uint16_t count)
{
    const Ccw program = {command, flags, count, (uint32_t)(uintptr_t)data};

    return error_of(css_run(&p->subchannel, &program, &p->result));
}

int qvirtio_ccw_reenable(QVirtioCcw *p)
{
    p->revision = QVIRTIO_CCW_NONE;
    return css_enable(&p->subchannel, false) && css_enable(&p->subchannel, true)
               ? 0
               : -QVIRTIO_NOT_OPERATIONAL;
}

int qvirtio_ccw_set_revision(QVirtioCcw *p, uint16_t revision)
{
    const struct virtio_rev_info info = {be16_of(revision), be16_of(0)};
    int err = qvirtio_ccw_command(p, CCW_CMD_SET_VIRTIO_REV, 0, &info, sizeof(info));

    if (!err) {
        p->revision = revision;
    }
    return err;
}

/* "After a revision has been successfully selected by the driver, it MUST NOT attempt to
 * select a different revision": the subchannel is disabled first. */
static int choose(QVirtioCcw *p, int revision)
{
    if (p->revision == revision) {
        return 0;
    }
    int err = qvirtio_ccw_reenable(p);
    if (!err && revision == VIRTIO_CCW_REV_LEGACY && !p->has_set_revision) {
        p->revision = revision; /* a legacy device has no other (4.3.2.1.3) */
        return 0;
    }
    return err ? err : qvirtio_ccw_set_revision(p, (uint16_t)revision);
}

/* 4.3.3.3: "the reset operation is already completed when the operation concludes
 * successfully". */
int qvirtio_ccw_reset_as(QVirtioCcw *p, int revision)
{
    int err = choose(p, revision);

    if (!err) {
        err = qvirtio_ccw_command(p, CCW_CMD_VDEV_RESET, 0, NULL, 0);
    }
    if (!err) {
        p->status = 0;
        p->is_config_known = false;
    }
    return err;
}
