/* SPDX-License-Identifier: Apache-2.0
 * A short list of kept mappings under one lock. A request takes the smallest piece that
 * is large enough, cut to size; else it is put together: the pages of kept pieces are
 * moved (mremap) under one new range of addresses, and only what is missing then is
 * fresh. Neighbours in the list are joined when they are given back.
 *
 * A piece that was put together consists of several mappings of the kernel, which not
 * all kernels move in one step. Their bounds lie at multiples of HUGE_PAGE, so pieces
 * are moved by one huge page after the other.
 */
#include "array/pages.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

enum { SLOTS = 256, CALLS = 8 };

typedef struct Piece {
    uint8_t *p;
    size_t size;
} Piece;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Piece kept[SLOTS];
static int nkept;
static size_t kept_bytes, keep_most = SIZE_MAX / 2;
static size_t used_bytes, used_most; /* now, and at most since pages_settle() */
static size_t call_most[CALLS];      /* used_most of the last calls */
static int call_at;

/* A fresh mapping of size bytes, a multiple of HUGE_PAGE, at such a multiple. */
static uint8_t *map_new(size_t size)
{
    uint8_t *p = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return NULL;
    size_t before = (size_t)(-(uintptr_t)p & (HUGE_PAGE - 1)),
           behind = HUGE_PAGE - before;
    if (before) munmap(p, before);
    if (behind) munmap(p + before + size, behind);
    madvise(p + before, size, MADV_HUGEPAGE); /* a wish: the kernel may have none */
    return p + before;
}

/* Moves pages to `to`, a mapping as large, which they replace. One huge page at a time:
 * no two of the kernel's mappings meet inside of one, and the kernel joins what fits. A
 * page that it does not move (too many mappings) is copied. */
static void move_pages(uint8_t *from, uint8_t *to, size_t size)
{
    for (size_t at = 0; at < size; at += HUGE_PAGE) {
        if (mremap(from + at, HUGE_PAGE, HUGE_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                   to + at) != MAP_FAILED)
            continue;
        /* A failed move may have unmapped its target. */
        if (mmap(to + at, HUGE_PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                 0) == MAP_FAILED)
            BUG("no mapping for a page that was mapped");
        memcpy(to + at, from + at, HUGE_PAGE);
        munmap(from + at, HUGE_PAGE);
    }
}

/* -- The list: all under the lock -------------------------------------------------- */

static void remove_at(int i)
{
    kept_bytes -= kept[i].size;
    kept[i] = kept[--nkept];
}

static void unmap_at(int i)
{
    munmap(kept[i].p, kept[i].size);
    remove_at(i);
}

static void shrink_to(size_t bytes)
{
    while (nkept && kept_bytes > bytes) {
        Piece *last = &kept[nkept - 1];
        size_t over = kept_bytes - bytes, cut = over & ~(size_t)(HUGE_PAGE - 1);
        if (cut < over) cut += HUGE_PAGE;
        if (cut >= last->size) {
            unmap_at(nkept - 1);
            continue;
        }
        last->size -= cut;
        kept_bytes -= cut;
        munmap(last->p + last->size, cut);
    }
}

/* The front of piece i. */
static uint8_t *cut_at(int i, size_t size)
{
    uint8_t *p = kept[i].p;
    if (kept[i].size == size) {
        remove_at(i);
        return p;
    }
    kept[i].p += size;
    kept[i].size -= size;
    kept_bytes -= size;
    return p;
}

static int best_fit(size_t size)
{
    int best = -1;
    for (int i = 0; i < nkept; i++)
        if (kept[i].size >= size && (best < 0 || kept[i].size < kept[best].size))
            best = i;
    return best;
}

/* Pages of kept pieces under the addresses from `to` on; bytes that were filled. */
static size_t fill_from_kept(uint8_t *to, size_t size)
{
    size_t at = 0;
    while (at < size && nkept) {
        size_t n = kept[nkept - 1].size;
        if (n > size - at) n = size - at;
        move_pages(cut_at(nkept - 1, n), to + at, n);
        at += n;
    }
    return at;
}

/* Joins a piece to one that ends where it begins or begins where it ends. */
static void put(Piece new)
{
    for (int i = 0; i < nkept; i++) {
        bool before = kept[i].p + kept[i].size == new.p,
             behind = new.p + new.size == kept[i].p;
        if (!before && !behind) continue;
        if (before) new.p = kept[i].p;
        new.size += kept[i].size;
        remove_at(i);
        i = -1; /* the joined piece may have another neighbour */
    }
    if (nkept == SLOTS) {
        int least = 0;
        for (int i = 1; i < nkept; i++)
            if (kept[i].size < kept[least].size) least = i;
        unmap_at(least);
    }
    kept[nkept++] = new;
    kept_bytes += new.size;
}

static void use(size_t size)
{
    used_bytes += size;
    if (used_bytes > used_most) used_most = used_bytes;
}

/* -- Taking and giving ------------------------------------------------------------- */

/* *dirty: bytes at its start that were in use before. */
static uint8_t *take(size_t size, size_t *dirty)
{
    int i = best_fit(size);
    *dirty = i >= 0 ? size : 0;
    if (i >= 0) return cut_at(i, size);
    uint8_t *p = map_new(size);
    if (p) *dirty = fill_from_kept(p, size);
    return p;
}

void *pages_take(size_t size, bool zero, size_t *got)
{
    if (size > PTRDIFF_MAX / 2) return NULL;
    size_t want = size, dirty;
    size = (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    pthread_mutex_lock(&lock);
    uint8_t *p = take(size, &dirty);
    if (p) use(size);
    pthread_mutex_unlock(&lock);
    if (!p) return NULL;
    if (zero) memset(p, 0, dirty < want ? dirty : want);
    *got = size;
    return p;
}

void *pages_grow(void *p, size_t have, size_t size, size_t *got)
{
    if (size > PTRDIFF_MAX / 2) return NULL;
    size = (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    uint8_t *at = map_new(size);
    if (!at) return NULL;
    move_pages(p, at, have);
    pthread_mutex_lock(&lock);
    fill_from_kept(at + have, size - have);
    use(size - have);
    pthread_mutex_unlock(&lock);
    *got = size;
    return at;
}

void pages_give(void *p, size_t size)
{
    pthread_mutex_lock(&lock);
    used_bytes -= size;
    put((Piece){p, size});
    shrink_to(keep_most);
    pthread_mutex_unlock(&lock);
}

void pages_keep(size_t bytes)
{
    pthread_mutex_lock(&lock);
    keep_most = bytes;
    shrink_to(bytes);
    pthread_mutex_unlock(&lock);
}

void pages_settle(void)
{
    pthread_mutex_lock(&lock);
    size_t most = 0;
    call_most[call_at++ % CALLS] = used_most;
    for (int i = 0; i < CALLS; i++)
        if (call_most[i] > most) most = call_most[i];
    shrink_to(most > used_bytes ? most - used_bytes : 0);
    used_most = used_bytes;
    pthread_mutex_unlock(&lock);
}

void pages_trim(void)
{
    pthread_mutex_lock(&lock);
    shrink_to(0);
    pthread_mutex_unlock(&lock);
}

size_t pages_kept(void)
{
    pthread_mutex_lock(&lock);
    size_t n = kept_bytes;
    pthread_mutex_unlock(&lock);
    return n;
}
