/* SPDX-License-Identifier: Apache-2.0
 * Group-by compared with a dumb model: random keys and values of all dtypes, in one
 * phase and in two, with masks, and consumed out of order.
 */
#include "columns.h"
#include "kernel/kernel.h"

enum { MAX_AGG = 40 };

/* The rows of one group, taken and in order. */
typedef struct Model {
    idx n;
    idx *row;
} Model;

static double as_double(const Array *a, idx i)
{
    switch (a->dt) {
    case DT_BOOL:
    case DT_U8: return ((uint8_t *)a->data)[i];
    case DT_I8: return ((int8_t *)a->data)[i];
    case DT_I16: return ((int16_t *)a->data)[i];
    case DT_U16: return ((uint16_t *)a->data)[i];
    case DT_I32:
    case DT_DATE: return ((int32_t *)a->data)[i];
    case DT_U32: return ((uint32_t *)a->data)[i];
    case DT_U64: return (double)((uint64_t *)a->data)[i];
    case DT_F32: return (double)((float *)a->data)[i];
    case DT_F64: return ((double *)a->data)[i];
    default: return (double)((int64_t *)a->data)[i];
    }
}

static uint64_t as_word(const Array *a, idx i)
{
    uint64_t w = 0;
    size_t n = dtype_info[a->dt].bytes;
    memcpy(&w, (uint8_t *)a->data + (size_t)i * n, n);
    bool sign = !dt_is_unsigned(a->dt) && a->dt != DT_BOOL && (w >> (8 * n - 1)) & 1;
    return sign && n < 8 ? w | UINT64_MAX << (8 * n) : w;
}

static int value_order(const Array *a, idx i, idx j)
{
    const bool asc = true;
    Array *col = (Array *)a;
    Table t = {a->n, 1, &col};
    return sort_cmp(&t, i, &t, j, &asc, false);
}

static bool near(double x, double y)
{
    if (isnan(x) || isnan(y)) return isnan(x) && isnan(y);
    if (x == y) return true;
    return fabs(x - y) <= 1e-6 * (fabs(x) + fabs(y)) + 1e-300;
}

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool truth(const Array *a, idx i)
{
    idx n;
    if (a->dt == DT_STR) return array_str(a, i, &n), n > 0;
    return as_double(a, i) != 0;
}

