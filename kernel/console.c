/* SPDX-License-Identifier: MIT */
/*
 * The console's two buffers. Output waits here until it is flushed or the buffer is full;
 * input is taken from the device whenever somebody waits for a line. Not for interrupt
 * handlers.
 */
#include "kernel/console.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/wait.h"

#define OUTPUT_BYTES 4096
#define INPUT_BYTES  4096

static char output[OUTPUT_BYTES];
static size_t output_count;
static char last_written = '\n';
static uint64_t last_output_ns;

static char input[INPUT_BYTES];
static size_t input_count;

void console_write(const char *bytes, size_t count)
{
    if (count > 0) {
        last_written = bytes[count - 1];
    }
    while (count > 0) {
        size_t room = OUTPUT_BYTES - output_count;
        size_t taken = count < room ? count : room;
        memcpy(output + output_count, bytes, taken);
        output_count += taken;
        bytes += taken;
        count -= taken;
        if (output_count == OUTPUT_BYTES) {
            console_flush();
        }
    }
}

void console_start_line(void)
{
    if (last_written != '\n') {
        console_write("\n", 1);
    }
}

void console_flush(void)
{
    size_t count = output_count;
    output_count = 0; /* first: a fault inside must not send these again */
    if (count > 0) {
        arch_console_write(output, count);
        last_output_ns = clock_ns();
    }
}

uint64_t console_last_output_ns(void)
{
    return last_output_ns;
}

/* Takes what has arrived; true when there is a whole line. A line beyond the buffer loses
 * its tail. */
static bool input_has_line(void *arg)
{
    (void)arg;
    if (memchr(input, '\n', input_count)) {
        return true;
    }
    if (input_count == INPUT_BYTES) {
        input_count--;
    }
    size_t count = arch_console_read(input + input_count, INPUT_BYTES - input_count);
    input_count += count;
    return memchr(input + input_count - count, '\n', count) != NULL;
}

bool console_read_line(char *line, size_t bytes, uint64_t timeout_ns)
{
    Wait wait = {.what = "a line from the host",
                 .is_done = input_has_line,
                 .timeout_ns = timeout_ns};
    line[0] = 0;
    if (!wait_for(&wait)) {
        return false;
    }
    char *end = memchr(input, '\n', input_count);
    size_t length = (size_t)(end - input);
    size_t kept = length > 0 && end[-1] == '\r' ? length - 1 : length;
    kept = kept < bytes ? kept : bytes - 1;
    memcpy(line, input, kept);
    line[kept] = 0;
    input_count -= length + 1;
    memmove(input, end + 1, input_count);
    return true;
}
