/* SPDX-License-Identifier: Apache-2.0
 * The loops of kernels.py as a C programmer writes them. Compiled in the benchmark by
 * gcc and clang with -O3 -march=native and no fast-math, like the others. Dictionaries
 * are uthash's, a published header library.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void mandelbrot(int64_t width, int64_t height, double x0, int64_t limit,
                int64_t *restrict counts)
{
    for (int64_t row = 0; row < height; row++) {
        double ci = 2.0 * (double)row / (double)height - 1.0;
        for (int64_t col = 0; col < width; col++) {
            double cr = 3.0 * (double)col / (double)width + x0;
            double zr = 0, zi = 0;
            int64_t n = 0;
            while (n < limit && zr * zr + zi * zi < 4.0) {
                double t = zr * zr - zi * zi + cr;
                zi = 2.0 * zr * zi + ci;
                zr = t;
                n++;
            }
            counts[row * width + col] = n;
        }
    }
}

double nbody(int64_t steps, double dt, int64_t n, double *restrict x,
             double *restrict y, double *restrict z, double *restrict vx,
             double *restrict vy, double *restrict vz, const double *restrict mass)
{
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = i + 1; j < n; j++) {
                double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
                double d2 = dx * dx + dy * dy + dz * dz;
                double mag = dt / (d2 * sqrt(d2));
                vx[i] -= dx * mass[j] * mag;
                vy[i] -= dy * mass[j] * mag;
                vz[i] -= dz * mass[j] * mag;
                vx[j] += dx * mass[i] * mag;
                vy[j] += dy * mass[i] * mag;
                vz[j] += dz * mass[i] * mag;
            }
        for (int64_t i = 0; i < n; i++) {
            x[i] += dt * vx[i];
            y[i] += dt * vy[i];
            z[i] += dt * vz[i];
        }
    }
    double energy = 0;
    for (int64_t i = 0; i < n; i++) {
        energy += 0.5 * mass[i] * (vx[i] * vx[i] + vy[i] * vy[i] + vz[i] * vz[i]);
        for (int64_t j = i + 1; j < n; j++) {
            double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
            energy -= mass[i] * mass[j] / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return energy;
}

static inline double cdf(double x)
{
    double k = 1.0 / (1.0 + 0.2316419 * fabs(x));
    double poly =
        k *
        (0.319381530 +
         k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
    double tail = 0.3989422804014327 * exp(-0.5 * x * x) * poly;
    return x >= 0 ? 1.0 - tail : tail;
}

void black_scholes(int64_t n, const double *restrict price,
                   const double *restrict strike, const double *restrict years,
                   double rate, double sigma, double *restrict call,
                   double *restrict put)
{
    for (int64_t i = 0; i < n; i++) {
        double root = sqrt(years[i]);
        double d1 =
            (log(price[i] / strike[i]) + (rate + 0.5 * sigma * sigma) * years[i]) /
            (sigma * root);
        double d2 = d1 - sigma * root;
        double discounted = strike[i] * exp(-rate * years[i]);
        call[i] = price[i] * cdf(d1) - discounted * cdf(d2);
        put[i] = discounted * cdf(-d2) - price[i] * cdf(-d1);
    }
}

double monte_carlo_pi(int64_t n, int64_t seed)
{
    int64_t state = seed, inside = 0;
    for (int64_t i = 0; i < n; i++) {
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
        double x = (double)state / 2147483648.0;
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
        double y = (double)state / 2147483648.0;
        if (x * x + y * y < 1.0) inside++;
    }
    return 4.0 * (double)inside / (double)n;
}

/* The board after the steps is in a when their number is even, else in b. */
void life(int64_t rows, int64_t cols, int64_t steps, int64_t *restrict a,
          int64_t *restrict b)
{
    int64_t *now = a, *after = b;
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t i = 1; i < rows - 1; i++) {
            const int64_t *up = now + (i - 1) * cols, *mid = up + cols,
                          *down = mid + cols;
            int64_t *restrict out = after + i * cols;
            for (int64_t j = 1; j < cols - 1; j++) {
                int64_t around = up[j - 1] + up[j] + up[j + 1] + mid[j - 1] +
                                 mid[j + 1] + down[j - 1] + down[j] + down[j + 1];
                out[j] = around == 3 || (around == 2 && mid[j] == 1);
            }
        }
        int64_t *t = now;
        now = after;
        after = t;
    }
}

