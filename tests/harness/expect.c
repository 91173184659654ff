/* SPDX-License-Identifier: MIT */
/*
 * Assertions. Each counts as executed, records its basis, and on failure says what was
 * expected and what was seen. Whose fault a failure is: a wait that ran out is a
 * "timeout", our own limits are an "error", all else the device's.
 */
#include "kernel/clock.h"
#include "kernel/lib/printf.h"
#include "tests/harness/harness.h"

#define TEXT_BYTES 160
#define LOOK_NS    NS_PER_MS
#define NOTICE_NS  (5 * NS_PER_MS)
/* Tests may need queues of more entries than this. */
#define SHORT_QUEUE 32

/* Records one assertion; returns whether it held. */
static bool judge(Test *t, const ExpectAt *at, bool held, Outcome outcome,
                  const char *expected, const char *seen)
{
    bool is_safety = at->basis && strcmp(at->basis, SAFETY) == 0;

    t->assertions++;
    /* Behind a SKIP only safety is judged. */
    if (!held && t->is_skipped && !is_safety) {
        return false;
    }
    if (held && basis_kind(t, at->basis) == BASIS_OF_CLAUSE) {
        clause_record(at, true);
    } else if (!held) {
        report_failure(t, at, outcome, expected, seen);
    }
    return held;
}

static bool compare(uint64_t seen, char relation, uint64_t expected)
{
    switch (relation) {
    case '!':
        return seen != expected;
    case '<':
        return seen <= expected;
    case '>':
        return seen >= expected;
    default:
        return seen == expected;
    }
}

static const char *relation_words(char relation)
{
    switch (relation) {
    case '!':
        return "other than ";
    case '<':
        return "at most ";
    case '>':
        return "at least ";
    default:
        return "";
    }
}

/* "VIRTIO_BLK_S_IOERR (1)", or just "1" where the source text is the number. */
static void format_value(char *to, size_t bytes, const char *text, uint64_t v)
{
    bool is_name = text[0] < '0' || text[0] > '9';
    const char *number = v > 0xffff ? "0x%llx" : "%llu";
    size_t n = is_name ? ksnprintf(to, bytes, "%s (", text) : 0;
    n += n < bytes ? ksnprintf(to + n, bytes - n, number, (unsigned long long)v) : 0;
    if (is_name && n < bytes) {
        ksnprintf(to + n, bytes - n, ")");
    }
}

bool expect_compare(Test *t, const ExpectAt *at, uint64_t seen, uint64_t expected)
{
    const ExpectText *text = at->text;
    if (compare(seen, text->relation, expected)) {
        return judge(t, at, true, OUTCOME_FAILED, NULL, NULL);
    }
    char value[TEXT_BYTES], wanted[TEXT_BYTES], got[TEXT_BYTES];
    format_value(value, sizeof(value), text->expected, expected);
    ksnprintf(wanted, sizeof(wanted), "%s %s%s", text->what,
              relation_words(text->relation), value);
    format_value(got, sizeof(got), text->what, seen);
    return judge(t, at, false, OUTCOME_FAILED, wanted, got);
}

bool expect_condition(Test *t, const ExpectAt *at, bool condition, const char *expected,
                      const char *seen_format, ...)
{
    char seen[TEXT_BYTES];
    if (!condition) {
        va_list args;
        va_start(args, seen_format);
        kvsnprintf(seen, sizeof(seen), seen_format, args);
        va_end(args);
    }
    return judge(t, at, condition, OUTCOME_FAILED, expected, seen);
}

bool expect_bytes(Test *t, const ExpectAt *at, const void *seen, const void *expected,
                  size_t bytes, const char *expected_text)
{
    size_t off = memory_mismatch(seen, expected, bytes);
    if (off == bytes) {
        return judge(t, at, true, OUTCOME_FAILED, NULL, NULL);
    }
    char wanted[TEXT_BYTES], got[TEXT_BYTES];
    const uint8_t *s = seen, *e = expected;
    ksnprintf(wanted, sizeof(wanted), "%s: %zu bytes of %s, 0x%02x at offset %zu",
              at->text->what, bytes, expected_text, e[off], off);
    ksnprintf(got, sizeof(got), "0x%02x at offset %zu", s[off], off);
    return judge(t, at, false, OUTCOME_FAILED, wanted, got);
}

/* Returns the maximum of the shortest open queue. */
static unsigned shortest_queue(const QVirtioDevice *dev)
{
    unsigned least = UINT16_MAX;
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        const QVirtQueue *vq = dev->vq[i];
        if (vq && vq->size == vq->size_max && vq->size < least) {
            least = vq->size;
        }
    }
    return least;
}

/* What broke a queue, where one is broken. */
static const char *broken_rule(const QVirtioDevice *dev)
{
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i] && dev->vq[i]->broken) {
            return dev->vq[i]->broken;
        }
    }
    return NULL;
}

/* A device may decline a set of features (2.2.2, which life/ judges) and choose how long
 * its queues are: what a test needs beyond that is not there, and nothing is wrong. */
