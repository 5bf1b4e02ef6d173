/* SPDX-License-Identifier: Apache-2.0
 * Dicts and sets: entries in order of insertion, and an index of open addressing that
 * holds their numbers. A deleted entry keeps its place with hash 0 until the table is
 * rebuilt; its index slot goes on pointing at it, so that probing passes over it.
 */
#include "object/object.h"

#include "base/bytes.h"
#include "base/hash.h"

#include <string.h>

static const ObjType *key_type(const Dict *d)
{
    return d->obj.type->item[0];
}

static const ObjType *val_type(const Dict *d)
{
    return d->obj.type->kind == OK_DICT ? d->obj.type->item[1] : NULL;
}

static uint8_t *key_at(const Dict *d, int64_t i)
{
    return entry_at(d, i) + d->obj.type->key_at;
}

static uint8_t *val_at(const Dict *d, int64_t i)
{
    return entry_at(d, i) + d->obj.type->val_at;
}

static bool is_word(const ObjType *t)
{
    return t->kind == OK_SCALAR && t->size == 8 && t->dt != DT_F64 && t->dt != DT_C64;
}

static uint64_t key_hash(const Dict *d, const void *key)
{
    const ObjType *t = key_type(d);
    uint64_t h;
    if (is_word(t)) {
        memcpy(&h, key, sizeof h);
        h = hash_mix(h + 1);
    } else {
        h = elem_hash(t, key);
    }
    return h | (UINT64_C(1) << 63); /* never 0 */
}

Status dict_new(Cx *cx, const ObjType *t, int64_t cap, Dict **out)
{
    Dict *d;
    (void)cap;
    TRY(obj_new(cx, t, sizeof *d, &d));
    d->mask = -1;
    *out = d;
    return OK;
}

static bool key_eq(const ObjType *t, const uint8_t *p, const void *key)
{
    if (t->kind == OK_TEXT) {
        Text3 a, b;
        memcpy(&a, p, sizeof a);
        memcpy(&b, key, sizeof b);
        return a.n == b.n && (a.n <= 0 || bytes_eq(a.p, b.p, (size_t)a.n));
    }
    if (!is_word(t)) return elem_eq(t, p, key);
    int64_t a, b;
    memcpy(&a, p, sizeof a);
    memcpy(&b, key, sizeof b);
    return a == b;
}

static bool entry_is(const Dict *d, int64_t i, const void *key, uint64_t h)
{
    const uint8_t *e = entry_at(d, i);
    return entry_hash(e) == h && key_eq(key_type(d), e + d->obj.type->key_at, key);
}

static int64_t find_hash(const Dict *d, const void *key, uint64_t h)
{
    if (d->mask < 0) return -1;
    if (d->last < d->used && entry_is(d, d->last, key, h)) return d->last;
    for (int64_t i = (int64_t)h & d->mask;; i = (i + 1) & d->mask) {
        uint64_t slot = d->index[i];
        int64_t e = (int64_t)(uint32_t)slot - 1;
        if (slot == 0) return -1;
        if ((slot ^ h) >> 32 == 0 && entry_is(d, e, key, h)) return e;
    }
}

int64_t dict_find(const Dict *d, const void *key)
{
    return find_hash(d, key, key_hash(d, key));
}

int64_t dict_lookup(Dict *d, const void *key)
{
    int64_t i = dict_find(d, key);
    if (i >= 0) d->last = i;
    return i;
}

static void index_add(Dict *d, uint64_t h, int64_t entry)
{
    int64_t i = (int64_t)h & d->mask;
    while (d->index[i])
        i = (i + 1) & d->mask;
    d->index[i] = (h >> 32 << 32) | (uint32_t)(entry + 1);
}

/* Moves the entries that are there to the front of `to`. */
static void compact(Dict *d, uint8_t *to)
{
    uint32_t stride = d->obj.type->stride;
    int64_t k = 0;
    for (int64_t i = 0; i < d->used; i++) {
        if (!entry_hash(entry_at(d, i))) continue;
        memmove(to + k * (int64_t)stride, entry_at(d, i), stride);
        k++;
    }
}

/* Room for at least one more entry. */
static Status grow(Cx *cx, Dict *d)
{
    uint32_t stride = d->obj.type->stride;
    int64_t slots = 8;
    while (slots * 2 < (d->n + 1) * 5) /* at most 2/3 full after half as many again */
        slots *= 2;
    if (slots > UINT32_MAX)
        return fail(cx, E_MEMORY, "a dict of %lld entries is too large",
                    (long long)d->n);
    int64_t cap = slots * 2 / 3;
    uint8_t *data;
    uint64_t *index;
    TRY(heap_new(cx, (size_t)cap * stride, &data));
    TRY(heap_new(cx, (size_t)slots * sizeof *index, &index));
    compact(d, data);
    heap_free(cx, d->data, (size_t)d->cap * stride);
    heap_free(cx, d->index, (size_t)(d->mask + 1) * sizeof *index);
    memset(index, 0, (size_t)slots * sizeof *index);
    d->data = data;
    d->index = index;
    d->cap = cap;
    d->mask = slots - 1;
    d->used = d->n;
    for (int64_t i = 0; i < d->n; i++)
        index_add(d, entry_hash(entry_at(d, i)), i);
    return OK;
}

