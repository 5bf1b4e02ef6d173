/* SPDX-License-Identifier: Apache-2.0
 * Refcounted, 64-byte aligned buffers. Every byte of column data lives in one. A buffer
 * is either ours (padded with zeroes to a multiple of 64) or borrowed (NumPy, Arrow,
 * mmap) with a release callback. Shared means read-only. Bytes made here are counted
 * against SHOAL_MEMORY.
 */
#pragma once
#include "base/cx.h"
#include <stdatomic.h>

typedef struct Buf {
    uint8_t *data;
    size_t size; /* bytes that may be read */
    _Atomic int64_t refs;
    void (*release)(void *data, void *arg); /* NULL: ours, freed by free() */
    void *release_arg;
    size_t mapped; /* ours: bytes of its own mapping, 0: one block with this */
    bool readonly; /* borrowed memory that must not be written */
} Buf;

/* A new buffer of size bytes, zeroed when zero is true. E_MEMORY, also beyond the
 * limit. */
MUST_USE Status buf_new(Cx *cx, size_t size, bool zero, Buf **out);
/* Wraps foreign memory; release(data, arg) is called when the last reference goes. */
MUST_USE Status buf_borrow(Cx *cx, void *data, size_t size, bool readonly,
                           void (*release)(void *, void *), void *arg, Buf **out);
/* Makes a buffer of ours larger, keeping its bytes (moves it; the only owner may). */
MUST_USE Status buf_grow(Cx *cx, Buf **b, size_t size);
Buf *buf_ref(Buf *b);   /* NULL stays NULL */
void buf_unref(Buf *b); /* NULL is nothing */

bool buf_writable(const Buf *b); /* the only reference, and not read-only; NULL: true */

/* Plain memory of n * size bytes for results that are not columns (positions, hashes):
 * out is the address of a pointer to any type; the caller frees it with mem_free().
 * Zeroed when zero is true. Sizes are checked for overflow, and against SHOAL_MEMORY
 * without being counted. */
MUST_USE Status mem_new(Cx *cx, idx n, size_t size, bool zero, void *out);
void mem_free(void *p); /* NULL is nothing */
/* Counts bytes against SHOAL_MEMORY for memory that is not a Buf (hash tables). */
MUST_USE Status mem_reserve(Cx *cx, size_t size);
void mem_unreserve(size_t size);

void buf_set_limit(int64_t bytes); /* SHOAL_MEMORY; < 0: none */
int64_t buf_limit(void);
int64_t buf_live_bytes(void); /* bytes of ours alive in this process */
int64_t buf_live_count(void); /* buffers alive, borrowed ones too: for leak tests */
