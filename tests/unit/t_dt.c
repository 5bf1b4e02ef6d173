/* SPDX-License-Identifier: Apache-2.0
 * Fields of timestamps and dates, against the C library's calendar.
 */
#include "base/civil.h"
#include "kernel/kernel.h"
#include "kinds.h"
#include "unit.h"
#include <time.h>

static void test_civil(void **state)
{
    (void)state;
    int y = 1600, m = 1, d = 1, yday = 1;
    for (int32_t day = -135140; day < 300000; day++) {
        Civil c = civil_from_days(day);
        if (c.year != y || c.month != m || c.day != d || c.yday != yday)
            fail_msg("day %d: %d-%d-%d", day, c.year, c.month, c.day);
        assert_int_equal(days_from_civil(y, m, d), day);
        yday++;
        if (++d <= month_days(m, year_is_leap(y))) continue;
        d = 1;
        if (++m <= 12) continue;
        m = yday = 1;
        y++;
    }
    Civil lo = civil_from_days(CIVIL_MIN), hi = civil_from_days(CIVIL_MAX);
    assert_int_equal(days_from_civil(lo.year, lo.month, lo.day), CIVIL_MIN);
    assert_int_equal(hi.year - civil_from_days(CIVIL_MAX - 146097).year, 400);
}

static int model_part(const struct tm *t, int64_t sub_ns, DtPart part)
{
    int y = t->tm_year + 1900, m = t->tm_mon + 1, d = t->tm_mday;
    bool leap = year_is_leap(y), end = d == month_days(m, leap);
    switch (part) {
    case DTP_YEAR: return y;
    case DTP_MONTH: return m;
    case DTP_DAY: return d;
    case DTP_HOUR: return t->tm_hour;
    case DTP_MINUTE: return t->tm_min;
    case DTP_SECOND: return t->tm_sec;
    case DTP_MICROSECOND: return (int)(sub_ns / 1000);
    case DTP_NANOSECOND: return (int)(sub_ns % 1000);
    case DTP_DAYOFWEEK: return (t->tm_wday + 6) % 7;
    case DTP_DAYOFYEAR: return t->tm_yday + 1;
    case DTP_QUARTER: return (m - 1) / 3 + 1;
    case DTP_DAYS_IN_MONTH: return month_days(m, leap);
    case DTP_IS_LEAP_YEAR: return leap;
    case DTP_IS_MONTH_START: return d == 1;
    case DTP_IS_MONTH_END: return end;
    case DTP_IS_QUARTER_START: return d == 1 && (m - 1) % 3 == 0;
    case DTP_IS_QUARTER_END: return end && m % 3 == 0;
    case DTP_IS_YEAR_START: return d == 1 && m == 1;
    case DTP_IS_YEAR_END: return d == 31 && m == 12;
    default: fail_msg("part"); return 0;
    }
}

/* A time in the unit; span: years around 1970. */
static int64_t random_time(Rng *r, Unit unit, int64_t span)
{
    int64_t s = rng_below(r, 2 * span * 31556952) - span * 31556952;
    if (rng_chance(r, 30)) s -= s % 86400;
    int64_t per = unit_per_second(unit);
    return s * per + rng_below(r, per);
}

static void check_row(const Array *a, idx i, DtPart part, const Array *out)
{
    int64_t per = 1, v;
    if (a->dt == DT_DATE) {
        v = (int64_t)((int32_t *)a->data)[i] * 86400;
    } else {
        v = ((int64_t *)a->data)[i];
        per = unit_per_second(a->unit);
    }
    time_t s = v / per - (v % per < 0);
    struct tm t;
    gmtime_r(&s, &t);
    int want = model_part(&t, (v - s * per) * (1000000000 / per), part);
    int got =
        out->dt == DT_BOOL ? ((uint8_t *)out->data)[i] : ((int32_t *)out->data)[i];
    if (got != want)
        fail_msg("part %d of %lld: %d, not %d", part, (long long)v, got, want);
}

