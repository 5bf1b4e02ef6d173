/* SPDX-License-Identifier: Apache-2.0
 * take, filter, mask_positions, concat: against row-by-row reading of the columns.
 */
#include "kernel/kernel.h"
#include "kinds.h"
#include "unit.h"

static void check_rows(Cx *cx, const Array *a, const idx *pos, idx n, const Array *out)
{
    assert_ok(array_check(cx, out));
    assert_int_equal(out->n, n);
    assert_int_equal(out->dt, a->dt);
    assert_int_equal(out->unit, a->unit);
    for (idx i = 0; i < n; i++) {
        if (pos[i] < 0)
            assert_true(array_is_null(out, i));
        else
            assert_same_row(a, pos[i], out, i);
    }
}

static void test_take(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {41};
    for (int round = 0; round < 300; round++) {
        idx n = rng_chance(&r, 10) ? 0 : rng_below(&r, 300), m = rng_below(&r, 400);
        Array *a = random_column(cx, &r, n), *out;
        idx *pos = malloc((size_t)(m + 1) * sizeof *pos);
        bool some = n == 0 || rng_chance(&r, 50);
        NullForm form = a->null;
        if (some && form == NULL_NONE)
            form = rng_chance(&r, 50) ? NULL_MASK : NULL_PROM;
        for (idx i = 0; i < m; i++)
            pos[i] = some && (n == 0 || rng_chance(&r, 20)) ? -1 : rng_below(&r, n);
        assert_ok(take(cx, a, pos, m, form, &out));
        assert_int_equal(out->null, form);
        check_rows(cx, a, pos, m, out);
        array_unref(out);
        array_unref(a);
        free(pos);
    }
    unit_end(cx);
}

static Array *random_mask(Cx *cx, Rng *r, idx n)
{
    static const int density[] = {0, 1, 10, 50, 90, 99, 100};
    Array *m;
    int d = density[rng_below(r, COUNT_OF(density))];
    bool runs = rng_chance(r, 40), nulls = rng_chance(r, 30), now = true;
    assert_ok(
        array_new(cx, DT_BOOL, nulls ? NULL_MASK : NULL_NONE, UNIT_NONE, n, false, &m));
    for (idx i = 0; i < n; i++) {
        if (!runs || rng_chance(r, 2)) now = rng_chance(r, d);
        ((uint8_t *)m->data)[i] = now;
    }
    if (!nulls) return m;
    assert_ok(array_add_valid(cx, m, true));
    for (idx i = 0; i < n; i++)
        if (rng_chance(r, 10)) bit_clear(m->valid, i);
    return m;
}

static void test_filter(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {43};
    for (int round = 0; round < 300; round++) {
        idx n = rng_chance(&r, 10) ? 0 : rng_below(&r, 1000), k, count = 0;
        Array *col[4], *mask = random_mask(cx, &r, n);
        Table t = {n, 4, col}, out;
        for (int c = 0; c < 4; c++)
            col[c] = random_column(cx, &r, n);
        idx *pos, *want = malloc((size_t)(n + 1) * sizeof *want);
        for (idx i = 0; i < n; i++)
            if (((uint8_t *)mask->data)[i] && array_bit(mask, i)) want[count++] = i;
        assert_ok(mask_positions(cx, mask, &pos, &k));
        assert_int_equal(k, count);
        if (k) assert_memory_equal(pos, want, (size_t)k * sizeof *pos);
        assert_ok(filter(cx, &t, mask, &out));
        assert_int_equal(out.n, count);
        for (int c = 0; c < 4; c++) {
            check_rows(cx, col[c], want, count, out.col[c]);
            assert_int_equal(out.col[c]->null, col[c]->null);
            array_unref(col[c]);
        }
        table_clear(&out);
        array_unref(mask);
        mem_free(pos);
        free(want);
    }
    unit_end(cx);
}

/* The same by append: with a right, a wrong and no idea of the rows to come. */
static Status append_all(Cx *cx, Array *const *a, idx k, NullForm form, idx expect,
                         Array **out)
{
    Append *p;
    *out = NULL;
    TRY(append_new(cx, form, expect, &p));
    for (idx i = 0; i < k; i++) {
        Status st = append_add(cx, p, a[i]);
        if (!st) continue;
        append_free(p);
        return st;
    }
    return append_finish(cx, p, out);
}

static void check_concat(Cx *cx, Array *const *a, idx k, NullForm form, Array *out)
{
    idx at = 0;
    assert_ok(array_check(cx, out));
    assert_int_equal(out->null, form);
    for (idx p = 0; p < k; p++) {
        for (idx i = 0; i < a[p]->n; i++)
            assert_same_row(a[p], i, out, at + i);
        at += a[p]->n;
    }
    assert_int_equal(out->n, at);
    array_unref(out);
}

