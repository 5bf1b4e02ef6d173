/* SPDX-License-Identifier: Apache-2.0
 * Row hashes and sorting, compared with definitions on random tables.
 */
#include "columns.h"
#include "kernel/kernel.h"

static const idx sizes[] = {0, 1, 2, 3, 23, 100, 700, 3000, 21000};

static void check_order(Cx *cx, const Table *t, const bool *asc, bool first)
{
    idx *perm;
    assert_ok(sort_perm(cx, t, asc, first, &perm));
    uint8_t *seen = calloc((size_t)t->n + 1, 1);
    for (idx i = 0; i < t->n; i++) {
        assert_in_range(perm[i], 0, t->n - 1);
        assert_false(seen[perm[i]]);
        seen[perm[i]] = 1;
        if (i == 0) continue;
        int c = sort_cmp(t, perm[i - 1], t, perm[i], asc, first);
        assert_true(c <= 0);
        if (c == 0) assert_true(perm[i - 1] < perm[i]);
    }
    for (int k = 0; k < 3; k++) {
        idx *top, n, want = k == 0 ? 0 : k == 1 ? t->n / 20 : t->n / 9 + 1;
        assert_ok(sort_top(cx, t, asc, first, want, &top, &n));
        assert_int_equal(n, want < t->n ? want : t->n);
        for (idx i = 0; i < n; i++)
            assert_int_equal(top[i], perm[i]);
        mem_free(top);
    }
    free(seen);
    mem_free(perm);
}

static void test_sort_random(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {1};
    for (int round = 0; round < 400; round++) {
        Table t;
        idx n = sizes[rng_below(&r, COUNT_OF(sizes))], ncol = rng_below(&r, 5);
        bool asc[5];
        for (int c = 0; c < 5; c++)
            asc[c] = rng_chance(&r, 50);
        random_table(cx, &r, ncol, n, rng_chance(&r, 50) ? 7 : 5000, &t);
        check_order(cx, &t, asc, rng_chance(&r, 50));
        table_clear(&t);
    }
    unit_end(cx);
}

/* Every kind of column alone, both directions, both ends for what is missing. */
static void test_sort_kinds(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {2};
    for (int k = 0; k < COLUMN_KINDS * 8; k++) {
        bool asc = k & 1;
        Array *a =
            random_column(cx, &r, column_kind[k / 8], 1500, k & 4 ? 30 : 100000, 7);
        Table t = {a->n, 1, &a};
        check_order(cx, &t, &asc, (k & 2) != 0);
        array_unref(a);
    }
    unit_end(cx);
}

static void test_sort_ordered(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    for (int down = 0; down < 2; down++) {
        Array *a;
        const bool asc = true;
        assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, 1000, false, &a));
        for (idx i = 0; i < 1000; i++)
            ((int64_t *)a->data)[i] = down ? -i : i / 3;
        Table t = {a->n, 1, &a};
        check_order(cx, &t, &asc, false);
        array_unref(a);
    }
    unit_end(cx);
}

/* Texts that agree for longer than the rounds of refinement go. */
static void test_sort_long_texts(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {3};
    Builder *b;
    Array *a;
    uint8_t text[3000];
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, 0, &b));
    for (idx i = 0; i < 600; i++) {
        memset(text, 'p', sizeof text);
        idx n = 1 + rng_below(&r, 2999);
        if (rng_chance(&r, 50)) text[n - 1] = (uint8_t)rng_below(&r, 256);
        assert_ok(builder_add_str(cx, b, text, n));
    }
    assert_ok(builder_finish(cx, b, &a));
    Table t = {a->n, 1, &a};
    for (int k = 0; k < 2; k++) {
        bool asc = k;
        check_order(cx, &t, &asc, false);
    }
    array_unref(a);
    unit_end(cx);
}

