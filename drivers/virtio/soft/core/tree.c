/* SPDX-License-Identifier: MIT */
/*
 * The folder tree of tree.h. It has no owners, rights, times or hard links.
 */
#include "drivers/virtio/soft/core/tree.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

#define ENOENT    2
#define EEXIST    17
#define ENOTDIR   20
#define EISDIR    21
#define EINVAL    22
#define ENOSPC    28
#define EROFS     30
#define ENOTEMPTY 39

#define DATA_BYTES 20000
#define MANY       50
#define LINK       "data"

static SoftNode *add(SoftTree *tree, SoftNode *folder, const char *name, SoftKind kind,
                     uint8_t *data, uint32_t size)
{
    for (unsigned i = 0; i < SOFT_TREE_NODES; i++) {
        SoftNode *node = &tree->node[i];
        if (node->kind == SOFT_NODE_NONE) {
            *node = (SoftNode){.parent = folder ? folder : node,
                               .kind = kind,
                               .id = ++tree->last_id,
                               .data = data,
                               .size = size};
            string_copy(node->name, name, sizeof(node->name));
            return node;
        }
    }
    return NULL;
}

void soft_tree_fill(SoftTree *tree)
{
    if (!tree->content) {
        tree->content = page_alloc((DATA_BYTES + PAGE_BYTES - 1) / PAGE_BYTES);
        tree->room = page_alloc(SOFT_TREE_NEW * SOFT_TREE_FILE_BYTES / PAGE_BYTES);
        pattern_fill(tree->content, DATA_BYTES, 0);
        tree->is_changed = true;
    }
    if (!tree->is_changed) {
        return;
    }
    memset(tree->node, 0, sizeof(tree->node));
    tree->is_changed = false;
    /* The root has id 1, as in FUSE. */
    tree->last_id = 0;
    SoftNode *root = add(tree, NULL, "", SOFT_NODE_FOLDER, NULL, 0);
    add(tree, root, "data", SOFT_NODE_FILE, tree->content, DATA_BYTES);
    add(tree, root, "empty", SOFT_NODE_FILE, tree->content, 0);
    add(tree, root, "link", SOFT_NODE_LINK, (uint8_t *)LINK, sizeof(LINK) - 1);
    SoftNode *many = add(tree, root, "many", SOFT_NODE_FOLDER, NULL, 0);
    for (unsigned i = 0; i < MANY; i++) {
        char name[3] = {'0' + i / 10, '0' + i % 10};
        add(tree, many, name, SOFT_NODE_FILE, tree->content, i);
    }
}

static bool is_named(const char *own, const char *name, size_t bytes)
{
    return strlen(own) == bytes && memcmp(own, name, bytes) == 0;
}

SoftNode *soft_tree_find(SoftTree *tree, SoftNode *folder, const char *name, size_t bytes)
{
    if (folder->kind != SOFT_NODE_FOLDER) {
        return NULL;
    }
    if (is_named(".", name, bytes)) {
        return folder;
    }
    if (is_named("..", name, bytes)) {
        return folder->parent;
    }
    for (unsigned i = 1; i < SOFT_TREE_NODES; i++) {
        SoftNode *node = &tree->node[i];
        if (node->kind && node->parent == folder && is_named(node->name, name, bytes)) {
            return node;
        }
    }
    return NULL;
}

SoftNode *soft_tree_by_id(SoftTree *tree, uint32_t id)
{
    for (unsigned i = 0; i < SOFT_TREE_NODES; i++) {
        if (tree->node[i].kind && tree->node[i].id == id) {
            return &tree->node[i];
        }
    }
    return NULL;
}

SoftNode *soft_tree_entry(SoftTree *tree, SoftNode *folder, uint64_t n, const char **name)
{
    *name = n == 0 ? "." : "..";
    if (n < 2) {
        return n == 0 ? folder : folder->parent;
    }
    for (unsigned i = 1; i < SOFT_TREE_NODES; i++) {
        SoftNode *node = &tree->node[i];
        if (node->kind && node->parent == folder && n-- == 2) {
            *name = node->name;
            return node;
        }
    }
    return NULL;
}

