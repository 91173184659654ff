/* SPDX-License-Identifier: MIT */
/*
 * Formatted output, for buffers and for the console. Text goes out in runs, not in
 * characters: a loop costs where the VMM emulates each instruction. What the header does
 * not name is printed as it stands.
 */
#include "kernel/lib/printf.h"
#include "kernel/console.h"
#include "kernel/lib/string.h"
#include <stdbool.h>
#include <stdint.h>

/* Where output goes: a buffer that may be too short, or (to == NULL) the console. */
typedef struct Sink {
    char *to;
    size_t bytes;  /* room, the terminator included */
    size_t length; /* of the whole text so far */
} Sink;

typedef struct Spec {
    bool is_left, is_zero, is_alternate, is_plus;
    int width, precision; /* precision -1: none given */
    int length;           /* bytes of the integer argument */
    char conversion;
} Spec;

static void sink_put(Sink *sink, const char *text, size_t count)
{
    if (!sink->to) {
        console_write(text, count);
    } else if (sink->length + 1 < sink->bytes) {
        size_t room = sink->bytes - 1 - sink->length;
        memcpy(sink->to + sink->length, text, count < room ? count : room);
    }
    sink->length += count;
}

static void sink_pad(Sink *sink, char with, int count)
{
    char run[32];
    if (count <= 0) {
        return;
    }
    memset(run, with, sizeof(run));
    for (; count > (int)sizeof(run); count -= (int)sizeof(run)) {
        sink_put(sink, run, sizeof(run));
    }
    sink_put(sink, run, (size_t)count);
}

static int parse_count(const char **at, va_list *args)
{
    int value = 0;
    if (**at == '*') {
        (*at)++;
        return va_arg(*args, int);
    }
    while (**at >= '0' && **at <= '9' && value < 100000) {
        value = value * 10 + (*(*at)++ - '0');
    }
    return value;
}

static int parse_length(const char **at)
{
    if (**at == 'z') {
        (*at)++;
        return sizeof(size_t);
    }
    if (**at == 'l') {
        *at += (*at)[1] == 'l' ? 2 : 1;
        return sizeof(long);
    }
    if (**at == 'h') {
        bool is_char = (*at)[1] == 'h';
        *at += is_char ? 2 : 1;
        return is_char ? 1 : 2;
    }
    return sizeof(int);
}

/* What stands between '%' and its conversion. */
static const char *parse_spec(const char *at, Spec *spec, va_list *args)
{
    *spec = (Spec){.precision = -1};
    for (;; at++) {
        if (*at == '-') {
            spec->is_left = true;
        } else if (*at == '0') {
            spec->is_zero = true;
        } else if (*at == '#') {
            spec->is_alternate = true;
        } else if (*at == '+') {
            spec->is_plus = true;
        } else {
            break;
        }
    }
    spec->width = parse_count(&at, args);
    if (spec->width < 0) {
        spec->is_left = true;
        spec->width = -spec->width;
    }
    if (*at == '.') {
        at++;
        spec->precision = parse_count(&at, args);
    }
    spec->length = parse_length(&at);
    spec->conversion = *at;
    return *at ? at + 1 : at;
}

static void put_text(Sink *sink, const Spec *spec, const char *text)
{
    text = text ? text : "(null)";
    size_t count = spec->precision < 0 ? strlen(text) : strnlen(text, spec->precision);
    int pad = spec->width - (int)count;
    if (!spec->is_left) {
        sink_pad(sink, ' ', pad);
    }
    sink_put(sink, text, count);
    if (spec->is_left) {
        sink_pad(sink, ' ', pad);
    }
}

