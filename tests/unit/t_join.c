/* SPDX-License-Identifier: Apache-2.0
 * Numbering by keys, duplicates and joins, compared with quadratic models on random
 * tables.
 */
#include "columns.h"
#include "kernel/kernel.h"
#include "kernel/keytab.h"

static void check_codes(Cx *cx, const Table *t, bool dropna)
{
    idx *codes, *first, n;
    assert_ok(group_codes(cx, t, dropna, &codes, &n, &first));
    idx next = 0;
    for (idx i = 0; i < t->n; i++) {
        if (dropna && row_has_missing(t, i)) {
            assert_int_equal(codes[i], -1);
            continue;
        }
        idx want = -1;
        for (idx g = 0; g < next && want < 0; g++)
            if (same_row(t, i, t, first[g])) want = g;
        if (want < 0) {
            want = next++;
            assert_int_equal(first[want], i);
        }
        assert_int_equal(codes[i], want);
    }
    assert_int_equal(n, next);
    mem_free(codes);
    mem_free(first);
}

static void check_duplicates(Cx *cx, const Table *t)
{
    for (int k = 0; k < 3; k++) {
        Array *mask;
        assert_ok(drop_duplicates_mask(cx, t, "fln"[k], &mask));
        for (idx i = 0; i < t->n; i++) {
            bool before = false, after = false;
            for (idx j = 0; j < t->n; j++) {
                if (j < i && !before) before = same_row(t, i, t, j);
                if (j > i && !after) after = same_row(t, i, t, j);
            }
            bool keep = k == 0 ? !before : k == 1 ? !after : !before && !after;
            assert_int_equal(((uint8_t *)mask->data)[i], keep);
        }
        array_unref(mask);
    }
}

static void test_codes(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {1};
    for (int round = 0; round < 250; round++) {
        Table t;
        idx n = rng_below(&r, round % 10 == 0 ? 3000 : 200);
        random_table(cx, &r, rng_below(&r, 5), n, rng_chance(&r, 50) ? 5 : 300, &t);
        check_codes(cx, &t, rng_chance(&r, 50));
        if (round % 3 == 0) check_duplicates(cx, &t);
        table_clear(&t);
    }
    unit_end(cx);
}

/* Batches whose ranges and texts grow, so that the layout changes under way. */
static void test_growing(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {2};
    for (int round = 0; round < 60; round++) {
        idx ncol = 1 + rng_below(&r, 3), kind[3], want = 0;
        for (idx c = 0; c < ncol; c++)
            kind[c] = rng_below(&r, COLUMN_KINDS);
        Table part[6];
        KeyTab *t = NULL;
        bool drop = rng_chance(&r, 30);
        uint32_t *id[6];
        for (int p = 0; p < 6; p++) {
            idx n = rng_below(&r, 400);
            assert_ok(table_init(cx, &part[p], ncol, n));
            for (idx c = 0; c < ncol; c++)
                part[p].col[c] = random_column(cx, &r, column_kind[kind[c]], n,
                                               (idx)3 << (2 * p), p % 3 == 2 ? 10 : 0);
            id[p] = calloc((size_t)n + 1, sizeof *id[p]);
        }
        assert_ok(keytab_new(cx, &part[0], drop, 0, &t));
        for (int p = 0; p < 6; p++) {
            KeyBatch b;
            assert_ok(keytab_prepare(cx, t, &part[p]));
            assert_ok(keytab_encode(cx, t, &part[p], 0, part[p].n, NULL, &b));
            assert_ok(keytab_add(cx, t, b.word, b.n, id[p]));
            for (idx i = b.n; i-- > 0 && !b.all;)
                id[p][b.row[i]] = id[p][i];
            for (idx i = 0; i < part[p].n; i++) {
                if (drop && row_has_missing(&part[p], i))
                    id[p][i] = KEY_NONE;
                else
                    want = id[p][i] >= want ? id[p][i] + 1 : want;
            }
        }
        assert_int_equal(keytab_count(t), want);
        Table keys;
        assert_ok(keytab_decode(cx, t, &keys));
        for (idx c = 0; c < ncol; c++)
            assert_ok(array_check(cx, keys.col[c]));
        for (int p = 0; p < 6; p++) {
            uint32_t found[400];
            assert_ok(keytab_find(cx, t, &part[p], 0, part[p].n, found));
            for (idx i = 0; i < part[p].n; i++) {
                assert_int_equal(found[i], id[p][i]);
                if (found[i] != KEY_NONE)
                    assert_true(same_row(&part[p], i, &keys, found[i]));
            }
        }
        table_clear(&keys);
        keytab_free(t);
        for (int p = 0; p < 6; p++) {
            free(id[p]);
            table_clear(&part[p]);
        }
    }
    unit_end(cx);
}

