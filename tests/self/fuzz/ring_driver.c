/* SPDX-License-Identifier: MIT */
/*
 * The driver side of a ring. The device is the soft devices' own code: as long as it is
 * left alone, each request must come to it as it was made, and come back once, with its
 * length. From the first step on that writes into the device's memory at random only this
 * holds: a token comes back once, never with more bytes than were lent, and a ring that
 * breaks says why and stays broken.
 */
#include "tests/self/fuzz/ring_driver.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "kernel/lib/string.h"

#define STEPS_MOST    96
#define REQUESTS_MOST 40
#define BUFFER_BYTES  64
#define WAIT_LOOKS    3

typedef struct Request {
    bool is_pending;
    uint16_t descriptors;
    uint32_t in_bytes, used_len;
    unsigned out, in;
} Request;

const SoftFault *soft_fault_chosen;         /* none */
struct SoftMannerChoice soft_manner_choice; /* none */
const QVirtioRing *const rings_begin[1], *const rings_end[1];

static const FuzzDriver *driver;
static QVirtQueue *vq;
static QVirtQueueSide side;
static QVirtioDevice device;
static QVirtioBus bus;
static uint16_t queue_size;
static bool is_hostile;
static Fuzz *input;
static uint8_t *buffer;

static Request request[REQUESTS_MOST]; /* by number % REQUESTS_MOST */
static unsigned added, taken;
static QVirtQueueElement element; /* what was popped last */

/* What the device has popped and not used yet, oldest first; and what it has used. */
typedef struct Held {
    unsigned number;
    uint16_t index, slots;
} Held;
static Held held[REQUESTS_MOST];
static unsigned held_count, popped, used;
static unsigned used_order[REQUESTS_MOST];

static Request *nth(unsigned number)
{
    return &request[number % REQUESTS_MOST];
}

static int queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    (void)d, (void)index;
    *size = queue_size;
    return 0;
}

static int queue_enable(QVirtioDevice *d, const QVirtQueue *q)
{
    (void)d;
    side = (QVirtQueueSide){
        .format = driver->side,
        .size = q->size,
        .desc_addr = q->vring.desc_addr,
        .driver_addr = q->vring.avail_addr,
        .device_addr = q->vring.used_addr,
        .uses_indirect = true,
        .uses_event = q->ring->uses_event,
    };
    qvirtqueue_side_start(&side);
    return 0;
}

static void notify(QVirtioDevice *d, const QVirtQueue *q)
{
    (void)d, (void)q;
}

bool qvirtio_is_legacy(const QVirtioDevice *d)
{
    return d->bus->is_legacy;
}

bool qvirtio_negotiated(const QVirtioDevice *d, unsigned bit)
{
    return qvirtio_features_has(&d->negotiated, bit);
}

static void start(const QVirtioRing *format, unsigned flags)
{
    arena_reset();
    bus =
        (QVirtioBus){.is_legacy = !format->is_packed && !format->is_in_order && flags & 1,
                     .queue_max = queue_max,
                     .queue_enable = queue_enable,
                     .notify = notify};
    device = (QVirtioDevice){.bus = &bus, .irq_mode = QVIRTIO_IRQ_NONE, .name = "fuzz"};
    if (format->is_in_order) {
        qvirtio_features_set(&device.negotiated, VIRTIO_F_IN_ORDER);
    }
    buffer = arena_lend(BUFFER_BYTES, 1);
    FUZZ_CHECK(qvirtqueue_open(&device, 0, 0, format, &vq) == 0, "a queue is opened");
    is_hostile = false;
    added = popped = used = taken = held_count = 0;
    memset(request, 0, sizeof(request));
}

/* ---- The device ---- */

/* An honest device finds the request as it was made. */
static void device_pop(void)
{
    bool is_all_published = vq->published_idx == vq->avail_idx;
    if (is_hostile && held_count == REQUESTS_MOST) {
        return;
    }
    int got = qvirtqueue_pop(&side, &element);
    FUZZ_CHECK(is_hostile || got >= 0, "an honest driver breaks no queue");
    FUZZ_CHECK(is_hostile || got == (popped != added) || (got == 0 && !is_all_published),
               "what is published can be popped, and nothing else");
    if (got <= 0) {
        return;
    }
    const Request *r = nth(popped);
    FUZZ_CHECK(is_hostile || (element.out_num == r->out && element.in_num == r->in &&
                              element.in_bytes == r->in_bytes),
               "a request arrives as it was made");
    held[held_count++] = (Held){popped++, element.index, element.slots};
}

static Held let_go(unsigned which)
{
    Held h = held[which];
    held_count--;
    for (unsigned i = which; i < held_count; i++) {
        held[i] = held[i + 1];
    }
    return h;
}

