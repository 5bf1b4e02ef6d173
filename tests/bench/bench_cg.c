/* SPDX-License-Identifier: Apache-2.0
 * Compiled loops against the same loops in C, and the time of a compile. One line a
 * case: name, our ns per row, C's ns per row, ratio.
 */
#ifndef __clang__
#    pragma GCC optimize("O3")
#endif
#include "../unit/cg_unit.h"
#include <time.h>

enum { ROWS = 1 << 20, ROUNDS = 15 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef void CLoop(const CgTest *t, void *out);

static double best_ours(CgTest *t)
{
    double best = 1e9;
    for (int k = 0; k < ROUNDS; k++) {
        double a = now();
        if (cgt_run(t)) abort();
        double d = now() - a;
        for (idx i = 0; i < t->nout; i++)
            if (t->is_array[i]) array_unref(t->out[i].a);
        if (d < best) best = d;
    }
    return best;
}

static double best_c(const CgTest *t, CLoop *loop)
{
    double best = 1e9;
    for (int k = 0; k < ROUNDS; k++) {
        double a = now();
        void *out = malloc(ROWS * 8);
        loop(t, out);
        double d = now() - a;
        free(out);
        if (d < best) best = d;
    }
    return best;
}

static void report(CgTest *t, const char *name, CLoop *loop)
{
    cgt_compile(t, 1);
    double a = best_ours(t), b = best_c(t, loop);
    printf("%-28s %7.3f ns/row  C %7.3f ns/row  ratio %.2f\n", name, 1e9 * a / ROWS,
           1e9 * b / ROWS, a / b);
    cgt_unload(t);
}

static void axpy_c(const CgTest *t, void *out)
{
    const double *a = t->in[0].a->data, *b = t->in[1].a->data, *c = t->in[2].a->data;
    double *restrict o = out;
    for (idx i = 0; i < ROWS; i++)
        o[i] = a[i] * b[i] + c[i];
}

static void fill(CgTest *t, int n)
{
    for (int j = 0; j < n; j++) {
        double *v = cgt_col(t, j, DT_F64, NULL_NAN, ROWS)->data;
        for (idx i = 0; i < ROWS; i++)
            v[i] = (double)((i * 7919 + j) % 1000);
    }
}

static void axpy(void)
{
    CgTest t;
    Type f = type_scalar(DT_F64), c = type_col(DT_F64);
    cgt_begin(&t, 3, (Type[]){c, c, c});
    Region *r = cgt_map(&t, 3, 1, &c, "c");
    Val *m = cgt_op(&t, r, OP_MUL, f, 2, &r->param[0], &r->param[1]);
    cgt_end(&t, r, OP_YIELD, 1, cgt_op(&t, r, OP_ADD, f, 2, m, &r->param[2]));
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    fill(&t, 3);
    report(&t, "a * b + c", axpy_c);
}

static volatile double sink;

static void masked_sum_c(const CgTest *t, void *out)
{
    const double *a = t->in[0].a->data, *b = t->in[1].a->data;
    double s[8] = {0};
    for (idx i = 0; i < ROWS; i += 8)
        for (int k = 0; k < 8; k++)
            s[k] += b[i + k] > 500 ? a[i + k] * b[i + k] : 0;
    (void)out;
    sink = s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7];
}

static void masked_sum(void)
{
    CgTest t;
    Type f = type_scalar(DT_F64), c = type_col(DT_F64);
    cgt_begin(&t, 2, (Type[]){c, c});
    Region *r = cgt_map(&t, 2, 1, &f, "+");
    node_set_int(t.fn, t.map, "mask", 1);
    Val *k = ir_const_float(t.fn, r, (Loc){0}, f, 500.0);
    Val *p = cgt_op(&t, r, OP_GT, type_scalar(DT_BOOL), 2, &r->param[1], k);
    Val *m = cgt_op(&t, r, OP_MUL, f, 2, &r->param[0], &r->param[1]);
    cgt_end(&t, r, OP_YIELD, 2, p, m);
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    fill(&t, 2);
    report(&t, "sum(a * b) where b > 500", masked_sum_c);
}

static void nulls_c(const CgTest *t, void *out)
{
    const int64_t *a = t->in[0].a->data, *b = t->in[1].a->data;
    int64_t *restrict o = out;
    for (idx i = 0; i < ROWS; i++)
        o[i] = a[i] + b[i];
}