static bool is_beyond(Test *t, const ExpectAt *at, int err)
{
    QVirtioFeatures plain = qvirtio_baseline(t->dev);
    char names[TEXT_BYTES] = "";

    if (t->has_failed) {
        return false;
    }
    if (err == -QVIRTIO_NOT_ACCEPTED && basis_kind(t, at->basis) == BASIS_OF_NOTHING &&
        !qvirtio_features_within(&t->dev->refused, &plain)) {
        qvirtio_features_format(t->dev, &t->dev->refused, names, sizeof(names));
        test_skip(t, "the device does not accept%s", names);
    } else if (err == -QVIRTIO_TOO_LONG || err == -QVIRTIO_NO_SPACE) {
        unsigned size = shortest_queue(t->dev);
        if (size > SHORT_QUEUE) {
            return false;
        }
        test_skip(t, "the device offers a queue of %u entries only", size);
    } else {
        return false;
    }
    return true;
}

bool expect_success(Test *t, const ExpectAt *at, int err)
{
    if (err == 0) {
        return judge(t, at, true, OUTCOME_FAILED, NULL, NULL);
    }
    if (is_beyond(t, at, err)) {
        return false;
    }
    char wanted[TEXT_BYTES], seen[TEXT_BYTES];
    const char *detail = NULL;
    Outcome outcome = OUTCOME_FAILED;
    if (err == -QVIRTIO_TIMEOUT) {
        outcome = OUTCOME_TIMEOUT;
        detail = wait_last_timeout();
    } else if (err == -QVIRTIO_NEEDS_RESET) {
        detail = wait_last_timeout();
    } else if (err == -QVIRTIO_BROKEN) {
        detail = broken_rule(t->dev);
    } else if (err == -QVIRTIO_NO_MEMORY || err == -QVIRTIO_RANGE ||
               err == -QVIRTIO_NO_SPACE) {
        outcome = OUTCOME_ERROR;
    }
    ksnprintf(wanted, sizeof(wanted), "%s succeeds", at->text->what);
    ksnprintf(seen, sizeof(seen), "%s%s%s", qvirtio_error_name(err),
              !detail                       ? ""
              : err == -QVIRTIO_NEEDS_RESET ? " in place of "
                                            : ": ",
              detail ? detail : "");
    return judge(t, at, false, outcome, wanted, seen);
}

bool expect_used_len_at(Test *t, const ExpectText *text, uint32_t len, uint32_t most)
{
    ExpectAt at = {text, test_written_basis(t)};

    if (qvirtio_is_legacy(t->dev)) {
        return true;
    }
    return expect_compare(t, &at, len, most);
}

bool expect_no_fault(Test *t, const ExpectAt *at, const char *wrong)
{
    if (!wrong) {
        return judge(t, at, true, OUTCOME_FAILED, NULL, NULL);
    }
    char wanted[TEXT_BYTES];
    ksnprintf(wanted, sizeof(wanted), "%s finds nothing wrong", at->text->what);
    return judge(t, at, false, OUTCOME_FAILED, wanted, wrong);
}

bool expect_ping_at(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t number)
{
    const char *why = NULL;
    int err = qvirtio_ping(dev, number, &why);
    if (!err && !why) {
        control_served(dev);
    }
    return err ? expect_success(t, at, err) : expect_no_fault(t, at, why);
}

static bool has_told(void *arg)
{
    return ((QVirtioDevice *)arg)->config_irq.count > 0;
}

/*
 * A device that sets NEEDS_RESET also sends a configuration change notification (2.1.2);
 * a driver resets it when that has come. A reset in between is another test: QEMU with an
 * iothread can hang there (virtio_error() of the iothread waits for the lock that the CPU
 * holds in virtio_blk_data_plane_stop(), and the other way round).
 */
static void await_needs_reset_notice(QVirtioDevice *dev)
{
    if (dev->config_irq.is_bound && !qvirtio_is_legacy(dev) &&
        qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET)) {
        qvirtio_wait(dev, "the notification of NEEDS_RESET", has_told, dev, NOTICE_NS);
    }
}

/* Nothing is left for the device to look at, or it has given up. */
static bool has_looked(void *arg)
{
    QVirtioDevice *dev = arg;
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        const QVirtQueue *vq = dev->vq[i];
        if (vq && vq->in_flight && !qvirtqueue_has_used(vq)) {
            return qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET);
        }
    }
    return true;
}

bool expect_survival(Test *t, const ExpectAt *at, QVirtioDevice *dev)
{
    /* A reset at once would often come before the device has seen what was done to it. */
    qvirtio_wait(dev, "the device to look", has_looked, dev, LOOK_NS);
    await_needs_reset_notice(dev);
    wait_forget();
    if (!expect_success(t, at, qvirtio_stop(dev))) {
        return false;
    }
    QVirtioFeatures none = {0};
    if (!expect_success(t, at, qvirtio_start(dev, &none, t->ring))) {
        return false;
    }
    return qvirtio_why_no_ping(dev) || expect_ping_at(t, at, dev, 0xfffe);
}
