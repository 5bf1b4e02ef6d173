/* SPDX-License-Identifier: Apache-2.0
 * Sets of texts: open addressing over the texts' numbers, with 32 bits of each hash
 * beside the number, so that most mismatches are seen without touching the text.
 * Doubles at half full.
 */
#include "array/dict.h"
#include "array/builder.h"
#include "base/hash.h"
#include <string.h>

typedef struct DictSlot {
    uint32_t hash; /* low half of the text's hash */
    int32_t code;  /* the text's number, -1: free */
} DictSlot;

struct DictSet {
    Builder *text;  /* entry i: the text with number i */
    DictSlot *slot; /* cap of them */
    idx n, cap;     /* cap is a power of two */
};

static Status slots_new(Cx *cx, idx cap, DictSlot **out)
{
    TRY(mem_new(cx, cap, sizeof **out, false, out));
    memset(*out, 0xff, (size_t)cap * sizeof **out);
    return OK;
}

Status dictset_new(Cx *cx, idx expect, DictSet **out)
{
    DictSet *d;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *d, true, &d));
    d->cap = 64;
    while (d->cap < 2 * expect && d->cap < (idx)1 << 32)
        d->cap *= 2;
    Status st = builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &d->text);
    if (!st) st = slots_new(cx, d->cap, &d->slot);
    if (st) {
        dictset_free(d);
        return st;
    }
    *out = d;
    return OK;
}

static Status dictset_grow(Cx *cx, DictSet *d)
{
    DictSlot *slot;
    idx cap = 2 * d->cap;
    TRY(slots_new(cx, cap, &slot));
    for (idx i = 0; i < d->cap; i++) {
        if (d->slot[i].code < 0) continue;
        idx j = d->slot[i].hash & (cap - 1);
        while (slot[j].code >= 0)
            j = (j + 1) & (cap - 1);
        slot[j] = d->slot[i];
    }
    mem_free(d->slot);
    d->slot = slot;
    d->cap = cap;
    return OK;
}

/* The slot of a text with this hash, or the free one where it belongs. */
static idx dictset_slot(const DictSet *d, uint32_t h, const uint8_t *s, idx n)
{
    idx i = h & (d->cap - 1);
    for (; d->slot[i].code >= 0; i = (i + 1) & (d->cap - 1)) {
        if (d->slot[i].hash != h) continue;
        idx len;
        const uint8_t *t = builder_str(d->text, d->slot[i].code, &len);
        if (len == n && (n == 0 || memcmp(s, t, (size_t)n) == 0)) break;
    }
    return i;
}

int32_t dictset_find(const DictSet *d, const uint8_t *s, idx n)
{
    uint32_t h = (uint32_t)hash_bytes(s, (size_t)n, 0);
    return d->slot[dictset_slot(d, h, s, n)].code;
}

Status dictset_add(Cx *cx, DictSet *d, const uint8_t *s, idx n, int32_t *code)
{
    uint32_t h = (uint32_t)hash_bytes(s, (size_t)n, 0);
    idx i = dictset_slot(d, h, s, n);
    if (d->slot[i].code >= 0) {
        *code = d->slot[i].code;
        return OK;
    }
    if (d->n == INT32_MAX)
        return fail(cx, E_OVERFLOW, "a dictionary of more than 2**31 - 1 texts");
    TRY(builder_add_str(cx, d->text, s, n));
    *code = (int32_t)d->n++;
    d->slot[i] = (DictSlot){h, *code};
    return 2 * d->n > d->cap ? dictset_grow(cx, d) : OK;
}

idx dictset_count(const DictSet *d)
{
    return d->n;
}

Status dictset_finish(Cx *cx, DictSet *d, Array **out)
{
    Status st = builder_finish(cx, d->text, out);
    d->text = NULL;
    dictset_free(d);
    return st;
}

void dictset_free(DictSet *d)
{
    if (!d) return;
    builder_free(d->text);
    mem_free(d->slot);
    mem_free(d);
}
