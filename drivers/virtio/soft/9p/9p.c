/* SPDX-License-Identifier: MIT */
/*
 * The 9P transport in software: one session on a folder tree in RAM (core/tree.h).
 * Messages are answered in order. Left out: access rights, locks, extended attributes.
 */
#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/soft/core/tree.h"
#include "drivers/virtio/spec/virtio_9p.h"
#include "kernel/lib/p9_fields.h"
#include "kernel/lib/string.h"

SOFT_FAULT(cut_walks_are_refused, "dev:2.7.4.1-1",
           "refuses a Twalk that is not in one descriptor");
SOFT_FAULT(counts_all_of_an_rgetattr, "dev:2.7.8.2-2",
           "claims the whole buffer of a reply");

/* "The server responds with its own maximum, msize, which must be less than or equal to
 * the client's value." */
SOFT_MANNER(p9_msize_is_4096, "9P2000 version", "takes messages of 4096 bytes");
SOFT_MANNER(p9_takes_a_tiny_msize, "9P2000 version", "agrees to any msize, as kvmtool");
SOFT_MANNER(p9_calls_all_errors_eio, "9P2000.L lerror", "has one error number for all");
/* "This may be less than the requested amount." */
SOFT_MANNER(p9_reads_are_short, "9P2000 read", "returns at most 100 bytes for a Tread");
SOFT_MANNER(p9_writes_are_short, "9P2000 write", "takes at most 1000 bytes of a Twrite");
SOFT_MANNER(p9_lists_one_by_one, "9P2000.L readdir", "returns one entry a Treaddir");
/* Who uses a fid that he has not made breaks a rule for clients. */
SOFT_MANNER(p9_makes_fids_up, "9P2000 intro",
            "takes an unknown fid for the root, as kvmtool");
SOFT_MANNER(p9_is_read_only, "9P2000.L lerror", "refuses every change with EROFS");
SOFT_MANNER(p9_session_outlives_reset, "2.4", "keeps its fids over a device reset");
/* "it should respond with an Rversion message (not Rerror)". */
SOFT_MANNER(p9_unknown_versions_are_errors, "9P2000 version",
            "answers Rlerror to a version that it does not know");
SOFT_MANNER(p9_breaks_at_unknown_messages, "2.1.2",
            "needs a reset after a message of unknown type");

#define TAG           "softshare"
#define FIDS          48
#define WALK_MOST     16
#define MESSAGE_BYTES 8192
#define REPLY_BYTES   24576
#define MSIZE_LEAST   4096

typedef struct Fid {
    bool is_used, is_open;
    uint32_t fid, node, flags;
} Fid;

/* The message that is being answered. */
typedef struct Call {
    uint8_t in[MESSAGE_BYTES], out[REPLY_BYTES];
    /* Where the next field of `in` begins. */
    uint32_t in_bytes, at;
    /* How long the reply is so far, with its header. */
    uint32_t out_bytes;
} Call;

static SoftTree tree;
static uint32_t session_msize;
static Fid fids[FIDS];
static Call call;

#define TAKE(format, ...) p9_unpack(call.in, call.in_bytes, &call.at, format, __VA_ARGS__)
#define GIVE(format, ...) \
    (call.out_bytes += p9_pack(call.out + call.out_bytes, format, __VA_ARGS__))

static Fid *fid_find(uint32_t fid)
{
    for (unsigned i = 0; i < FIDS; i++) {
        if (fids[i].is_used && fids[i].fid == fid) {
            return &fids[i];
        }
    }
    return NULL;
}

static int fid_make(uint32_t fid, const SoftNode *node)
{
    if (fid_find(fid)) {
        return P9_EINVAL;
    }
    for (unsigned i = 0; i < FIDS; i++) {
        if (!fids[i].is_used) {
            fids[i] = (Fid){.is_used = true, .fid = fid, .node = node->id};
            return 0;
        }
    }
    return P9_EINVAL;
}

/* Takes the next field, which is a fid. Returns the node that it stands for, or NULL. */
static SoftNode *take_node(Fid **fid)
{
    uint32_t number;
    *fid = TAKE("d", &number) ? fid_find(number) : NULL;
    if (!*fid && soft_manner(p9_makes_fids_up) && fid_make(number, &tree.node[0]) == 0) {
        *fid = fid_find(number);
    }
    return *fid ? soft_tree_by_id(&tree, (*fid)->node) : NULL;
}