void stencil(int64_t rows, int64_t cols, int64_t steps, double *restrict a,
             double *restrict b)
{
    double *now = a, *after = b;
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t i = 1; i < rows - 1; i++) {
            const double *up = now + (i - 1) * cols, *mid = up + cols,
                         *down = mid + cols;
            double *restrict out = after + i * cols;
            for (int64_t j = 1; j < cols - 1; j++)
                out[j] = 0.2 * (mid[j] + up[j] + down[j] + mid[j - 1] + mid[j + 1]);
        }
        double *t = now;
        now = after;
        after = t;
    }
}

void stencil_1d(int64_t n, int64_t steps, double *restrict now, double *restrict after)
{
    for (int64_t s = 0; s < steps / 2; s++) {
        for (int64_t i = 1; i < n - 1; i++)
            after[i] = 0.25 * now[i - 1] + 0.5 * now[i] + 0.25 * now[i + 1];
        for (int64_t i = 1; i < n - 1; i++)
            now[i] = 0.25 * after[i - 1] + 0.5 * after[i] + 0.25 * after[i + 1];
    }
}

void logistic(int64_t n, int64_t d, const double *restrict points,
              const double *restrict labels, int64_t steps, double rate,
              double *restrict w, double *restrict slope)
{
    memset(w, 0, (size_t)d * sizeof *w);
    for (int64_t s = 0; s < steps; s++) {
        memset(slope, 0, (size_t)d * sizeof *slope);
        for (int64_t i = 0; i < n; i++) {
            const double *row = points + i * d;
            double t = 0;
            for (int64_t k = 0; k < d; k++)
                t += row[k] * w[k];
            double err = 1.0 / (1.0 + exp(-t)) - labels[i];
            for (int64_t k = 0; k < d; k++)
                slope[k] += err * row[k];
        }
        for (int64_t k = 0; k < d; k++)
            w[k] -= rate * slope[k] / (double)n;
    }
}

void kmeans(int64_t n, int64_t d, const double *restrict points, int64_t k,
            int64_t steps, double *restrict centers, int64_t *restrict label,
            double *restrict sums, int64_t *restrict counts)
{
    memcpy(centers, points, (size_t)(k * d) * sizeof *centers);
    for (int64_t s = 0; s < steps; s++) {
        memset(sums, 0, (size_t)(k * d) * sizeof *sums);
        memset(counts, 0, (size_t)k * sizeof *counts);
        for (int64_t i = 0; i < n; i++) {
            const double *p = points + i * d;
            int64_t best = -1;
            double least = (double)INFINITY;
            for (int64_t c = 0; c < k; c++) {
                double far = 0;
                for (int64_t j = 0; j < d; j++) {
                    double diff = p[j] - centers[c * d + j];
                    far += diff * diff;
                }
                if (far < least) {
                    least = far;
                    best = c;
                }
            }
            label[i] = best;
            counts[best]++;
            for (int64_t j = 0; j < d; j++)
                sums[best * d + j] += p[j];
        }
        for (int64_t c = 0; c < k; c++)
            if (counts[c] > 0)
                for (int64_t j = 0; j < d; j++)
                    centers[c * d + j] = sums[c * d + j] / (double)counts[c];
    }
}

void matmul(int64_t n, int64_t m, int64_t p, const double *restrict a,
            const double *restrict b, double *restrict c)
{
    memset(c, 0, (size_t)(n * p) * sizeof *c);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < m; k++) {
            double x = a[i * m + k];
            for (int64_t j = 0; j < p; j++)
                c[i * p + j] += x * b[k * p + j];
        }
}

static int64_t distance(const char *a, int64_t na, const char *b, int64_t nb)
{
    int64_t *before = malloc((size_t)(nb + 1) * sizeof *before);
    int64_t *now = malloc((size_t)(nb + 1) * sizeof *now);
    for (int64_t j = 0; j <= nb; j++)
        before[j] = j;
    for (int64_t i = 0; i < na; i++) {
        now[0] = i + 1;
        for (int64_t j = 0; j < nb; j++) {
            int64_t least = before[j] + (a[i] == b[j] ? 0 : 1);
            if (before[j + 1] + 1 < least) least = before[j + 1] + 1;
            if (now[j] + 1 < least) least = now[j] + 1;
            now[j + 1] = least;
        }
        int64_t *t = before;
        before = now;
        now = t;
    }
    int64_t d = before[nb];
    free(before);
    free(now);
    return d;
}

