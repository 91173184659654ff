/* SPDX-License-Identifier: MIT */
/*
 * The ISR status and INTx (4.1.4.5, 4.1.5.3), with MSI-X off, on both interfaces. While
 * the machine's line is masked nothing is lost: the function goes on pulling it, and its
 * registers can be looked at. Sharing a line is in sharing.c.
 */
#include "drivers/virtio/bus.h"
#include "kernel/barrier.h"
#include "kernel/clock.h"
#include "kernel/irq/irq.h"
#include "tests/pci/pci_lib.h"

static int line_of(const QVirtioDevice *dev)
{
    return qvirtio_pci(dev)->intx_line;
}

static uint8_t read_isr(const QVirtioDevice *dev)
{
    return io_read8(&qvirtio_pci(dev)->isr, 0);
}

/* Waits until the ping queue has more than `before` interrupts. */
static bool expect_interrupt(Test *t, const char *clause, QVirtioDevice *dev,
                             uint32_t before)
{
    return expect_ok(t, clause, pci_wait_interrupt(dev, before));
}

#define INTX_TEST \
    .flags = TEST_PING | TEST_IRQ_INTX, .buses = BUS_PCI_BOTH, .why_not = pci_why_no_intx

#define LOOKS  32
#define ROUNDS 4

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* Functions that nobody drives here, of any vendor, may have the same line. Where one of
 * them interrupts while this device has nothing to do, nothing can be said of what comes
 * on the line: returns false, and the test is skipped. */
static bool has_line_for_itself(Test *t, QVirtioDevice *dev)
{
    uint32_t before = irq_line_count(line_of(dev));

    for (unsigned i = 0; i < LOOKS; i++) {
        irq_settle();
    }
    qvirtio_wait(dev, "interrupts of others", never, NULL, NS_PER_MS);
    wait_forget();
    bool is_quiet = irq_line_count(line_of(dev)) == before;
    if (!is_quiet) {
        test_skip(t, "others interrupt on the same INTx line meanwhile");
    }
    return is_quiet;
}

/* "If MSI-X capability is disabled, the device MUST set the Queue Interrupt bit in ISR
 * status before sending a virtqueue notification to the driver": of the interrupts that
 * follow the ping, the first already finds the bit. (An empty one may follow: a level
 * that is lowered while the controller looks.) One of the rounds must show it, as now and
 * then an interrupt is another function's. */
VIRTIO_TEST(isr_queue_bit_is_ahead_of_intx, INTX_TEST)
{
    const QVirtioPci *p = qvirtio_pci(dev);
    QVirtQueue *vq = pci_ping_queue(dev);
    bool is_ahead = false;

    if (!has_line_for_itself(t, dev)) {
        return;
    }
    for (uint32_t n = 1; n <= ROUNDS && !is_ahead; n++) {
        uint32_t empty = READ_ONCE(p->intx_empty), before = vq->irq.count;
        if (!require_ping(t, dev, n) ||
            !expect_interrupt(t, "dev:4.1.4.5.1-3", dev, before)) {
            return;
        }
        is_ahead = READ_ONCE(p->intx_empty_before) == empty;
        irq_settle();
    }
    expect_that(t, "dev:4.1.4.5.1-3", is_ahead, "a bit in the ISR at the first interrupt",
                "the ISR was 0 at the first interrupt of each ping");
}

/* "The device MUST reset ISR status to 0 on driver read." */
VIRTIO_TEST(reading_isr_clears_it, INTX_TEST)
{
    if (pci_ping_behind_mask(t, dev, 1)) {
        /* The configuration may have changed, too. */
        expect_eq(t, "dev:4.1.4.5.1-3",
                  pci_drain_isr(t, "dev:4.1.4.5.1-5", dev) & VIRTIO_PCI_ISR_QUEUE,
                  VIRTIO_PCI_ISR_QUEUE);
    }
    irq_line_mask(line_of(dev), false);
}

static bool is_not_pulling(void *arg)
{
    return !pci_pulls_intx(arg);
}

static int wait_lowered(QVirtioDevice *dev)
{
    return qvirtio_wait(dev, "the Interrupt Status bit to clear", is_not_pulling, dev, 0);
}

/* "the device MUST set the Interrupt Status bit in the PCI Status register ... to the
 * logical OR of all bits in ISR status": set with it, gone with it, over and over. */
VIRTIO_TEST(pci_status_mirrors_isr, INTX_TEST)
{
    for (uint32_t n = 1; n <= 8 && pci_ping_behind_mask(t, dev, n); n++) {
        expect_ne(t, "dev:4.1.4.5.1-4", pci_drain_isr(t, "dev:4.1.4.5.1-5", dev), 0);
        expect_that(t, "dev:4.1.4.5.1-4", !pci_pulls_intx(dev) || read_isr(dev) != 0,
                    "clear once the ISR is 0", "Interrupt Status set");
    }
    irq_line_mask(line_of(dev), false);
}

/* PCI Local Bus 3.0, 2.2.6: INTx is a level, which stays "until the device driver clears
 * the pending request": what was raised behind a mask is still there when the mask goes,
 * and is delivered then. */