/* Result r[g] of aggregate s against the present rows of v in the group. */
static void check_value(const AggSpec *s, const Array *v, const Model *m,
                        const Array *r, idx g)
{
    idx *row = malloc((size_t)(m->n + 1) * sizeof *row), n = 0;
    for (idx i = 0; i < m->n; i++)
        if (s->kind != AGG_SIZE && !array_is_null(v, m->row[i])) row[n++] = m->row[i];
    bool null = array_is_null(r, g), fl = s->kind != AGG_SIZE && dt_is_float(v->dt);
    double sum = 0, prod = 1, m2 = 0,
           *sorted = malloc((size_t)(n + 1) * sizeof *sorted);
    uint64_t isum = 0, iprod = 1;
    idx lo = 0, hi = 0, distinct = 0;
    bool any = false, all = true, big = false;
    for (idx i = 0; i < n; i++) {
        double x = v->dt == DT_STR ? 0 : as_double(v, row[i]);
        uint64_t w = v->dt == DT_STR ? 0 : as_word(v, row[i]);
        sorted[i] = x;
        sum += x;
        prod *= x;
        big |= fabs(x) > 1e10 || i > 20;
        isum += w;
        iprod *= w;
        if (value_order(v, row[i], row[lo]) < 0) lo = i;
        if (value_order(v, row[i], row[hi]) > 0) hi = i;
        any |= truth(v, row[i]);
        all &= truth(v, row[i]);
        bool new = true;
        for (idx j = 0; j < i && new; j++)
            new = !same_value(v, row[i], v, row[j]);
        distinct += new;
    }
    double mean = sum / (double)n;
    for (idx i = 0; i < n; i++)
        m2 += (sorted[i] - mean) * (sorted[i] - mean);
    qsort(sorted, (size_t)n, sizeof *sorted, by_double);
    double got = null || r->dt == DT_STR ? (double)NAN : as_double(r, g),
           want = (double)NAN;
    switch (s->kind) {
    case AGG_SUM:
        if (n < s->min_count)
            assert_true(null);
        else if (!fl)
            assert_true(memcmp(&isum, (uint8_t *)r->data + g * dtype_info[r->dt].bytes,
                               dtype_info[r->dt].bytes) == 0);
        else
            assert_true(near(got, sum) || (fabs(got - sum) < 1e-9 * 1e303 && big) ||
                        fabs(got - sum) < 1e-6);
        break;
    case AGG_PROD:
        if (!fl)
            assert_true(memcmp(&iprod, (uint8_t *)r->data + g * dtype_info[r->dt].bytes,
                               dtype_info[r->dt].bytes) == 0);
        else if (!big)
            assert_true(near(got, prod));
        break;
    case AGG_MEAN:
    case AGG_MEDIAN:
        if (n == 0) {
            assert_true(null);
            break;
        }
        want = s->kind == AGG_MEAN ? mean
               : n % 2             ? sorted[n / 2]
                                   : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        if (dt_is_time(v->dt))
            assert_true(fabs(got - want) <= 2 + 1e-6 * fabs(sorted[n - 1] - sorted[0]));
        else
            assert_true(near(got, want) || big || fabs(got - want) < 1e-6);
        break;
    case AGG_VAR:
    case AGG_STD:
        want = m2 / (double)(n - s->ddof);
        if (s->kind == AGG_STD) want = sqrt(want);
        if (n - s->ddof <= 0)
            assert_true(null);
        else if (dt_is_time(v->dt))
            assert_true(want > 9e18 || fabs(got - want) <= 2 + 1e-6 * want);
        else if (isfinite(want) && (!fl || !big))
            assert_true(near(got, want) || fabs(want) < 1e-9);
        break;
    case AGG_COUNT: assert_true(got == (double)n); break;
    case AGG_SIZE: assert_true(got == (double)m->n); break;
    case AGG_NUNIQUE: assert_true(got == (double)distinct); break;
    case AGG_ANY: assert_true(got == (double)any); break;
    case AGG_ALL: assert_true(got == (double)all); break;
    default:
        if (n == 0) {
            assert_true(null);
            break;
        }
        idx at = s->kind == AGG_MIN     ? row[lo]
                 : s->kind == AGG_MAX   ? row[hi]
                 : s->kind == AGG_FIRST ? row[0]
                                        : row[n - 1];
        assert_int_equal(r->dt, v->dt);
        assert_true(same_value(r, g, v, at));
    }
    free(row);
    free(sorted);
}

static bool agg_fits(uint8_t kind, const Array *v)
{
    switch (kind) {
    case AGG_SUM: return v->dt != DT_STR && v->dt != DT_DATE && v->dt != DT_TS;
    case AGG_PROD:
    case AGG_VAR: return dt_is_num((DType)v->dt);
    case AGG_MEAN:
    case AGG_STD:
    case AGG_MEDIAN: return v->dt != DT_STR && v->dt != DT_DATE;
    case AGG_ANY:
    case AGG_ALL: return v->dt != DT_TS && v->dt != DT_DATE;
    default: return true;
    }
}

typedef struct Case {
    Table keys, values;
    AggSpec agg[MAX_AGG];
    idx nagg;
    bool dropna;
    Array *sel; /* or NULL */
} Case;

