/* SPDX-License-Identifier: Apache-2.0
 * Open addressing with linear probing, at most half full. A slot holds a number (plus
 * one) and 32 bits of the text's hash, so texts are compared only when they are almost
 * surely equal. Texts lie one after the other in one pool. Rows are looked up a batch
 * at a time: hash all and prefetch their slots, then resolve.
 *
 *     slot   number + 1 (32) | low hash bits (32); 0: empty. Place: the hash's high
 * bits
 */
#include "kernel/strtab.h"
#include "base/hash.h"
#include "kernel/kernel.h"

struct StrTab {
    Buf *slot_buf, *off_buf, *hash_buf, *pool_buf;
    uint64_t *slot;
    int shift;      /* 64 - log2(number of slots) */
    idx count, cap; /* texts, and for how many off and hash have room */
    idx used, room; /* bytes of the pool */
    int64_t *off;   /* text i is pool[off[i] .. off[i + 1]) */
    uint64_t *hash; /* of each text */
    uint8_t *pool;
};

enum { FIRST_SLOTS_LOG = 10, FIRST_TEXTS = 256 };

/* Texts of the same length n. */
static inline bool text_equal(const uint8_t *p, const uint8_t *q, idx n)
{
    if (n > 16) return memcmp(p, q, (size_t)n) == 0;
    if (n >= 8) {
        uint64_t a, b, c, d;
        memcpy(&a, p, 8), memcpy(&b, q, 8);
        memcpy(&c, p + n - 8, 8), memcpy(&d, q + n - 8, 8);
        return ((a ^ b) | (c ^ d)) == 0;
    }
    if (n >= 4) {
        uint32_t a, b, c, d;
        memcpy(&a, p, 4), memcpy(&b, q, 4);
        memcpy(&c, p + n - 4, 4), memcpy(&d, q + n - 4, 4);
        return ((a ^ b) | (c ^ d)) == 0;
    }
    for (idx i = 0; i < n; i++)
        if (p[i] != q[i]) return false;
    return true;
}

static Status make_slots(Cx *cx, StrTab *t, int log)
{
    Buf *b;
    TRY(buf_new(cx, sizeof(uint64_t) << log, true, &b));
    buf_unref(t->slot_buf);
    t->slot_buf = b;
    t->slot = (uint64_t *)(void *)b->data;
    t->shift = 64 - log;
    uint64_t mask = ((uint64_t)1 << log) - 1;
    for (idx i = 0; i < t->count; i++) {
        uint64_t p = t->hash[i] >> t->shift;
        while (t->slot[p])
            p = (p + 1) & mask;
        t->slot[p] = (uint64_t)(i + 1) << 32 | (uint32_t)t->hash[i];
    }
    return OK;
}

static Status grow_texts(Cx *cx, StrTab *t, idx cap)
{
    TRY(buf_grow(cx, &t->off_buf, (size_t)(cap + 1) * sizeof *t->off));
    t->off = (int64_t *)(void *)t->off_buf->data;
    TRY(buf_grow(cx, &t->hash_buf, (size_t)cap * sizeof *t->hash));
    t->hash = (uint64_t *)(void *)t->hash_buf->data;
    t->cap = cap;
    return OK;
}

/* Room for n more texts: nothing moves while a batch is resolved but the pool. */
static Status reserve(Cx *cx, StrTab *t, idx n)
{
    idx want = t->count + n, slots = (idx)1 << (64 - t->shift);
    if (want >= STR_ABSENT)
        return fail(cx, E_OVERFLOW, "more than 4e9 different texts on one rank");
    if (want > t->cap) TRY(grow_texts(cx, t, idx_max(2 * t->cap, want)));
    if (2 * want <= slots) return OK;
    int log = 64 - t->shift;
    while (((idx)1 << log) < 2 * want)
        log++;
    return make_slots(cx, t, slots < (1 << 20) ? log + 1 : log);
}

