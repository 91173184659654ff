/* SPDX-License-Identifier: MIT */
/*
 * The forger of a split ring (2.7): raw writes of any descriptor, index or flag. It
 * checks nothing and keeps no rule. Hostile tests break rules with it; other tests build
 * with it what the driver's side never does although it is legal. Values are in CPU
 * order; the forger applies the queue's byte order. What is there is read with the
 * accessors of qvring.h.
 *
 * The usual way is: qvirtqueue_add() writes a chain and books it, and nothing is visible
 * yet; the test forges what was written; qvirtqueue_publish() or qvirtqueue_kick() makes
 * it visible. The used element is then taken by qvirtqueue_get() as ever. The device must
 * leave descriptors that the forger wrote alone, like all others
 * (qvirtqueue_desc_changed()).
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

/* ---- What the driver's side wrote ---- */

/* Returns the head of the chain that was added last and is not published yet. */
uint16_t forge_last_head(const QVirtQueue *vq);
/* Writes the indices of the chain's descriptors to `at`, in the order of its links,
 * `most` of them at most. Returns how many it wrote. */
unsigned forge_chain(const QVirtQueue *vq, uint16_t head, uint16_t *at, unsigned most);
/* Returns descriptor i as it was written. The device's changes do not show. */
ForgeDesc forge_desc_get(const QVirtQueue *vq, uint16_t i);
/* Returns the indirect table of the chain at head, or NULL when the chain is direct. */
QVRingDesc *forge_table(const QVirtQueue *vq, uint16_t head);
/* Returns entry i of a table, which may be at any address. */
ForgeDesc forge_table_get(const QVirtQueue *vq, const QVRingDesc *table, unsigned i);

/* ---- Fields that the driver writes ---- */

void forge_desc(QVirtQueue *vq, uint16_t i, ForgeDesc desc);
void forge_desc_flags(QVirtQueue *vq, uint16_t i, uint16_t flags);
/* Writes entry i of a table, which may be at any address. */
void forge_table_desc(QVirtQueue *vq, QVRingDesc *table, unsigned i, ForgeDesc desc);
void forge_avail_flags(QVirtQueue *vq, uint16_t flags);
void forge_avail_idx(QVirtQueue *vq, uint16_t idx);
/* Writes entry `at` of the available ring. `at` is not reduced by the queue size, so it
 * can lie behind the ring. */
void forge_avail_entry(QVirtQueue *vq, uint16_t at, uint16_t head);
void forge_used_event(QVirtQueue *vq, uint16_t idx);

/* ---- Fields that the device writes: to plant what it must write over ---- */

void forge_used_entry(QVirtQueue *vq, uint16_t at, uint32_t id, uint32_t len);
void forge_used_idx(QVirtQueue *vq, uint16_t idx);
void forge_used_flags(QVirtQueue *vq, uint16_t flags);
void forge_avail_event(QVirtQueue *vq, uint16_t idx);

#endif