static void make_case(Cx *cx, Rng *r, Case *c, bool holistic)
{
    idx n = rng_below(r, rng_chance(r, 20) ? 3000 : 150), nval = 1 + rng_below(r, 4);
    random_table(cx, r, rng_below(r, 4), n, rng_chance(r, 70) ? 4 : 200, &c->keys);
    random_table(cx, r, nval, n, rng_chance(r, 50) ? 6 : 300, &c->values);
    c->dropna = rng_chance(r, 60);
    c->sel = rng_chance(r, 40) ? random_column(cx, r, column_kind[18], n, 2, 10) : NULL;
    for (c->nagg = 0; c->nagg < 12;) {
        AggSpec s = {.kind = (uint8_t)rng_below(r, AGG_KINDS),
                     .col = (int32_t)rng_below(r, nval),
                     .skipna = true,
                     .ddof = (int32_t)rng_below(r, 3)};
        if (!agg_fits(s.kind, c->values.col[s.col])) continue;
        if (!holistic && (s.kind == AGG_NUNIQUE || s.kind == AGG_MEDIAN)) continue;
        if (s.kind == AGG_SUM && rng_chance(r, 30)) s.min_count = rng_below(r, 4);
        c->agg[c->nagg++] = s;
    }
}

static void clear_case(Case *c)
{
    table_clear(&c->keys);
    table_clear(&c->values);
    array_unref(c->sel);
}

/* keys and values: what a group-by gave, with first rows if row0s. */
static void check_case(const Case *c, const Table *keys, const Table *values,
                       const idx *row0s)
{
    idx n = c->keys.n, groups = 0;
    Model m = {.row = malloc((size_t)(n + 1) * sizeof(idx))};
    uint8_t *done = calloc((size_t)n + 1, 1);
    for (idx i = 0; i < n; i++) {
        done[i] = c->dropna && row_has_missing(&c->keys, i);
        if (c->sel && (array_is_null(c->sel, i) || !((uint8_t *)c->sel->data)[i]))
            done[i] = 1;
    }
    for (idx i = 0; i < n || (c->keys.ncol == 0 && i == 0); i++) {
        if (c->keys.ncol > 0 && done[i]) continue;
        m.n = 0;
        for (idx j = i; j < n; j++) {
            if (done[j] || !same_row(&c->keys, i, &c->keys, j)) continue;
            m.row[m.n++] = j;
            done[j] = 1;
        }
        idx g = 0;
        while (g < keys->n && !same_row(&c->keys, i, keys, g))
            g++;
        assert_true(g < keys->n);
        if (row0s && m.n) assert_int_equal(row0s[g], m.row[0]);
        for (idx k = 0; k < c->nagg; k++) {
            const Array *v = c->values.col[c->agg[k].col];
            check_value(&c->agg[k], v, &m, values->col[k], g);
        }
        groups++;
        if (c->keys.ncol == 0) break;
    }
    assert_int_equal(groups, keys->n);
    for (idx k = 0; k < keys->ncol; k++)
        assert_int_equal(keys->col[k]->n, groups);
    free(m.row);
    free(done);
}

static void check_columns(Cx *cx, const Table *t)
{
    for (idx c = 0; c < t->ncol; c++)
        assert_ok(array_check(cx, t->col[c]));
}

/* Rows from .. from + n of the case. */
static void slice_case(Cx *cx, const Case *c, idx from, idx n, Case *out)
{
    assert_ok(table_init(cx, &out->keys, c->keys.ncol, n));
    assert_ok(table_init(cx, &out->values, c->values.ncol, n));
    out->sel = NULL;
    for (idx k = 0; k < c->keys.ncol; k++)
        assert_ok(array_slice(cx, c->keys.col[k], from, n, &out->keys.col[k]));
    for (idx k = 0; k < c->values.ncol; k++)
        assert_ok(array_slice(cx, c->values.col[k], from, n, &out->values.col[k]));
    if (c->sel) assert_ok(array_slice(cx, c->sel, from, n, &out->sel));
}

