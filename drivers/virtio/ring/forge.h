/* SPDX-License-Identifier: MIT */
/*
 * The free hand on a split ring (2.7): raw writes of any descriptor, index or flag. It
 * checks nothing and keeps no rule; hostile tests break rules with it, white-box tests
 * build what the honest hand never does although it is legal. Values are in CPU order;
 * the queue's byte order is applied here.
 *
 * The usual way: qvirtqueue_add() writes a chain and books it, nothing is visible yet;
 * forge what it wrote; qvirtqueue_publish() or _kick(). The used element is then taken by
 * qvirtqueue_get() as ever. Descriptors that the forger wrote count as what the device
 * must leave alone (qvirtqueue_desc_changed()).
 */
#ifndef QVIRTIO_FORGE_H
#define QVIRTIO_FORGE_H

#include "drivers/virtio/qvirtqueue.h"

/* One descriptor by the names of 2.7.5. */
typedef struct ForgeDesc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
} ForgeDesc;

/* ---- What the honest hand wrote ---- */

/* Head of the chain that was added last and is not published yet. */
uint16_t forge_last_head(const QVirtQueue *vq);
/* Descriptors of the chain at head in the order of its links; at most `most`. How many.
 */
unsigned forge_chain(const QVirtQueue *vq, uint16_t head, uint16_t *at, unsigned most);
ForgeDesc forge_desc_get(const QVirtQueue *vq, uint16_t i);
/* The table that the chain at head goes through, entries to CPU order by forge_table_get;
 * NULL: the chain is direct. */
QVRingDesc *forge_table(const QVirtQueue *vq, uint16_t head);
ForgeDesc forge_table_get(const QVirtQueue *vq, const QVRingDesc *table, unsigned i);

/* ---- Fields that the driver writes ---- */

void forge_desc(QVirtQueue *vq, uint16_t i, ForgeDesc desc);
void forge_desc_flags(QVirtQueue *vq, uint16_t i, uint16_t flags);
/* An entry of a table anywhere in memory. */
void forge_table_desc(QVirtQueue *vq, QVRingDesc *table, unsigned i, ForgeDesc desc);
void forge_avail_flags(QVirtQueue *vq, uint16_t flags);
void forge_avail_idx(QVirtQueue *vq, uint16_t idx);
/* Entry `at` of the ring, not reduced by the queue size. */
void forge_avail_entry(QVirtQueue *vq, uint16_t at, uint16_t head);
void forge_used_event(QVirtQueue *vq, uint16_t idx);

/* ---- Fields that the device writes: to plant what it must write over ---- */

void forge_used_entry(QVirtQueue *vq, uint16_t at, uint32_t id, uint32_t len);
void forge_used_idx(QVirtQueue *vq, uint16_t idx);
void forge_used_flags(QVirtQueue *vq, uint16_t flags);
void forge_avail_event(QVirtQueue *vq, uint16_t idx);

#endif
