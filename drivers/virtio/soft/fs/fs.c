/* SPDX-License-Identifier: MIT */
/*
 * The file system device (5.11) in software: one FUSE session on a folder tree in RAM
 * (core/tree.h). A handle is a number that is never used twice. When the hand is asked
 * for "notify", the device sends a FUSE_NOTIFY_INVAL_ENTRY. Its DAX window is in dax.c.
 * Left out: access rights, locks, counts of lookups.
 */
#include "drivers/virtio/soft/fs/fs.h"
#include "kernel/lib/string.h"

SOFT_FAULT(no_request_queue, "dev:5.11.4.2-1", "says that it has no request queue");
SOFT_FAULT(notify_buffers_too_small, "dev:5.11.4.2-2",
           "asks for notification buffers that its messages do not fit");
SOFT_FAULT(hiprio_waits_for_quiet, "dev:5.11.6.2.1-1",
           "serves the hiprio queue only when no request has come");
SOFT_FAULT(cut_lookups_fail, "dev:2.7.4.1-1",
           "fails a FUSE_LOOKUP that is not in one descriptor");
SOFT_FAULT(counts_all_of_a_getattr, "dev:2.7.8.2-2",
           "claims the whole buffer of a reply");

SOFT_MANNER(fs_one_request_queue, "5.11.4", "has a single request queue");
/* "Alignment constraints for FUSE_SETUPMAPPING and FUSE_REMOVEMAPPING requests are
 * communicated during FUSE_INIT negotiation." */
SOFT_MANNER(fs_maps_64k, "5.11.6.4", "maps at multiples of 64 KiB");
SOFT_MANNER(fs_calls_all_errors_einval, "FUSE", "has one errno for all errors");
/* A node of number 0 is an answer that may be kept, and says what ENOENT says. */
SOFT_MANNER(fs_missing_is_node_0, "FUSE LOOKUP", "answers node 0 for a missing name");
SOFT_MANNER(fs_lists_no_types, "FUSE READDIR", "calls each entry DT_UNKNOWN");
SOFT_MANNER(fs_is_read_only, "FUSE", "refuses every change with EROFS");
SOFT_MANNER(fs_ignores_handles, "FUSE READ", "reads by the node, whatever the handle");
SOFT_MANNER(fs_speaks_7_27, "5.11.6.1", "speaks version 7.27 of FUSE");
SOFT_MANNER(fs_breaks_at_unknown_requests, "2.1.2", "needs a reset after them");
SOFT_MANNER(fs_has_no_window, "5.11.6.4.1", "has no DAX window");

#define TAG            "softfs"
#define REQUEST_QUEUES 2
#define HANDLES        16
#define REQUEST_BYTES  8192
#define REPLY_BYTES    24576
#define MAX_WRITE      4096
#define STALE_NAME     "an-entry-that-has-gone-stale"
#define NOTIFY_BYTES                                                               \
    (sizeof(struct fuse_out_header) + sizeof(struct fuse_notify_inval_entry_out) + \
     sizeof(STALE_NAME))

/* The request that is being answered. */
static struct {
    union {
        struct fuse_in_header header;
        uint8_t bytes[REQUEST_BYTES];
    } in;
    union {
        struct fuse_out_header header;
        uint8_t bytes[REPLY_BYTES];
    } out;
    uint32_t in_bytes, body_bytes;
} call;

static SoftTree tree;
static struct {
    /* 0: this place is free. */
    uint64_t fh;
    uint32_t node;
} handles[HANDLES];
static uint64_t last_fh;
static bool has_session, was_busy;

/* Returns the argument of the request, or NULL when the request is shorter. name_behind()
 * returns the name that follows the argument. */
static const void *arg(size_t bytes)
{
    return call.in_bytes >= sizeof(call.in.header) + bytes ? &call.in.header + 1 : NULL;
}

