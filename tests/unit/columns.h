/* SPDX-License-Identifier: Apache-2.0
 * Random columns of every dtype and null form, for tests that compare kernels with dumb
 * models: few distinct values (so that keys repeat), missing ones, -0.0 beside 0.0,
 * extreme integers, strings with shared prefixes and NUL bytes, plain or as
 * dictionaries whose entries repeat.
 */
#pragma once
#include "array/builder.h"
#include "array/table.h"
#include "unit.h"
#include <math.h>

enum { COLUMN_KINDS = 20 };

typedef struct ColumnKind {
    uint8_t dt, null, unit;
    bool dict;
} ColumnKind;

static const ColumnKind column_kind[COLUMN_KINDS] = {
    {DT_BOOL, NULL_NONE, 0,       false},
    {DT_I8,   NULL_NONE, 0,       false},
    {DT_I16,  NULL_NONE, 0,       false},
    {DT_I32,  NULL_MASK, 0,       false},
    {DT_I64,  NULL_NONE, 0,       false},
    {DT_I64,  NULL_PROM, 0,       false},
    {DT_U8,   NULL_NONE, 0,       false},
    {DT_U16,  NULL_MASK, 0,       false},
    {DT_U32,  NULL_NONE, 0,       false},
    {DT_U64,  NULL_NONE, 0,       false},
    {DT_F32,  NULL_NAN,  0,       false},
    {DT_F64,  NULL_NAN,  0,       false},
    {DT_STR,  NULL_MASK, 0,       false},
    {DT_STR,  NULL_MASK, 0,       true },
    {DT_DATE, NULL_MASK, 0,       false},
    {DT_TS,   NULL_NAT,  UNIT_NS, false},
    {DT_TD,   NULL_NAT,  UNIT_US, false},
    {DT_I64,  NULL_MASK, 0,       false},
    {DT_BOOL, NULL_MASK, 0,       false},
    {DT_F64,  NULL_MASK, 0,       false},
};

/* A random text of one of `distinct` values. */
static inline idx random_text(Rng *r, idx distinct, char *out, size_t room)
{
    idx v = rng_below(r, distinct);
    switch (v % 5) {
    case 0: return snprintf(out, room, "%lld", (long long)v);
    case 1:
        return snprintf(out, room, "a common prefix of some length %lld", (long long)v);
    case 2:
        memset(out, 'x', 16);
        out[(v / 5) % 16] = (char)0;
        return (v / 5) % 17;
    case 3: return snprintf(out, room, "k\xc3\xa9y%lld", (long long)v);
    default: return v == 4 ? 0 : snprintf(out, room, "seven%02lld", (long long)v % 100);
    }
}

static inline void random_value(Rng *r, uint8_t dt, idx distinct, bool wide, void *out)
{
    int64_t v = rng_below(r, distinct) - distinct / 2;
    uint64_t w = wide ? (uint64_t)v * 0x9e3779b97f4a7c15u : (uint64_t)v;
    float f = (float)v * 0.5f;
    double d = wide ? (double)v * 1e300 : (double)v * 0.25;
    if (v == 0 && rng_chance(r, 50)) f = -0.0f, d = -0.0;
    if (wide && v == 1) f = INFINITY, d = -(double)INFINITY;
    switch (dt) {
    case DT_BOOL: *(uint8_t *)out = v & 1; break;
    case DT_F32: memcpy(out, &f, 4); break;
    case DT_F64: memcpy(out, &d, 8); break;
    default:
        if (w == (uint64_t)NAT) w = 0;
        memcpy(out, &w, dtype_info[dt].bytes);
    }
}

static inline bool kind_can_miss(ColumnKind k)
{
    return k.null != NULL_NONE;
}