/* `count` of what was popped are used in one step; in order they are the oldest, and the
 * ring names the last one only. */
static void device_use(Fuzz *f, unsigned count)
{
    count = count < held_count ? count : held_count;
    bool is_batch = vq->is_in_order && count > 1;
    QVirtQueueElement e = {0};
    for (unsigned i = 0; i < count; i++) {
        Held h = let_go(vq->is_in_order ? 0 : fuzz_below(f, held_count));
        Request *r = nth(h.number);
        bool is_named = !is_batch || i + 1 == count;
        r->used_len = is_named ? fuzz_u8(f) % (r->in_bytes + 1) : r->in_bytes;
        e.index = h.index;
        e.slots = h.slots + (is_batch ? e.slots : 0);
        e.in_num = r->in;
        if (is_named) {
            qvirtqueue_fill(&side, &e, r->used_len, is_batch ? 0 : i);
        }
        used_order[used++ % REQUESTS_MOST] = h.number;
    }
    if (count > 0) {
        qvirtqueue_flush(&side, count);
    }
    if (is_batch) {
        FUZZ_REACHED("a batch in order");
    }
}

/* Two bytes of what a device can write, anywhere. */
static void device_lies(Fuzz *f)
{
    size_t bytes;
    unsigned n = fuzz_u8(f);
    void *at = driver->area(vq, n % 2, &bytes);
    uint16_t v = n & 0x10 ? fuzz_u8(f) : fuzz_u16(f);
    memcpy((uint8_t *)at + fuzz_u16(f) % (bytes - 1), &v, 2);
    is_hostile = true;
}

int qvirtio_wait_served(QVirtioDevice *d, const char *what, bool (*is_done)(void *arg),
                        void *arg)
{
    (void)d, (void)what;
    for (unsigned look = 0; look < WAIT_LOOKS && !is_done(arg); look++) {
        while (qvirtqueue_pop(&side, &element) > 0) {
            qvirtqueue_push(&side, &element, 0);
        }
        qvirtqueue_ask_for_kick(&side);
        if (is_hostile && input->left > 0) {
            device_lies(input);
        }
    }
    return is_done(arg) ? 0 : -QVIRTIO_TIMEOUT;
}

/* ---- The driver ---- */

static void check_counts(void)
{
    unsigned descriptors = 0, pending = 0;
    for (unsigned i = 0; i < REQUESTS_MOST; i++) {
        descriptors += request[i].is_pending ? request[i].descriptors : 0;
        pending += request[i].is_pending;
    }
    FUZZ_CHECK(vq->in_flight == pending, "what is in flight is counted");
    FUZZ_CHECK(vq->num_free + descriptors == vq->size,
               "no descriptor is lost or doubled");
    FUZZ_CHECK(vq->num_free == 0 || vq->free_head < vq->size, "a free one can be named");
}

static void check_free_list(void)
{
    bool seen[64] = {false};
    uint16_t at = vq->free_head;
    /* In order the slots are a circle that is never cut. */
    for (unsigned i = 0; i < vq->num_free && !vq->ring->is_packed; i++) {
        FUZZ_CHECK(at < vq->size && !seen[at], "the free list holds each slot once");
        FUZZ_CHECK(vq->slot[at].count == 0, "and none that is in flight");
        seen[at] = true;
        at = vq->slot[at].next;
    }
}

static void add(Fuzz *f)
{
    QVirtioSg sg[64];
    unsigned out = fuzz_u8(f) % 40, in = fuzz_u8(f) % 24, count = out + in;
    uint32_t in_bytes = 0;
    Request *r = nth(added);

    if (r->is_pending) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        uint32_t len = (out + in + i) * 5 % (BUFFER_BYTES + 1);
        sg[i] = (QVirtioSg){arena_map(buffer, len), len};
        in_bytes += i >= out ? len : 0;
    }
    uint16_t needs = vq->with_tables ? 1 : count;
    int expected = vq->broken                                 ? -QVIRTIO_BROKEN
                   : count > vq->size && count > vq->size_max ? -QVIRTIO_TOO_LONG
                   : count == 0 || count > vq->size           ? -QVIRTIO_RANGE
                   : needs > vq->num_free                     ? -QVIRTIO_NO_SPACE
                                                              : 0;
    int err = qvirtqueue_add(vq, sg, out, in, r);
    FUZZ_CHECK(err == expected, "a request is added when there is room, and only then");
    if (!err) {
        *r = (Request){.is_pending = true,
                       .descriptors = needs,
                       .in_bytes = in_bytes,
                       .out = out,
                       .in = in};
        added++;
    }
}

