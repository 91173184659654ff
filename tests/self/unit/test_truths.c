/* SPDX-License-Identifier: MIT */
/* drivers/virtio/truths.c: truths are found by their whole name, and whole. */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "drivers/virtio/truths.h"
#include "kernel/cmdline.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

static const QVirtioBus bus = {.name = "pci"};
static const QVirtioDevice disk = {.bus = &bus, .name = "pci.blk.0"};

static const char *fault(const char *words)
{
    cmdline_init(words, false);
    return qvirtio_truth_fault();
}

static void finds_truths(void)
{
    uint64_t sectors = 0;

    CHECK(!fault("know=blk.0.sectors=16384,pci.blk.0.serial=a know=blk.0.serial=b"),
          "words of truths are sound");
    CHECK(qvirtio_truth_u64(&disk, "sectors", &sectors) && sectors == 16384,
          "a number is found");
    CHECK_TEXT(qvirtio_truth(&disk, "serial"), "a", "the bus's own truth wins");
    CHECK(!qvirtio_truth(&disk, "sector"), "part of a name is no name");
    CHECK(!qvirtio_truth_u64(&disk, "serial", &sectors), "text is no number");
}

static void refuses_what_is_none(void)
{
    CHECK_TEXT(fault("know=blk.0.sectors"), "blk.0.sectors", "no value");
    CHECK_TEXT(fault("know=blk.0.sectors="), "blk.0.sectors=", "an empty value");
    CHECK_TEXT(fault("know=blk.sectors=1,x"), "blk.sectors=1", "two names");
    CHECK_TEXT(fault("know=blk.0.a=1,"), "", "nothing behind a comma");
}

/* A number that is cut is another number. */
static void refuses_what_would_be_cut(void)
{
    char word[128] = "know=blk.0.sectors=";
    size_t n = strlen(word);

    memset(word + n, '1', 5 + 94 - n);
    CHECK(!fault(word), "an item of 94 characters is taken");
    CHECK_EQ(strlen(qvirtio_truth(&disk, "sectors")), 94 + 5 - n, "whole");
    memset(word + n, '1', 5 + 95 - n);
    CHECK(fault(word), "a longer one is refused");
}

int main(void)
{
    finds_truths();
    refuses_what_is_none();
    refuses_what_would_be_cut();
    return check_done();
}
