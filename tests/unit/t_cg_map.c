/* SPDX-License-Identifier: Apache-2.0
 * Loops over columns: null forms, reductions, text, calendar, failures; each compared
 * with a plain C loop over random data, at every level of optimisation.
 */
#include "base/kinds.h"
#include "cg_unit.h"
#include <math.h>
#include <time.h>

static const idx sizes[] = {0, 1, 5, 63, 64, 65, 1023, 1024, 1025, 4000};

/* Random bits; the values below nulls are zero. */
static void random_nulls(CgTest *t, Array *a, Rng *rng, int percent)
{
    Cx *cx = t->cx;
    assert_ok(array_add_valid(cx, a, true));
    for (idx i = 0; i < a->n; i++) {
        if (!rng_chance(rng, percent)) continue;
        bit_clear(a->valid, i);
        memset((char *)a->data + i * dtype_info[a->dt].bytes, 0,
               dtype_info[a->dt].bytes);
    }
}

static void fill_ints(Array *a, Rng *rng)
{
    int64_t *p = a->data;
    for (idx i = 0; i < a->n; i++)
        p[i] = (int64_t)(rng_u64(rng) % 2001) - 1000;
}

/* Int64: (a + b) % 7 where a > b else b, with missing ones on both sides. */
static void check_masked(CgTest *t, NullForm form)
{
    const Array *a = t->in[0].a, *b = t->in[1].a, *o = t->out[0].a, *q = t->out[1].a;
    const int64_t *pa = a->data, *pb = b->data, *po = o->data;
    const uint8_t *pq = q->data;
    int64_t sum = 0, count = 0, least = INT64_MAX;
    for (idx i = 0; i < a->n; i++) {
        bool oa = array_bit(a, i), ob = array_bit(b, i), ok = oa && ob;
        bool gt = ok && pa[i] > pb[i];
        int64_t m = (pa[i] + pb[i]) % 7;
        if (m < 0) m += 7;
        bool want_ok = gt ? ok : ob;
        int64_t want = gt ? m : pb[i];
        assert_int_equal(array_bit(o, i), want_ok);
        assert_int_equal(po[i], want_ok ? want : 0);
        if (form == NULL_MASK) {
            assert_int_equal(array_bit(q, i), ok);
            assert_int_equal(pq[i], ok && pa[i] > pb[i]);
        } else {
            assert_int_equal(pq[i], gt);
        }
        if (!want_ok) continue;
        sum += want;
        count++;
        if (want < least) least = want;
    }
    assert_int_equal(array_null_count(t->out[0].a), o->n - count);
    assert_int_equal(t->out[2].i, sum);
    assert_int_equal(t->out[3].i, count);
    if (count) assert_int_equal(t->out[4].i, least);
    assert_int_equal(t->out[4].n & 1, count > 0);
    if (form == NULL_PROM) {
        assert_int_equal(o->promoted, 1);
        assert_int_equal(t->out[2].n >> 1, 1);
    }
}

static void test_masked(void **state)
{
    (void)state;
    for (int f = 0; f < 2; f++) {
        CgTest t;
        Rng rng = {1};
        NullForm form = f ? NULL_PROM : NULL_MASK;
        Type s = type_scalar(DT_I64), flag = type_scalar(DT_BOOL);
        s.null = form;
        if (form == NULL_MASK) flag.null = form;
        Type c = type_with(s, TY_COL), i64 = type_scalar(DT_I64);
        cgt_begin(&t, 2, (Type[]){c, c});
        Type res[] = {c, type_with(flag, TY_COL), s, i64, s};
        Region *r = cgt_map(&t, 2, 5, res, "cc+n<");
        Val *a = &r->param[0], *b = &r->param[1];
        Val *gt = cgt_op(&t, r, OP_GT, flag, 2, a, b);
        Node *n = node_new(t.fn, OP_IF, (Loc){0}, 1, &gt, 1);
        n->res[0].type = s;
        node_append(r, n);
        Region *yes = node_add_region(t.fn, n, 0), *no = node_add_region(t.fn, n, 0);
        Val *seven = ir_const_int(t.fn, yes, (Loc){0}, i64, 7);
        Val *sv = cgt_op(&t, yes, OP_CAST, s, 1, seven);
        Val *add = cgt_op(&t, yes, OP_ADD, s, 2, a, b);
        cgt_end(&t, yes, OP_YIELD, 1, cgt_op(&t, yes, OP_MOD, s, 2, add, sv));
        cgt_end(&t, no, OP_YIELD, 1, b);
        cgt_end(&t, r, OP_YIELD, 5, n->res, gt, n->res, n->res, n->res);
        Val *out[5];
        for (int k = 0; k < 5; k++)
            out[k] = &t.map->res[k];
        cgt_end_n(&t, t.fn->body, OP_RETURN, 5, out);
        for (int opt = 0; opt < 3; opt++) {
            cgt_compile(&t, opt);
            for (idx k = 0; k < 3 * COUNT_OF(sizes); k++) {
                idx size = sizes[k / 3];
                for (int j = 0; j < 2; j++) {
                    Array *x = cgt_col(&t, j, DT_I64, form, size);
                    fill_ints(x, &rng);
                    x->promoted = form == NULL_PROM;
                    if (k % 3 > j) random_nulls(&t, x, &rng, 20);
                }
                assert_int_equal(cgt_run(&t), OK);
                check_masked(&t, form);
                cgt_clear(&t);
            }
            cgt_unload(&t);
        }
        cgt_free(&t);
    }
}

