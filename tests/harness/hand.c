/* SPDX-License-Identifier: MIT */
/*
 * Asks the hand to act: see hand.h for the lines. Each request has a number of its own,
 * so that an answer that comes too late is not taken for the next one's.
 */
#include "tests/harness/hand.h"
#include "drivers/virtio/bus.h"
#include "kernel/clock.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/lib/printf.h"
#include "tests/harness/harness.h"

#define TEXT_BYTES    (2 * HAND_BYTES_MOST + 64)
#define PATIENCE      5 /* times the bound of a wait: the host may have to wait itself */
#define HEX_DIGITS(n) (2 * (n) + 1)

static unsigned last_number;
static char request[TEXT_BYTES], answer[TEXT_BYTES];

bool hand_listens(const QVirtioDevice *dev)
{
    return dev->bus->hand || cmdline_has("host");
}

static void fail(Test *t, const ExpectAt *at, const char *seen)
{
    report_failure(t, at, OUTCOME_ERROR, "the host does what it is asked to", seen);
    t->has_failed = true;
}

/* The text behind "host N " of the answer to this request; NULL when none came in time.
 */
static const char *read_answer(unsigned number)
{
    char start[32];
    size_t length = ksnprintf(start, sizeof(start), "host %u ", number);
    uint64_t now = clock_ns(), end = now + PATIENCE * wait_timeout_ns();

    for (; now < end; now = clock_ns()) {
        if (console_read_line(answer, sizeof(answer), end - now) &&
            strncmp(answer, start, length) == 0) {
            return answer + length;
        }
    }
    return NULL;
}

/* "resize 65536" on pci.blk.0 goes out as "resize blk.0 65536". */
static const char *ask_runner(const QVirtioDevice *dev)
{
    const char *blank = strchr(request, ' ');
    const char *rest = blank ? blank : "";
    int action = (int)(blank ? (size_t)(blank - request) : strlen(request));

    kprintf("# host %u %.*s %s%s\n", ++last_number, action, request,
            strchr(dev->name, '.') + 1, rest);
    console_flush();
    return read_answer(last_number);
}

/* The device's own bus acts, and answers as the runner would. */
static const char *ask_bus(QVirtioDevice *dev)
{
    char *args = strchr(request, ' ');
    size_t ok = ksnprintf(answer, sizeof(answer), "ok ");

    if (args) {
        *args++ = '\0';
    }
    int err =
        dev->bus->hand(dev, request, args ? args : "", answer + ok, sizeof(answer) - ok);
    if (err) {
        ksnprintf(answer, sizeof(answer), "no %s has no %s", dev->name, request);
    }
    return answer;
}

/* The rest of a line that begins with the word; NULL when it does not. */
static const char *after_word(const char *line, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0 || (line[length] && line[length] != ' ')) {
        return NULL;
    }
    return line + length + (line[length] == ' ');
}

/* The value of an answer, or NULL with the point's fate decided. */
static const char *take(Test *t, const ExpectAt *at, const char *line)
{
    const char *value = line ? after_word(line, "ok") : NULL;
    const char *reason = line ? after_word(line, "no") : NULL;

    if (value) {
        t->hand_acts++;
        return value;
    }
    if (reason && !t->has_failed) {
        test_skip(t, "the host: %s", reason);
    } else if (!reason) {
        t->hand_acts++; /* who knows what it did */
        fail(t, at, line ? line : "no answer");
    }
    return NULL;
}

const char *hand_request(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kvsnprintf(request, sizeof(request), format, args);
    va_end(args);
    return take(t, at, dev->bus->hand ? ask_bus(dev) : ask_runner(dev));
}

static void restore_by_bus(QVirtioDevice *dev, void *arg)
{
    (void)arg;
    if (dev->bus->hand) {
        dev->bus->hand(dev, "restore", "", answer, sizeof(answer));
    }
}

void hand_restore(Test *t)
{
    if (t->hand_acts == 0) {
        return;
    }
    qvirtio_device_foreach(0, restore_by_bus, NULL);
    if (cmdline_has("host") && !t->dev->bus->hand) {
        static const ExpectText text = {.file = "tests/harness/hand.c",
                                        .what = "restore"};
        ksnprintf(request, sizeof(request), "restore");
        const char *line = ask_runner(t->dev);
        if (!line || !after_word(line, "ok")) {
            fail(t, &(ExpectAt){.text = &text}, line ? line : "no answer");
        }
    }
    t->hand_acts = 0;
}

typedef struct News {
    const QVirtioDevice *dev;
    uint32_t before;
} News;

static bool has_news(void *arg)
{
    const News *news = arg;
    return news->dev->config_irq.count != news->before;
}

int hand_await_news(QVirtioDevice *dev, uint32_t before)
{
    News news = {dev, before};
    return dev->config_irq.is_bound
               ? qvirtio_wait(dev, "a configuration change notification", has_news, &news,
                              0)
               : 0;
}

const char *hand_hex(const void *bytes, size_t count)
{
    static char text[HEX_DIGITS(HAND_BYTES_MOST)];
    hex_encode(text, bytes, count < HAND_BYTES_MOST ? count : HAND_BYTES_MOST);
    return text;
}