static void put_number(Sink *sink, const Spec *spec, uint64_t value, unsigned base,
                       const char *sign)
{
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    const char *digits = spec->conversion == 'X' ? upper : lower;
    char text[24];
    char *at = text + sizeof(text);
    while (value > 0 || (at == text + sizeof(text) && spec->precision != 0)) {
        *--at = digits[value % base];
        value /= base;
    }
    int count = (int)(text + sizeof(text) - at);
    int signs = (int)strlen(sign);
    int zeros = spec->precision - count;
    if (spec->precision < 0 && spec->is_zero && !spec->is_left) {
        zeros = spec->width - signs - count;
    }
    zeros = zeros > 0 ? zeros : 0;
    int pad = spec->width - signs - zeros - count;
    if (!spec->is_left) {
        sink_pad(sink, ' ', pad);
    }
    sink_put(sink, sign, (size_t)signs);
    sink_pad(sink, '0', zeros);
    sink_put(sink, at, (size_t)count);
    if (spec->is_left) {
        sink_pad(sink, ' ', pad);
    }
}

static void put_signed(Sink *sink, const Spec *spec, va_list *args)
{
    int64_t value = spec->length == 8 ? va_arg(*args, int64_t) : va_arg(*args, int);
    if (spec->length < 4) {
        value = spec->length == 1 ? (int8_t)value : (int16_t)value;
    }
    const char *sign = value < 0 ? "-" : spec->is_plus ? "+" : "";
    put_number(sink, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, sign);
}

static void put_unsigned(Sink *sink, const Spec *spec, va_list *args)
{
    uint64_t value =
        spec->length == 8 ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);
    if (spec->length < 4) {
        value = spec->length == 1 ? (uint8_t)value : (uint16_t)value;
    }
    bool is_hex = spec->conversion != 'u';
    const char *prefix = spec->conversion == 'X' ? "0X" : "0x";
    bool has_prefix = is_hex && spec->is_alternate && value != 0;
    put_number(sink, spec, value, is_hex ? 16 : 10, has_prefix ? prefix : "");
}

static void put_pointer(Sink *sink, const Spec *spec, const void *value)
{
    Spec hex = *spec;
    hex.conversion = 'x';
    put_number(sink, &hex, (uintptr_t)value, 16, "0x");
}

/* One conversion whose '%' stood at start; false when it is none that we know. */
static bool put_conversion(Sink *sink, const Spec *spec, va_list *args)
{
    char c;
    switch (spec->conversion) {
    case 'd':
    case 'i':
        put_signed(sink, spec, args);
        return true;
    case 'u':
    case 'x':
    case 'X':
        put_unsigned(sink, spec, args);
        return true;
    case 'c':
        c = (char)va_arg(*args, int);
        sink_pad(sink, ' ', spec->is_left ? 0 : spec->width - 1);
        sink_put(sink, &c, 1);
        sink_pad(sink, ' ', spec->is_left ? spec->width - 1 : 0);
        return true;
    case 's':
        put_text(sink, spec, va_arg(*args, const char *));
        return true;
    case 'p':
        put_pointer(sink, spec, va_arg(*args, void *));
        return true;
    case '%':
        sink_put(sink, "%", 1);
        return true;
    default:
        return false;
    }
}

static void format_all(Sink *sink, const char *format, va_list *args)
{
    const char *end = format + strlen(format);
    while (format < end) {
        const char *start = strchr(format, '%');
        if (!start) {
            start = end;
        }
        sink_put(sink, format, (size_t)(start - format));
        if (start == end) {
            return;
        }
        Spec spec;
        format = parse_spec(start + 1, &spec, args);
        if (!put_conversion(sink, &spec, args)) {
            sink_put(sink, start, (size_t)(format - start));
        }
    }
}

int kvsnprintf(char *to, size_t bytes, const char *format, va_list args)
{
    char nowhere;
    Sink sink = {.to = bytes > 0 ? to : &nowhere, .bytes = bytes};
    va_list copy;
    va_copy(copy, args);
    format_all(&sink, format, &copy);
    va_end(copy);
    if (bytes > 0) {
        to[sink.length < bytes ? sink.length : bytes - 1] = 0;
    }
    return (int)sink.length;
}

int ksnprintf(char *to, size_t bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = kvsnprintf(to, bytes, format, args);
    va_end(args);
    return length;
}

void kvprintf(const char *format, va_list args)
{
    Sink sink = {.to = NULL};
    va_list copy;
    va_copy(copy, args);
    format_all(&sink, format, &copy);
    va_end(copy);
}

void kprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
}
