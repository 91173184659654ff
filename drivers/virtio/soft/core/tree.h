/* SPDX-License-Identifier: MIT */
/*
 * A small folder tree in RAM, which the software 9P and file system devices share with
 * their drivers. It holds what scripts/runner/shares.py puts into a folder of the host,
 * and every reset makes it so again. Errors are Linux's numbers, 0: none.
 */
#ifndef SOFT_TREE_H
#define SOFT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFT_TREE_NODES      64
#define SOFT_TREE_NEW        6 /* files that can be made */
#define SOFT_TREE_FILE_BYTES 4096
#define SOFT_TREE_NAME       32

typedef enum {
    SOFT_NODE_NONE,
    SOFT_NODE_FILE,
    SOFT_NODE_FOLDER,
    SOFT_NODE_LINK
} SoftKind;

typedef struct SoftNode {
    /* Of the root: itself. */
    struct SoftNode *parent;
    char name[SOFT_TREE_NAME];
    SoftKind kind;
    /* Of this life of the node: never 0, never another's. */
    uint32_t id;
    uint32_t size;
    uint8_t *data;
    /* Data has SOFT_TREE_FILE_BYTES, of which the driver may write any. */
    bool is_new;
} SoftNode;

typedef struct SoftTree {
    /* The first is the root. */
    SoftNode node[SOFT_TREE_NODES];
    /* Of the files that the host made: each has some. */
    uint8_t *content;
    /* For new files. */
    uint8_t *room;
    uint32_t last_id;
    bool is_changed;
} SoftTree;

/* As the host has filled it. */
void soft_tree_fill(SoftTree *tree);

/* The entry of a folder, "." and ".." among them; NULL: there is none. */
SoftNode *soft_tree_find(SoftTree *tree, SoftNode *folder, const char *name,
                         size_t bytes);
/* The node of this id, or NULL. */
SoftNode *soft_tree_by_id(SoftTree *tree, uint32_t id);
/* Entry n of the folder, "." and ".." first; NULL behind the last. */
SoftNode *soft_tree_entry(SoftTree *tree, SoftNode *folder, uint64_t n,
                          const char **name);

int soft_tree_make(SoftTree *tree, SoftNode *folder, const char *name, size_t bytes,
                   SoftKind kind, SoftNode **made);
int soft_tree_remove(SoftTree *tree, SoftNode *node, bool is_folder);
int soft_tree_rename(SoftTree *tree, SoftNode *node, SoftNode *folder, const char *name,
                     size_t bytes);
/* How many bytes there are from off on, `count` at most; *data is where. */
uint32_t soft_tree_read(const SoftNode *node, uint64_t off, uint32_t count,
                        const uint8_t **data);
int soft_tree_write(SoftTree *tree, SoftNode *node, uint64_t off, const void *data,
                    uint32_t count);
int soft_tree_resize(SoftTree *tree, SoftNode *node, uint64_t size);

#endif
