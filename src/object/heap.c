/* SPDX-License-Identifier: Apache-2.0
 * Blocks up to SMALL bytes are rounded up to a multiple of 16 and cut from chunks;
 * freed ones wait in a list per size. Larger ones stand in a list of the call, each
 * behind a header of its own. Under the address sanitizer every block stands by itself,
 * so that it sees what is used after its end or beyond it.
 */
#include "object/object.h"

#include "array/buf.h"
#include "base/asan.h"

#include <stdatomic.h>
#include <string.h>

enum {
    SMALL = SHOAL_ASAN ? 0 : 1024,
    CLASSES = SMALL / 16 + 2,
    CHUNK = 64 << 10,
    FIRST_CHUNK = 4 << 10
};

typedef struct Free {
    struct Free *next;
} Free;

typedef struct Big {
    struct Big *prev, *next;
    size_t size; /* of the whole block, counted */
    size_t pad;
} Big;

typedef struct Chunk {
    struct Chunk *next;
    size_t size;
} Chunk;

typedef struct Note {
    const void *key, *value;
    struct Note *next;
} Note;

enum { NOTES = 64 };

struct ObjHeap {
    Free *free[CLASSES];
    uint8_t *at, *end; /* of the newest chunk */
    Chunk *chunk;
    Note *note[NOTES];
    Big big;       /* head of the ring of large blocks */
    RowsLink rows; /* and of that of containers whose elements hold arrays */
    Obj *waiting;  /* to be freed, each with the next one in place of its count */
    bool frees;    /* somebody frees what waits */
    int64_t live, nodes, numbered, nkept, room;
    void **kept; /* nodes of the arguments */
    size_t bytes, peak;
};

static _Atomic int64_t last_live, last_nodes, last_peak, heaps;

static Status block_new(Cx *cx, size_t size, void *out)
{
    TRY(mem_reserve(cx, size));
    Status st = mem_new(cx, (idx)size, 1, false, out);
    if (st) mem_unreserve(size);
    return st;
}

static Status heap_open(Cx *cx)
{
    ObjHeap *h;
    TRY(mem_new(cx, 1, sizeof *h, true, &h));
    h->big.prev = h->big.next = &h->big;
    h->rows.prev = h->rows.next = &h->rows;
    cx->objects = h;
    atomic_fetch_add_explicit(&heaps, 1, memory_order_relaxed);
    return OK;
}

static void count(ObjHeap *h, size_t more)
{
    h->bytes += more;
    if (h->bytes > h->peak) h->peak = h->bytes;
}

static Status chunk_new(Cx *cx, ObjHeap *h)
{
    Chunk *c;
    size_t size = h->chunk ? CHUNK : FIRST_CHUNK;
    TRY(block_new(cx, size, &c));
    c->next = h->chunk;
    c->size = size;
    h->chunk = c;
    h->at = (uint8_t *)c + sizeof *c;
    h->end = (uint8_t *)c + size;
    return OK;
}

static Status big_new(Cx *cx, ObjHeap *h, size_t size, void **out)
{
    Big *b;
    size_t whole = size + sizeof *b;
    if (size > (size_t)PTRDIFF_MAX / 4)
        return fail(cx, E_MEMORY, "no memory for an object of %zu bytes", size);
    TRY(block_new(cx, whole, &b));
    b->size = whole;
    b->next = h->big.next;
    b->prev = &h->big;
    b->next->prev = b;
    h->big.next = b;
    *out = b + 1;
    return OK;
}

/* Elements without size need no memory, but a free block holds a pointer. */
static size_t class_of(size_t size)
{
    return size ? (size + 15) / 16 : 1;
}

Status heap_new(Cx *cx, size_t size, void *out)
{
    void **to = out;
    if (!cx->objects) TRY(heap_open(cx));
    ObjHeap *h = cx->objects;
    if (size > SMALL) {
        TRY(big_new(cx, h, size, to));
        count(h, size);
        h->live++;
        return OK;
    }
    size_t k = class_of(size), round = 16 * k;
    if (h->free[k]) {
        *to = h->free[k];
        h->free[k] = h->free[k]->next;
    } else {
        if ((size_t)(h->end - h->at) < round) TRY(chunk_new(cx, h));
        *to = h->at;
        h->at += round;
    }
    count(h, round);
    h->live++;
    return OK;
}

void heap_free(Cx *cx, void *p, size_t size)
{
    ObjHeap *h = cx->objects;
    if (!p) return;
    h->live--;
    if (size > SMALL) {
        Big *b = (Big *)p - 1;
        b->prev->next = b->next;
        b->next->prev = b->prev;
        h->bytes -= size;
        mem_unreserve(b->size);
        mem_free(b);
        return;
    }
    size_t k = class_of(size);
    Free *f = p;
    f->next = h->free[k];
    h->free[k] = f;
    h->bytes -= 16 * k;
}