static P9Qid qid_of(const SoftNode *node)
{
    static const uint8_t types[] = {[SOFT_NODE_FILE] = P9_QTFILE,
                                    [SOFT_NODE_FOLDER] = P9_QTDIR,
                                    [SOFT_NODE_LINK] = P9_QTSYMLINK};
    return (P9Qid){.type = types[node->kind], .path = node->id};
}

static void give_qid(const SoftNode *node)
{
    P9Qid qid = qid_of(node);
    GIVE("Q", &qid);
}

static int version(void)
{
    uint32_t msize;
    P9Text text;
    if (!TAKE("ds", &msize, &text)) {
        return P9_EINVAL;
    }
    memset(fids, 0, sizeof(fids));
    bool is_known = text.bytes == 8 && memcmp(text.at, "9P2000.L", 8) == 0;
    if (is_known && msize < MSIZE_LEAST && !soft_manner(p9_takes_a_tiny_msize)) {
        return P9_EINVAL;
    }
    if (!is_known && soft_manner(p9_unknown_versions_are_errors)) {
        return P9_EOPNOTSUPP;
    }
    uint32_t most = soft_manner(p9_msize_is_4096) ? 4096 : REPLY_BYTES;
    session_msize = msize < most ? msize : most;
    GIVE("ds", session_msize, is_known ? "9P2000.L" : "unknown");
    return 0;
}

static int attach(void)
{
    uint32_t fid;
    int err = TAKE("d", &fid) ? fid_make(fid, &tree.node[0]) : P9_EINVAL;
    if (!err) {
        give_qid(&tree.node[0]);
    }
    return err;
}

static int walk(void)
{
    Fid *from;
    SoftNode *node = take_node(&from);
    uint32_t fid;
    uint16_t names, found = 0;
    P9Text name;
    if (!node || !TAKE("dw", &fid, &names) || names > WALK_MOST || fid_find(fid)) {
        return P9_EINVAL;
    }
    uint32_t count_at = call.out_bytes;
    GIVE("w", 0);
    while (found < names && TAKE("s", &name)) {
        SoftNode *next = soft_tree_find(&tree, node, name.at, name.bytes);
        if (!next) {
            break;
        }
        node = next;
        found++;
        give_qid(node);
    }
    p9_pack(call.out + count_at, "w", found);
    if (found < names) {
        return found ? 0 : P9_ENOENT;
    }
    return fid_make(fid, node);
}

static int get_attributes(void)
{
    static const uint32_t kinds[] = {[SOFT_NODE_FILE] = P9_S_IFREG | 0644,
                                     [SOFT_NODE_FOLDER] = P9_S_IFDIR | 0755,
                                     [SOFT_NODE_LINK] = P9_S_IFLNK | 0777};
    Fid *fid;
    SoftNode *node = take_node(&fid);
    uint64_t blocks = node ? (node->size + 511) / 512 : 0;
    if (!node) {
        return P9_ENOENT;
    }
    GIVE("q", P9_GETATTR_BASIC);
    give_qid(node);
    GIVE("dddqqqqq", kinds[node->kind], 0, 0, 1ull, 0ull, (uint64_t)node->size, 4096ull,
         blocks);
    for (unsigned i = 0; i < 10; i++) {
        GIVE("q", 0ull); /* times, generation, data version */
    }
    return 0;
}

static int set_attributes(void)
{
    Fid *fid;
    SoftNode *node = take_node(&fid);
    uint32_t valid, mode, uid, gid;
    uint64_t size;
    if (!node || !TAKE("ddddq", &valid, &mode, &uid, &gid, &size)) {
        return P9_ENOENT;
    }
    return valid & P9_SETATTR_SIZE ? soft_tree_resize(&tree, node, size) : 0;
}

static int open(void)
{
    Fid *fid;
    SoftNode *node = take_node(&fid);
    if (!node || fid->is_open || !TAKE("d", &fid->flags)) {
        return P9_EINVAL;
    }
    fid->is_open = true;
    give_qid(node);
    GIVE("d", 0);
    return 0;
}

static int create(void)
{
    Fid *fid;
    SoftNode *folder = take_node(&fid), *node = NULL;
    P9Text name;
    uint32_t flags;
    if (!folder || fid->is_open || !TAKE("sd", &name, &flags)) {
        return P9_EINVAL;
    }
    int err = soft_tree_make(&tree, folder, name.at, name.bytes, SOFT_NODE_FILE, &node);
    if (err) {
        return err;
    }
    *fid = (Fid){true, true, fid->fid, node->id, flags};
    give_qid(node);
    GIVE("d", 0);
    return 0;
}

