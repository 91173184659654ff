/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the SCSI tests: units, answers, reasons to skip. See scsi_lib.h. Each
 * expectation is reported at the line of the test that asked for it.
 */
#include "tests/scsi/scsi_lib.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/printf.h"

const char *scsi_know(const QVirtioDevice *dev, const ScsiUnit *u, const char *key)
{
    char field[40];
    ksnprintf(field, sizeof(field), "%u.%u.%s", u->at.target, u->at.lun, key);
    return qvirtio_truth(dev, field);
}

bool scsi_is_slow(const QVirtioDevice *dev, const ScsiUnit *u)
{
    return scsi_know(dev, u, "slow") != NULL;
}

/* Unit attentions of the life's beginning are taken, or the test is over. */
static const ScsiUnit *settled(Test *t, QVirtioDevice *dev, const ScsiUnit *u,
                               const char *what)
{
    ScsiRequest r;
    if (!u) {
        test_skip(t, "no unit is %s", what);
        return NULL;
    }
    return require_ok(t, scsi_settle(dev, u->at, &r)) ? u : NULL;
}

typedef bool (*UnitFilter)(const QVirtioDevice *dev, const ScsiUnit *u);

static const ScsiUnit *find(Test *t, QVirtioDevice *dev, UnitFilter fits,
                            const char *what)
{
    const ScsiMap *map = scsi_map(dev);
    for (unsigned i = 0; i < map->count; i++) {
        const ScsiUnit *u = &map->unit[i];
        if (u->block_bytes && fits(dev, u)) {
            return settled(t, dev, u, what);
        }
    }
    return settled(t, dev, NULL, what);
}

static bool is_quick(const QVirtioDevice *dev, const ScsiUnit *u)
{
    return !scsi_is_slow(dev, u);
}

static bool is_roomy(const QVirtioDevice *dev, const ScsiUnit *u)
{
    return is_quick(dev, u) && u->type == SCSI_TYPE_DISK && !u->is_read_only &&
           unit_sectors(u) >= 4 * SCSI_ANNOUNCED_SECTORS;
}

static bool is_read_only_disk(const QVirtioDevice *dev, const ScsiUnit *u)
{
    return is_quick(dev, u) && u->type == SCSI_TYPE_DISK && u->is_read_only;
}

static bool is_cd(const QVirtioDevice *dev, const ScsiUnit *u)
{
    return is_quick(dev, u) && u->type == SCSI_TYPE_CD;
}

const ScsiUnit *scsi_any_unit(Test *t, QVirtioDevice *dev)
{
    return find(t, dev, is_quick, "a disk or a CD");
}

const ScsiUnit *scsi_disk(Test *t, QVirtioDevice *dev)
{
    return find(t, dev, is_roomy, "a disk that may be written, of 512 sectors or more");
}

const ScsiUnit *scsi_read_only_disk(Test *t, QVirtioDevice *dev)
{
    return find(t, dev, is_read_only_disk, "a read-only disk");
}

const ScsiUnit *scsi_cd(Test *t, QVirtioDevice *dev)
{
    return find(t, dev, is_cd, "a CD");
}

const ScsiUnit *scsi_slow_unit(Test *t, QVirtioDevice *dev)
{
    return find(t, dev, scsi_is_slow, "said to be slow (know=)");
}

bool scsi_free_target(Test *t, QVirtioDevice *dev, ScsiLun *at)
{
    int target = scsi_map(dev)->free_target;
    *at = (ScsiLun){.target = target};
    if (target < 0) {
        test_skip(t, "every target of the SCSI host exists");
    }
    return target >= 0;
}

