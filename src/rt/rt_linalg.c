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

Status rt_linalg(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    const char *what = attr_text(at, "what");
    Mat a = mat_read(in), b = {0};
    if (nin > 6) b = mat_read(in + 6);
    Array *x;
    if (what && *what == 'd') return la_det(cx, &a, &out[0].f);
    if (attr_int(at, "factor", 0)) {
        double rcond = nin > 12 ? in[12].f : 0;
        TRY(new_like(cx, at, nout, la_factor_size(what, &a, &b), out, &x));
        return rt_unless(cx, x, la_factor(cx, what, &a, &b, rcond, x->data));
    }
    TRY(new_like(cx, at, nout, a.nrow * (nin > 6 ? b.ncol : a.ncol), out, &x));
    if (what && *what == 'c') return rt_unless(cx, x, la_cholesky(cx, &a, x->data));
    if (nin > 6) return rt_unless(cx, x, la_solve(cx, &a, &b, x->data));
    return rt_unless(cx, x, la_inv(cx, &a, x->data));
}
