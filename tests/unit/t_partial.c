/* SPDX-License-Identifier: Apache-2.0
 * Reductions into arrays: what partial_fill gives changes nothing, and parts are added
 * in order, exactly where doubles can be.
 */
#include "ir/type.h"
#include "kernel/kernel.h"
#include "unit.h"

#include <math.h>
#include <string.h>

static const char hows[] = "+*&|^<>lg";

static bool applies(DType dt, char how)
{
    if (dt_is_complex(dt)) return how == '+';
    if (dt == DT_BOOL) return strchr("&|^", how) != NULL;
    return !dt_is_float(dt) || strchr("+*<>lg", how);
}

static void check_neutral(Cx *cx, DType dt, char how)
{
    enum { N = 64 };
    Array *a, *before, *none;
    size_t bytes = N * dtype_info[dt].bytes;
    assert_ok(array_new(cx, dt, null_default(dt), UNIT_NONE, N, true, &a));
    assert_ok(array_new(cx, dt, null_default(dt), UNIT_NONE, N, true, &before));
    assert_ok(array_new(cx, dt, null_default(dt), UNIT_NONE, 2 * N, false, &none));
    uint8_t *p = a->data;
    for (size_t i = 0; i < bytes; i++) /* as floats: zeros of both signs, any size */
        p[i] =
            dt == DT_BOOL ? i % 2 : (uint8_t)(i % 3 ? (i * 37) % 120 : 128 * (i % 2));
    memcpy(before->data, a->data, bytes);
    partial_fill(none, how);
    partial_add(dt, how, a->data, none->data, N, 2);
    assert_memory_equal(a->data, before->data, bytes);
    array_unref(a);
    array_unref(before);
    array_unref(none);
}

static void test_neutral(void **state)
{
    (void)state;
    Cx *cx = unit_begin();
    static const DType dts[] = {DT_BOOL, DT_I8,  DT_I16, DT_I32, DT_I64, DT_U8,  DT_U16,
                                DT_U32,  DT_U64, DT_F32, DT_F64, DT_C64, DT_C128};
    for (idx i = 0; i < COUNT_OF(dts); i++)
        for (const char *h = hows; *h; h++)
            if (applies(dts[i], *h)) check_neutral(cx, dts[i], *h);
    unit_end(cx);
}

static void test_operators(void **state)
{
    (void)state;
    int8_t small[2] = {100, -7};
    const int8_t add[4] = {100, 3, 50, 4};
    partial_add(DT_I8, '+', small, add, 2, 2);
    assert_int_equal(small[0], -6); /* 250 wraps around */
    assert_int_equal(small[1], 0);
    partial_add(DT_I8, '*', small, add, 2, 1);
    assert_int_equal(small[0], (int8_t)-600);
    uint64_t top[1] = {5};
    const uint64_t more[2] = {UINT64_MAX, 7};
    partial_add(DT_U64, '>', top, more, 1, 2);
    assert_true(top[0] == UINT64_MAX);
    partial_add(DT_U64, 'l', top, more + 1, 1, 1);
    assert_true(top[0] == 7);
    double x[2] = {1, (double)NAN};
    const double y[4] = {1e100, 1, -1e100, 2};
    partial_add(DT_F64, '+', x, y, 2, 2);
    assert_true(x[0] == 1 && isnan(x[1])); /* compensated */
    const double z[2] = {(double)NAN, 3};
    partial_add(DT_F64, 'g', x, z, 2, 1);
    assert_true(x[0] == 1 && isnan(x[1]));
    partial_add(DT_F64, '>', x, z, 2, 1);
    assert_true(isnan(x[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neutral),
        cmocka_unit_test(test_operators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
