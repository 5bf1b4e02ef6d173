/* SPDX-License-Identifier: Apache-2.0
 * Text functions over both layouts: they are written for plain text, and on dictionary
 * columns work once per entry. A dictionary with more entries than the column has rows
 * (a column after a filter) is decoded first.
 */
#include "kernel/kernel_int.h"
#include <string.h>

/* a itself, or its plain form when working by entry does not pay. */
static Status worth_dict(Cx *cx, const Array *a, Array **out)
{
    union {
        const Array *from;
        Array *to;
    } same = {.from = a}; /* a reference is all that is taken */
    ASSERT(a->dt == DT_STR);
    if (a->dict && a->dict->n > a->n) return array_str_plain(cx, same.to, out);
    *out = array_ref(same.to);
    return OK;
}

void fill_missing_bytes(const Array *a, uint8_t value, uint8_t *out)
{
    if (!a->valid) return;
    for (idx w = 0; w < bit_words(a->n); w++) {
        uint64_t gone = ~a->valid[w] & bit_low(idx_min(64, a->n - 64 * w));
        for (; gone; gone &= gone - 1)
            out[64 * w + __builtin_ctzll(gone)] = value;
    }
}

Status str_test(Cx *cx, const Array *a, StrTest *test, const void *arg, bool na,
                Array **out)
{
    Array *s, *r;
    *out = NULL;
    TRY(worth_dict(cx, a, &s));
    Status st = bool_new(cx, s->n, &r);
    if (!st && s->dict) {
        uint8_t *entry;
        st = mem_new(cx, s->dict->n, 1, false, &entry);
        if (!st) {
            test(s->dict, arg, entry);
            const int32_t *code = s->data;
            uint8_t *to = r->data;
            for (idx i = 0; i < s->n; i++)
                to[i] = entry[code[i]];
        }
        mem_free(entry);
    } else if (!st) {
        test(s, arg, r->data);
    }
    if (!st) fill_missing_bytes(s, na, r->data);
    array_unref(s);
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}

/* s with its entries mapped: the codes are shared. */
static Status map_dict(Cx *cx, const Array *s, StrMap *map, const void *arg,
                       Array **out)
{
    Array *dict = NULL;
    Status st = map(cx, s->dict, arg, &dict);
    if (!st) st = array_slice(cx, s, 0, s->n, out);
    if (st) {
        array_unref(dict);
        return st;
    }
    array_unref((*out)->dict);
    (*out)->dict = dict;
    (*out)->dict_dups = 1; /* two entries may have become one */
    (*out)->ordered = 0;
    return OK;
}

Status str_map(Cx *cx, const Array *a, StrMap *map, const void *arg, Array **out)
{
    Array *s, *r = NULL;
    *out = NULL;
    TRY(worth_dict(cx, a, &s));
    Status st = s->dict ? map_dict(cx, s, map, arg, &r) : map(cx, s, arg, &r);
    if (!st && !s->dict) st = array_set_valid(cx, r, s);
    if (!st) r->null = s->null;
    array_unref(s);
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}
