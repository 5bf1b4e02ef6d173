/* SPDX-License-Identifier: Apache-2.0
 * Factors of matrices by LAPACK. What a routine gives is written one after the other
 * into one vector, matrices row-major, so that callers take views of it:
 *
 *   eigh      n eigenvalues, then the n x n eigenvectors as columns
 *   svd       k singular values, U (m x k), V transposed (k x n); k the smaller length
 *   svdfull   the same with U (m x m) and V transposed (n x n)
 *   svdvals   the singular values alone
 *   qr        Q (m x k), R (k x n)
 *   slogdet   sign and logarithm of the determinant
 *   lstsq     rank, k singular values, then the solution with what is left below it
 *             (the larger of m and n rows, one column for each of b)
 */
#include "base/base.h"

#include "array/buf.h"
#include "base/host.h"
#include "kernel/linalg.h"

#include <limits.h>
#include <math.h>
#include <string.h>

typedef void Dsyevd(char *job, char *uplo, int *n, double *a, int *lda, double *w,
                    double *work, int *lwork, int *iwork, int *liwork, int *info);
typedef void Dgesdd(char *job, int *m, int *n, double *a, int *lda, double *s,
                    double *u, int *ldu, double *vt, int *ldvt, double *work,
                    int *lwork, int *iwork, int *info);
typedef void Dgeqrf(int *m, int *n, double *a, int *lda, double *tau, double *work,
                    int *lwork, int *info);
typedef void Dorgqr(int *m, int *n, int *k, double *a, int *lda, double *tau,
                    double *work, int *lwork, int *info);
typedef void Dgelsd(int *m, int *n, int *nrhs, double *a, int *lda, double *b, int *ldb,
                    double *s, double *rcond, int *rank, double *work, int *lwork,
                    int *iwork, int *info);

/* One call: the matrix in columns, and room for what the routine needs. */
typedef struct Job {
    int m, n, k;           /* lengths, the smaller one */
    double *a;             /* m x n, in columns */
    double *u, *vt, *work; /* from mem_new */
    int *iwork;
    double *out;
} Job;

static int64_t smaller(const Mat *a)
{
    return a->nrow < a->ncol ? a->nrow : a->ncol;
}

static int64_t larger(const Mat *a)
{
    return a->nrow > a->ncol ? a->nrow : a->ncol;
}

int64_t la_factor_size(const char *what, const Mat *a, const Mat *b)
{
    int64_t m = a->nrow, n = a->ncol, k = smaller(a);
    if (!strcmp(what, "eigh")) return n + n * n;
    if (!strcmp(what, "svd")) return k + m * k + k * n;
    if (!strcmp(what, "svdfull")) return k + m * m + n * n;
    if (!strcmp(what, "svdvals")) return k;
    if (!strcmp(what, "qr")) return m * k + k * n;
    if (!strcmp(what, "slogdet")) return 2;
    return 1 + k + larger(a) * b->ncol;
}

static int at_least_one(int n)
{
    return n > 0 ? n : 1;
}

static Status job_open(Cx *cx, const Mat *a, Job *j)
{
    if (larger(a) > INT_MAX)
        return fail(cx, E_OVERFLOW, "a matrix of more than 2**31 - 1 rows or columns");
    j->m = (int)a->nrow;
    j->n = (int)a->ncol;
    j->k = (int)smaller(a);
    return la_columns(cx, a, &j->a);
}

static void job_close(Job *j)
{
    mem_free(j->a);
    mem_free(j->u);
    mem_free(j->vt);
    mem_free(j->work);
    mem_free(j->iwork);
}

/* Room as a routine that was asked for it says. */
static Status room(Cx *cx, Job *j, double doubles, int64_t ints, int *lwork)
{
    *lwork = doubles >= 1 ? (int)doubles : 1;
    TRY(mem_new(cx, *lwork, sizeof *j->work, false, &j->work));
    if (ints < 1) return OK;
    return mem_new(cx, ints, sizeof *j->iwork, false, &j->iwork);
}

/* rows x cols numbers in columns, of columns `lead` apart, row after row. */
static double *rows_of(const double *from, int rows, int cols, int lead, double *to)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t c = 0; c < cols; c++)
            *to++ = from[c * lead + i];
    return to;
}

static Status eigh(Cx *cx, Job *j)
{
    Dsyevd *dsyevd;
    double size = 0;
    int least = at_least_one(j->n), ask = -1, isize = 0, info = 0, lwork;
    TRY(la_routine(cx, "dsyevd", &dsyevd));
    dsyevd((char[]){'V'}, (char[]){'L'}, &j->n, j->a, &least, j->out, &size, &ask,
           &isize, &ask, &info);
    TRY(room(cx, j, size, isize, &lwork));
    dsyevd((char[]){'V'}, (char[]){'L'}, &j->n, j->a, &least, j->out, j->work, &lwork,
           j->iwork, &isize, &info);
    if (info > 0) return fail(cx, E_LINALG, "Eigenvalues did not converge");
    (void)rows_of(j->a, j->n, j->n, j->n, j->out + j->n);
    return OK;
}

