/* SPDX-License-Identifier: Apache-2.0
 * Piecewise linear interpolation, with NumPy's arithmetic: slope * (x - xp[j]) + fp[j],
 * from the right end where that is NaN.
 */
#include "kernel/numpy.h"

#include <math.h>

static idx interval(const double *xp, idx n, double x)
{
    idx lo = 0, len = n - 1;
    while (len > 1) {
        idx half = len >> 1;
        bool up = x >= xp[lo + half];
        lo = up ? lo + half : lo;
        len = up ? len - half : half;
    }
    return lo;
}

static double between(const double *xp, const double *fp, idx j, double x)
{
    if (x == xp[j]) return fp[j];
    double slope = (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]);
    double r = slope * (x - xp[j]) + fp[j];
    if (isnan(r)) {
        r = slope * (x - xp[j + 1]) + fp[j + 1];
        if (isnan(r) && fp[j] == fp[j + 1]) r = fp[j];
    }
    return r;
}

Status np_interp(Cx *cx, const Array *x, const Array *xp, const Array *fp,
                 const double *left, const double *right, Array **out)
{
    idx n = xp->n;
    if (n == 0) return fail(cx, E_VALUE, "array of sample points is empty");
    if (fp->n != n) return fail(cx, E_VALUE, "fp and xp are not of the same length.");
    TRY(array_new(cx, DT_F64, NULL_NAN, UNIT_NONE, x->n, false, out));
    const double *at = xp->data, *f = fp->data, *v = x->data;
    double lo = left ? *left : f[0], hi = right ? *right : f[n - 1];
    double *to = (*out)->data;
    for (idx i = 0; i < x->n; i++) {
        double q = v[i];
        if (isnan(q) && n > 1)
            to[i] = q;
        else if (q < at[0])
            to[i] = lo;
        else if (q > at[n - 1])
            to[i] = hi;
        else if (n == 1 || q >= at[n - 1])
            to[i] = f[n - 1];
        else
            to[i] = between(at, f, interval(at, n, q), q);
    }
    return OK;
}
