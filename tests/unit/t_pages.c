/* SPDX-License-Identifier: Apache-2.0
 * array/pages: large pieces keep their bytes while others come, grow and go, and what
 * is kept never exceeds what was in use at once.
 */
#include "array/pages.h"
#include "unit.h"

enum { UNIT = HUGE_PAGE, MOST = 24 };

typedef struct Taken {
    uint64_t *p;
    size_t size, got;
    uint64_t mark;
} Taken;

/* A number at the start of every page of 4 KB. */
static void mark(Taken *t, size_t from)
{
    for (size_t at = from / 4096 * 4096; at + 8 <= t->size; at += 4096)
        t->p[at / 8] = t->mark + at;
}

static void check_marks(const Taken *t, size_t size)
{
    for (size_t at = 0; at + 8 <= size; at += 4096)
        assert_int_equal(t->p[at / 8], t->mark + at);
}

static void take(Rng *r, Taken *t)
{
    bool zero = rng_chance(r, 30);
    t->size = (size_t)rng_below(r, 9 * UNIT) + 1;
    t->mark = rng_u64(r);
    t->p = pages_take(t->size, zero, &t->got);
    assert_non_null(t->p);
    assert_true(t->got >= t->size && t->got % UNIT == 0);
    if (zero)
        for (size_t i = 0; i < t->size / 8; i += 13)
            assert_int_equal(t->p[i], 0);
    mark(t, 0);
}

static void grow(Rng *r, Taken *t)
{
    size_t old = t->size, size = t->got + (size_t)rng_below(r, 4 * UNIT) + 1;
    t->p = pages_grow(t->p, t->got, size, &t->got);
    assert_non_null(t->p);
    check_marks(t, old);
    t->size = size;
    mark(t, old);
}

static void test_model(void **state)
{
    (void)state;
    Rng r = {5};
    Taken taken[MOST] = {0};
    size_t used = 0, most = 0;
    pages_trim();
    for (int step = 0; step < 4000; step++) {
        Taken *t = &taken[rng_below(&r, MOST)];
        used -= t->got;
        if (!t->p) {
            take(&r, t);
        } else if (rng_chance(&r, 20) && t->size < (size_t)20 * UNIT) {
            grow(&r, t);
        } else {
            check_marks(t, t->size);
            pages_give(t->p, t->got);
            *t = (Taken){0};
        }
        used += t->got;
        most = used > most ? used : most;
        assert_true(used + pages_kept() <= most);
    }
    for (int i = 0; i < MOST; i++) {
        if (!taken[i].p) continue;
        check_marks(&taken[i], taken[i].size);
        pages_give(taken[i].p, taken[i].got);
    }
    pages_trim();
    assert_int_equal(pages_kept(), 0);
}

/* Small pieces serve a request that is larger than each of them. */
static void test_put_together(void **state)
{
    (void)state;
    void *p[6];
    size_t got;
    pages_trim();
    for (int i = 0; i < 6; i++) {
        p[i] = pages_take(UNIT, false, &got);
        assert_non_null(p[i]);
    }
    for (int i = 0; i < 6; i += 2)
        pages_give(p[i], UNIT);
    assert_int_equal(pages_kept(), 3 * UNIT);
    void *large = pages_take(4 * UNIT, true, &got);
    assert_non_null(large);
    assert_int_equal(pages_kept(), 0);
    for (size_t i = 0; i < (size_t)4 * UNIT / 8; i++)
        assert_int_equal(((uint64_t *)large)[i], 0);
    pages_give(large, got);
    for (int i = 1; i < 6; i += 2)
        pages_give(p[i], UNIT);
    pages_trim();
}

/* After some calls that need little, what a large one left goes back. */
static void test_settle(void **state)
{
    (void)state;
    size_t got;
    pages_trim();
    void *p = pages_take(8 * UNIT, false, &got);
    pages_give(p, got);
    pages_settle();
    assert_int_equal(pages_kept(), 8 * UNIT);
    for (int i = 0; i < 16; i++) {
        p = pages_take(2 * UNIT, false, &got);
        pages_give(p, got);
        pages_settle();
    }
    assert_int_equal(pages_kept(), 2 * UNIT);
    pages_keep(UNIT);
    assert_int_equal(pages_kept(), UNIT);
    pages_keep(SIZE_MAX / 2);
    pages_trim();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_put_together),
        cmocka_unit_test(test_settle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
