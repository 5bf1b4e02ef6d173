/* SPDX-License-Identifier: Apache-2.0
 * Random columns of every layout and null form, and comparing rows of two of them, for
 * tests of kernels. Include unit.h after it and use both in one file only.
 */
#pragma once
#include "array/builder.h"
#include "array/dict.h"
#include "unit.h"

enum { KIND_COUNT = 17 };

static inline NullForm kind_null(int kind)
{
    static const NullForm form[KIND_COUNT] = {
        [0] = NULL_NONE, [1] = NULL_NAN,   [2] = NULL_MASK,  [3] = NULL_MASK,
        [4] = NULL_MASK, [5] = NULL_PROM,  [6] = NULL_NAT,   [7] = NULL_NAN,
        [8] = NULL_MASK, [9] = NULL_NONE,  [10] = NULL_NONE, [11] = NULL_MASK,
        [12] = NULL_NAT, [13] = NULL_NONE, [14] = NULL_NONE, [15] = NULL_NONE,
        [16] = NULL_NONE};
    return form[kind];
}

static inline DType kind_dtype(int kind)
{
    static const DType dt[KIND_COUNT] = {
        [0] = DT_I64,  [1] = DT_F64,  [2] = DT_STR, [3] = DT_STR,  [4] = DT_DATE,
        [5] = DT_I64,  [6] = DT_TS,   [7] = DT_F32, [8] = DT_BOOL, [9] = DT_BOOL,
        [10] = DT_I32, [11] = DT_I16, [12] = DT_TD, [13] = DT_U64, [14] = DT_I8,
        [15] = DT_U16, [16] = DT_U32};
    return dt[kind];
}

/* A text of up to 40 bytes from a small world, so that repeats happen. */
static inline idx random_text(Rng *r, uint8_t *s)
{
    static const char *const words[] = {"",   "a",     "b",      "ab",   "\xc3\xa9",
                                        "zz", "apple", "banana", "Zoe ", " tail"};
    if (rng_chance(r, 70)) {
        const char *w = words[rng_below(r, COUNT_OF(words))];
        memcpy(s, w, strlen(w));
        return (idx)strlen(w);
    }
    idx n = rng_below(r, 40);
    for (idx i = 0; i < n; i++)
        s[i] = (uint8_t)('a' + rng_below(r, 4));
    return n;
}

static inline Array *random_str(Cx *cx, Rng *r, idx n, int nulls)
{
    Builder *b;
    Array *a;
    uint8_t s[64];
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
    for (idx i = 0; i < n; i++) {
        if (rng_chance(r, nulls))
            assert_ok(builder_add_null(cx, b));
        else
            assert_ok(builder_add_str(cx, b, s, random_text(r, s)));
    }
    assert_ok(builder_finish(cx, b, &a));
    return a;
}

/* Plain STR as a dictionary of its distinct texts and one that nobody uses. */
static inline Array *str_to_dict(Cx *cx, const Array *a)
{
    DictSet *set;
    Array *dict, *d;
    int32_t *code = calloc((size_t)a->n + 1, sizeof *code);
    assert_ok(dictset_new(cx, 4, &set));
    for (idx i = 0; i < a->n; i++) {
        idx len;
        if (!array_bit(a, i)) continue;
        const uint8_t *s = array_str(a, i, &len);
        assert_ok(dictset_add(cx, set, s, len, &code[i]));
    }
    int32_t unused;
    assert_ok(dictset_add(cx, set, (const uint8_t *)"nobody", 6, &unused));
    assert_ok(dictset_finish(cx, set, &dict));
    assert_ok(array_new_dict(cx, a->n, dict, &d));
    memcpy(d->data, code, (size_t)a->n * sizeof *code);
    assert_ok(array_set_valid(cx, d, a));
    array_unref(dict);
    free(code);
    return d;
}

/* Column kind k: see the tables above; 3 is STR over a dictionary. */
static inline Array *random_column_of(Cx *cx, Rng *r, idx n, int k)
{
    int nulls = rng_chance(r, 40) ? 0 : rng_chance(r, 10) ? 100 : 15;
    DType dt = kind_dtype(k);
    NullForm null = kind_null(k);
    if (dt == DT_STR) {
        Array *a = random_str(cx, r, n, nulls);
        if (k == 2) return a;
        Array *d = str_to_dict(cx, a);
        array_unref(a);
        return d;
    }
    Builder *b;
    Array *a;
    Unit unit = dt_is_time(dt) ? UNIT_US : UNIT_NONE;
    int64_t span = rng_chance(r, 50) ? 5 : 1000000;
    assert_ok(builder_new(cx, dt, null, unit, &b));
    for (idx i = 0; i < n; i++) {
        int64_t v = rng_below(r, 2 * span) - span;
        float f = (float)v / 4;
        double d = (double)v / 4;
        uint8_t t = v > 0;
        const void *p = dt == DT_F32 ? (void *)&f : dt == DT_F64 ? (void *)&d : &v;
        if (dt == DT_BOOL) p = &t;
        if (null != NULL_NONE && rng_chance(r, nulls))
            assert_ok(builder_add_null(cx, b));
        else
            assert_ok(builder_add_bytes(cx, b, p));
    }
    assert_ok(builder_finish(cx, b, &a));
    return a;
}

static inline Array *random_column(Cx *cx, Rng *r, idx n)
{
    return random_column_of(cx, r, n, (int)rng_below(r, KIND_COUNT));
}

/* Of a's dtype, null form and unit; STR in either layout. */
static inline Array *random_column_like(Cx *cx, Rng *r, const Array *a, idx n)
{
    for (int k = 0; k < KIND_COUNT; k++)
        if (kind_dtype(k) == (DType)a->dt && kind_null(k) == (NullForm)a->null)
            return random_column_of(cx, r, n,
                                    a->dt == DT_STR ? (int)rng_below(r, 2) + 2 : k);
    fail_msg("no such kind");
    return NULL;
}

/* Row i of a and row j of b: both missing, or the same value. */
static inline void assert_same_row(const Array *a, idx i, const Array *b, idx j)
{
    assert_int_equal(array_is_null(a, i), array_is_null(b, j));
    if (array_is_null(a, i)) return;
    if (a->dt == DT_STR) {
        idx n, m;
        const uint8_t *s = array_str(a, i, &n), *t = array_str(b, j, &m);
        assert_int_equal(n, m);
        assert_memory_equal(s, t, (size_t)n);
        return;
    }
    size_t w = dtype_info[a->dt].bytes;
    assert_memory_equal((uint8_t *)a->data + (size_t)i * w,
                        (uint8_t *)b->data + (size_t)j * w, w);
}
