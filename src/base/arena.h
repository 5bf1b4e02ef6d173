/* SPDX-License-Identifier: Apache-2.0
 * Bump arenas: memory by lifetime. Session > compile of one function > pass; a run has
 * one scratch arena a call. Memory is zeroed and 16-byte aligned. Allocation never
 * returns NULL: in the compiler an exhausted arena throws through arena_set_oom's
 * handler; in the runtime use arena_try.
 */
#pragma once
#include "base/base.h"

typedef struct Arena Arena;
typedef struct ArenaMark {
    void *chunk;
    size_t used;
} ArenaMark;

Arena *arena_new(void); /* NULL only when the first page can't be had */
void arena_free(Arena *a);

/* Called when memory is exhausted or size overflows; must not return. Default: BUG. */
void arena_set_oom(Arena *a, void (*handler)(void *data), void *data);

void *arena_alloc(Arena *a, size_t size) NONNULL;             /* zeroed; never NULL */
void *arena_alloc_n(Arena *a, size_t n, size_t size) NONNULL; /* checks n * size */
void *arena_try(Arena *a, size_t n, size_t size); /* zeroed; NULL when exhausted */
char *arena_strdup(Arena *a, const char *s);
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_printf(Arena *a, const char *fmt, ...) PRINTF(2, 3);

ArenaMark arena_mark(Arena *a);
void arena_release(Arena *a, ArenaMark mark); /* frees all that came after the mark */

/* Fault injection: true when the allocation about to be made must fail. The n-th from
 * now on fails, once; 0 for none. SHOAL_FAIL_ALLOC in the environment sets the first n.
 */
bool alloc_fails(void);
void alloc_fail_at(int64_t n);

#define ARENA_NEW(a, T)      ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_NEW_N(a, n, T) ((T *)arena_alloc_n((a), (size_t)(n), sizeof(T)))