static const char *response_name(uint8_t response)
{
    static const char *const names[] = {
        "OK",
        "OVERRUN",
        "ABORTED",
        "BAD_TARGET",
        "RESET",
        "BUSY",
        "TRANSPORT_FAILURE",
        "TARGET_FAILURE",
        "NEXUS_FAILURE",
        "FAILURE",
        "FUNCTION_SUCCEEDED",
        "FUNCTION_REJECTED",
        "INCORRECT_LUN",
    };
    return response < sizeof(names) / sizeof(*names) ? names[response]
           : response == SCSI_UNWRITTEN              ? "unwritten"
                                                     : "unknown";
}

/* 5.6 requires no command of a unit, and SPC-4 and SBC-3 only a few: a test that needs
 * another one is a SKIP where the unit does not know it. */
static bool lacks_command(Test *t, const ScsiRequest *r, uint32_t wanted)
{
    static const uint8_t mandatory[] = {SCSI_TEST_UNIT_READY, SCSI_INQUIRY,
                                        SCSI_REPORT_LUNS, SCSI_READ_CAPACITY_10,
                                        SCSI_READ_10};
    uint8_t opcode = r->cmd->cdb[0];
    if (wanted == SCSI_SENSE_OPCODE || scsi_sense(r) != SCSI_SENSE_OPCODE ||
        memchr(mandatory, opcode, sizeof(mandatory))) {
        return false;
    }
    test_skip(t, "the unit does not know command 0x%02x, which is optional", opcode);
    return true;
}

static bool expect_answer(Test *t, const ExpectAt *at, const ScsiRequest *r,
                          uint8_t status, uint32_t sense, const char *wanted)
{
    uint32_t seen = scsi_sense(r);
    if (lacks_command(t, r, sense)) {
        return false;
    }
    return expect_condition(t, at,
                            r->resp->response == VIRTIO_SCSI_S_OK &&
                                r->resp->status == status && seen == sense,
                            wanted, "response %s, status 0x%02x, sense 0x%06x",
                            response_name(r->resp->response), r->resp->status, seen);
}

static bool run(Test *t, const ExpectAt *at, ScsiRequest *r)
{
    ExpectAt back = *at;
    back.basis = BASIS_NONE;
    return expect_success(t, &back, scsi_run(r));
}

bool scsi_expect_good_answer(Test *t, const ExpectAt *at, const ScsiRequest *r)
{
    return expect_answer(t, at, r, SCSI_GOOD, SCSI_SENSE_NONE, "status GOOD");
}

bool scsi_expect_good(Test *t, const ExpectAt *at, ScsiRequest *r)
{
    return run(t, at, r) && scsi_expect_good_answer(t, at, r);
}

bool scsi_expect_sense(Test *t, const ExpectAt *at, ScsiRequest *r, uint32_t sense)
{
    char wanted[64];
    ksnprintf(wanted, sizeof(wanted), "CHECK CONDITION, sense 0x%06x", sense);
    return run(t, at, r) && expect_answer(t, at, r, SCSI_CHECK_CONDITION, sense, wanted);
}

bool scsi_expect_response(Test *t, const ExpectAt *at, ScsiRequest *r, uint8_t wanted)
{
    char text[48];
    ksnprintf(text, sizeof(text), "response VIRTIO_SCSI_S_%s", response_name(wanted));
    return run(t, at, r) &&
           expect_condition(t, at, r->resp->response == wanted, text,
                            "response %s, 0x%02x", response_name(r->resp->response),
                            r->resp->response);
}

uint64_t scsi_config_field(Test *t, QVirtioDevice *dev, size_t off, size_t width)
{
    uint64_t value = 0;
    require_ok(t, qvirtio_config_read(dev, off, width, &value));
    return value;
}

const char *scsi_why_not_framing(QVirtioDevice *dev)
{
    return qvirtio_is_legacy(dev) && !qvirtio_offers(dev, VIRTIO_F_ANY_LAYOUT)
               ? "VIRTIO_F_ANY_LAYOUT not offered"
               : NULL;
}

const char *scsi_why_not_writable(QVirtioDevice *dev)
{
    return qvirtio_why_not_scratch(dev);
}