static const char *name_behind(size_t bytes, size_t *length)
{
    const char *name = (const char *)(&call.in.header + 1) + bytes;
    size_t left = arg(bytes) ? call.in_bytes - sizeof(call.in.header) - bytes : 0;
    const char *end = left ? memchr(name, '\0', left) : NULL;
    *length = end ? end - name : 0;
    return end ? name : NULL;
}

/* Returns zeroed room in the reply. */
static void *give(uint32_t bytes)
{
    void *to = call.out.bytes + sizeof(call.out.header) + call.body_bytes;
    call.body_bytes += bytes;
    memset(to, 0, bytes);
    return to;
}

static void tell_attributes(struct fuse_attr *attr, const SoftNode *node)
{
    static const uint32_t modes[] = {[SOFT_NODE_FILE] = FUSE_S_IFREG | 0644,
                                     [SOFT_NODE_FOLDER] = FUSE_S_IFDIR | 0755,
                                     [SOFT_NODE_LINK] = FUSE_S_IFLNK | 0777};
    *attr = (struct fuse_attr){.ino = node->id,
                               .size = node->size,
                               .blocks = (node->size + 511) / 512,
                               .mode = modes[node->kind],
                               .nlink = 1,
                               .blksize = 4096};
}

static void give_entry(const SoftNode *node)
{
    struct fuse_entry_out *entry = give(sizeof(*entry));
    entry->nodeid = node->id;
    tell_attributes(&entry->attr, node);
}

static int give_handle(const SoftNode *node)
{
    for (unsigned i = 0; i < HANDLES; i++) {
        if (handles[i].fh == 0) {
            struct fuse_open_out *open = give(sizeof(*open));
            handles[i].fh = open->fh = ++last_fh;
            handles[i].node = node->id;
            return 0;
        }
    }
    return FUSE_EBADF;
}

static SoftNode *handle_node(uint64_t fh)
{
    for (unsigned i = 0; i < HANDLES; i++) {
        if (fh && handles[i].fh == fh) {
            return soft_tree_by_id(&tree, handles[i].node);
        }
    }
    return NULL;
}

static int init(SoftNode *node)
{
    const struct fuse_init_in *in = arg(sizeof(*in));
    (void)node;
    if (!in || in->major != FUSE_MAJOR) {
        return FUSE_EIO;
    }
    memset(handles, 0, sizeof(handles));
    has_session = true;
    struct fuse_init_out *out = give(sizeof(*out));
    out->major = FUSE_MAJOR;
    out->minor = soft_manner(fs_speaks_7_27) ? 27 : FUSE_MINOR;
    if (soft_manner(fs_maps_64k)) {
        out->flags = FUSE_MAP_ALIGNMENT;
        out->map_alignment = 16;
    }
    out->max_readahead = in->max_readahead;
    out->max_write = MAX_WRITE;
    return 0;
}

static int lookup(SoftNode *node)
{
    size_t length;
    const char *name = name_behind(0, &length);
    SoftNode *found = name ? soft_tree_find(&tree, node, name, length) : NULL;
    if (!found && soft_manner(fs_missing_is_node_0)) {
        give(sizeof(struct fuse_entry_out));
        return 0;
    }
    if (!found) {
        return FUSE_ENOENT;
    }
    give_entry(found);
    return 0;
}

static int get_attributes(SoftNode *node)
{
    struct fuse_attr_out *out = give(sizeof(*out));
    tell_attributes(&out->attr, node);
    return 0;
}

static int set_attributes(SoftNode *node)
{
    const struct fuse_setattr_in *in = arg(sizeof(*in));
    int err = !in                           ? FUSE_EINVAL
              : in->valid & FUSE_FATTR_SIZE ? soft_tree_resize(&tree, node, in->size)
                                            : 0;
    return err ? err : get_attributes(node);
}

static int read_link(SoftNode *node)
{
    if (node->kind != SOFT_NODE_LINK) {
        return FUSE_EINVAL;
    }
    memcpy(give(node->size), node->data, node->size);
    return 0;
}