/* Floats with NaN: masked sum, min, max, count; an infinite sum; a long exact one. */
static void test_reductions(void **state)
{
    (void)state;
    CgTest t;
    Rng rng = {3};
    Type f = type_scalar(DT_F64), flag = type_scalar(DT_BOOL),
         i64 = type_scalar(DT_I64);
    cgt_begin(&t, 1, (Type[]){type_col(DT_F64)});
    Type res[] = {f, f, f, i64, flag, flag};
    Region *r = cgt_map(&t, 1, 6, res, "+<>n&|");
    node_set_int(t.fn, t.map, "mask", 1);
    Val *half = ir_const_float(t.fn, r, (Loc){0}, f, -900.0);
    Val *x = &r->param[0], *p = cgt_op(&t, r, OP_GE, flag, 2, x, half);
    Val *zero = ir_const_float(t.fn, r, (Loc){0}, f, 0.0);
    Val *pos = cgt_op(&t, r, OP_GT, flag, 2, x, zero);
    cgt_end(&t, r, OP_YIELD, 7, p, x, x, x, x, pos, pos);
    Val *out[6];
    for (int k = 0; k < 6; k++)
        out[k] = &t.map->res[k];
    cgt_end_n(&t, t.fn->body, OP_RETURN, 6, out);
    for (int opt = 0; opt < 3; opt++) {
        cgt_compile(&t, opt);
        for (idx k = 0; k < COUNT_OF(sizes); k++) {
            Array *a = cgt_col(&t, 0, DT_F64, NULL_NAN, sizes[k]);
            double *v = a->data, sum = 0, lo = HUGE_VAL, hi = -HUGE_VAL;
            idx n = 0;
            bool all = true, any = false;
            for (idx i = 0; i < a->n; i++) {
                v[i] = rng_chance(&rng, 10) ? (double)NAN
                                            : (double)rng_below(&rng, 2001) - 1000;
                if (!(v[i] >= -900)) continue;
                sum += v[i];
                lo = fmin(lo, v[i]);
                hi = fmax(hi, v[i]);
                all = all && v[i] > 0;
                any = any || v[i] > 0;
                n++;
            }
            assert_int_equal(cgt_run(&t), OK);
            assert_true(t.out[0].f == sum);
            assert_true(n ? t.out[1].f == lo : isnan(t.out[1].f));
            assert_true(n ? t.out[2].f == hi : isnan(t.out[2].f));
            assert_int_equal(t.out[3].i, n);
            assert_int_equal(t.out[4].i, all);
            assert_int_equal(t.out[5].i, any);
            cgt_clear(&t);
        }
        Array *a = cgt_col(&t, 0, DT_F64, NULL_NAN, 3000);
        double *v = a->data;
        v[5] = HUGE_VAL;
        assert_int_equal(cgt_run(&t), OK);
        assert_true(t.out[0].f == HUGE_VAL);
        for (idx i = 0; i < 3000; i++)
            v[i] = i == 0     ? 1.0
                   : i < 1024 ? 0.0
                              : 1e-16; /* lost if strips add up plainly */
        assert_int_equal(cgt_run(&t), OK);
        assert_true(fabs(t.out[0].f - (1 + 1976e-16)) < 3e-16);
        cgt_clear(&t);
        cgt_unload(&t);
    }
    cgt_free(&t);
}