static void finish(Cx *cx, const Case *c, GroupTab *g, bool order)
{
    Table keys, values;
    idx *row0s;
    assert_ok(group_final(cx, g, &keys, &values, &row0s));
    assert_true(order == (row0s != NULL));
    check_columns(cx, &keys);
    check_columns(cx, &values);
    check_case(c, &keys, &values, row0s);
    mem_free(row0s);
    table_clear(&keys);
    table_clear(&values);
    group_free(g);
}

static void test_one_phase(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {1};
    for (int round = 0; round < 300; round++) {
        Case c;
        GroupTab *g;
        make_case(cx, &r, &c, true);
        bool order = rng_chance(&r, 50);
        assert_ok(
            group_init(cx, &c.keys, &c.values, c.agg, c.nagg, c.dropna, order, &g));
        assert_ok(group_consume(cx, g, &c.keys, &c.values, 0, c.sel));
        finish(cx, &c, g, order);
        clear_case(&c);
    }
    unit_end(cx);
}

/* In pieces, the later ones first. */
static void test_pieces(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {2};
    for (int round = 0; round < 200; round++) {
        Case c, s;
        GroupTab *g;
        make_case(cx, &r, &c, true);
        assert_ok(
            group_init(cx, &c.keys, &c.values, c.agg, c.nagg, c.dropna, true, &g));
        idx cut[4] = {0, rng_below(&r, c.keys.n / 2 + 1), 0, c.keys.n};
        cut[2] = cut[1] + rng_below(&r, c.keys.n - cut[1] + 1);
        for (int p = 2; p >= 0; p--) {
            slice_case(cx, &c, cut[p], cut[p + 1] - cut[p], &s);
            assert_ok(group_consume(cx, g, &s.keys, &s.values, cut[p], s.sel));
            clear_case(&s);
        }
        finish(cx, &c, g, true);
        clear_case(&c);
    }
    unit_end(cx);
}

/* As ranks do: each aggregates a part, partial tables are merged in any order. */
static void test_two_phases(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {3};
    for (int round = 0; round < 300; round++) {
        Case c, s;
        GroupTab *g, *part;
        make_case(cx, &r, &c, false);
        bool order = rng_chance(&r, 50);
        assert_ok(
            group_init(cx, &c.keys, &c.values, c.agg, c.nagg, c.dropna, order, &g));
        idx ranks = 1 + rng_below(&r, 5), turn = rng_below(&r, ranks);
        for (idx p = 0; p < ranks; p++) {
            idx k = (p + turn) % ranks, from = k * c.keys.n / ranks;
            idx to = (k + 1) * c.keys.n / ranks;
            Table keys, states;
            slice_case(cx, &c, from, to - from, &s);
            assert_ok(group_init(cx, &s.keys, &s.values, c.agg, c.nagg, c.dropna, order,
                                 &part));
            assert_ok(group_consume(cx, part, &s.keys, &s.values, from, s.sel));
            assert_ok(group_partial(cx, part, &keys, &states));
            check_columns(cx, &keys);
            check_columns(cx, &states);
            group_free(part);
            assert_ok(group_merge(cx, g, &keys, &states));
            table_clear(&keys);
            table_clear(&states);
            clear_case(&s);
        }
        finish(cx, &c, g, order);
        clear_case(&c);
    }
    unit_end(cx);
}