static int open(SoftNode *node)
{
    return arg(sizeof(struct fuse_open_in)) ? give_handle(node) : FUSE_EINVAL;
}

static int release(SoftNode *node)
{
    const struct fuse_release_in *in = arg(sizeof(*in));
    (void)node;
    for (unsigned i = 0; in && i < HANDLES; i++) {
        if (handles[i].fh == in->fh) {
            handles[i].fh = 0;
        }
    }
    return in ? 0 : FUSE_EINVAL;
}

static int read_file(SoftNode *node)
{
    const struct fuse_read_in *in = arg(sizeof(*in));
    uint32_t most = REPLY_BYTES - sizeof(call.out.header);
    const uint8_t *data;
    if (!in || !soft_manner(fs_ignores_handles)) {
        node = in ? handle_node(in->fh) : NULL;
    }
    if (!node || node->kind != SOFT_NODE_FILE || soft_fs_dax_stops_reads()) {
        return FUSE_EBADF;
    }
    most = soft_tree_read(node, in->offset, in->size < most ? in->size : most, &data);
    memcpy(give(most), data, most);
    return 0;
}

static int write_file(SoftNode *node)
{
    const struct fuse_read_in *in = arg(sizeof(*in));
    node = in ? handle_node(in->fh) : NULL;
    if (!node || in->size > MAX_WRITE || !arg(sizeof(*in) + in->size)) {
        return FUSE_EBADF;
    }
    int err = soft_tree_write(&tree, node, in->offset, in + 1, in->size);
    ((struct fuse_write_out *)give(sizeof(struct fuse_write_out)))->size = in->size;
    return err;
}

/* The offset of an entry is the number of the next entry. */
static int read_folder(SoftNode *node)
{
    static const uint32_t types[] = {[SOFT_NODE_FILE] = FUSE_S_IFREG,
                                     [SOFT_NODE_FOLDER] = FUSE_S_IFDIR,
                                     [SOFT_NODE_LINK] = FUSE_S_IFLNK};
    const struct fuse_read_in *in = arg(sizeof(*in));
    const char *name;
    node = in ? handle_node(in->fh) : NULL;
    if (!node || node->kind != SOFT_NODE_FOLDER) {
        return FUSE_EBADF;
    }
    uint64_t n = in->offset;
    for (SoftNode *e; (e = soft_tree_entry(&tree, node, n, &name)) != NULL; n++) {
        uint32_t length = strlen(name);
        uint32_t bytes = (sizeof(struct fuse_dirent) + length + 7) / 8 * 8;
        if (call.body_bytes + bytes > in->size ||
            call.body_bytes + bytes > REPLY_BYTES - sizeof(call.out.header)) {
            break;
        }
        struct fuse_dirent *d = give(bytes);
        *d = (struct fuse_dirent){e->id, n + 1, length, types[e->kind] >> 12};
        if (soft_manner(fs_lists_no_types)) {
            d->type = 0;
        }
        memcpy(d + 1, name, length);
    }
    return 0;
}

static int make(SoftNode *folder, size_t arg_bytes, SoftKind kind, SoftNode **made)
{
    size_t length;
    const char *name = name_behind(arg_bytes, &length);
    int err =
        name ? soft_tree_make(&tree, folder, name, length, kind, made) : FUSE_EINVAL;
    if (!err) {
        give_entry(*made);
    }
    return err;
}

static int create(SoftNode *node)
{
    SoftNode *made;
    int err = make(node, sizeof(struct fuse_create_in), SOFT_NODE_FILE, &made);
    return err ? err : give_handle(made);
}

static int make_folder(SoftNode *node)
{
    SoftNode *made;
    return make(node, sizeof(struct fuse_mkdir_in), SOFT_NODE_FOLDER, &made);
}