static uint8_t *free_room(const SoftTree *tree)
{
    for (unsigned i = 0; i < SOFT_TREE_NEW; i++) {
        uint8_t *room = tree->room + i * SOFT_TREE_FILE_BYTES;
        bool is_taken = false;
        for (unsigned n = 0; n < SOFT_TREE_NODES; n++) {
            is_taken |= tree->node[n].kind && tree->node[n].data == room;
        }
        if (!is_taken) {
            return room;
        }
    }
    return NULL;
}

int soft_tree_make(SoftTree *tree, SoftNode *folder, const char *name, size_t bytes,
                   SoftKind kind, SoftNode **made)
{
    char text[SOFT_TREE_NAME] = "";
    if (folder->kind != SOFT_NODE_FOLDER) {
        return ENOTDIR;
    }
    if (bytes == 0 || bytes >= sizeof(text) || memchr(name, '/', bytes)) {
        return EINVAL;
    }
    if (soft_tree_find(tree, folder, name, bytes)) {
        return EEXIST;
    }
    memcpy(text, name, bytes);
    uint8_t *room = kind == SOFT_NODE_FILE ? free_room(tree) : NULL;
    if (kind == SOFT_NODE_FILE && !room) {
        return ENOSPC;
    }
    tree->is_changed = true;
    *made = add(tree, folder, text, kind, room, 0);
    if (!*made) {
        return ENOSPC;
    }
    (*made)->is_new = true;
    return 0;
}

int soft_tree_remove(SoftTree *tree, SoftNode *node, bool is_folder)
{
    bool is_one = node->kind == SOFT_NODE_FOLDER;
    const char *name;
    if (is_folder != is_one) {
        return is_one ? EISDIR : ENOTDIR;
    }
    if (is_one && (node->parent == node || soft_tree_entry(tree, node, 2, &name))) {
        return ENOTEMPTY;
    }
    tree->is_changed = true;
    node->kind = SOFT_NODE_NONE;
    return 0;
}

int soft_tree_rename(SoftTree *tree, SoftNode *node, SoftNode *folder, const char *name,
                     size_t bytes)
{
    if (folder->kind != SOFT_NODE_FOLDER || bytes == 0 || bytes >= sizeof(node->name) ||
        node->kind == SOFT_NODE_FOLDER) {
        return EINVAL;
    }
    SoftNode *old = soft_tree_find(tree, folder, name, bytes);
    if (old && old != node) {
        int err = soft_tree_remove(tree, old, false);
        if (err) {
            return err;
        }
    }
    tree->is_changed = true;
    node->parent = folder;
    memset(node->name, 0, sizeof(node->name));
    memcpy(node->name, name, bytes);
    return 0;
}

uint32_t soft_tree_read(const SoftNode *node, uint64_t off, uint32_t count,
                        const uint8_t **data)
{
    uint64_t left = off < node->size ? node->size - off : 0;
    *data = node->data + (left ? off : 0);
    return count < left ? count : left;
}

int soft_tree_write(SoftTree *tree, SoftNode *node, uint64_t off, const void *data,
                    uint32_t count)
{
    if (node->kind != SOFT_NODE_FILE || !node->is_new) {
        return EROFS;
    }
    if (off > SOFT_TREE_FILE_BYTES || count > SOFT_TREE_FILE_BYTES - off) {
        return ENOSPC;
    }
    int err = off > node->size ? soft_tree_resize(tree, node, off) : 0;
    memcpy(node->data + off, data, count);
    node->size = off + count > node->size ? off + count : node->size;
    return err;
}

int soft_tree_resize(SoftTree *tree, SoftNode *node, uint64_t size)
{
    if (node->kind != SOFT_NODE_FILE || !node->is_new) {
        return EROFS;
    }
    if (size > SOFT_TREE_FILE_BYTES) {
        return ENOSPC;
    }
    if (size > node->size) {
        memset(node->data + node->size, 0, size - node->size);
    }
    node->size = size;
    tree->is_changed = true;
    return 0;
}
