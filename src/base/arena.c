/* SPDX-License-Identifier: Apache-2.0
 * Bump arenas: a list of chunks that grow from 4 KB to 1 MB; an allocation larger than
 * the next chunk gets a chunk of its own size. Memory that is not handed out is
 * poisoned for AddressSanitizer, with a gap of 16 bytes behind every allocation in such
 * builds, so that overruns and uses after arena_release are found.
 *
 * Also the home of fault injection for allocations (alloc_fails), which arenas and
 * buffers ask before they take memory.
 */
#include "base/arena.h"

#include "base/asan.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = SHOAL_ASAN ? 16 : 0 }; /* poisoned, behind every allocation */

enum { ALIGN = 16, CHUNK_FIRST = 4096, CHUNK_MAX = 1 << 20 };

typedef struct Chunk {
    struct Chunk *prev; /* older chunk */
    size_t cap;         /* bytes of data */
    size_t used;        /* bytes of data handed out */
    size_t pad;         /* keeps data 16-byte aligned */
    uint8_t data[];
} Chunk;

struct Arena {
    Chunk *last;         /* newest chunk, never NULL */
    void (*oom)(void *); /* see arena_set_oom */
    void *oom_data;      /* its argument */
};

/* -- Fault injection --------------------------------------------------------------- */

static _Atomic int64_t fail_at = INT64_MIN; /* MIN: SHOAL_FAIL_ALLOC not read yet */

static int64_t fail_from_env(void)
{
    const char *s = getenv("SHOAL_FAIL_ALLOC");
    return s && *s ? strtoll(s, NULL, 10) : 0;
}

void alloc_fail_at(int64_t n)
{
    atomic_store(&fail_at, n > 0 ? n : 0);
}

bool alloc_fails(void)
{
    int64_t at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (LIKELY(at == 0)) return false;
    if (at == INT64_MIN) {
        int64_t env = fail_from_env();
        atomic_compare_exchange_strong(&fail_at, &at, env > 0 ? env : 0);
        if (atomic_load(&fail_at) == 0) return false;
    }
    return atomic_fetch_sub(&fail_at, 1) == 1;
}

/* -- Chunks ------------------------------------------------------------------------ */

static Chunk *chunk_new(size_t cap, Chunk *prev)
{
    if (cap > SIZE_MAX - sizeof(Chunk)) return NULL;
    if (prev && alloc_fails()) return NULL; /* a call begins before it can fail */
    Chunk *c = malloc(sizeof(Chunk) + cap);
    if (!c) return NULL;
    c->prev = prev;
    c->cap = cap;
    c->used = 0;
    POISON(c->data, cap);
    return c;
}

static void chunk_free(Chunk *c)
{
    UNPOISON(c->data, c->cap);
    free(c);
}

Arena *arena_new(void)
{
    Chunk *c = chunk_new(CHUNK_FIRST - sizeof(Chunk), NULL);
    if (!c) return NULL;
    Arena *a = malloc(sizeof *a);
    if (!a) {
        chunk_free(c);
        return NULL;
    }
    *a = (Arena){.last = c};
    return a;
}

void arena_free(Arena *a)
{
    if (!a) return;
    for (Chunk *c = a->last, *prev; c; c = prev) {
        prev = c->prev;
        chunk_free(c);
    }
    free(a);
}

void arena_set_oom(Arena *a, void (*handler)(void *data), void *data)
{
    a->oom = handler;
    a->oom_data = data;
}

/* -- Allocation -------------------------------------------------------------------- */

static void *arena_bump(Arena *a, size_t size)
{
    Chunk *c = a->last;
    if (size > (size_t)PTRDIFF_MAX - ALIGN - GAP) return NULL;
    size_t need = ((size + ALIGN - 1) & ~(size_t)(ALIGN - 1)) + GAP;
    if (need > c->cap - c->used) {
        size_t cap = c->cap < CHUNK_MAX / 2 ? 2 * c->cap : CHUNK_MAX;
        c = chunk_new(need > cap ? need : cap, c);
        if (!c) return NULL;
        a->last = c;
    }
    void *p = c->data + c->used;
    c->used += need;
    UNPOISON(p, size);
    memset(p, 0, size);
    return p;
}

static NORETURN void arena_exhausted(Arena *a, size_t n, size_t size)
{
    if (a->oom) a->oom(a->oom_data);
    BUG("no memory for %zu x %zu bytes", n, size);
}

void *arena_try(Arena *a, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total)) return NULL;
    return arena_bump(a, total);
}

void *arena_alloc(Arena *a, size_t size)
{
    void *p = arena_bump(a, size);
    if (UNLIKELY(!p)) arena_exhausted(a, 1, size);
    return p;
}

void *arena_alloc_n(Arena *a, size_t n, size_t size)
{
    void *p = arena_try(a, n, size);
    if (UNLIKELY(!p)) arena_exhausted(a, n, size);
    return p;
}

char *arena_strndup(Arena *a, const char *s, size_t n)
{
    if (n == SIZE_MAX) arena_exhausted(a, 1, n);
    char *p = arena_alloc(a, n + 1);
    if (n) memcpy(p, s, n);
    return p;
}

char *arena_strdup(Arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) BUG("bad format: %s", fmt);
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

ArenaMark arena_mark(Arena *a)
{
    return (ArenaMark){.chunk = a->last, .used = a->last->used};
}

void arena_release(Arena *a, ArenaMark mark)
{
    while (a->last != mark.chunk) {
        Chunk *c = a->last;
        if (!c->prev) BUG("released a mark of another arena");
        a->last = c->prev;
        chunk_free(c);
    }
    Chunk *c = a->last;
    ASSERT(mark.used <= c->used);
    c->used = mark.used;
    POISON(c->data + c->used, c->cap - c->used);
}
