/* SPDX-License-Identifier: MIT */
/*
 * Finding virtio devices among the subchannels of all subchannel sets (4.3.1), by the
 * control unit type that SENSE ID answers. For each of them it learns which revisions the
 * device takes (4.3.2.1), and how long its configuration is. A device that cannot be used
 * is told in one line, and the search goes on.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/bus/ccw.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

/* The beginning of what SENSE ID answers (4.3.1). */
typedef struct SenseId {
    uint8_t reserved;
    /* The control unit's type: a be16 that is not aligned. */
    uint8_t type[2];
    uint8_t model;
} SenseId;

/* The devices, in the order of subchannels. */
static QVirtioCcw *known;
static QVirtioCcw **known_end = &known;
static bool is_searched;

static void tell(QVirtioNote *note, const QVirtioCcw *p, const char *text, uint32_t value)
{
    char line[96];

    ksnprintf(line, sizeof(line), "ccw %s: %s 0x%x", p->modern.where, text, value);
    note(line);
}

/* Measures the configuration: the bytes at the end that the device leaves as they were,
 * twice, are beyond it. A buffer longer than the configuration is accepted where the
 * length check is suppressed (4.3.1.3). */
static int measure_config(QVirtioCcw *p)
{
    static uint8_t other[QVIRTIO_CCW_CONF_MAX];

    memset(p->config, 0, QVIRTIO_CCW_CONF_MAX);
    memset(other, 0xff, sizeof(other));
    int err = qvirtio_ccw_command(p, CCW_CMD_READ_CONF, CCW_SUPPRESS_LENGTH, p->config,
                                  QVIRTIO_CCW_CONF_MAX);
    err = err ? err
              : qvirtio_ccw_command(p, CCW_CMD_READ_CONF, CCW_SUPPRESS_LENGTH, other,
                                    sizeof(other));
    uint16_t bytes = err ? 0 : QVIRTIO_CCW_CONF_MAX;
    while (bytes > 0 && p->config[bytes - 1] == 0 && other[bytes - 1] == 0xff) {
        bytes--;
    }
    p->config_bytes = bytes;
    return err;
}

/* "A driver SHOULD start with trying to set the highest revision it supports and continue
 * with lower revisions if it gets a command reject" (4.3.2.1.2). */
static int try_modern(QVirtioCcw *p)
{
    int err = -QVIRTIO_REFUSED;

    for (int r = QVIRTIO_CCW_HIGHEST; r > VIRTIO_CCW_REV_LEGACY && err; r--) {
        err = qvirtio_ccw_reset_as(p, r);
        p->has_set_revision |= !err;
    }
    p->highest = p->wanted = err ? QVIRTIO_CCW_NONE : p->revision;
    return err ? err : measure_config(p);
}

/* A legacy device does not know SET_VIRTIO_REV; it counts as one that took revision 0. */
static int try_legacy(QVirtioCcw *p)
{
    int err = qvirtio_ccw_reenable(p);

    err = err ? err : qvirtio_ccw_set_revision(p, VIRTIO_CCW_REV_LEGACY);
    p->has_set_revision |= !err;
    if (p->highest == QVIRTIO_CCW_NONE && !p->has_set_revision) {
        err = qvirtio_ccw_reset_as(p, VIRTIO_CCW_REV_LEGACY);
    }
    p->has_legacy = !err;
    return err || p->highest != QVIRTIO_CCW_NONE ? err : measure_config(p);
}

static bool look_at(QVirtioCcw *p, QVirtioNote *note)
{
    SenseId id = {0};
    const Ccw program = {CCW_CMD_SENSE_ID, CCW_SUPPRESS_LENGTH, sizeof(id),
                         (uint32_t)(uintptr_t)&id};

    if (!css_enable(&p->subchannel, true) ||
        css_run(&p->subchannel, &program, &p->result) != CSS_IS_DONE) {
        tell(note, p, "SENSE ID fails, outcome", p->result.outcome);
        return false;
    }
    uint32_t type = (uint32_t)id.type[0] << 8 | id.type[1];
    if (type != VIRTIO_CCW_CU_TYPE) {
        tell(note, p, "no virtio device: control unit type", type);
        return false;
    }
    p->modern.device_id = p->legacy.device_id = id.model;
    int modern = try_modern(p), legacy = try_legacy(p);
    p->modern.is_mute = p->highest < VIRTIO_CCW_REV_STATUS;
    p->legacy.is_mute = true;
    if (modern && legacy) {
        tell(note, p, "no revision up to 2 is taken, device type", id.model);
        return false;
    }
    return true;
}

static void on_subchannel(uint32_t id, uint16_t device, void *note)
{
    _Static_assert(sizeof(QVirtioCcw) <= PAGE_BYTES, "one page holds a device");
    _Static_assert(sizeof(QVirtioCcwIndicators) + QVIRTIO_CCW_CONF_MAX <= PAGE_BYTES,
                   "and one what it shares with the driver");
    QVirtioCcw *p = page_alloc(1);

    p->config = page_alloc(1);
    p->indicators = (QVirtioCcwIndicators *)(p->config + QVIRTIO_CCW_CONF_MAX);
    p->subchannel.id = id;
    p->subchannel.device = device;
    p->highest = p->revision = QVIRTIO_CCW_NONE;
    p->modern.bus_data = p->legacy.bus_data = p;
    ksnprintf(p->modern.where, sizeof(p->modern.where), "0.%u.%04x", css_set(id), device);
    memcpy(p->legacy.where, p->modern.where, sizeof(p->legacy.where));
    qvirtio_ccw_irq_init(p);
    css_attach(&p->subchannel);
    if (look_at(p, (QVirtioNote *)note)) {
        *known_end = p;
        known_end = &p->next;
    } else {
        css_enable(&p->subchannel, false);
    }
}

static int index_of(const QVirtioCcw *p)
{
    int index = 0;

    for (const QVirtioCcw *other = known; other != p; other = other->next) {
        index += other->modern.device_id == p->modern.device_id;
    }
    return index;
}

void qvirtio_ccw_foreach(const QVirtioBus *bus,
                         void (*found)(QVirtioDevice *d, void *data), void *data,
                         QVirtioNote *note)
{
    if (!is_searched) {
        is_searched = true;
        css_foreach(on_subchannel, (void *)note);
    }
    for (QVirtioCcw *p = known; p; p = p->next) {
        QVirtioDevice *d = bus->is_legacy ? &p->legacy : &p->modern;
        if (bus->is_legacy ? p->has_legacy : p->highest != QVIRTIO_CCW_NONE) {
            d->bus = bus;
            d->index = index_of(p);
            found(d, data);
        }
    }
}