/* Every part of random timestamps of every unit, against gmtime_r. */
static int64_t want_part(int part, const struct tm *tm, int64_t sub_ns)
{
    static const int len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t y = tm->tm_year + 1900;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    int dim = len[tm->tm_mon] + (tm->tm_mon == 1 && leap);
    bool first = tm->tm_mday == 1, last = tm->tm_mday == dim;
    switch ((DtPart)part) {
    case DTP_YEAR: return y;
    case DTP_MONTH: return tm->tm_mon + 1;
    case DTP_DAY: return tm->tm_mday;
    case DTP_HOUR: return tm->tm_hour;
    case DTP_MINUTE: return tm->tm_min;
    case DTP_SECOND: return tm->tm_sec;
    case DTP_MICROSECOND: return sub_ns / 1000;
    case DTP_NANOSECOND: return sub_ns % 1000;
    case DTP_DAYOFWEEK: return (tm->tm_wday + 6) % 7;
    case DTP_DAYOFYEAR: return tm->tm_yday + 1;
    case DTP_QUARTER: return tm->tm_mon / 3 + 1;
    case DTP_DAYS_IN_MONTH: return dim;
    case DTP_IS_LEAP_YEAR: return leap;
    case DTP_IS_MONTH_START: return first;
    case DTP_IS_MONTH_END: return last;
    case DTP_IS_QUARTER_START: return first && tm->tm_mon % 3 == 0;
    case DTP_IS_QUARTER_END: return last && tm->tm_mon % 3 == 2;
    case DTP_IS_YEAR_START: return first && tm->tm_mon == 0;
    case DTP_IS_YEAR_END: return last && tm->tm_mon == 11;
    default: return -1;
    }
}

static void check_parts(CgTest *t, Unit unit)
{
    int64_t per = unit_per_second(unit);
    const int64_t *v = t->in[0].a->data;
    for (idx i = 0; i < t->in[0].a->n; i++) {
        bool gone = v[i] == NAT;
        time_t s = (time_t)(gone ? 0 : v[i] / per - (v[i] % per < 0));
        int64_t sub = gone ? 0 : (v[i] - (int64_t)s * per) * (1000000000 / per);
        struct tm tm;
        gmtime_r(&s, &tm);
        for (int k = 0; k < DTP_KINDS; k++) {
            const Array *o = t->out[k].a;
            int64_t want = gone ? 0 : want_part(k, &tm, sub);
            if (o->dt == DT_BOOL) {
                assert_int_equal(((uint8_t *)o->data)[i], want);
            } else {
                assert_int_equal(array_bit(o, i), !gone);
                assert_int_equal(((int32_t *)o->data)[i], want);
            }
            if (gone && o->null == NULL_PROM) assert_int_equal(o->promoted, 1);
        }
        int64_t day = 86400 * per, d = (int64_t)s / 86400 - (s % 86400 < 0);
        assert_true(((int64_t *)t->out[DTP_KINDS].a->data)[i] ==
                    (gone ? NAT : d * day));
        assert_int_equal(array_bit(t->out[DTP_KINDS + 1].a, i), !gone);
        assert_int_equal(((int32_t *)t->out[DTP_KINDS + 1].a->data)[i], gone ? 0 : d);
    }
}

static void test_calendar(void **state)
{
    (void)state;
    Rng rng = {5};
    for (Unit unit = UNIT_S; unit <= UNIT_NS; unit++) {
        CgTest t;
        Type ts = type_scalar(DT_TS), res[DTP_KINDS + 2];
        ts.unit = (uint8_t)unit;
        cgt_begin(&t, 1, (Type[]){type_with(ts, TY_COL)});
        Type prom = type_scalar(DT_I32), flag = type_scalar(DT_BOOL);
        prom.null = NULL_PROM;
        char outs[64] = "";
        for (int k = 0; k < DTP_KINDS + 2; k++) {
            res[k] = type_with(k >= DTP_IS_LEAP_YEAR ? flag : prom, TY_COL);
            strcat(outs, "c");
        }
        res[DTP_KINDS] = type_with(ts, TY_COL);
        res[DTP_KINDS + 1] = type_col(DT_DATE);
        Region *r = cgt_map(&t, 1, DTP_KINDS + 2, res, outs);
        Val *y[DTP_KINDS + 2], *out[DTP_KINDS + 2];
        for (int k = 0; k < DTP_KINDS + 2; k++) {
            Op op = k < DTP_KINDS    ? OP_DTPART
                    : k == DTP_KINDS ? OP_DTNORMALIZE
                                     : OP_DTDATE;
            y[k] = cgt_op(&t, r, op, type_with(res[k], TY_SCALAR), 1, &r->param[0]);
            if (op == OP_DTPART) node_set_int(t.fn, y[k]->def, "part", k);
            out[k] = &t.map->res[k];
        }
        cgt_end_n(&t, r, OP_YIELD, DTP_KINDS + 2, y);
        cgt_end_n(&t, t.fn->body, OP_RETURN, DTP_KINDS + 2, out);
        int64_t per = unit_per_second(unit);
        int64_t span = unit == UNIT_NS ? INT64_MAX / per - 1 : 8000000000;
        for (int opt = 0; opt < 2; opt++) {
            cgt_compile(&t, opt);
            Array *a = cgt_col(&t, 0, DT_TS, NULL_NAT, 3000);
            a->unit = (uint8_t)unit;
            int64_t *v = a->data;
            for (idx i = 0; i < a->n; i++) {
                int64_t s = (int64_t)(rng_u64(&rng) % (uint64_t)(2 * span)) - span;
                v[i] = s * per + (int64_t)(rng_u64(&rng) % (uint64_t)per);
                if (i % 4 == 0) v[i] = (s / 86400) * 86400 * per;
                if (i % 50 == 7) v[i] = NAT;
            }
            assert_int_equal(cgt_run(&t), OK);
            check_parts(&t, unit);
            cgt_clear(&t);
            cgt_unload(&t);
        }
        cgt_free(&t);
    }
}