static Status start(Cx *cx, StrTab *t)
{
    TRY(buf_new(cx, sizeof(int64_t) * (FIRST_TEXTS + 1), false, &t->off_buf));
    TRY(buf_new(cx, sizeof(uint64_t) * FIRST_TEXTS, false, &t->hash_buf));
    TRY(buf_new(cx, 4096, false, &t->pool_buf));
    t->pool = t->pool_buf->data;
    t->room = 4096;
    TRY(grow_texts(cx, t, FIRST_TEXTS));
    t->off[0] = 0;
    return make_slots(cx, t, FIRST_SLOTS_LOG);
}

Status strtab_new(Cx *cx, StrTab **out)
{
    StrTab *t;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *t, true, &t));
    Status st = start(cx, t);
    if (st)
        strtab_free(t);
    else
        *out = t;
    return st;
}

void strtab_free(StrTab *t)
{
    if (!t) return;
    buf_unref(t->slot_buf);
    buf_unref(t->off_buf);
    buf_unref(t->hash_buf);
    buf_unref(t->pool_buf);
    mem_free(t);
}

idx strtab_count(const StrTab *t)
{
    return t->count;
}

const uint8_t *strtab_text(const StrTab *t, idx i, idx *n)
{
    *n = t->off[i + 1] - t->off[i];
    return t->pool + t->off[i];
}

/* Appends a text that is not there at an empty slot. Room is reserved but in the pool.
 */
static Status append(Cx *cx, StrTab *t, uint64_t slot, uint64_t hash, const uint8_t *s,
                     idx n)
{
    if (n > t->room - t->used) {
        idx room;
        if (__builtin_add_overflow(idx_max(2 * t->room, t->used), n, &room))
            return fail(cx, E_OVERFLOW, "the texts of the keys are too long");
        TRY(buf_grow(cx, &t->pool_buf, (size_t)room));
        t->pool = t->pool_buf->data;
        t->room = room;
    }
    if (n) memcpy(t->pool + t->used, s, (size_t)n);
    t->used += n;
    t->hash[t->count] = hash;
    t->slot[slot] = (uint64_t)++t->count << 32 | (uint32_t)hash;
    t->off[t->count] = t->used;
    return OK;
}

static inline Status resolve(Cx *cx, StrTab *t, uint64_t hash, const uint8_t *s, idx n,
                             bool add, uint32_t *id)
{
    uint64_t mask = ((uint64_t)1 << (64 - t->shift)) - 1, p = hash >> t->shift;
    for (;; p = (p + 1) & mask) {
        uint64_t slot = t->slot[p];
        if (slot == 0) break;
        if ((uint32_t)slot != (uint32_t)hash) continue;
        idx i = (idx)(slot >> 32) - 1;
        if (t->off[i + 1] - t->off[i] == n && text_equal(t->pool + t->off[i], s, n)) {
            *id = (uint32_t)i;
            return OK;
        }
    }
    *id = add ? (uint32_t)t->count : STR_ABSENT;
    return add ? append(cx, t, p, hash, s, n) : OK;
}

Status strtab_one(Cx *cx, StrTab *t, const uint8_t *s, idx n, bool add, uint32_t *id)
{
    if (add) TRY(reserve(cx, t, 1));
    return resolve(cx, t, hash_bytes(s, (size_t)n, 0), s, n, add, id);
}

Status strtab_rows(Cx *cx, StrTab *t, const Array *a, idx first, idx n,
                   const uint8_t *miss, bool add, uint32_t *id)
{
    uint64_t hash[BATCH];
    const int64_t *off = a->off + first;

    if (add) TRY(reserve(cx, t, n));
    for (idx i = 0; i < n; i++) {
        hash[i] = hash_bytes(a->bytes + off[i], (size_t)(off[i + 1] - off[i]), 0);
        __builtin_prefetch(&t->slot[hash[i] >> t->shift]);
    }
    for (idx i = 0; i < n; i++) {
        if (miss && miss[i])
            id[i] = 0;
        else
            TRY(resolve(cx, t, hash[i], a->bytes + off[i], off[i + 1] - off[i], add,
                        &id[i]));
    }
    return OK;
}

Status strtab_array(Cx *cx, const StrTab *t, Array **out)
{
    TRY(array_new_str(cx, t->count, t->used, out));
    memcpy((*out)->off, t->off, (size_t)(t->count + 1) * sizeof *t->off);
    if (t->used) memcpy((*out)->bytes, t->pool, (size_t)t->used);
    return OK;
}
