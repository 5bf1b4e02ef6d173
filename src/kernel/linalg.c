/* SPDX-License-Identifier: Apache-2.0
 * Products in panels: a block of b's rows stays in cache while four rows of the result
 * are made at once; the inner loop runs along rows of b and c and vectorises. Views
 * that are not row-major are copied once.
 */
#include "kernel/linalg.h"

#include "array/buf.h"

#include "base/host.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { PANEL = 256, WIDE = 1024 };

#define DOT(T, U, NAME)                                                                \
    /* Rows of a times one column; both contiguous. */                                 \
    static void NAME##_vector(const T *a, const T *b, T *c, int64_t m, int64_t k)      \
    {                                                                                  \
        for (int64_t i = 0; i < m; i++) {                                              \
            U s[8] = {0};                                                              \
            int64_t p = 0;                                                             \
            for (; p + 8 <= k; p += 8)                                                 \
                for (int j = 0; j < 8; j++)                                            \
                    s[j] += (U)a[i * k + p + j] * (U)b[p + j];                         \
            U t = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));   \
            for (; p < k; p++)                                                         \
                t += (U)a[i * k + p] * (U)b[p];                                        \
            c[i] = (T)((U)c[i] + t);                                                   \
        }                                                                              \
    }                                                                                  \
    static void NAME##_rows(const T *a, const T *b, T *c, int64_t rows, int64_t lda,   \
                            int64_t depth, int64_t n, int64_t wide)                    \
    {                                                                                  \
        for (int64_t p = 0; p < depth; p++) {                                          \
            const T *y = b + p * n;                                                    \
            for (int64_t i = 0; i < rows; i++) {                                       \
                U x = (U)a[i * lda + p];                                               \
                T *z = c + i * n;                                                      \
                for (int64_t j = 0; j < wide; j++)                                     \
                    z[j] = (T)((U)z[j] + x * (U)y[j]);                                 \
            }                                                                          \
        }                                                                              \
    }                                                                                  \
    static void NAME##_panel(const T *restrict a, const T *restrict b, T *restrict c,  \
                             int64_t lda, int64_t depth, int64_t n, int64_t wide)      \
    {                                                                                  \
        T *c1 = c + n, *c2 = c1 + n, *c3 = c2 + n;                                     \
        for (int64_t p = 0; p < depth; p++) {                                          \
            const T *y = b + p * n;                                                    \
            U x0 = (U)a[p], x1 = (U)a[lda + p], x2 = (U)a[2 * lda + p],                \
              x3 = (U)a[3 * lda + p];                                                  \
            for (int64_t j = 0; j < wide; j++) {                                       \
                U v = (U)y[j];                                                         \
                c[j] = (T)((U)c[j] + x0 * v);                                          \
                c1[j] = (T)((U)c1[j] + x1 * v);                                        \
                c2[j] = (T)((U)c2[j] + x2 * v);                                        \
                c3[j] = (T)((U)c3[j] + x3 * v);                                        \
            }                                                                          \
        }                                                                              \
    }                                                                                  \
    static Status NAME##_product(Cx *cx, const T *a, const T *b, T *c, int64_t m,      \
                                 int64_t k, int64_t n)                                 \
    {                                                                                  \
        if (n == 1) {                                                                  \
            NAME##_vector(a, b, c, m, k);                                              \
            return OK;                                                                 \
        }                                                                              \
        for (int64_t j = 0; j < n; j += WIDE)                                          \
            for (int64_t p = 0; p < k; p += PANEL) {                                   \
                int64_t wide = n - j < WIDE ? n - j : WIDE;                            \
                int64_t depth = k - p < PANEL ? k - p : PANEL, i = 0;                  \
                TRY(cx_check(cx));                                                     \
                for (; i + 4 <= m; i += 4)                                             \
                    NAME##_panel(a + i * k + p, b + p * n + j, c + i * n + j, k,       \
                                 depth, n, wide);                                      \
                NAME##_rows(a + i * k + p, b + p * n + j, c + i * n + j, m - i, k,     \
                            depth, n, wide);                                           \
            }                                                                          \
        return OK;                                                                     \
    }                                                                                  \
    /* The matrix itself when it is row-major, else a copy in *own. */                 \
    static Status NAME##_packed(Cx *cx, const Mat *m, T **own, const T **out)          \
    {                                                                                  \
        const T *from = m->at;                                                         \
        *own = NULL;                                                                   \
        *out = from;                                                                   \
        bool rows = m->nrow <= 1 || m->row == m->ncol;                                 \
        if (rows && (m->ncol <= 1 || m->col == 1)) return OK;                          \
        TRY(mem_new(cx, m->nrow * m->ncol, sizeof(T), false, own));                    \
        for (int64_t i = 0; i < m->nrow; i++)                                          \
            for (int64_t j = 0; j < m->ncol; j++)                                      \
                (*own)[i * m->ncol + j] = from[i * m->row + j * m->col];               \
        *out = *own;                                                                   \
        return OK;                                                                     \
    }                                                                                  \
    static Status NAME##_matmul(Cx *cx, const Mat *a, const Mat *b, T *c)              \
    {                                                                                  \
        T *ownA = NULL, *ownB = NULL;                                                  \
        const T *x, *y;                                                                \
        Status st = NAME##_packed(cx, a, &ownA, &x);                                   \
        if (!st) st = NAME##_packed(cx, b, &ownB, &y);                                 \
        if (!st) st = NAME##_product(cx, x, y, c, a->nrow, a->ncol, b->ncol);          \
        mem_free(ownA);                                                                \
        mem_free(ownB);                                                                \
        return st;                                                                     \
    }
