/* SPDX-License-Identifier: MIT */
/*
 * The PCI configuration access capability (4.1.4.9): a window of 1, 2 or 4 bytes in
 * configuration space through which the BARs are reached. What goes through it must be
 * the same as what goes through the BAR.
 */
#include "kernel/irq/irq.h"
#include "tests/pci/pci_lib.h"

#define CAP(field) offsetof(struct virtio_pci_cap, field)
#define DATA       offsetof(struct virtio_pci_cfg_cap, pci_cfg_data)

typedef struct CfgWindow {
    const PciFunction *f;
    uint16_t at;
} CfgWindow;

static bool cfg_open(QVirtioDevice *dev, CfgWindow *w)
{
    QVirtioPciCap cap = {0};
    bool is_there = pci_cap(dev, VIRTIO_PCI_CAP_PCI_CFG, 0, &cap);

    *w = (CfgWindow){.f = qvirtio_pci(dev)->function, .at = cap.at};
    return is_there;
}

static const char *why_no_cfg(QVirtioDevice *dev)
{
    CfgWindow w;

    return cfg_open(dev, &w) ? NULL : "no PCI configuration access capability";
}

static void cfg_aim(const CfgWindow *w, const QVirtioPciCap *cap, uint32_t off,
                    uint32_t width)
{
    pci_write8(w->f, (uint16_t)(w->at + CAP(bar)), cap->bar);
    pci_write32(w->f, (uint16_t)(w->at + CAP(length)), width);
    pci_write32(w->f, (uint16_t)(w->at + CAP(offset)), (uint32_t)cap->offset + off);
}

static uint32_t cfg_read(const CfgWindow *w, const QVirtioPciCap *cap, uint32_t off,
                         uint32_t width)
{
    uint16_t data = (uint16_t)(w->at + DATA);

    cfg_aim(w, cap, off, width);
    return width == 1   ? pci_read8(w->f, data)
           : width == 2 ? pci_read16(w->f, data)
                        : pci_read32(w->f, data);
}

static void cfg_write(const CfgWindow *w, const QVirtioPciCap *cap, uint32_t off,
                      uint32_t width, uint32_t v)
{
    uint16_t data = (uint16_t)(w->at + DATA);

    cfg_aim(w, cap, off, width);
    if (width == 1) {
        pci_write8(w->f, data, (uint8_t)v);
    } else if (width == 2) {
        pci_write16(w->f, data, (uint16_t)v);
    } else {
        pci_write32(w->f, data, v);
    }
}

#define CFG_TEST(more) .flags = more, .buses = BUS_PCI, .why_not = why_no_cfg

/* "Upon detecting driver read access to pci_cfg_data, the device MUST execute a read
 * access of length cap.length at offset cap.offset at BAR selected by cap.bar". */
VIRTIO_TEST(config_window_reads_the_bar, CFG_TEST(TEST_RAW))
{
    const QVirtioPciCap *common = &qvirtio_pci(dev)->common_cap;
    CfgWindow w;

    cfg_open(dev, &w);
    if (!pci_begin(t, dev)) {
        return;
    }
    expect_eq(t, "dev:4.1.4.9.1-3", cfg_read(&w, common, COMMON_AT(device_status), 1),
              COMMON_READ8(dev, device_status));
    expect_eq(t, "dev:4.1.4.9.1-3", cfg_read(&w, common, COMMON_AT(num_queues), 2),
              COMMON_READ16(dev, num_queues));
    for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
        COMMON_WRITE32(dev, device_feature_select, word);
        expect_eq(t, "dev:4.1.4.9.1-3",
                  cfg_read(&w, common, COMMON_AT(device_feature), 4),
                  dev->offered.word[word]);
    }
}

/* The device configuration: each field at its natural width (4.1.3.1). */
VIRTIO_TEST(config_window_reads_device_config, CFG_TEST(TEST_RAW))
{
    QVirtioPci *p = qvirtio_pci(dev);
    const QVirtioField *f;
    bool has_any = false;
    CfgWindow w;

    cfg_open(dev, &w);
    for (unsigned n = 0; (f = pci_field(dev, n)) != NULL; n++) {
        uint32_t width = f->width < 4 ? f->width : 4, there = 0;
        bool is_steady =
            !(f->flags & (QVIRTIO_FIELD_VOLATILE | QVIRTIO_FIELD_WRITE_ONLY));

        if (is_steady && f->offset + width <= p->config.bytes) {
            require_ok(t, qvirtio_window_get(&p->config, f->offset, &there, width));
            expect_eq(t, "dev:4.1.4.9.1-3",
                      cfg_read(&w, &p->config_cap, f->offset, width), there);
            has_any = true;
        }
    }
    if (!has_any) {
        test_skip(t, "no field of this type's configuration stays as it is");
    }
}

static bool has_status_0(void *arg)
{
    return COMMON_READ8((QVirtioDevice *)arg, device_status) == 0;
}

/* "Upon detecting driver write access to pci_cfg_data, the device MUST execute a write
 * access at offset cap.offset at BAR selected by cap.bar using the first cap.length bytes
 * from pci_cfg_data." */