/* So many groups that rows are partitioned. */
static void test_many_groups(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const idx n = 4800000, m = 700000;
    for (int kind = 0; kind < 2; kind++) {
        Array *key, *val;
        assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, n, false, &key));
        assert_ok(array_new(cx, DT_F64, NULL_NAN, 0, n, false, &val));
        Rng r = {9};
        int64_t *sum = calloc((size_t)m, sizeof *sum), *count = calloc((size_t)m, 8);
        int64_t *first = malloc((size_t)m * 8);
        for (idx i = 0; i < m; i++)
            first[i] = -1;
        for (idx i = 0; i < n; i++) {
            idx k = rng_below(&r, m);
            ((int64_t *)key->data)[i] = kind ? k * 1000003 * 1000003 : k;
            ((double *)val->data)[i] = i % 7 == 3 ? (double)NAN : (double)(i % 1000);
            sum[k] += i % 7 == 3 ? 0 : i % 1000;
            count[k] += i % 7 != 3;
            if (first[k] < 0) first[k] = i;
        }
        Table kt = {n, 1, &key}, vt = {n, 1, &val}, keys, values;
        AggSpec agg[3] = {
            {.kind = AGG_SUM,   .skipna = true},
            {.kind = AGG_COUNT, .skipna = true},
            {.kind = AGG_MEAN,  .skipna = true}
        };
        GroupTab *g;
        idx *row0s;
        assert_ok(group_init(cx, &kt, &vt, agg, 3, true, true, &g));
        assert_ok(group_consume(cx, g, &kt, &vt, 0, NULL));
        assert_ok(group_final(cx, g, &keys, &values, &row0s));
        idx seen = 0;
        for (idx i = 0; i < keys.n; i++) {
            idx k = ((int64_t *)keys.col[0]->data)[i];
            if (kind) k = k / 1000003 / 1000003;
            assert_true(k >= 0 && k < m && first[k] >= 0);
            assert_int_equal(row0s[i], first[k]);
            assert_true(((double *)values.col[0]->data)[i] == (double)sum[k]);
            assert_int_equal(((int64_t *)values.col[1]->data)[i], count[k]);
            first[k] = -1;
            seen++;
        }
        for (idx k = 0; k < m; k++)
            assert_int_equal(first[k], -1);
        assert_int_equal(seen, group_count(g));
        mem_free(row0s);
        free(sum), free(count), free(first);
        table_clear(&keys);
        table_clear(&values);
        group_free(g);
        array_unref(key);
        array_unref(val);
    }
    unit_end(cx);
}