DOT(double, double, f64)
DOT(int64_t, uint64_t, i64)

Status la_matmul_i64(Cx *cx, const Mat *a, const Mat *b, int64_t *c)
{
    return i64_matmul(cx, a, b, c);
}

/* -- BLAS and LAPACK ---------------------------------------------------------------- *
 * Their matrices are column-major: a row-major matrix is its transpose to them.
 */
typedef void Dgemm(char *transa, char *transb, int *m, int *n, int *k, double *alpha,
                   double *a, int *lda, double *b, int *ldb, double *beta, double *c,
                   int *ldc);
typedef void Dgetrf(int *m, int *n, double *a, int *lda, int *pivot, int *info);
typedef void Dgetrs(char *trans, int *n, int *nrhs, double *a, int *lda, int *pivot,
                    double *b, int *ldb, int *info);
typedef void Dgetri(int *n, double *a, int *lda, int *pivot, double *work, int *lwork,
                    int *info);
typedef void Dpotrf(char *uplo, int *n, double *a, int *lda, int *info);

Status la_routine(Cx *cx, const char *name, void *out)
{
    Err err = {0};
    void *p = NULL;
    if (!cx->host || !cx->host->routine)
        return fail(cx, E_INTERNAL, "no library of linear algebra");
    Status st = cx->host->routine(cx->host_data, name, &p, &err);
    if (st && cx->err.code == OK) cx->err = err;
    memcpy(out, &p, sizeof p);
    return st;
}

/* How a matrix is handed over: the letter and the leading dimension; false when neither
 * its rows nor its columns are contiguous. */
static bool as_blas(const Mat *m, char *trans, int *lead)
{
    int64_t least = m->row;
    if (m->col == 1 && m->row >= m->ncol) {
        *trans = 'N';
    } else if (m->row == 1 && m->col >= m->nrow) {
        *trans = 'T';
        least = m->col;
    } else {
        return false;
    }
    *lead = (int)least;
    return least > 0 && least <= INT_MAX;
}

enum { STRIP_WORK = 1 << 30, STRIP_ROWS = 128 };

/* Rows of a at once: BLAS can't be interrupted, so it gets some tenths of a second's
 * work; few rows would let it pack b too often. */
static int64_t strip_rows(int64_t k, int64_t n)
{
    int64_t rows = STRIP_WORK / (k * n > 0 ? k * n : 1);
    return rows < STRIP_ROWS ? STRIP_ROWS : rows;
}

/* By BLAS: *done tells whether it could. The transpose of c is made of those of b and
 * a. */
static Status by_blas(Cx *cx, const Mat *a, const Mat *b, double *c, bool *done)
{
    Dgemm *dgemm;
    char ta, tb;
    int lda, ldb, k = (int)a->ncol, n = (int)b->ncol;
    double one = 1;
    *done = false;
    if (a->nrow > INT_MAX || a->ncol > INT_MAX || b->ncol > INT_MAX) return OK;
    if (!as_blas(a, &ta, &lda) || !as_blas(b, &tb, &ldb)) return OK;
    TRY(la_routine(cx, "dgemm", &dgemm));
    int64_t most = strip_rows(k, n);
    for (int64_t i = 0; i < a->nrow; i += most) {
        int m = (int)(a->nrow - i < most ? a->nrow - i : most);
        TRY(cx_check(cx));
        dgemm(&tb, &ta, &n, &m, &k, &one, (double *)(uintptr_t)b->at, &ldb,
              (double *)(uintptr_t)((const double *)a->at + i * a->row), &lda, &one,
              c + i * n, &n);
    }
    *done = true;
    return OK;
}

Status la_matmul_f64(Cx *cx, const Mat *a, const Mat *b, double *c)
{
    /* Below, loading the library takes longer than the product. */
    const double large = 3e8;
    double work = (double)a->nrow * (double)a->ncol * (double)b->ncol;
    bool done = false;
    if (work >= large && cx->host && cx->host->routine)
        TRY(by_blas(cx, a, b, c, &done));
    return done ? OK : f64_matmul(cx, a, b, c);
}