static int remove(SoftNode *node)
{
    size_t length;
    const char *name = name_behind(0, &length);
    SoftNode *found = name ? soft_tree_find(&tree, node, name, length) : NULL;
    return found ? soft_tree_remove(&tree, found, call.in.header.opcode == FUSE_RMDIR)
                 : FUSE_ENOENT;
}

static int map(SoftNode *node)
{
    const struct fuse_setupmapping_in *in = arg(sizeof(*in));
    node = in ? handle_node(in->fh) : NULL;
    return node ? soft_fs_dax_map(node, in) : FUSE_EBADF;
}

/* Removes one mapping. Lists of mappings are left out. */
static int unmap(SoftNode *node)
{
    const uint32_t *count = arg(sizeof(*count));
    struct fuse_removemapping_one one;
    (void)node;
    if (!count || *count != 1 || !arg(sizeof(*count) + sizeof(one))) {
        return FUSE_EINVAL;
    }
    memcpy(&one, count + 1, sizeof(one));
    return soft_fs_dax_unmap(one.moffset, one.len);
}

static const struct {
    uint32_t opcode;
    int (*serve)(SoftNode *node);
} requests[] = {
    {FUSE_INIT, init},        {FUSE_LOOKUP, lookup},       {FUSE_GETATTR, get_attributes},
    {FUSE_OPEN, open},        {FUSE_OPENDIR, open},        {FUSE_SETATTR, set_attributes},
    {FUSE_READ, read_file},   {FUSE_WRITE, write_file},    {FUSE_READLINK, read_link},
    {FUSE_CREATE, create},    {FUSE_MKDIR, make_folder},   {FUSE_READDIR, read_folder},
    {FUSE_UNLINK, remove},    {FUSE_RMDIR, remove},        {FUSE_RELEASE, release},
    {FUSE_SETUPMAPPING, map}, {FUSE_REMOVEMAPPING, unmap}, {FUSE_RELEASEDIR, release},
};

static bool refuses_change(uint32_t opcode)
{
    bool is_change = opcode == FUSE_SETATTR || opcode == FUSE_WRITE ||
                     opcode == FUSE_CREATE || opcode == FUSE_MKDIR ||
                     opcode == FUSE_UNLINK || opcode == FUSE_RMDIR;
    return is_change && soft_manner(fs_is_read_only);
}

static int serve(const QVirtQueueElement *e)
{
    uint32_t opcode = call.in.header.opcode;
    SoftNode *node = soft_tree_by_id(&tree, call.in.header.nodeid);
    if (opcode == FUSE_LOOKUP && e->out_num > 1 && soft_fault(cut_lookups_fail)) {
        return FUSE_EIO;
    }
    for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (requests[i].opcode == opcode) {
            bool needs_node = opcode != FUSE_INIT;
            return needs_node && !has_session ? FUSE_EIO
                   : needs_node && !node      ? FUSE_ENOENT
                   : refuses_change(opcode)   ? FUSE_EROFS
                                              : requests[i].serve(node);
        }
    }
    return FUSE_ENOSYS;
}

/* Answers the request. Returns how long the answer is. */
static uint32_t answer(const QVirtQueueElement *e)
{
    call.body_bytes = 0;
    int err = serve(e);
    if (err && soft_manner(fs_calls_all_errors_einval)) {
        err = FUSE_EINVAL;
    }
    if (err || sizeof(call.out.header) + call.body_bytes > e->in_bytes) {
        call.body_bytes = 0;
        err = err ? err : FUSE_EIO;
    }
    call.out.header = (struct fuse_out_header){
        .len = sizeof(call.out.header) + call.body_bytes,
        .error = -err,
        .unique = call.in.header.unique,
    };
    qvirtqueue_element_write(e, 0, call.out.bytes, call.out.header.len);
    bool is_fault =
        call.in.header.opcode == FUSE_GETATTR && soft_fault(counts_all_of_a_getattr);
    return is_fault ? e->in_bytes : call.out.header.len;
}

static bool is_hiprio(uint32_t opcode)
{
    return opcode == FUSE_FORGET;
}