static void get(void)
{
    QVirtioUsed u;
    bool was_broken = vq->broken, has_used = qvirtqueue_has_used(vq);
    unsigned shown = driver->shown ? driver->shown(vq) : vq->in_flight;
    bool is_ahead = shown > vq->in_flight, is_new = vq->batch_left == 0;
    uint32_t id, len = 0;
    bool is_told = vq->ring->peek(vq, &id, &len) && !vq->is_in_order && !bus.is_legacy;
    int got = qvirtqueue_get(vq, &u);

    FUZZ_CHECK(was_broken || has_used == (got != 0), "what is used can be taken");
    FUZZ_CHECK((got < 0) == (vq->broken != NULL), "a broken ring says why, and stays so");
    FUZZ_CHECK(is_hostile || got >= 0, "an honest device breaks no ring");
    FUZZ_CHECK(is_hostile || got == (used != taken),
               "what was used is seen, nothing else");
    FUZZ_CHECK(!is_ahead || got < 0, "more used than there is breaks the ring");
    if (got < 0) {
        FUZZ_REACHED("a broken ring");
    }
    if (got <= 0) {
        return;
    }
    FUZZ_CHECK(!is_new || vq->batch_left < shown,
               "a batch is no longer than what is shown");
    Request *r = u.token;
    FUZZ_CHECK(r >= request && r < request + REQUESTS_MOST && r->is_pending,
               "a token comes back that is out, once");
    FUZZ_CHECK(u.len <= r->in_bytes && (!is_told || u.claimed == len),
               "with no more bytes than were lent, and what was claimed");
    FUZZ_CHECK(!vq->is_in_order || r == nth(taken), "in order, where that was agreed");
    FUZZ_CHECK(is_hostile || r == nth(used_order[taken % REQUESTS_MOST]),
               "an honest device's requests come back as it used them");
    FUZZ_CHECK(is_hostile || u.len == r->used_len, "with their lengths");
    r->is_pending = false;
    taken++;
    FUZZ_REACHED("a request that came back");
    if (is_hostile) {
        FUZZ_REACHED("one that came back from a device that lies");
    }
}

/* False: the ring is in no state to go on. */
static bool wind(Fuzz *f)
{
    QVirtioSg sg = {arena_map(buffer, 8), 8};
    uint32_t entries = fuzz_u8(f);
    bool may = vq->in_flight == 0, is_clean = held_count == 0, was_broken = vq->broken;
    int err = was_broken ? -QVIRTIO_BROKEN : vq->ring->wind(vq, &sg, 0, 1, entries);

    FUZZ_CHECK(may || err, "a ring is wound while nothing is in flight");
    if (!may || was_broken) {
        return true;
    }
    FUZZ_CHECK(is_hostile || !is_clean || !err, "an honest device lets it be wound");
    if (!err && !is_hostile) {
        FUZZ_REACHED("a ring that was wound");
    }
    return !err && is_clean;
}

static void look(Fuzz *f)
{
    char text[200];
    uint32_t id, len;
    bool has = qvirtqueue_has_used(vq);

    FUZZ_CHECK(vq->ring->peek(vq, &id, &len) == has || vq->batch_left > 0,
               "there is something to look at when something is used");
    int changed = qvirtqueue_desc_changed(vq);
    FUZZ_CHECK(is_hostile || changed < 0, "an honest device changes no descriptor");
    FUZZ_CHECK(changed < (int)vq->size, "a changed one can be named");
    qvirtqueue_format(vq, text, sizeof(text));
    if (fuzz_u8(f) & 1) {
        qvirtqueue_irq_disable(vq);
    } else {
        qvirtqueue_irq_enable_after(vq, fuzz_u16(f));
    }
    if (qvirtqueue_wants_interrupt(&side)) {
        FUZZ_REACHED("an interrupt is wanted");
    }
}

static bool step(Fuzz *f)
{
    switch (fuzz_below(f, 11)) {
    case 0:
    case 1:
        add(f);
        break;
    case 2:
        qvirtqueue_publish(vq);
        break;
    case 3:
        qvirtqueue_kick(vq);
        break;
    case 4:
    case 5:
        device_pop();
        break;
    case 6:
        device_use(f, 1 + fuzz_below(f, 3));
        break;
    case 7:
    case 8:
        get();
        break;
    case 9:
        look(f);
        break;
    default:
        if (fuzz_u8(f) & 1) {
            device_lies(f);
        } else if (!wind(f)) {
            return false;
        }
        break;
    }
    return true;
}

void fuzz_ring_driver(const FuzzDriver *what, const uint8_t *data, size_t bytes)
{
    Fuzz f = {data, bytes};
    driver = what;
    input = &f;
    queue_size = 1u << fuzz_below(&f, 6);
    start(what->formats[fuzz_below(&f, what->count)], fuzz_u8(&f));
    for (unsigned i = 0; i < STEPS_MOST && f.left > 0 && step(&f); i++) {
        check_counts();
        check_free_list();
    }
}
