/* SPDX-License-Identifier: MIT */
/*
 * Streams of the software sound device (5.14.6.6, 5.14.6.8): one to play and one to
 * record. Playing and recording take no time. I/O messages wait until their stream runs
 * or is released.
 */
#include "drivers/virtio/soft/sound/sound.h"
#include "kernel/lib/string.h"

SOFT_FAULT(stream_has_odd_features, "dev:5.14.6.6.2.1-1",
           "sets a stream's feature that nobody has defined");
SOFT_FAULT(stream_has_odd_formats, "dev:5.14.6.6.2.1-1",
           "sets a format that nobody has defined");
SOFT_FAULT(stream_has_odd_rates, "dev:5.14.6.6.2.1-1",
           "sets a frame rate that nobody has defined");
SOFT_FAULT(stream_has_odd_direction, "dev:5.14.6.6.2.1-1",
           "has a third direction for a stream");
SOFT_FAULT(stream_padding_is_ones, "dev:5.14.6.6.2.1-2", "fills a stream's padding");
SOFT_FAULT(release_leaves_messages, "dev:5.14.6.6.5.1-1",
           "releases a stream and keeps its messages");
SOFT_FAULT(release_answers_first, "dev:5.14.6.6.5.1-2",
           "answers RELEASE, and then completes what was pending");
SOFT_FAULT(recording_is_cut, "dev:5.14.6.8.2.1-1", "returns a buffer that is half full");

SOFT_MANNER(sound_periods_take_time, "5.14.6.8", "completes messages some time later");
SOFT_MANNER(sound_periods_are_large, "5.14.6.6.3", "has no periods below 16 KiB");
SOFT_MANNER(sound_plays_8_bits_at_8_khz, "5.14.6.6.2", "has U8 at 8000 Hz, and mono");

#define PENDING_MOST 8
#define RUNS_LATE    4
#define HEARD_MOST   512

typedef struct Stream {
    bool is_set, is_ready, is_running;
} Stream;

static Stream streams[SOFT_STREAMS];

/* I/O messages that wait. */
static struct Pending {
    QVirtQueueElement e;
    uint16_t queue;
    uint32_t stream;
} pending[PENDING_MOST];
static unsigned pending_count;

/* What was played since the hand began to listen, from the first sound on. */
static uint8_t heard[HEARD_MOST];
static uint32_t heard_bytes;

/* Used by the fault release_answers_first: the stream whose messages are late, and after
 * how many runs they are completed. */
static unsigned late_runs;
static uint32_t late;

void soft_stream_reset(void)
{
    memset(streams, 0, sizeof(streams));
    pending_count = 0;
    late_runs = 0;
}

struct virtio_snd_pcm_info soft_stream_info(uint32_t stream)
{
    struct virtio_snd_pcm_info info = {
        .features = le32_of(soft_fault(stream_has_odd_features) ? 1u << 9 : 0),
        .formats = le64_of(1ull << VIRTIO_SND_PCM_FMT_S16 |
                           (soft_fault(stream_has_odd_formats) ? 1ull << 40 : 0)),
        .rates = le64_of(1ull << VIRTIO_SND_PCM_RATE_48000 |
                         (soft_fault(stream_has_odd_rates) ? 1ull << 30 : 0)),
        .direction = soft_fault(stream_has_odd_direction) ? 2 : (uint8_t)stream,
        .channels_min = 1,
        .channels_max = 2,
    };
    if (soft_manner(sound_plays_8_bits_at_8_khz)) {
        info.formats = le64_of(1ull << VIRTIO_SND_PCM_FMT_U8);
        info.rates = le64_of(1ull << VIRTIO_SND_PCM_RATE_8000);
        info.channels_max = 1;
    }
    info.padding[4] = soft_fault(stream_padding_is_ones) ? 0xff : 0;
    return info;
}

static void play(const QVirtQueueElement *e)
{
    uint32_t room = heard_bytes ? 0 : sizeof(heard);
    heard_bytes += (uint32_t)qvirtqueue_element_read(
        e, sizeof(struct virtio_snd_pcm_xfer), heard, room);
}

bool soft_stream_act(const char *action, char *value, size_t bytes)
{
    if (strcmp(action, "heard") == 0 && 2 * heard_bytes < bytes) {
        hex_encode(value, heard, heard_bytes);
        return true;
    }
    heard_bytes = 0;
    return strcmp(action, "hear") == 0;
}

static void complete(SoftDevice *s, const struct Pending *p, uint32_t status,
                     bool is_full)
{
    static const uint8_t silence[64];
    const struct virtio_snd_pcm_status done = {.status = le32_of(status)};
    bool is_record = p->queue == VIRTIO_SND_RXQ;
    if (!is_record && is_full) {
        play(&p->e);
    }
    uint32_t room = p->e.in_bytes < sizeof(done) ? 0 : p->e.in_bytes - sizeof(done);
    uint32_t bytes = is_record && is_full ? room : 0, at = 0;
    bytes /= soft_fault(recording_is_cut) ? 2 : 1;
    while (at < bytes) {
        uint32_t n = bytes - at < sizeof(silence) ? bytes - at : sizeof(silence);
        at += qvirtqueue_element_write(&p->e, at, silence, n);
    }
    /* The status lies at the end of the buffer, or after what was recorded. */
    uint32_t status_at = is_full ? room : 0;
    uint32_t wrote = qvirtqueue_element_write(&p->e, status_at, &done, sizeof(done));
    soft_push(s, p->queue, &p->e,
              is_full && !soft_fault(recording_is_cut) ? status_at + wrote
                                                       : bytes + wrote);
}

