/* SPDX-License-Identifier: Apache-2.0
 * Single times: texts as CPython and pandas write them, reading them back, the
 * calendar's limits, scaling against arithmetic on small numbers.
 */
#include "unit.h"

#include "object/timetext.h"

static const TimeType date = {DT_DATE, NULL_NONE, UNIT_NONE},
                      python = {DT_TS, NULL_NONE, UNIT_US},
                      delta = {DT_TD, NULL_NONE, UNIT_US},
                      stamp = {DT_TS, NULL_NAT, UNIT_NS},
                      pdelta = {DT_TD, NULL_NAT, UNIT_US},
                      numpy = {DT_TS, NULL_NAN, UNIT_MS};

static void assert_text(Cx *cx, TimeType t, int64_t v, char what, const char *want)
{
    Str s = {0};
    assert_ok(time_put(cx, &s, t, v, what));
    assert_int_equal(s.n, strlen(want));
    assert_memory_equal(s.at, want, s.n);
    str_drop(cx, &s);
}

static void test_texts(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    int64_t v = 1582982055000016; /* 2020-02-29 13:14:15.000016 */
    assert_text(cx, date, 18321, 's', "2020-02-29");
    assert_text(cx, date, 18321, 'r', "datetime.date(2020, 2, 29)");
    assert_text(cx, python, v, 's', "2020-02-29 13:14:15.000016");
    assert_text(cx, python, v, 'i', "2020-02-29T13:14:15.000016");
    assert_text(cx, python, v, 'r', "datetime.datetime(2020, 2, 29, 13, 14, 15, 16)");
    assert_text(cx, python, 0, 'r', "datetime.datetime(1970, 1, 1, 0, 0)");
    assert_text(cx, stamp, v * 1000 + 1, 's', "2020-02-29 13:14:15.000016001");
    assert_text(cx, stamp, NAT, 'r', "NaT");
    assert_text(cx, numpy, 1500, 'r', "np.datetime64('1970-01-01T00:00:01.500')");
    assert_text(cx, delta, 97205000007, 's', "1 day, 3:00:05.000007");
    assert_text(cx, delta, -1, 'r',
                "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)");
    assert_text(cx, delta, 0, 'r', "datetime.timedelta(0)");
    assert_text(cx, pdelta, -5000000, 's', "-1 days +23:59:55");
    heap_clear(cx);
    unit_end(cx);
}

static void test_round_trip(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {3};
    for (int i = 0; i < 2000; i++) {
        int64_t v = -62135596800000000 + (int64_t)(rng_u64(&r) % 315537897600000000), w;
        Str s = {0};
        assert_ok(time_put(cx, &s, python, v, 'i'));
        assert_ok(time_parse(cx, (Text3){s.at, s.n, NULL}, 't', &w));
        assert_int_equal(v, w);
        str_drop(cx, &s);
    }
    heap_clear(cx);
    unit_end(cx);
}

static void assert_bad(Cx *cx, int64_t y, int64_t m, int64_t d, const char *why)
{
    int64_t part[3] = {y, m, d}, out;
    assert_int_equal(time_make(cx, part, 3, &out), E_VALUE);
    assert_string_equal(cx->err.text, why);
    err_clear(&cx->err);
}

static void test_limits(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    assert_bad(cx, 0, 1, 1, "year 0 is out of range");
    assert_bad(cx, 2020, 13, 1, "month must be in 1..12");
    assert_bad(cx, 2021, 2, 29, "day is out of range for month");
    heap_clear(cx);
    unit_end(cx);
}

static void test_scaling(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    int64_t out;
    assert_ok(time_scale(cx, '/', true, 7, 2, &out));
    assert_int_equal(out, 4); /* half to even */
    assert_ok(time_scale(cx, '/', true, 5, 2, &out));
    assert_int_equal(out, 2);
    assert_ok(time_scale(cx, '|', true, -7, 2, &out));
    assert_int_equal(out, -4);
    assert_ok(time_scale(cx, '/', false, -7, 2, &out));
    assert_int_equal(out, -3);
    assert_ok(time_scale_float(cx, '*', true, 10, 0.25, &out));
    assert_int_equal(out, 2);
    assert_int_equal(time_scale(cx, '*', true, INT64_MAX, 2, &out), E_OVERFLOW);
    err_clear(&cx->err);
    assert_int_equal(time_scale(cx, '/', true, 1, 0, &out), E_ZERO_DIV);
    err_clear(&cx->err);
    assert_int_equal(time_step('f', -1, 10), -10);
    assert_int_equal(time_step('c', 1, 10), 10);
    assert_int_equal(time_step('r', 5, 10), 0);
    assert_int_equal(time_step('r', 15, 10), 20);
    heap_clear(cx);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_scaling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
