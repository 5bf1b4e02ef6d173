/* SPDX-License-Identifier: Apache-2.0
 * Linear algebra on one rank. Matrices are row-major unless they come as a view.
 */
#pragma once
#include "base/cx.h"

/* A matrix in a larger buffer; strides in elements. */
typedef struct Mat {
    const void *at;
    int64_t nrow, ncol, row, col; /* lengths, strides */
} Mat;

/* c += a times b, row-major; all of float64, or of int64, which wraps. Large products
 * of floats are made by BLAS: the host's error if it has none. */
MUST_USE Status la_matmul_f64(Cx *cx, const Mat *a, const Mat *b, double *c);
MUST_USE Status la_matmul_i64(Cx *cx, const Mat *a, const Mat *b, int64_t *c);

/* -- By LAPACK, which the host finds (base/host.h); a failure to find it is the host's
 * error, a matrix that can't be factored is E_LINALG. Matrices have n <= 2**31 - 1
 * rows.
 */
/* Solves a x = b for all columns of b; x row-major, as large as b. */
MUST_USE Status la_solve(Cx *cx, const Mat *a, const Mat *b, double *x);
MUST_USE Status la_inv(Cx *cx, const Mat *a, double *x);
MUST_USE Status la_det(Cx *cx, const Mat *a, double *det);
/* The lower factor of a positive definite matrix, of which the lower half is read. */
MUST_USE Status la_cholesky(Cx *cx, const Mat *a, double *x);

/* Factors of other kinds (linalg_factor.c says which, and how they lie in out, which
 * has la_factor_size numbers). b, rcond: of least squares alone. */
int64_t la_factor_size(const char *what, const Mat *a, const Mat *b);
MUST_USE Status la_factor(Cx *cx, const char *what, const Mat *a, const Mat *b,
                          double rcond, double *out);
/* Sign and logarithm of the determinant. */
MUST_USE Status la_slogdet(Cx *cx, const Mat *a, double *out);

/* -- What linalg*.c share -----------------------------------------------------------
 */
/* The routine of that name; out is the address of a pointer to a function. */
MUST_USE Status la_routine(Cx *cx, const char *name, void *out);
/* m in columns, packed: what a Fortran routine may overwrite. To be freed by mem_free.
 */
MUST_USE Status la_columns(Cx *cx, const Mat *m, double **out);
