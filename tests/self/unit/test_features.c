/* SPDX-License-Identifier: MIT */
/*
 * Feature sets (2.2): arithmetic on 128 bits, and which sets are legal by a table of
 * requirements (2.2.1) that has each of its forms.
 */
#include "drivers/virtio/driver.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

/* Bit 0 is required like any other; 3 needs one of two; 4 needs all of four and 127 one
 * that itself needs another. */
static const QVirtioFeatureName names[] = {
    {.bit = 0, .name = "A"},
    {.bit = 1, .name = "B", .requires = FEATURES(0)},
    {.bit = 2, .name = "C", .requires = FEATURES(0)},
    {.bit = 3, .name = "D", .one_of = FEATURES(1, 2)},
    {.bit = 4, .name = "E", .requires = FEATURES(0, 1, 2, 3)},
    {.bit = 127, .name = "Z", .requires = FEATURES(3), .one_of = FEATURES(64, 1)},
    {.bit = 64, .name = "Y"},
    {.name = NULL},
};
static const QVirtioDriver driver = {.name = "made-up", .features = names};

static QVirtioFeatures set_of(const uint8_t *list)
{
    QVirtioFeatures f = {0};
    qvirtio_features_add_list(&f, list);
    return f;
}

static bool is_set(const QVirtioFeatures *f, const uint8_t *list)
{
    QVirtioFeatures wanted = set_of(list);
    return qvirtio_features_equal(f, &wanted);
}

static void arithmetic(void)
{
    unsigned wrong = 0;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        QVirtioFeatures f = {0}, full;
        qvirtio_features_set(&f, bit);
        wrong += !qvirtio_features_has(&f, bit) || f.word[bit / 32] != 1u << bit % 32;
        qvirtio_features_clear(&f, bit);
        wrong += !is_set(&f, NULL);
        memset(&full, 0xff, sizeof(full));
        qvirtio_features_clear(&full, bit);
        wrong += qvirtio_features_has(&full, bit) ||
                 !qvirtio_features_has(&full, (bit + 1) % QVIRTIO_FEATURE_BITS);
    }
    CHECK_EQ(wrong, 0, "each bit is set, seen and cleared by itself");
    QVirtioFeatures any = set_of(FEATURES(0, 127));
    CHECK(!qvirtio_features_has(&any, 128) && !qvirtio_features_has(&any, 255),
          "there is no bit past 127");
}

static void subsets(void)
{
    QVirtioFeatures a = set_of(FEATURES(1, 33, 70)), b = set_of(FEATURES(1, 70, 127));
    QVirtioFeatures both = qvirtio_features_and(&a, &b);
    CHECK(is_set(&both, FEATURES(1, 70)), "the intersection has what both have");
    CHECK(qvirtio_features_within(&both, &a) && qvirtio_features_within(&both, &b),
          "and is within each");
    CHECK(!qvirtio_features_within(&a, &b), "a set with one bit more is not within");
    CHECK(qvirtio_features_within(&a, &a), "a set is within itself");
}

static void lacks(void)
{
    QVirtioFeatures f = set_of(FEATURES(1));
    CHECK_EQ(qvirtio_feature_lacks(&driver, &f, 1), 0, "bit 0 can be what is lacking");
    CHECK(qvirtio_feature_lacks(&driver, &f, 0) < 0, "a bit without requirements");
    CHECK(qvirtio_feature_lacks(&driver, &f, 50) < 0, "a bit the table does not have");
    CHECK(qvirtio_feature_lacks(&driver, &f, 3) < 0, "one of two is enough");
    f = set_of(FEATURES(0, 3));
    CHECK_EQ(qvirtio_feature_lacks(&driver, &f, 3), 1, "none of two is not");
    CHECK(qvirtio_feature_lacks(NULL, &f, 4) < 0, "without a table nothing is required");
}

static void closes(void)
{
    QVirtioFeatures f = set_of(FEATURES(1, 2, 3, 4, 127));
    qvirtio_features_close(&driver, &f);
    CHECK(is_set(&f, NULL), "without bit 0 a whole tower falls");
    f = set_of(FEATURES(0, 1, 3, 4, 127));
    qvirtio_features_close(&driver, &f);
    CHECK(is_set(&f, FEATURES(0, 1, 3, 127)), "only what lacks something goes");
}

static void adds(void)
{
    QVirtioFeatures f = {0}, offered = set_of(FEATURES(0, 2, 3, 64, 127));
    qvirtio_features_add(&driver, &f, &offered, 127);
    CHECK(is_set(&f, FEATURES(0, 2, 3, 64, 127)),
          "a bit comes with all it requires, by alternatives that are on offer");
    f = set_of(FEATURES(0, 1));
    qvirtio_features_add(&driver, &f, &offered, 3);
    CHECK(is_set(&f, FEATURES(0, 1, 3)), "an alternative that is there is enough");
}

int main(void)
{
    arithmetic();
    subsets();
    lacks();
    closes();
    adds();
    return check_done();
}
