/* SPDX-License-Identifier: MIT */
/*
 * The host that listens on the console of a host process: it reads the kernel's requests
 * (tests/harness/host.h), has the soft device behind the one that is named act, and
 * answers. Devices of one type and index are one device on every bus here.
 */
#include "kernel/printf.h"
#include "kernel/string.h"
#include "tests/harness/host.h"
#include "tests/host/soft/model.h"

#define LINE_MOST (2 * HOST_BYTES_MOST + 128)

static char line[LINE_MOST], answer[LINE_MOST];
static size_t line_bytes, answer_bytes;

static void restore(QVirtioDevice *d, void *arg)
{
    char *value = arg;

    if (d->bus->host) {
        d->bus->host(d, "restore", "", value, LINE_MOST);
    }
}

/* The soft device that has this name on its own bus. */
static QVirtioDevice *device_named(const char *name)
{
    QVirtioDevice *d;

    for (unsigned n = 0; (d = qvirtio_device(n)) != NULL; n++) {
        if (d->bus->host && strcmp(strchr(d->name, '.') + 1, name) == 0) {
            return d;
        }
    }
    return NULL;
}

/* Cuts the next word off. */
static char *next_word(char **rest)
{
    char *word = *rest, *blank = strchr(word, ' ');

    *rest = blank ? blank + 1 : word + strlen(word);
    if (blank) {
        *blank = '\0';
    }
    return word;
}

/* "7 resize blk.0 65536" */
static void obey(char *request)
{
    static char value[LINE_MOST];
    const char *number = next_word(&request), *action = next_word(&request);
    const char *name = next_word(&request), *args = request;
    QVirtioDevice *d = device_named(name);
    bool is_restore = strcmp(action, "restore") == 0;
    bool is_done = is_restore;

    value[0] = '\0';
    if (is_restore) {
        qvirtio_device_foreach(0, restore, value);
        value[0] = '\0';
    } else if (d) {
        is_done = d->bus->host(d, action, args, value, sizeof(value)) == 0;
    }
    doors_run();
    answer_bytes =
        is_done ? ksnprintf(answer, sizeof(answer), "host %s ok %s\n", number, value)
                : ksnprintf(answer, sizeof(answer), "host %s no %s has no %s\n", number,
                            name, action);
}

void model_host_hears(const char *bytes, size_t count)
{
    static const char start[] = "# host ";

    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n' && line_bytes < sizeof(line) - 1) {
            line[line_bytes++] = bytes[i];
            continue;
        }
        line[line_bytes] = '\0';
        line_bytes = 0;
        if (strncmp(line, start, sizeof(start) - 1) == 0) {
            obey(line + sizeof(start) - 1);
        }
    }
}

size_t model_host_says(char *bytes, size_t most)
{
    size_t count = answer_bytes < most ? answer_bytes : most;

    memcpy(bytes, answer, count);
    memmove(answer, answer + count, answer_bytes - count);
    answer_bytes -= count;
    return count;
}
