/* SPDX-License-Identifier: Apache-2.0
 * Buffers. A small buffer of ours is one block: the Buf, then the data at the next
 * multiple of 64. A large one is a piece of huge pages (pages.h): the first touch of
 * fresh 4 KB pages costs five times what copying into them does. Bytes of ours are
 * counted in one atomic number, which is raised before memory is taken and compared
 * with the limit, so that several threads cannot pass it together.
 */
#include "array/buf.h"
#include "array/pages.h"
#include <stdlib.h>
#include <string.h>

enum { BUF_ALIGN = 64, MAP_FROM = 3 << 19 };

static _Atomic int64_t live_bytes, live_count;
static _Atomic int64_t limit = -1;

void buf_set_limit(int64_t bytes)
{
    atomic_store(&limit, bytes);
}

int64_t buf_limit(void)
{
    return atomic_load(&limit);
}

int64_t buf_live_bytes(void)
{
    return atomic_load(&live_bytes);
}

int64_t buf_live_count(void)
{
    return atomic_load(&live_count);
}

/* -- Counting against the limit -------------------------------------------------- */

Status mem_reserve(Cx *cx, size_t size)
{
    int64_t max = atomic_load_explicit(&limit, memory_order_relaxed);
    int64_t n = (int64_t)size;
    int64_t before = atomic_fetch_add_explicit(&live_bytes, n, memory_order_relaxed);
    if (LIKELY(max < 0 || before <= max - n)) return OK;
    atomic_fetch_sub_explicit(&live_bytes, n, memory_order_relaxed);
    return fail(cx, E_MEMORY,
                "%zu more bytes are needed beside %lld in use, but SHOAL_MEMORY allows "
                "%lld bytes on this rank",
                size, (long long)before, (long long)max);
}

void mem_unreserve(size_t size)
{
    atomic_fetch_sub_explicit(&live_bytes, (int64_t)size, memory_order_relaxed);
}

static Status no_memory(Cx *cx, size_t size)
{
    return fail(cx, E_MEMORY,
                "the system has no memory for %zu more bytes beside %lld in use "
                "(SHOAL_MEMORY sets a lower limit)",
                size, (long long)buf_live_bytes());
}

static uintptr_t align_up(uintptr_t p, size_t align)
{
    return (p + align - 1) & ~(uintptr_t)(align - 1);
}

/* -- Plain memory ---------------------------------------------------------------- */

/* What stands before the memory that mem_new gives: how it is to be returned. */
typedef struct PlainHead {
    size_t mapped; /* bytes from pages_take, 0: from malloc */
    uint8_t pad[BUF_ALIGN - sizeof(size_t)];
} PlainHead;

static void *plain_new(size_t size, bool zero)
{
    PlainHead *h;
    size_t mapped = 0, total;
    if (__builtin_add_overflow(size, sizeof *h, &total)) return NULL;
    if (total >= MAP_FROM)
        h = pages_take(total, zero, &mapped);
    else
        h = zero ? calloc(1, total) : malloc(total);
    if (!h) return NULL;
    h->mapped = mapped;
    return h + 1;
}

Status mem_new(Cx *cx, idx n, size_t size, bool zero, void *out)
{
    size_t total;
    memset(out, 0, sizeof(void *));
    if (n < 0 || __builtin_mul_overflow((size_t)n, size, &total) ||
        total > (size_t)PTRDIFF_MAX)
        return fail(cx, E_OVERFLOW, "%lld items of %zu bytes are too many",
                    (long long)n, size);
    if (total == 0) total = 1;
    int64_t max = atomic_load_explicit(&limit, memory_order_relaxed);
    if (UNLIKELY(max >= 0 && buf_live_bytes() > max - (int64_t)total))
        return fail(cx, E_MEMORY,
                    "%zu more bytes are needed beside %lld in use, but SHOAL_MEMORY "
                    "allows %lld bytes on this rank",
                    total, (long long)buf_live_bytes(), (long long)max);
    void *p = alloc_fails() ? NULL : plain_new(total, zero);
    if (!p) return no_memory(cx, total);
    memcpy(out, &p, sizeof p); /* out is a T **: no void ** may alias it */
    return OK;
}

void mem_free(void *p)
{
    if (!p) return;
    PlainHead *h = (PlainHead *)p - 1;
    if (h->mapped)
        pages_give(h, h->mapped);
    else
        free(h);
}

/* -- Buffers --------------------------------------------------------------------- */

/* Bytes that a buffer of ours of this size has behind data: at least one cache line. */
static size_t padded(size_t size)
{
    return size == 0 ? BUF_ALIGN : (size + BUF_ALIGN - 1) & ~(size_t)(BUF_ALIGN - 1);
}

