/* SPDX-License-Identifier: Apache-2.0
 * array/: bitmaps, buffers and their limit, columns, builders, tables.
 */
#include "array/array.h"
#include "array/builder.h"
#include "array/table.h"
#include "unit.h"

/* -- Bitmaps --------------------------------------------------------------------- */

static void test_bits(void **state)
{
    (void)state;
    enum { N = 400 };
    Rng r = {11};
    uint64_t src[8], dst[8];
    uint8_t model[512], bytes[512];
    for (int round = 0; round < 3000; round++) {
        for (int i = 0; i < 8; i++)
            src[i] = rng_u64(&r), dst[i] = rng_u64(&r);
        for (int i = 0; i < 512; i++)
            model[i] = bit_get(dst, i);
        idx n = rng_below(&r, N), s = rng_below(&r, 512 - n),
            d = rng_below(&r, 512 - n);
        if (rng_chance(&r, 30)) s = d % 64;
        bits_copy(dst, d, src, s, n);
        for (idx i = 0; i < n; i++)
            model[d + i] = bit_get(src, s + i);
        for (int i = 0; i < 512; i++)
            assert_int_equal(bit_get(dst, i), model[i]);

        n = rng_below(&r, N), d = rng_below(&r, 512 - n);
        bool one = rng_chance(&r, 50);
        bits_fill(dst, d, n, one);
        memset(model + d, one, (size_t)n);
        for (int i = 0; i < 512; i++)
            assert_int_equal(bit_get(dst, i), model[i]);

        idx count = 0;
        for (idx i = 0; i < n; i++)
            count += model[i];
        assert_int_equal(bits_count(dst, n), count);

        s = rng_below(&r, 512 - n);
        bits_to_bytes(bytes, dst, s, n);
        assert_memory_equal(bytes, model + s, (size_t)n);
        if (n == 0) continue;
        memset(src, 0xff, sizeof src);
        for (idx i = 0; i < n; i++)
            bytes[i] = bytes[i] ? (uint8_t)(i | 1) : 0;
        bits_from_bytes(src, bytes, n);
        for (idx i = 0; i < 64 * bit_words(n); i++)
            assert_int_equal(bit_get(src, i), i < n ? model[s + i] : 0);
    }
}

/* -- Buffers --------------------------------------------------------------------- */

static int released;
static void on_release(void *data, void *arg)
{
    assert_ptr_equal(data, arg);
    released++;
}

static void test_buf(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Buf *b, *c;
    for (size_t n = 0; n < 300; n += 7) {
        assert_ok(buf_new(cx, n, n % 2, &b));
        assert_int_equal((uintptr_t)b->data % 64, 0);
        for (size_t i = n; i % 64; i++)
            assert_int_equal(b->data[i], 0);
        memset(b->data, 0x5a, n);
        assert_ok(buf_grow(cx, &b, 2 * n + 1));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(b->data[i], 0x5a);
        buf_unref(b);
    }
    int x = 5;
    assert_ok(buf_borrow(cx, &x, sizeof x, true, on_release, &x, &b));
    assert_false(buf_writable(b));
    c = buf_ref(b);
    buf_unref(b);
    assert_int_equal(released, 0);
    buf_unref(c);
    assert_int_equal(released, 1);
    buf_unref(NULL);
    unit_end(cx);
}

static void test_limit(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Buf *b, *c;
    int64_t *p;
    buf_set_limit(10000);
    assert_ok(buf_new(cx, 8000, false, &b));
    assert_int_equal(buf_new(cx, 3000, false, &c), E_MEMORY);
    assert_null(c);
    assert_non_null(strstr(cx->err.text, "SHOAL_MEMORY"));
    assert_non_null(strstr(cx->err.text, "10000"));
    err_clear(&cx->err);
    assert_int_equal(mem_new(cx, 1000, 8, false, &p), E_MEMORY);
    err_clear(&cx->err);
    assert_int_equal(mem_reserve(cx, 3000), E_MEMORY);
    err_clear(&cx->err);
    assert_ok(mem_reserve(cx, 1000));
    mem_unreserve(1000);
    buf_unref(b);
    assert_ok(buf_new(cx, 3000, false, &c));
    buf_unref(c);
    buf_set_limit(-1);
    assert_int_equal(buf_new(cx, SIZE_MAX - 10, false, &c), E_OVERFLOW);
    err_clear(&cx->err);
    assert_int_equal(mem_new(cx, INT64_MAX, 16, false, &p), E_OVERFLOW);
    err_clear(&cx->err);
    alloc_fail_at(1);
    assert_int_equal(buf_new(cx, 10, false, &c), E_MEMORY);
    unit_end(cx);
}

/* -- Columns --------------------------------------------------------------------- */

/* What a column holds, in the dumbest form. */
enum { MODEL_MAX = 700 };
typedef struct Model {
    idx n;
    char text[MODEL_MAX][24];
    int64_t num[MODEL_MAX];
    bool null[MODEL_MAX];
} Model;

