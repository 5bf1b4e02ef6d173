/* SPDX-License-Identifier: Apache-2.0
 * Membership. Values become a set once: of 64-bit keys for everything of fixed width,
 * of texts for STR. Numbers of different types are equal when their values are (1
 * and 1.0); each value is turned into the column's own type, and left out when that has
 * no such value. A small set of keys is searched linearly, a large one is a hash table.
 */
#include "array/dict.h"
#include "base/hash.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <math.h>

typedef struct KeySet {
    uint64_t *slot; /* cap keys; key 0 is kept apart and marks free slots */
    idx n, cap;     /* keys in slot; cap is a power of two */
    bool zero;      /* key 0 is in the set */
    bool missing;   /* a missing value is */
} KeySet;

/* -- Keys ------------------------------------------------------------------------ */

static uint64_t float_key(double v)
{
    uint64_t k;
    v += 0.0; /* -0.0 is 0.0 */
    memcpy(&k, &v, 8);
    return k;
}

/* Rows at .. at + n of a fixed-width column as keys. */
static void load_keys(const Array *a, idx at, idx n, uint64_t *key)
{
#define KEYS(T)                                                                        \
    do {                                                                               \
        const T *v = (const T *)a->data + at;                                          \
        for (idx i = 0; i < n; i++)                                                    \
            key[i] = (uint64_t)(int64_t)v[i];                                          \
    } while (0)
#define KEYS_F(T)                                                                      \
    do {                                                                               \
        const T *v = (const T *)a->data + at;                                          \
        for (idx i = 0; i < n; i++)                                                    \
            key[i] = float_key((double)v[i]);                                          \
    } while (0)
    switch (a->dt) {
    case DT_I8: KEYS(int8_t); break;
    case DT_I16: KEYS(int16_t); break;
    case DT_I32:
    case DT_DATE: KEYS(int32_t); break;
    case DT_BOOL:
    case DT_U8: KEYS(uint8_t); break;
    case DT_U16: KEYS(uint16_t); break;
    case DT_U32: KEYS(uint32_t); break;
    case DT_F32: KEYS_F(float); break;
    case DT_F64: KEYS_F(double); break;
    default: KEYS(int64_t); break;
    }
#undef KEYS
#undef KEYS_F
}

/* A key of type `from` as one of type `to`; false: `to` has no such value. */
static bool key_convert(DType from, DType to, uint64_t *key)
{
    double d;
    if (dt_is_float(from) && dt_is_float(to)) return true;
    if (dt_is_float(to)) {
        d = from == DT_U64 ? (double)*key : (double)(int64_t)*key;
        *key = float_key(d);
        return true;
    }
    if (dt_is_float(from)) {
        memcpy(&d, key, 8);
        bool big = to == DT_U64 && d >= 0x1p63 && d < 0x1p64;
        if (d != floor(d) || !(big || (d >= -0x1p63 && d < 0x1p63))) return false;
        *key = big ? (uint64_t)d : (uint64_t)(int64_t)d;
        return to != DT_U64 || big || d >= 0;
    }
    /* Signed and unsigned 64-bit numbers share keys only up to 2**63 - 1. */
    bool high = (int64_t)*key < 0;
    return !(high && (from == DT_U64) != (to == DT_U64));
}

/* -- The set --------------------------------------------------------------------- */

static bool set_has(const KeySet *s, uint64_t key)
{
    if (key == 0) return s->zero;
    for (idx i = (idx)(hash_mix(key) & (uint64_t)(s->cap - 1)); s->slot[i];
         i = (i + 1) & (s->cap - 1))
        if (s->slot[i] == key) return true;
    return false;
}

static void set_add(KeySet *s, uint64_t key)
{
    if (key == 0) {
        s->zero = true;
        return;
    }
    idx i = (idx)(hash_mix(key) & (uint64_t)(s->cap - 1));
    while (s->slot[i] && s->slot[i] != key)
        i = (i + 1) & (s->cap - 1);
    s->n += s->slot[i] == 0;
    s->slot[i] = key;
}