/* Completes the messages of a stream, as played or recorded data (is_full) or as what is
 * left when it is released. */
static void flush(SoftDevice *s, uint32_t stream, bool is_full)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < pending_count; i++) {
        if (pending[i].stream == stream) {
            complete(s, &pending[i], VIRTIO_SND_S_OK, is_full);
        } else {
            pending[kept++] = pending[i];
        }
    }
    pending_count = kept;
}

static uint32_t set_params(Stream *st, const QVirtQueueElement *e)
{
    struct virtio_snd_pcm_set_params p;
    if (qvirtqueue_element_read(e, 0, &p, sizeof(p)) < sizeof(p) ||
        le32_get(p.period_bytes) == 0 ||
        le32_get(p.buffer_bytes) % le32_get(p.period_bytes)) {
        return VIRTIO_SND_S_BAD_MSG;
    }
    struct virtio_snd_pcm_info info = soft_stream_info(0);
    if (!(le64_get(info.formats) >> p.format & 1) ||
        !(le64_get(info.rates) >> p.rate & 1) || p.channels < info.channels_min ||
        p.channels > info.channels_max) {
        return VIRTIO_SND_S_NOT_SUPP;
    }
    if (le32_get(p.period_bytes) < 16384 && soft_manner(sound_periods_are_large)) {
        return VIRTIO_SND_S_NOT_SUPP;
    }
    *st = (Stream){.is_set = true};
    return VIRTIO_SND_S_OK;
}

/* Completes the messages of the stream some runs later. */
static void put_off(SoftDevice *s, uint32_t stream)
{
    late_runs = RUNS_LATE;
    late = stream;
    soft_run_later(s, VIRTIO_SND_TXQ);
}

static uint32_t release(SoftDevice *s, Stream *st, uint32_t id)
{
    *st = (Stream){.is_set = true};
    if (soft_fault(release_answers_first)) {
        late_runs = 2;
        late = id;
        soft_run_later(s, VIRTIO_SND_TXQ);
    } else if (!soft_fault(release_leaves_messages)) {
        flush(s, id, false);
    }
    return VIRTIO_SND_S_OK;
}

uint32_t soft_stream_request(SoftDevice *s, uint32_t code, const QVirtQueueElement *e)
{
    struct virtio_snd_pcm_hdr hdr;
    if (qvirtqueue_element_read(e, 0, &hdr, sizeof(hdr)) < sizeof(hdr) ||
        le32_get(hdr.stream_id) >= SOFT_STREAMS) {
        return VIRTIO_SND_S_BAD_MSG;
    }
    uint32_t id = le32_get(hdr.stream_id);
    Stream *st = &streams[id];
    switch (code) {
    case VIRTIO_SND_R_PCM_SET_PARAMS:
        return st->is_running ? VIRTIO_SND_S_BAD_MSG : set_params(st, e);
    case VIRTIO_SND_R_PCM_PREPARE:
        st->is_ready = st->is_set && !st->is_running;
        return st->is_ready ? VIRTIO_SND_S_OK : VIRTIO_SND_S_BAD_MSG;
    case VIRTIO_SND_R_PCM_RELEASE:
        return st->is_ready && !st->is_running ? release(s, st, id)
                                               : VIRTIO_SND_S_BAD_MSG;
    case VIRTIO_SND_R_PCM_START:
        st->is_running |= st->is_ready;
        if (soft_manner(sound_periods_take_time)) {
            put_off(s, id);
        } else {
            flush(s, st->is_running ? id : SOFT_STREAMS, true);
        }
        return st->is_ready ? VIRTIO_SND_S_OK : VIRTIO_SND_S_BAD_MSG;
    default:
        st->is_running = false;
        return st->is_ready ? VIRTIO_SND_S_OK : VIRTIO_SND_S_BAD_MSG;
    }
}

static void take(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e)
{
    struct virtio_snd_pcm_xfer xfer;
    struct Pending *p = &pending[pending_count];
    bool is_whole = qvirtqueue_element_read(e, 0, &xfer, sizeof(xfer)) == sizeof(xfer);
    p->e = *e;
    p->queue = queue;
    p->stream = is_whole ? le32_get(xfer.stream_id) : SOFT_STREAMS;
    if (p->stream != (queue == VIRTIO_SND_RXQ) || !streams[p->stream].is_ready) {
        complete(s, p, VIRTIO_SND_S_IO_ERR, false);
    } else if (streams[p->stream].is_running && soft_manner(sound_periods_take_time)) {
        put_off(s, p->stream);
        pending_count++;
    } else if (streams[p->stream].is_running) {
        complete(s, p, VIRTIO_SND_S_OK, true);
    } else {
        pending_count++;
    }
}

void soft_stream_run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    if (late_runs == 1) {
        flush(s, late, streams[late].is_running);
    } else if (late_runs) {
        soft_run_later(s, VIRTIO_SND_TXQ);
    }
    late_runs -= late_runs > 0;
    while (pending_count < PENDING_MOST && (e = soft_pop(s, queue)) != NULL) {
        take(s, queue, e);
    }
}