static void nulls(void)
{
    CgTest t;
    Type s = type_scalar(DT_I64), c;
    s.null = NULL_MASK;
    c = type_with(s, TY_COL);
    cgt_begin(&t, 2, (Type[]){c, c});
    Region *r = cgt_map(&t, 2, 1, &c, "c");
    cgt_end(&t, r, OP_YIELD, 1,
            cgt_op(&t, r, OP_ADD, s, 2, &r->param[0], &r->param[1]));
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    for (int j = 0; j < 2; j++) {
        Array *a = cgt_col(&t, j, DT_I64, NULL_MASK, ROWS);
        if (array_add_valid(t.cx, a, true)) abort();
        for (idx i = j; i < ROWS; i += 10)
            bit_clear(a->valid, i);
    }
    report(&t, "a + b, Int64 with nulls", nulls_c);
}

static void month_c(const CgTest *t, void *out)
{
    const int64_t *a = t->in[0].a->data;
    int32_t *restrict o = out;
    for (idx i = 0; i < ROWS; i++) {
        int64_t d = a[i] / 86400000000000 - (a[i] % 86400000000000 < 0);
        uint32_t z = (uint32_t)(d + 719468), doe = z % 146097;
        uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        uint32_t mp = (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153;
        o[i] = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    }
}

static void month(void)
{
    CgTest t;
    Type ts = type_scalar(DT_TS), i32 = type_scalar(DT_I32), c = type_col(DT_I32);
    cgt_begin(&t, 1, (Type[]){type_with(ts, TY_COL)});
    Region *r = cgt_map(&t, 1, 1, &c, "c");
    Val *m = cgt_op(&t, r, OP_DTPART, i32, 1, &r->param[0]);
    node_set_int(t.fn, m->def, "part", 1);
    cgt_end(&t, r, OP_YIELD, 1, m);
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    int64_t *v = cgt_col(&t, 0, DT_TS, NULL_NAT, ROWS)->data;
    for (idx i = 0; i < ROWS; i++)
        v[i] = i * 1000000007000;
    report(&t, "month of datetime64[ns]", month_c);
}

/* A function of 20 operations over five columns, with two filters' masks and sums. */
static void compile_time(void)
{
    CgTest t;
    Type f = type_scalar(DT_F64), c = type_col(DT_F64), flag = type_scalar(DT_BOOL);
    cgt_begin(&t, 5, (Type[]){c, c, c, c, c});
    Type res[] = {c, c, c, f, f};
    Region *r = cgt_map(&t, 5, 5, res, "ccc++");
    Val *v[5];
    for (int k = 0; k < 5; k++)
        v[k] = &r->param[k];
    static const Op ops[] = {OP_ADD, OP_MUL, OP_SUB, OP_DIV, OP_MIN2};
    for (int k = 0; k < 16; k++)
        v[k % 5] = cgt_op(&t, r, ops[k % 5], f, 2, v[k % 5], v[(k + 1) % 5]);
    for (int k = 0; k < 2; k++) {
        Val *p = cgt_op(&t, r, OP_LT, flag, 2, v[k], v[k + 1]);
        v[k] = cgt_op(&t, r, OP_SELECT, f, 3, p, v[k], v[k + 2]);
    }
    cgt_end(&t, r, OP_YIELD, 5, v[0], v[1], v[2], v[3], v[4]);
    Val *out[5];
    for (int k = 0; k < 5; k++)
        out[k] = &t.map->res[k];
    cgt_end_n(&t, t.fn->body, OP_RETURN, 5, out);
    for (int opt = 0; opt < 3; opt++) {
        double emit = 1e9, load = 1e9;
        CodegenOptions o = {.opt = opt};
        for (int k = 0; k < 20; k++) {
            double a = now();
            Object obj = shoal_codegen_api()->emit(t.fn, &o);
            double b = now();
            if (!shoal_codegen_api()->load(obj.bytes, obj.size, &t.handle, &t.err))
                abort();
            double e = now();
            cgt_unload(&t);
            if (b - a < emit) emit = b - a;
            if (e - b < load) load = e - b;
            t.object = obj;
        }
        printf("compile of 20 ops, opt=%d: emit %.2f ms, load %.2f ms, %zu bytes\n",
               opt, 1e3 * emit, 1e3 * load, t.object.size);
    }
}

int main(void)
{
    compile_time();
    axpy();
    masked_sum();
    nulls();
    month();
    return 0;
}
