/* SPDX-License-Identifier: Apache-2.0
 * Nanoseconds per row of the kernels on one core: `bench_kernel [rows [what]]`. By
 * hand, not part of the tests. Build it like a unit test, in release mode.
 */
#include "kernel/kernel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static Cx cx;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define CHECK(call)                                                                    \
    do {                                                                               \
        if (call) {                                                                    \
            fprintf(stderr, "%s: %s\n", #call, cx.err.text);                           \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* n random integers below `range` (0: all 64 bits). */
static Array *ints(idx n, uint64_t range, uint64_t seed)
{
    Array *a;
    CHECK(array_new(&cx, DT_I64, NULL_NONE, UNIT_NONE, n, false, &a));
    for (idx i = 0; i < n; i++) {
        uint64_t v = mix((uint64_t)i * 0x9e3779b97f4a7c15u + seed);
        ((uint64_t *)a->data)[i] = range ? v % range : v;
    }
    return a;
}

static Array *floats(idx n, uint64_t seed)
{
    Array *a;
    CHECK(array_new(&cx, DT_F64, NULL_NAN, UNIT_NONE, n, false, &a));
    for (idx i = 0; i < n; i++)
        ((double *)a->data)[i] = (double)(mix((uint64_t)i + seed) >> 11) * 1e-9;
    return a;
}

/* Texts "k<number below range>", plain or as a dictionary. */
static Array *texts(idx n, uint64_t range, bool dict)
{
    Array *a, *d;
    idx m = dict ? (idx)range : n, at = 0;
    CHECK(array_new_str(&cx, m, m * 24, &d));
    for (idx i = 0; i < m; i++) {
        uint64_t v = dict ? (uint64_t)i : mix((uint64_t)i) % range;
        at += sprintf((char *)d->bytes + at, "k%llu", (unsigned long long)v);
        d->off[i + 1] = at;
    }
    if (!dict) return d;
    CHECK(array_new_dict(&cx, n, d, &a));
    for (idx i = 0; i < n; i++)
        ((int32_t *)a->data)[i] = (int32_t)(mix((uint64_t)i) % range);
    array_unref(d);
    return a;
}

static void report(const char *what, idx n, double seconds)
{
    printf("%-44s %8.2f ns/row\n", what, seconds * 1e9 / (double)n);
    fflush(stdout);
}

static void bench_sort(idx n)
{
    const struct {
        const char *name;
        uint64_t range;
    } c[] = {
        {"sort int64, 64 random bits", 0      },
        {"sort int64, 1e6 distinct",   1000000},
        {"sort int64, 100 distinct",   100    }
    };
    for (int k = 0; k < 3; k++) {
        Array *a = ints(n, c[k].range, 1);
        Table t = {n, 1, &a};
        const bool asc = true;
        idx *perm;
        double t0 = now();
        CHECK(sort_perm(&cx, &t, &asc, false, &perm));
        report(c[k].name, n, now() - t0);
        mem_free(perm);
        array_unref(a);
    }
    for (int dict = 0; dict < 2; dict++) {
        Array *a = texts(n, 100000, dict);
        Table t = {n, 1, &a};
        const bool asc = true;
        idx *perm;
        double t0 = now();
        CHECK(sort_perm(&cx, &t, &asc, false, &perm));
        report(dict ? "sort 1e5 texts, dictionary" : "sort 1e5 texts, plain", n,
               now() - t0);
        mem_free(perm);
        array_unref(a);
    }
}

int main(int argc, char **argv)
{
    idx n = argc > 1 ? atoll(argv[1]) : 10000000;
    const char *what = argc > 2 ? argv[2] : "";
    cx_init(&cx, NULL, NULL, NULL);
    if (!*what || !strcmp(what, "sort")) bench_sort(n);
    cx_clear(&cx);
    return 0;
}
