/* SPDX-License-Identifier: Apache-2.0
 * cast, is_null, isin and cumulate. Casts are checked against what pandas 3 gives,
 * value by value; the others against dumb models on random columns.
 */
#include "kernel/kernel.h"
#include "kinds.h"
#include "unit.h"
#include <math.h>

/* -- Columns from literals --------------------------------------------------------- */

static Array *col_f64(Cx *cx, const double *v, idx n)
{
    Array *a;
    assert_ok(array_new(cx, DT_F64, NULL_NAN, UNIT_NONE, n, false, &a));
    memcpy(a->data, v, (size_t)n * 8);
    return a;
}

static Array *col_i64(Cx *cx, DType dt, NullForm null, Unit unit, const int64_t *v,
                      idx n)
{
    Array *a;
    assert_ok(array_new(cx, dt, null, unit, n, false, &a));
    memcpy(a->data, v, (size_t)n * 8);
    return a;
}

static Array *col_str(Cx *cx, const char *const *v, idx n, bool dict)
{
    Builder *b;
    Array *a;
    assert_ok(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
    for (idx i = 0; i < n; i++)
        assert_ok(v[i]
                      ? builder_add_str(cx, b, (const uint8_t *)v[i], (idx)strlen(v[i]))
                      : builder_add_null(cx, b));
    assert_ok(builder_finish(cx, b, &a));
    if (!dict) return a;
    Array *d = str_to_dict(cx, a);
    array_unref(a);
    return d;
}

/* Casts, frees a, and gives the result; NULL after checking the failure. */
static Array *do_cast(Cx *cx, Array *a, DType dt, NullForm null, Unit unit, Status want,
                      const char *text)
{
    Array *out;
    err_clear(&cx->err);
    Status st = cast(cx, a, dt, null, unit, &out);
    array_unref(a);
    if (st != want) fail_msg("status %d, not %d: %s", st, want, cx->err.text);
    if (st) {
        assert_null(out);
        assert_non_null(strstr(cx->err.text, text));
        err_clear(&cx->err);
        return NULL;
    }
    assert_ok(array_check(cx, out));
    assert_int_equal(out->dt, dt);
    assert_int_equal(out->null, null);
    return out;
}

static void free_i64(Array *a, const int64_t *want)
{
    for (idx i = 0; i < a->n; i++)
        if (((int64_t *)a->data)[i] != want[i])
            fail_msg("row %lld: %lld", (long long)i,
                     (long long)((int64_t *)a->data)[i]);
    array_unref(a);
}

static void free_str(Array *a, const char *const *want)
{
    for (idx i = 0; i < a->n; i++) {
        assert_int_equal(array_is_null(a, i), !want[i]);
        if (!want[i]) continue;
        idx n;
        const uint8_t *s = array_str(a, i, &n);
        if (n != (idx)strlen(want[i]) || memcmp(s, want[i], (size_t)n))
            fail_msg("'%.*s', not '%s'", (int)n, s, want[i]);
    }
    array_unref(a);
}

/* -- cast -------------------------------------------------------------------------- */

static void test_cast_numbers(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const double nan = (double)NAN, inf = (double)INFINITY;
    const double f[] = {1.0, 300.7, -2.7}, fn[] = {1.5, nan, -2}, fi[] = {1, inf};
    const double big[] = {1e300, 1e19, -1e19}, whole[] = {1, nan, 3},
                 ten[] = {1e10, -1e10};
    const int64_t i[] = {300, -1, 0};
    Array *a;
    free_i64(do_cast(cx, col_f64(cx, f, 3), DT_I64, NULL_NONE, 0, OK, NULL),
             (int64_t[]){1, 300, -2});
    do_cast(cx, col_f64(cx, fn, 3), DT_I64, NULL_NONE, 0, E_VALUE,
            "Cannot convert non-finite values (NA or inf) to integer");
    do_cast(cx, col_f64(cx, fi, 2), DT_I32, NULL_NONE, 0, E_VALUE, "non-finite");
    do_cast(cx, col_f64(cx, f, 3), DT_U8, NULL_NONE, 0, E_VALUE,
            "Cannot losslessly cast from float64 to uint8");
    free_i64(do_cast(cx, col_f64(cx, big, 3), DT_I64, NULL_NONE, 0, OK, NULL),
             (int64_t[]){INT64_MIN, INT64_MIN, INT64_MIN});
    a = do_cast(cx, col_f64(cx, ten, 2), DT_I32, NULL_NONE, 0, OK, NULL);
    assert_int_equal(((int32_t *)a->data)[0], INT32_MIN);
    array_unref(a);
    a = do_cast(cx, col_f64(cx, fn, 3), DT_BOOL, NULL_NONE, 0, OK, NULL);
    assert_memory_equal(a->data, "\1\1\1", 3);
    array_unref(a);
    do_cast(cx, col_f64(cx, fn, 3), DT_I64, NULL_MASK, 0, E_TYPE, "non-equivalent");
    do_cast(cx, col_f64(cx, fi, 2), DT_I64, NULL_MASK, 0, E_OVERFLOW, "infinity");
    a = do_cast(cx, col_f64(cx, whole, 3), DT_I64, NULL_MASK, 0, OK, NULL);
    assert_true(array_is_null(a, 1) && ((int64_t *)a->data)[2] == 3);
    do_cast(cx, array_ref(a), DT_I64, NULL_NONE, 0, E_VALUE,
            "cannot convert NA to integer");
    do_cast(cx, array_ref(a), DT_BOOL, NULL_NONE, 0, E_VALUE,
            "cannot convert float NaN to bool");
    a = do_cast(cx, a, DT_F64, NULL_NAN, 0, OK, NULL);
    assert_true(!a->valid && array_is_null(a, 1) && ((double *)a->data)[2] == 3);
    array_unref(a);
    a = do_cast(cx, col_i64(cx, DT_I64, 0, 0, i, 3), DT_I8, NULL_NONE, 0, OK, NULL);
    assert_memory_equal(a->data, "\x2c\xff\0", 3);
    array_unref(a);
    do_cast(cx, col_i64(cx, DT_I64, 0, 0, i, 3), DT_I8, NULL_MASK, 0, E_TYPE,
            "cannot safely cast non-equivalent int64 to int8");
    do_cast(cx, col_i64(cx, DT_I64, 0, 0, i, 3), DT_BOOL, NULL_MASK, 0, E_TYPE,
            "Need to pass bool-like values");
    a = do_cast(cx, col_i64(cx, DT_I64, 0, 0, i, 3), DT_BOOL, NULL_NONE, 0, OK, NULL);
    assert_memory_equal(a->data, "\1\1\0", 3);
    a = do_cast(cx, a, DT_F64, NULL_NAN, 0, OK, NULL);
    assert_true(((double *)a->data)[1] == 1.0);
    array_unref(a);
    /* A promoted column is a float column. */
    a = col_i64(cx, DT_I64, NULL_PROM, 0, i, 3);
    assert_ok(array_add_valid(cx, a, true));
    bit_clear(a->valid, 2);
    a->promoted = 1;
    do_cast(cx, array_ref(a), DT_I64, NULL_NONE, 0, E_VALUE, "non-finite");
    free_str(do_cast(cx, array_ref(a), DT_STR, NULL_MASK, 0, OK, NULL),
             (const char *[]){"300.0", "-1.0", NULL});
    a = do_cast(cx, a, DT_F64, NULL_NAN, 0, OK, NULL);
    assert_true(array_is_null(a, 2));
    array_unref(a);
    unit_end(cx);
}

static void test_cast_times(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const int64_t ns[] = {1577836801500000000, NAT, -500000000, 1577836800000000000};
    const int64_t far[] = {253370764800}, days[] = {1577836800, NAT};
    Array *a = col_i64(cx, DT_TS, NULL_NAT, UNIT_NS, ns, 4);
    free_i64(do_cast(cx, array_ref(a), DT_TS, NULL_NAT, UNIT_S, OK, NULL),
             (int64_t[]){1577836801, NAT, -1, 1577836800});
    free_i64(do_cast(cx, array_ref(a), DT_I64, NULL_NONE, 0, OK, NULL), ns);
    do_cast(cx, array_ref(a), DT_I32, NULL_NONE, 0, E_TYPE,
            "Converting from datetime64[ns] to int32 is not supported");
    do_cast(cx, array_ref(a), DT_F64, NULL_NAN, 0, E_TYPE, "Cannot cast DatetimeArray");
    do_cast(cx, array_ref(a), DT_TD, NULL_NAT, UNIT_NS, E_TYPE, "Cannot cast");
    Array *d = do_cast(cx, array_ref(a), DT_DATE, NULL_MASK, 0, OK, NULL);
    assert_true(((int32_t *)d->data)[2] == -1 && array_is_null(d, 1));
    free_str(do_cast(cx, array_ref(d), DT_STR, NULL_MASK, 0, OK, NULL),
             (const char *[]){"2020-01-01", NULL, "1969-12-31", "2020-01-01"});
    free_i64(do_cast(cx, d, DT_TS, NULL_NAT, UNIT_S, OK, NULL),
             (int64_t[]){1577836800, NAT, -86400, 1577836800});
    free_str(do_cast(cx, a, DT_STR, NULL_MASK, 0, OK, NULL),
             (const char *[]){"2020-01-01 00:00:01.500", NULL,
                              "1969-12-31 23:59:59.500", "2020-01-01 00:00:00.000"});
    do_cast(cx, col_i64(cx, DT_TS, NULL_NAT, UNIT_S, far, 1), DT_TS, NULL_NAT, UNIT_NS,
            E_VALUE, "Out of bounds");
    free_str(do_cast(cx, col_i64(cx, DT_TS, NULL_NAT, UNIT_S, days, 2), DT_STR,
                     NULL_MASK, 0, OK, NULL),
             (const char *[]){"2020-01-01", NULL});
    const int64_t td[] = {93784500, -86400000, NAT};
    free_str(
        do_cast(cx, col_i64(cx, DT_TD, NULL_NAT, UNIT_MS, td, 3), DT_STR, NULL_MASK, 0,
                OK, NULL),
        (const char *[]){"1 days 02:03:04.500000", "-1 days +00:00:00.000000", NULL});
    free_i64(do_cast(cx, col_i64(cx, DT_I64, 0, 0, far, 1), DT_TS, NULL_NAT, UNIT_S, OK,
                     NULL),
             far);
    unit_end(cx);
}

static void test_cast_text(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const double f[] = {1.0,
                        1e20,
                        1e16,
                        1e15,
                        123456789.123,
                        1e-5,
                        0.0001,
                        -0.0,
                        (double)NAN,
                        (double)INFINITY,
                        0.1 + 0.2,
                        5e-324,
                        1.7976931348623157e308,
                        123456789012345680.0,
                        -2.5,
                        1e22,
                        1e5};
    const char *const want[] = {"1.0",
                                "1e+20",
                                "1e+16",
                                "1000000000000000.0",
                                "123456789.123",
                                "1e-05",
                                "0.0001",
                                "-0.0",
                                NULL,
                                "inf",
                                "0.30000000000000004",
                                "5e-324",
                                "1.7976931348623157e+308",
                                "1.2345678901234568e+17",
                                "-2.5",
                                "1e+22",
                                "100000.0"};
    free_str(do_cast(cx, col_f64(cx, f, COUNT_OF(f)), DT_STR, NULL_MASK, 0, OK, NULL),
             want);
    const float g[] = {12345.678f, 1e5f, 1e6f,       1234567.f, 0.1f,
                       1e-4f,      1.1f, 16777216.f, 3.f};
    Array *a;
    assert_ok(array_new(cx, DT_F32, NULL_NAN, 0, COUNT_OF(g), false, &a));
    memcpy(a->data, g, sizeof g);
    free_str(do_cast(cx, a, DT_STR, NULL_MASK, 0, OK, NULL),
             (const char *[]){"12345.678", "100000.0", "1e+06", "1.234567e+06", "0.1",
                              "1e-04", "1.1", "1.6777216e+07", "3.0"});
    const int64_t i[] = {0, -5, INT64_MAX, INT64_MIN};
    free_str(
        do_cast(cx, col_i64(cx, DT_I64, 0, 0, i, 4), DT_STR, NULL_MASK, 0, OK, NULL),
        (const char *[]){"0", "-5", "9223372036854775807", "-9223372036854775808"});
    free_str(
        do_cast(cx, col_i64(cx, DT_U64, 0, 0, i, 4), DT_STR, NULL_MASK, 0, OK, NULL),
        (const char *[]){"0", "18446744073709551611", "9223372036854775807",
                         "9223372036854775808"});
    assert_ok(array_new(cx, DT_BOOL, 0, 0, 2, true, &a));
    *(uint8_t *)a->data = 1;
    free_str(do_cast(cx, a, DT_STR, NULL_MASK, 0, OK, NULL),
             (const char *[]){"True", "False"});
    unit_end(cx);
}

static void test_cast_parse(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    static const char *const good[] = {"1", " 2 ", "-3", "1_000", "+5", "\u00a07", "1"};
    static const char *const missing[] = {"1", NULL, "1"};
    static const char *const bad[] = {"1.5", "x",   "",    "1__0", "_1",
                                      "1_",  "+ 1", "--1", "1e5",  "0x10"};
    static const char *const floats[] = {"1e5",       " 3 ",     "1.",    ".5", "iNf",
                                         "-Infinity", "1_0.5_0", "1e400", "-0"};
    static const double fwant[] = {
        1e5, 3, 1, .5, (double)INFINITY, -(double)INFINITY, 10.5, (double)INFINITY,
        -0.0};
    static const char *const badf[] = {"0x10", "",       ".",   "5e",
                                       "1_e5", "nan(1)", "1d5", "1__0"};
    static const char *const one[] = {"99999999999999999999"}, *const k[] = {"1000"};
    static const char *const date[] = {"2020-01-01",
                                       "2020-01-01T00:00:01",
                                       "20200101",
                                       "2020-01-01 05:06:07.5",
                                       "2020-1-1",
                                       "NaT",
                                       NULL,
                                       "2020",
                                       "1969-12-31 23:00"};
    for (int dict = 0; dict < 2; dict++) {
        free_i64(
            do_cast(cx, col_str(cx, good, 7, dict), DT_I64, NULL_NONE, 0, OK, NULL),
            (int64_t[]){1, 2, -3, 1000, 5, 7, 1});
        do_cast(cx, col_str(cx, missing, 3, dict), DT_I64, NULL_NONE, 0, E_VALUE,
                "cannot convert float NaN to integer");
        Array *a =
            do_cast(cx, col_str(cx, missing, 3, dict), DT_F64, NULL_NAN, 0, OK, NULL);
        assert_true(array_is_null(a, 1) && ((double *)a->data)[2] == 1);
        array_unref(a);
        a = do_cast(cx, col_str(cx, missing, 3, dict), DT_I32, NULL_MASK, 0, OK, NULL);
        assert_true(array_is_null(a, 1) && ((int32_t *)a->data)[2] == 1);
        array_unref(a);
        a = do_cast(cx, col_str(cx, missing, 3, dict), DT_BOOL, NULL_NONE, 0, OK, NULL);
        assert_memory_equal(a->data, "\1\1\1", 3);
        array_unref(a);
        for (idx i = 0; i < COUNT_OF(bad); i++)
            do_cast(cx, col_str(cx, bad + i, 1, dict), DT_I64, NULL_NONE, 0, E_VALUE,
                    "invalid literal for int() with base 10: '");
        do_cast(cx, col_str(cx, one, 1, dict), DT_I64, NULL_NONE, 0, E_OVERFLOW,
                "bounds");
        do_cast(cx, col_str(cx, k, 1, dict), DT_I8, NULL_NONE, 0, E_OVERFLOW, "int8");
        a = do_cast(cx, col_str(cx, floats, 9, dict), DT_F64, NULL_NAN, 0, OK, NULL);
        for (idx i = 0; i < 9; i++)
            assert_true(((double *)a->data)[i] == fwant[i]);
        array_unref(a);
        for (idx i = 0; i < COUNT_OF(badf); i++)
            do_cast(cx, col_str(cx, badf + i, 1, dict), DT_F64, NULL_NAN, 0, E_VALUE,
                    "could not convert string to float: '");
        free_i64(
            do_cast(cx, col_str(cx, date, 9, dict), DT_TS, NULL_NAT, UNIT_MS, OK, NULL),
            (int64_t[]){1577836800000, 1577836801000, 1577836800000, 1577855167500,
                        1577836800000, NAT, NAT, 1577836800000, -3600000});
        do_cast(cx, col_str(cx, date, 9, dict), DT_TS, NULL_NAT, UNIT_S, E_VALUE,
                "Cannot losslessly convert units");
        a = do_cast(cx, col_str(cx, date, 9, dict), DT_DATE, NULL_MASK, 0, OK, NULL);
        assert_true(((int32_t *)a->data)[8] == -1 && array_is_null(a, 5));
        array_unref(a);
        static const char *const nodate[] = {
            "2020-13-01",  "2020-02-30",       "Jan",
            "2020-01-01x", "2020-01-01 24:00", "2020-01-01 05:00:60"};
        for (idx i = 0; i < COUNT_OF(nodate); i++)
            do_cast(cx, col_str(cx, nodate + i, 1, dict), DT_TS, NULL_NAT, UNIT_NS,
                    E_VALUE, "unable to parse");
    }
    unit_end(cx);
}

/* Every pair of types does something sound: a checked column or an error. */
static void test_cast_all(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {101};
    for (int from = 0; from < KIND_COUNT; from++) {
        for (int to = 0; to < KIND_COUNT; to++) {
            for (int k = 0; k < 4; k++) {
                Array *a = random_column_of(cx, &r, k ? rng_below(&r, 90) : 0, from),
                      *out;
                a->promoted = a->null == NULL_PROM && a->valid;
                DType dt = kind_dtype(to);
                Status st =
                    cast(cx, a, dt, kind_null(to), dt_is_time(dt) ? UNIT_MS : 0, &out);
                if (!st) {
                    assert_ok(array_check(cx, out));
                    assert_int_equal(out->n, a->n);
                    assert_int_equal(out->dt, dt);
                    assert_int_equal(out->null, kind_null(to));
                }
                if (a->n == 0 && st) assert_int_equal(st, E_TYPE);
                err_clear(&cx->err);
                array_unref(out);
                array_unref(a);
            }
        }
    }
    unit_end(cx);
}

/* -- is_null, isin ----------------------------------------------------------------- */

static void test_is_null(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {103};
    for (int round = 0; round < 200; round++) {
        Array *a = random_column(cx, &r, rng_below(&r, 200)), *yes, *no;
        assert_ok(is_null(cx, a, false, &yes));
        assert_ok(is_null(cx, a, true, &no));
        for (idx i = 0; i < a->n; i++) {
            assert_int_equal(((uint8_t *)yes->data)[i], array_is_null(a, i));
            assert_int_equal(((uint8_t *)no->data)[i], !array_is_null(a, i));
        }
        array_unref(yes);
        array_unref(no);
        array_unref(a);
    }
    unit_end(cx);
}

static bool same_value(const Array *a, idx i, const Array *b, idx j)
{
    if (array_is_null(a, i) || array_is_null(b, j))
        return array_is_null(a, i) && array_is_null(b, j);
    if (a->dt == DT_STR) {
        idx n, m;
        const uint8_t *s = array_str(a, i, &n), *t = array_str(b, j, &m);
        return n == m && memcmp(s, t, (size_t)n) == 0;
    }
    size_t w = dtype_info[a->dt].bytes;
    return memcmp((uint8_t *)a->data + (size_t)i * w,
                  (uint8_t *)b->data + (size_t)j * w, w) == 0;
}

static void test_isin(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {107};
    for (int round = 0; round < 400; round++) {
        Array *a = random_column(cx, &r, rng_below(&r, 200)), *out;
        Array *v = random_column_like(cx, &r, a, rng_below(&r, round % 2 ? 6 : 100));
        assert_ok(isin(cx, a, v, &out));
        assert_int_equal(out->n, a->n);
        for (idx i = 0; i < a->n; i++) {
            bool want = false;
            for (idx j = 0; j < v->n; j++)
                want |= same_value(a, i, v, j);
            assert_int_equal(((uint8_t *)out->data)[i], want);
        }
        array_unref(out);
        array_unref(v);
        array_unref(a);
    }
    unit_end(cx);
}

static void check_isin(Cx *cx, Array *a, Array *v, const char *want)
{
    Array *out;
    assert_ok(isin(cx, a, v, &out));
    assert_memory_equal(out->data, want, (size_t)a->n);
    array_unref(out);
    array_unref(v);
    array_unref(a);
}

static void test_isin_types(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    const int64_t i[] = {1, 2, INT64_MAX}, u[] = {-1, 5, 0};
    const double f[] = {1.0, 2.5, 0x1p63}, z[] = {0.0, (double)NAN, 5}, mz[] = {-0.0};
    static const char *const s[] = {"1", NULL};
    check_isin(cx, col_i64(cx, DT_I64, 0, 0, i, 3), col_f64(cx, f, 3), "\1\0\0");
    check_isin(cx, col_f64(cx, f, 3), col_i64(cx, DT_I64, 0, 0, i, 3), "\1\0\1");
    check_isin(cx, col_i64(cx, DT_I64, 0, 0, u, 3), col_i64(cx, DT_U64, 0, 0, u, 3),
               "\0\1\1");
    check_isin(cx, col_f64(cx, z, 3), col_f64(cx, mz, 1), "\1\0\0");
    check_isin(cx, col_f64(cx, z, 3), col_f64(cx, z + 1, 1), "\0\1\0");
    check_isin(cx, col_i64(cx, DT_I64, 0, 0, i, 3), col_str(cx, s, 2, false), "\0\0\0");
    check_isin(cx, col_str(cx, s, 2, true), col_str(cx, s + 1, 1, false), "\0\1");
    unit_end(cx);
}

/* -- cumulate ---------------------------------------------------------------------- */

static double value_of(const Array *a, idx i)
{
    switch (a->dt) {
    case DT_BOOL:
    case DT_U8: return ((uint8_t *)a->data)[i];
    case DT_I8: return ((int8_t *)a->data)[i];
    case DT_I16: return ((int16_t *)a->data)[i];
    case DT_U16: return ((uint16_t *)a->data)[i];
    case DT_DATE:
    case DT_I32: return ((int32_t *)a->data)[i];
    case DT_U32: return ((uint32_t *)a->data)[i];
    case DT_F32: return (double)((float *)a->data)[i];
    case DT_F64: return ((double *)a->data)[i];
    case DT_U64: return (double)((uint64_t *)a->data)[i];
    default: return (double)((int64_t *)a->data)[i];
    }
}

/* The last row of a that is present, as one row; NULL: none. */
static Array *last_row(Cx *cx, const Array *a)
{
    Array *one;
    for (idx i = a->n - 1; i >= 0; i--) {
        if (array_is_null(a, i)) continue;
        assert_ok(array_slice(cx, a, i, 1, &one));
        return one;
    }
    return NULL;
}

static void test_cumulate(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Rng r = {109};
    for (int round = 0; round < 400; round++) {
        char what = "smM"[rng_below(&r, 3)];
        Array *a = random_column(cx, &r, rng_below(&r, 60)), *whole, *left, *right, *lo,
              *hi;
        Status st = cumulate(cx, a, what, NULL, &whole);
        if (st) {
            assert_int_equal(st, E_TYPE);
            assert_true(a->dt == DT_STR || a->dt == DT_DATE || a->dt == DT_TS);
            assert_int_equal(what, 's');
            err_clear(&cx->err);
            array_unref(a);
            continue;
        }
        assert_ok(array_check(cx, whole));
        assert_int_equal(whole->null, a->null);
        bool ints = dt_is_int(a->dt) || a->dt == DT_BOOL;
        if (what == 's' && ints)
            assert_int_equal(whole->dt, dt_is_unsigned(a->dt) ? DT_U64 : DT_I64);
        else
            assert_int_equal(whole->dt, a->dt);
        double acc = 0;
        bool some = false;
        for (idx i = 0; i < a->n && a->dt != DT_STR; i++) {
            assert_int_equal(array_is_null(whole, i), array_is_null(a, i));
            if (array_is_null(a, i)) continue;
            double x = value_of(a, i);
            acc = !some         ? x
                  : what == 's' ? acc + x
                  : what == 'm' ? (x < acc ? x : acc)
                                : (x > acc ? x : acc);
            some = true;
            if (a->dt != DT_U64 && a->dt != DT_U32 && a->dt != DT_F32)
                assert_true(value_of(whole, i) == acc);
        }
        /* In two parts with a carry. */
        idx cut = rng_below(&r, a->n + 1);
        assert_ok(array_slice(cx, a, 0, cut, &lo));
        assert_ok(array_slice(cx, a, cut, a->n - cut, &hi));
        assert_ok(cumulate(cx, lo, what, NULL, &left));
        Array *carry = last_row(cx, left);
        assert_ok(cumulate(cx, hi, what, carry, &right));
        for (idx i = 0; i < a->n; i++)
            assert_same_row(whole, i, i < cut ? left : right, i < cut ? i : i - cut);
        array_unref(carry);
        array_unref(left);
        array_unref(right);
        array_unref(lo);
        array_unref(hi);
        array_unref(whole);
        array_unref(a);
    }
    unit_end(cx);
}

static void test_cum_wraps(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    Array *out, *a;
    const int64_t i[] = {INT64_MAX, 2, -3};
    a = col_i64(cx, DT_I64, 0, 0, i, 3);
    assert_ok(cumulate(cx, a, 's', NULL, &out));
    free_i64(out, (int64_t[]){INT64_MAX, INT64_MIN + 1, INT64_MAX - 1});
    assert_ok(cumulate(cx, a, 'p', NULL, &out));
    free_i64(out, (int64_t[]){INT64_MAX, -2, 6});
    array_unref(a);
    unit_end(cx);
}

static void test_faults(void **state)
{
    (void)state;
    static const char *const date[] = {"2020-01-01", NULL, "2020-01-02"};
    Cx *cx = unit_begin();
    for (int n = 1;; n++) {
        Rng r = {113};
        alloc_fail_at(0);
        Array *s = col_str(cx, date, 3, true), *f = random_column_of(cx, &r, 50, 1);
        Array *t = random_column_of(cx, &r, 50, 3), *out = NULL;
        alloc_fail_at(n);
        Status st = cast(cx, s, DT_TS, NULL_NAT, UNIT_NS, &out);
        array_unref(out);
        if (!st) st = cast(cx, f, DT_STR, NULL_MASK, UNIT_NONE, &out), array_unref(out);
        if (!st) st = cast(cx, f, DT_F32, NULL_MASK, UNIT_NONE, &out), array_unref(out);
        if (!st) st = isin(cx, s, t, &out), array_unref(out);
        if (!st) st = cumulate(cx, t, 'm', NULL, &out), array_unref(out);
        if (!st) st = str_case(cx, t, 't', &out), array_unref(out);
        if (!st) st = str_len(cx, t, &out), array_unref(out);
        if (!st)
            st = fill_null_str(cx, t, (const uint8_t *)"new", 3, &out),
            array_unref(out);
        alloc_fail_at(0);
        array_unref(s);
        array_unref(f);
        array_unref(t);
        assert_int_equal(buf_live_count(), 0);
        if (!st) {
            assert_true(n > 30);
            break;
        }
        assert_int_equal(st, E_MEMORY);
        err_clear(&cx->err);
    }
    unit_end(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cast_numbers), cmocka_unit_test(test_cast_times),
        cmocka_unit_test(test_cast_text),    cmocka_unit_test(test_cast_parse),
        cmocka_unit_test(test_cast_all),     cmocka_unit_test(test_is_null),
        cmocka_unit_test(test_isin),         cmocka_unit_test(test_isin_types),
        cmocka_unit_test(test_cumulate),     cmocka_unit_test(test_cum_wraps),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
