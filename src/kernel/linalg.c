/* SPDX-License-Identifier: Apache-2.0
 * Products in panels: a block of b's rows stays in cache while four rows of the result
 * are made at once; the inner loop runs along rows of b and c and vectorises. Views
 * that are not row-major are copied once.
 */
#include "kernel/linalg.h"

#include "array/buf.h"

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
    Status la_matmul_##NAME(Cx *cx, const Mat *a, const Mat *b, T *c)                  \
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

/* -- Factors ----------------------------------------------------------------------- */
static void swap_rows(double *a, int64_t n, int64_t i, int64_t j)
{
    for (int64_t k = 0; k < n; k++) {
        double t = a[i * n + k];
        a[i * n + k] = a[j * n + k];
        a[j * n + k] = t;
    }
}

void la_lu(double *a, int64_t n, int64_t *perm, int *sign)
{
    *sign = 1;
    for (int64_t i = 0; i < n; i++)
        perm[i] = i;
    for (int64_t k = 0; k < n; k++) {
        int64_t best = k;
        for (int64_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
        if (a[best * n + k] == 0) {
            *sign = 0;
            return;
        }
        if (best != k) {
            int64_t t = perm[k];
            perm[k] = perm[best];
            perm[best] = t;
            swap_rows(a, n, k, best);
            *sign = -*sign;
        }
        const double *top = a + k * n;
        for (int64_t i = k + 1; i < n; i++) {
            double *row = a + i * n, f = row[k] /= top[k];
            for (int64_t j = k + 1; j < n; j++)
                row[j] -= f * top[j];
        }
    }
}

void la_lu_solve(const double *lu, int64_t n, const int64_t *perm, const double *b,
                 int64_t m, double *x)
{
    for (int64_t i = 0; i < n; i++)
        memcpy(x + i * m, b + perm[i] * m, (size_t)m * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < i; k++)
            for (int64_t j = 0; j < m; j++)
                x[i * m + j] -= lu[i * n + k] * x[k * m + j];
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < n; k++)
            for (int64_t j = 0; j < m; j++)
                x[i * m + j] -= lu[i * n + k] * x[k * m + j];
        for (int64_t j = 0; j < m; j++)
            x[i * m + j] /= lu[i * n + i];
    }
}

bool la_cholesky(double *a, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double s = a[i * n + j];
            for (int64_t k = 0; k < j; k++)
                s -= a[i * n + k] * a[j * n + k];
            if (i == j && !(s > 0)) return false;
            a[i * n + j] = i == j ? sqrt(s) : s / a[j * n + j];
        }
        for (int64_t j = i + 1; j < n; j++)
            a[i * n + j] = 0;
    }
    return true;
}