VIRTIO_TEST(config_window_writes_the_bar, CFG_TEST(TEST_RAW))
{
    const QVirtioPciCap *common = &qvirtio_pci(dev)->common_cap;
    const uint8_t given_up = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER |
                             VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_FAILED;
    CfgWindow w;

    cfg_open(dev, &w);
    if (!pci_begin(t, dev)) {
        return;
    }
    for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
        cfg_write(&w, common, COMMON_AT(device_feature_select), 4, word);
        expect_eq(t, "dev:4.1.4.9.1-2", COMMON_READ32(dev, device_feature),
                  dev->offered.word[word]);
    }
    pci_queue_size(dev, 0);
    cfg_write(&w, common, COMMON_AT(queue_select), 2, COMMON_READ16(dev, num_queues));
    expect_eq(t, "dev:4.1.4.9.1-2", COMMON_READ16(dev, queue_size), 0);
    cfg_write(&w, common, COMMON_AT(device_status), 1, given_up);
    expect_eq(t, "dev:4.1.4.9.1-2", COMMON_READ8(dev, device_status), given_up);
    cfg_write(&w, common, COMMON_AT(device_status), 1, 0);
    expect_ok(t, "dev:4.1.4.9.1-2",
              qvirtio_wait(dev, "reset: device_status to read 0", has_status_0, dev, 0));
}

/* A read is executed once: the ISR, read through the window, is empty after it. */
VIRTIO_TEST(config_window_read_clears_isr, .flags = TEST_PING | TEST_IRQ_INTX,
            .buses = BUS_PCI, .why_not = why_no_cfg)
{
    QVirtioPci *p = qvirtio_pci(dev);
    CfgWindow w;

    cfg_open(dev, &w);
    if (p->why_no_intx) {
        test_skip(t, "%s", p->why_no_intx);
        return;
    }
    if (pci_ping_behind_mask(t, dev, 1)) {
        expect_eq(t, "dev:4.1.4.9.1-3",
                  cfg_read(&w, &p->isr_cap, 0, 1) & VIRTIO_PCI_ISR_QUEUE,
                  VIRTIO_PCI_ISR_QUEUE);
        pci_drain_isr(t, "dev:4.1.4.9.1-3", dev);
    }
    irq_line_mask(p->intx_line, false);
}

/* One ping, kicked through the window at this doorbell. */
static bool expect_rung(Test *t, const CfgWindow *w, const QVirtioPciCap *notify,
                        uint32_t number)
{
    QVirtioDevice *dev = t->dev;
    QVirtQueue *vq = pci_ping_queue(dev);
    QVirtioPing ping = {0};
    QVirtioUsed used = {0};

    if (!require_ok(t, dev->driver->ping_make(dev, number, &ping)) ||
        !require_ok(t, qvirtio_ping_add(&ping, 1, 1))) {
        return false;
    }
    qvirtqueue_publish(vq);
    COMMON_WRITE16(dev, queue_select, vq->index);
    uint32_t at =
        COMMON_READ16(dev, queue_notify_off) * pci_notify_multiplier(dev, notify);
    cfg_write(w, notify, at, 2, vq->index);
    return expect_ok(t, "dev:4.1.4.9.1-2", qvirtqueue_wait(vq, &used)) &&
           require_fine(t, dev->driver->ping_check(&ping, used.len));
}

#define RINGS_EACH 16 /* a busy device may find one request or two without a kick */

/* The doorbell, rung through the window, of every notification structure: the device
 * answers the pings. */
VIRTIO_TEST(config_window_rings_every_doorbell, CFG_TEST(TEST_PING))
{
    QVirtioPciCap cap;
    CfgWindow w;

    cfg_open(dev, &w);
    if (qvirtio_negotiated(dev, VIRTIO_F_NOTIF_CONFIG_DATA) ||
        qvirtio_negotiated(dev, VIRTIO_F_NOTIFICATION_DATA)) {
        test_skip(t, "the doorbell takes more than the queue's index");
        return;
    }
    for (uint32_t n = 0; pci_structure(dev, VIRTIO_PCI_CAP_NOTIFY_CFG, n, &cap); n++) {
        for (uint32_t i = 1; i <= RINGS_EACH; i++) {
            if (!expect_rung(t, &w, &cap, n * RINGS_EACH + i)) {
                return;
            }
        }
    }
}

/* 4.1.4.9.2: "The driver MUST NOT write a cap.offset which is not a multiple of
 * cap.length", and must stay inside a structure. */
VIRTIO_TEST(config_window_aimed_outside, .violates = "4.1.4.9.2", .flags = TEST_RAW,
            .buses = BUS_PCI, .why_not = why_no_cfg)
{
    static const struct {
        uint8_t bar;
        uint32_t off, width;
    } aims[] = {
        {0, 0, 8},      {0, 1, 4},   {0, 3, 2},          {5, 0, 4},
        {7, 0, 4},      {255, 0, 4}, {4, 0xfffffffc, 4}, {4, 0xffffffff, 1},
        {4, 0x3000, 0}, {4, 0, 3},   {4, 0, ~0u},        {4, 0x80000000u, 4},
    };
    CfgWindow w;

    cfg_open(dev, &w);
    for (size_t i = 0; i < sizeof(aims) / sizeof(aims[0]); i++) {
        QVirtioPciCap aim = {.bar = aims[i].bar, .offset = aims[i].off};

        cfg_aim(&w, &aim, 0, aims[i].width);
        pci_read32(w.f, (uint16_t)(w.at + DATA));
        pci_write32(w.f, (uint16_t)(w.at + DATA), 0);
    }
    expect_survives(t, dev);
}