Status la_columns(Cx *cx, const Mat *m, double **out)
{
    const double *from = m->at;
    TRY(mem_new(cx, m->nrow * m->ncol, sizeof **out, false, out));
    for (int64_t j = 0; j < m->ncol; j++)
        for (int64_t i = 0; i < m->nrow; i++)
            (*out)[j * m->nrow + i] = from[i * m->row + j * m->col];
    return OK;
}

static Status length(Cx *cx, int64_t n, int *out)
{
    if (n > INT_MAX)
        return fail(cx, E_OVERFLOW, "a matrix of more than 2**31 - 1 rows or columns");
    *out = (int)n;
    return OK;
}

/* A factor of a by partial pivoting, in columns. Both from mem_new. */
typedef struct Lu {
    int n, info; /* info > 0: singular */
    double *a;
    int *pivot;
} Lu;

static void lu_clear(Lu *f)
{
    mem_free(f->a);
    mem_free(f->pivot);
}

static Status lu_of(Cx *cx, const Mat *a, Lu *f)
{
    Dgetrf *dgetrf;
    *f = (Lu){0};
    TRY(length(cx, a->nrow, &f->n));
    TRY(la_routine(cx, "dgetrf", &dgetrf));
    Status st = la_columns(cx, a, &f->a);
    if (!st) st = mem_new(cx, f->n, sizeof *f->pivot, false, &f->pivot);
    int least = f->n > 0 ? f->n : 1;
    if (!st && f->n) dgetrf(&f->n, &f->n, f->a, &least, f->pivot, &f->info);
    if (st) lu_clear(f);
    return st;
}

static Status not_singular(Cx *cx, const Lu *f)
{
    return f->info > 0 ? fail(cx, E_LINALG, "Singular matrix") : OK;
}

Status la_solve(Cx *cx, const Mat *a, const Mat *b, double *x)
{
    Dgetrs *dgetrs;
    Lu f;
    double *right = NULL;
    int m, info;
    TRY(length(cx, b->ncol, &m));
    TRY(la_routine(cx, "dgetrs", &dgetrs));
    TRY(lu_of(cx, a, &f));
    Status st = not_singular(cx, &f);
    if (!st) st = la_columns(cx, b, &right);
    if (!st && f.n && m)
        dgetrs((char[]){'N'}, &f.n, &m, f.a, &f.n, f.pivot, right, &f.n, &info);
    for (int64_t i = 0; !st && i < f.n; i++)
        for (int64_t j = 0; j < m; j++)
            x[i * m + j] = right[j * f.n + i];
    mem_free(right);
    lu_clear(&f);
    return st;
}

Status la_inv(Cx *cx, const Mat *a, double *x)
{
    enum { COLUMNS = 64 }; /* at once, as LAPACK likes them */
    Dgetri *dgetri;
    Lu f;
    double *work = NULL;
    int room, info;
    TRY(la_routine(cx, "dgetri", &dgetri));
    TRY(length(cx, a->nrow * COLUMNS, &room));
    TRY(lu_of(cx, a, &f));
    Status st = not_singular(cx, &f);
    if (!st) st = mem_new(cx, room, sizeof *work, false, &work);
    if (!st && f.n) dgetri(&f.n, f.a, &f.n, f.pivot, work, &room, &info);
    for (int64_t i = 0; !st && i < f.n; i++)
        for (int64_t j = 0; j < f.n; j++)
            x[i * f.n + j] = f.a[j * f.n + i];
    mem_free(work);
    lu_clear(&f);
    return st;
}

Status la_det(Cx *cx, const Mat *a, double *det)
{
    Lu f;
    TRY(lu_of(cx, a, &f));
    double d = 1;
    for (int64_t i = 0; i < f.n; i++)
        d *= f.pivot[i] == i + 1 ? f.a[i * f.n + i] : -f.a[i * f.n + i];
    *det = f.info > 0 ? 0 : d;
    lu_clear(&f);
    return OK;
}

Status la_slogdet(Cx *cx, const Mat *a, double *out)
{
    Lu f;
    TRY(lu_of(cx, a, &f));
    out[0] = f.info > 0 ? 0 : 1;
    out[1] = f.info > 0 ? -HUGE_VAL : 0;
    for (int64_t i = 0; i < f.n && f.info <= 0; i++) {
        double d = f.a[i * f.n + i];
        if ((d < 0) != (f.pivot[i] != i + 1)) out[0] = -out[0];
        out[1] += log(fabs(d));
    }
    lu_clear(&f);
    return OK;
}

Status la_cholesky(Cx *cx, const Mat *a, double *x)
{
    Dpotrf *dpotrf;
    int n, info = 0;
    const double *from = a->at;
    TRY(length(cx, a->nrow, &n));
    TRY(la_routine(cx, "dpotrf", &dpotrf));
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            x[i * n + j] = j <= i ? from[i * a->row + j * a->col] : 0;
    /* The lower half of rows is the upper half of columns. */
    if (n) dpotrf((char[]){'U'}, &n, x, &n, &info);
    return info > 0 ? fail(cx, E_LINALG, "Matrix is not positive definite") : OK;
}