static int read_file(void)
{
    Fid *fid;
    SoftNode *node = take_node(&fid);
    uint64_t off;
    uint32_t count, most = session_msize - call.out_bytes - 4;
    const uint8_t *data;
    if (!node || !fid->is_open || !TAKE("qd", &off, &count)) {
        return P9_EINVAL;
    }
    if (node->kind != SOFT_NODE_FILE) {
        return P9_EISDIR;
    }
    if (count > 100 && soft_manner(p9_reads_are_short)) {
        most = 100;
    }
    count = soft_tree_read(node, off, count < most ? count : most, &data);
    GIVE("D", count, data);
    return 0;
}

static int write_file(void)
{
    Fid *fid;
    SoftNode *node = take_node(&fid);
    uint64_t off;
    uint32_t count;
    if (!node || !fid->is_open || (fid->flags & 3) == P9_O_RDONLY ||
        !TAKE("qd", &off, &count) || count > call.in_bytes - call.at) {
        return P9_EINVAL;
    }
    if (count > 1000 && soft_manner(p9_writes_are_short)) {
        count = 1000;
    }
    int err = soft_tree_write(&tree, node, off, call.in + call.at, count);
    GIVE("d", count);
    return err;
}

/* The offset of an entry is the number of the next entry. */
static int read_folder(void)
{
    Fid *fid;
    SoftNode *folder = take_node(&fid), *node;
    uint64_t n;
    uint32_t count, start = call.out_bytes;
    const char *name;
    if (!folder || !fid->is_open || !TAKE("qd", &n, &count) ||
        folder->kind != SOFT_NODE_FOLDER) {
        return P9_EINVAL;
    }
    GIVE("d", 0);
    uint32_t first = call.out_bytes;
    while ((node = soft_tree_entry(&tree, folder, n, &name)) != NULL &&
           call.out_bytes + P9_QID_BYTES + 11 + strlen(name) <= first + count &&
           call.out_bytes + P9_QID_BYTES + 11 + strlen(name) <= REPLY_BYTES) {
        P9Qid qid = qid_of(node);
        GIVE("Qqbs", &qid, ++n, qid.type, name);
        if (soft_manner(p9_lists_one_by_one)) {
            break;
        }
    }
    p9_pack(call.out + start, "d", call.out_bytes - first);
    return 0;
}

static int read_link(void)
{
    Fid *fid;
    SoftNode *node = take_node(&fid);
    if (!node || node->kind != SOFT_NODE_LINK) {
        return P9_EINVAL;
    }
    GIVE("w", node->size);
    memcpy(call.out + call.out_bytes, node->data, node->size);
    call.out_bytes += node->size;
    return 0;
}

static int make_folder(void)
{
    Fid *fid;
    SoftNode *folder = take_node(&fid), *node = NULL;
    P9Text name;
    if (!folder || !TAKE("s", &name)) {
        return P9_EINVAL;
    }
    int err = soft_tree_make(&tree, folder, name.at, name.bytes, SOFT_NODE_FOLDER, &node);
    if (!err) {
        give_qid(node);
    }
    return err;
}

static SoftNode *take_entry(void)
{
    Fid *fid;
    SoftNode *folder = take_node(&fid);
    P9Text name;
    return folder && TAKE("s", &name) ? soft_tree_find(&tree, folder, name.at, name.bytes)
                                      : NULL;
}

static int unlink(void)
{
    SoftNode *node = take_entry();
    uint32_t flags;
    return node && TAKE("d", &flags)
               ? soft_tree_remove(&tree, node, flags & P9_DOTL_AT_REMOVE)
               : P9_ENOENT;
}

static int rename(void)
{
    SoftNode *node = take_entry(), *folder = NULL;
    Fid *fid;
    P9Text name;
    if (!node || (folder = take_node(&fid)) == NULL || !TAKE("s", &name)) {
        return P9_ENOENT;
    }
    return soft_tree_rename(&tree, node, folder, name.at, name.bytes);
}

static int clunk(void)
{
    uint32_t number;
    Fid *fid = TAKE("d", &number) ? fid_find(number) : NULL;
    if (!fid) {
        return P9_ENOENT;
    }
    fid->is_used = false;
    return 0;
}

