/* SPDX-License-Identifier: Apache-2.0
 * Counting into bins. An evenly spaced bin is guessed by a multiplication and then
 * corrected by the edges themselves, so that counts agree with the edges to the bit.
 */
#include "kernel/numpy.h"

void np_minmax(const Array *x, int64_t *least, int64_t *most)
{
    const int64_t *v = x->data;
    int64_t lo = x->n ? v[0] : 0, hi = x->n ? v[0] : -1;
    for (idx i = 1; i < x->n; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    *least = lo;
    *most = hi;
}

static Status bins_new(Cx *cx, const Array *w, idx n, Array **out)
{
    return array_new(cx, w ? DT_F64 : DT_I64, w ? NULL_NAN : NULL_NONE, UNIT_NONE, n,
                     true, out);
}

static void add(Array *bins, idx at, const Array *w, idx i)
{
    if (w)
        ((double *)bins->data)[at] += ((const double *)w->data)[i];
    else
        ((int64_t *)bins->data)[at]++;
}

Status np_bincount(Cx *cx, const Array *x, const Array *w, idx n, Array **out)
{
    TRY(bins_new(cx, w, n, out));
    const int64_t *v = x->data;
    for (idx i = 0; i < x->n; i++)
        if (v[i] >= 0 && v[i] < n) add(*out, v[i], w, i);
    return OK;
}

/* The bin of v, which lies within the edges. */
static idx bin_of(const double *e, idx nbin, double v, double scale)
{
    idx b = (idx)((v - e[0]) * scale);
    b = b < 0 ? 0 : b >= nbin ? nbin - 1 : b;
    while (b > 0 && v < e[b])
        b--;
    while (b < nbin - 1 && v >= e[b + 1])
        b++;
    return b;
}

static idx bin_search(const double *e, idx nbin, double v)
{
    idx lo = 0, n = nbin;
    while (n > 1) {
        idx half = n >> 1;
        bool up = v >= e[lo + half];
        lo = up ? lo + half : lo;
        n = up ? n - half : half;
    }
    return lo;
}

Status np_histogram(Cx *cx, const Array *x, const Array *w, const Array *edges,
                    bool even, Array **out)
{
    idx nbin = edges->n - 1;
    const double *e = edges->data, *v = x->data;
    for (idx i = 0; i < nbin; i++)
        if (e[i] > e[i + 1])
            return fail(cx, E_VALUE,
                        "`bins` must increase monotonically, when an array");
    TRY(bins_new(cx, w, idx_max(nbin, 0), out));
    if (nbin < 1) return OK;
    double scale = (double)nbin / (e[nbin] - e[0]);
    for (idx i = 0; i < x->n; i++) {
        if (!(v[i] >= e[0] && v[i] <= e[nbin])) continue;
        idx b = even ? bin_of(e, nbin, v[i], scale) : bin_search(e, nbin, v[i]);
        add(*out, b, w, i);
    }
    return OK;
}
