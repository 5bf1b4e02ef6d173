/* SPDX-License-Identifier: Apache-2.0
 * Memory of the objects of one call: text, lists, dicts, sets that compiled code makes.
 * It belongs to the call (Cx.objects) and goes when the call ends, so a call that fails
 * frees nothing by itself; references that lists and dicts hold of arrays are given
 * back then (RowsLink in object.h). Small blocks come from chunks and go to free lists
 * by size; large ones are memory of their own. Bytes are counted against SHOAL_MEMORY
 * by chunk.
 */
#pragma once
#include "base/cx.h"

typedef struct ObjHeap ObjHeap;

/* Uninitialised memory of size bytes, 16-byte aligned. E_MEMORY. */
MUST_USE Status heap_new(Cx *cx, size_t size, void *out);
/* size: as it was asked for. NULL is nothing. */
void heap_free(Cx *cx, void *p, size_t size);
/* A larger block with the first `keep` bytes; p (of size old) is freed. */
MUST_USE Status heap_grow(Cx *cx, void *p, size_t old, size_t keep, size_t size,
                          void *out);
/* All of it. */
void heap_clear(Cx *cx);

int64_t heap_live(const Cx *cx); /* blocks in use */
/* The same at the end of a call, as a leak; 0 where instances are left: those that hold
 * each other in a ring are freed with the heap, and what they hold with them. */
int64_t heap_left(const Cx *cx);
void heap_count_node(Cx *cx, int more); /* instances in use: 1, -1 */
int64_t heaps_open(void);               /* heaps of this process */
/* Of the last call of this process that had a heap: blocks in use at its end, and the
 * most bytes it had at once. For tests. */
int64_t heap_last_live(void);
int64_t heap_last_nodes(void); /* instances in use at its end */
int64_t heap_last_peak(void);
/* What the call remembers under an address (types under their codes). */
const void *heap_note(const Cx *cx, const void *key);
MUST_USE Status heap_set_note(Cx *cx, const void *key, const void *value);
/* Nodes that came with the arguments are kept, with a reference: the next one, which
 * gets its number; one by its number from 0 on; how many. */
MUST_USE Status heap_keep_node(Cx *cx, void *node, int64_t *number);
void *heap_kept(const Cx *cx, int64_t i);
int64_t heap_nkept(const Cx *cx);
int64_t heap_number(Cx *cx);         /* of the next node that is packed, from 1 on */
void heap_forget(Cx *cx, int64_t n); /* n blocks do not count as live */
