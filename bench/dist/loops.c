/* SPDX-License-Identifier: Apache-2.0
 * The loops of loops.py in C, for a process that has a share of the rows.
 *
 *   loops NAME ROWS STEPS ROUNDS     prints the seconds of each round
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(int argc, char **argv)
{
    if (argc < 5) return 2;
    long n = atol(argv[2]), steps = atol(argv[3]), rounds = atol(argv[4]);
    double *a = malloc((size_t)n * sizeof *a), *b = malloc((size_t)n * sizeof *b);
    double got = 0;
    for (long i = 0; i < n; i++)
        a[i] = b[i] = (double)(i % 10);
    for (long r = -1; r < rounds; r++) {
        double start = now();
        got += strcmp(argv[1], "stencil") == 0 ? stencil(a, b, n, steps)
                                               : waves(a, b, n, steps);
        if (r >= 0) printf("%.9f\n", now() - start);
    }
    free(a);
    free(b);
    return got == 0.25; /* the work is needed */
}