static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    if (queue == VIRTIO_FS_NOTIFICATION && soft_negotiated(s, VIRTIO_FS_F_NOTIFICATION)) {
        return; /* the buffers are for notifications */
    }
    if (queue == VIRTIO_FS_HIPRIO && was_busy && soft_fault(hiprio_waits_for_quiet)) {
        was_busy = false;
        soft_run_later(s, queue);
        return;
    }
    while ((e = soft_pop(s, queue)) != NULL) {
        call.in_bytes = qvirtqueue_element_read(e, 0, call.in.bytes, REQUEST_BYTES);
        bool has_header = call.in_bytes >= sizeof(call.in.header);
        bool is_forget = has_header && is_hiprio(call.in.header.opcode);
        if (!has_header || (!is_forget && e->in_bytes < sizeof(call.out.header))) {
            soft_needs_reset(s); /* no request, or no room for an answer */
            return;
        }
        uint32_t bytes = is_forget ? 0 : answer(e);
        if (bytes && call.out.header.error == -FUSE_ENOSYS &&
            soft_manner(fs_breaks_at_unknown_requests)) {
            soft_needs_reset(s);
            return;
        }
        soft_push(s, queue, e, bytes);
        was_busy |= queue != VIRTIO_FS_HIPRIO;
    }
}

/* Sends a notification (5.11.6.3). */
static bool notify(SoftDevice *s)
{
    struct {
        struct fuse_out_header header;
        struct fuse_notify_inval_entry_out entry;
        char name[sizeof(STALE_NAME)];
    } message = {{NOTIFY_BYTES, FUSE_NOTIFY_INVAL_ENTRY, 0},
                 {FUSE_ROOT_ID, sizeof(STALE_NAME) - 1, 0},
                 STALE_NAME};
    const QVirtQueueElement *e = soft_negotiated(s, VIRTIO_FS_F_NOTIFICATION)
                                     ? soft_pop(s, VIRTIO_FS_NOTIFICATION)
                                     : NULL;
    if (e) {
        soft_push(s, VIRTIO_FS_NOTIFICATION, e,
                  qvirtqueue_element_write(e, 0, &message, NOTIFY_BYTES));
    }
    return e != NULL;
}

static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    (void)args, (void)value, (void)bytes;
    return strcmp(action, "restore") == 0 || (strcmp(action, "notify") == 0 && notify(s));
}

static void reset(SoftDevice *s)
{
    (void)s;
    memset(handles, 0, sizeof(handles));
    has_session = was_busy = false;
    soft_fs_dax_reset();
    soft_tree_fill(&tree);
}

static void make_config(SoftDevice *s)
{
    struct virtio_fs_config *config = (struct virtio_fs_config *)s->config;
    bool is_small = soft_fault(notify_buffers_too_small);
    memcpy(config->tag, TAG, sizeof(TAG));
    config->num_request_queues =
        le32_of(soft_fault(no_request_queue)        ? 0
                : soft_manner(fs_one_request_queue) ? 1
                                                    : REQUEST_QUEUES);
    config->notify_buf_size = le32_of(is_small ? NOTIFY_BYTES - 8 : NOTIFY_BYTES);
    reset(s);
}

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    if (strcmp(field, "tag") == 0) {
        return TAG;
    }
    return strcmp(field, "share") == 0 ? "1" : NULL;
}

static bool shm_region(const SoftDevice *s, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    return !soft_manner(fs_has_no_window) && soft_fs_dax_region(s, id, at, bytes);
}

SOFT_MODEL(soft_fs, .device_id = VIRTIO_ID_FS, .count = 1, .queues = 2 + REQUEST_QUEUES,
           .features = FEATURES(VIRTIO_FS_F_NOTIFICATION),
           .config_bytes = sizeof(struct virtio_fs_config), .init = make_config,
           .reset = reset, .run = run, .shm_region = shm_region, .act = act,
           .truth = truth);
