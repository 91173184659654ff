/* SPDX-License-Identifier: MIT */
/*
 * For the software 9P and file system devices: a small folder tree in RAM, which they
 * share with their drivers. It holds the same as scripts/runner/shares.py puts into a
 * folder of the host, and every reset makes it so again. Functions that return an int
 * return one of Linux's error numbers, or 0.
 */
#ifndef SOFT_TREE_H
#define SOFT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFT_TREE_NODES 64
/* How many files can be made. */
#define SOFT_TREE_NEW        6
#define SOFT_TREE_FILE_BYTES 4096
#define SOFT_TREE_NAME       32

typedef enum {
    SOFT_NODE_NONE,
    SOFT_NODE_FILE,
    SOFT_NODE_FOLDER,
    SOFT_NODE_LINK
} SoftKind;

typedef struct SoftNode {
    /* The folder that it is in; the root is its own parent. */
    struct SoftNode *parent;
    char name[SOFT_TREE_NAME];
    SoftKind kind;
    /* Never 0, and never that of another node. */
    uint32_t id;
    uint32_t size;
    uint8_t *data;
    /* The driver made it: data has room for SOFT_TREE_FILE_BYTES, and the driver may
     * write any of them. */
    bool is_new;
} SoftNode;

typedef struct SoftTree {
    /* The first node is the root. */
    SoftNode node[SOFT_TREE_NODES];
    /* The data of the files that are there from the start; each file has the first bytes
     * of it. */
    uint8_t *content;
    /* The data of new files. */
    uint8_t *room;
    uint32_t last_id;
    /* The driver has changed something since the tree was filled. */
    bool is_changed;
} SoftTree;

/* Fills the tree as it is at the start. */
void soft_tree_fill(SoftTree *tree);

/* Returns the entry of a folder that has this name, "." and ".." among them; NULL when
 * there is none. */
SoftNode *soft_tree_find(SoftTree *tree, SoftNode *folder, const char *name,
                         size_t bytes);
/* Returns the node with this id, or NULL. */
SoftNode *soft_tree_by_id(SoftTree *tree, uint32_t id);
/* Returns entry n of the folder, and its name. "." and ".." come first. Returns NULL
 * behind the last. */
SoftNode *soft_tree_entry(SoftTree *tree, SoftNode *folder, uint64_t n,
                          const char **name);

int soft_tree_make(SoftTree *tree, SoftNode *folder, const char *name, size_t bytes,
                   SoftKind kind, SoftNode **made);
int soft_tree_remove(SoftTree *tree, SoftNode *node, bool is_folder);
int soft_tree_rename(SoftTree *tree, SoftNode *node, SoftNode *folder, const char *name,
                     size_t bytes);
/* Returns how many bytes there are from off on, `count` at most; *data points to them. */
uint32_t soft_tree_read(const SoftNode *node, uint64_t off, uint32_t count,
                        const uint8_t **data);
int soft_tree_write(SoftTree *tree, SoftNode *node, uint64_t off, const void *data,
                    uint32_t count);
int soft_tree_resize(SoftTree *tree, SoftNode *node, uint64_t size);

#endif