Status heap_grow(Cx *cx, void *p, size_t old, size_t keep, size_t size, void *out)
{
    void **to = out, *more;
    TRY(heap_new(cx, size, &more));
    if (keep) memcpy(more, p, keep);
    heap_free(cx, p, old);
    *to = more;
    return OK;
}

void heap_link(Cx *cx, RowsLink *l, Obj *of)
{
    RowsLink *head = &cx->objects->rows;
    *l = (RowsLink){.prev = head, .next = head->next, .of = of};
    head->next->prev = l;
    head->next = l;
}

bool heap_wait(Cx *cx, Obj *o)
{
    ObjHeap *h = cx->objects;
    bool was = h->frees;
    memcpy(&o->refs, &h->waiting, sizeof o->refs);
    h->waiting = o;
    h->frees = true;
    return was;
}

Obj *heap_waiting(Cx *cx)
{
    ObjHeap *h = cx->objects;
    Obj *o = h->waiting;
    h->frees = o != NULL;
    if (o) memcpy(&h->waiting, &o->refs, sizeof o->refs);
    return o;
}

void heap_clear(Cx *cx)
{
    ObjHeap *h = cx->objects;
    if (!h) return;
    atomic_store(&last_live, heap_left(cx));
    atomic_store(&last_nodes, h->nodes);
    atomic_store(&last_peak, (int64_t)h->peak);
    for (RowsLink *l = h->rows.next; l != &h->rows; l = l->next)
        obj_drop_arrays(l->of);
    while (h->big.next != &h->big) {
        Big *b = h->big.next;
        h->big.next = b->next;
        mem_unreserve(b->size);
        mem_free(b);
    }
    while (h->chunk) {
        Chunk *c = h->chunk;
        h->chunk = c->next;
        mem_unreserve(c->size);
        mem_free(c);
    }
    mem_free(h);
    cx->objects = NULL;
    atomic_fetch_sub_explicit(&heaps, 1, memory_order_relaxed);
}

int64_t heap_live(const Cx *cx)
{
    const ObjHeap *h = cx->objects;
    return h ? h->live : 0;
}

int64_t heap_left(const Cx *cx)
{
    const ObjHeap *h = cx->objects;
    return h && !h->nodes ? h->live : 0;
}

Status heap_keep_node(Cx *cx, void *node, int64_t *number)
{
    ObjHeap *h = cx->objects;
    if (h->nkept == h->room) {
        int64_t more = 2 * h->room + 16;
        TRY(heap_grow(cx, h->kept, (size_t)h->room * sizeof node,
                      (size_t)h->nkept * sizeof node, (size_t)more * sizeof node,
                      &h->kept));
        h->room = more;
    }
    h->kept[h->nkept++] = node;
    *number = ++h->numbered;
    return OK;
}

void *heap_kept(const Cx *cx, int64_t i)
{
    const ObjHeap *h = cx->objects;
    return h && i >= 0 && i < h->nkept ? h->kept[i] : NULL;
}

int64_t heap_nkept(const Cx *cx)
{
    return cx->objects ? cx->objects->nkept : 0;
}

int64_t heap_number(Cx *cx)
{
    return ++cx->objects->numbered;
}

void heap_count_node(Cx *cx, int more)
{
    cx->objects->nodes += more;
}

int64_t heaps_open(void)
{
    return atomic_load(&heaps);
}

int64_t heap_last_live(void)
{
    return atomic_load(&last_live);
}

int64_t heap_last_nodes(void)
{
    return atomic_load(&last_nodes);
}

int64_t heap_last_peak(void)
{
    return atomic_load(&last_peak);
}

static size_t note_row(const void *key)
{
    return ((uintptr_t)key >> 4) % NOTES;
}

const void *heap_note(const Cx *cx, const void *key)
{
    const ObjHeap *h = cx->objects;
    if (!h) return NULL;
    for (const Note *n = h->note[note_row(key)]; n; n = n->next)
        if (n->key == key) return n->value;
    return NULL;
}

Status heap_set_note(Cx *cx, const void *key, const void *value)
{
    Note *n;
    TRY(heap_new(cx, sizeof *n, &n));
    Note **at = &cx->objects->note[note_row(key)];
    *n = (Note){key, value, *at};
    *at = n;
    return OK;
}

void heap_forget(Cx *cx, int64_t n)
{
    cx->objects->live -= n;
}
