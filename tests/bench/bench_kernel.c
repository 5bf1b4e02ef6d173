/* SPDX-License-Identifier: Apache-2.0
 * Nanoseconds of CPU time per row of the kernels on one core: `bench_kernel [rows [what
 * [groups]]]`. By hand, not part of the tests. Build it like a unit test, in release
 * mode.
 */
#include "kernel/kernel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static Cx cx;

/* CPU time so far: of our own code, and of the system (the first touch of memory). */
typedef struct Time {
    double user, system;
} Time;

static Time now(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (Time){(double)u.ru_utime.tv_sec + 1e-6 * (double)u.ru_utime.tv_usec,
                  (double)u.ru_stime.tv_sec + 1e-6 * (double)u.ru_stime.tv_usec};
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

static void report(const char *what, idx n, Time from, Time to)
{
    double user = to.user - from.user, system = to.system - from.system;
    printf("%-44s %8.2f ns/row  + system %6.2f\n", what, user * 1e9 / (double)n,
           system * 1e9 / (double)n);
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
        Time t0 = now();
        CHECK(sort_perm(&cx, &t, &asc, false, &perm));
        report(c[k].name, n, t0, now());
        mem_free(perm);
        array_unref(a);
    }
    for (int dict = 0; dict < 2; dict++) {
        Array *a = texts(n, 100000, dict);
        Table t = {n, 1, &a};
        const bool asc = true;
        idx *perm;
        Time t0 = now();
        CHECK(sort_perm(&cx, &t, &asc, false, &perm));
        report(dict ? "sort 1e5 texts, dictionary" : "sort 1e5 texts, plain", n, t0,
               now());
        mem_free(perm);
        array_unref(a);
    }
}

static void bench_group(idx n, idx only)
{
    const idx groups[] = {4, 100, 10000, 100000, 1000000, 10000000};
    AggSpec sum_count[2] = {
        {.kind = AGG_SUM,   .skipna = true},
        {.kind = AGG_COUNT, .skipna = true}
    };
    for (int sparse = 0; sparse < 2; sparse++) {
        for (int k = 0; k < 6; k++) {
            char name[64];
            if (only && only != groups[k]) continue;
            Array *key = ints(n, (uint64_t)groups[k], 7), *val = floats(n, 3);
            if (sparse)
                for (idx i = 0; i < n; i++)
                    ((uint64_t *)key->data)[i] *= 0x9e3779b97f4a7c15u;
            Table kt = {n, 1, &key}, vt = {n, 1, &val}, ko, vo;
            GroupTab *g;
            Time t0 = now();
            CHECK(group_init(&cx, &kt, &vt, sum_count, 2, true, false, &g));
            CHECK(group_consume(&cx, g, &kt, &vt, 0, NULL));
            Time t1 = now();
            CHECK(group_final(&cx, g, &ko, &vo, NULL));
            snprintf(name, sizeof name, "group %s int64, %lld groups, sum count",
                     sparse ? "sparse" : "dense", (long long)groups[k]);
            report(name, n, t0, t1);
            snprintf(name, sizeof name, "  final, per group (%lld)", (long long)ko.n);
            report(name, ko.n, t1, now());
            table_clear(&ko);
            table_clear(&vo);
            group_free(g);
            array_unref(key);
            array_unref(val);
        }
    }
}

/* Keys of two one-letter texts, eight aggregates of five columns. */
static void bench_q1(idx n)
{
    for (int dict = 0; dict < 2; dict++) {
        Array *key[2] = {texts(n, 3, dict), texts(n, 2, dict)}, *val[5];
        for (int c = 0; c < 5; c++)
            val[c] = floats(n, (uint64_t)c);
        AggSpec agg[8];
        for (int k = 0; k < 8; k++)
            agg[k] = (AggSpec){.kind = k < 4   ? AGG_SUM
                                       : k < 7 ? AGG_MEAN
                                               : AGG_COUNT,
                               .col = k < 4   ? k
                                      : k < 7 ? k - 4 + (k == 6) * 2
                                              : 0,
                               .skipna = true};
        Table kt = {n, 2, key}, vt = {n, 5, val}, ko, vo;
        GroupTab *g;
        Time t0 = now();
        CHECK(group_init(&cx, &kt, &vt, agg, 8, true, false, &g));
        CHECK(group_consume(&cx, g, &kt, &vt, 0, NULL));
        CHECK(group_final(&cx, g, &ko, &vo, NULL));
        report(dict ? "TPC-H 1, dictionary keys" : "TPC-H 1, plain keys", n, t0, now());
        table_clear(&ko);
        table_clear(&vo);
        group_free(g);
        for (int c = 0; c < 2; c++)
            array_unref(key[c]);
        for (int c = 0; c < 5; c++)
            array_unref(val[c]);
    }
}

