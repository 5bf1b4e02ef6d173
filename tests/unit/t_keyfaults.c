/* SPDX-License-Identifier: Apache-2.0
 * Every allocation of sorting, grouping, joining and numbering fails once: the call
 * must say E_MEMORY and leave nothing behind.
 */
#include "columns.h"
#include "kernel/kernel.h"

enum { ROWS = 3000 };

typedef struct Data {
    Table keys, other, values;
} Data;

typedef Status Operation(Cx *cx, const Data *d);

static Status op_sort(Cx *cx, const Data *d)
{
    const bool asc[3] = {true, false, true};
    idx *perm, n;
    TRY(sort_perm(cx, &d->keys, asc, false, &perm));
    mem_free(perm);
    TRY(sort_top(cx, &d->keys, asc, true, 10, &perm, &n));
    mem_free(perm);
    return OK;
}

static Status op_codes(Cx *cx, const Data *d)
{
    idx *codes, *first, n;
    Array *mask;
    TRY(group_codes(cx, &d->keys, true, &codes, &n, &first));
    mem_free(codes);
    mem_free(first);
    for (const char *k = "fln"; *k; k++) {
        TRY(drop_duplicates_mask(cx, &d->keys, *k, &mask));
        array_unref(mask);
    }
    return OK;
}

static Status op_join(Cx *cx, const Data *d)
{
    JoinTab *j;
    idx *l = NULL, *r = NULL, n;
    Array *mask = NULL;
    TRY(join_build(cx, &d->keys, &j));
    Status st = join_probe(cx, j, &d->other, true, &l, &r, &n);
    if (!st) st = join_semi(cx, j, &d->other, false, &mask);
    mem_free(l);
    mem_free(r);
    array_unref(mask);
    join_free(j);
    return st;
}

static Status group_steps(Cx *cx, const Data *d, GroupTab *g, GroupTab *to)
{
    Table keys = {0}, states = {0};
    idx *row0s = NULL;
    TRY(group_consume(cx, g, &d->keys, &d->values, 0, NULL));
    if (to) {
        TRY(group_partial(cx, g, &keys, &states));
        Status st = group_merge(cx, to, &keys, &states);
        table_clear(&keys);
        table_clear(&states);
        TRY(st);
    }
    TRY(group_final(cx, to ? to : g, &keys, &states, &row0s));
    mem_free(row0s);
    table_clear(&keys);
    table_clear(&states);
    return OK;
}

static Status op_group(Cx *cx, const Data *d)
{
    const AggSpec agg[] = {
        {.kind = AGG_SUM,  .col = 0,  .skipna = true},
        {.kind = AGG_VAR,  .col = 0,  .skipna = true},
        {.kind = AGG_MIN,  .col = 1,  .skipna = true},
        {.kind = AGG_SIZE, .col = -1, .skipna = true},
        {.kind = AGG_LAST, .col = 1,  .skipna = true},
    };
    GroupTab *g, *to;
    TRY(group_init(cx, &d->keys, &d->values, agg, COUNT_OF(agg), false, true, &g));
    Status st =
        group_init(cx, &d->keys, &d->values, agg, COUNT_OF(agg), false, true, &to);
    if (!st) {
        st = group_steps(cx, d, g, to);
        group_free(to);
    }
    group_free(g);
    return st;
}

static Status op_holistic(Cx *cx, const Data *d)
{
    const AggSpec agg[] = {
        {.kind = AGG_NUNIQUE, .col = 1, .skipna = true},
        {.kind = AGG_MEDIAN,  .col = 0, .skipna = true},
    };
    GroupTab *g;
    TRY(group_init(cx, &d->keys, &d->values, agg, COUNT_OF(agg), true, true, &g));
    Status st = group_steps(cx, d, g, NULL);
    group_free(g);
    return st;
}

static void torture(Cx *cx, const Data *d, Operation *op)
{
    int64_t bytes = buf_live_bytes(), count = buf_live_count();
    for (int64_t n = 1;; n++) {
        assert_true(n < 3000);
        alloc_fail_at(n);
        Status st = op(cx, d);
        alloc_fail_at(0);
        assert_int_equal(buf_live_bytes(), bytes);
        assert_int_equal(buf_live_count(), count);
        if (st == OK) break; /* fewer than n allocations */
        assert_int_equal(st, E_MEMORY);
        err_clear(&cx->err);
    }
}

static void test_faults(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {1};
    Operation *const op[] = {op_sort, op_codes, op_join, op_group, op_holistic};
    for (int round = 0; round < 3; round++) {
        Data d;
        const int kinds[3][3] = {
            {4,  13, 12},
            {12, 11, 5 },
            {15, 3,  9 }
        };
        assert_ok(table_init(cx, &d.keys, 3, ROWS));
        assert_ok(table_init(cx, &d.other, 3, ROWS));
        assert_ok(table_init(cx, &d.values, 2, ROWS));
        for (int c = 0; c < 3; c++) {
            ColumnKind k = column_kind[kinds[round][c]];
            d.keys.col[c] = random_column(cx, &r, k, ROWS, 30, 5);
            d.other.col[c] = random_column(cx, &r, k, ROWS, 60, 5);
        }
        d.values.col[0] = random_column(cx, &r, column_kind[11], ROWS, 100, 5);
        d.values.col[1] = random_column(cx, &r, column_kind[12], ROWS, 100, 5);
        for (int k = 0; k < COUNT_OF(op); k++)
            torture(cx, &d, op[k]);
        table_clear(&d.keys);
        table_clear(&d.other);
        table_clear(&d.values);
    }
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