static Status set_make(Cx *cx, const Array *a, const Array *values, KeySet *s)
{
    *s = (KeySet){.cap = 16};
    while (s->cap < 2 * values->n)
        s->cap *= 2;
    TRY(mem_new(cx, s->cap, sizeof *s->slot, true, &s->slot));
    for (idx i = 0; i < values->n; i++) {
        uint64_t key;
        if (array_is_null(values, i)) {
            s->missing = true;
            continue;
        }
        load_keys(values, i, 1, &key);
        if (key_convert(values->dt, a->dt, &key)) set_add(s, key);
    }
    return OK;
}

enum { SMALL_SET = 8 };

static void set_probe(const KeySet *s, const uint64_t *key, idx n, uint8_t *out)
{
    uint64_t few[SMALL_SET];
    idx k = 0;
    if (s->n > SMALL_SET) {
        for (idx i = 0; i < n; i++)
            out[i] = set_has(s, key[i]);
        return;
    }
    for (idx i = 0; i < s->cap; i++)
        if (s->slot[i]) few[k++] = s->slot[i];
    for (idx i = 0; i < n; i++)
        out[i] = s->zero & (key[i] == 0);
    for (idx j = 0; j < k; j++)
        for (idx i = 0; i < n; i++)
            out[i] |= key[i] == few[j];
}

/* -- Columns --------------------------------------------------------------------- */

static bool comparable(const Array *a, const Array *b)
{
    if (dt_is_num(a->dt) && dt_is_num(b->dt)) return true;
    return a->dt == b->dt && a->unit == b->unit;
}

/* Missing rows are in the set when a missing value is. */
static void isin_missing(const Array *a, bool missing, uint8_t *out)
{
    fill_missing_bytes(a, missing, out);
    if (a->null != NULL_NAN && a->null != NULL_NAT) return;
    for (idx i = 0; i < a->n; i++)
        if (array_is_null(a, i)) out[i] = missing;
}

static Status isin_fixed(Cx *cx, const Array *a, const Array *values, uint8_t *out)
{
    KeySet s;
    uint64_t key[BATCH];
    TRY(set_make(cx, a, values, &s));
    for (idx at = 0; at < a->n; at += BATCH) {
        idx n = idx_min(BATCH, a->n - at);
        load_keys(a, at, n, key);
        set_probe(&s, key, n, out + at);
    }
    isin_missing(a, s.missing, out);
    mem_free(s.slot);
    return OK;
}

static Status text_set(Cx *cx, const Array *values, DictSet **out)
{
    int32_t code;
    TRY(dictset_new(cx, values->n, out));
    for (idx i = 0; i < values->n; i++) {
        idx n;
        if (!array_bit(values, i)) continue;
        const uint8_t *s = array_str(values, i, &n);
        Status st = dictset_add(cx, *out, s, n, &code);
        if (st) {
            dictset_free(*out);
            return st;
        }
    }
    return OK;
}

static void test_member(const Array *a, const void *arg, uint8_t *out)
{
    for (idx i = 0; i < a->n; i++) {
        idx n;
        const uint8_t *s = array_str(a, i, &n);
        out[i] = dictset_find(arg, s, n) >= 0;
    }
}

static Status isin_str(Cx *cx, const Array *a, const Array *values, Array **out)
{
    DictSet *set;
    bool missing = false;
    for (idx i = 0; i < values->n; i++)
        missing |= !array_bit(values, i);
    TRY(text_set(cx, values, &set));
    Status st = str_test(cx, a, test_member, set, missing, out);
    dictset_free(set);
    return st;
}

Status isin(Cx *cx, const Array *a, const Array *values, Array **out)
{
    *out = NULL;
    if (!comparable(a, values)) {
        TRY(bool_new(cx, a->n, out));
        memset((*out)->data, 0, (size_t)a->n);
        return OK;
    }
    if (a->dt == DT_STR) return isin_str(cx, a, values, out);
    TRY(bool_new(cx, a->n, out));
    Status st = isin_fixed(cx, a, values, (*out)->data);
    if (st) {
        array_unref(*out);
        *out = NULL;
    }
    return st;
}
