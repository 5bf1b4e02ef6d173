/* SPDX-License-Identifier: Apache-2.0
 * Elements of ndarrays in counted loops: the loop without bounds checks and the one
 * with them must do the same, failures included.
 */
#include "cg_unit.h"

static Type array_type(DType dt)
{
    Type t = type_with(type_scalar(dt), TY_ARRAY);
    t.ndim = 1;
    return t;
}

/* for i in range(start, stop, step): out[i - 1] = a[i + off] * 2; n += 1 */
typedef struct Shape {
    int64_t start, stop, step;
} Shape;

static void build(CgTest *t, int64_t off)
{
    Loc loc = {0};
    Type i64 = type_scalar(DT_I64), f = type_scalar(DT_F64);
    Type arr = array_type(DT_F64);
    cgt_begin(t, 5, (Type[]){arr, arr, i64, i64, i64});
    Region *b = t->fn->body;
    Val *arg[] = {&b->param[2], &b->param[3], &b->param[4],
                  ir_const_int(t->fn, b, loc, i64, 0)};
    Node *l = node_new(t->fn, OP_FOR, loc, 4, arg, 1);
    l->res[0].type = i64;
    node_append(b, l);
    Region *r = node_add_region(t->fn, l, 2);
    r->param[0].type = r->param[1].type = i64;
    Val *c = ir_const_int(t->fn, r, loc, i64, off);
    Val *one = ir_const_int(t->fn, r, loc, i64, 1);
    Val *from = cgt_op(t, r, OP_ADD, i64, 2, &r->param[0], c);
    Val *to = cgt_op(t, r, OP_SUB, i64, 2, &r->param[0], one);
    Val *x = cgt_op(t, r, OP_AGET, f, 2, &b->param[0], from);
    Val *y = cgt_op(t, r, OP_ADD, f, 2, x, x);
    Val *set[] = {&b->param[1], to, y};
    node_append(r, node_new(t->fn, OP_ASET, loc, 3, set, 0));
    cgt_end(t, r, OP_CONTINUE, 1, cgt_op(t, r, OP_ADD, i64, 2, &r->param[1], one));
    cgt_end(t, b, OP_RETURN, 1, l->res);
}

/* Python's meaning of index i in an array of n: -1 when it is outside. */
static int64_t wrap(int64_t i, int64_t n)
{
    if (i < 0) i += n;
    return i >= 0 && i < n ? i : -1;
}

static void check(CgTest *t, Shape s, int64_t off, idx n)
{
    double *a = t->in[0].a->data, *o = t->in[1].a->data;
    double *want = calloc((size_t)n + 1, sizeof *want);
    char text[100] = "";
    int64_t count = 0;
    for (int64_t i = s.start; s.step > 0 ? i < s.stop : i > s.stop; i += s.step) {
        int64_t bad = wrap(i + off, n) < 0 ? i + off : i - 1;
        if (wrap(i + off, n) < 0 || wrap(i - 1, n) < 0) {
            snprintf(text, sizeof text,
                     "index %lld is out of bounds for axis 0 with size %lld",
                     (long long)bad, (long long)n);
            break;
        }
        want[wrap(i - 1, n)] = 2 * a[wrap(i + off, n)];
        count++;
    }
    memset(o, 0, (size_t)n * sizeof *o);
    t->in[2].i = s.start;
    t->in[3].i = s.stop;
    t->in[4].i = s.step;
    Status st = cgt_run(t);
    assert_int_equal(st, *text ? E_INDEX : OK);
    if (*text)
        assert_string_equal(t->cx->err.text, text);
    else
        assert_int_equal(t->out[0].i, count);
    for (idx i = 0; i < n; i++)
        assert_true(o[i] == want[i]);
    free(want);
}

static void test_elements(void **state)
{
    (void)state;
    Rng rng = {11};
    for (int64_t off = -1; off <= 2; off++) {
        CgTest t;
        build(&t, off);
        for (int opt = 0; opt < 3; opt++) {
            cgt_compile(&t, opt);
            for (int k = 0; k < 120; k++) {
                idx n = k % 3 ? rng_below(&rng, 40) : 5000 + rng_below(&rng, 9000);
                double *a = cgt_col(&t, 0, DT_F64, NULL_NAN, n)->data;
                cgt_col(&t, 1, DT_F64, NULL_NAN, n);
                for (idx i = 0; i < n; i++)
                    a[i] = (double)(i + 1);
                Shape s = {rng_below(&rng, 4), n - rng_below(&rng, 6) + 2, 1};
                if (k % 4 == 1) s = (Shape){-n, n, 1 + rng_below(&rng, 3)};
                if (k % 4 == 2) s = (Shape){n - 3, -1, -1 - rng_below(&rng, 2)};
                check(&t, s, off, n);
                cgt_clear(&t);
            }
            cgt_unload(&t);
        }
        cgt_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_elements)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