/* Forgets the fid, also when the file cannot be removed. */
static int remove(void)
{
    Fid *fid;
    SoftNode *node = take_node(&fid);
    if (!fid) {
        return P9_ENOENT;
    }
    fid->is_used = false;
    return node ? soft_tree_remove(&tree, node, node->kind == SOFT_NODE_FOLDER)
                : P9_ENOENT;
}

static int flush(void)
{
    return 0; /* no message is in flight */
}

static const struct {
    uint8_t type;
    int (*serve)(void);
} messages[] = {
    {P9_TVERSION, version},    {P9_TATTACH, attach},
    {P9_TWALK, walk},          {P9_TGETATTR, get_attributes},
    {P9_TLOPEN, open},         {P9_TSETATTR, set_attributes},
    {P9_TLCREATE, create},     {P9_TREAD, read_file},
    {P9_TWRITE, write_file},   {P9_TREADDIR, read_folder},
    {P9_TREADLINK, read_link}, {P9_TMKDIR, make_folder},
    {P9_TUNLINKAT, unlink},    {P9_TRENAMEAT, rename},
    {P9_TCLUNK, clunk},        {P9_TREMOVE, remove},
    {P9_TFLUSH, flush},
};

static bool refuses_change(uint8_t type)
{
    static const uint8_t changes[] = {P9_TLCREATE, P9_TMKDIR,    P9_TWRITE,   P9_TSETATTR,
                                      P9_TREMOVE,  P9_TUNLINKAT, P9_TRENAMEAT};
    return memchr(changes, type, sizeof(changes)) && soft_manner(p9_is_read_only);
}

static bool is_known(uint8_t type)
{
    for (unsigned i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].type == type) {
            return true;
        }
    }
    return false;
}

/* Answers the message in call.in. Returns how long the answer is. */
static uint32_t answer(const QVirtQueueElement *e)
{
    uint8_t type = call.in[4];
    int err = P9_EOPNOTSUPP;
    call.at = call.out_bytes = P9_HEADER_BYTES;
    for (unsigned i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].type == type) {
            err = refuses_change(type) ? P9_EROFS : messages[i].serve();
        }
    }
    if (type == P9_TWALK && e->out_num > 1 && soft_fault(cut_walks_are_refused)) {
        err = P9_EINVAL;
    }
    if (err && soft_manner(p9_calls_all_errors_eio)) {
        err = P9_EIO;
    }
    if (err || call.out_bytes > e->in_bytes) {
        type = P9_TLERROR;
        call.out_bytes = P9_HEADER_BYTES;
        GIVE("d", err ? err : P9_EINVAL);
    }
    p9_pack(call.out, "db", call.out_bytes, type + 1);
    memcpy(call.out + 5, call.in + 5, 2);
    return call.out_bytes;
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        if (e->out_bytes < P9_HEADER_BYTES || e->in_bytes < P9_HEADER_BYTES + 4) {
            soft_needs_reset(s); /* no message, or no room for an answer */
            return;
        }
        call.in_bytes = qvirtqueue_element_read(e, 0, call.in, MESSAGE_BYTES);
        if (!is_known(call.in[4]) && soft_manner(p9_breaks_at_unknown_messages)) {
            soft_needs_reset(s);
            return;
        }
        uint32_t bytes = qvirtqueue_element_write(e, 0, call.out, answer(e));
        bool is_fault =
            call.out[4] == P9_TGETATTR + 1 && soft_fault(counts_all_of_an_rgetattr);
        soft_push(s, queue, e, is_fault ? e->in_bytes : bytes);
    }
}

static void reset(SoftDevice *s)
{
    (void)s;
    if (!soft_manner(p9_session_outlives_reset)) {
        memset(fids, 0, sizeof(fids));
    }
    soft_tree_fill(&tree);
}

static void init(SoftDevice *s)
{
    struct virtio_9p_config *config = (struct virtio_9p_config *)s->config;
    config->tag_len = virtio16_of(false, sizeof(TAG) - 1);
    memcpy(config->tag, TAG, sizeof(TAG) - 1);
    reset(s);
}

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    if (strcmp(field, "mount_tag") == 0) {
        return TAG;
    }
    return strcmp(field, "share") == 0 ? "1" : NULL;
}

SOFT_MODEL(soft_9p, .device_id = VIRTIO_ID_9P, .count = 1, .queues = 1,
           .features = FEATURES(VIRTIO_9P_MOUNT_TAG),
           .config_bytes = sizeof(struct virtio_9p_config) + sizeof(TAG) - 1,
           .init = init, .reset = reset, .run = run, .truth = truth);
