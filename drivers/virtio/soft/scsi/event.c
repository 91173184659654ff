/* SPDX-License-Identifier: MIT */
/*
 * Events of the software SCSI host (5.6.6.3), and what the hand does to cause them: it
 * plugs and unplugs a unit, or changes the size of one.
 */
#include "drivers/virtio/soft/scsi/scsi.h"
#include "kernel/lib/string.h"

SOFT_FAULT(plugs_silently, "dev:5.6.3-1", "sends no event when a unit comes");
SOFT_FAULT(plugs_as_if_unplugged, "dev:5.6.3-1", "says that a unit went when one comes");
SOFT_FAULT(changes_without_attention, "dev:5.6.6.3-1",
           "tells a changed size by an event only");
SOFT_FAULT(loses_events_silently, "dev:5.6.6.3.2-1a",
           "does not say that an event found no buffer");
SOFT_FAULT(removes_without_hotplug, "dev:5.6.6.3.2-2",
           "sends REMOVED events to a driver without HOTPLUG");
SOFT_FAULT(tells_changes_of_cds, "dev:5.6.6.3.2-3",
           "sends PARAM_CHANGE for a unit of type 5");

#define NUMBERS_MOST 3

/* An event found no buffer. */
static bool has_lost;

void soft_scsi_forget_events(void)
{
    has_lost = false;
}

static void send(SoftDevice *s, uint32_t event, const SoftUnit *u, uint32_t reason)
{
    const QVirtQueueElement *e = NULL;
    if (s->queue[VIRTIO_SCSI_EVENTQ].is_enabled && soft_is_live(s)) {
        e = soft_pop(s, VIRTIO_SCSI_EVENTQ);
    }
    if (!e) {
        has_lost = true;
        return;
    }
    if (has_lost && !soft_fault(loses_events_silently)) {
        event |= VIRTIO_SCSI_T_EVENTS_MISSED;
    }
    has_lost = false;
    struct virtio_scsi_event out = {.event = virtio32_of(false, event),
                                    .reason = virtio32_of(false, reason)};
    if (u) {
        memcpy(out.lun, (const uint8_t[]){1, u->target, SCSI_BE16(u->lun)}, 4);
    }
    soft_push(s, VIRTIO_SCSI_EVENTQ, e,
              qvirtqueue_element_write(e, 0, &out, sizeof(out)));
}

void soft_scsi_tell_lost(SoftDevice *s)
{
    if (has_lost && !soft_fault(loses_events_silently)) {
        send(s, VIRTIO_SCSI_T_NO_EVENT, NULL, 0);
    }
}

static void plug(SoftDevice *s, uint16_t lun, bool is_there)
{
    SoftUnit *u = soft_unit(SOFT_UNIT_PLUGGED);
    bool may_tell = soft_negotiated(s, VIRTIO_SCSI_F_HOTPLUG) ||
                    (!is_there && soft_fault(removes_without_hotplug));
    u->lun = lun;
    u->is_absent = !is_there;
    u->attention = SCSI_SENSE_RESET;
    if (may_tell && !(is_there && soft_fault(plugs_silently))) {
        send(s, VIRTIO_SCSI_T_TRANSPORT_RESET, u,
             is_there && !soft_fault(plugs_as_if_unplugged)
                 ? VIRTIO_SCSI_EVT_RESET_RESCAN
                 : VIRTIO_SCSI_EVT_RESET_REMOVED);
    }
}

/* 5.6.6.3.2: "The device MUST NOT report VIRTIO_SCSI_T_PARAM_CHANGE for MMC devices." */
static bool resize(SoftDevice *s, uint64_t sectors, SoftUnit *u)
{
    if (!u || sectors * 512 > soft_unit_bytes(u)) {
        return false;
    }
    bool is_cd = u->type == SCSI_TYPE_CD;
    u->blocks = sectors * 512 / u->block_bytes;
    if (soft_negotiated(s, VIRTIO_SCSI_F_CHANGE) &&
        (!is_cd || soft_fault(tells_changes_of_cds))) {
        send(s, VIRTIO_SCSI_T_PARAM_CHANGE, u,
             SCSI_SENSE_ASC(SCSI_SENSE_CAPACITY_CHANGED) |
                 (SCSI_SENSE_CAPACITY_CHANGED & 0xff) << 8);
    }
    if (!is_cd && !soft_fault(changes_without_attention)) {
        u->attention = SCSI_SENSE_CAPACITY_CHANGED;
    }
    return true;
}

/* Reads up to three decimal numbers that are separated by blanks. Returns how many there
 * are. */
static unsigned parse(const char *text, uint64_t n[NUMBERS_MOST])
{
    unsigned count = 0;
    while (count < NUMBERS_MOST && *text >= '0' && *text <= '9') {
        for (n[count] = 0; *text >= '0' && *text <= '9'; text++) {
            n[count] = n[count] * 10 + (*text - '0');
        }
        count++;
        text += *text == ' ';
    }
    return count;
}

bool soft_scsi_act(SoftDevice *s, const char *action, const char *args, char *value,
                   size_t bytes)
{
    uint64_t n[NUMBERS_MOST];
    unsigned count = parse(args, n);
    (void)value, (void)bytes;
    if (strcmp(action, "restore") == 0) {
        soft_unit(SOFT_UNIT_PLUGGED)->is_absent = true;
        soft_units_resize();
        return true;
    }
    if (strcmp(action, "resize") == 0) {
        return count == 3 && resize(s, n[0], soft_unit_at(n[1], n[2]));
    }
    bool is_plug = strcmp(action, "plug") == 0;
    if (count != 1 || (!is_plug && strcmp(action, "unplug") != 0)) {
        return false;
    }
    plug(s, n[0], is_plug);
    return true;
}
