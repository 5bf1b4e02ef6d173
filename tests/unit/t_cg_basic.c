/* SPDX-License-Identifier: Apache-2.0
 * Compiled functions built node by node, run through rt_run, compared with C loops.
 */
#include "cg_unit.h"

/* out = a * b + c over float columns */
static void test_map_axpy(void **state)
{
    (void)state;
    CgTest t;
    cgt_begin(&t, 3, (Type[]){type_col(DT_F64), type_col(DT_F64), type_col(DT_F64)});
    Region *r = cgt_map(&t, 3, 1, (Type[]){type_col(DT_F64)}, "c");
    Val *m = cgt_op(&t, r, OP_MUL, type_scalar(DT_F64), 2, &r->param[0], &r->param[1]);
    Val *s = cgt_op(&t, r, OP_ADD, type_scalar(DT_F64), 2, m, &r->param[2]);
    cgt_end(&t, r, OP_YIELD, 1, s);
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    static const idx sizes[] = {0, 1, 7, 64, 1000, 1024, 1025, 5000};
    for (int opt = 0; opt < 3; opt++) {
        cgt_compile(&t, opt);
        for (idx k = 0; k < COUNT_OF(sizes); k++) {
            idx n = sizes[k];
            for (int j = 0; j < 3; j++)
                cgt_col(&t, j, DT_F64, NULL_NAN, n);
            double *a = t.in[0].a->data, *b = t.in[1].a->data, *c = t.in[2].a->data;
            for (idx i = 0; i < n; i++)
                a[i] = (double)i, b[i] = 0.5 * (double)i, c[i] = (double)(i % 7);
            assert_int_equal(cgt_run(&t), OK);
            const double *o = t.out[0].a->data;
            assert_int_equal(t.out[0].a->n, n);
            for (idx i = 0; i < n; i++)
                assert_true(o[i] == a[i] * b[i] + c[i]);
            cgt_clear(&t);
        }
        cgt_unload(&t);
    }
    cgt_free(&t);
}

static void test_scalars(void **state)
{
    (void)state;
    CgTest t;
    Type i64 = type_scalar(DT_I64), f64 = type_scalar(DT_F64);
    cgt_begin(&t, 2, (Type[]){i64, i64});
    Region *r = t.fn->body;
    Val *a = &r->param[0], *b = &r->param[1];
    static const Op ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_FLOORDIV, OP_MOD, OP_POW};
    Val *res[8];
    for (int k = 0; k < 6; k++)
        res[k] = cgt_op(&t, r, ops[k], i64, 2, a, b);
    Val *fa = cgt_op(&t, r, OP_CAST, f64, 1, a),
        *fb = cgt_op(&t, r, OP_CAST, f64, 1, b);
    res[6] = cgt_op(&t, r, OP_MOD, f64, 2, fa, fb);
    res[7] = cgt_op(&t, r, OP_FLOORDIV, f64, 2, fa, fb);
    cgt_end_n(&t, r, OP_RETURN, 8, res);
    for (int opt = 0; opt < 3; opt++) {
        cgt_compile(&t, opt);
        static const int64_t pair[][5] = {
  /* a, b, a // b, a % b, a ** b */
            {7,         3,  2,         1,  343 },
            {-7,        3,  -3,        2,  -343},
            {7,         -3, -3,        -2, 0   },
            {-7,        -3, 2,         -1, 0   },
            {5,         0,  0,         0,  1   },
            {INT64_MIN, -1, INT64_MIN, 0,  0   },
            {6,         3,  2,         0,  216 },
            {-1,        5,  -1,        4,  -1  },
            {0,         9,  0,         0,  0   },
        };
        for (idx k = 0; k < COUNT_OF(pair); k++) {
            const int64_t *p = pair[k];
            t.in[0].i = p[0];
            t.in[1].i = p[1];
            assert_int_equal(cgt_run(&t), OK);
            assert_int_equal(t.out[0].i, (int64_t)((uint64_t)p[0] + (uint64_t)p[1]));
            assert_int_equal(t.out[2].i, (int64_t)((uint64_t)p[0] * (uint64_t)p[1]));
            assert_int_equal(t.out[3].i, p[2]);
            assert_int_equal(t.out[4].i, p[3]);
            assert_int_equal(t.out[5].i, p[4]);
            if (p[1] == 0) continue;
            if (p[0] == INT64_MIN) continue;
            assert_true(t.out[6].f == (double)p[3]);
            assert_true(t.out[7].f == (double)p[2]);
        }
        cgt_unload(&t);
    }
    cgt_free(&t);
}