static void model_random(Model *m, Rng *r, int nulls)
{
    m->n = rng_below(r, MODEL_MAX);
    for (idx i = 0; i < m->n; i++) {
        m->null[i] = rng_chance(r, nulls);
        m->num[i] = m->null[i] ? 0 : (int64_t)rng_u64(r);
        snprintf(m->text[i], sizeof m->text[i], "%.*s", (int)rng_below(r, 20),
                 "abcdefghijklmnopqrst");
        if (m->null[i]) m->text[i][0] = 0;
    }
}

static void model_check(Cx *cx, const Model *m, idx start, const Array *a)
{
    assert_ok(array_check(cx, a));
    for (idx i = 0; i < a->n; i++) {
        assert_int_equal(array_is_null(a, i), m->null[start + i]);
        if (m->null[start + i]) continue;
        if (a->dt == DT_I64) {
            assert_true(((int64_t *)a->data)[i] == m->num[start + i]);
            continue;
        }
        idx len;
        const uint8_t *s = array_str(a, i, &len);
        assert_int_equal(len, strlen(m->text[start + i]));
        assert_memory_equal(s, m->text[start + i], (size_t)len);
    }
}

static Array *model_build(Cx *cx, const Model *m, DType dt)
{
    Builder *b;
    Array *a;
    assert_ok(builder_new(cx, dt, NULL_MASK, UNIT_NONE, &b));
    for (idx i = 0; i < m->n; i++) {
        if (m->null[i])
            assert_ok(builder_add_null(cx, b));
        else if (dt == DT_STR)
            assert_ok(builder_add_str(cx, b, (const uint8_t *)m->text[i],
                                      (idx)strlen(m->text[i])));
        else
            assert_ok(builder_add_bytes(cx, b, &m->num[i]));
    }
    assert_ok(builder_finish(cx, b, &a));
    assert_int_equal(a->n, m->n);
    return a;
}

static void check_own(Cx *cx, const Model *m, Array *s, idx start)
{
    Array *o = array_ref(s);
    assert_ok(array_own(cx, &o));
    assert_ptr_not_equal(o, s);
    model_check(cx, m, start, o);
    Array *again = o;
    assert_ok(array_own(cx, &again));
    assert_ptr_equal(again, o);
    array_unref(o);
}

static void check_column(Cx *cx, Rng *r, const Model *m, Array *a)
{
    model_check(cx, m, 0, a);
    idx nulls = 0;
    for (idx i = 0; i < m->n; i++)
        nulls += m->null[i];
    assert_int_equal(array_null_count(a), nulls);
    for (int k = 0; k < 6; k++) {
        idx start = rng_below(r, a->n + 1), n = rng_below(r, a->n - start + 1);
        if (k % 3 == 0) start &= ~(idx)63;
        Array *s, *t;
        assert_ok(array_slice(cx, a, start, n, &s));
        assert_int_equal(s->n, n);
        model_check(cx, m, start, s);
        check_own(cx, m, s, start);
        idx start2 = rng_below(r, n + 1);
        assert_ok(array_slice(cx, s, start2, n - start2, &t));
        array_unref(s);
        model_check(cx, m, start + start2, t);
        idx left = 0;
        for (idx i = 0; i < t->n; i++)
            left += m->null[start + start2 + i];
        assert_int_equal(array_null_count(t), left);
        array_unref(t);
    }
}

/* The dictionary form of a plain column, one entry per row, in reverse order. */
static Array *to_dict(Cx *cx, const Model *m, const Array *a)
{
    Builder *b;
    Array *dict, *d;
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
    for (idx i = m->n - 1; i >= 0; i--)
        assert_ok(builder_add_str(cx, b, (const uint8_t *)m->text[i],
                                  (idx)strlen(m->text[i])));
    assert_ok(builder_finish(cx, b, &dict));
    assert_ok(array_new_dict(cx, m->n, dict, &d));
    d->dict_dups = 1;
    for (idx i = 0; i < m->n; i++)
        ((int32_t *)d->data)[i] = m->null[i] ? 0 : (int32_t)(m->n - 1 - i);
    assert_ok(array_set_valid(cx, d, a));
    array_unref(dict);
    return d;
}

static void test_columns(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Model *m = calloc(1, sizeof *m);
    Rng r = {21};
    for (int round = 0; round < 60; round++) {
        model_random(m, &r, round % 3 * 20);
        Array *a = model_build(cx, m, DT_I64), *s = model_build(cx, m, DT_STR), *p;
        check_column(cx, &r, m, a);
        check_column(cx, &r, m, s);
        assert_ok(array_str_plain(cx, s, &p));
        assert_ptr_equal(p, s);
        array_unref(p);
        Array *d = to_dict(cx, m, s);
        check_column(cx, &r, m, d);
        assert_ok(array_str_plain(cx, d, &p));
        assert_null(p->dict);
        check_column(cx, &r, m, p);
        array_unref(p);
        array_unref(d);
        array_unref(s);
        array_unref(a);
    }
    free(m);
    unit_end(cx);
}