static void test_sort_merge(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {4};
    const bool asc[2] = {true, false};
    for (int round = 0; round < 40; round++) {
        Table run[5];
        uint64_t *order;
        idx total = 0, k = rng_below(&r, 6);
        for (idx i = 0; i < k; i++) { /* sorted runs: slices of sorted numbers */
            idx n = rng_below(&r, 200);
            assert_ok(table_init(cx, &run[i], 2, n));
            for (int c = 0; c < 2; c++) {
                assert_ok(
                    array_new(cx, DT_I32, NULL_NONE, 0, n, false, &run[i].col[c]));
                for (idx j = 0; j < n; j++)
                    ((int32_t *)run[i].col[c]->data)[j] =
                        c == 0 ? (int32_t)(j / 5) : -(int32_t)(j % 5 / 2);
            }
            total += n;
        }
        assert_ok(sort_merge(cx, run, k, asc, false, &order));
        for (idx i = 1; i < total; i++) {
            uint64_t x = order[i - 1], y = order[i], m = ((uint64_t)1 << 48) - 1;
            int c = sort_cmp(&run[x >> 48], (idx)(x & m), &run[y >> 48], (idx)(y & m),
                             asc, false);
            assert_true(c < 0 || (c == 0 && x < y));
        }
        mem_free(order);
        for (idx i = 0; i < k; i++)
            table_clear(&run[i]);
    }
    unit_end(cx);
}

static void test_hash_rows(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {5};
    for (int round = 0; round < 100; round++) {
        Table t;
        idx n = 300, same = 0, equal = 0;
        random_table(cx, &r, 1 + rng_below(&r, 3), n, 6, &t);
        uint64_t h[300];
        assert_ok(hash_rows(cx, &t, h));
        for (idx i = 0; i < n; i++) {
            for (idx j = 0; j < i; j++) {
                bool eq = same_row(&t, i, &t, j);
                if (eq) assert_true(h[i] == h[j]);
                same += h[i] == h[j];
                equal += eq;
            }
        }
        assert_int_equal(same, equal); /* 64 bits: no accidents among 300 rows */
        table_clear(&t);
    }
    unit_end(cx);
}

/* Width and layout do not matter: int8 as int64, float32 as float64, dictionary as
 * text. */
static void test_hash_layouts(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {6};
    Array *a[2];
    uint64_t h[2][64];
    for (int kind = 0; kind < 3; kind++) {
        if (kind == 2) {
            a[0] = random_column(cx, &r, column_kind[13], 64, 9, 10);
            assert_ok(array_str_plain(cx, a[0], &a[1]));
        } else {
            DType small = kind ? DT_F32 : DT_I8, big = kind ? DT_F64 : DT_I64;
            assert_ok(
                array_new(cx, small, kind ? NULL_NAN : NULL_NONE, 0, 64, false, &a[0]));
            assert_ok(
                array_new(cx, big, kind ? NULL_NAN : NULL_NONE, 0, 64, false, &a[1]));
            for (int i = 0; i < 64; i++) {
                int v = (int)rng_below(&r, 200) - 100;
                if (kind) {
                    float f = i ? (float)v / 8 : NAN;
                    ((float *)a[0]->data)[i] = f;
                    ((double *)a[1]->data)[i] = (double)f;
                } else {
                    ((int8_t *)a[0]->data)[i] = (int8_t)v;
                    ((int64_t *)a[1]->data)[i] = v;
                }
            }
        }
        for (int i = 0; i < 2; i++) {
            Table t = {64, 1, &a[i]};
            assert_ok(hash_rows(cx, &t, h[i]));
        }
        assert_memory_equal(h[0], h[1], sizeof h[0]);
        array_unref(a[0]);
        array_unref(a[1]);
    }
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sort_random),  cmocka_unit_test(test_sort_kinds),
        cmocka_unit_test(test_sort_ordered), cmocka_unit_test(test_sort_long_texts),
        cmocka_unit_test(test_sort_merge),   cmocka_unit_test(test_hash_rows),
        cmocka_unit_test(test_hash_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
