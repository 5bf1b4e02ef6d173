/* SPDX-License-Identifier: Apache-2.0
 * Linear algebra on small and middling matrices, on one rank. Matrices are row-major
 * unless they come as a view.
 */
#pragma once
#include "base/cx.h"

/* A matrix in a larger buffer; strides in elements. */
typedef struct Mat {
    const void *at;
    int64_t nrow, ncol, row, col; /* lengths, strides */
} Mat;

/* c += a times b, row-major; all of float64, or of int64, which wraps. */
MUST_USE Status la_matmul_f64(Cx *cx, const Mat *a, const Mat *b, double *c);
MUST_USE Status la_matmul_i64(Cx *cx, const Mat *a, const Mat *b, int64_t *c);

/* LU with partial pivoting of the n x n matrix a in place; *sign: of the permutation, 0
 * when a is singular. perm has n places. */
void la_lu(double *a, int64_t n, int64_t *perm, int *sign);
/* Solves a x = b for m right sides (n x m) by the factors. */
void la_lu_solve(const double *lu, int64_t n, const int64_t *perm, const double *b,
                 int64_t m, double *x);
/* The lower factor, zeroes above; false when a is not positive definite. */
bool la_cholesky(double *a, int64_t n);