static Array *random_times(Cx *cx, Rng *r, int nulls)
{
    Unit unit = (Unit)(UNIT_S + rng_below(r, 4));
    bool date = rng_chance(r, 20);
    idx n = rng_chance(r, 10) ? 0 : rng_below(r, 1500);
    Builder *b;
    Array *a;
    assert_ok(builder_new(cx, date ? DT_DATE : DT_TS, date ? NULL_MASK : NULL_NAT,
                          date ? UNIT_NONE : unit, &b));
    int64_t span = unit == UNIT_NS                       ? 280
                   : unit == UNIT_S && rng_chance(r, 50) ? 2000000
                                                         : 5000;
    for (idx i = 0; i < n; i++) {
        int64_t v = random_time(r, unit, span);
        int32_t d = (int32_t)rng_below(r, 4000000) - 2000000;
        if (rng_chance(r, nulls))
            assert_ok(builder_add_null(cx, b));
        else
            assert_ok(builder_add_bytes(cx, b, date ? (void *)&d : &v));
    }
    assert_ok(builder_finish(cx, b, &a));
    return a;
}

static void test_parts(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {97};
    for (int round = 0; round < 300; round++) {
        DtPart part = (DtPart)(round % DTP_KINDS);
        Array *a = random_times(cx, &r, round % 3 * 10), *out;
        assert_ok(dt_part(cx, a, part, &out));
        assert_ok(array_check(cx, out));
        bool any = false, truth = out->dt == DT_BOOL;
        assert_int_equal(out->null, truth ? NULL_NONE : NULL_PROM);
        for (idx i = 0; i < a->n; i++) {
            if (!array_is_null(a, i)) {
                check_row(a, i, part, out);
                continue;
            }
            any = true;
            if (truth)
                assert_int_equal(((uint8_t *)out->data)[i], 0);
            else
                assert_true(array_is_null(out, i) && ((int32_t *)out->data)[i] == 0);
        }
        if (!truth) assert_int_equal(out->promoted, any);
        array_unref(out);
        array_unref(a);
    }
    unit_end(cx);
}

static void test_days(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {99};
    for (int round = 0; round < 200; round++) {
        Array *a = random_times(cx, &r, round % 3 * 10), *day, *mid;
        if (a->dt == DT_DATE) {
            array_unref(a);
            continue;
        }
        assert_ok(dt_date(cx, a, &day));
        assert_ok(dt_normalize(cx, a, &mid));
        assert_ok(array_check(cx, day));
        assert_true(day->dt == DT_DATE && mid->dt == DT_TS && mid->unit == a->unit);
        int64_t per_day = 86400 * unit_per_second(a->unit);
        for (idx i = 0; i < a->n; i++) {
            assert_int_equal(array_is_null(day, i), array_is_null(a, i));
            assert_int_equal(array_is_null(mid, i), array_is_null(a, i));
            if (array_is_null(a, i)) continue;
            int64_t v = ((int64_t *)a->data)[i], m = ((int64_t *)mid->data)[i];
            assert_true(m <= v && v - m < per_day && m % per_day == 0);
            assert_true(m / per_day == ((int32_t *)day->data)[i]);
        }
        array_unref(day);
        array_unref(mid);
        array_unref(a);
    }
    unit_end(cx);
}

static void test_refused(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Array *a, *out;
    assert_ok(array_new(cx, DT_TS, NULL_NAT, UNIT_NS, 1, true, &a));
    assert_ok(array_tz(cx, "Europe/Berlin", 13, &a->tz));
    assert_int_equal(dt_part(cx, a, DTP_HOUR, &out), E_TYPE);
    err_clear(&cx->err);
    assert_ok(array_tz(cx, "UTC", 3, &a->tz));
    assert_ok(dt_part(cx, a, DTP_HOUR, &out));
    array_unref(out);
    array_unref(a);
    assert_ok(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, 1, true, &a));
    assert_int_equal(dt_part(cx, a, DTP_HOUR, &out), E_ATTR);
    array_unref(a);
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civil),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