static inline Array *random_text_column(Cx *cx, Rng *r, ColumnKind k, idx n,
                                        idx distinct, int missing)
{
    Builder *b;
    Array *a, *dict;
    char text[128];
    if (!k.dict) {
        assert_ok(builder_new(cx, DT_STR, NULL_MASK, 0, &b));
        for (idx i = 0; i < n; i++) {
            if (rng_chance(r, missing)) {
                assert_ok(builder_add_null(cx, b));
            } else {
                idx len = random_text(r, distinct, text, sizeof text);
                assert_ok(builder_add_str(cx, b, (uint8_t *)text, len));
            }
        }
        assert_ok(builder_finish(cx, b, &a));
        return a;
    }
    idx entries = distinct + 3;
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, 0, &b));
    for (idx i = 0; i < entries; i++) {
        idx len = random_text(r, distinct, text, sizeof text);
        assert_ok(builder_add_str(cx, b, (uint8_t *)text, len));
    }
    assert_ok(builder_finish(cx, b, &dict));
    assert_ok(array_new_dict(cx, n, dict, &a));
    a->dict_dups = 1;
    array_unref(dict);
    if (missing) assert_ok(array_add_valid(cx, a, true));
    for (idx i = 0; i < n; i++) {
        ((int32_t *)a->data)[i] = (int32_t)rng_below(r, entries);
        if (rng_chance(r, missing)) {
            ((int32_t *)a->data)[i] = 0;
            bit_clear(a->valid, i);
        }
    }
    if (missing) a->null_count = -1;
    return a;
}

/* n rows of about `distinct` values, missing percent of them missing if the form can.
 */
static inline Array *random_column(Cx *cx, Rng *r, ColumnKind k, idx n, idx distinct,
                                   int missing)
{
    if (!kind_can_miss(k)) missing = 0;
    if (k.dt == DT_STR) return random_text_column(cx, r, k, n, distinct, missing);
    Array *a;
    bool mask = k.null == NULL_MASK || k.null == NULL_PROM, wide = rng_chance(r, 50);
    assert_ok(array_new(cx, k.dt, k.null, k.unit, n, true, &a));
    if (mask && missing) assert_ok(array_add_valid(cx, a, true));
    size_t width = dtype_info[k.dt].bytes;
    for (idx i = 0; i < n; i++) {
        uint8_t *at = (uint8_t *)a->data + (size_t)i * width;
        random_value(r, k.dt, distinct, wide, at);
        if (!rng_chance(r, missing)) continue;
        if (mask) {
            memset(at, 0, width);
            bit_clear(a->valid, i);
        } else if (k.null == NULL_NAT) {
            int64_t nat = NAT;
            memcpy(at, &nat, 8);
        } else if (k.dt == DT_F32) {
            float nan = NAN;
            memcpy(at, &nan, 4);
        } else {
            double nan = (double)NAN;
            memcpy(at, &nan, 8);
        }
    }
    if (mask && missing) a->null_count = -1;
    if (k.null == NULL_PROM && missing) a->promoted = 1;
    return a;
}

/* A table of ncol random columns of random kinds. */
static inline void random_table(Cx *cx, Rng *r, idx ncol, idx n, idx distinct, Table *t)
{
    assert_ok(table_init(cx, t, ncol, n));
    for (idx c = 0; c < ncol; c++)
        t->col[c] = random_column(cx, r, column_kind[rng_below(r, COLUMN_KINDS)], n,
                                  distinct, (int)rng_below(r, 3) * 10);
}

/* Whether row i of a and row j of b hold the same value (missing equals missing). */
static inline bool same_value(const Array *a, idx i, const Array *b, idx j)
{
    bool m = array_is_null(a, i), o = array_is_null(b, j);
    if (m || o) return m && o;
    if (a->dt == DT_STR) {
        idx n, k;
        const uint8_t *s = array_str(a, i, &n), *t = array_str(b, j, &k);
        return n == k && memcmp(s, t, (size_t)n) == 0;
    }
    if (a->dt == DT_F32) return ((float *)a->data)[i] == ((float *)b->data)[j];
    if (a->dt == DT_F64) return ((double *)a->data)[i] == ((double *)b->data)[j];
    size_t w = dtype_info[a->dt].bytes;
    return memcmp((uint8_t *)a->data + (size_t)i * w,
                  (uint8_t *)b->data + (size_t)j * w, w) == 0;
}

static inline bool same_row(const Table *a, idx i, const Table *b, idx j)
{
    for (idx c = 0; c < a->ncol; c++)
        if (!same_value(a->col[c], i, b->col[c], j)) return false;
    return true;
}

static inline bool row_has_missing(const Table *t, idx i)
{
    for (idx c = 0; c < t->ncol; c++)
        if (array_is_null(t->col[c], i)) return true;
    return false;
}
