/* SPDX-License-Identifier: Apache-2.0
 * Category columns: values to codes and back, other categories, and the kernels that
 * move rows, against reading row by row.
 */
#include "kernel/kernel.h"
#include "kinds.h"
#include "unit.h"

enum { ROUNDS = 120 };

/* A random column of some dtype that categories may have, as text in half of the cases.
 */
static Array *random_values(Cx *cx, Rng *r, idx n)
{
    for (;;) {
        Array *a = random_column(cx, r, n);
        bool number = dt_is_num(a->dt) && a->null >= NULL_MASK;
        if (!number && a->dt != DT_BOOL && (a->dt == DT_STR || rng_chance(r, 30)))
            return a;
        array_unref(a);
    }
}

static Array *random_category(Cx *cx, Rng *r, idx n, Array **values)
{
    Array *cats, *code, *out;
    *values = random_values(cx, r, n);
    assert_ok(category_distinct(cx, *values, rng_chance(r, 50), &cats));
    assert_ok(category_codes(cx, cats, *values, &code));
    assert_ok(category_new(cx, code->data, n, cats, rng_chance(r, 50), &out));
    array_unref(cats);
    array_unref(code);
    assert_ok(array_check(cx, out));
    return out;
}

static NullForm form_of(const Array *cats)
{
    return cats->null == NULL_NONE ? NULL_PROM : (NullForm)cats->null;
}

/* Rows pos[i] of values are the rows of a. */
static void check_values(Cx *cx, const Array *a, const Array *values, const idx *pos)
{
    Array *v;
    assert_ok(array_check(cx, a));
    assert_ok(category_values(cx, a, form_of(a->cats), &v));
    assert_ok(array_check(cx, v));
    for (idx i = 0; i < a->n; i++) {
        idx from = pos ? pos[i] : i;
        bool gone = from < 0 || array_is_null(values, from);
        assert_int_equal(array_is_null(v, i), gone);
        if (!gone) assert_same_row(values, from, v, i);
    }
    array_unref(v);
}

static void test_round_trip(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {71};
    for (int round = 0; round < ROUNDS; round++) {
        Array *values, *a = random_category(cx, &r, rng_below(&r, 400), &values);
        check_values(cx, a, values, NULL);
        array_unref(a);
        array_unref(values);
    }
    unit_end(cx);
}

/* Sorted distinct values rise, and each value is among them once. */
static void test_distinct(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {72};
    for (int round = 0; round < ROUNDS; round++) {
        Array *a = random_values(cx, &r, rng_below(&r, 300)), *d, *code;
        bool asc = true;
        assert_ok(category_distinct(cx, a, true, &d));
        Table t = {.n = d->n, .ncol = 1, .col = &d};
        for (idx i = 0; i + 1 < d->n; i++)
            assert_true(sort_cmp(&t, i, &t, i + 1, &asc, false) < 0);
        assert_ok(category_codes(cx, d, a, &code));
        for (idx i = 0; i < a->n; i++)
            assert_int_equal(((int32_t *)code->data)[i] < 0, array_is_null(a, i));
        array_unref(code);
        array_unref(d);
        array_unref(a);
    }
    unit_end(cx);
}

/* take, slices, concat keep the categories; */
static void test_moves(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {73};
    for (int round = 0; round < ROUNDS; round++) {
        idx n = 1 + rng_below(&r, 200), m = rng_below(&r, 300), pos[300], both[600];
        Array *values, *a = random_category(cx, &r, n, &values), *t, *s, *c;
        for (idx i = 0; i < m; i++)
            both[i] = both[m + i] = pos[i] = rng_chance(&r, 10) ? -1 : rng_below(&r, n);
        assert_ok(take(cx, a, pos, m, NULL_MASK, &t));
        assert_true(t->cats == a->cats);
        check_values(cx, t, values, pos);
        assert_ok(array_slice(cx, t, m / 3, m - m / 3, &s));
        check_values(cx, s, values, pos + m / 3);
        assert_ok(concat(cx, (Array *[]){t, t}, 2, NULL_MASK, &c));
        check_values(cx, c, values, both);
        array_unref(c);
        array_unref(s);
        array_unref(t);
        array_unref(a);
        array_unref(values);
    }
    unit_end(cx);
}

/* Other categories: equal ones are shared, a union holds both, missing ones are nulls.
 */
static void test_recode(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {74};
    for (int round = 0; round < ROUNDS; round++) {
        idx n = rng_below(&r, 200);
        Array *values, *a = random_category(cx, &r, n, &values), *some, *all, *b, *c;
        assert_ok(array_slice(cx, a->cats, 0, a->cats->n / 2, &some));
        assert_ok(category_union(cx, some, a->cats, &all));
        assert_int_equal(all->n, a->cats->n);
        assert_ok(category_recode(cx, a, all, true, &b));
        assert_int_equal(b->ordered, 2);
        check_values(cx, b, values, NULL);
        assert_ok(category_recode(cx, a, some, false, &c));
        for (idx i = 0; i < n; i++) {
            bool kept = array_bit(a, i) && ((int32_t *)a->data)[i] < some->n;
            assert_int_equal(array_bit(c, i), kept);
        }
        array_unref(b);
        if (some->n != a->cats->n && n > 0) {
            assert_int_equal(concat(cx, (Array *[]){a, c}, 2, NULL_MASK, &b), E_TYPE);
            err_clear(&cx->err);
        }
        array_unref(c);
        array_unref(all);
        array_unref(some);
        array_unref(a);
        array_unref(values);
    }
    unit_end(cx);
}

static void test_numbers(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {75};
    Array *values, *a = random_category(cx, &r, 500, &values), *code;
    idx n = a->cats->n;
    assert_ok(category_numbers(cx, a, DT_I32, &code));
    for (idx i = 0; i < a->n; i++)
        assert_int_equal(((int32_t *)code->data)[i],
                         array_bit(a, i) ? ((int32_t *)a->data)[i] : -1);
    array_unref(code);
    Status st = category_numbers(cx, a, DT_I8, &code);
    assert_int_equal(st, n >= INT8_MAX ? E_OVERFLOW : OK);
    if (!st) array_unref(code);
    err_clear(&cx->err);
    Array *full;
    assert_ok(category_fill(cx, a, 0, &full));
    assert_int_equal(array_null_count(full), 0);
    array_unref(full);
    array_unref(a);
    array_unref(values);
    unit_end(cx);
}

/* Each allocation fails once: no leak, no crash. */
static void test_no_memory(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {76};
    Array *values, *a = random_category(cx, &r, 100, &values);
    for (int at = 1; at < 60; at++) {
        Array *d = NULL, *b = NULL, *v = NULL;
        alloc_fail_at(at);
        Status st = category_distinct(cx, values, true, &d);
        if (!st) st = category_recode(cx, a, d, false, &b);
        if (!st) st = category_values(cx, b, form_of(d), &v);
        alloc_fail_at(0);
        assert_true(st == OK || st == E_MEMORY);
        array_unref(v);
        array_unref(b);
        array_unref(d);
        err_clear(&cx->err);
    }
    array_unref(a);
    array_unref(values);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_distinct),
        cmocka_unit_test(test_moves),      cmocka_unit_test(test_recode),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
