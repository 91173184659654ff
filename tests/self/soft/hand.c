/* SPDX-License-Identifier: MIT */
/*
 * The host that listens to the machine's serial line: a request for a device behind a
 * register model is done to its soft device, and answered on the line as a runner would
 * (tests/harness/hand.h). The number is what a late answer is told by, so each request
 * gets a stale answer first.
 */
#include "tests/self/soft/hand.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

#define LINE_BYTES 4096

static char line[LINE_BYTES], answer[LINE_BYTES];
static size_t line_count, answer_at, answer_count;

/* "blk.0" of a request is the soft bus's "soft.blk.0". */
static QVirtioDevice *find(const char *key, size_t length)
{
    for (unsigned i = 0; qvirtio_device(i); i++) {
        QVirtioDevice *d = qvirtio_device(i);
        const char *name = strchr(d->name, '.') + 1;
        if (strcmp(d->bus->name, "soft") == 0 && strlen(name) == length &&
            strncmp(name, key, length) == 0) {
            return d;
        }
    }
    return NULL;
}

/* A word of the text, its length, and what is behind it. */
static const char *split(const char *text, size_t *length)
{
    const char *blank = strchr(text, ' ');
    *length = blank ? (size_t)(blank - text) : strlen(text);
    return blank ? blank + 1 : text + *length;
}

/* "7 resize blk.0 65536" */
static void act(const char *text)
{
    static char value[LINE_BYTES];
    char action[32];
    size_t number_length, action_length, key_length;
    const char *at = split(text, &number_length);
    const char *key = split(at, &action_length);
    const char *args = split(key, &key_length);
    QVirtioDevice *d = find(key, key_length);

    string_copy(action, at,
                action_length < sizeof(action) ? action_length + 1 : sizeof(action));
    value[0] = 0;
    bool is_restored = strcmp(action, "restore") == 0; /* the soft bus is asked anyway */
    bool is_done =
        is_restored || (d && d->bus->hand(d, action, args, value, sizeof(value)) == 0);
    answer_at = 0;
    answer_count = (size_t)ksnprintf(
        answer, sizeof(answer), "host 0 ok stale\nhost %.*s %s %s\n", (int)number_length,
        text, is_done ? "ok" : "no", is_done ? value : "the device has no such action");
}

void hand_hear(const char *bytes, size_t count)
{
    for (; count > 0; bytes++, count--) {
        if (*bytes != '\n') {
            line_count += line_count < LINE_BYTES - 1;
            line[line_count - 1] = *bytes;
            continue;
        }
        line[line_count] = 0;
        line_count = 0;
        if (strncmp(line, "# host ", 7) == 0) {
            act(line + 7);
        }
    }
}

size_t hand_say(char *bytes, size_t most)
{
    size_t count = answer_count - answer_at < most ? answer_count - answer_at : most;
    memcpy(bytes, answer + answer_at, count);
    answer_at += count;
    return count;
}
