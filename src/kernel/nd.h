/* SPDX-License-Identifier: Apache-2.0
 * Kernels over views of n dimensions: a pointer, lengths, strides in elements.
 */
#pragma once
#include "array/array.h"
#include "base/kinds.h"

enum { ND_DIMS = 16 };

typedef struct NdView {
    uint8_t *at; /* the first element */
    uint8_t dt, unit;
    int nd;
    idx len[ND_DIMS], stride[ND_DIMS];
} NdView;

idx nd_count(const NdView *v); /* elements */
bool nd_is_contiguous(const NdView *v);

/* The state of one reduction. Merging is in order of rank: `at` counts elements of the
 * reduced dimensions in C order, from the rank's first on. */
typedef struct NdAcc {
    double f, c; /* floats: value; sum: what rounding lost */
    int64_t i;   /* integers (unsigned ones as their bits), times */
    idx at;      /* arg*: where; -1: none yet */
    idx n;       /* values that took part */
} NdAcc;

/* Reduces the dimensions in axes (bits) of v: out has one state per element of the
 * others, in C order, and is initialised here. first: position of this rank's part. */
void nd_reduce(const NdView *v, NdAgg agg, uint32_t axes, idx first, NdAcc *out);
void nd_merge(NdAgg agg, DType dt, NdAcc *to, const NdAcc *from, idx n);
/* min and max that more is compared with: what nothing took part in is the largest
 * (smallest) value. */
void nd_neutral(NdAgg agg, DType dt, NdAcc *acc, idx n);
/* Writes n states as elements of out from row `row` on. E_VALUE: of nothing. */
MUST_USE Status nd_final(Cx *cx, NdAgg agg, DType dt, const NdAcc *acc, idx n,
                         Array *out, idx row);

/* Running sums ('s') or products ('p') along a dimension into a contiguous array of
 * out's type. */
void nd_scan(const NdView *v, int axis, char what, Array *out);
/* n values that a run begins with: 0, or 1 of products. */
void nd_scan_begin(DType dt, char what, idx n, void *to);
/* Each of the rows at `to`, of n values, goes on from what the row `start` ends in. */
void nd_scan_from(DType dt, char what, const void *start, idx n, idx rows, void *to);
/* Elements or, for a mask of fewer dimensions, rows of v where the mask holds. */
MUST_USE Status nd_compress(Cx *cx, const NdView *mask, const NdView *v, idx *rows,
                            Array **out);
/* Stores values, repeated if there is one, where the mask holds. E_VALUE: their number
 * differs. next: the first value to take; moved on. */
MUST_USE Status nd_place(Cx *cx, const NdView *v, const NdView *mask, const NdView *val,
                         idx next);
idx nd_mask_count(const NdView *mask);
/* Row k of val (contiguous rows of v's width) to row[k] of v, in this order; repeat:
 * val is one row. */
void nd_put_rows(const NdView *v, const int64_t *row, idx n, const void *val,
                 bool repeat);
/* -- nd_line.c: order along a dimension, each line by itself; NaN and NaT last. out is
 * contiguous. */
/* Sorted elements (any dtype but text and complex), or their I64 positions; stable. */
MUST_USE Status nd_sort(Cx *cx, const NdView *v, int axis, bool positions, Array *out);
/* Quantiles q[0 .. nq) of lines of F64: out (F64) has nq, then v's other dimensions.
 * NaN where a line holds one, or with skip_nan where it holds nothing else. E_INDEX: of
 * nothing. */
MUST_USE Status nd_quantile(Cx *cx, const NdView *v, int axis, const double *q, idx nq,
                            QuantileMethod method, bool skip_nan, Array *out);
/* A contiguous copy. out: nd_count(v) elements. */
void nd_gather(const NdView *v, void *out);