/* Words are n pieces of one text of bytes: word i is text[at[i] .. at[i + 1]). */
int64_t levenshtein(int64_t n, const char *text, const int64_t *at, const char *pattern,
                    int64_t length)
{
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++)
        total += distance(text + at[i], at[i + 1] - at[i], pattern, length);
    return total;
}

#ifdef HAVE_UTHASH
#    include <uthash.h>

typedef struct Word {
    const char *text;
    int64_t count;
    UT_hash_handle hh;
} Word;

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The number of different words; *most: how often the most frequent one is there. */
int64_t word_count(const char *text, int64_t length, int64_t *most)
{
    Word *table = NULL, *w, *next;
    int64_t different = 0;
    *most = 0;
    for (int64_t i = 0; i < length;) {
        while (i < length && is_space(text[i]))
            i++;
        int64_t from = i;
        while (i < length && !is_space(text[i]))
            i++;
        if (i == from) break;
        unsigned bytes = (unsigned)(i - from), hash;
        HASH_VALUE(text + from, bytes, hash);
        HASH_FIND_BYHASHVALUE(hh, table, text + from, bytes, hash, w);
        if (!w) {
            w = calloc(1, sizeof *w);
            w->text = text + from;
            HASH_ADD_KEYPTR_BYHASHVALUE(hh, table, w->text, bytes, hash, w);
            different++;
        }
        if (++w->count > *most) *most = w->count;
    }
    HASH_ITER(hh, table, w, next)
    {
        HASH_DEL(table, w);
        free(w);
    }
    return different;
}
#endif

int64_t sieve(int64_t n)
{
    bool *prime = malloc((size_t)n + 1);
    memset(prime, 1, (size_t)n + 1);
    prime[0] = prime[1] = false;
    for (int64_t i = 2; i * i <= n; i++)
        if (prime[i])
            for (int64_t j = i * i; j <= n; j += i)
                prime[j] = false;
    int64_t total = 0;
    for (int64_t k = 0; k <= n; k++)
        total += prime[k];
    free(prime);
    return total;
}

void collatz(int64_t first, int64_t last, int64_t *out)
{
    int64_t best = 0, at = 0;
    for (int64_t start = first; start < last; start++) {
        int64_t n = start, steps = 0;
        while (n != 1) {
            n = n & 1 ? 3 * n + 1 : n >> 1; /* it is positive: n / 2 would look */
            steps++;
        }
        if (steps > best) {
            best = steps;
            at = start;
        }
    }
    out[0] = at;
    out[1] = best;
}

void insertion_sort(int64_t n, double *a)
{
    for (int64_t i = 1; i < n; i++) {
        double x = a[i];
        int64_t j = i - 1;
        for (; j >= 0 && a[j] > x; j--)
            a[j + 1] = a[j];
        a[j + 1] = x;
    }
}

void heap_sort(int64_t n, double *a)
{
    int64_t start = n / 2, end = n;
    while (end > 1) {
        if (start > 0) {
            start--;
        } else {
            end--;
            double t = a[0];
            a[0] = a[end];
            a[end] = t;
        }
        int64_t root = start;
        while (2 * root + 1 < end) {
            int64_t child = 2 * root + 1;
            if (child + 1 < end && a[child] < a[child + 1]) child++;
            if (!(a[root] < a[child])) break;
            double t = a[root];
            a[root] = a[child];
            a[child] = t;
            root = child;
        }
    }
}

static void partition_sort(double *a, int64_t low, int64_t high)
{
    while (low < high) {
        double pivot = a[(low + high) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i > j) continue;
            double t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
        if (j - low < high - i) {
            partition_sort(a, low, j);
            low = i;
        } else {
            partition_sort(a, i, high);
            high = j;
        }
    }
}

void quick_sort(int64_t n, double *a)
{
    partition_sort(a, 0, n - 1);
}