static void test_concat(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {47};
    for (int round = 0; round < 300; round++) {
        enum { MAX = 6 };
        Array *a[MAX], *out;
        idx k = rng_below(&r, MAX) + 1, rows = 0;
        a[0] = random_column(cx, &r, rng_chance(&r, 20) ? 0 : rng_below(&r, 200));
        for (idx p = 1; p < k; p++) {
            if (rng_chance(&r, 30)) { /* of one dictionary, at any offset */
                idx start = rng_below(&r, a[0]->n + 1);
                assert_ok(array_slice(cx, a[0], start, a[0]->n - start, &a[p]));
                continue;
            }
            a[p] = random_column_like(cx, &r, a[0],
                                      rng_chance(&r, 20) ? 0 : rng_below(&r, 200));
        }
        NullForm form = a[0]->null == NULL_NONE && round % 2 ? NULL_PROM : a[0]->null;
        assert_ok(concat(cx, a, k, form, &out));
        check_concat(cx, a, k, form, out);
        for (idx p = 0; p < k; p++)
            rows += a[p]->n;
        const idx expect[] = {-1, rows, rows / 3};
        for (int e = 0; e < 3; e++) {
            assert_ok(append_all(cx, a, k, form, expect[e], &out));
            check_concat(cx, a, k, form, out);
        }
        for (idx p = 0; p < k; p++)
            array_unref(a[p]);
    }
    unit_end(cx);
}

/* A bitmap turns into NaN and NaT when the result's form says so. */
static void test_forms(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Array *a, *out;
    for (int time = 0; time < 2; time++) {
        assert_ok(array_new(cx, time ? DT_TS : DT_F64, NULL_MASK, time ? UNIT_US : 0, 3,
                            true, &a));
        assert_ok(array_add_valid(cx, a, true));
        bit_clear(a->valid, 1);
        NullForm form = time ? NULL_NAT : NULL_NAN;
        assert_ok(concat(cx, &a, 1, form, &out));
        assert_true(!out->valid && array_is_null(out, 1) && !array_is_null(out, 2));
        array_unref(out);
        assert_ok(append_all(cx, &a, 1, form, 3, &out));
        assert_true(!out->valid && array_is_null(out, 1) && !array_is_null(out, 2));
        array_unref(out);
        const idx pos[] = {1, -1, 0};
        assert_ok(take(cx, a, pos, 3, form, &out));
        assert_true(!out->valid && array_is_null(out, 0) && array_is_null(out, 1) &&
                    !array_is_null(out, 2));
        array_unref(out);
        array_unref(a);
    }
    unit_end(cx);
}

static void test_faults(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {53};
    for (int n = 1;; n++) {
        Array *col[3], *out = NULL, *mask;
        Rng same = r;
        Table t = {100, 3, col}, f = {0};
        alloc_fail_at(0);
        for (int c = 0; c < 3; c++)
            col[c] = random_column_of(cx, &same, 100, c);
        mask = random_mask(cx, &same, 100);
        Array *pieces[] = {col[2], random_column_like(cx, &same, col[2], 50)};
        Array *texts[5]; /* dictionaries, then plain text, then a dictionary */
        for (int c = 0; c < 5; c++)
            texts[c] = random_column_of(cx, &same, 40, c == 3 ? 2 : 3);
        idx pos[] = {3, -1, 50};
        alloc_fail_at(n);
        Status st = filter(cx, &t, mask, &f);
        if (!st) st = concat(cx, pieces, 2, NULL_MASK, &out);
        array_unref(out);
        out = NULL;
        for (int c = 0; c < 4 && !st; c++) {
            st = append_all(cx, texts + c, 2, NULL_MASK, 100, &out);
            array_unref(out);
            out = NULL;
        }
        if (!st) st = take(cx, col[2], pos, 3, NULL_MASK, &out);
        array_unref(out);
        alloc_fail_at(0);
        table_clear(&f);
        array_unref(mask);
        array_unref(pieces[1]);
        for (int c = 0; c < 5; c++)
            array_unref(texts[c]);
        for (int c = 0; c < 3; c++)
            array_unref(col[c]);
        assert_int_equal(buf_live_count(), 0);
        if (!st) break;
        assert_int_equal(st, E_MEMORY);
        err_clear(&cx->err);
    }
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take),   cmocka_unit_test(test_filter),
        cmocka_unit_test(test_concat), cmocka_unit_test(test_forms),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
