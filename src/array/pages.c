/* SPDX-License-Identifier: Apache-2.0
 * A short list of kept mappings under one lock, newest last. A request takes the
 * smallest one that is large enough without wasting more than a quarter; when the list
 * is full or holds more than it may, the oldest go back to the system.
 */
#include "array/pages.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

enum { SLOTS = 128 };

typedef struct Piece {
    uint8_t *p;
    size_t size;
} Piece;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Piece kept[SLOTS];
static int nkept;
static size_t kept_bytes, keep_most = (size_t)1 << 30;

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

static void remove_at(int i)
{
    kept_bytes -= kept[i].size;
    memmove(&kept[i], &kept[i + 1], (size_t)(nkept - i - 1) * sizeof *kept);
    nkept--;
}

/* The oldest go until `more` further bytes and one more piece fit. */
static void make_room(size_t more)
{
    while (nkept && (nkept == SLOTS || kept_bytes + more > keep_most)) {
        munmap(kept[0].p, kept[0].size);
        remove_at(0);
    }
}

static uint8_t *take_kept(size_t size, size_t *got)
{
    int best = -1;
    for (int i = 0; i < nkept; i++) {
        bool fits = kept[i].size >= size && kept[i].size - size <= size / 4;
        if (fits && (best < 0 || kept[i].size < kept[best].size)) best = i;
    }
    if (best < 0) return NULL;
    uint8_t *p = kept[best].p;
    *got = kept[best].size;
    remove_at(best);
    return p;
}

void *pages_take(size_t size, bool zero, size_t *got)
{
    if (size > PTRDIFF_MAX / 2) return NULL;
    size = (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    pthread_mutex_lock(&lock);
    uint8_t *p = take_kept(size, got);
    pthread_mutex_unlock(&lock);
    if (p) {
        if (zero) memset(p, 0, *got);
        return p;
    }
    *got = size;
    p = map_new(size);
    if (p) return p;
    pages_trim(); /* what is kept may be what is missing */
    return map_new(size);
}

void *pages_grow(void *p, size_t have, size_t size, size_t *got)
{
    if (size > PTRDIFF_MAX / 2) return NULL;
    size = (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
    uint8_t *at = map_new(size);
    if (!at) return NULL;
    if (mremap(p, have, size, MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED) {
        munmap(at, size);
        return NULL;
    }
    *got = size;
    return at;
}

void pages_give(void *p, size_t size)
{
    pthread_mutex_lock(&lock);
    bool keep = size <= keep_most / 2;
    if (keep) {
        make_room(size);
        kept[nkept++] = (Piece){p, size};
        kept_bytes += size;
    }
    pthread_mutex_unlock(&lock);
    if (!keep) munmap(p, size);
}

void pages_keep(size_t bytes)
{
    pthread_mutex_lock(&lock);
    keep_most = bytes;
    make_room(0);
    pthread_mutex_unlock(&lock);
}

void pages_trim(void)
{
    pthread_mutex_lock(&lock);
    while (nkept) {
        munmap(kept[nkept - 1].p, kept[nkept - 1].size);
        remove_at(nkept - 1);
    }
    pthread_mutex_unlock(&lock);
}