/* dtypes as pandas gives them, and numerically hard sums. */
static void test_types(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const struct {
        ColumnKind in;
        uint8_t kind, dt, null;
    } want[] = {
        {{DT_F32, NULL_NAN, 0, 0},      AGG_SUM,   DT_F32,   NULL_NAN },
        {{DT_F32, NULL_NAN, 0, 0},      AGG_MEAN,  DT_F32,   NULL_NAN },
        {{DT_F32, NULL_NAN, 0, 0},      AGG_STD,   DT_F32,   NULL_NAN },
        {{DT_I8, NULL_NONE, 0, 0},      AGG_SUM,   DT_I64,   NULL_NONE},
        {{DT_U8, NULL_NONE, 0, 0},      AGG_SUM,   DT_U64,   NULL_NONE},
        {{DT_U8, NULL_NONE, 0, 0},      AGG_MAX,   DT_U8,    NULL_NONE},
        {{DT_BOOL, NULL_NONE, 0, 0},    AGG_SUM,   DT_I64,   NULL_NONE},
        {{DT_BOOL, NULL_NONE, 0, 0},    AGG_MEAN,  DT_F64,   NULL_NAN },
        {{DT_I32, NULL_MASK, 0, 0},     AGG_SUM,   DT_I32,   NULL_MASK},
        {{DT_I32, NULL_MASK, 0, 0},     AGG_MEAN,  DT_F64,   NULL_MASK},
        {{DT_I32, NULL_MASK, 0, 0},     AGG_COUNT, DT_I64,   NULL_MASK},
        {{DT_I32, NULL_MASK, 0, 0},     AGG_ANY,   DT_BOOL,  NULL_MASK},
        {{DT_BOOL, NULL_MASK, 0, 0},    AGG_SUM,   DT_I64,   NULL_MASK},
        {{DT_I64, NULL_PROM, 0, 0},     AGG_SUM,   DT_I64,   NULL_PROM},
        {{DT_TS, NULL_NAT, UNIT_NS, 0}, AGG_MEAN,  DT_TS,    NULL_NAT },
        {{DT_TS, NULL_NAT, UNIT_NS, 0}, AGG_STD,   DT_TD,    NULL_NAT },
        {{DT_TD, NULL_NAT, UNIT_NS, 0}, AGG_SUM,   DT_TD,    NULL_NAT },
        {{DT_STR, NULL_MASK, 0, 0},     AGG_COUNT, DT_I64,   NULL_NONE},
        {{DT_STR, NULL_MASK, 0, 0},     AGG_ANY,   DT_BOOL,  NULL_NONE},
        {{DT_STR, NULL_MASK, 0, 0},     AGG_SUM,   DT_COUNT, 0        },
        {{DT_TS, NULL_NAT, UNIT_NS, 0}, AGG_SUM,   DT_COUNT, 0        },
        {{DT_TD, NULL_NAT, UNIT_NS, 0}, AGG_VAR,   DT_COUNT, 0        },
    };
    Rng r = {1};
    for (idx i = 0; i < COUNT_OF(want); i++) {
        Array *k = random_column(cx, &r, column_kind[4], 20, 3, 0);
        Array *v = random_column(cx, &r, want[i].in, 20, 5, 10);
        Table kt = {20, 1, &k}, vt = {20, 1, &v}, keys, values;
        AggSpec s = {.kind = want[i].kind, .skipna = true, .ddof = 1};
        GroupTab *g;
        Status st = group_init(cx, &kt, &vt, &s, 1, true, false, &g);
        if (want[i].dt == DT_COUNT) {
            assert_int_equal(st, E_TYPE);
            err_clear(&cx->err);
        } else {
            assert_ok(st);
            assert_ok(group_consume(cx, g, &kt, &vt, 0, NULL));
            assert_ok(group_final(cx, g, &keys, &values, NULL));
            assert_int_equal(values.col[0]->dt, want[i].dt);
            assert_int_equal(values.col[0]->null, want[i].null);
            table_clear(&keys);
            table_clear(&values);
            group_free(g);
        }
        array_unref(k);
        array_unref(v);
    }
    unit_end(cx);
}

/* Sums keep small values beside large ones; an infinity does not turn into NaN. */
static void test_hard_sums(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Array *k, *v;
    assert_ok(array_new(cx, DT_I64, NULL_NONE, 0, 3002, true, &k));
    assert_ok(array_new(cx, DT_F64, NULL_NAN, 0, 3002, true, &v));
    double *x = v->data;
    for (idx i = 0; i < 3000; i++)
        x[i] = i == 0 ? 1e17 : i == 2999 ? -1e17 : 1.0;
    x[3000] = (double)INFINITY;
    x[3001] = 1;
    ((int64_t *)k->data)[3000] = ((int64_t *)k->data)[3001] = 1;
    for (int nkey = 0; nkey < 2; nkey++) {
        Table kt = {3002, nkey, &k}, vt = {nkey ? 3002 : 3000, 1, &v}, keys, values;
        AggSpec s = {.kind = AGG_SUM, .skipna = true};
        GroupTab *g;
        assert_ok(group_init(cx, &kt, &vt, &s, 1, true, false, &g));
        assert_ok(group_consume(cx, g, &kt, &vt, 0, NULL));
        assert_ok(group_final(cx, g, &keys, &values, NULL));
        assert_true(((double *)values.col[0]->data)[0] == 2998.0);
        if (nkey) assert_true(((double *)values.col[0]->data)[1] == (double)INFINITY);
        table_clear(&keys);
        table_clear(&values);
        group_free(g);
    }
    array_unref(k);
    array_unref(v);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_phase),  cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_two_phases), cmocka_unit_test(test_many_groups),
        cmocka_unit_test(test_types),      cmocka_unit_test(test_hard_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
