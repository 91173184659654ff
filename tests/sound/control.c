/* SPDX-License-Identifier: MIT */
/* Control elements (5.14.6.10): what they are, their choices, values and metadata. */
#include "tests/sound/sound_lib.h"

enum { MOST = 16, NAME_BYTES = 44, CHOICE_BYTES = 64 };

typedef struct virtio_snd_ctl_info Info;

/* The elements; how many, at most MOST. Returns 0 when that fails, which is reported, or
 * the test is skipped. */
static uint32_t take(Test *t, QVirtioDevice *dev, Info *to)
{
    uint32_t count = SOUND_COUNT(dev, controls);
    count = count < MOST ? count : MOST;
    if (!count) {
        test_skip(t, "the device has no control elements");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!sound_shows(t, dev, VIRTIO_SND_R_CTL_INFO, i, &to[i], sizeof(to[i]))) {
            return 0;
        }
    }
    return count;
}

static bool has_access(const Info *info, unsigned bit)
{
    return le32_get(info->access) >> bit & 1;
}

VIRTIO_TEST(controls_have_defined_values, .device = VIRTIO_ID_SOUND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS))
{
    Info info[MOST];
    uint32_t count = take(t, dev, info);
    for (uint32_t i = 0; i < count; i++) {
        expect_that(t, "dev:5.14.6.10.1.1-1",
                    le32_get(info[i].role) >> 1 < VIRTIO_SND_CTL_ROLE_COUNT,
                    "a role that is defined", "%u", le32_get(info[i].role));
        expect_le(t, "dev:5.14.6.10.1.1-1", le32_get(info[i].type),
                  VIRTIO_SND_CTL_TYPE_COUNT - 1);
        expect_eq(t, "dev:5.14.6.10.1.1-1",
                  le32_get(info[i].access) >> VIRTIO_SND_CTL_ACCESS_COUNT, 0);
    }
}

/* "The maximum allowed value depends on the element type". */
VIRTIO_TEST(controls_have_a_value_and_not_too_many, .device = VIRTIO_ID_SOUND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS))
{
    static const uint16_t most[VIRTIO_SND_CTL_TYPE_COUNT] = {128, 128, 64, 128, 512, 1};
    Info info[MOST];
    uint32_t count = take(t, dev, info);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t type = le32_get(info[i].type);
        expect_ge(t, "dev:5.14.6.10.1.1-2", le32_get(info[i].count), 1);
        if (type < VIRTIO_SND_CTL_TYPE_COUNT) {
            expect_le(t, "dev:5.14.6.10.1.1-2", le32_get(info[i].count), most[type]);
        }
    }
}

static bool is_text(const uint8_t *at, uint32_t bytes)
{
    uint32_t n = 0;
    while (n < bytes && at[n] && at[n] < 0x80) {
        n++;
    }
    return n > 0 && n < bytes && at[n] == 0;
}

static bool choices_are_text(Test *t, QVirtioDevice *dev, uint32_t id, uint32_t count)
{
    struct virtio_snd_ctl_enum_item items[MOST];
    const struct virtio_snd_ctl_hdr hdr = {le32_of(VIRTIO_SND_R_CTL_ENUM_ITEMS),
                                           le32_of(id)};
    uint32_t status = 0;
    if (count > MOST) {
        return true;
    }
    if (!require_ok(t, sound_control(dev, &hdr, sizeof(hdr), items,
                                     count * sizeof(items[0]), &status)) ||
        !require_eq(t, status, VIRTIO_SND_S_OK)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!expect_that(t, "dev:5.14.6.10.1.1-3", is_text(items[i].item, CHOICE_BYTES),
                         "a choice with a name", "none for choice %u", i)) {
            return false;
        }
    }
    return true;
}

/* "The device MUST set name and item fields to a non-empty 0-terminated ASCII strings."
 */
