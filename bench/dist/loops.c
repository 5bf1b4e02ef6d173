/* SPDX-License-Identifier: Apache-2.0
 * The loops of loops.py in C, for a process that has a share of the rows.
 *
 *   loops NAME ROWS STEPS ROUNDS     prints the seconds of each round
 *
 * `memory` is no loop of loops.py: it moves what the stencil moves and computes next to
 * nothing: what the memory gives.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double stencil(double *a, double *b, long n, long steps)
{
    for (long s = 0; s < steps; s++) {
        for (long i = 1; i < n - 1; i++)
            b[i] = (a[i - 1] + a[i] + a[i + 1]) / 3;
        for (long i = 1; i < n - 1; i++)
            a[i] = (b[i - 1] + b[i] + b[i + 1]) / 3;
    }
    return a[n / 2];
}

static double waves(double *a, double *b, long n, long steps)
{
    double total = 0;
    (void)b;
    for (long s = 0; s < steps; s++)
        for (long i = 0; i < n; i++)
            total += sqrt(a[i] * a[i] + (double)s) / (1 + a[i]);
    return total;
}

static double memory(double *a, double *b, long n, long steps)
{
    for (long s = 0; s < steps; s++) {
        for (long i = 0; i < n; i++)
            b[i] = -a[i];
        for (long i = 0; i < n; i++)
            a[i] = -b[i];
    }
    return a[n / 2];
}

typedef double Loop(double *a, double *b, long n, long steps);

static Loop *loop_of(const char *name)
{
    if (strcmp(name, "memory") == 0) return memory;
    return strcmp(name, "stencil") == 0 ? stencil : waves;
}

/* On large pages, as Shoal's columns: on those of malloc a large stencil takes one
 * process much longer, and two gain what one had lost. SHOAL_BENCH_MALLOC=1 shows it.
 */
static double *rows_of(long n)
{
    size_t page = (size_t)2 << 20, bytes = ((size_t)n * 8 + page) & ~(page - 1);
    int large = !getenv("SHOAL_BENCH_MALLOC");
    double *p = large ? aligned_alloc(page, bytes) : malloc(bytes);
    if (!p) exit(3);
    if (large) (void)madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

int main(int argc, char **argv)
{
    if (argc < 5) return 2;
    long n = atol(argv[2]), steps = atol(argv[3]), rounds = atol(argv[4]);
    Loop *loop = loop_of(argv[1]);
    double *a = rows_of(n), *b = rows_of(n);
    double got = 0;
    for (long i = 0; i < n; i++)
        a[i] = b[i] = (double)(i % 10);
    for (long r = -1; r < rounds; r++) {
        double start = now();
        got += loop(a, b, n, steps);
        if (r >= 0) printf("%.9f\n", now() - start);
    }
    free(a);
    free(b);
    return got == 0.25; /* the work is needed */
}
