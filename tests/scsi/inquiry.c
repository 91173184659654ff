/* SPDX-License-Identifier: MIT */
/*
 * What a logical unit says about itself: INQUIRY and its vital product data (SPC-4, 6.6
 * and 7.8), carried as datain of commands (5.6.6.1).
 */
#include "tests/scsi/scsi_lib.h"

#define PAGE_BYTES_MOST 252

static ScsiRequest inquiry(QVirtioDevice *dev, const ScsiUnit *u, bool is_vpd,
                           uint8_t page, uint16_t bytes)
{
    return scsi_request(dev, u->at, SCSI_CDB_6(SCSI_INQUIRY, is_vpd, page, bytes), 0,
                        bytes);
}

VIRTIO_TEST(inquiry_tells_of_every_unit, .device = VIRTIO_ID_SCSI)
{
    const ScsiMap *map = scsi_map(dev);
    if (map->count == 0) {
        test_skip(t, "no logical unit is there");
    }
    for (unsigned i = 0; i < map->count; i++) {
        ScsiRequest r = inquiry(dev, &map->unit[i], false, 0, SCSI_INQUIRY_BYTES);
        if (!require_good(t, &r)) {
            return;
        }
        require_eq(t, r.in[0], map->unit[i].type);
        require_eq(t, r.in[3] & 0xf, 2); /* response data format */
        require_ge(t, r.in[4] + 5, SCSI_INQUIRY_BYTES);
        require_eq(t, scsi_residual(&r), 0);
    }
}

/* The allocation length cuts what comes, and not what it says. */
VIRTIO_TEST(inquiry_is_cut_to_its_allocation_length, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest whole = inquiry(dev, u, false, 0, SCSI_INQUIRY_BYTES);
    ScsiRequest part = inquiry(dev, u, false, 0, 5);
    if (require_good(t, &whole) && require_good(t, &part)) {
        require_same(t, part.in, whole.in, 5);
    }
}

static bool read_page(Test *t, QVirtioDevice *dev, const ScsiUnit *u, uint8_t page,
                      ScsiRequest *r)
{
    *r = inquiry(dev, u, true, page, PAGE_BYTES_MOST);
    return require_good(t, r) && require_eq(t, r->in[1], page) &&
           require_le(t, scsi_get_be16(r->in + 2) + 4, PAGE_BYTES_MOST);
}

VIRTIO_TEST(listed_product_data_pages_are_there, .device = VIRTIO_ID_SCSI)
{
    ScsiRequest list, r;
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u || !read_page(t, dev, u, SCSI_VPD_PAGES, &list)) {
        return;
    }
    unsigned count = scsi_get_be16(list.in + 2);
    require_ge(t, count, 1);
    require_eq(t, list.in[4], SCSI_VPD_PAGES);
    for (unsigned i = 0; i < count; i++) {
        if ((i && !require_ge(t, list.in[4 + i], list.in[3 + i] + 1)) ||
            !read_page(t, dev, u, list.in[4 + i], &r)) {
            return;
        }
        require_eq(t, r.in[0], u->type);
    }
}

VIRTIO_TEST(page_that_is_not_listed_is_refused, .device = VIRTIO_ID_SCSI)
{
    ScsiRequest list;
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u || !read_page(t, dev, u, SCSI_VPD_PAGES, &list)) {
        return;
    }
    uint8_t absent = 0xbf;
    while (memchr(list.in + 4, absent, scsi_get_be16(list.in + 2))) {
        absent--;
    }
    ScsiRequest r = inquiry(dev, u, true, absent, PAGE_BYTES_MOST);
    expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_FIELD);
}

VIRTIO_TEST(page_code_without_evpd_is_refused, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = inquiry(dev, u, false, 0x80, SCSI_INQUIRY_BYTES);
        expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_FIELD);
    }
}

/* Designators follow each other without a gap (SPC-4, 7.8.6). */
VIRTIO_TEST(designators_fill_the_identification_page, .device = VIRTIO_ID_SCSI)
{
    ScsiRequest r;
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u || !read_page(t, dev, u, SCSI_VPD_ID, &r)) {
        return;
    }
    unsigned at = 4, end = 4 + scsi_get_be16(r.in + 2);
    while (at + 4 <= end) {
        at += 4 + r.in[at + 3];
    }
    require_eq(t, at, end);
}

VIRTIO_TEST(serial_number_is_as_told, .device = VIRTIO_ID_SCSI)
{
    ScsiRequest r;
    char told[40];
    const ScsiUnit *u = scsi_any_unit(t, dev);
    const char *serial = u ? scsi_know(dev, u, "serial") : NULL;
    if (!serial) {
        test_skip(t,
                  "no serial number is known; pass know=scsi.N.TARGET.LUN.serial=TEXT");
        return;
    }
    string_copy(told, serial, sizeof(told));
    if (read_page(t, dev, u, SCSI_VPD_SERIAL, &r) &&
        require_eq(t, scsi_get_be16(r.in + 2), strlen(told))) {
        require_same(t, r.in + 4, told, strlen(told));
    }
}
