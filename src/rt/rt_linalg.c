/* SPDX-License-Identifier: Apache-2.0
 * Products and factors of matrices. A matrix is ndarray, offset, two strides, two
 * lengths (front/nd.h). A product whose summed dimension is split over the ranks is
 * added up over them.
 */
#include "base/base.h"

#include "kernel/linalg.h"
#include "rt/rt_int.h"

static Mat mat_read(const Slot *in)
{
    const Array *a = in[0].a;
    Mat m = {.nrow = in[4].i, .ncol = in[5].i, .row = in[2].i, .col = in[3].i};
    m.at = (const uint8_t *)a->data + in[1].i * (int64_t)dtype_info[a->dt].bytes;
    return m;
}

static Status new_like(Cx *cx, const Attrs *at, int64_t nout, idx n, Slot *out,
                       Array **a)
{
    RtType t = rt_type(at, "rtype", nout - 1);
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, UNIT_NONE, n, true, a));
    if (nout == 2) out[0].i = n;
    return rt_out(cx, &out[nout - 1], *a);
}

static Status summed(Cx *cx, Array *c)
{
    enum { PART = 1 << 20 };
    for (idx i = 0; i < c->n; i += PART) {
        int n = (int)idx_min(PART, c->n - i);
        if (c->dt == DT_F64)
            TRY(comm_sum_f64(cx, (double *)c->data + i, n));
        else
            TRY(comm_sum_i64(cx, (int64_t *)c->data + i, n));
    }
    return OK;
}

Status rt_matmul(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin;
    Mat a = mat_read(in), b = mat_read(in + 6);
    Array *c;
    TRY(new_like(cx, at, nout, a.nrow * b.ncol, out, &c));
    Status st = c->dt == DT_F64 ? la_matmul_f64(cx, &a, &b, c->data)
                                : la_matmul_i64(cx, &a, &b, c->data);
    if (!st && rt_par(cx, at) && attr_int(at, "reduce", 0)) st = summed(cx, c);
    return st;
}

/* A row-major copy. */
static Status copied(Cx *cx, const Mat *m, double **out)
{
    TRY(mem_new(cx, m->nrow * m->ncol, sizeof **out, false, out));
    const double *from = m->at;
    for (idx i = 0; i < m->nrow; i++)
        for (idx j = 0; j < m->ncol; j++)
            (*out)[i * m->ncol + j] = from[i * m->row + j * m->col];
    return OK;
}

static Status solve(Cx *cx, const Mat *a, const Mat *b, double *x)
{
    double *lu = NULL, *right = NULL;
    int64_t *perm = NULL, n = a->nrow;
    int sign = 1;
    Status st = copied(cx, a, &lu);
    if (!st && b) st = copied(cx, b, &right);
    if (!st && !b) {
        st = mem_new(cx, n * n, sizeof *right, true, &right);
        for (idx i = 0; !st && i < n; i++)
            right[i * n + i] = 1;
    }
    if (!st) st = mem_new(cx, n, sizeof *perm, false, &perm);
    if (!st) la_lu(lu, n, perm, &sign);
    if (!st && !sign) st = fail(cx, E_LINALG, "Singular matrix");
    if (!st) la_lu_solve(lu, n, perm, right, b ? b->ncol : n, x);
    mem_free(lu);
    mem_free(right);
    mem_free(perm);
    return st;
}

static Status determinant(Cx *cx, const Mat *a, double *out)
{
    double *lu = NULL;
    int64_t *perm = NULL, n = a->nrow;
    int sign = 0;
    Status st = copied(cx, a, &lu);
    if (!st) st = mem_new(cx, n, sizeof *perm, false, &perm);
    if (!st) la_lu(lu, n, perm, &sign);
    double d = sign;
    for (idx i = 0; !st && sign && i < n; i++)
        d *= lu[i * n + i];
    *out = d;
    mem_free(lu);
    mem_free(perm);
    return st;
}

static Status cholesky(Cx *cx, const Mat *a, double *x)
{
    const double *from = a->at;
    for (idx i = 0; i < a->nrow; i++)
        for (idx j = 0; j < a->ncol; j++)
            x[i * a->ncol + j] = from[i * a->row + j * a->col];
    if (la_cholesky(x, a->nrow)) return OK;
    return fail(cx, E_LINALG, "Matrix is not positive definite");
}

Status rt_linalg(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    const char *what = attr_text(at, "what");
    Mat a = mat_read(in), b = {0};
    if (nin > 6) b = mat_read(in + 6);
    Array *x;
    if (what && *what == 'd') return determinant(cx, &a, &out[0].f);
    TRY(new_like(cx, at, nout, a.nrow * (nin > 6 ? b.ncol : a.ncol), out, &x));
    if (what && *what == 'c') return cholesky(cx, &a, x->data);
    return solve(cx, &a, nin > 6 ? &b : NULL, x->data);
}