/* job: 'S' thin, 'A' full, 'N' the values alone. */
static Status svd(Cx *cx, Job *j, char job)
{
    Dgesdd *dgesdd;
    double size = 0;
    int ucol = job == 'A' ? j->m : j->k, vrow = job == 'A' ? j->n : j->k;
    int lda = at_least_one(j->m), ldv = at_least_one(vrow), ask = -1, info = 0, lwork;
    TRY(la_routine(cx, "dgesdd", &dgesdd));
    if (job != 'N') {
        TRY(mem_new(cx, (idx)j->m * ucol, sizeof *j->u, true, &j->u));
        TRY(mem_new(cx, (idx)vrow * j->n, sizeof *j->vt, true, &j->vt));
    }
    TRY(mem_new(cx, 8 * (idx)j->k + 1, sizeof *j->iwork, false, &j->iwork));
    dgesdd(&job, &j->m, &j->n, j->a, &lda, j->out, j->u, &lda, j->vt, &ldv, &size, &ask,
           j->iwork, &info);
    TRY(room(cx, j, size, 0, &lwork));
    dgesdd(&job, &j->m, &j->n, j->a, &lda, j->out, j->u, &lda, j->vt, &ldv, j->work,
           &lwork, j->iwork, &info);
    if (info > 0) return fail(cx, E_LINALG, "SVD did not converge");
    if (job == 'N') return OK;
    double *to = rows_of(j->u, j->m, ucol, j->m, j->out + j->k);
    (void)rows_of(j->vt, vrow, j->n, vrow, to);
    return OK;
}

static Status qr(Cx *cx, Job *j)
{
    Dgeqrf *dgeqrf;
    Dorgqr *dorgqr;
    double size = 0, again = 0;
    int lda = at_least_one(j->m), ask = -1, info = 0, lwork;
    TRY(la_routine(cx, "dgeqrf", &dgeqrf));
    TRY(la_routine(cx, "dorgqr", &dorgqr));
    TRY(mem_new(cx, (idx)j->k + 1, sizeof *j->u, false, &j->u)); /* tau */
    dgeqrf(&j->m, &j->n, j->a, &lda, j->u, &size, &ask, &info);
    dorgqr(&j->m, &j->k, &j->k, j->a, &lda, j->u, &again, &ask, &info);
    TRY(room(cx, j, size > again ? size : again, 0, &lwork));
    dgeqrf(&j->m, &j->n, j->a, &lda, j->u, j->work, &lwork, &info);
    double *r = j->out + (idx)j->m * j->k;
    for (int64_t i = 0; i < j->k; i++)
        for (int64_t c = 0; c < j->n; c++)
            *r++ = c < i ? 0 : j->a[c * j->m + i];
    dorgqr(&j->m, &j->k, &j->k, j->a, &lda, j->u, j->work, &lwork, &info);
    (void)rows_of(j->a, j->m, j->k, j->m, j->out);
    return OK;
}

static Status lstsq(Cx *cx, Job *j, const Mat *b, double rcond)
{
    Dgelsd *dgelsd;
    double size = 0;
    int m = j->m, big = m > j->n ? m : j->n, ldb = at_least_one(big), ask = -1;
    int lda = at_least_one(m), isize = 0, info = 0, rank = 0, nrhs, lwork;
    if (b->ncol > INT_MAX) return fail(cx, E_OVERFLOW, "too many right sides");
    nrhs = (int)b->ncol;
    const double *from = b->at;
    TRY(la_routine(cx, "dgelsd", &dgelsd));
    TRY(mem_new(cx, (idx)big * nrhs, sizeof *j->u, true, &j->u));
    for (int64_t c = 0; c < nrhs; c++)
        for (int64_t i = 0; i < m; i++)
            j->u[c * big + i] = from[i * b->row + c * b->col];
    double *s = j->out + 1;
    dgelsd(&m, &j->n, &nrhs, j->a, &lda, j->u, &ldb, s, &rcond, &rank, &size, &ask,
           &isize, &info);
    TRY(room(cx, j, size, isize > 0 ? isize : 1, &lwork));
    dgelsd(&m, &j->n, &nrhs, j->a, &lda, j->u, &ldb, s, &rcond, &rank, j->work, &lwork,
           j->iwork, &info);
    if (info > 0)
        return fail(cx, E_LINALG, "SVD did not converge in Linear Least Squares");
    j->out[0] = rank;
    (void)rows_of(j->u, big, nrhs, big, s + j->k);
    return OK;
}

Status la_factor(Cx *cx, const char *what, const Mat *a, const Mat *b, double rcond,
                 double *out)
{
    Job j = {.out = out};
    if (!strcmp(what, "slogdet")) return la_slogdet(cx, a, out);
    Status st = job_open(cx, a, &j);
    if (st || j.k == 0)
        ; /* of an empty matrix nothing is asked */
    else if (!strcmp(what, "eigh"))
        st = eigh(cx, &j);
    else if (!strcmp(what, "qr"))
        st = qr(cx, &j);
    else if (!strcmp(what, "lstsq"))
        st = lstsq(cx, &j, b, rcond);
    else
        st = svd(cx, &j, what[3] == 'f' ? 'A' : what[3] == 'v' ? 'N' : 'S');
    job_close(&j);
    return st;
}