static void check_join(Cx *cx, const Table *build, const Table *probe, bool keep)
{
    JoinTab *j;
    idx *l, *r, n, o = 0;
    Array *semi, *anti;
    uint8_t *matched = calloc((size_t)build->n + 1, 1);
    assert_ok(join_build(cx, build, &j));
    assert_ok(join_probe(cx, j, probe, keep, &l, &r, &n));
    if (!l) assert_int_equal(n, probe->n);
    assert_ok(join_semi(cx, j, probe, false, &semi));
    assert_ok(join_semi(cx, j, probe, true, &anti));
    for (idx i = 0; i < probe->n; i++) {
        bool any = false;
        for (idx k = 0; k < build->n; k++) {
            if (!same_row(probe, i, build, k)) continue;
            assert_true(o < n);
            assert_int_equal(l ? l[o] : o, i);
            assert_int_equal(r[o], k);
            matched[k] = 1;
            any = true;
            o++;
        }
        assert_int_equal(((uint8_t *)semi->data)[i], any);
        assert_int_equal(((uint8_t *)anti->data)[i], !any);
        if (any || !keep) continue;
        assert_int_equal(l ? l[o] : o, i);
        assert_int_equal(r[o], -1);
        o++;
    }
    assert_int_equal(o, n);
    assert_memory_equal(join_matched(j), matched, (size_t)build->n);
    free(matched);
    mem_free(l);
    mem_free(r);
    array_unref(semi);
    array_unref(anti);
    join_free(j);
}

static void test_join(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {3};
    for (int round = 0; round < 200; round++) {
        Table b, p;
        idx ncol = rng_below(&r, 4), distinct = rng_chance(&r, 50) ? 4 : 400;
        idx n = rng_below(&r, 200), m = rng_below(&r, round % 10 ? 200 : 2500);
        assert_ok(table_init(cx, &b, ncol, n));
        assert_ok(table_init(cx, &p, ncol, m));
        for (idx c = 0; c < ncol; c++) {
            ColumnKind k = column_kind[rng_below(&r, COLUMN_KINDS)];
            b.col[c] = random_column(cx, &r, k, n, distinct, 5);
            if (k.dt == DT_STR) k.dict = rng_chance(&r, 50);
            p.col[c] = random_column(cx, &r, k, m, 2 * distinct, 5);
        }
        if (ncol == 0) b.n = n % 5, p.n = m % 5; /* every row matches every row */
        check_join(cx, &b, &p, rng_chance(&r, 50));
        table_clear(&b);
        table_clear(&p);
    }
    unit_end(cx);
}

/* Unique build keys, dense and not, and integers of other widths and signs on the probe
 * side. */
static void test_join_unique(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const DType types[] = {DT_I8, DT_I16, DT_I32, DT_I64,
                           DT_U8, DT_U16, DT_U32, DT_U64};
    for (int a = 0; a < 8; a++) {
        for (int b = 0; b < 8; b++) {
            Array *x, *y;
            assert_ok(array_new(cx, types[a], NULL_NONE, 0, 200, true, &x));
            assert_ok(array_new(cx, types[b], NULL_NONE, 0, 256, true, &y));
            for (int64_t i = 0; i < 256; i++) { /* 256 values of each type */
                int64_t u = i - 100, v = i - 128;
                size_t wa = dtype_info[types[a]].bytes, wb = dtype_info[types[b]].bytes;
                if (i < 200) memcpy((uint8_t *)x->data + (size_t)i * wa, &u, wa);
                memcpy((uint8_t *)y->data + (size_t)i * wb, &v, wb);
            }
            Table s = {200, 1, &x}, t = {256, 1, &y};
            JoinTab *j;
            idx *l, *r, n, o = 0;
            assert_ok(join_build(cx, &s, &j));
            join_mark(j, false);
            assert_ok(join_probe(cx, j, &t, false, &l, &r, &n));
            for (idx p = 0; p < 256; p++) {
                for (idx k = 0; k < 200; k++) {
                    __int128 v[2];
                    for (int side = 0; side < 2; side++) {
                        const Array *c = side ? y : x;
                        uint64_t u = 0;
                        size_t w = dtype_info[c->dt].bytes;
                        memcpy(&u, (uint8_t *)c->data + (size_t)(side ? p : k) * w, w);
                        bool neg = !dt_is_unsigned(c->dt) && (u >> (8 * w - 1)) & 1;
                        v[side] = (__int128)u - (neg ? (__int128)1 << (8 * w) : 0);
                    }
                    if (v[0] != v[1]) continue;
                    assert_true(o < n && (l ? l[o] : o) == p && r[o] == k);
                    o++;
                }
            }
            assert_int_equal(o, n);
            mem_free(l);
            mem_free(r);
            join_free(j);
            array_unref(x);
            array_unref(y);
        }
    }
    unit_end(cx);
}

static void test_join_types(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {4};
    Array *a = random_column(cx, &r, column_kind[4], 10, 5, 0);
    Array *b = random_column(cx, &r, column_kind[12], 10, 5, 0);
    Table s = {10, 1, &a}, t = {10, 1, &b};
    JoinTab *j;
    idx *l, *p, n;
    assert_ok(join_build(cx, &s, &j));
    assert_int_equal(join_probe(cx, j, &t, false, &l, &p, &n), E_TYPE);
    join_free(j);
    array_unref(a);
    array_unref(b);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),      cmocka_unit_test(test_growing),
        cmocka_unit_test(test_join),       cmocka_unit_test(test_join_unique),
        cmocka_unit_test(test_join_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
