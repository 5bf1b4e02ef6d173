/* SPDX-License-Identifier: Apache-2.0
 * Order statistics without a sort: quickselect with a median of three, on the part
 * between the places that are known already. Places of quantiles follow Hyndman and
 * Fan, "Sample quantiles in statistical packages" (1996), as NumPy documents them.
 */
#include "kernel/numpy.h"

#include <math.h>

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* Afterwards x[k] is what a sort would put there, nothing before it is larger. */
static void select_at(double *x, idx lo, idx hi, idx k)
{
    while (lo < hi) {
        idx mid = lo + (hi - lo) / 2;
        if (x[mid] < x[lo]) swap(&x[mid], &x[lo]);
        if (x[hi] < x[lo]) swap(&x[hi], &x[lo]);
        if (x[hi] < x[mid]) swap(&x[hi], &x[mid]);
        double pivot = x[mid];
        idx i = lo, j = hi;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i <= j) swap(&x[i++], &x[j--]);
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            return;
    }
}

Status np_order_statistics(Cx *cx, double *x, idx n, const idx *pos, idx npos,
                           double *out)
{
    idx done = -1;
    for (idx p = 0; p < npos; p++) { /* pos rises, or work is done twice */
        TRY(cx_check(cx));
        if (pos[p] < done) done = -1;
        if (pos[p] > done) {
            /* What was selected before splits the array: only the rest is looked at. */
            idx from = 0;
            for (idx q = 0; q < p; q++)
                if (pos[q] < pos[p] && pos[q] + 1 > from) from = pos[q] + 1;
            select_at(x, from, n - 1, pos[p]);
            done = pos[p];
        }
        out[p] = x[pos[p]];
    }
    return OK;
}

/* The place of a continuous method: alpha + q * (n + 1 - alpha - beta) - 1. */
static double place(double q, double n, double alpha, double beta)
{
    return n * q + (alpha + q * (1 - alpha - beta)) - 1;
}

static double virtual_index(QuantileMethod m, double q, double n)
{
    switch (m) {
    case QUANTILE_inverted_cdf:
    case QUANTILE_averaged_inverted_cdf: return n * q - 1;
    case QUANTILE_closest_observation: return n * q - 1 - 0.5;
    case QUANTILE_interpolated_inverted_cdf: return place(q, n, 0, 1);
    case QUANTILE_hazen: return place(q, n, 0.5, 0.5);
    case QUANTILE_weibull: return place(q, n, 0, 0);
    case QUANTILE_median_unbiased: return place(q, n, 1.0 / 3.0, 1.0 / 3.0);
    case QUANTILE_normal_unbiased: return place(q, n, 3.0 / 8.0, 3.0 / 8.0);
    default: return (n - 1) * q;
    }
}

static double weight(QuantileMethod m, double g, double floor_at)
{
    switch (m) {
    case QUANTILE_inverted_cdf: return g > 0 ? 1 : 0;
    case QUANTILE_averaged_inverted_cdf: return g > 0 ? 1 : 0.5;
    case QUANTILE_closest_observation: return g == 0 && fmod(floor_at, 2) != 0 ? 0 : 1;
    case QUANTILE_lower: return 0;
    case QUANTILE_higher: return g > 0 ? 1 : 0;
    case QUANTILE_midpoint: return g > 0 ? 0.5 : 0;
    case QUANTILE_nearest: return g == 0.5 ? (fmod(floor_at, 2) != 0 ? 1 : 0) : g > 0.5;
    default: return g;
    }
}

bool np_quantile_place(QuantileMethod m, double q, idx n, idx *lo, idx *hi, double *w)
{
    if (m >= QUANTILE_COUNT || n < 1) return false;
    double v = virtual_index(m, q, (double)n), f = floor(v);
    *w = weight(m, v - f, f);
    *lo = f < 0 ? 0 : f > (double)(n - 1) ? n - 1 : (idx)f;
    *hi = f + 1 < 0 ? 0 : f + 1 > (double)(n - 1) ? n - 1 : (idx)f + 1;
    if (v >= (double)(n - 1)) *lo = n - 1;
    return true;
}

double np_quantile_between(QuantileMethod m, double a, double b, double w)
{
    if (m == QUANTILE_middle && w > 0)
        return a + b == a + b && !isinf(a + b) ? (a + b) / 2 : a / 2 + b / 2;
    double gap = b - a;
    if (a == b) return a;
    if (w <= 0) return a;
    if (w >= 1) return b;
    return w >= 0.5 ? b - gap * (1 - w) : a + gap * w;
}
