/* SPDX-License-Identifier: MIT */
/*
 * ACPI 6.5, sections 20.2 (AML encoding) and 6.4 (resource descriptors): Device objects
 * and, right inside them, Name(_HID, "...") and Name(_CRS, Buffer). The scan looks at
 * every byte as if an opcode began there, so a Device inside anything is found; what only
 * looks like one has no such names in it. Devices inside a device speak for themselves.
 */
#include "kernel/acpi/aml.h"
#include "kernel/lib/byteorder.h"
#include "kernel/lib/string.h"

enum {
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_WORD = 0x0b,
    AML_DWORD = 0x0c,
    AML_STRING = 0x0d,
    AML_BUFFER = 0x11,
    AML_EXTENDED = 0x5b,
    AML_DEVICE = 0x82, /* behind AML_EXTENDED */
};

/* 6.4.2 and 6.4.3: tags without their length bits, and with them for large items. */
enum {
    TAG_IRQ = 0x20,
    TAG_END = 0x78,
    TAG_MEMORY32_FIXED = 0x86,
    TAG_INTERRUPT = 0x89,
};

/* A piece of the table: [at, end). */
typedef struct Piece {
    const uint8_t *at, *end;
} Piece;

static size_t left(const Piece *p)
{
    return (size_t)(p->end - p->at);
}

static uint32_t read32(const uint8_t *from)
{
    le32 v;
    __builtin_memcpy(&v, from, sizeof(v));
    return le32_get(v);
}

/* 20.2.4: a length that counts itself. On success p is what it encloses. */
static bool take_package(Piece *p)
{
    if (left(p) == 0) {
        return false;
    }
    unsigned more = *p->at >> 6;
    if (left(p) < more + 1) {
        return false;
    }
    size_t length = more ? *p->at & 0x0f : *p->at & 0x3f;
    for (unsigned i = 0; i < more; i++) {
        length |= (size_t)p->at[1 + i] << (4 + 8 * i);
    }
    if (length < more + 1 || length > left(p)) {
        return false;
    }
    p->end = p->at + length;
    p->at += more + 1;
    return true;
}

static bool is_name_char(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

/* A Device at p: then *body is what is behind its one-segment name. */
static bool device_at(Piece p, char name[5], Piece *body)
{
    if (left(&p) < 2 || p.at[0] != AML_EXTENDED || p.at[1] != AML_DEVICE) {
        return false;
    }
    p.at += 2;
    if (!take_package(&p) || left(&p) < 4 || !is_name_char(p.at[0])) {
        return false;
    }
    memcpy(name, p.at, 4);
    name[4] = '\0';
    *body = (Piece){p.at + 4, p.end};
    return true;
}

/* The value of Name(name, ...) right inside a device's body; an empty piece: none. */
static Piece find_name(Piece body, const char name[4])
{
    char inner_name[5];
    Piece inner;

    while (left(&body) > 5) {
        if (body.at[0] == AML_NAME && memcmp(body.at + 1, name, 4) == 0) {
            return (Piece){body.at + 5, body.end};
        }
        body.at = device_at(body, inner_name, &inner) ? inner.end : body.at + 1;
    }
    return (Piece){body.end, body.end};
}

static bool is_string(Piece value, const char *text)
{
    size_t bytes = strlen(text) + 1;

    return left(&value) > bytes && value.at[0] == AML_STRING &&
           memcmp(value.at + 1, text, bytes) == 0;
}

/* 20.2.5.4 DefBuffer: a package length, the size as a constant, the bytes. */
static bool take_buffer(Piece *value)
{
    if (left(value) < 1 || value->at[0] != AML_BUFFER) {
        return false;
    }
    value->at++;
    if (!take_package(value) || left(value) < 1) {
        return false;
    }
    uint8_t op = value->at[0];
    size_t width = op == AML_BYTE ? 1 : op == AML_WORD ? 2 : op == AML_DWORD ? 4 : 0;
    if (width > 0 && left(value) <= width) {
        return false;
    }
    value->at += 1 + width; /* the package's end is where the bytes end */
    return width > 0 || op <= 1;
}

static void take_irq(const uint8_t *item, size_t bytes, AcpiDevice *device)
{
    uint32_t mask = item[0] | (uint32_t)item[1] << 8;

    if (mask && device->irq < 0) {
        device->irq = __builtin_ctz(mask);
        device->is_edge = bytes < 3 || item[2] & 1;
        device->is_active_low = bytes >= 3 && item[2] & 8;
    }
}

/* One descriptor with its bytes behind the tag and the length. */
static void take_descriptor(uint8_t tag, const uint8_t *item, size_t bytes,
                            AcpiDevice *device)
{
    if (tag == TAG_MEMORY32_FIXED && bytes >= 9 && device->bytes == 0) {
        device->base = read32(item + 1);
        device->bytes = read32(item + 5);
    } else if (tag == TAG_INTERRUPT && bytes >= 6 && item[1] > 0 && device->irq < 0) {
        device->irq = (int)(read32(item + 2) & 0x7fffffff);
        device->is_edge = item[0] & 2;
        device->is_active_low = item[0] & 4;
    } else if (tag == TAG_IRQ && bytes >= 2) {
        take_irq(item, bytes, device);
    }
}

static const char *read_resources(Piece crs, AcpiDevice *device)
{
    while (left(&crs) > 0) {
        bool is_large = crs.at[0] & 0x80;
        size_t head = is_large ? 3 : 1;
        if (left(&crs) < head) {
            return "its resources end inside a descriptor";
        }
        uint8_t tag = is_large ? crs.at[0] : crs.at[0] & 0x78;
        size_t bytes = is_large ? crs.at[1] | (size_t)crs.at[2] << 8 : crs.at[0] & 7u;
        if (bytes > left(&crs) - head) {
            return "its resources end inside a descriptor";
        }
        if (tag == TAG_END) {
            break;
        }
        take_descriptor(tag, crs.at + head, bytes, device);
        crs.at += head + bytes;
    }
    return device->bytes ? NULL : "its resources name no memory";
}

bool acpi_aml_device(const uint8_t *aml, size_t bytes, const char *hid, size_t *at,
                     AcpiDevice *device)
{
    Piece body;

    while (*at < bytes) {
        Piece here = {aml + *at, aml + bytes};
        ++*at;
        *device = (AcpiDevice){.irq = -1};
        if (!device_at(here, device->name, &body) ||
            !is_string(find_name(body, "_HID"), hid)) {
            continue;
        }
        Piece crs = find_name(body, "_CRS");
        device->fault = take_buffer(&crs) ? read_resources(crs, device)
                                          : "it has no constant resources";
        return true;
    }
    return false;
}