Status dict_place(Cx *cx, Dict *d, const void *key, int64_t *entry, bool *fresh)
{
    uint64_t h = key_hash(d, key);
    *entry = find_hash(d, key, h);
    *fresh = *entry < 0;
    if (!*fresh) return OK;
    if (d->used == d->cap) TRY(grow(cx, d));
    int64_t i = d->used;
    uint8_t *e = entry_at(d, i);
    memset(e, 0, d->obj.type->stride);
    TRY(elem_keep(cx, key_type(d), e + d->obj.type->key_at, key));
    memcpy(e, &h, sizeof h);
    index_add(d, h, i);
    d->used++;
    d->n++;
    *entry = i;
    return OK;
}

Status dict_put(Cx *cx, Dict *d, const void *key, const void *val)
{
    int64_t i;
    bool fresh;
    TRY(dict_place(cx, d, key, &i, &fresh));
    const ObjType *t = val_type(d);
    if (!t) return OK;
    uint8_t old[256], *at = val_at(d, i);
    if (!t->counted || fresh) return elem_keep(cx, t, at, val);
    if (t->size > sizeof old) { /* rare: wide tuples */
        elem_unref(cx, t, at);
        return elem_keep(cx, t, at, val);
    }
    memcpy(old, at, t->size);
    TRY(elem_keep(cx, t, at, val)); /* before the old one goes: it may hold val */
    elem_unref(cx, t, old);
    return OK;
}

static void entry_unref(Cx *cx, Dict *d, int64_t i)
{
    const ObjType *v = val_type(d);
    elem_unref(cx, key_type(d), key_at(d, i));
    if (v) elem_unref(cx, v, val_at(d, i));
}

void dict_remove(Cx *cx, Dict *d, int64_t entry)
{
    uint64_t none = 0;
    entry_unref(cx, d, entry);
    memcpy(entry_at(d, entry), &none, sizeof none);
    d->n--;
}

void dict_clear(Cx *cx, Dict *d)
{
    const ObjType *v = val_type(d);
    if (key_type(d)->counted || (v && v->counted))
        for (int64_t i = 0; i < d->used; i++)
            if (entry_hash(entry_at(d, i))) entry_unref(cx, d, i);
    heap_free(cx, d->data, (size_t)d->cap * d->obj.type->stride);
    heap_free(cx, d->index, (size_t)(d->mask + 1) * sizeof *d->index);
    d->data = NULL;
    d->index = NULL;
    d->n = d->used = d->cap = 0;
    d->mask = -1;
}

int64_t dict_next(const Dict *d, int64_t i)
{
    while (i < d->used && !entry_hash(entry_at(d, i)))
        i++;
    return i;
}

Status dict_update(Cx *cx, Dict *d, const Dict *from)
{
    if (d == from) return OK;
    for (int64_t i = dict_next(from, 0); i < from->used; i = dict_next(from, i + 1))
        TRY(dict_put(cx, d, key_at(from, i), val_type(d) ? val_at(from, i) : NULL));
    return OK;
}

Status dict_copy(Cx *cx, const Dict *d, Dict **out)
{
    TRY(dict_new(cx, d->obj.type, d->n, out));
    return dict_update(cx, *out, d);
}

bool dict_eq(const Dict *a, const Dict *b)
{
    if (a == b) return true;
    if (a->n != b->n) return false;
    for (int64_t i = dict_next(a, 0); i < a->used; i = dict_next(a, i + 1)) {
        int64_t k = dict_find(b, key_at(a, i));
        if (k < 0) return false;
        if (val_type(a) && !elem_eq(val_type(a), val_at(a, i), val_at(b, k)))
            return false;
    }
    return true;
}

Status dict_list(Cx *cx, const Dict *d, char what, const ObjType *t, List **out)
{
    TRY(list_new(cx, t, d->n, out));
    const ObjType *e = t->item[0];
    for (int64_t i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
        uint8_t *to = list_at(*out, (*out)->n);
        if (what == 'k') {
            TRY(elem_keep(cx, e, to, key_at(d, i)));
        } else if (what == 'v') {
            TRY(elem_keep(cx, e, to, val_at(d, i)));
        } else {
            TRY(elem_keep(cx, e->item[0], to + e->off[0], key_at(d, i)));
            TRY(elem_keep(cx, e->item[1], to + e->off[1], val_at(d, i)));
        }
        (*out)->n++;
    }
    return OK;
}

/* -- Sets -------------------------------------------------------------------------- */

static Status add_those(Cx *cx, Dict *to, const Dict *a, const Dict *b, bool in_b)
{
    int64_t e;
    bool fresh;
    for (int64_t i = dict_next(a, 0); i < a->used; i = dict_next(a, i + 1))
        if (!b || (dict_find(b, key_at(a, i)) >= 0) == in_b)
            TRY(dict_place(cx, to, key_at(a, i), &e, &fresh));
    return OK;
}

Status set_op(Cx *cx, char op, const Dict *a, const Dict *b, Dict **out)
{
    TRY(dict_new(cx, a->obj.type, a->n, out));
    TRY(add_those(cx, *out, a, op == '|' ? NULL : b, op == '&'));
    if (op == '|') return add_those(cx, *out, b, NULL, true);
    if (op == '^') return add_those(cx, *out, b, a, false);
    return OK;
}

bool set_within(const Dict *a, const Dict *b)
{
    if (a->n > b->n) return false;
    for (int64_t i = dict_next(a, 0); i < a->used; i = dict_next(a, i + 1))
        if (dict_find(b, key_at(a, i)) < 0) return false;
    return true;
}