static void bench_keys(idx n)
{
    for (int k = 0; k < 3; k++) {
        Array *col[4];
        idx ncol = k == 0 ? 4 : 1;
        const char *name[] = {"codes of 4 int64 (24 x 31 x 12 x 7)",
                              "codes of 1e5 texts, plain",
                              "codes of 1e5 texts, dictionary"};
        const uint64_t range[] = {24, 31, 12, 7};
        for (int c = 0; c < ncol; c++)
            col[c] = k == 0 ? ints(n, range[c], (uint64_t)c) : texts(n, 100000, k == 2);
        Table kt = {n, ncol, col};
        idx *codes, *first, ng;
        Time t0 = now();
        CHECK(group_codes(&cx, &kt, true, &codes, &ng, &first));
        report(name[k], n, t0, now());
        mem_free(codes);
        mem_free(first);
        for (int c = 0; c < ncol; c++)
            array_unref(col[c]);
    }
    Array *a = ints(n, 0, 5);
    Table t = {n, 1, &a};
    uint64_t *h;
    CHECK(mem_new(&cx, n, 8, true, &h));
    Time t0 = now();
    CHECK(hash_rows(&cx, &t, h));
    report("hash_rows int64", n, t0, now());
    mem_free(h);
    array_unref(a);
}

static void bench_join(idx n)
{
    const idx build[] = {100000, 1000000, 10000000};
    for (int sparse = 0; sparse < 2; sparse++) {
        for (int k = 0; k < 3; k++) {
            for (int hit = 0; hit < 2; hit++) {
                char name[64];
                idx m = build[k];
                Array *b = ints(m, 0, 1), *p = ints(n, (uint64_t)m * (hit ? 1 : 10), 2);
                for (idx i = 0; i < m; i++)
                    ((int64_t *)b->data)[i] =
                        (int64_t)(((uint64_t)i * 7919) % (uint64_t)m);
                if (sparse) {
                    for (idx i = 0; i < m; i++)
                        ((uint64_t *)b->data)[i] *= 0x9e3779b97f4a7c15u;
                    for (idx i = 0; i < n; i++)
                        ((uint64_t *)p->data)[i] *= 0x9e3779b97f4a7c15u;
                }
                Table bt = {m, 1, &b}, pt = {n, 1, &p};
                JoinTab *j;
                idx *l, *r, pairs;
                Time t0 = now();
                CHECK(join_build(&cx, &bt, &j));
                join_mark(j, false);
                Time t1 = now();
                CHECK(join_probe(&cx, j, &pt, false, &l, &r, &pairs));
                Time t2 = now();
                snprintf(name, sizeof name, "join %s, %lld build rows: build",
                         sparse ? "sparse" : "dense", (long long)m);
                if (hit) report(name, m, t0, t1);
                snprintf(name, sizeof name, "  probe, %d%% match", hit ? 100 : 10);
                report(name, n, t1, t2);
                mem_free(l);
                mem_free(r);
                join_free(j);
                array_unref(b);
                array_unref(p);
            }
        }
    }
}

int main(int argc, char **argv)
{
    idx n = argc > 1 ? atoll(argv[1]) : 10000000;
    const char *what = argc > 2 ? argv[2] : "";
    cx_init(&cx, NULL, NULL, NULL);
    if (!*what || !strcmp(what, "sort")) bench_sort(n);
    if (!*what || !strcmp(what, "keys")) bench_keys(n);
    if (!*what || !strcmp(what, "group")) bench_group(n, argc > 3 ? atoll(argv[3]) : 0);
    if (!*what || !strcmp(what, "q1")) bench_q1(n);
    if (!*what || !strcmp(what, "join")) bench_join(n);
    cx_clear(&cx);
    return 0;
}