VIRTIO_TEST(intx_stays_until_isr_is_read, INTX_TEST)
{
    QVirtQueue *vq = pci_ping_queue(dev);

    irq_line_mask(line_of(dev), true);
    irq_settle();
    uint32_t before = vq->irq.count;
    bool is_held = pci_ping_behind_mask(t, dev, 1) && require_ping(t, dev, 2);
    if (is_held) {
        require_that(t, pci_pulls_intx(dev), "still raised", "Interrupt Status clear");
    }
    irq_line_mask(line_of(dev), false);
    if (is_held && expect_interrupt(t, "PCI-3.0 2.2.6", dev, before)) {
        expect_ok(t, "dev:4.1.4.5.1-4", wait_lowered(dev));
    }
}

/* One ping with Interrupt Disable set. Returns true when nothing came on the line. */
static bool is_kept_off(Test *t, QVirtioDevice *dev, uint32_t number)
{
    uint32_t on_line = irq_line_count(line_of(dev));

    if (!require_ping(t, dev, number)) {
        return false;
    }
    int err = pci_wait_intx(dev);
    bool is_quiet = irq_line_count(line_of(dev)) == on_line;
    /* A handler that ran for somebody else has read the ISR, too. */
    return is_quiet && expect_ok(t, "dev:4.1.4.5.1-4", err);
}

/* PCI Local Bus 3.0, 6.2.2: Interrupt Disable keeps the function off its line; Interrupt
 * Status shows what it would do, and enabling does it. One of the rounds must show it, as
 * now and then an interrupt is another function's. */
VIRTIO_TEST(intx_obeys_interrupt_disable, INTX_TEST)
{
    const PciFunction *f = qvirtio_pci(dev)->function;
    QVirtQueue *vq = pci_ping_queue(dev);
    uint16_t command = pci_read16(f, PCI_COMMAND);
    bool is_off = false;

    if (!has_line_for_itself(t, dev)) {
        return;
    }
    pci_write16(f, PCI_COMMAND, command | PCI_COMMAND_INTX_OFF);
    irq_settle();
    for (uint32_t n = 1; n <= ROUNDS && !is_off && !t->has_failed; n++) {
        is_off = is_kept_off(t, dev, n);
    }
    uint32_t before = vq->irq.count;
    if (!t->has_failed) {
        expect_that(t, "PCI-3.0 6.2.2", is_off, "no interrupt with Interrupt Disable set",
                    "one for each of %d pings", ROUNDS);
    }
    pci_write16(f, PCI_COMMAND, command & (uint16_t)~PCI_COMMAND_INTX_OFF);
    if (is_off) {
        expect_interrupt(t, "PCI-3.0 6.2.2", dev, before);
    }
}

/* What reset leaves in the ISR ends with one read, as ever, and nothing stays on the
 * line: "simply reading this register resets it to 0 and causes the device to de-assert
 * the interrupt". */
VIRTIO_TEST(line_is_low_after_reset, INTX_TEST)
{
    if (pci_ping_behind_mask(t, dev, 1) && require_ok(t, dev->bus->reset(dev))) {
        pci_drain_isr(t, "virtio 4.1.4.5", dev);
        expect_that(t, "virtio 4.1.4.5", !pci_pulls_intx(dev), "clear once the ISR is 0",
                    "Interrupt Status set");
    }
    irq_line_mask(line_of(dev), false);
}

static void count_line(void *arg)
{
    ++*(uint32_t *)arg;
}

/* PCI Local Bus 3.0, 6.8.2.3: a function with MSI-X on is "prohibited from using its
 * INTx# pin": the line stays silent while interrupts arrive by MSI-X. */
VIRTIO_TEST(msix_keeps_off_intx, .flags = TEST_PING, .buses = BUS_PCI_BOTH,
            .why_not = pci_why_no_msix)
{
    const char *why_not = pci_why_no_intx(dev);
    QVirtQueue *vq = pci_ping_queue(dev);
    uint32_t on_line = 0;
    bool is_silent = false;

    if (!vq->irq.is_bound) {
        test_skip(t, "no vector is left for the queue that is pinged");
        return;
    }
    if (why_not ||
        irq_line_attach(line_of(dev), IRQ_LEVEL_LOW, count_line, &on_line, &why_not)) {
        test_skip(t, "%s", why_not);
        return;
    }
    if (has_line_for_itself(t, dev)) {
        for (uint32_t n = 1; n <= ROUNDS && !is_silent; n++) {
            uint32_t before = vq->irq.count;
            on_line = 0;
            if (!require_ping(t, dev, n) ||
                !expect_interrupt(t, "virtio 4.1.5.3", dev, before)) {
                break;
            }
            is_silent = on_line == 0;
        }
        expect_that(t, "PCI-3.0 6.8.2.3", is_silent || t->has_failed,
                    "nothing on the INTx line", "%u interrupts", on_line);
    }
    irq_line_detach(line_of(dev), count_line, &on_line);
}
