/* SPDX-License-Identifier: Apache-2.0
 * Random generators against their published vectors, and what makes them usable row by
 * row: any part of a column can be made alone.
 */
#include "kernel/random.h"
#include "unit.h"
#include <math.h>

/* Known answers of Random123, philox4x32-10. */
static void test_philox(void **state)
{
    (void)state;
    uint64_t w[2];
    philox_block(0, 0, 0, w);
    assert_true(w[0] == UINT64_C(0xe169c58d6627e8d5));
    assert_true(w[1] == UINT64_C(0x9b00dbd8bc57ac4c));
    philox_block(UINT64_MAX, UINT64_MAX, UINT64_MAX, w);
    assert_true(w[0] == UINT64_C(0x41c83b0e408f276d));
    assert_true(w[1] == UINT64_C(0x6d5451fda20bc7c6));
    philox_block(UINT64_C(0x299f31d0a4093822), UINT64_C(0x85a308d3243f6a88),
                 UINT64_C(0x0370734413198a2e), w);
    assert_true(w[0] == UINT64_C(0x94fdccebd16cfe09));
    assert_true(w[1] == UINT64_C(0x24126ea15001e420));
}

static void test_words_by_part(void **state)
{
    (void)state;
    uint64_t all[301], part[301];
    philox_words(7, 0, 301, all);
    for (idx from = 0; from < 40; from++) {
        for (idx n = 0; n + from <= 301; n += 37) {
            philox_words(7, (uint64_t)from, n, part);
            assert_memory_equal(part, all + from, (size_t)n * sizeof *part);
        }
    }
    for (idx i = 0; i < 300; i += 2) {
        uint64_t pair[2];
        philox_block(7, (uint64_t)i / 2, 0, pair);
        assert_true(all[i] == pair[0] && all[i + 1] == pair[1]);
    }
}

/* np.random.SeedSequence(0 or 12345).generate_state(2, np.uint64); default_rng(42). */
static void test_numpy(void **state)
{
    (void)state;
    uint64_t w[2];
    seed_words(0, w, 2);
    assert_true(w[0] == UINT64_C(15793235383387715774) &&
                w[1] == UINT64_C(12390638538380655177));
    seed_words(12345, w, 2);
    assert_true(w[0] == UINT64_C(13091511679009522556) &&
                w[1] == UINT64_C(13538552136045918767));
    Pcg g = pcg_seed(42), h = g;
    double d[4];
    pcg_doubles(&g, 4, d);
    assert_true(d[0] == 0x1.8c43f79a2db24p-1 && d[1] == 0x1.c16959869e47ep-2 &&
                d[3] == 0x1.650d6c1c2c011p-1);
    pcg_advance(&h, 3);
    assert_true((double)(pcg_next(&h) >> 11) * 0x1p-53 == d[3]);
    assert_memory_equal(&g, &h, sizeof g);
    pcg_advance(&g, 1000003);
    for (int i = 0; i < 1000003; i++)
        (void)pcg_next(&h);
    assert_memory_equal(&g, &h, sizeof g);
}

static void test_normal_inverse(void **state)
{
    (void)state;
    assert_true(normal_inverse(0.5) == 0);
    for (double p = 1e-300; p < 0.5; p = p * 1.37 + 1e-301) {
        double x = normal_inverse(p), back = 0.5 * erfc(-x / sqrt(2.0));
        assert_true(fabs(back / p - 1) < 1e-12);
        if (p > 1e-10) assert_true(fabs(normal_inverse(1 - p) + x) < 1e-5);
    }
}

/* Mean and variance of each kind, and that a part is a part of the whole. */
static void test_fill(void **state)
{
    (void)state;
    static const struct {
        RandomSpec s;
        double mean, var;
    } want[] = {
        {{.kind = RANDOM_UNIT},                           0.5, 1.0 / 12},
        {{.kind = RANDOM_NORMAL},                         0,   1       },
        {{.kind = RANDOM_INTEGER, .lo = -3, .n = 7},      0,   4       },
        {{.kind = RANDOM_GAMMA, .a = 0.3},                0.3, 0.3     },
        {{.kind = RANDOM_GAMMA, .a = 4.5},                4.5, 4.5     },
        {{.kind = RANDOM_POISSON, .a = 3},                3,   3       },
        {{.kind = RANDOM_POISSON, .a = 250},              250, 250     },
        {{.kind = RANDOM_BINOMIAL, .a = 0.7, .lo = 10},   7,   2.1     },
        {{.kind = RANDOM_BINOMIAL, .a = 0.2, .lo = 1000}, 200, 160     },
    };
    enum { N = 200000 };
    Cx *cx = unit_begin();
    void *all = malloc(N * 8), *part = malloc(N * 8);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        RandomSpec s = want[k].s;
        s.key = 99 + k;
        assert_ok(random_fill(cx, &s, 0, N, all));
        assert_ok(random_fill(cx, &s, 1031, 4000, part));
        assert_memory_equal(part, (char *)all + 1031 * 8, 4000 * 8);
        bool real =
            s.kind == RANDOM_UNIT || s.kind == RANDOM_NORMAL || s.kind == RANDOM_GAMMA;
        double sum = 0, sq = 0;
        for (idx i = 0; i < N; i++) {
            double x = real ? ((double *)all)[i] : (double)((int64_t *)all)[i];
            sum += x;
            sq += (x - want[k].mean) * (x - want[k].mean);
        }
        double sd = sqrt(want[k].var);
        if (fabs(sum / N - want[k].mean) > 5 * sd / sqrt(N))
            fail_msg("kind %d: mean %g", (int)s.kind, sum / N);
        if (fabs(sq / N / want[k].var - 1) > 0.04)
            fail_msg("kind %d: variance %g", (int)s.kind, sq / N);
    }
    free(all);
    free(part);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_philox), cmocka_unit_test(test_words_by_part),
        cmocka_unit_test(test_numpy),  cmocka_unit_test(test_normal_inverse),
        cmocka_unit_test(test_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