static void test_builder_arrays(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Model *m = calloc(1, sizeof *m);
    Rng r = {31};
    for (int round = 0; round < 40; round++) {
        model_random(m, &r, round % 2 * 30);
        Array *a = model_build(cx, m, round % 4 < 2 ? DT_I64 : DT_STR), *part, *all;
        Array *d = a->dt == DT_STR ? to_dict(cx, m, a) : array_ref(a);
        Builder *b;
        assert_ok(builder_new(cx, a->dt, NULL_MASK, UNIT_NONE, &b));
        for (idx at = 0; at < m->n;) {
            idx n = rng_below(&r, m->n - at) + 1;
            assert_ok(array_slice(cx, rng_chance(&r, 50) ? a : d, at, n, &part));
            assert_ok(builder_add_array(cx, b, part));
            array_unref(part);
            at += n;
        }
        assert_ok(builder_finish(cx, b, &all));
        check_column(cx, &r, m, all);
        array_unref(all);
        array_unref(d);
        array_unref(a);
    }
    free(m);
    unit_end(cx);
}

static void test_null_forms(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Builder *b;
    Array *a, *e;
    const double one = 1;
    assert_ok(builder_new(cx, DT_F64, NULL_NAN, UNIT_NONE, &b));
    assert_ok(builder_add_null(cx, b));
    assert_ok(builder_add_bytes(cx, b, &one));
    assert_ok(builder_finish(cx, b, &a));
    assert_true(!a->valid && array_is_null(a, 0) && !array_is_null(a, 1));
    array_unref(a);
    assert_ok(builder_new(cx, DT_TS, NULL_NAT, UNIT_US, &b));
    assert_ok(builder_add_null(cx, b));
    assert_ok(builder_finish(cx, b, &a));
    assert_true(!a->valid && array_is_null(a, 0));
    assert_true(((int64_t *)a->data)[0] == NAT);
    assert_ok(array_new_empty(cx, a, &e));
    assert_true(e->n == 0 && e->dt == DT_TS && e->unit == UNIT_US &&
                e->null == NULL_NAT);
    array_unref(e);
    array_unref(a);
    assert_ok(builder_new(cx, DT_I64, NULL_NONE, UNIT_NONE, &b));
    assert_int_equal(builder_add_null(cx, b), E_VALUE);
    err_clear(&cx->err);
    builder_free(b);
    unit_end(cx);
}

static void test_empty_dict(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Array *dict, *d, *p;
    assert_ok(array_new_str(cx, 0, 0, &dict));
    assert_ok(array_new_dict(cx, 3, dict, &d));
    memset(d->data, 0, 12);
    assert_ok(array_add_valid(cx, d, false));
    assert_ok(array_check(cx, d));
    assert_int_equal(array_null_count(d), 3);
    assert_ok(array_str_plain(cx, d, &p));
    assert_int_equal(p->off[3], 0);
    array_unref(p);
    array_unref(d);
    array_unref(dict);
    unit_end(cx);
}

static void test_check(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Array *s;
    assert_ok(array_new_str(cx, 2, 4, &s));
    s->off[1] = 2, s->off[2] = 4;
    assert_ok(array_check(cx, s));
    s->off[2] = 5;
    assert_int_equal(array_check(cx, s), E_VALUE);
    err_clear(&cx->err);
    s->off[2] = 1;
    assert_int_equal(array_check(cx, s), E_VALUE);
    err_clear(&cx->err);
    s->off[2] = 4;
    assert_ok(array_add_valid(cx, s, true));
    s->valid[0] |= 8;
    assert_int_equal(array_check(cx, s), E_VALUE);
    array_unref(s);
    unit_end(cx);
}

/* Every allocation of a build fails once: no leak, an error each time. */
static void test_faults(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    for (int n = 1;; n++) {
        Builder *b;
        Array *a = NULL, *s = NULL;
        Table t;
        alloc_fail_at(n);
        Status st = builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b);
        if (!st) {
            for (int i = 0; i < 100 && !st; i++)
                st = i % 3 ? builder_add_str(cx, b, (const uint8_t *)"hello", 5)
                           : builder_add_null(cx, b);
            if (st)
                builder_free(b);
            else
                st = builder_finish(cx, b, &a);
        }
        if (!st) st = array_slice(cx, a, 3, 50, &s);
        if (!st) st = array_own(cx, &s);
        if (!st) {
            st = table_init(cx, &t, 2, 100);
            if (!st) t.col[1] = array_ref(a);
            table_clear(&t);
        }
        array_unref(a);
        array_unref(s);
        alloc_fail_at(0);
        assert_int_equal(buf_live_count(), 0);
        if (!st) {
            assert_true(n > 8);
            break;
        }
        assert_int_equal(st, E_MEMORY);
        err_clear(&cx->err);
    }
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits),       cmocka_unit_test(test_buf),
        cmocka_unit_test(test_limit),      cmocka_unit_test(test_columns),
        cmocka_unit_test(test_empty_dict), cmocka_unit_test(test_builder_arrays),
        cmocka_unit_test(test_check),      cmocka_unit_test(test_null_forms),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
