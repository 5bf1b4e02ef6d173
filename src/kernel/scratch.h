/* SPDX-License-Identifier: Apache-2.0
 * Scratch memory of one kernel call: large temporary arrays, counted against
 * SHOAL_MEMORY, freed together at the call's single exit. Folder-private.
 */
#pragma once
#include "array/buf.h"

enum { SCRATCH_BUFS = 64 };

/* `Scratch s = {0};` then scratch_new as needed, scratch_clear at the end. */
typedef struct Scratch {
    int n;                  /* buffers in use */
    Buf *buf[SCRATCH_BUFS]; /* freed by scratch_clear */
} Scratch;

/* n items of width bytes; out is the address of a pointer to any type. */
MUST_USE static inline Status scratch_new(Cx *cx, Scratch *s, idx n, size_t width,
                                          bool zero, void *out)
{
    size_t size;
    if (s->n == SCRATCH_BUFS) return fail(cx, E_OVERFLOW, "too many key columns");
    if (n < 0 || __builtin_mul_overflow((size_t)n, width, &size))
        return fail(cx, E_OVERFLOW, "%lld items of %zu bytes are too many",
                    (long long)n, width);
    Buf *b;
    TRY(buf_new(cx, size, zero, &b));
    s->buf[s->n++] = b;
    void *data = b->data;
    memcpy(out, &data, sizeof data); /* out is a T **: no void ** may alias it */
    return OK;
}

static inline void scratch_clear(Scratch *s)
{
    for (int i = 0; i < s->n; i++)
        buf_unref(s->buf[i]);
    s->n = 0;
}
