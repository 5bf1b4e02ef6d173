/* SPDX-License-Identifier: Apache-2.0
 * NumPy's functions of whole arrays of one dimension, on one rank. Arrays are float64
 * or int64 (times are read as int64, uint64 as such) unless it says otherwise; results
 * are owned by the caller.
 */
#pragma once
#include "array/array.h"
#include "base/kinds.h"

/* -- np_search.c: where each of v would be inserted into the sorted a (same dtype):
 * I64. NaN is the largest. right: behind equal ones. */
MUST_USE Status np_searchsorted(Cx *cx, const Array *a, const Array *v, bool right,
                                Array **out);
/* np.digitize: a may also fall; E_VALUE when it does neither. */
MUST_USE Status np_digitize(Cx *cx, const Array *a, const Array *v, bool right,
                            Array **out);

/* -- np_bins.c */
/* Smallest and largest of x (I64); 0 and -1 when there is none. */
void np_minmax(const Array *x, int64_t *least, int64_t *most);
/* n counts (I64), or sums of w (F64) where x is 0 .. n - 1; w NULL: counts. */
MUST_USE Status np_bincount(Cx *cx, const Array *x, const Array *w, idx n, Array **out);
/* Counts of x (F64) between edges (F64, rising; the last bin holds its upper edge too);
 * even: the edges are evenly spaced. */
MUST_USE Status np_histogram(Cx *cx, const Array *x, const Array *w, const Array *edges,
                             bool even, Array **out);

/* -- np_interp.c: piecewise linear through (xp, fp), all F64; left and right beyond. */
MUST_USE Status np_interp(Cx *cx, const Array *x, const Array *xp, const Array *fp,
                          const double *left, const double *right, Array **out);

/* -- np_convolve.c: of two arrays of one dtype (F64 or I64), none empty. mode: 'f'
 * full, 's' same, 'v' valid. */
MUST_USE Status np_convolve(Cx *cx, const Array *a, const Array *v, char mode,
                            Array **out);

/* -- np_select.c: the values that stand at pos[0 .. n) when the n64 values of x (F64)
 * are sorted; x is reordered. No NaN. */
MUST_USE Status np_order_statistics(Cx *cx, double *x, idx n, const idx *pos, idx npos,
                                    double *out);
/* Places and weight of quantile q of n values by a method of NumPy; false: no such. */
bool np_quantile_place(QuantileMethod m, double q, idx n, idx *lo, idx *hi, double *w);
/* What lies at weight w between a and b. */
double np_quantile_between(QuantileMethod m, double a, double b, double w);