/* Where the data of a large buffer stands in its piece. Pieces begin at multiples of a
 * huge page: if data did too, the same rows of two columns would have the same low bits
 * of their addresses, and a loop that writes one and reads the other takes the loads
 * for ones of what was just stored (12 % of a stencil's time). So data of buffers that
 * are made one after the other begins at other places, where the piece has room left.
 */
static size_t next_shift(size_t left)
{
    static _Atomic unsigned turn;
    size_t k = atomic_fetch_add_explicit(&turn, 1, memory_order_relaxed) % 4;
    size_t shift = k * (1024 + BUF_ALIGN);
    return shift <= left ? shift : 0;
}

static size_t shift_of(const Buf *b)
{
    return (uintptr_t)b->data & (HUGE_PAGE - 1);
}

/* A Buf whose data has room for this many bytes; NULL when there is no memory. */
static Buf *block_new(size_t room, bool zero)
{
    if (alloc_fails()) return NULL;
    if (room >= MAP_FROM) {
        Buf *b = calloc(1, sizeof *b);
        if (!b) return NULL;
        size_t shift = next_shift(-room & (HUGE_PAGE - 1));
        b->data = pages_take(room + shift, zero, &b->mapped);
        if (b->data) {
            b->data += shift;
            return b;
        }
        free(b);
        return NULL;
    }
    size_t total = sizeof(Buf) + BUF_ALIGN + room;
    Buf *b = zero ? calloc(1, total) : malloc(total);
    if (!b) return NULL;
    memset(b, 0, sizeof *b);
    uintptr_t begin = (uintptr_t)b, data = align_up(begin + sizeof *b, BUF_ALIGN);
    b->data = (uint8_t *)b + (data - begin);
    return b;
}

Status buf_new(Cx *cx, size_t size, bool zero, Buf **out)
{
    *out = NULL;
    if (size > (size_t)PTRDIFF_MAX / 2)
        return fail(cx, E_OVERFLOW, "a buffer of %zu bytes is too large", size);
    size_t room = padded(size);
    TRY(mem_reserve(cx, room));
    Buf *b = block_new(room, zero);
    if (!b) {
        mem_unreserve(room);
        return no_memory(cx, size);
    }
    b->size = size;
    atomic_init(&b->refs, 1);
    if (!zero) memset(b->data + size, 0, room - size);
    atomic_fetch_add_explicit(&live_count, 1, memory_order_relaxed);
    *out = b;
    return OK;
}

Status buf_borrow(Cx *cx, void *data, size_t size, bool readonly,
                  void (*release)(void *, void *), void *arg, Buf **out)
{
    ASSERT(release);
    *out = NULL;
    Buf *b = alloc_fails() ? NULL : malloc(sizeof *b);
    if (!b) return no_memory(cx, sizeof *b);
    b->data = data;
    b->size = size;
    b->release = release;
    b->release_arg = arg;
    b->mapped = 0;
    b->readonly = readonly;
    atomic_init(&b->refs, 1);
    atomic_fetch_add_explicit(&live_count, 1, memory_order_relaxed);
    *out = b;
    return OK;
}

bool buf_writable(const Buf *b)
{
    return !b || (!b->readonly && atomic_load(&b->refs) == 1);
}

/* Moves the pages of a large buffer under a larger mapping: no byte is copied. */
static Status grow_mapped(Cx *cx, Buf *b, size_t size)
{
    size_t more = padded(size) - padded(b->size);
    TRY(mem_reserve(cx, more));
    size_t shift = shift_of(b), whole = padded(size) + shift;
    if (whole > b->mapped) {
        size_t mapped;
        uint8_t *at = alloc_fails()
                          ? NULL
                          : pages_grow(b->data - shift, b->mapped, whole, &mapped);
        if (!at) {
            mem_unreserve(more);
            return no_memory(cx, size);
        }
        b->data = at + shift;
        b->mapped = mapped;
    }
    memset(b->data + size, 0, padded(size) - size);
    b->size = size;
    return OK;
}

Status buf_grow(Cx *cx, Buf **b, size_t size)
{
    Buf *old = *b, *grown;
    ASSERT(!old->release && buf_writable(old));
    if (size <= old->size) return OK;
    if (size > (size_t)PTRDIFF_MAX / 2)
        return fail(cx, E_OVERFLOW, "a buffer of %zu bytes is too large", size);
    if (old->mapped) return grow_mapped(cx, old, size);
    TRY(buf_new(cx, size, false, &grown));
    memcpy(grown->data, old->data, old->size);
    buf_unref(old);
    *b = grown;
    return OK;
}

Buf *buf_ref(Buf *b)
{
    if (b) atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void buf_unref(Buf *b)
{
    if (!b || atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1) return;
    atomic_fetch_sub_explicit(&live_count, 1, memory_order_relaxed);
    if (b->release)
        b->release(b->data, b->release_arg);
    else
        mem_unreserve(padded(b->size));
    if (b->mapped) pages_give(b->data - shift_of(b), b->mapped);
    free(b);
}