/* sum over range(start, stop, step) of i while i != 50, with a nested if */
static void test_for(void **state)
{
    (void)state;
    CgTest t;
    Type i64 = type_scalar(DT_I64), bl = type_scalar(DT_BOOL);
    cgt_begin(&t, 3, (Type[]){i64, i64, i64});
    Region *b = t.fn->body;
    Val *zero = ir_const_int(t.fn, b, (Loc){0}, i64, 0);
    Val *four[] = {&b->param[0], &b->param[1], &b->param[2], zero};
    Node *f = node_new(t.fn, OP_FOR, (Loc){0}, 4, four, 1);
    f->res[0].type = i64;
    node_append(b, f);
    Region *r = node_add_region(t.fn, f, 2);
    r->param[0].type = r->param[1].type = i64;
    Val *fifty = ir_const_int(t.fn, r, (Loc){0}, i64, 50);
    Val *stop = cgt_op(&t, r, OP_EQ, bl, 2, &r->param[0], fifty);
    Node *n = node_new(t.fn, OP_IF, (Loc){0}, 1, &stop, 1);
    n->res[0].type = i64;
    node_append(r, n);
    Region *yes = node_add_region(t.fn, n, 0), *no = node_add_region(t.fn, n, 0);
    cgt_end(&t, yes, OP_BREAK, 1, &r->param[1]);
    Val *sum = cgt_op(&t, no, OP_ADD, i64, 2, &r->param[0], &r->param[1]);
    cgt_end(&t, no, OP_YIELD, 1, sum);
    cgt_end(&t, r, OP_CONTINUE, 1, n->res);
    cgt_end(&t, b, OP_RETURN, 1, f->res);
    static const int64_t range[][3] = {
        {0,  10,    1 },
        {10, 0,     -1},
        {0,  100,   1 },
        {0,  10000, 3 },
        {5,  5,     1 },
        {5,  0,     1 },
        {3,  20000, 1 },
        {60, 9000,  7 }
    };
    for (int opt = 0; opt < 3; opt++) {
        cgt_compile(&t, opt);
        for (idx k = 0; k < COUNT_OF(range); k++) {
            int64_t want = 0, a = range[k][0], e = range[k][1], s = range[k][2];
            for (int64_t i = a; s > 0 ? i < e : i > e; i += s) {
                if (i == 50) break;
                want += i;
            }
            for (int j = 0; j < 3; j++)
                t.in[j].i = range[k][j];
            assert_int_equal(cgt_run(&t), OK);
            assert_int_equal(t.out[0].i, want);
        }
        cgt_unload(&t);
    }
    cgt_free(&t);
}

/* Collatz length of n by an endless loop; raises ValueError for n < 1. */
static void test_loop_raise(void **state)
{
    (void)state;
    CgTest t;
    Type i64 = type_scalar(DT_I64), bl = type_scalar(DT_BOOL);
    cgt_begin(&t, 1, (Type[]){i64});
    Region *b = t.fn->body;
    Loc loc = {0};
    Val *one = ir_const_int(t.fn, b, loc, i64, 1),
        *two = ir_const_int(t.fn, b, loc, i64, 2);
    Val *three = ir_const_int(t.fn, b, loc, i64, 3);
    Val *zero = ir_const_int(t.fn, b, loc, i64, 0);
    Val *low = cgt_op(&t, b, OP_LT, bl, 2, &b->param[0], one);
    Node *chk = node_new(t.fn, OP_IF, loc, 1, &low, 0);
    node_append(b, chk);
    Region *yes = node_add_region(t.fn, chk, 0), *no = node_add_region(t.fn, chk, 0);
    Node *raise = node_new(t.fn, OP_RAISE, loc, 0, NULL, 0);
    node_set_int(t.fn, raise, "code", E_VALUE);
    node_set_text(t.fn, raise, "text", "n is too small", -1);
    raise->mark = 7;
    node_append(yes, raise);
    cgt_end_n(&t, no, OP_YIELD, 0, NULL);
    Val *init[] = {&b->param[0], zero};
    Node *l = node_new(t.fn, OP_LOOP, loc, 2, init, 1);
    l->res[0].type = i64;
    node_append(b, l);
    Region *r = node_add_region(t.fn, l, 2);
    r->param[0].type = r->param[1].type = i64;
    Val *end = cgt_op(&t, r, OP_EQ, bl, 2, &r->param[0], one);
    Node *c = node_new(t.fn, OP_IF, loc, 1, &end, 0);
    node_append(r, c);
    Region *cy = node_add_region(t.fn, c, 0), *cn = node_add_region(t.fn, c, 0);
    cgt_end(&t, cy, OP_BREAK, 1, &r->param[1]);
    cgt_end_n(&t, cn, OP_YIELD, 0, NULL);
    Val *odd = cgt_op(&t, r, OP_MOD, i64, 2, &r->param[0], two);
    Val *is = cgt_op(&t, r, OP_EQ, bl, 2, odd, one);
    Val *up = cgt_op(&t, r, OP_ADD, i64, 2,
                     cgt_op(&t, r, OP_MUL, i64, 2, &r->param[0], three), one);
    Val *dn = cgt_op(&t, r, OP_FLOORDIV, i64, 2, &r->param[0], two);
    Val *next = cgt_op(&t, r, OP_SELECT, i64, 3, is, up, dn);
    Val *count = cgt_op(&t, r, OP_ADD, i64, 2, &r->param[1], one);
    cgt_end(&t, r, OP_CONTINUE, 2, next, count);
    cgt_end(&t, b, OP_RETURN, 1, l->res);
    for (int opt = 0; opt < 3; opt++) {
        cgt_compile(&t, opt);
        t.in[0].i = 27;
        assert_int_equal(cgt_run(&t), OK);
        assert_int_equal(t.out[0].i, 111);
        t.in[0].i = 0;
        assert_int_equal(cgt_run(&t), E_VALUE);
        assert_string_equal(t.cx->err.text, "n is too small");
        assert_int_equal(t.cx->err.site, 7);
        cgt_unload(&t);
    }
    cgt_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_axpy),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_for),
        cmocka_unit_test(test_loop_raise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