VIRTIO_TEST(controls_and_choices_have_names, .device = VIRTIO_ID_SOUND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS))
{
    Info info[MOST];
    uint32_t count = take(t, dev, info);
    for (uint32_t i = 0; i < count; i++) {
        expect_that(t, "dev:5.14.6.10.1.1-3", is_text(info[i].name, NAME_BYTES),
                    "a control with a name", "none for control %u", i);
        if (le32_get(info[i].type) == VIRTIO_SND_CTL_TYPE_ENUMERATED &&
            !choices_are_text(t, dev, i, le32_get(info[i].value.enumerated.items))) {
            return;
        }
    }
}

VIRTIO_TEST(control_names_tell_them_apart, .device = VIRTIO_ID_SOUND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS))
{
    Info info[MOST];
    uint32_t count = take(t, dev, info);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            bool is_same = memcmp(info[i].name, info[j].name, NAME_BYTES) == 0 &&
                           le32_get(info[i].index) == le32_get(info[j].index);
            expect_that(t, "dev:5.14.6.10.1.1-4", !is_same,
                        "another name or index for each", "controls %u and %u are alike",
                        i, j);
        }
    }
}

/* The value of an integer that may be written is read as it was written. */
VIRTIO_TEST(control_keeps_its_value, .device = VIRTIO_ID_SOUND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS))
{
    Info info[MOST];
    uint32_t count = take(t, dev, info), status = 0, i = 0;
    while (i < count && !(le32_get(info[i].type) == VIRTIO_SND_CTL_TYPE_INTEGER &&
                          has_access(&info[i], VIRTIO_SND_CTL_ACCESS_READ) &&
                          has_access(&info[i], VIRTIO_SND_CTL_ACCESS_WRITE) &&
                          !has_access(&info[i], VIRTIO_SND_CTL_ACCESS_VOLATILE))) {
        i++;
    }
    if (i == count) {
        test_skip(t, "no integer can be read and written");
        return;
    }
    struct {
        struct virtio_snd_ctl_hdr hdr;
        le32 value[128];
    } write = {{le32_of(VIRTIO_SND_R_CTL_WRITE), le32_of(i)}, {{0}}}, back = write;
    for (uint32_t n = 0; n < 128; n++) {
        write.value[n] = info[i].value.integer.max;
    }
    if (require_ok(t, sound_control(dev, &write, sizeof(write), NULL, 0, &status)) &&
        expect_eq(t, "virtio 5.14.6.10.3", status, VIRTIO_SND_S_OK)) {
        back.hdr.code = le32_of(VIRTIO_SND_R_CTL_READ);
        require_ok(t, sound_control(dev, &back.hdr, sizeof(back.hdr), back.value,
                                    sizeof(back.value), &status));
        expect_eq(t, "virtio 5.14.6.10.3", status, VIRTIO_SND_S_OK);
        expect_eq(t, "virtio 5.14.6.10.3", le32_get(back.value[0]),
                  le32_get(write.value[0]));
    }
}

/* "the device SHOULD write as much as it can and successfully complete the request". */
VIRTIO_TEST(metadata_is_read_in_part, .device = VIRTIO_ID_SOUND,
            .needs = FEATURES(VIRTIO_SND_F_CTLS))
{
    Info info[MOST];
    uint32_t count = take(t, dev, info), status = 0, i = 0;
    struct {
        struct virtio_snd_ctl_tlv head;
        le32 first;
    } tlv = {0};
    while (i < count && !has_access(&info[i], VIRTIO_SND_CTL_ACCESS_TLV_READ)) {
        i++;
    }
    if (i == count) {
        test_skip(t, "no control has metadata to read");
        return;
    }
    const struct virtio_snd_ctl_hdr hdr = {le32_of(VIRTIO_SND_R_CTL_TLV_READ),
                                           le32_of(i)};
    if (require_ok(t,
                   sound_control(dev, &hdr, sizeof(hdr), &tlv, sizeof(tlv), &status))) {
        expect_eq(t, "dev:5.14.6.10.3.1-1", status, VIRTIO_SND_S_OK);
    }
}