/* Text in: t == "b" and t < u; text out: t where it is, else u; and a choice of three
 * constants, which becomes a dictionary. */
static void text_columns(CgTest *t, idx n, bool dict, Rng *rng)
{
    Cx *cx = t->cx;
    static const char *const word[] = {"", "a", "b", "bb", "a long piece of text"};
    for (int j = 0; j < 2; j++) {
        Builder *b;
        Array *a;
        if (dict) {
            Array *entries;
            assert_ok(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
            for (int k = 0; k < 5; k++)
                assert_ok(builder_add_str(cx, b, (const uint8_t *)word[k],
                                          (idx)strlen(word[k])));
            assert_ok(builder_finish(cx, b, &entries));
            assert_ok(array_new_dict(cx, n, entries, &a));
            array_unref(entries);
            for (idx i = 0; i < n; i++)
                ((int32_t *)a->data)[i] = (int32_t)rng_below(rng, 5);
            random_nulls(t, a, rng, 0);
            for (idx i = 0; i < n; i++)
                if (rng_chance(rng, 10)) {
                    bit_clear(a->valid, i);
                    ((int32_t *)a->data)[i] = 0;
                }
        } else {
            assert_ok(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
            for (idx i = 0; i < n; i++) {
                const char *w = word[rng_below(rng, 5)];
                if (rng_chance(rng, 10))
                    assert_ok(builder_add_null(cx, b));
                else
                    assert_ok(
                        builder_add_str(cx, b, (const uint8_t *)w, (idx)strlen(w)));
            }
            assert_ok(builder_finish(cx, b, &a));
        }
        t->in[j] = (Slot){.a = a};
    }
}

/* NULL when missing, else NUL-terminated in buf. */
static const char *text_of(const Array *a, idx i, char buf[64])
{
    idx n;
    if (!array_bit(a, i)) return NULL;
    const uint8_t *p = array_str(a, i, &n);
    memcpy(buf, p, (size_t)n);
    buf[n] = 0;
    return buf;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_text(CgTest *t)
{
    char ba[64], bb[64], bo[64];
    for (idx i = 0; i < t->in[0].a->n; i++) {
        const char *a = text_of(t->in[0].a, i, ba), *b = text_of(t->in[1].a, i, bb);
        bool eq = a && strcmp(a, "b") == 0, lt = a && b && strcmp(a, b) < 0;
        assert_int_equal(((uint8_t *)t->out[0].a->data)[i], eq);
        assert_int_equal(((uint8_t *)t->out[1].a->data)[i], lt);
        assert_true(same_text(text_of(t->out[2].a, i, bo), a ? a : b));
        const char *want = eq ? "is b" : lt ? "less" : a ? "" : NULL;
        assert_true(same_text(text_of(t->out[3].a, i, bo), want));
    }
    assert_true(t->in[0].a->n == 0 || t->out[3].a->dict != NULL);
}

static void test_text(void **state)
{
    (void)state;
    CgTest t;
    Rng rng = {9};
    Loc loc = {0};
    Type s = type_scalar(DT_STR), c = type_col(DT_STR), flag = type_scalar(DT_BOOL);
    cgt_begin(&t, 2, (Type[]){c, c});
    Type res[] = {type_col(DT_BOOL), type_col(DT_BOOL), c, c};
    Region *r = cgt_map(&t, 2, 4, res, "cccc");
    Val *a = &r->param[0], *b = &r->param[1];
    Val *eq = cgt_op(&t, r, OP_EQ, flag, 2, a, ir_const_text(t.fn, r, loc, "b", 1));
    Val *lt = cgt_op(&t, r, OP_LT, flag, 2, a, b);
    Val *fill = cgt_op(&t, r, OP_FILLNULL, s, 2, a, b);
    Val *has = cgt_op(&t, r, OP_NOTNULL, flag, 1, a);
    Val *none = cgt_op(&t, r, OP_CONST, s, 0);
    node_set_int(t.fn, none->def, "na", 1);
    Node *n = node_new(t.fn, OP_IF, loc, 1, &eq, 1);
    n->res[0].type = s;
    node_append(r, n);
    Region *yes = node_add_region(t.fn, n, 0), *no = node_add_region(t.fn, n, 0);
    cgt_end(&t, yes, OP_YIELD, 1, ir_const_text(t.fn, yes, loc, "is b", 4));
    Val *empty = ir_const_text(t.fn, no, loc, "", 0);
    Val *rest = cgt_op(&t, no, OP_SELECT, s, 3, has, empty, none);
    Val *less = ir_const_text(t.fn, no, loc, "less", 4);
    cgt_end(&t, no, OP_YIELD, 1, cgt_op(&t, no, OP_SELECT, s, 3, lt, less, rest));
    cgt_end(&t, r, OP_YIELD, 4, eq, lt, fill, n->res);
    Val *out[4];
    for (int k = 0; k < 4; k++)
        out[k] = &t.map->res[k];
    cgt_end_n(&t, t.fn->body, OP_RETURN, 4, out);
    for (int opt = 0; opt < 3; opt++) {
        cgt_compile(&t, opt);
        for (idx k = 0; k < COUNT_OF(sizes); k++)
            for (int d = 0; d < 2; d++) {
                text_columns(&t, sizes[k], d, &rng);
                assert_int_equal(cgt_run(&t), OK);
                check_text(&t);
                cgt_clear(&t);
            }
        cgt_unload(&t);
    }
    cgt_free(&t);
}

/* A row that raises: what the loop has made so far is released. */
static void test_raise_in_map(void **state)
{
    (void)state;
    CgTest t;
    Type i64 = type_scalar(DT_I64), s = type_scalar(DT_STR),
         flag = type_scalar(DT_BOOL);
    cgt_begin(&t, 1, (Type[]){type_col(DT_I64)});
    Region *r = cgt_map(&t, 1, 2, (Type[]){type_col(DT_I64), type_col(DT_STR)}, "cc");
    Val *x = &r->param[0], *ten = ir_const_int(t.fn, r, (Loc){0}, i64, 10);
    Val *big = cgt_op(&t, r, OP_GT, flag, 2, x, ten);
    Node *n = node_new(t.fn, OP_IF, (Loc){0}, 1, &big, 0);
    node_append(r, n);
    Region *yes = node_add_region(t.fn, n, 0), *no = node_add_region(t.fn, n, 0);
    Node *raise = node_new(t.fn, OP_RAISE, (Loc){0}, 0, NULL, 0);
    node_set_int(t.fn, raise, "code", E_KEY);
    node_set_text(t.fn, raise, "text", "too big", -1);
    node_append(yes, raise);
    cgt_end_n(&t, no, OP_YIELD, 0, NULL);
    Val *a = ir_const_text(t.fn, r, (Loc){0}, "a", 1);
    Val *txt = cgt_op(&t, r, OP_FILLNULL, s, 2, a, a);
    cgt_end(&t, r, OP_YIELD, 2, x, txt);
    cgt_end(&t, t.fn->body, OP_RETURN, 2, &t.map->res[0], &t.map->res[1]);
    cgt_compile(&t, 1);
    Array *c = cgt_col(&t, 0, DT_I64, NULL_NONE, 3000);
    assert_int_equal(cgt_run(&t), OK);
    array_unref(t.out[0].a);
    array_unref(t.out[1].a);
    ((int64_t *)c->data)[2000] = 11;
    assert_int_equal(cgt_run(&t), E_KEY);
    assert_string_equal(t.cx->err.text, "too big");
    ((int64_t *)c->data)[2000] = 1;
    static const volatile int32_t stop = 1;
    t.cx->abort_word = &stop;
    assert_int_equal(cgt_run(&t), E_INTERRUPT);
    array_unref(c);
    cgt_unload(&t);
    cgt_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masked),       cmocka_unit_test(test_reductions),
        cmocka_unit_test(test_calendar),     cmocka_unit_test(test_text),
        cmocka_unit_test(test_raise_in_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
